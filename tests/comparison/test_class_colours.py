"""Colours mix as light does."""

from __future__ import annotations

import numpy as np
import pytest

from softlabel.comparison.class_colours import COLOURS, faded, mixed
from softlabel.errors import InputError


def _luminance(colours):
    """Return the relative luminance of sRGB colours (WCAG 2, by another path than the code's)."""
    light = np.where(colours <= 0.04045, colours / 12.92, np.power((colours + 0.055) / 1.055, 2.4))
    return light @ [0.2126, 0.7152, 0.0722]


def test_one_class_alone_has_its_own_colour():
    np.testing.assert_allclose(mixed(np.eye(3)), COLOURS, atol=1e-12)


def test_a_mixture_is_as_bright_as_its_parts_on_average():
    shares = np.array([[0.5, 0.5, 0.0], [0.2, 0.3, 0.5], [1 / 3, 1 / 3, 1 / 3]])
    np.testing.assert_allclose(_luminance(mixed(shares)), shares @ _luminance(COLOURS), atol=1e-12)


def test_known_values_of_the_curve():
    # Linear light 0.5 is 0.7354 in sRGB; half of two colours mixes each channel so.
    two = mixed([[0.5, 0.5, 0.0]])[0]
    red = ((0.93333 + 0.055) / 1.055) ** 2.4 / 2  # 0 and 0xEE
    assert two[0] == pytest.approx(1.055 * red ** (1 / 2.4) - 0.055, abs=1e-4)


def test_every_mixture_is_a_colour():
    rows = np.random.default_rng(0).dirichlet(np.ones(3), size=500)
    for colours in (mixed(rows), faded(rows)):
        assert colours.shape == (500, 3)
        assert colours.min() >= 0
        assert colours.max() <= 1


def test_faded_is_white_where_nothing_is_known_and_full_where_all_is():
    np.testing.assert_allclose(faded(np.full((1, 3), 1 / 3)), [[1, 1, 1]], atol=1e-9)
    np.testing.assert_allclose(faded(np.eye(3)), COLOURS)
    np.testing.assert_allclose(faded([[0.1, 2 / 3, 0.7 / 3]]), [(1 + COLOURS[1]) / 2], atol=1e-9)


def test_the_three_differ_in_grey_and_without_red_or_green():
    # Viénot, Brettel and Mollon's deuteranope: linear light through one matrix.
    light = np.where(COLOURS <= 0.04045, COLOURS / 12.92, ((COLOURS + 0.055) / 1.055) ** 2.4)
    deuteranope = np.array([[0.29275, 0.70725, 0.0], [0.29275, 0.70725, 0.0], [-0.02234, 0.02234, 1.0]])
    protanope = np.array([[0.11238, 0.88762, 0.0], [0.11238, 0.88762, 0.0], [0.00401, -0.00401, 1.0]])
    for matrix in (np.eye(3), deuteranope, protanope):
        seen = np.clip(light @ matrix.T, 0, 1) ** (1 / 2.2)
        gaps = [np.linalg.norm(seen[a] - seen[b]) for a, b in ((0, 1), (0, 2), (1, 2))]
        assert min(gaps) > 0.25


def test_other_numbers_of_classes_are_refused():
    with pytest.raises(InputError, match=r"give \(n, 3\)"):
        mixed([[0.5, 0.5]])
    with pytest.raises(InputError, match=r"give \(n, 3\)"):
        mixed([0.2, 0.3, 0.5])
