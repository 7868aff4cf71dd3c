from __future__ import annotations

import numpy as np
import pytest

from softlabel.errors import InputError
from softlabel.targets.trusted_noise import noise_from_chances, noise_from_pairs, noise_from_predictions

PAIR = np.array([[0.7, 0.3, 0.0], [0.0, 0.9, 0.1], [0.2, 0.0, 0.8]])


def _given(true, matrix, rng):
    return np.array([rng.choice(len(matrix), p=matrix[c]) for c in true])


def test_without_a_prior_the_rows_are_the_means_of_the_predictions():
    oof = np.array([[0.8, 0.2], [0.6, 0.4], [0.1, 0.9]])
    found = noise_from_predictions(oof, [0, 0, 1], smoothing=0)
    assert np.allclose(found.matrix, [[0.7, 0.3], [0.1, 0.9]])
    assert found.counts.tolist() == [2, 1]
    assert np.allclose(found.spread[0], 0.1 / np.sqrt(2))  # the deviation of two rows, by the root of two
    assert found.rate() == pytest.approx((0.3 + 0.3 + 0.1) / 3)
    assert found.rate([1, 3]) == pytest.approx((0.3 + 3 * 0.1) / 4)


def test_a_prior_row_holds_a_class_near_the_noise_of_all():
    oof = np.array([[0.6, 0.4, 0.0], [0.6, 0.4, 0.0], [0.0, 0.8, 0.2]])
    found = noise_from_predictions(oof, [0, 0, 1])
    on_own = (0.6 + 0.6 + 0.8 + 1) / 4
    rest = (1 - on_own) / 2
    assert np.allclose(found.matrix[0], np.add([1.2, 0.8, 0.0], [on_own, rest, rest]) / 3)
    assert np.allclose(found.matrix[2], [rest, rest, on_own])  # no trusted row of it
    assert np.allclose(found.matrix.sum(axis=1), 1)
    assert found.spread[2, 2] > found.spread[1, 1] > 0


def test_many_trusted_rows_outweigh_the_prior():
    rng = np.random.default_rng(0)
    true = rng.integers(3, size=6000)
    found = noise_from_pairs(_given(true, PAIR, rng), true, 3)
    assert np.allclose(found.matrix, PAIR, atol=0.03)
    assert np.allclose(found.class_rates, 1 - np.diag(PAIR), atol=0.03)


def test_the_spread_is_what_other_draws_give():
    rng = np.random.default_rng(1)
    draws = []
    for _ in range(300):
        true = np.repeat([0, 1, 2], 40)
        draws.append(noise_from_pairs(_given(true, PAIR, rng), true, 3, smoothing=0))
    seen = np.std([one.matrix for one in draws], axis=0)
    said = np.mean([one.spread for one in draws], axis=0)
    assert np.allclose(said, seen, atol=0.01)


def test_right_labels_that_models_learnt_from_are_taken_out():
    share = 0.25
    mixed = share * np.eye(3) + (1 - share) * PAIR  # what models see where a quarter of the rows is right
    found = noise_from_predictions(mixed, [0, 1, 2], trusted_share=share, smoothing=0)
    assert np.allclose(found.matrix, PAIR)


def test_where_trusted_rows_explain_all_no_noise_is_left():
    found = noise_from_predictions([[0.4, 0.6], [0.0, 1.0]], [0, 1], trusted_share=0.5, smoothing=0)
    assert np.allclose(found.matrix.sum(axis=1), 1)
    assert found.matrix.min() >= 0


def test_a_row_whose_class_no_model_knew_is_left_out():
    oof = np.array([[0.8, 0.2, np.nan], [np.nan, 0.5, 0.5]])
    found = noise_from_predictions(oof, [0, 0])
    assert found.counts.tolist() == [1, 0, 0]
    with pytest.raises(InputError, match="no trusted row can be used"):
        noise_from_predictions(oof[1:], [0])


@pytest.mark.parametrize("rate", [0.0, 0.2, 0.4])
def test_labels_are_compared_with_the_chances_of_classes(rate):
    rng = np.random.default_rng(2)
    matrix = (1 - rate) * np.eye(3) + rate * np.roll(np.eye(3), 1, axis=1)
    chances = rng.dirichlet([0.3, 0.3, 0.3], size=5000)  # of which many are unsure, and all are right
    true = np.array([rng.choice(3, p=row) for row in chances])
    given = _given(true, matrix, rng)
    found = noise_from_chances(chances, given)
    assert np.allclose(found.matrix, matrix, atol=0.04)
    assert found.rate() == pytest.approx(rate, abs=0.02)
    assert np.allclose(found.counts.sum(), 5000)


def test_chances_that_are_sure_make_it_a_count():
    given, true = np.array([0, 0, 1, 1, 1]), np.array([0, 0, 0, 1, 1])
    found = noise_from_chances(np.eye(2)[true], given, smoothing=0)
    assert np.allclose(found.matrix, noise_from_pairs(given, true, 2, smoothing=0).matrix)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: noise_from_predictions([[1.0, 0.0]], [0], smoothing=0), "class 1 has no trusted row"),
        (lambda: noise_from_predictions([[1.0, 0.0]], [0], smoothing=-1), "smoothing=-1"),
        (lambda: noise_from_predictions([[1.0, 0.0]], [0], trusted_share=1.0), r"trusted_share=1\.0"),
        (lambda: noise_from_predictions([[1.0, 0.0]], [2]), "codes"),
        (lambda: noise_from_predictions([[1.0, 0.0]], [0, 1]), "2 rows where 1"),
        (lambda: noise_from_pairs([0, 3], [0, 1], 2), "codes"),
        (lambda: noise_from_pairs([0, 1], [0, 1], 2).rate([0, 0]), "class_shares is .*one of them above 0"),
        (lambda: noise_from_pairs([0, 1], [0, 1], 2).rate([1]), "for each of the 2 classes"),
        (lambda: noise_from_chances(np.empty((0, 2)), np.empty(0, dtype=int)), "no rows"),
    ],
    ids=["empty class", "smoothing", "share", "code", "length", "pair", "no shares", "too few shares", "no rows"],
)
def test_what_cannot_be_estimated_from_is_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()
