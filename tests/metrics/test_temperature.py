"""Temperatures against known answers, scikit-learn and a search."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.optimize import minimize_scalar
from scipy.special import expit, logit, softmax
from sklearn.calibration import CalibratedClassifierCV
from sklearn.datasets import make_classification
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression

from softlabel.errors import InputError
from softlabel.metrics.multilabel import entry_nll
from softlabel.metrics.scores import nll
from softlabel.metrics.temperature import (
    BOUNDS,
    SMALLEST_CHANCE,
    SMALLEST_MASS,
    bounded,
    fit_temperature,
    fit_temperature_to_noise,
)
from softlabel.targets.entries import sharpen_entries
from softlabel.targets.update import sharpen

steady = settings(deadline=None, derandomize=True, max_examples=40)


def drawn(n=400, k=4, seed=0, sure=1.0):
    """Logits, and labels drawn from their softmax: at ``sure`` 1 the right temperature is about 1."""
    random = np.random.default_rng(seed)
    logits = 1.5 * random.normal(size=(n, k))
    codes = np.array([random.choice(k, p=row) for row in softmax(logits, axis=1)])
    return sure * logits, codes


def test_three_in_four_right_should_say_three_quarters():
    # p = .9 is odds of 9; of 3 right and 1 wrong the best odds are 3, the square root: T = 2
    assert fit_temperature([[0.9, 0.1]] * 4, [0, 0, 0, 1]) == pytest.approx(2.0, rel=1e-9)
    # and .75 where nine of ten are right should be .9: T = 1/2
    assert fit_temperature([[0.75, 0.25]] * 10, [0] * 9 + [1]) == pytest.approx(0.5, rel=1e-9)


@pytest.mark.parametrize("sure", [0.2, 0.5, 1.0, 3.0])
def test_logits_times_a_factor_have_the_temperature_times_that_factor(sure):
    logits, codes = drawn()
    base = fit_temperature(softmax(logits, axis=1), codes)
    assert base == pytest.approx(1.0, abs=0.15)  # labels were drawn from these very probabilities
    assert fit_temperature(softmax(sure * logits, axis=1), codes) == pytest.approx(sure * base, rel=1e-9)


def test_scikit_learns_temperature_is_found():
    X, y = make_classification(600, 20, n_informative=8, n_classes=3, flip_y=0.2, random_state=0)
    model = LogisticRegression(max_iter=2000, C=100).fit(X[:300], y[:300])
    peer = CalibratedClassifierCV(FrozenEstimator(model), method="temperature").fit(X[300:], y[300:])
    theirs = 1.0 / peer.calibrated_classifiers_[0].calibrators[0].beta_
    ours = fit_temperature(model.predict_proba(X[300:]), y[300:])
    assert ours == pytest.approx(theirs, rel=1e-5)
    assert_allclose(sharpen(model.predict_proba(X), ours), peer.predict_proba(X), atol=1e-5)


@st.composite
def answers(draw):
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n, k = draw(st.integers(3, 40)), draw(st.integers(2, 5))
    logits = draw(st.sampled_from([0.3, 1.0, 4.0])) * random.normal(size=(n, k))
    weights = random.integers(0, 4, size=n) + (np.arange(n) == 0)
    return softmax(logits, axis=1), random.integers(0, k, size=n), weights


@steady
@given(answers())
def test_no_temperature_within_the_bounds_is_better(case):
    p, codes, weights = case
    fitted = fit_temperature(p, codes, weights)
    assert BOUNDS[0] <= fitted <= BOUNDS[1]

    def loss(log_temperature):
        own = np.log(softmax(np.log(p) / np.exp(log_temperature), axis=1)[np.arange(len(codes)), codes])
        return -weights @ own

    found = minimize_scalar(loss, bounds=np.log(BOUNDS), method="bounded", options={"xatol": 1e-9})
    assert loss(np.log(fitted)) <= found.fun + 1e-9 * max(1.0, abs(found.fun))


@steady
@given(answers())
def test_laws(case):
    p, codes, weights = case
    fitted = fit_temperature(p, codes, weights)
    assert fit_temperature(np.repeat(p, weights, axis=0), np.repeat(codes, weights)) == pytest.approx(fitted, rel=1e-6)
    order = np.random.default_rng(0).permutation(len(p))
    assert fit_temperature(p[order], codes[order], weights[order]) == pytest.approx(fitted, rel=1e-6)
    turned = np.random.default_rng(1).permutation(p.shape[1])  # column j is now where column turned[j] was
    assert fit_temperature(p[:, turned], np.argsort(turned)[codes], weights) == pytest.approx(fitted, rel=1e-6)
    # what was scaled once needs no more scaling
    if BOUNDS[0] < fitted < BOUNDS[1]:
        assert fit_temperature(softmax(np.log(p) / fitted, axis=1), codes, weights) == pytest.approx(1.0, rel=1e-5)


def test_the_bounds_are_reached_and_may_be_others():
    right = [[0.8, 0.2], [0.3, 0.7]]
    assert fit_temperature(right, [0, 1]) == BOUNDS[0]  # surer would be better without end
    assert fit_temperature(right, [1, 0]) == BOUNDS[1]  # worse than chance: flatter would be
    assert fit_temperature(right, [0, 1], bounds=(0.5, 2.0)) == 0.5
    assert fit_temperature(right, [1, 0], bounds=(0.5, 2.0)) == 2.0


@pytest.mark.parametrize("p", [np.full((5, 3), 1 / 3), np.full((5, 2), 0.5)], ids=["three", "two"])
def test_where_no_temperature_matters_it_is_one(p):
    assert fit_temperature(p, np.arange(5) % p.shape[1]) == 1.0


def test_impossible_classes_count_as_nearly_so():
    p, codes = np.array([[1.0, 0.0]] * 9 + [[0.0, 1.0]]), np.array([0] * 8 + [1, 1])
    fitted = fit_temperature(p, codes)
    # nine of ten right: the odds 1/eps become 9
    assert fitted == pytest.approx(np.log(1 / SMALLEST_MASS) / np.log(9), rel=1e-6)
    scaled = sharpen(bounded(p), fitted)
    assert_allclose(scaled.max(axis=1), 0.9, rtol=1e-5)
    assert nll(codes, scaled) < nll(codes, p)


def test_entries_are_questions_of_two_classes():
    random = np.random.default_rng(0)
    logits = random.normal(size=(200, 3))
    codes = (random.random((200, 3)) < expit(logits)).astype(int)
    chances = expit(3.0 * logits)
    fitted = fit_temperature(chances, codes)
    two = np.column_stack([1 - chances.ravel(), chances.ravel()])
    assert fitted == pytest.approx(fit_temperature(two, codes.ravel()), rel=1e-6)
    assert fitted == pytest.approx(3.0 * fit_temperature(expit(logits), codes), rel=1e-6)
    assert entry_nll(codes, sharpen_entries(chances, fitted)) < entry_nll(codes, chances)
    weights = random.integers(0, 3, size=200)
    again = fit_temperature(np.repeat(chances, weights, axis=0), np.repeat(codes, weights, axis=0))
    assert fit_temperature(chances, codes, weights) == pytest.approx(again, rel=1e-9)


def test_entries_that_no_model_knows_are_left_out():
    chances, codes = np.array([[0.9, np.nan]] * 4), np.array([[1, 0], [1, 1], [1, 0], [0, 0]])
    assert fit_temperature(chances, codes) == pytest.approx(2.0, rel=1e-9)
    with pytest.raises(InputError, match="NaN in every entry"):
        fit_temperature([[np.nan]], [[1]])


def test_entries_of_zero_and_one_are_bounded_for_float32():
    kept = bounded(np.array([[0.0, 1.0, 0.5]]), "independent")
    assert_array_equal(kept, [[SMALLEST_CHANCE, 1 - SMALLEST_CHANCE, 0.5]])
    assert (kept.astype(np.float32) < 1).all()
    assert np.isfinite(logit(kept.astype(np.float32))).all()
    assert bounded([[1.0, 0.0]])[0, 1] == SMALLEST_MASS


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([[0.5, 0.5]], [0, 1]), "codes"),
        (([[0.5, np.nan]], [0]), "not finite"),
        (([[0.5, 0.5]], [2]), "codes"),
        (([[0.5, 0.5]], [0], [0.0]), "no row to score"),
        (([[0.5, 1.5]], [[0, 1]]), "not from 0 to 1"),
        (([[0.5, 0.5]], [[0, 2]]), "give 1 where"),
    ],
)
def test_what_cannot_be_fitted_is_refused(arguments, message):
    with pytest.raises(InputError, match=message):
        fit_temperature(*arguments)


@pytest.mark.parametrize(
    "bounds", [(1.1, 2.0), (0.5, 0.9), (1.0, 1.0), (0.0, 2.0), (2.0, 0.5), (0.5, np.inf), "ab", 3, (1, 2, 3)]
)
def test_bounds_without_one_between_them_are_refused(bounds):
    with pytest.raises(InputError, match=r"bounds=.*with 1 between them"):
        fit_temperature([[0.5, 0.5]], [0], bounds=bounds)


def test_nothing_is_warned_of():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fit_temperature(np.eye(3), [0, 1, 1])
        fit_temperature(np.eye(3), np.eye(3, dtype=int)[[0, 1, 1]])


def _noisy(n=4000, rate=0.3, k=3, seed=0):
    """Return honest chances (n, k), labels drawn from them, and labels of which a share is drawn evenly from the other classes."""
    rng = np.random.default_rng(seed)
    p = rng.dirichlet(np.full(k, 0.5), size=n)
    true = (rng.random((n, 1)) > p.cumsum(axis=1)).sum(axis=1)
    given = np.where(rng.random(n) < rate, (true + rng.integers(1, k, size=n)) % k, true)
    return p, true, given


def _matrix(rate, k=3):
    return np.full((k, k), rate / (k - 1)) + np.eye(k) * (1 - rate - rate / (k - 1))


@pytest.mark.parametrize("sharper", [0.5, 1.0, 3.0])
def test_with_right_labels_it_is_the_same_temperature(sharper):
    p, true, _ = _noisy()
    said = sharpen(p, 1 / sharper)
    expected = fit_temperature(said, true)
    assert expected == pytest.approx(sharper, rel=0.1)
    assert fit_temperature_to_noise(said, np.eye(3)[true]) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("sharper", [1.0, 4.0])
def test_wrong_labels_that_are_known_of_do_not_count_against_the_model(sharper):
    p, true, given = _noisy()
    said = sharpen(p, 1 / sharper)
    chances = _matrix(0.3).T[given]
    assert fit_temperature_to_noise(said, chances) == pytest.approx(sharper, rel=0.1)
    assert fit_temperature(said, given) > 1.5 * sharper  # what they come to if they are taken for right


def test_the_bounds_may_end_at_one():
    p, true, _ = _noisy()
    modest = sharpen(p, 2.0)
    assert fit_temperature_to_noise(modest, np.eye(3)[true], bounds=(1.0, 20.0)) == 1.0
    assert fit_temperature_to_noise(np.eye(2)[[0, 1]], np.eye(2)[[1, 0]], bounds=(1.0, 20.0)) == 20.0


def test_rows_without_weight_do_not_count_to_noise():
    p, true, given = _noisy()
    right = given == true
    found = fit_temperature_to_noise(p, np.eye(3)[given], right.astype(float))
    assert found == pytest.approx(fit_temperature(p[right], true[right]), rel=1e-5)


@pytest.mark.parametrize("chance", [0.2, 0.3, 1 / 3, 0.7])
def test_nothing_to_choose_by_leaves_probabilities_as_they_are(chance):
    p, _, _ = _noisy(200)
    assert fit_temperature_to_noise([[0.5, 0.5]] * 3, [[0.3, 0.7]] * 3) == 1.0
    assert fit_temperature_to_noise(p, np.full(p.shape, chance), bounds=(1.0, 20.0)) == 1.0  # rounding chooses nothing


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([[0.5, 0.5]], [[1.0, 0.0, 0.0]]), r"label_chances has shape .* give one chance for each"),
        (([[np.nan, 0.5]], [[1.0, 0.0]]), "are no chances; give finite numbers"),
        (([[0.5, 0.5]], [[np.nan, 0.0]]), "are no chances"),
        (([[0.5, 0.5]], [[-0.1, 1.0]]), "are no chances"),
        (([[0.5, 0.5]], [[1.0, 0.0]], [0.0]), "give at least one row with a weight above 0"),
    ],
)
def test_what_has_no_temperature_under_noise_is_refused(arguments, message):
    with pytest.raises(InputError, match=message):
        fit_temperature_to_noise(*arguments)
