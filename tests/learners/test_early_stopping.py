"""Early stopping inside an estimator sets whole rows aside."""

from __future__ import annotations

import threading

import numpy as np
import pytest
import sklearn.ensemble._gb as gb_module
import sklearn.neural_network._multilayer_perceptron as mlp_module
from sklearn.ensemble import GradientBoostingClassifier, HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from softlabel.learners import early_stopping
from softlabel.learners.early_stopping import early_stoppers, rows_kept_together, splitting_modules
from softlabel.learners.row_copies import copy_rows
from softlabel.learners.soft_target import SoftTargetClassifier

RNG = np.random.default_rng(0)
n = 150
X = RNG.normal(size=(n, 4))
y = (X[:, 0] + X[:, 1] > 0).astype(int) + (X[:, 2] > 0.5)
SOFT = 0.7 * np.eye(3)[y] + 0.3 * RNG.dirichlet(np.ones(3), n)

MLP = MLPClassifier((4,), early_stopping=True, max_iter=5, random_state=0)
GB = GradientBoostingClassifier(n_estimators=5, n_iter_no_change=2, random_state=0)
HGB = HistGradientBoostingClassifier(max_iter=5, early_stopping=True, random_state=0)


@pytest.fixture
def splits(monkeypatch):
    """Record the rows on both sides of every split that an estimator makes."""
    made = []
    replacement = early_stopping._of_rows

    def recording(split):
        split_rows = replacement(split)

        def recorded(*arrays, **options):
            parts = split_rows(*arrays, **options)
            if early_stopping._keeps_rows.get():
                made.append([{row.tobytes() for row in np.asarray(part, dtype=np.float32)} for part in parts[:2]])
            return parts

        return recorded

    monkeypatch.setattr(early_stopping, "_of_rows", recording)
    return made


@pytest.mark.filterwarnings("ignore:Stochastic Optimizer")
@pytest.mark.parametrize(
    ("estimator", "n_splits"),
    [
        (MLP, 1),
        (GB, 1),
        (HGB, 1),
        (make_pipeline(StandardScaler(), MLP), 1),
        (GridSearchCV(MLP, {"alpha": [1e-4, 1e-2]}, cv=2, n_jobs=2), 5),
        (GridSearchCV(make_pipeline(StandardScaler(), GB), {}, cv=2), 3),
        (GridSearchCV(HistGradientBoostingClassifier(max_iter=3), {"early_stopping": [True, False]}, cv=2), 2),
        (GridSearchCV(make_pipeline(StandardScaler(), LogisticRegression()), {"logisticregression": [MLP]}, cv=2), 3),
    ],
    ids=lambda value: type(value).__name__ if hasattr(value, "fit") else str(value),
)
def test_no_row_lies_on_both_sides(estimator, n_splits, splits):
    model = SoftTargetClassifier(estimator).fit(X, SOFT)
    assert model.strategy_ == "expand"
    assert len(splits) in (n_splits, n_splits + 1)  # a search may or may not choose what stops early
    for train, test in splits:
        assert train
        assert test
        assert not train & test


def test_plain_copies_would_lie_on_both_sides():
    copies = copy_rows(SOFT, 0.01)
    train, test = train_test_split(copies.rows, test_size=0.1, random_state=0)
    assert set(train) & set(test)


@pytest.mark.filterwarnings("ignore:Stochastic Optimizer")
@pytest.mark.parametrize("estimator", [MLP, GB, HGB], ids=lambda estimator: type(estimator).__name__)
def test_on_labels_the_fit_is_the_estimators_own(estimator):
    own = estimator.fit(X, y).predict_proba(X)
    np.testing.assert_array_equal(SoftTargetClassifier(estimator).fit(X, y).predict_proba(X), own)


def test_the_split_of_hard_rows_is_scikit_learns_to_the_row():
    split = early_stopping._of_rows(train_test_split)
    with rows_kept_together([]):
        for stratify in (None, y):
            ours = split(X, y, test_size=0.2, random_state=3, stratify=stratify)
            theirs = train_test_split(X, y, test_size=0.2, random_state=3, stratify=stratify)
            for a, b in zip(ours, theirs, strict=True):
                np.testing.assert_array_equal(a, b)


def test_rows_are_stratified_by_their_largest_class():
    copies = copy_rows(SOFT, 0.01)
    with rows_kept_together([]):
        parts = early_stopping._of_rows(train_test_split)(
            X[copies.rows], copies.codes, copies.rows, test_size=0.2, random_state=0, stratify=copies.codes
        )
    held_out = np.unique(parts[5])
    expected = 0.2 * np.bincount(SOFT.argmax(axis=1), minlength=3)
    assert np.all(np.abs(np.bincount(SOFT[held_out].argmax(axis=1), minlength=3) - expected) <= 1)


def test_a_class_that_is_largest_in_one_row_only_does_not_stop_the_fit():
    rare = np.tile([0.6, 0.399, 0.001], (n, 1))
    rare[: n // 2] = [0.35, 0.6, 0.05]
    rare[3] = [0.1, 0.1, 0.8]
    assert SoftTargetClassifier(GB).fit(X, rare).predict_proba(X).shape == (n, 3)


def test_the_module_is_as_it_was_after_a_fit_and_after_a_failure():
    SoftTargetClassifier(GB).fit(X, SOFT)
    assert gb_module.train_test_split is train_test_split
    with rows_kept_together([GB, GB]):
        assert gb_module.train_test_split is not train_test_split
    with pytest.raises(RuntimeError), rows_kept_together([GB]):
        raise RuntimeError
    assert gb_module.train_test_split is train_test_split


def test_fits_that_overlap_in_time_and_others_beside_them():
    """The first to come leaves before the second; a third fit, of plain rows, runs in between in its own thread."""
    copies = np.repeat(X[:20], 2, axis=0)
    numbers = np.repeat(np.arange(20), 2)
    first, second = rows_kept_together([MLP]), rows_kept_together([MLP])
    first.__enter__()
    second.__enter__()
    plain: list[np.ndarray] = []
    thread = threading.Thread(
        target=lambda: plain.extend(mlp_module.train_test_split(copies, numbers, test_size=0.5, random_state=0))
    )
    thread.start()
    thread.join()
    np.testing.assert_array_equal(plain[3], train_test_split(copies, numbers, test_size=0.5, random_state=0)[3])
    assert set(plain[2]) & set(plain[3])
    parts = mlp_module.train_test_split(copies, numbers, test_size=0.5, random_state=0)
    assert not set(parts[2]) & set(parts[3])
    second.__exit__(None, None, None)
    first.__exit__(None, None, None)
    assert mlp_module.train_test_split is train_test_split


def test_who_stops_early():
    auto = HistGradientBoostingClassifier()
    assert early_stoppers(auto, 10_000) == []
    assert early_stoppers(auto, 10_001) == [auto]
    assert early_stoppers(make_pipeline(StandardScaler(), MLP), 10) == [MLP]
    assert early_stoppers(GradientBoostingClassifier(), 10**6) == []
    assert early_stoppers(DecisionTreeClassifier(), 10**6) == []
    searched = GridSearchCV(GradientBoostingClassifier(), [{"n_iter_no_change": [None, 3]}])
    assert early_stoppers(searched, 10) == [searched.estimator]
    assert splitting_modules(GB) == [gb_module]
    assert splitting_modules(SGDClassifier()) == []


def test_automatic_early_stopping_counts_rows_not_copies(monkeypatch):
    monkeypatch.setattr("softlabel.learners.expansion.AUTO_EARLY_STOPPING_ROWS", 100)
    estimator = HistGradientBoostingClassifier(max_iter=2)
    assert SoftTargetClassifier(estimator).fit(X, SOFT).estimator_.do_early_stopping_
    assert not SoftTargetClassifier(estimator).fit(X[:90], SOFT[:90]).estimator_.do_early_stopping_
