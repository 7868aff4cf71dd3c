from __future__ import annotations

import pytest

import labelled_tables
from coloured_pictures import picture_folder
from softlabel import refine
from softlabel.run.config import make_config
from softlabel.run.progress import Silent
from softlabel.run.refine import refine as refine_run
from softlabel.run.units import TimeLimitReached

REFINED = {"final_targets": "refined"}  # so that nothing is to be chosen


class Watching(Silent):
    def __init__(self):
        self.plan, self.n_fits = None, 0
        self.after = None

    def planned(self, plan):
        self.plan = plan

    def chose(self, choice, plan):
        self.after = (plan, self.n_fits)

    def fitted(self, unit, seconds):
        self.n_fits += 1


@pytest.mark.parametrize(
    "extra",
    [
        {},
        {"estimator": ("softmax", "knn"), "final_members": "all"},
        {"final": "folds"},
        {"guard": 0.2, "refit_on": "best"},
        {"rounds": 0},
        {"test": True},
    ],
    ids=str,
)
def test_the_plan_counts_the_fits_that_are_done(table, tmp_path, extra):
    extra = extra | ({"test": str(table.with_name("test.csv"))} if "test" in extra else {})
    values = {"source": str(table), "out": tmp_path / "run", "label": "kind", "id": "key", "estimator": ("softmax",)}
    watching = Watching()
    refine_run(make_config({**values, **REFINED, "rounds": 2, "folds": 3, **extra}), watching)
    assert watching.plan.n_evidence == 0
    assert watching.plan.n_done == 0
    assert watching.plan.n_fits == watching.n_fits


def test_the_plan_of_a_resumed_run_knows_what_is_done(table, tmp_path):
    options = {"label": "kind", "id": "key", "estimator": ("softmax",), "rounds": 2, "folds": 3, **REFINED}
    with pytest.raises(TimeLimitReached):
        refine(table, tmp_path / "run", **options, time_limit=1e-9)
    watching = Watching()
    refine_run(make_config({**options, "source": str(table), "out": tmp_path / "run"}), watching)
    assert (watching.plan.n_done, watching.plan.n_missing) == (1, 6)
    assert watching.n_fits == 6
    assert watching.plan.classes.keys() == {"ant", "bee", "cat"}


@pytest.mark.parametrize(
    "extra", [{}, {"guard": 0.2, "final_members": "all", "estimator": ("softmax", "knn")}], ids=str
)
def test_the_plan_counts_the_fits_behind_a_choice_at_most_and_once_it_is_made_exactly(table, tmp_path, extra):
    options = {"label": "kind", "id": "key", "estimator": ("softmax",), "rounds": 2, "folds": 3} | extra
    with pytest.raises(TimeLimitReached):
        refine(table, tmp_path / "run", **options, time_limit=1e-9)
    watching = Watching()
    refine_run(make_config({**options, "source": str(table), "out": tmp_path / "run"}), watching)
    first, (later, n_chosen) = watching.plan, watching.after
    n_members = len(options["estimator"])
    # Of each guard: a first round for both plans, a second of each, and a fit of each candidate.
    of_guard = 3 * first.n_folds * n_members + 3 * n_members
    assert first.n_evidence == (1 if "guard" in extra else 3) * of_guard
    assert first.n_fits == first.n_evidence + (2 * 3 + 1) * n_members
    assert first.n_done == 1
    assert later.n_evidence == later.n_done == n_chosen + 1 <= first.n_evidence
    assert later.n_missing == watching.n_fits - n_chosen == (2 * 3 + 1) * n_members


def test_the_plan_of_pictures_knows_their_shape_and_the_default_estimator(tmp_path):
    values = {"source": str(picture_folder(tmp_path / "train", 4)), "out": tmp_path / "run", "rounds": 0, "epochs": 1}
    for estimator, members in (({}, ("small_cnn",)), ({"estimator": "knn", "epochs": None}, ("knn",))):
        watching = Watching()
        refine_run(make_config({**values, **estimator, "out": tmp_path / members[0]}), watching)
        assert (watching.plan.image_shape, watching.plan.members) == ((10, 10, 3), members)
        assert watching.plan.n_features == 300


def test_without_rounds_the_final_model_is_the_plain_one(table, tmp_path):
    watching = Watching()
    values = {"source": str(table), "out": tmp_path / "run", "label": "kind", "id": "key", "estimator": ("softmax",)}
    refine_run(make_config({**values, "rounds": 0, "test": str(table.with_name("test.csv"))}), watching)
    assert watching.plan.n_fits == watching.n_fits == 1


def test_the_plan_of_several_labels_counts_the_rows_of_each(tmp_path):
    frame = labelled_tables.several()
    frame.to_csv(tmp_path / "train.csv", index=False)
    watching = Watching()
    values = {"source": str(tmp_path / "train.csv"), "out": tmp_path / "run", "id": "key", "rounds": 0}
    labels = {"label": labelled_tables.LABELS, "task": "multilabel", "estimator": "knn"}
    refine_run(make_config(values | labels), watching)
    assert watching.plan.classes == {name: int(frame[name].sum()) for name in labelled_tables.LABELS}
    assert watching.plan.task.name == "multilabel"
