"""Copies of a row never lie on both sides of a split inside an estimator."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import make_column_transformer
from sklearn.datasets import load_iris
from sklearn.ensemble import StackingClassifier
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.feature_selection import RFECV
from sklearn.linear_model import LassoCV, LogisticRegression
from sklearn.metrics import accuracy_score
from sklearn.model_selection import (
    GridSearchCV,
    HalvingGridSearchCV,
    KFold,
    LeaveOneOut,
    PredefinedSplit,
    RandomizedSearchCV,
    RepeatedStratifiedKFold,
    StratifiedKFold,
)
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, TargetEncoder

from softlabel.errors import InputError
from softlabel.learners.inner_splits import RowSplitter, with_row_splitters
from softlabel.learners.row_copies import copy_rows
from softlabel.learners.row_identity import known_rows
from softlabel.learners.soft_target import SoftTargetClassifier

IRIS, y = load_iris(return_X_y=True)
n = len(y)
X = np.column_stack([np.arange(n), IRIS])  # the first column is the number of the row
SOFT = 0.7 * np.eye(3)[y] + 0.3 * np.random.default_rng(0).dirichlet(np.ones(3), n)
LOG: list[tuple[set[int], list[set[int]]]] = []


class Recorder(ClassifierMixin, BaseEstimator):
    """Naive Bayes that writes down the rows of each fit, and of each prediction that follows it."""

    def __init__(self, var_smoothing=1e-9):
        self.var_smoothing = var_smoothing

    def fit(self, X, y, sample_weight=None):
        self.inner_ = GaussianNB(var_smoothing=self.var_smoothing).fit(np.asarray(X)[:, 1:], y, sample_weight)
        self.classes_ = self.inner_.classes_
        self.entry_ = (set(np.asarray(X)[:, 0].astype(int).tolist()), [])
        LOG.append(self.entry_)
        return self

    def predict_proba(self, X):
        self.entry_[1].append(set(np.asarray(X)[:, 0].astype(int).tolist()))
        return self.inner_.predict_proba(np.asarray(X)[:, 1:])

    def predict(self, X):
        return self.classes_[self.predict_proba(X).argmax(axis=1)]


def straddling():
    """Count the rows, over all fits to a part of the rows, that were both fitted to and predicted."""
    parts = [(fitted, predicted) for fitted, predicted in LOG if len(fitted) < n]
    assert parts, "no inner split was made"
    assert any(predicted for _, predicted in parts), "nothing was predicted on the other side"
    return sum(len(fitted & rows) for fitted, predicted in parts for rows in predicted)


@pytest.fixture(autouse=True)
def _empty_log():
    LOG.clear()


SEARCHED = {"var_smoothing": [1e-9, 1e-2]}
IN_PIPELINE = {"recorder__var_smoothing": [1e-9, 1e-2]}


@pytest.mark.parametrize(
    "estimator",
    [
        GridSearchCV(Recorder(), SEARCHED),
        GridSearchCV(Recorder(), SEARCHED, cv=4),
        GridSearchCV(Recorder(), SEARCHED, cv=KFold(4, shuffle=True, random_state=0)),
        GridSearchCV(Recorder(), SEARCHED, cv=RepeatedStratifiedKFold(n_splits=3, n_repeats=2, random_state=0)),
        GridSearchCV(Recorder(), SEARCHED, cv=[(np.arange(0, n, 2), np.arange(1, n, 2))]),
        GridSearchCV(Recorder(), SEARCHED, cv=PredefinedSplit(np.arange(n) % 3)),
        RandomizedSearchCV(Recorder(), SEARCHED, n_iter=2, random_state=0),
        HalvingGridSearchCV(Recorder(), SEARCHED, random_state=0, return_train_score=False),
        GridSearchCV(make_pipeline(FunctionTransformer(), Recorder()), IN_PIPELINE),
        make_pipeline(FunctionTransformer(), GridSearchCV(Recorder(), SEARCHED)),
        CalibratedClassifierCV(Recorder()),
        CalibratedClassifierCV(Recorder(), ensemble=False, cv=3),
        StackingClassifier([("a", Recorder()), ("b", make_pipeline(FunctionTransformer(), Recorder()))]),
        GridSearchCV(CalibratedClassifierCV(Recorder()), {"method": ["sigmoid", "isotonic"]}, cv=3),
        HalvingGridSearchCV(
            CalibratedClassifierCV(Recorder(), cv=2),
            {"ensemble": [True, False]},
            random_state=0,
            cv=3,
            return_train_score=False,
        ),
        GridSearchCV(
            make_pipeline(FunctionTransformer(lambda X: X + 1000), CalibratedClassifierCV(Recorder())), {}, cv=3
        ),
        GridSearchCV(
            make_pipeline(FunctionTransformer(), "passthrough"),
            {"passthrough": [CalibratedClassifierCV(Recorder()), make_pipeline(CalibratedClassifierCV(Recorder()))]},
            cv=3,
        ),
    ],
    ids=lambda estimator: type(estimator).__name__,
)
@pytest.mark.filterwarnings("ignore:The total space of parameters")
def test_no_row_is_fitted_to_and_scored_on(estimator):
    if isinstance(estimator, GridSearchCV) and "passthrough" in (estimator.param_grid or {}):
        estimator = estimator.set_params(estimator__passthrough=Recorder())
    model = SoftTargetClassifier(estimator).fit(X, SOFT)
    assert model.strategy_ == "expand"
    assert straddling() == 0
    assert np.mean(model.predict(X) == y) > 0.9


def test_plain_copies_would_straddle():
    """What the test above is for: the same search on copies, left to itself."""
    copies = copy_rows(SOFT, 0.01)
    GridSearchCV(Recorder(), SEARCHED).fit(X[copies.rows], copies.codes, sample_weight=copies.masses)
    assert straddling() > 10


def test_frames_and_rows_without_order():
    frame = pd.DataFrame(X, columns=list("nabcd"), index=np.random.default_rng(0).permutation(n) % 7)
    frame["text"] = np.where(y == 0, "short", "long")
    front = make_column_transformer(("passthrough", list("nabcd")), (TargetEncoder(), ["text"]))
    search = GridSearchCV(make_pipeline(front, Recorder()), IN_PIPELINE)
    model = SoftTargetClassifier(search).fit(frame, SOFT)
    assert straddling() == 0
    assert model.feature_names_in_.tolist() == [*"nabcd", "text"]
    assert model.predict_proba(frame).shape == (n, 3)


def test_a_transformer_that_cross_validates_is_given_rows():
    seen = []

    class Watched(StratifiedKFold):
        def split(self, X, y=None, groups=None):
            for train, test in super().split(X, y, groups):
                seen.append((len(X), len(y)))
                yield train, test

    selector = RFECV(LogisticRegression(max_iter=500), cv=Watched(3), min_features_to_select=3)
    SoftTargetClassifier(GridSearchCV(make_pipeline(selector, GaussianNB()), {}, cv=2)).fit(IRIS, SOFT)
    assert seen
    assert max(rows for rows, _ in seen) <= n


def test_folds_of_hard_rows_are_those_of_the_splitter_itself():
    codes = y[np.random.default_rng(1).permutation(n)]
    for cv in (None, 4, KFold(3), LeaveOneOut()):
        ours = RowSplitter(cv)
        theirs = StratifiedKFold(5) if cv is None else StratifiedKFold(cv) if cv == 4 else cv
        for (train, test), (train_, test_) in zip(ours.split(X, codes), theirs.split(X, codes), strict=True):
            np.testing.assert_array_equal(train, train_)
            np.testing.assert_array_equal(test, test_)
        assert ours.get_n_splits(X, codes) == theirs.get_n_splits(X, codes)


def test_folds_of_copies_are_the_copies_of_the_folds():
    copies = copy_rows(SOFT, 0.01)
    expected = list(StratifiedKFold(3, shuffle=True, random_state=0).split(X, SOFT.argmax(axis=1)))
    constant = np.zeros((len(copies.rows), 1))  # equal rows that are no copies: only the fit knows better
    splitter = RowSplitter(StratifiedKFold(3, shuffle=True, random_state=0))
    for inputs in (X[copies.rows], constant):
        with known_rows(copies.groups, copies.codes):
            found = list(splitter.split(inputs, copies.codes))
        for (train, test), (train_rows, test_rows) in zip(found, expected, strict=True):
            assert list(dict.fromkeys(copies.rows[train].tolist())) == train_rows.tolist()
            assert list(dict.fromkeys(copies.rows[test].tolist())) == test_rows.tolist()
            assert sorted([*train, *test]) == list(range(len(copies.rows)))


def test_groups_are_passed_on_for_each_row():
    from sklearn.model_selection import GroupKFold

    copies = copy_rows(SOFT, 0.01)
    groups = np.arange(n) // 10
    for train, test in RowSplitter(GroupKFold(5)).split(X[copies.rows], copies.codes, groups[copies.rows]):
        assert not set(groups[copies.rows[train]]) & set(groups[copies.rows[test]])


def test_row_numbers_on_a_part_of_the_rows_are_refused():
    with pytest.raises(InputError, match="lists row numbers"):
        list(RowSplitter([(np.arange(5), np.arange(5, 9))]).split(X[:9], y[:9]))


def test_a_search_is_scored_by_the_masses():
    cv = StratifiedKFold(3)
    model = SoftTargetClassifier(GridSearchCV(GaussianNB(), {"var_smoothing": [1e-9, 1e-1]}, cv=cv), min_mass=0.0)
    weights = np.random.default_rng(3).uniform(0.2, 2.0, n)
    results = model.fit(IRIS, SOFT, sample_weight=weights).estimator_.cv_results_
    copies = copy_rows(SOFT.astype(np.float32), 0.0)
    all_weights = copies.masses * weights[copies.rows]
    for number, (train_rows, test_rows) in enumerate(cv.split(IRIS, SOFT.argmax(axis=1))):
        train, test = (np.flatnonzero(np.isin(copies.rows, rows)) for rows in (train_rows, test_rows))
        for candidate, smoothing in enumerate([1e-9, 1e-1]):
            fitted = GaussianNB(var_smoothing=smoothing)
            fitted.fit(IRIS[copies.rows[train]], copies.codes[train], all_weights[train])
            expected = accuracy_score(
                copies.codes[test], fitted.predict(IRIS[copies.rows[test]]), sample_weight=all_weights[test]
            )
            assert results[f"split{number}_test_score"][candidate] == pytest.approx(expected, abs=1e-9)


def test_only_splits_of_rows_are_replaced():
    assert isinstance(with_row_splitters(GridSearchCV(GaussianNB(), {})).cv, RowSplitter)
    assert with_row_splitters(GridSearchCV(GaussianNB(), {})).cv.stratified
    assert not with_row_splitters(LassoCV()).cv.stratified
    assert with_row_splitters(StackingClassifier([("a", GaussianNB())], cv="prefit")).cv == "prefit"
    named_cv = make_pipeline(GaussianNB())
    assert with_row_splitters(named_cv) is named_cv
    pairs = with_row_splitters(GridSearchCV(GaussianNB(), {}, cv=iter([(np.arange(2), np.arange(3))]))).cv
    assert isinstance(pairs.cv, list)


def test_what_others_ask_of_a_splitter_is_answered():
    assert RowSplitter().n_splits == 5
    assert RowSplitter(3).n_splits == RowSplitter(3).get_n_splits() == 3
    assert not hasattr(RowSplitter([(1, 2)]), "n_splits")
    assert not hasattr(RowSplitter(3), "random_state")
    shuffled = StratifiedKFold(4, shuffle=True)
    splitter = RowSplitter(shuffled)
    assert splitter.shuffle
    assert splitter.random_state is None
    splitter.random_state = 7  # as StackingClassifier sets it, to split alike for each member
    assert shuffled.random_state is None
    first, second = (list(splitter.split(X, y)) for _ in range(2))
    assert all(np.array_equal(a[1], b[1]) for a, b in zip(first, second, strict=True))
    assert not np.array_equal(*[test for _, test in first[:2]])
    assert "4" in repr(splitter)
