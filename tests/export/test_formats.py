from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from softlabel import InputError, refine
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
    with pytest.raises(InputError, match="unknown part 'all'; give one of labels, issues, targets, corrected"):
        export(run, "all", tmp_path / "x.csv")
    with pytest.raises(InputError, match=r"ends in \.xlsx"):
        export(run, "labels", tmp_path / "x.xlsx")
    with pytest.raises(InputError, match="ends in nothing"):
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
