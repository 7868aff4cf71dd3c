"""Given label and prediction weighed by Bayes' rule: clean labels stay, known noise finds its posterior, who may not be learnt from."""

import numpy as np
import pytest

from simple_learners import Centroids, blobs
from softlabel.errors import InputError
from softlabel.methods.bayes_update import bayes_suits, bayes_targets
from softlabel.methods.first_noise import FirstNoise
from softlabel.tasks import Multiclass, Multilabel, Ordinal

TASK = Multiclass(["a", "b", "c"])
PAIR = np.array([[0.7, 0.3, 0.0], [0.0, 0.7, 0.3], [0.3, 0.0, 0.7]])
N = 2000


def _noisy(noise=PAIR, n=N, seed=0):
    """Return the true class, what a model of the noisy labels that is not quite calibrated says, and the given labels."""
    rng = np.random.default_rng(seed)
    true = rng.integers(3, size=n)
    codes = (rng.random(n)[:, None] > np.cumsum(noise[true], axis=1)[:, :2]).sum(axis=1)
    said = 0.7 * noise[true] + 0.3 * rng.dirichlet([1.0] * 3, size=n)  # (n, 3)
    return np.eye(3)[true], true, said.astype(np.float32), codes


CHANCES, TRUE, SAID, CODES = _noisy()


def _refined(codes=CODES, said=SAID, learnt=None, trusted=None, first=None, task=TASK, targets=None):
    targets = np.eye(said.shape[1], dtype=np.float32)[codes] if targets is None else targets
    learnt = np.ones(len(codes), dtype=bool) if learnt is None else learnt
    noise = FirstNoise(task, codes, said if first is None else first, learnt, trusted)
    return bayes_targets(noise, codes, targets, said, learnt, trusted)


def _close(refined, codes=CODES, chances=CHANCES):
    posterior = chances * PAIR[:, codes].T
    return np.abs(refined - posterior / posterior.sum(axis=1, keepdims=True)).mean()


def test_clean_labels_stay():
    X, y = blobs(60, spread=1.0)
    said = Centroids().fit(X, np.eye(3, dtype=np.float32)[y]).predict_targets(X).astype(np.float32)
    refined = _refined(y, said)
    assert (refined.argmax(axis=1) == y).all()
    assert refined == pytest.approx(np.eye(3)[y], abs=2e-3)


def test_known_noise_finds_the_posterior():
    refined = _refined()
    assert refined.dtype == np.float32
    assert refined.sum(axis=1) == pytest.approx(1, abs=1e-5)
    assert _close(refined) < 0.01
    assert _close(np.eye(3)[CODES]) > 0.15  # what the given labels alone miss
    found, given = ((labels == TRUE).mean() for labels in (refined.argmax(axis=1), CODES))
    assert found > 0.99
    assert given < 0.72


def test_guard_rows_are_judged_and_not_learnt_from():
    learnt = np.arange(N) % 4 > 0
    refined = _refined(learnt=learnt)
    assert _close(refined[~learnt], CODES[~learnt], CHANCES[~learnt]) < 0.05
    moved = CODES.copy()
    moved[~learnt] = (moved[~learnt] + 1) % 3
    assert np.array_equal(_refined(moved, learnt=learnt)[learnt], refined[learnt])
    without = _refined(CODES[learnt], SAID[learnt])
    assert np.array_equal(without, refined[learnt])


def test_a_row_of_the_guard_is_judged_alone():
    learnt = np.arange(N) >= 2
    refined = _refined(learnt=learnt)
    moved = CODES.copy()
    moved[0] = (moved[0] + 1) % 3
    again = _refined(moved, learnt=learnt)
    assert np.array_equal(again[1:], refined[1:])
    assert not np.array_equal(again[0], refined[0])


def test_trusted_rows_keep_their_targets():
    trusted = TRUE == CODES
    trusted[N // 2 :] = False
    targets = np.eye(3, dtype=np.float32)[CODES]
    targets[trusted] = 0.8 * targets[trusted] + np.float32(0.2 / 3)
    refined = _refined(trusted=trusted, targets=targets)
    assert np.array_equal(refined[trusted], targets[trusted])
    assert _close(refined[~trusted], CODES[~trusted], CHANCES[~trusted]) < 0.06


def test_rows_that_nobody_judged_keep_theirs():
    said = SAID.copy()
    said[:5] = np.nan  # by no fold held out
    said[np.arange(5, 10), CODES[5:10]] = np.nan  # models that never saw the given class
    targets = np.full((N, 3), 1 / 3, dtype=np.float32)
    refined = _refined(said=said, targets=targets)
    assert np.array_equal(refined[:10], targets[:10])
    assert _close(refined[10:], CODES[10:], CHANCES[10:]) < 0.05
    at_first = SAID.copy()
    at_first[:10] = np.nan
    assert np.array_equal(_refined(first=at_first, targets=targets)[:10], targets[:10])


def test_where_nothing_can_be_estimated_nothing_changes():
    targets = np.eye(3, dtype=np.float32)[CODES]
    assert np.array_equal(_refined(said=np.full_like(SAID, np.nan)), targets)
    assert np.array_equal(_refined(trusted=np.ones(N, dtype=bool)), targets)
    of_one = np.zeros(N, dtype=int)
    assert np.array_equal(_refined(of_one), np.eye(3, dtype=np.float32)[of_one])


def test_permuted_classes_permute_columns():
    new = np.array([2, 0, 1])  # of class c
    permuted = _refined(new[CODES], SAID[:, np.argsort(new)])
    assert permuted[:, new] == pytest.approx(_refined(), abs=2e-3)


def test_noise_is_that_of_the_first_round():
    surer = (SAID**3 / (SAID**3).sum(axis=1, keepdims=True)).astype(np.float32)
    late = _refined(said=surer, first=SAID)
    assert _close(late) < 0.01
    seen = np.eye(3, dtype=np.float32)[CODES] * np.float32(0.98) + np.float32(0.02 / 3)  # of who saw the labels
    refined = _refined(said=SAID, first=seen)
    assert (refined.argmax(axis=1) == CODES).mean() > (late.argmax(axis=1) == CODES).mean() + 0.1


def test_inputs_stay_as_they_are():
    targets, said, codes = np.eye(3, dtype=np.float32)[CODES], SAID.copy(), CODES.copy()
    before = targets.copy()
    _refined(codes, said, targets=targets)
    assert np.array_equal(targets, before)
    assert np.array_equal(said, SAID)
    assert np.array_equal(codes, CODES)


def test_each_of_several_labels_is_judged_on_its_own():
    task, rng = Multilabel(["a", "b"]), np.random.default_rng(1)
    true = rng.integers(2, size=(N, 2))
    codes = true.copy()
    codes[:, 0] ^= rng.random(N) < 0.3  # the second is never wrong
    unsure = 0.7 * np.where(true[:, 0] == 1, 0.7, 0.3) + 0.3 * rng.random(N)  # (n,)
    said = np.column_stack([unsure, 0.02 + 0.96 * true[:, 1]]).astype(np.float32)
    said[0] = np.nan
    said[1, 0] = np.nan
    refined = _refined(codes, said, task=task, targets=codes.astype(np.float32))
    assert ((refined[:, 0] > 0.5) == true[:, 0])[2:].mean() > 0.95
    assert refined[:, 1] == pytest.approx(codes[:, 1], abs=5e-3)
    assert refined[0].tolist() == codes[0].tolist()
    assert refined[1, 0] == codes[1, 0]
    turned = codes.copy()
    turned[:, 1] = rng.permutation(codes[:, 1])
    again = _refined(turned, said, task=task, targets=turned.astype(np.float32))
    assert np.array_equal(again[:, 0], refined[:, 0])


def test_what_the_rule_weighs():
    plain, spread = np.eye(3, dtype=np.float32), Ordinal.from_labels(np.array([0, 1, 2]), view="distribution")
    assert bayes_suits(TASK, plain)
    assert bayes_suits(spread, plain)
    assert bayes_suits(Multilabel(["a", "b"]), np.array([[1, 1], [0, 0]], dtype=np.float32))
    assert not bayes_suits(TASK, np.array([[1, 0, 0], [0.9, 0.1, 0]], dtype=np.float32))
    numbers = Ordinal.from_labels(np.array([0, 1]))
    assert not bayes_suits(numbers, np.array([[0], [1]], dtype=np.float32))


def test_grades_as_numbers_are_refused():
    rows = np.zeros((3, 1), dtype=np.float32)
    with pytest.raises(InputError, match="grades as numbers have none; give a number, or take the distribution view"):
        _refined(np.array([0, 1, 1]), rows, task=Ordinal.from_labels(np.array([0, 1])), targets=rows)
