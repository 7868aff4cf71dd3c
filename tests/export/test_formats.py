from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import labelled_tables
from softlabel import InputError, find_label_issues, refine
from softlabel.export.formats import export, write_table


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    return refine("iris", folder / "run", estimator=("softmax",), corrupt="symmetric:0.2", rounds=6)


def test_labels_keep_every_column_in_parquet(run, tmp_path):
    assert export(run, "labels", tmp_path / "labels.parquet") == 150
    written = pd.read_parquet(tmp_path / "labels.parquet")
    assert written.drop(columns="distribution").equals(run.labels().drop(columns="distribution"))
    assert np.array_equal(np.stack(written["distribution"]), np.stack(run.labels()["distribution"]))


def test_csv_spreads_the_distribution_over_columns(run, tmp_path):
    export(run, "labels", tmp_path / "labels.csv")
    written = pd.read_csv(tmp_path / "labels.csv")
    masses = written[[f"p_{label}" for label in run.classes]].to_numpy()
    assert np.allclose(masses, np.stack(run.labels()["distribution"]), atol=1e-6)


def test_npz_holds_arrays_without_pickle(run, tmp_path):
    export(run, "labels", tmp_path / "labels.npz")
    with np.load(tmp_path / "labels.npz", allow_pickle=False) as arrays:
        assert arrays["distribution"].shape == (150, 3)
        assert arrays["classes"].tolist() == run.classes.tolist()
        moved = run.labels()["moved_in_round"]
        assert np.array_equal(np.isnan(arrays["moved_in_round"]), moved.isna())


def test_issues_are_the_suspicious_rows_worst_first(run, tmp_path):
    n = export(run, "issues", tmp_path / "issues.csv")
    written = pd.read_csv(tmp_path / "issues.csv")
    assert len(written) == n == run.metrics()["suspicious"] >= run.metrics()["moved"] > 0
    assert written["margin"].is_monotonic_increasing
    doubted = written["suggested_label"] != written["given_label"]
    assert (doubted | written["moved_in_round"].notna()).all()


def test_targets_are_the_last_rounds(run, tmp_path):
    export(run, "targets", tmp_path / "targets.parquet")
    written = pd.read_parquet(tmp_path / "targets.parquet")
    assert written.columns.tolist() == ["id", *(f"p_{label}" for label in run.classes)]
    assert written["id"].tolist() == run.labels()["id"].tolist()
    assert np.array_equal(written.iloc[:, 1:].to_numpy(), run.targets())


def test_corrected_labels_change_where_labels_moved(run, tmp_path):
    export(run, "corrected", tmp_path / "corrected.csv")
    written = pd.read_csv(tmp_path / "corrected.csv")
    assert np.array_equal(written["changed"], run.labels()["moved_in_round"].notna())
    assert np.array_equal(written["changed"], written["given_label"] != written["label"])
    truth = run.labels()["true_label"]
    assert (written["label"] == truth).mean() > (written["given_label"] == truth).mean()


def test_what_cannot_be_written_is_refused(run, tmp_path):
    with pytest.raises(InputError, match="unknown part 'all'; give one of labels, issues, wrong, targets, corrected"):
        export(run, "all", tmp_path / "x.csv")
    with pytest.raises(InputError, match=r"ends in \.xlsx"):
        export(run, "labels", tmp_path / "x.xlsx")
    with pytest.raises(InputError, match="has no suffix; give a file that ends in"):
        write_table(pd.DataFrame(), tmp_path / "x")
    assert list(tmp_path.iterdir()) == []


def test_a_class_may_be_called_id(tmp_path):
    rows = np.arange(30)
    frame = pd.DataFrame(
        {"key": rows + 100, "a": np.where(rows % 2, 1.0, -1.0) + rows / 100, "kind": ["ego", "id"] * 15}
    )
    frame.to_csv(tmp_path / "train.csv", index=False)
    run = refine(
        tmp_path / "train.csv", tmp_path / "run", label="kind", id="key", estimator="softmax", rounds=1, folds=3
    )
    export(run, "targets", tmp_path / "targets.csv")
    written = pd.read_csv(tmp_path / "targets.csv")
    assert written.columns.tolist() == ["id", "p_ego", "p_id"]
    assert written["id"].tolist() == frame["key"].tolist()
    assert np.allclose(written[["p_ego", "p_id"]], run.targets(), atol=1e-6)


def test_the_suffix_may_be_in_large_letters(run, tmp_path):
    assert export(run, "corrected", tmp_path / "OUT.CSV") == len(pd.read_csv(tmp_path / "OUT.CSV")) == 150
    export(run, "labels", tmp_path / "OUT.NPZ")
    with np.load(tmp_path / "OUT.NPZ") as arrays:
        assert len(arrays["id"]) == 150
    write_table(run.labels(), tmp_path / "OUT.PARQUET")
    assert len(pd.read_parquet(tmp_path / "OUT.PARQUET")) == 150


def _made(folder, make, **options):
    make().to_csv(folder / "train.csv", index=False)
    return refine(folder / "train.csv", folder / "run", id="key", rounds=3, folds=3, momentum=0.5, **options)


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    options = {"label": "grade", "task": "ordinal", "estimator": "ridge", "corrupt": "symmetric:0.2"}
    return _made(tmp_path_factory.mktemp("graded"), labelled_tables.grades, **options)


@pytest.fixture(scope="module")
def several(tmp_path_factory):
    options = {
        "label": labelled_tables.LABELS,
        "task": "multilabel",
        "estimator": "logistic",
        "corrupt": "symmetric:0.1",
    }
    with pytest.warns(UserWarning, match="have no label"):
        return _made(tmp_path_factory.mktemp("several"), labelled_tables.several, **options)


def test_grades_as_numbers_have_one_column(graded, tmp_path):
    export(graded, "targets", tmp_path / "targets.csv")
    targets = pd.read_csv(tmp_path / "targets.csv")
    assert targets.columns.tolist() == ["id", "grade"]
    assert np.allclose(targets["grade"], graded.targets()[:, 0], atol=1e-6)
    export(graded, "labels", tmp_path / "labels.csv")
    labels = pd.read_csv(tmp_path / "labels.csv")
    assert np.allclose(labels["refined_grade"], targets["grade"], atol=1e-6)
    assert "distribution" not in labels
    assert "grade" not in labels
    assert labels["entropy"].isna().all()


def test_corrected_grades_are_those_beyond_a_threshold(graded, tmp_path):
    export(graded, "corrected", tmp_path / "corrected.parquet")
    written = pd.read_parquet(tmp_path / "corrected.parquet")
    assert written["label"].tolist() == np.digitize(graded.targets()[:, 0], [0.5, 1.5, 2.5]).tolist()
    assert np.array_equal(written["changed"], graded.labels()["moved_in_round"].notna())
    assert 0 < written["changed"].sum() < 60


@pytest.mark.filterwarnings("ignore:.*not whole numbers")
def test_a_grade_between_others_is_corrected_only_where_it_moved(tmp_path):
    def between():
        frame = labelled_tables.grades()
        return frame.assign(
            grade=np.where(np.arange(60) % 10 == 0, frame["grade"].clip(upper=2) + 0.25, frame["grade"])
        )

    run = _made(tmp_path, between, label="grade", task="ordinal", estimator="ridge")
    export(run, "corrected", tmp_path / "corrected.csv")
    written = pd.read_csv(tmp_path / "corrected.csv")
    still = ~written["changed"]
    assert (written["label"][still] == written["given_label"][still]).all()
    assert (written["given_label"][still] % 1 == 0.25).any()
    assert (written["label"][~still] % 1 == 0).all()


def test_several_labels_are_joined_and_their_qualities_spread(several, tmp_path):
    export(several, "labels", tmp_path / "labels.csv")
    written = pd.read_csv(tmp_path / "labels.csv", keep_default_na=False)
    names = labelled_tables.LABELS
    masses = written[[f"p_{name}" for name in names]].to_numpy()
    qualities = written[[f"quality_{name}" for name in names]].to_numpy()
    assert np.allclose(masses, several.targets(), atol=1e-6)
    given = several.targets(0)
    assert np.allclose(qualities, np.where(given == 1, masses, 1 - masses), atol=1e-6)
    assert np.allclose(written["label_quality"], qualities.min(axis=1), atol=1e-6)
    assert written["given_label"].tolist() == [
        "|".join(n for n, t in zip(names, row, strict=True) if t) for row in given
    ]
    export(several, "labels", tmp_path / "labels.npz")
    with np.load(tmp_path / "labels.npz", allow_pickle=False) as arrays:
        assert arrays["entry_quality"].shape == (60, 3)
        assert arrays["classes"].tolist() == list(names)


def test_corrected_labels_of_a_row_are_those_above_a_half(several, tmp_path):
    export(several, "corrected", tmp_path / "corrected.csv")
    written = pd.read_csv(tmp_path / "corrected.csv", keep_default_na=False)
    above = several.targets() > 0.5
    names = np.array(labelled_tables.LABELS)
    assert written["label"].tolist() == ["|".join(names[row]) for row in above]
    assert np.array_equal(written["changed"], (above != (several.targets(0) == 1)).any(axis=1))
    assert written["changed"].any()


def test_chances_of_being_wrong_come_likeliest_first(run, tmp_path):
    assert export(run, "wrong", tmp_path / "wrong.csv") == 150
    written = pd.read_csv(tmp_path / "wrong.csv")
    assert written["wrong_probability"].is_monotonic_decreasing
    assert sorted(written["id"]) == sorted(run.labels()["id"])
    found = find_label_issues(run).to_frame().set_index("id").loc[written["id"]]
    assert np.allclose(written["wrong_probability"], found["wrong_probability"])
    assert export(run, "wrong", tmp_path / "wrong.npz") == 150
