from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from softlabel.errors import InputError
from softlabel.targets.trusted_chances import trusted_chances
from softlabel.targets.trusted_noise import noise_from_chances


def _rows(n, k, sureness, seed=0):
    """Return true classes and the right chances of a model that is sometimes mistaken."""
    rng = np.random.default_rng(seed)
    scores = rng.normal(size=(n, k)) * 2.5
    chances = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    true = np.array([rng.choice(k, p=row) for row in chances])
    flat = chances**sureness
    return true, chances, flat / flat.sum(axis=1, keepdims=True)


def _trust(n, each):
    return np.arange(n) % each == 0


def test_rows_are_distributions_and_nothing_is_changed():
    true, _, p = _rows(200, 4, 0.3)
    before = p.copy()
    found = trusted_chances(p, _trust(200, 5), true)
    assert found.shape == (200, 4)
    assert np.allclose(found.sum(axis=1), 1)
    assert np.array_equal(p, before)
    assert found.min() > 0


@pytest.mark.parametrize("sureness", [0.1, 0.4, 3.0])
def test_predictions_too_flat_or_too_sure_are_read_as_they_are_meant(sureness):
    true, chances, p = _rows(3000, 3, sureness)
    found = trusted_chances(p, _trust(3000, 10), true)
    assert np.abs(found - chances).mean() < 0.06
    loss, flat, best = (-np.log(q[np.arange(3000), true]).mean() for q in (found, p, chances))
    assert loss < flat - 0.03
    assert loss < best + 0.03


def test_it_is_no_worse_than_temperature_scaling():
    true, _, p = _rows(2000, 3, 0.3, seed=3)
    trusted = _trust(2000, 8)

    def loss(log_t, rows):
        scaled = p ** np.exp(log_t)
        return -np.log((scaled / scaled.sum(axis=1, keepdims=True))[np.arange(len(p)), true][rows]).mean()

    best = minimize_scalar(lambda one: loss(one, trusted), bounds=(-4, 4), method="bounded").x
    found = trusted_chances(p, trusted, true)
    assert -np.log(found[np.arange(2000), true][~trusted]).mean() < loss(best, ~trusted) + 0.01


def test_classes_whose_labels_name_the_next_are_found_behind_them():
    rng = np.random.default_rng(4)
    k, n, rate = 5, 2000, 0.45
    true = rng.integers(k, size=n)
    matrix = (1 - rate) * np.eye(k) + rate * np.roll(np.eye(k), 1, axis=1)
    p = np.array([rng.dirichlet(12 * matrix[c] + 0.2) for c in true])  # a model of the labels, that wavers
    trusted = np.arange(n) < 60
    by_largest = (p.argmax(axis=1) == true)[60:].mean()
    found = trusted_chances(p, trusted, true)[60:]
    assert by_largest < 0.7
    assert (found.argmax(axis=1) == true[60:]).mean() > 0.93
    given = np.array([rng.choice(k, p=matrix[c]) for c in true])[60:]
    assert noise_from_chances(found, given).rate() == pytest.approx(rate, abs=0.05)


def test_right_labels_and_a_weak_model_are_no_noise():
    true, _, p = _rows(3000, 4, 0.25, seed=5)
    trusted = np.arange(3000) < 60
    assert (p.argmax(axis=1) == true).mean() < 0.9
    found = trusted_chances(p, trusted, true)
    assert noise_from_chances(found[60:], true[60:]).rate() < 0.05


def test_permuting_classes_permutes_columns():
    true, _, p = _rows(400, 4, 0.5, seed=6)
    order = np.array([2, 0, 3, 1])
    found = trusted_chances(p, _trust(400, 4), true)
    again = trusted_chances(p[:, order], _trust(400, 4), np.argsort(order)[true])
    assert np.allclose(again, found[:, order], atol=1e-6)


def test_labels_of_other_rows_are_not_looked_at():
    true, _, p = _rows(300, 3, 0.5)
    trusted = _trust(300, 3)
    others = np.where(trusted, true, 0)
    assert np.array_equal(trusted_chances(p, trusted, true), trusted_chances(p, trusted, others))


def test_a_class_that_no_model_knew_has_hardly_a_chance():
    true, _, p = _rows(300, 3, 1.0)
    p[:, 2] = np.nan
    trusted = _trust(300, 3) & (true < 2)
    found = trusted_chances(p, trusted, true)
    assert np.isfinite(found).all()
    assert found[:, 2].mean() < 0.1


def test_a_mask_of_some_rows_is_asked_for():
    true, _, p = _rows(10, 3, 1.0)
    for trusted in (np.zeros(10, dtype=bool), np.ones(9, dtype=bool), np.ones(10)):
        with pytest.raises(InputError, match="10 booleans, at least one of them True"):
            trusted_chances(p, trusted, true)
