"""The synthetic study: its densities, its grids, and a small run through to the tables."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.stats import multivariate_normal

pytest.importorskip("torch")


@pytest.fixture
def study(monkeypatch):
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2] / "benchmarks"))
    before = set(sys.modules)
    import instance_smoothing

    yield instance_smoothing
    for name in {"instance_smoothing", "stacked_networks", "cells", "intervals"} - before:
        sys.modules.pop(name, None)


def test_the_posterior_is_bayes_rule(study):
    X = np.random.default_rng(0).normal(size=(50, 2)) * 2
    angles = np.deg2rad([0, 120, 240])
    centres = 1.5 * np.c_[np.cos(angles), np.sin(angles)]
    density = np.zeros((50, 3))
    for c in range(3):
        for share, place, spread in ((0.8, centres[c], 0.5), (0.2, centres[(c + 1) % 3], study.SPREADS[1])):
            density[:, c] += share * multivariate_normal(place, spread**2).pdf(X)
    assert_allclose(study.posterior(X), density / density.sum(axis=1, keepdims=True), rtol=1e-9)


def test_rows_are_drawn_from_that_density(study):
    X, y = study.draw(20_000, np.random.default_rng(0))
    assert_array_equal(np.bincount(y), [20_000] * 3)
    truth = study.posterior(X)
    assert np.mean(truth.argmax(axis=1) == y) == pytest.approx(
        0.8198, abs=0.005
    )  # the reported accuracy of Bayes' rule
    sure = truth.max(axis=1)
    for low, high in ((0.4, 0.6), (0.6, 0.8), (0.8, 1.0)):  # calibrated, as no other density of these rows could be
        inside = (sure > low) & (sure <= high)
        assert np.mean(truth.argmax(axis=1)[inside] == y[inside]) == pytest.approx(sure[inside].mean(), abs=0.02)


def test_the_grids_are_whole(study):
    points = study.settings()
    assert {name: sum(name == method for method, _ in points) for name in study.DEFAULTS} == {
        "LS": 5,
        "ILS1": 25,
        "ILS2": 25,
        "ILS": 125,
    }
    assert all((name, point) in points for name, point in study.DEFAULTS.items())


def test_targets_of_a_setting_by_hand(study):
    said, codes = np.array([[0.6, 0.3, 0.1]]), np.array([0])
    scaled = np.array([[0.5, 0.4, 0.1]])

    def rows(method, **point):
        return study.smoothed(method, point, codes, said, scaled)[0]

    assert_allclose(rows("LS", eps=0.3), [[0.8, 0.1, 0.1]], rtol=1e-6)
    assert_allclose(rows("ILS1", shift=0.9, slope=1.0), [[0.84, 0.08, 0.08]], rtol=1e-6)
    assert_allclose(rows("ILS2", eps=0.2, temperature=1), [[0.8, 0.15, 0.05]], rtol=1e-6)
    assert_allclose(rows("ILS", shift=0.9, slope=1.0, temperature=1), [[0.84, 0.12, 0.04]], rtol=1e-6)
    assert study.smoothed("ILS1", {"shift": 0.9, "slope": 5.0}, codes, said, scaled)[1] == 1


def test_a_small_run_ends_in_tables(study):
    rows = [{"commit": "-", **study.compute(number, epochs=2, rows=20)} for number in range(2)]
    assert rows[0]["scores"] != rows[1]["scores"]
    again = study.compute(1, epochs=2, rows=20)
    assert again["scores"] == rows[1]["scores"]
    assert study.compute(1, "last", epochs=2, rows=20)["chosen"]["ILS"]["epoch"] == 2
    table = study.report(rows)
    for name in ("none", "LS", "ILS1", "ILS2", "ILS", "Bayes", "ILS, defaults"):
        assert f"\n| {name} | " in table
