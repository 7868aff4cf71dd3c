"""Scores on test rows: those of the task, and of its probabilities."""

from __future__ import annotations

import numpy as np
import pytest

from softlabel.comparison import scoring
from softlabel.errors import InputError
from softlabel.metrics.calibration import classwise_ece, ece
from softlabel.metrics.scores import aurc, nll
from softlabel.tasks import Multiclass, Multilabel, OrdinalDistribution, OrdinalScalar
from softlabel.tasks.grade_scale import GradeScale

RNG = np.random.default_rng(0)
P = RNG.dirichlet(np.ones(3), size=30)
CODES = RNG.integers(3, size=30)
TASKS = {
    "multiclass": (Multiclass(["a", "b", "c"]), CODES, P),
    "grades as distributions": (OrdinalDistribution(GradeScale([0, 1, 2])), CODES, P),
    "grades as numbers": (OrdinalScalar(GradeScale([0, 1, 2])), CODES, P @ np.arange(3)[:, None]),
    "multilabel": (Multilabel(["x", "y", "z"]), (P > 0.3).astype(int), RNG.uniform(size=(30, 3))),
}


@pytest.mark.parametrize("name", TASKS)
def test_the_scores_of_the_task_come_first_and_unchanged(name):
    task, codes, predictions = TASKS[name]
    found, own = scoring.compared_scores(task, codes, predictions), task.scores(codes, predictions)
    assert next(iter(found)) == task.main_score
    assert list(found)[: len(own)] == list(own)
    assert {key: found[key] for key in own} == own
    for key, value in found.items():
        assert isinstance(scoring.higher_is_better(key), bool)
        assert type(value) is float


@pytest.mark.parametrize("name", ["multiclass", "grades as distributions"])
def test_distributions_are_judged_as_probabilities(name):
    task, codes, p = TASKS[name]
    found = scoring.compared_scores(task, codes, p)
    for key, score in {"nll": nll, "ece": ece, "classwise_ece": classwise_ece, "aurc": aurc}.items():
        assert found[key] == score(codes, p)


@pytest.mark.parametrize("name", ["grades as numbers", "multilabel"])
def test_others_have_no_scores_of_distributions(name):
    assert "aurc" not in scoring.compared_scores(*TASKS[name])


def test_a_class_that_no_model_knows_has_no_probability():
    task = TASKS["multiclass"][0]
    unknown = np.array([[0.7, 0.3, np.nan], [0.2, 0.8, np.nan]])
    assert scoring.compared_scores(task, [0, 1], unknown) == scoring.compared_scores(
        task, [0, 1], np.nan_to_num(unknown)
    )
    entries = np.array([[0.9, np.nan], [0.2, np.nan]])  # an entry that no model knows is left out, not absent
    assert scoring.compared_scores(Multilabel(["x", "y"]), [[1, 1], [0, 1]], entries)["accuracy"] == 1.0


def test_a_score_that_is_not_defined_is_left_out():
    found = scoring.compared_scores(Multilabel(["x"]), [[1], [1]], [[0.9], [0.8]])  # no row without the label: no AUC
    assert "mean_auc" not in found
    assert "nll" in found


@pytest.mark.parametrize(
    ("name", "higher"),
    [
        *[
            (name, True)
            for name in (
                "accuracy",
                "top5_accuracy",
                "qwk",
                "mean_ap",
                "macro_f1",
                "reference_cosine",
                "share_corrected",
            )
        ],
        *[(name, False) for name in ("nll", "ece", "classwise_ece", "aurc", "mae", "reference_kl", "posterior_tv")],
    ],
)
def test_directions(name, higher):
    assert scoring.higher_is_better(name) is higher
    assert scoring.has_direction(name)


def test_an_unknown_score_has_no_direction():
    assert not scoring.has_direction("charm")
    with pytest.raises(InputError, match=r"'charm' is no score known here; it is one of accuracy, "):
        scoring.higher_is_better("charm")
