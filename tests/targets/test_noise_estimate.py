"""The noise of labels from labels and probabilities, against noise that was made."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from softlabel.errors import InputError
from softlabel.targets import noise_estimate
from softlabel.targets.class_chances import true_class_chances
from softlabel.targets.noise_estimate import estimate_noise, fit_powers, sampled_rows

SYMMETRIC = np.full((3, 3), 0.15) + 0.55 * np.eye(3)
PAIR = np.array([[0.6, 0.4, 0.0], [0.0, 0.6, 0.4], [0.4, 0.0, 0.6]])
UNEVEN = np.array([[0.9, 0.1, 0.0], [0.3, 0.7, 0.0], [0.0, 0.0, 1.0]])


def made(T, n_per_class=300, spread=30.0, seed=0):
    """Return predictions as models give them that learnt labels with noise T, and true and given labels."""
    random = np.random.default_rng(seed)
    k = len(T)
    true = np.repeat(np.arange(k), n_per_class)  # (n,)
    q = np.array([random.dirichlet(spread * T[c] + 0.3) for c in true])  # (n, k)
    given = np.array([random.choice(k, p=T[c]) for c in true])
    return q, true, given


@pytest.mark.parametrize("T", [np.eye(3), SYMMETRIC, PAIR, UNEVEN], ids=["none", "symmetric", "pair", "uneven"])
def test_the_noise_that_was_made_is_found(T):
    q, _, given = made(T)
    found = estimate_noise(q, given)
    assert_allclose(found.matrix.sum(axis=1), 1.0)
    assert_allclose(found.matrix, T, atol=0.09)
    assert min(found.powers) > 0


def test_noise_that_makes_a_rare_class_look_frequent():
    """Four of five rows that are given a rare class are wrong: without shifts half of its own labels are taken for its neighbour's."""
    random = np.random.default_rng(0)
    true = np.repeat([0, 1, 2], [700, 700, 60])
    T = np.array([[1.0, 0.0, 0.0], [0.0, 0.6, 0.4], [0.0, 0.0, 1.0]])
    given = np.array([random.choice(3, p=T[c]) for c in true])
    sure = random.dirichlet([0.5] * 3, size=len(true)) * 0.5 + 0.5 * np.eye(3)[true]
    q = sure @ T
    found = estimate_noise(q, given)
    assert_allclose(found.matrix, T, atol=0.06)
    assert found.shifts[2] < -0.1  # rarer than its given labels


def test_ambiguous_rows_are_no_noise():
    # Chances of half the rows are anything between two classes, and labels are drawn from just these chances.
    random = np.random.default_rng(0)
    share = np.concatenate([random.uniform(0, 1, 600), np.repeat([0.0, 1.0], 300)])  # (n,)
    q = np.column_stack([share, 1.0 - share])
    given = (random.uniform(size=len(q)) > share).astype(int)
    assert np.diag(estimate_noise(q, given).matrix).min() > 0.97


@pytest.mark.parametrize("concentration", [200.0, 3.0], ids=["unsure", "sure"])
def test_models_that_know_nothing_accuse_nobody(concentration):
    random = np.random.default_rng(0)
    q = random.dirichlet([concentration] * 3, size=600)
    assert np.diag(estimate_noise(q, random.integers(0, 3, 600)).matrix).min() == pytest.approx(0.999)


def test_a_few_surely_wrong_labels_are_noise():
    q = np.repeat(0.96 * np.eye(3) + 0.01, 100, axis=0)
    q /= q.sum(axis=1, keepdims=True)
    given = np.repeat([0, 1, 2], 100)
    given[:6] = 1
    assert estimate_noise(q, given).matrix[0, 1] == pytest.approx(0.06, abs=0.02)


def test_trusted_rows_teach_nothing_about_noise():
    q, true, given = made(SYMMETRIC)
    trusted = np.zeros(len(q), dtype=bool)
    trusted[::3] = True
    labels = np.where(trusted, true, given)
    as_they_are = estimate_noise(q, labels).matrix
    known = estimate_noise(q, labels, trusted=trusted).matrix
    assert_allclose(known, SYMMETRIC, atol=0.09)
    assert np.diag(as_they_are).mean() > np.diag(known).mean() + 0.05


def test_the_powers_alone_climb_as_high_as_with_the_matrix():
    q, _, given = made(PAIR)
    both = estimate_noise(q, given)
    alone = fit_powers(q, given, both.matrix)
    assert_array_equal(alone.matrix, both.matrix)
    assert alone.log_likelihood >= both.log_likelihood - 1e-6
    assert fit_powers(q, given, np.eye(3)).log_likelihood < both.log_likelihood - 0.02


def test_the_likelihood_is_that_of_the_given_labels():
    q, _, given = made(SYMMETRIC, n_per_class=30)
    found = fit_powers(q, given, SYMMETRIC)
    chance = true_class_chances(q, SYMMETRIC, found.powers) @ SYMMETRIC  # (n, k) of given labels
    assert found.log_likelihood == pytest.approx(np.log(chance[np.arange(len(q)), given]).mean())


def test_the_order_of_rows_and_classes_does_not_matter():
    q, _, given = made(UNEVEN, n_per_class=100)
    order = np.random.default_rng(3).permutation(len(q))
    found = estimate_noise(q, given).matrix
    assert_allclose(estimate_noise(q[order], given[order]).matrix, found, atol=1e-3)
    assert_allclose(estimate_noise(q[:, ::-1], 2 - given).matrix, found[::-1, ::-1], atol=1e-3)


def test_of_many_rows_as_many_are_fitted_on_whatever_order_they_have(monkeypatch):
    n = 600
    true, given = np.arange(n) % 2, np.arange(n) % 2  # classes take turns, and every second row is of the first
    given[1::2][np.arange(n // 2) % 10 < 3] = 0
    q = np.where(np.eye(2)[true] == 1, 0.98, 0.02)
    whole = estimate_noise(q, given).matrix
    monkeypatch.setattr(noise_estimate, "_MOST_ROWS", n // 2)
    assert len(sampled_rows(n)) == len(np.unique(sampled_rows(n))) == n // 2
    assert sampled_rows(n // 2).tolist() == list(range(n // 2))
    some = estimate_noise(q, given).matrix
    assert_array_equal(some, estimate_noise(q, given).matrix)  # the same rows again
    assert_allclose(some, whole, atol=0.06)
    assert some[1, 0] > 0.2


def test_inputs_stay_as_they_are():
    q, _, given = made(SYMMETRIC, n_per_class=20)
    before = q.copy(), given.copy()
    estimate_noise(q, given)
    assert_array_equal(q, before[0])
    assert_array_equal(given, before[1])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"codes": [0, 1]}, "codes has 2 rows where 3 are needed"),
        ({"codes": [0, 1, 2]}, "codes has 2 in row 2; with 2 classes"),
        ({"trusted": [True, True, True]}, "every row is trusted"),
        ({"trusted": [1, 0, 0]}, r"trusted has shape \(3,\) of int64; give True or False for each of 3 rows"),
        ({"trusted": [True]}, r"trusted has shape \(1,\) of bool"),
    ],
)
def test_what_cannot_be_estimated_from_is_refused(change, message):
    with pytest.raises(InputError, match=message) as caught:
        estimate_noise(**({"probabilities": [[0.5, 0.5]] * 3, "codes": [0, 1, 0]} | change))
    assert "\n" not in str(caught.value)


def test_a_matrix_of_other_classes_is_refused():
    with pytest.raises(InputError, match=r"matrix has shape \(2, 2\).* each of 3 classes"):
        fit_powers([[0.2, 0.3, 0.5]], [0], np.eye(2))


def test_no_label_is_likelier_than_the_true_one():
    """From weak predictions the likeliest T would have the rare class given as the first, and the first as both others."""
    random = np.random.default_rng(0)
    true = np.repeat([0, 1, 2], [700, 700, 60])
    T = np.array([[1.0, 0.0, 0.0], [0.0, 0.6, 0.4], [0.0, 0.0, 1.0]])
    given = np.array([random.choice(3, p=T[c]) for c in true])
    q = (random.dirichlet([0.5] * 3, size=len(true)) * 0.7 + 0.3 * np.eye(3)[true]) @ T
    found = estimate_noise(q, given).matrix
    assert (found.argmax(axis=1) == np.arange(3)).all()
    assert_allclose(found, T, atol=0.08)


def test_a_rare_class_that_was_explained_as_part_of_another_is_looked_for_anew():
    random = np.random.default_rng(0)
    true = np.repeat([0, 1, 2, 3], [600, 600, 600, 80])
    T = 0.6 * np.eye(4) + 0.4 * np.roll(np.eye(4), 1, axis=1)
    given = np.array([random.choice(4, p=T[c]) for c in true])
    q = (random.dirichlet([0.7] * 4, size=len(true)) * 0.2 + 0.8 * np.eye(4)[true]) @ T
    stuck = T.copy()
    stuck[3] = [0.0, 0.0, 0.5, 0.5]
    right = np.zeros(len(true), dtype=bool)
    before = fit_powers(q, given, stuck)
    found = noise_estimate._with_rows_forgotten(q, given, right, before)
    assert len(true) * (found.log_likelihood - before.log_likelihood) > 2
    assert_allclose(found.matrix, T, atol=0.12)
    assert noise_estimate._with_rows_forgotten(q, given, right, found) is found  # nothing is likelier


def test_a_class_whose_labels_are_right_is_left_as_it_is():
    q, _, given = made(np.eye(3))
    before = fit_powers(q, given, 0.95 * np.eye(3) + 0.05 / 3)
    assert noise_estimate._with_rows_forgotten(q, given, np.zeros(len(given), dtype=bool), before) is before


@pytest.mark.parametrize(
    ("counts", "c", "pooled"),
    [
        ([5.0, 3.0, 1.0], 0, [5.0, 3.0, 1.0]),
        ([1.0, 5.0, 0.0], 0, [3.0, 3.0, 0.0]),
        ([1.0, 4.0, 8.0], 0, [4.5, 4.0, 4.5]),
        ([1.0, 4.0, 8.0], 1, [1.0, 6.0, 6.0]),
        ([0.0, 2.0, 8.0, 6.0], 0, [14 / 3, 2.0, 14 / 3, 14 / 3]),
    ],
)
def test_counts_above_that_of_the_true_class_are_pooled_with_it(counts, c, pooled):
    found = noise_estimate._right_one_first(np.array(counts), c)
    assert_allclose(found, pooled)
    # It is the likeliest of all that keep the order: no random one beats it.
    random, counts, likeliest = np.random.default_rng(0), np.array(counts), np.maximum(found, 1e-300) / found.sum()
    for row in random.dirichlet(np.ones(len(counts)), size=2000):
        first = row.argmax()
        row[[c, first]] = row[[first, c]]
        assert counts @ np.log(row) <= counts @ np.log(likeliest) + 1e-9
