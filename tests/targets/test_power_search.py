"""Powers by likelihood: the best of a grid, and a slope that is that of the likelihood."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from softlabel.targets import power_search
from softlabel.targets.class_chances import features_of, mixed
from softlabel.targets.power_search import powers_of, search_powers

T = np.array([[0.7, 0.3], [0.1, 0.9]])


def _case(n=400, seed=0):
    """Return features and chances of given labels that were drawn at the powers (2, 0.5)."""
    rng = np.random.default_rng(seed)
    q = rng.dirichlet([0.6, 0.6], size=n)
    features = features_of(q, T)
    p = mixed(features, (2.0, 0.5)) @ T  # (n, 2) of given labels
    given = (rng.random(n) > p[:, 0]).astype(int)
    return features, T[:, given].T


FEATURES, CHANCES = _case()


def _loss(x):
    """Return the mean negative log-likelihood, with that of shifts of standard deviation 10^-.5."""
    shifts = x[2:]
    chance = (mixed(FEATURES, powers_of(x), shifts if len(shifts) else 0.0) * CHANCES).sum(axis=1)
    return -np.log(chance).mean() + 10.0 * (shifts**2).sum() / (2 * len(chance))


def test_no_power_of_a_grid_is_likelier():
    logs, value = search_powers(FEATURES, CHANCES, np.zeros(2), steps=60)
    assert value == pytest.approx(_loss(logs))
    grid = [_loss(np.array([a, b])) for a in np.linspace(-7, 4, 45) for b in np.linspace(-7, 4, 45)]
    assert value < min(grid) + 1e-4


@pytest.mark.parametrize("start", [(0.0, -4.0), (-4.0, 0.0), (2.0, 1.0)])
def test_wherever_it_starts(start):
    _, best = search_powers(FEATURES, CHANCES, np.zeros(2), steps=60)
    assert search_powers(FEATURES, CHANCES, np.array(start), steps=60)[1] == pytest.approx(best, abs=1e-4)


@pytest.mark.parametrize("at", [[0.3, -0.7], [0.3, -0.7, 0.4, -0.2]], ids=["powers", "powers and shifts"])
def test_the_slope_is_that_of_the_likelihood(monkeypatch, at):
    found, at = [], np.array(at)
    monkeypatch.setattr(power_search, "minimize", lambda loss, logs, **_: found.append(loss) or _End(logs))
    search_powers(FEATURES, CHANCES, np.zeros(len(at)), steps=1)
    step = 1e-6
    value, slope = found[0](at)
    assert value == pytest.approx(_loss(at))
    numeric = [(_loss(at + step * unit) - _loss(at - step * unit)) / (2 * step) for unit in np.eye(len(at))]
    assert_allclose(slope, numeric, rtol=1e-4)


def test_shifts_say_how_frequent_classes_are():
    """Where predictions know nothing, a shift is the log of a class's share, but for what its prior takes."""
    n = 100_000
    given = np.repeat([0, 1, 2], [70_000, 20_000, 10_000])
    nothing = np.zeros((n, 3)), np.zeros((n, 3))
    found, _ = search_powers(nothing, np.eye(3)[given], np.zeros(5), steps=60)
    assert_allclose(found[2:] - found[2], np.log([1.0, 2 / 7, 1 / 7]), atol=0.01)


class _End:
    def __init__(self, x):
        self.x, self.fun = x, 0.0


def test_more_steps_are_no_worse_and_inputs_stay():
    before = [rows.copy() for rows in (*FEATURES, CHANCES)]
    few, many = (search_powers(FEATURES, CHANCES, np.zeros(2), steps)[1] for steps in (1, 60))
    assert many <= few
    for rows, was in zip((*FEATURES, CHANCES), before, strict=True):
        assert_array_equal(rows, was)
