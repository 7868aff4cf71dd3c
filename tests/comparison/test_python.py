from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.linear_model import LogisticRegression, Ridge

from simple_learners import blobs
from softlabel import LabelSmoothing, Ordinal, compare, compare_methods
from softlabel.errors import InputError, RunConflictError

ROWS = blobs(n_per_class=25, spread=1.5)


def _compared(**options):
    given = {"estimator": LogisticRegression(), "methods": ["smoothing"], "seeds": 2} | options
    return compare_methods(*ROWS, **given)


def test_the_names_stay_functions_whatever_was_imported():
    import softlabel.comparison.comparison

    assert callable(softlabel.compare)
    assert softlabel.comparison.comparison.__name__ == "softlabel.comparison.comparison"


def test_rows_in_memory_leave_nothing_behind(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    results = _compared()
    assert results.methods == ("plain", "temperature", "smoothing")
    assert len(results.cells) == 6
    assert list(tmp_path.iterdir()) == []


def test_kept_results_are_read_again_and_another_estimator_is_refused(tmp_path):
    first = _compared(out=tmp_path / "c")
    again = _compared(out=tmp_path / "c")
    assert [r.seconds for r in again.cells.values()] == [r.seconds for r in first.cells.values()]
    with pytest.raises(RunConflictError, match="estimator was"):
        _compared(out=tmp_path / "c", estimator=LogisticRegression(C=0.1))


def test_methods_of_ones_own_stand_beside_named_ones(tmp_path):
    own = {"mine": LabelSmoothing(LogisticRegression(), share=0.3), "theirs": "smoothing:share=0.3"}
    results = _compared(methods=own, out=tmp_path / "c")
    assert results.methods == ("plain", "temperature", "mine", "theirs")
    scores = {(cell.seed, cell.method): result.scores for cell, result in results.cells.items()}
    assert all(scores[seed, "mine"] == scores[seed, "theirs"] for seed in range(2))
    other = {"mine": LabelSmoothing(LogisticRegression(), share=0.4)}
    with pytest.raises(RunConflictError, match="the method mine was"):
        _compared(methods=other, out=tmp_path / "c")


class Kept(LogisticRegression):
    """Keeps the labels that it learns."""

    seen: list[list[int]] = []

    def fit(self, X, y, sample_weight=None):
        Kept.seen.append(np.asarray(y).tolist())
        return super().fit(X, y, sample_weight)


def test_instance_noise_on_rows_in_memory_is_the_same_for_all_learners(monkeypatch):
    monkeypatch.setattr(Kept, "seen", [])
    for C in (1.0, 0.01):
        results = _compared(estimator=Kept(C=C), methods=["plain"], corrupt="instance:0.3", seeds=1)
        assert results.corruptions == ("instance:0.3",)
    n = len(Kept.seen) // 2
    assert n > 0
    assert Kept.seen[:n] == Kept.seen[n:]


@pytest.mark.parametrize("test", [False, True], ids=["split", "test rows"])
def test_a_column_of_a_frame_holds_labels(test):
    X, y = ROWS
    frame = pd.DataFrame(X, columns=["u", "v"]).assign(crowd=(y + 1) % 3)
    options = {"estimator": LogisticRegression(), "methods": ["plain"], "seeds": 1, "corrupt": ["none", "column:crowd"]}
    own = {"test": (frame.head(30), y[:30])} if test else {}
    results = compare_methods(frame, y, **options, **own)
    scores = {cell.corruption: result.scores["accuracy"] for cell, result in results.cells.items()}
    assert scores["none"] > 0.8
    assert scores["column:crowd"] < 0.2
    assert list(frame.columns) == ["u", "v", "crowd"]


@pytest.mark.parametrize(
    ("X", "y", "message"),
    [
        (ROWS[0], ROWS[1], "column:crowd is a column of X that holds labels, and a ndarray has no named columns"),
        (pd.DataFrame({"u": [1.0, 2]}), [0, 1], "its columns are u; give a data frame that has it"),
        (
            pd.DataFrame({"u": [1.0, 2, 3], "crowd": ["a", "b", "z"]}),
            ["a", "b", "a"],
            "column 'crowd' has labels .* has not: z",
        ),
        (
            pd.DataFrame({"u": [1.0, 2], "crowd": [0, 1]}),
            np.eye(2, dtype=int),
            "one label a row, and rows of y have several",
        ),
    ],
    ids=["array", "missing", "unknown", "several"],
)
def test_what_is_no_column_of_labels(X, y, message):
    with pytest.raises(InputError, match=message):
        compare_methods(X, y, estimator=LogisticRegression(), methods=["plain"], corrupt="column:crowd")


def test_a_test_set_of_ones_own():
    X, y = blobs(n_per_class=10, seed=3)
    results = _compared(test=(X, y))
    assert results.about["test"] == "30 rows"
    with pytest.raises(InputError, match="no pair"):
        _compared(test=X)


def test_grades_as_numbers():
    results = compare_methods(*ROWS, estimator=Ridge(), task="ordinal", methods=["slr:n_rounds=1"], seeds=1)
    assert results.methods == ("plain", "slr:n_rounds=1")
    assert next(iter(next(iter(results.cells.values())).scores)) == "qwk"


def test_several_labels_a_row():
    X, y = ROWS
    several = np.c_[y == 0, y >= 1, y == 2].astype(int)
    results = compare_methods(X, several, estimator=LogisticRegression(), methods=["smoothing"], seeds=1)
    assert results.methods == ("plain", "temperature", "smoothing")


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"rounds": 3}, "no option 'rounds'"),
        ({"methods": {"mine": LabelSmoothing}}, "is the class LabelSmoothing; give an instance"),
        ({"methods": {"mine": LogisticRegression()}}, "has no predict_targets"),
        ({"methods": [LabelSmoothing()]}, "give a mapping"),
        (
            {"estimator": [LogisticRegression(), LogisticRegression()]},
            r"several \(LogisticRegression, LogisticRegression\); give one",
        ),
        ({"baseline": "all"}, "unknown method 'all'; give plain"),
        ({"seeds": 0}, "seeds=0: give a whole number, 1 or more"),
        ({"corrupt": "symmetrical:0.2"}, "symmetric"),
    ],
    ids=["option", "class", "no method", "list", "learners", "baseline", "seeds", "corrupt"],
)
def test_bad_input_is_told_in_one_line(options, told):
    with pytest.raises(InputError, match=told) as caught:
        _compared(**options)
    assert "\n" not in str(caught.value)


def test_rows_and_labels_must_match():
    with pytest.raises(InputError, match="75 rows and y has 74"):
        compare_methods(ROWS[0], ROWS[1][:-1])


def test_a_source_by_name(tmp_path):
    results = compare("iris", tmp_path / "c", estimator="logistic", methods="smoothing", seeds=1)
    assert results.methods == ("plain", "temperature", "smoothing")
    assert (tmp_path / "c" / "comparison.json").exists()


def test_another_task_in_the_same_folder_is_refused(tmp_path):
    X, y = ROWS
    ordinal = Ordinal.from_labels(y, view="distribution")
    compare_methods(X, y, estimator=LogisticRegression(), methods=["plain"], seeds=1, task=ordinal, out=tmp_path / "c")
    with pytest.raises(RunConflictError, match="the task was"):
        compare_methods(X, y, estimator=LogisticRegression(), methods=["plain"], seeds=1, out=tmp_path / "c")


def test_parameters_that_are_tuples_are_the_same_when_read_again(tmp_path):
    methods = ["slr:n_rounds=1:cv=(((0,1,2,3,4,5,6,7,8,9,10,11),(12,)),)"]
    for _ in range(2):
        results = _compared(methods=methods, seeds=1, out=tmp_path / "c")
    assert not results.failures


def test_a_method_without_an_estimator_trains_that_of_the_comparison():
    results = _compared(methods={"mine": LabelSmoothing(share=0.0)})
    scores = {(cell.seed, cell.method): result.scores for cell, result in results.cells.items()}
    assert all(scores[seed, "mine"] == scores[seed, "plain"] for seed in range(2))


class Spoiler(BaseEstimator):
    def fit(self, X, y):
        X *= 0
        y *= 0
        return self

    def predict_targets(self, X):
        X *= 0
        return np.full((len(X), 3), 1 / 3)


def test_a_method_that_changes_rows_in_place_spoils_nobody_elses():
    X, y = (array.copy() for array in ROWS)
    test = (X[:30].copy(), y[:30].copy())
    given = {"estimator": LogisticRegression(), "seeds": 2, "test": test}
    alone = compare_methods(X, y, methods=["plain"], **given)
    beside = compare_methods(X, y, methods={"spoiler": Spoiler()}, **given)
    assert np.array_equal(X, ROWS[0])
    assert np.array_equal(test[0], ROWS[0][:30])
    assert {cell: result.scores for cell, result in alone.cells.items()}.items() <= {
        cell: result.scores for cell, result in beside.cells.items()
    }.items()
    numbers = next(result.numbers() for cell, result in beside.cells.items() if cell.method == "spoiler")
    assert "n_fits" not in numbers  # it fitted nothing through this package, which is not the same as none


@pytest.mark.parametrize(
    ("X", "X_test", "told"),
    [
        (ROWS[0], ROWS[0][:, :1], r"of shape \(1,\) and the training rows of \(2,\)"),
        (pd.DataFrame(ROWS[0], columns=["u", "v"]), pd.DataFrame(ROWS[0], columns=["u", "w"]), "it lacks v"),
        (pd.DataFrame(ROWS[0], columns=["u", "v"]), pd.DataFrame(ROWS[0], columns=["v", "u"]), "another order"),
    ],
    ids=["width", "names", "order"],
)
def test_test_rows_of_other_columns_are_refused_before_any_fit(X, X_test, told):
    with pytest.raises(InputError, match=told):
        compare_methods(X, ROWS[1], test=(X_test, ROWS[1]), methods=["plain"])


class Answers(BaseEstimator):
    def __init__(self, rows=None):
        self.rows = rows

    def fit(self, X, y):
        return self

    def predict_targets(self, X):
        return self.rows(len(X))


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        (lambda n: np.ones((n, 7)), r"method 'bad'.*7"),
        (lambda n: np.full((n, 3), np.nan), "method 'bad'"),
        (lambda n: np.ones((n, 3)), "method 'bad'"),
    ],
    ids=["columns", "nan", "sums"],
)
def test_answers_that_are_none_are_no_scores(rows, told):
    results = _compared(methods={"bad": Answers(rows)}, seeds=1)
    (failure,) = results.failures.values()
    assert re.search(told, failure)
    assert all(cell.method != "bad" for cell in results.cells)


def test_rows_of_trust_are_told_to_who_asks():
    X, y = blobs(n_per_class=20, spread=1.5)
    options = {
        "methods": ["slr:n_rounds=1:momentum=0.5"],
        "estimator": LogisticRegression(),
        "seeds": 1,
        "corrupt": "symmetric:0.4",
    }
    trusted = np.arange(60) % 2 == 0
    with_trust, without = (compare_methods(X, y, trusted=mask, **options) for mask in (trusted, None))
    first, second = (next(iter(one.cells.values())) for one in (with_trust, without))
    assert first.scores != second.scores  # half of the rows is spared
    with pytest.raises(InputError, match="trusted marks none of 60 rows"):
        compare_methods(X, y, trusted=np.zeros(60, bool), **options)


def test_the_control_of_equal_epochs_is_plain_with_a_parameter():
    labels = ("plain", "plain:length=3")
    results = _compared(estimator=ExtraTreesClassifier(2), methods=labels)
    assert not results.failures
    assert set(labels) <= set(results.methods)
    assert [results.spread("none", label, "n_fits").mean for label in labels] == [1, 1]
    assert results.values("none", "plain", "nll") != results.values("none", "plain:length=3", "nll")
