"""The public door: a run, its path, or labels and predictions."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict

import labelled_tables
from softlabel import InputError, LabelIssues, Multiclass, Ordinal, RunError, find_label_issues, refine

PAPER = {"final_targets": "refined"}  # nothing is fitted to choose


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    return refine("iris", folder / "run", estimator=("softmax",), corrupt="symmetric:0.2", rounds=2, **PAPER)


@pytest.fixture(scope="module")
def iris():
    X, y = load_iris(return_X_y=True)
    given = y.copy()
    given[::10] = (y[::10] + 1) % 3
    proba = cross_val_predict(LogisticRegression(max_iter=1000), X, given, cv=5, method="predict_proba")
    return y, given, proba


def test_a_run_is_judged_by_all_its_rounds(run):
    found = find_label_issues(run)
    assert isinstance(found, LabelIssues)
    given, rounds = run.task.codes(run.labels()["given_label"]), run.out_of_fold()
    assert rounds.shape == (2, 150, 3)
    by_hand = find_label_issues(given, list(rounds))
    assert_array_equal(found.wrong_probability, by_hand.wrong_probability)
    assert_array_equal(find_label_issues(run.path).wrong_probability, found.wrong_probability)
    table = run.labels()
    wrong = (table["true_label"] != table["given_label"]).to_numpy()
    assert found.is_issue[wrong].mean() > 0.7
    assert found.is_issue[~wrong].mean() < 0.1
    assert found.noise_rate == pytest.approx(0.2, abs=0.07)
    frame = found.to_frame()
    assert frame["id"].tolist() == table["id"].tolist()
    assert frame["given_label"].tolist() == table["given_label"].tolist()


def test_a_plain_round_alone_differs_from_all(run):
    rounds = run.out_of_fold()
    given = run.task.codes(run.labels()["given_label"])
    assert not np.array_equal(
        find_label_issues(given, rounds[0]).wrong_probability, find_label_issues(run).wrong_probability
    )
    assert_array_equal(
        find_label_issues(run, plain_rounds=2).wrong_probability,
        find_label_issues(given, rounds, plain_rounds=2).wrong_probability,
    )


def test_names_come_back_as_names(iris):
    y, given, proba = iris
    names = np.array(["setosa", "versicolor", "virginica"])
    found = find_label_issues(names[given], proba)
    assert found.given_label.tolist() == names[given].tolist()
    assert (found.suggested_label == names[y]).mean() > 0.95
    assert_array_equal(found.wrong_probability, find_label_issues(given, proba).wrong_probability)
    assert_array_equal(found.classes, names)


def test_a_class_without_a_row_needs_a_task(iris):
    _, given, proba = iris
    wider = np.column_stack([proba, np.zeros(len(proba))])
    with pytest.raises(InputError, match=r"y has 3 classes; name more by task=Multiclass\(classes\)"):
        find_label_issues(given, wider)
    found = find_label_issues(given, wider, task=Multiclass([0, 1, 2, 3]))
    assert found.noise_matrix.shape == (4, 4)
    assert (found.is_issue == find_label_issues(given, proba).is_issue).mean() > 0.95


def test_trusted_rows_are_taken_by_mask(iris):
    y, given, proba = iris
    trusted = np.arange(150) % 2 == 1
    found = find_label_issues(given, proba, trusted=trusted)
    assert (found.wrong_probability[trusted] == 0).all()
    assert_array_equal(
        find_label_issues(given, proba, trusted=np.zeros(150, dtype=bool)).wrong_probability,
        find_label_issues(given, proba).wrong_probability,
    )
    for odd in ([True], np.ones(150)):
        with pytest.raises(InputError, match=r"trusted has shape .*; give True or False for each of 150 rows"):
            find_label_issues(given, proba, trusted=odd)


@pytest.mark.parametrize("view", ["scalar", "distribution"])
def test_graded_runs(tmp_path, view):
    labelled_tables.grades(80).to_csv(tmp_path / "grades.csv", index=False)
    estimator = "ridge" if view == "scalar" else "softmax"
    run = refine(
        tmp_path / "grades.csv", tmp_path / "run", label="grade", id="key", task="ordinal", view=view,
        estimator=estimator, rounds=2, folds=3, **PAPER,
    )  # fmt: skip
    found = find_label_issues(run)
    assert found.noise_matrix.shape == (4, 4)
    assert (found.wrong_probability >= 0).all()
    assert (
        found.label_quality >= 1 - found.wrong_probability - 1e-12
    ).all()  # a neighbour is less wrong than the far end
    task = Ordinal.from_labels(run.labels()["given_label"], view=view)
    by_hand = find_label_issues(run.labels()["given_label"], run.out_of_fold(), task=task)
    assert_array_equal(by_hand.wrong_probability, found.wrong_probability)


def test_a_run_of_several_labels(tmp_path):
    frame = labelled_tables.several(90)
    frame.to_csv(tmp_path / "several.csv", index=False)
    run = refine(
        tmp_path / "several.csv", tmp_path / "run", label=list(labelled_tables.LABELS), id="key", task="multilabel",
        estimator="softmax", rounds=1, folds=3, **PAPER,
    )  # fmt: skip
    found = find_label_issues(run)
    assert found.entry_wrong_probability.shape == (90, 3)
    given = frame[list(labelled_tables.LABELS)].to_numpy()
    assert_array_equal(find_label_issues(given, run.out_of_fold()).wrong_probability, found.wrong_probability)
    assert found.given_label.tolist() == run.labels()["given_label"].tolist()
    assert {f"wrong_{name}" for name in labelled_tables.LABELS} < set(found.to_frame())


def test_a_run_without_rounds_has_nothing_to_judge_by(tmp_path):
    run = refine("iris", tmp_path / "run", estimator="softmax", rounds=0)
    with pytest.raises(RunError, match=r"no whole round.*--rounds 1 or more"):
        find_label_issues(run)
    with pytest.raises(RunError):
        find_label_issues(tmp_path / "none")


def test_what_does_not_go_together_is_refused(run, iris):
    _, given, proba = iris
    with pytest.raises(InputError, match="a run has its own predictions"):
        find_label_issues(run, proba)
    with pytest.raises(InputError, match="a run has its own predictions"):
        find_label_issues(str(run.path), task="multiclass")
    with pytest.raises(InputError, match="labels alone cannot be judged"):
        find_label_issues(given)
