"""The task of one label among k: encode, check, harden, score."""

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal

from softlabel.errors import InputError
from softlabel.metrics import calibration, scores
from softlabel.tasks import Multiclass, Task


@pytest.fixture
def task() -> Multiclass:
    return Multiclass.from_labels(["dog", "cat", "emu", "cat"])


def test_it_is_a_task(task):
    protocol: Task = task
    assert protocol.n_columns == 3


def test_classes_come_sorted_from_labels(task):
    assert task.classes.tolist() == ["cat", "dog", "emu"]
    assert task.n_columns == 3
    assert repr(task) == "Multiclass(['cat', 'dog', 'emu'])"


def test_classes_keep_their_order_when_they_are_given():
    task = Multiclass(["low", "mid", "high"])
    assert task.classes.tolist() == ["low", "mid", "high"]
    assert task.codes(["high", "low"]).tolist() == [2, 0]
    assert_array_equal(task.encode(["mid"]), [[0, 1, 0]])
    assert task.harden([[0.1, 0.2, 0.7]]).tolist() == ["high"]


@pytest.mark.parametrize("y", [[3, 1, 3], ["b", "a"], [True, False], pd.Series(["x", "y"]), np.array([2.0, 0.0])])
def test_encode_and_harden_are_inverse(y):
    task = Multiclass.from_labels(y)
    targets = task.encode(y)
    assert targets.dtype == np.float32
    assert targets.shape == (len(y), 2)
    assert task.harden(targets).tolist() == list(y)
    assert_array_equal(task.harden_codes(targets), task.codes(y))


def test_unknown_labels_are_refused(task):
    with pytest.raises(InputError, match="'fox'; the classes are 'cat', 'dog', 'emu'"):
        task.encode(["cat", "fox"])


@pytest.mark.parametrize(
    ("classes", "message"),
    [
        (["a"], "only one class"),
        (["a", "b", "a"], "names a class twice"),
        ([0.5, 1.0], "Unknown label type"),
        ([], "empty"),
    ],
)
def test_classes_that_cannot_be_are_refused(classes, message):
    with pytest.raises(InputError, match=message):
        Multiclass(classes)


def test_check(task):
    checked = task.check([[0.2, 0.3, 0.5]], n_rows=1)
    assert checked.dtype == np.float32
    assert_array_equal(checked, np.array([[0.2, 0.3, 0.5]], dtype=np.float32))
    for targets, message in [
        ([[0.5, 0.5]], "targets: has 2 columns where 3 are needed"),
        (np.eye(3), "targets: has 3 rows where 1 are needed"),
        ([[0.2, 0.3, 0.48]], "targets: row 0 sums to 0.98"),
    ]:
        with pytest.raises(InputError, match=message):
            task.check(targets, n_rows=1)


def test_predictions_may_be_further_off(task):
    checked = task.check_predictions(pd.DataFrame([[0.2, 0.3, 0.46]]), 1, "the learner of round 1")
    assert checked.dtype == np.float32
    assert checked[0] == pytest.approx(np.array([0.2, 0.3, 0.46]) / 0.96, abs=1e-7)


@pytest.mark.parametrize(
    "predictions",
    [
        [[0.2, 0.3, 0.4]],
        [[0.0, 0.0, 0.0]],
        [[np.nan, 0.5, 0.5]],
        [[-0.1, 0.6, 0.5]],
        [[0.5, 0.5]],
        np.eye(3),
        [0.2, 0.3, 0.5],
        [["a", "b", "c"]],
        None,
    ],
)
def test_bad_predictions_are_refused_with_who_made_them(task, predictions):
    with pytest.raises(InputError) as caught:
        task.check_predictions(predictions, 1, "the learner of round 1")
    assert str(caught.value).startswith("the learner of round 1: ")


def test_scores(task):
    codes, p, weights = [0, 1, 2], [[0.5, 0.3, 0.2], [0.1, 0.2, 0.7], [0.1, 0.1, 0.8]], [1, 2, 3]
    for weight in (None, weights):
        found = task.scores(codes, p, weight)
        assert list(found) == ["accuracy", "balanced_accuracy", "nll", "brier", "ece"]
        assert found["ece"] == calibration.ece(codes, p, weight)
        for name in ("accuracy", "balanced_accuracy", "nll", "brier"):
            assert found[name] == getattr(scores, name)(codes, p, weight)


def test_more_than_five_classes_have_a_top_five_accuracy():
    p = np.random.default_rng(0).dirichlet(np.ones(6), size=20)
    codes, weights = np.arange(20) % 6, np.arange(1, 21)
    found = Multiclass(list("abcdef")).scores(codes, p, weights)
    assert list(found) == ["accuracy", "top5_accuracy", "balanced_accuracy", "nll", "brier", "ece"]
    assert found["top5_accuracy"] == scores.top_k_accuracy(codes, p, weights, k=5) < 1
    assert "top5_accuracy" not in Multiclass(list("abcde")).scores(np.arange(20) % 5, p[:, :5])


def test_it_can_be_pickled(task):
    assert pickle.loads(pickle.dumps(task)).classes.tolist() == task.classes.tolist()
