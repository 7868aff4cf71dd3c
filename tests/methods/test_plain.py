from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.utils.estimator_checks import parametrize_with_checks

from simple_learners import Centroids, blobs
from softlabel import InputError, StochasticLabelRefinery, TorchClassifier
from softlabel.methods.fit_count import fits_counted
from softlabel.methods.plain import Plain

X, Y = blobs(n_per_class=20, spread=2.0)
NAMES = np.array(["a", "b", "c"])[Y]


@pytest.mark.parametrize(
    "estimator", [None, RandomForestClassifier(10), Centroids()], ids=["default", "forest", "centroids"]
)
def test_it_is_the_refinery_of_no_rounds_to_the_byte(estimator):
    plain = Plain(estimator, random_state=7).fit(X, NAMES)
    refinery = StochasticLabelRefinery(estimator, n_rounds=0, random_state=7).fit(X, NAMES)
    assert plain.predict_proba(X).tobytes() == refinery.predict_proba(X).tobytes()
    assert plain.label_distributions_.tobytes() == refinery.label_distributions_.tobytes()
    assert_array_equal(plain.predict(X), refinery.predict(X))
    assert plain.random_state_ == 7


def test_it_is_one_fit_on_the_labels():
    with fits_counted() as count:
        plain = Plain(Centroids(), random_state=0).fit(X, NAMES)
    assert count.n_fits == 1
    assert_allclose(plain.predict_proba(X), Centroids().fit(X, np.eye(3)[Y]).predict_targets(X))
    assert_array_equal(plain.classes_, ["a", "b", "c"])
    assert_array_equal(plain.transduction_, NAMES)
    assert (plain.label_quality_ == 1).all()
    assert plain.history_ == plain.epochs_ == []
    assert not hasattr(plain, "suggested_labels_")


def test_soft_first_targets_are_trained_on_as_they_are():
    rows = (0.7 * np.eye(3)[Y] + 0.1).astype(np.float32)
    weight = np.linspace(1, 2, len(Y))
    plain = Plain(Centroids()).fit(X, Y, targets=rows, sample_weight=weight)
    assert_allclose(plain.predict_proba(X), Centroids().fit(X, rows, weight).predict_targets(X))
    assert_allclose(plain.label_quality_, 0.8, atol=1e-6)


def test_numbers_and_entries():
    numbers = Plain(Ridge(), task="ordinal").fit(X, Y)
    assert_allclose(numbers.predict_targets(X)[:, 0], np.clip(Ridge().fit(X, Y).predict(X), 0, 2), atol=1e-5)
    entries = Plain(LogisticRegression()).fit(X, np.c_[Y == 0, Y > 0].astype(int))
    assert entries.predict_proba(X).shape == (60, 2)


def test_rows_to_watch_are_scored_after_each_epoch_and_choose_nothing():
    network = TorchClassifier("mlp", network_options={"hidden": (8,)}, epochs=3, device="cpu")
    watched = Plain(network, random_state=0).fit(X[:40], Y[:40], validation=(X[40:], Y[40:]))
    alone = Plain(network, random_state=0).fit(X[:40], Y[:40])
    assert [row["epoch"] for row in watched.epochs_] == [1, 2, 3]
    assert all("validation_loss" in row and "train_loss" in row for row in watched.epochs_)
    assert not any("validation_loss" in row for row in alone.epochs_)
    assert watched.predict_proba(X).tobytes() == alone.predict_proba(X).tobytes()
    p = watched.predict_proba(X[40:])[np.arange(20), Y[40:]]
    assert watched.epochs_[-1]["validation_loss"] == pytest.approx(-np.log(p).mean(), rel=1e-4)


def test_twice_as_long_is_twice_the_length():
    once, twice = ExtraTreesClassifier(6), ExtraTreesClassifier(12)
    longer = Plain(once, length=2, random_state=7).fit(X, NAMES)
    assert longer.predict_proba(X).tobytes() == Plain(twice, random_state=7).fit(X, NAMES).predict_proba(X).tobytes()
    same = Plain(once, length=1, random_state=7).fit(X, NAMES)
    assert same.predict_proba(X).tobytes() == Plain(once, random_state=7).fit(X, NAMES).predict_proba(X).tobytes()
    assert once.n_estimators == 6
    assert len(Plain(None, length=0.05, random_state=7).fit(X, NAMES).estimator_.estimator_.estimators_) == 5


def test_the_schedule_of_a_network_is_stretched():
    network = TorchClassifier("mlp", network_options={"hidden": (8,)}, epochs=2, device="cpu")
    longer = Plain(network, length=3, random_state=0).fit(X, Y)
    alone = Plain(clone(network).set_params(epochs=6), random_state=0).fit(X, Y)
    assert [row["epoch"] for row in longer.epochs_] == [1, 2, 3, 4, 5, 6]
    assert [row["lr"] for row in longer.epochs_] == [row["lr"] for row in alone.epochs_]
    assert longer.predict_proba(X).tobytes() == alone.predict_proba(X).tobytes()


def test_a_length_is_refused_where_there_is_none():
    with pytest.raises(
        InputError,
        match=r"^length=3 changes how long a training is, and LogisticRegression has no length \(networks \(epochs\), .*\); leave it out$",
    ):
        Plain(LogisticRegression(), length=3).fit(X, Y)
    assert Plain(LogisticRegression(), length=1.0).fit(X, Y).predict_proba(X).shape == (60, 3)
    for length in (0, -1, "3", True, np.inf, None):
        with pytest.raises(InputError, match=r"^length=.*; give how many times as long to train, above 0; 1 is once$"):
            Plain(length=length).fit(X, Y)


@parametrize_with_checks([Plain(LogisticRegression())])
def test_scikit_learns_own_checks(estimator, check):
    check(estimator)
