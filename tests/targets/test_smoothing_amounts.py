"""How much is smoothed, against the formulas by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose

from softlabel.errors import InputError
from softlabel.targets.smoothing_amounts import complement_amounts, proportional_amounts, quadratic_amounts

steady = settings(deadline=None, derandomize=True)
probabilities = arrays(np.float64, st.integers(1, 20), elements=st.floats(0, 1))


def test_quadratic_by_hand():
    amounts = quadratic_amounts([0.9, 1.0, 0.5, 0.2], shift=0.9, slope=1.5, k=4)
    assert_allclose(amounts.eps, [0.0, 0.015, 0.24, 0.735])  # the bound is .75
    assert amounts.share_clamped == 0


def test_what_is_above_the_bound_is_cut_to_it_and_counted():
    amounts = quadratic_amounts([0.0, 0.1, 0.8, 0.9], shift=0.9, slope=1.0, k=2)
    assert_allclose(amounts.eps, [0.5, 0.5, 0.01, 0.0], atol=1e-12)
    assert amounts.share_clamped == 0.5


def test_the_older_forms_by_hand():
    p = [1.0, 0.75, 0.0]
    assert_allclose(proportional_amounts(p, 0.2, 3).eps, [0.2, 0.15, 0.0])
    assert_allclose(complement_amounts(p, 0.2, 3).eps, [0.0, 0.05, 0.2])
    assert_allclose(proportional_amounts(p, 1.0, 2).eps, [0.5, 0.5, 0.0])
    assert proportional_amounts(p, 1.0, 2).share_clamped == pytest.approx(2 / 3)
    assert complement_amounts(p, 1.0, 2).share_clamped == pytest.approx(1 / 3)


@steady
@given(p=probabilities, eps=st.floats(0, 0.5))
def test_the_older_forms_share_eps_between_them(p, eps):
    assert_allclose(proportional_amounts(p, eps, 2).eps + complement_amounts(p, eps, 2).eps, eps, atol=1e-12)


@steady
@given(p=probabilities, shift=st.floats(0, 1), slope=st.floats(0, 5), k=st.integers(2, 9))
def test_amounts_are_between_nothing_and_uniform(p, shift, slope, k):
    eps, share = quadratic_amounts(p, shift, slope, k)
    assert (eps >= 0).all()
    assert (eps <= (k - 1) / k).all()
    # the closed form of scalar arithmetic, row by row
    assert_allclose(eps, [min(slope * (value - shift) * (value - shift), (k - 1) / k) for value in p], atol=1e-12)
    assert share == np.mean([slope * (value - shift) ** 2 > (k - 1) / k for value in p])


@steady
@given(p=probabilities, shift=st.floats(0, 1))
def test_no_slope_smooths_nothing(p, shift):
    assert not quadratic_amounts(p, shift, 0, 3).eps.any()


def test_rounding_of_a_float32_model_is_no_mistake():
    assert quadratic_amounts(np.float32([1.0000001]), 1.0, 2.0, 3).eps[0] == 0


def test_no_rows_are_no_mistake():
    assert quadratic_amounts(np.zeros(0), 0.9, 1.0, 3).share_clamped == 0


@pytest.mark.parametrize("p", [[1.1], [-0.1], [np.nan], [[0.5]], 0.5], ids=str)
def test_what_is_no_probability_is_refused(p):
    with pytest.raises(InputError, match=r"p_y has .*; give one probability a row"):
        quadratic_amounts(p, 0.9, 1.0, 3)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"shift": 1.1}, "shift=1.1; give a number from 0 to 1"),
        ({"shift": "half"}, "shift='half'"),
        ({"slope": -1}, "slope=-1; give a number of 0 or more"),
        ({"slope": np.inf}, "slope=inf"),
        ({"slope": True}, "slope=True"),
        ({"slope": np.nan}, "slope=nan"),
        ({"k": 1}, "no other to smooth to"),
    ],
    ids=str,
)
def test_bad_options_are_refused(options, message):
    with pytest.raises(InputError, match=message):
        quadratic_amounts([0.5], **({"shift": 0.9, "slope": 1.0, "k": 3} | options))


@pytest.mark.parametrize("form", [proportional_amounts, complement_amounts])
def test_bad_eps_is_refused(form):
    with pytest.raises(InputError, match=r"eps=2; give a number from 0 to 1"):
        form([0.5], 2, 3)
