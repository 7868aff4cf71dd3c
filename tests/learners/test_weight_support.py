from __future__ import annotations

import numpy as np
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import TransformedTargetRegressor
from sklearn.ensemble import (
    BaggingClassifier,
    BaggingRegressor,
    StackingClassifier,
    StackingRegressor,
    VotingClassifier,
    VotingRegressor,
)
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.multioutput import MultiOutputRegressor
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from softlabel.errors import InputError
from softlabel.learners.pipelines import WeightedPipeline
from softlabel.learners.weight_support import fit_weighted, is_plain_pipeline, weightless_part

X, y = np.arange(8.0)[:, None], np.arange(8) % 2
TAKES, REFUSES = GaussianNB(), KNeighborsClassifier()


@pytest.mark.parametrize("wrap", [
    lambda part: part,
    lambda part: make_pipeline(StandardScaler(), part),
    lambda part: GridSearchCV(make_pipeline(part), {}),
    lambda part: CalibratedClassifierCV(part),
    lambda part: BaggingClassifier(make_pipeline(StandardScaler(), part)),
    lambda part: VotingClassifier([("other", GaussianNB()), ("part", part)]),
    lambda part: StackingClassifier([("gone", "drop"), ("other", GaussianNB())], final_estimator=part),
])  # fmt: skip
def test_every_predictor_within_must_take_weights(wrap):
    assert weightless_part(wrap(TAKES)) is None
    assert weightless_part(wrap(REFUSES)) == "KNeighborsClassifier"


@pytest.mark.parametrize("wrap", [
    lambda part: part,
    lambda part: GridSearchCV(make_pipeline(StandardScaler(), part), {}),
    lambda part: BaggingRegressor(part),
    lambda part: MultiOutputRegressor(part),
    lambda part: TransformedTargetRegressor(part),
    lambda part: VotingRegressor([("other", Ridge()), ("part", part)]),
    lambda part: StackingRegressor([("gone", "drop"), ("other", Ridge())], final_estimator=part),
])  # fmt: skip
def test_every_regressor_within_must_take_weights(wrap):
    assert weightless_part(wrap(Ridge())) is None
    assert weightless_part(wrap(KNeighborsRegressor())) == "KNeighborsRegressor"


def test_weights_reach_fit_or_are_refused():
    weights = np.arange(1.0, 9.0)
    weighted = fit_weighted(GaussianNB(), X, y, weights)
    np.testing.assert_array_equal(weighted.theta_, GaussianNB().fit(X, y, weights).theta_)
    assert fit_weighted(KNeighborsClassifier(), X, y, None).n_samples_fit_ == 8
    assert fit_weighted(KNeighborsClassifier(), X, y, np.full(8, 2.0)).n_samples_fit_ == 8
    with pytest.raises(InputError, match="KNeighborsClassifier takes no sample_weight"):
        fit_weighted(KNeighborsClassifier(), X, y, weights)


def test_pipelines_with_a_fit_of_their_own_are_not_plain():
    steps = [("scale", StandardScaler()), ("nb", GaussianNB())]
    assert is_plain_pipeline(make_pipeline(GaussianNB()))
    assert not is_plain_pipeline(WeightedPipeline(steps))
    assert not is_plain_pipeline(GaussianNB())
