"""Temperature scaling: which rows fit it, what it is, what it leaves alone."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.datasets import load_digits
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.naive_bayes import GaussianNB
from sklearn.utils.estimator_checks import parametrize_with_checks

from simple_learners import Centroids, Memoriser, blobs
from softlabel import InputError, StochasticLabelRefinery
from softlabel.methods.fit_count import fits_counted
from softlabel.methods.guard import set_apart
from softlabel.methods.plain import Plain
from softlabel.methods.temperature_scaling import TemperatureScaling
from softlabel.metrics.calibration import ece
from softlabel.metrics.multilabel import entry_nll
from softlabel.metrics.scores import nll
from softlabel.metrics.temperature import bounded, fit_temperature
from softlabel.seeds import Seeds
from softlabel.targets.entries import sharpen_entries

X, Y = blobs(n_per_class=40, spread=3.0)


class Recording(Centroids):
    """Centroids that remember how many rows they were fitted to, and with which weights."""

    fits = []

    def fit(self, X, targets, sample_weight=None):
        Recording.fits.append((len(X), sample_weight))
        return super().fit(X, targets, sample_weight)


def test_the_temperature_fits_rows_that_the_first_model_did_not_see():
    fitted = TemperatureScaling(Centroids(), random_state=5).fit(X, Y)
    apart = set_apart(0.2, Y, None, Seeds(5), "calibrate")
    assert_array_equal(fitted.set_apart_, apart)
    assert apart.sum() == 24
    answers = Centroids().fit(X[~apart], np.eye(3)[Y[~apart]]).predict_targets(X[apart]).astype(np.float32)
    assert fitted.temperature_ == pytest.approx(fit_temperature(answers, Y[apart]), rel=1e-9)
    (entry,) = fitted.history_
    assert entry["temperature"] == fitted.temperature_
    assert entry["n_set_apart"] == 24
    assert entry["set_apart_nll"] == pytest.approx(nll(Y[apart], answers), rel=1e-6)
    assert entry["scaled_nll"] < entry["set_apart_nll"]


def test_two_fits_the_last_on_all_rows():
    Recording.fits = []
    with fits_counted() as count:
        TemperatureScaling(Recording(), share=0.25, random_state=0).fit(X, Y, sample_weight=np.full(len(Y), 2.0))
    assert count.n_fits == 2
    assert [n for n, _ in Recording.fits] == [90, 120]
    assert all((weight == 2).all() for _, weight in Recording.fits)


@pytest.mark.parametrize(
    "estimator", [None, RandomForestClassifier(20), GaussianNB()], ids=["default", "forest", "bayes"]
)
def test_labels_are_the_plain_methods_and_the_model_is_its_own(estimator):
    images, digits = load_digits(return_X_y=True)
    images, digits = images[::3] / 16, digits[::3]
    scaled = TemperatureScaling(estimator, random_state=1).fit(images, digits)
    plain = Plain(estimator, random_state=1).fit(images, digits)
    own = plain.predict_proba(images)
    assert scaled.estimator_.predict_targets(images).tobytes() == own.tobytes()
    assert_array_equal(scaled.predict(images), plain.predict(images))
    floor = np.maximum(own, np.finfo(float).eps)
    powers = floor ** (1 / scaled.temperature_)
    assert_allclose(scaled.predict_proba(images), powers / powers.sum(axis=1, keepdims=True), atol=1e-5)
    assert scaled.predict_proba(images).dtype == np.float64


def test_a_model_that_is_too_sure_becomes_honest():
    images, digits = load_digits(return_X_y=True)
    half = np.arange(len(digits)) % 2 == 0
    model = GaussianNB(var_smoothing=1e-3)
    scaled = TemperatureScaling(model, random_state=0).fit(images[half], digits[half])
    plain = Plain(model, random_state=0).fit(images[half], digits[half])
    before, after = plain.predict_proba(images[~half]), scaled.predict_proba(images[~half])
    assert scaled.temperature_ > 2
    assert nll(digits[~half], after) < 0.7 * nll(digits[~half], before)
    assert ece(digits[~half], after) < 0.7 * ece(digits[~half], before)


def test_groups_are_set_apart_whole():
    groups = np.arange(len(Y)) // 5
    apart = TemperatureScaling(Centroids(), random_state=0).fit(X, Y, groups=groups).set_apart_
    assert 0 < apart.sum() < len(Y)
    assert not np.intersect1d(groups[apart], groups[~apart]).size


def test_rows_without_weight_decide_nothing():
    weight = np.ones(len(Y))
    apart = TemperatureScaling(Centroids(), random_state=0).fit(X, Y).set_apart_
    ignored = np.flatnonzero(apart)[::2]
    weight[ignored] = 0.0
    wrong = Y.copy()
    wrong[ignored] = 0
    weighted = TemperatureScaling(Centroids(), random_state=0)
    # with other labels other rows would be drawn: the same ones are compared
    first = weighted.fit(X, Y, sample_weight=weight).temperature_
    rest = np.setdiff1d(np.flatnonzero(apart), ignored)
    answers = Centroids().fit(X[~apart], np.eye(3)[Y[~apart]]).predict_targets(X[rest]).astype(np.float32)
    assert first == pytest.approx(fit_temperature(answers, Y[rest]), rel=1e-9)


def test_a_temperature_at_its_bound_is_told_of():
    easy_X, easy_Y = blobs(n_per_class=20, spread=0.3)
    with pytest.warns(UserWarning, match=r"the temperature is 0.05, the least that is tried: the 12 rows set apart"):
        fitted = TemperatureScaling(Centroids(), random_state=0).fit(easy_X, easy_Y)
    assert fitted.temperature_ == 0.05


def test_who_knows_nothing_of_new_rows_has_no_temperature():
    fitted = TemperatureScaling(Memoriser(), random_state=0).fit(X, Y)  # it answers 1/3 to them
    assert fitted.temperature_ == 1.0
    assert fitted.history_[0]["scaled_nll"] == pytest.approx(np.log(3))


@pytest.mark.filterwarnings("ignore:.*rows have no label")
def test_entries_have_one_temperature_for_all():
    random = np.random.default_rng(0)
    points = random.normal(size=(300, 4))
    y = (points @ random.normal(size=(4, 3)) + random.normal(size=(300, 3)) > 0).astype(int)
    fitted = TemperatureScaling(GaussianNB(), random_state=0).fit(points, y)
    plain = Plain(GaussianNB(), random_state=0).fit(points, y)
    own = plain.predict_proba(points)
    odds = (own / (1 - own)) ** (1 / fitted.temperature_)
    assert_allclose(fitted.predict_proba(points), odds / (1 + odds), atol=1e-5)
    assert_array_equal(fitted.predict(points), plain.predict(points))
    assert fitted.history_[0]["scaled_nll"] <= fitted.history_[0]["set_apart_nll"]


@pytest.mark.filterwarnings("ignore:.*rows have no label")
def test_an_entry_that_the_first_model_could_not_know_decides_nothing():
    y = np.c_[Y == 0, Y > 0, np.zeros(len(Y))].astype(int)
    y[0, 2] = 1  # one row has the third label: where it is set apart, the others never have it
    seeds = (seed for seed in range(50) if set_apart(0.2, y, None, Seeds(seed), "calibrate")[0])
    seed = next(seeds)
    fitted = TemperatureScaling(Ridge(), random_state=seed).fit(X, y)
    two = fitted.set_apart_
    first = Plain(Ridge(), task="multilabel").fit(X[~two], y[~two, :2])
    answers = first.predict_proba(X[two]).astype(np.float32)
    assert fitted.temperature_ == pytest.approx(fit_temperature(answers, y[two, :2]), rel=1e-4)
    assert fitted.history_[0]["set_apart_nll"] == pytest.approx(entry_nll(y[two, :2], answers), rel=1e-4)
    scaled = sharpen_entries(bounded(answers, "independent"), fitted.temperature_)
    assert fitted.history_[0]["scaled_nll"] == pytest.approx(entry_nll(y[two, :2], scaled), rel=1e-3)


def test_a_class_that_the_first_model_never_saw_decides_nothing():
    rare_Y = Y.copy()
    rare_Y[0] = 3
    seeds = (seed for seed in range(50) if set_apart(0.2, rare_Y, None, Seeds(seed), "calibrate")[0])
    fitted = TemperatureScaling(Centroids(), random_state=next(seeds)).fit(X, rare_Y)
    rest = fitted.set_apart_ & (rare_Y != 3)
    train = ~fitted.set_apart_
    answers = Centroids().fit(X[train], np.eye(4)[rare_Y[train]]).predict_targets(X[rest]).astype(np.float32)
    assert fitted.temperature_ == pytest.approx(fit_temperature(answers, rare_Y[rest]), rel=1e-6)


def test_grades_as_numbers_are_refused_and_as_distributions_are_scaled():
    with pytest.raises(InputError, match="TemperatureScaling does not work on grades as numbers: a number is no prob"):
        TemperatureScaling(Ridge(), task="ordinal").fit(X, Y)
    assert TemperatureScaling(Centroids(), task="ordinal", random_state=0).fit(X, Y).temperature_ > 0


@pytest.mark.parametrize("share", [0, 1, 1.5, -0.2, "0.2", None, True, np.nan])
def test_bad_shares_are_refused(share):
    with pytest.raises(InputError, match=r"share=.*between 0 and 1"):
        TemperatureScaling(Centroids(), share=share).fit(X, Y)


def test_too_few_rows_are_refused():
    with pytest.raises(InputError, match="sets 0 of 4 rows apart"):
        TemperatureScaling(Centroids(), share=0.01, random_state=1).fit(X[:4], [0, 1, 0, 1])
    weight = (~TemperatureScaling(Centroids(), random_state=0).fit(X, Y).set_apart_).astype(float)
    with pytest.raises(InputError, match="all rows set apart have sample_weight 0"):
        TemperatureScaling(Centroids(), random_state=0).fit(X, Y, sample_weight=weight)


def test_its_draws_are_no_refinerys():
    fitted = TemperatureScaling(Centroids(), random_state=0).fit(X, Y)
    guarded = StochasticLabelRefinery(Centroids(), n_rounds=1, guard=0.2, random_state=0).fit(X, Y)
    guard = (guarded.label_distributions_ == np.eye(3)[Y]).all(axis=1)
    assert (fitted.set_apart_ != guard).any()


POSITIONS = "rows are set apart by their positions, so that a row given twice is drawn twice"


@pytest.mark.filterwarnings("ignore:the temperature is")
@parametrize_with_checks(
    [TemperatureScaling(LogisticRegression())],
    expected_failed_checks=lambda estimator: {
        "check_sample_weight_equivalence_on_dense_data": POSITIONS,
        "check_sample_weight_equivalence_on_sparse_data": POSITIONS,
    },
)
def test_scikit_learns_own_checks(estimator, check):
    check(estimator)
