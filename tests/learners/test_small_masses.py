from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn.linear_model import LogisticRegression

from simple_learners import Centroids, blobs
from softlabel import SoftTargetClassifier, SoftTargetMultilabelClassifier, smooth_uniform
from softlabel.learners.small_masses import keeping_masses


@pytest.mark.parametrize("k", [4, 10, 40])
def test_no_mass_is_dropped(k):
    X, y = blobs(n_per_class=4, k=k)
    rows = smooth_uniform(np.eye(k)[y], 0.1)
    kept = keeping_masses(SoftTargetClassifier(LogisticRegression(max_iter=300)), rows).fit(X, rows)
    by_hand = LogisticRegression(max_iter=300).fit(
        np.repeat(X, k, axis=0), np.tile(np.arange(k), len(y)), sample_weight=rows.ravel()
    )
    assert_allclose(kept.predict_proba(X), by_hand.predict_proba(X), atol=5e-3)


def test_ten_classes_are_the_edge_where_a_float32_is_a_little_less():
    rows = smooth_uniform(np.eye(10), 0.1)
    assert keeping_masses(SoftTargetClassifier(LogisticRegression()), rows).min_mass < 0.01


def test_who_drops_nothing_is_left_alone():
    rows = smooth_uniform(np.eye(5), 0.1)
    for learner in (SoftTargetClassifier(LogisticRegression()), Centroids(), LogisticRegression()):
        assert keeping_masses(learner, rows) is learner
    low = SoftTargetClassifier(LogisticRegression(), min_mass=0.0)
    assert keeping_masses(low, smooth_uniform(np.eye(50), 0.1)) is low
    drops = SoftTargetClassifier(LogisticRegression())
    assert keeping_masses(drops, np.eye(5)) is drops  # zeros are no little masses


def test_the_learner_that_was_given_stays_as_it_is():
    learner = SoftTargetClassifier(LogisticRegression(C=2.0))
    kept = keeping_masses(learner, smooth_uniform(np.eye(50), 0.1))
    assert learner.min_mass == 0.01
    assert kept.estimator.C == 2.0


@pytest.mark.parametrize("sure", [0.0075, 0.9925], ids=["near 0", "near 1"])
def test_of_several_labels_neither_what_is_nor_what_is_missing_is_dropped(sure):
    X, _ = blobs(n_per_class=4)
    entries = np.where(np.arange(12) % 2 == 0, 0.5, sure)[:, None].astype(
        np.float32
    )  # (n, 1) one side has little masses only
    learner = SoftTargetMultilabelClassifier(LogisticRegression())
    kept = keeping_masses(learner, entries)
    assert kept.min_mass < 0.0075
    assert learner.min_mass == 0.01
    by_hand = LogisticRegression().fit(
        np.repeat(X, 2, axis=0), np.tile([0, 1], 12), sample_weight=np.hstack([1 - entries, entries]).ravel()
    )
    assert_allclose(kept.fit(X, entries).predict_proba(X)[:, 0], by_hand.predict_proba(X)[:, 1], atol=1e-3)


def test_several_labels_without_little_masses_are_left_alone():
    for learner in (SoftTargetMultilabelClassifier(), SoftTargetMultilabelClassifier(min_mass=0.001)):
        assert keeping_masses(learner, np.array([[0.0, 1.0], [0.05, 0.95]])) is learner
    low = SoftTargetMultilabelClassifier(min_mass=0.0)
    assert keeping_masses(low, np.array([[0.001, 0.999]])) is low
