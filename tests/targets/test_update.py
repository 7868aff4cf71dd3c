"""The refinement rule, against numbers by hand and its laws."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.testing import assert_allclose, assert_array_equal

from softlabel.errors import InputError
from softlabel.targets.encode import one_hot
from softlabel.targets.update import momentum_at, sharpen, update_targets

steady = settings(deadline=None, derandomize=True)


def as_rows(values: np.ndarray) -> np.ndarray:
    values = values + (values.sum(axis=-1, keepdims=True) < 1e-6)  # no row without mass
    return (values / values.sum(axis=-1, keepdims=True)).astype(np.float32)


rows_of_targets = arrays(np.float64, array_shapes(min_dims=2, max_dims=2, max_side=6), elements=st.floats(0, 1)).map(
    as_rows
)
# (2, n, m): old targets and predictions of one shape
pairs = arrays(
    np.float64, array_shapes(min_dims=2, max_dims=2, max_side=6).map(lambda s: (2, *s)), elements=st.floats(0, 1)
).map(as_rows)
momenta = st.floats(0, 1)


def test_momentum_by_hand():
    assert momentum_at(0.75, 1) == momentum_at(0.75, 9) == 0.75
    assert [momentum_at("average", r) for r in (1, 2, 3)] == [1 / 2, 2 / 3, 3 / 4]
    assert momentum_at(np.float32(0.5), 1) == 0.5
    assert momentum_at(1, 1) == 1.0


@pytest.mark.parametrize("momentum", [-0.1, 1.5, float("nan"), "mean", None, [0.5]])
def test_other_momenta_are_refused(momentum):
    with pytest.raises(InputError, match=r"momentum is .* from 0 .* to 1 .* or 'average'"):
        momentum_at(momentum, 1)


def test_rounds_are_counted_from_one():
    with pytest.raises(InputError, match="round is 0; rounds are counted from 1"):
        momentum_at("average", 0)


def test_update_by_hand():
    refined = update_targets([[1, 0, 0]], [[0.2, 0.6, 0.2]], 0.75)
    assert refined.dtype == np.float32
    assert_allclose(refined, [[0.8, 0.15, 0.05]], rtol=1e-6)


@steady
@given(pairs)
def test_momentum_one_keeps_the_targets(pair):
    targets, oof = pair
    assert update_targets(targets, oof, 1.0).tobytes() == targets.tobytes()


@steady
@given(pairs)
def test_momentum_zero_gives_the_predictions(pair):
    targets, oof = pair
    assert_array_equal(update_targets(targets, oof, 0.0), oof)


@steady
@given(pairs, momenta)
def test_rows_stay_valid_and_inputs_unchanged(pair, momentum):
    targets, oof = pair
    before = pair.copy()
    refined = update_targets(targets, oof, momentum)
    assert refined.dtype == np.float32
    assert_allclose(refined.sum(axis=1, dtype=np.float64), 1.0, atol=1e-6)
    assert (refined >= np.minimum(targets, oof)).all()
    assert (refined <= np.maximum(targets, oof)).all()
    assert_array_equal(pair, before)


@steady
@given(pairs, momenta, st.randoms(use_true_random=False))
def test_permuted_rows_and_columns_are_updated_alike(pair, momentum, random):
    targets, oof = pair
    order = random.sample(range(targets.shape[0]), targets.shape[0])
    columns = random.sample(range(targets.shape[1]), targets.shape[1])
    refined = update_targets(targets, oof, momentum)
    permuted = update_targets(targets[order][:, columns], oof[order][:, columns], momentum)
    assert_array_equal(permuted, refined[order][:, columns])


@pytest.mark.parametrize("momentum", [0.5, 0.75, 0.9])
def test_memoriser_against_its_closed_form(momentum):
    k, rounds = 4, 6
    first = one_hot(np.arange(12) % k, k)
    targets = first
    for r in range(1, rounds + 1):
        targets = update_targets(targets, np.full((12, k), 1 / k), momentum, round=r)
        assert_allclose(targets, momentum**r * first + (1 - momentum**r) / k, atol=1e-6)


def test_average_weighs_the_label_and_each_prediction_alike():
    random = np.random.default_rng(0)
    first = one_hot([0, 1, 2], 3)
    predictions = random.dirichlet(np.ones(3), size=(5, 3))  # (rounds, n, k)
    targets = first
    for r, oof in enumerate(predictions, start=1):
        targets = update_targets(targets, oof, "average", round=r)
        assert_allclose(targets, (first + predictions[:r].sum(axis=0)) / (r + 1), atol=1e-6)


def test_rows_that_no_fold_held_out_keep_their_targets():
    oof = np.array([[0.5, 0.5], [np.nan, np.nan], [0.0, 1.0]])
    refined = update_targets([[1, 0], [0.3, 0.7], [1, 0]], oof, 0.5, held_out=[True, False, True])
    assert_array_equal(refined, np.array([[0.75, 0.25], [0.3, 0.7], [0.5, 0.5]], dtype=np.float32))


def test_what_a_row_without_a_prediction_holds_is_not_looked_at():
    oof = [[np.inf, np.nan], [0.5, 0.5]]
    for momentum in (0.0, 0.5, 1.0):
        with np.errstate(all="raise"):
            assert update_targets(np.eye(2), oof, momentum, held_out=[False, True])[0].tolist() == [1, 0]


def test_a_prediction_that_is_not_finite_is_refused():
    with pytest.raises(InputError, match=r"oof: row 1 has values that are not finite \(1 of 2 rows\)"):
        update_targets(np.eye(2), [[0.5, 0.5], [np.nan, 1.0]], 0.5)


def test_other_shapes_are_refused():
    with pytest.raises(InputError, match=r"oof: has shape \(1, 2\) and the targets \(2, 2\)"):
        update_targets(np.eye(2), [[0.5, 0.5]], 0.5)
    with pytest.raises(InputError, match="two-dimensional"):
        update_targets([1.0, 0.0], [0.5, 0.5], 0.5)


@pytest.mark.parametrize("held_out", [[True], [0, 1], [True, False, True]])
def test_held_out_must_be_a_mask(held_out):
    with pytest.raises(InputError, match="one True or False for each of 2 rows"):
        update_targets(np.eye(2), np.eye(2), 0.5, held_out=held_out)


def test_one_column_is_averaged_too():
    assert_allclose(update_targets([[4.0]], [[2.0]], 0.75), [[3.5]])


def test_sharpen_by_hand():
    sharpened = sharpen([[0.5, 0.3, 0.2]], 0.5)
    assert sharpened.dtype == np.float32
    assert_allclose(sharpened, np.array([[25, 9, 4]]) / 38, rtol=1e-6)
    assert_allclose(sharpen([[0.64, 0.36]], 2.0), [[0.8 / 1.4, 0.6 / 1.4]], rtol=1e-6)


@steady
@given(rows_of_targets)
def test_temperature_one_is_the_identity(rows):
    assert sharpen(rows, 1.0).tobytes() == rows.tobytes()


@steady
@given(rows_of_targets, st.floats(0.01, 20))
def test_sharpened_rows_are_valid_keep_their_argmax_and_their_zeros(rows, temperature):
    before = rows.copy()
    sharpened = sharpen(rows, temperature)
    assert_allclose(sharpened.sum(axis=1, dtype=np.float64), 1.0, atol=1e-6)
    place = rows.argmax(axis=1)[:, None]
    assert_array_equal(np.take_along_axis(sharpened, place, axis=1)[:, 0], sharpened.max(axis=1))
    assert (sharpened[rows == 0] == 0).all()
    assert_array_equal(rows, before)


def test_small_temperatures_are_stable():
    sharpened = sharpen([[1e-30, 2e-30, 1.0], [0.334, 0.333, 0.333], [0.5, 0.5, 0.0], [1.0, 0.0, 0.0]], 0.01)
    assert np.isfinite(sharpened).all()
    assert_allclose(sharpened[0], [0, 0, 1])
    assert_allclose(sharpened[1, 0], 1 / (1 + 2 * (0.333 / 0.334) ** 100), rtol=1e-5)
    assert_allclose(sharpened[2], [0.5, 0.5, 0])
    assert_allclose(sharpened[3], [1, 0, 0])


def test_tiny_temperatures_are_the_argmax():
    assert_array_equal(sharpen([[0.4, 0.35, 0.25]], 1e-308), [[1, 0, 0]])


@steady
@given(rows_of_targets, st.floats(0.2, 5), st.floats(0.2, 5))
def test_sharpening_twice_multiplies_the_temperatures(rows, first, second):
    rows = as_rows(rows.astype(np.float64) + 0.05)  # float32 in between drops masses that are next to nothing
    assert_allclose(sharpen(sharpen(rows, first), second), sharpen(rows, first * second), atol=1e-4)


@pytest.mark.parametrize("temperature", [0, -1, float("nan"), float("inf"), "0.5"])
def test_other_temperatures_are_refused(temperature):
    with pytest.raises(InputError, match=r"temperature is .* give a number above 0"):
        sharpen([[0.5, 0.5]], temperature)


@pytest.mark.parametrize("row", [[0.0, 0.0], [np.nan, 0.5]])
def test_a_row_without_mass_is_refused(row):
    with pytest.raises(InputError, match="row 1 has no positive mass"):
        sharpen([[0.5, 0.5], row], 0.5)
