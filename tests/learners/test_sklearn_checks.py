"""scikit-learn's own checks of an estimator, on ours."""

from __future__ import annotations

from sklearn.ensemble import ExtraTreesRegressor, RandomForestClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.neighbors import KNeighborsRegressor
from sklearn.utils.estimator_checks import parametrize_with_checks

from softlabel.learners.soft_target import SoftTargetClassifier
from softlabel.learners.soft_target_regressor import SoftTargetRegressor
from softlabel.learners.softmax_regression import SoftmaxRegression


def _expected_failures(estimator):
    within = getattr(estimator, "estimator", None)
    expected = {}
    if isinstance(within, RandomForestClassifier):
        # The same checks are expected to fail for scikit-learn's forest itself.
        reason = (
            "a forest draws its bootstrap by row number: a row of weight 2 is drawn otherwise than the row given twice"
        )
        expected |= _of_weights(reason)
    if isinstance(within, KNeighborsRegressor):
        expected |= _of_weights(
            "so many rows are asked, whatever they weigh: a row given twice takes two of the places"
        )
    if isinstance(estimator, SoftTargetRegressor):
        expected["check_supervised_y_2d"] = "a column is a table of target rows here, and no mistake to be warned of"
    return expected


def _of_weights(reason):
    return {
        "check_sample_weight_equivalence_on_dense_data": reason,
        "check_sample_weight_equivalence_on_sparse_data": reason,
    }


@parametrize_with_checks(
    [
        SoftTargetClassifier(),
        SoftTargetClassifier(RandomForestClassifier(n_estimators=5, random_state=0)),
        SoftTargetClassifier(LogisticRegression()),
        SoftmaxRegression(),
        SoftTargetRegressor(ExtraTreesRegressor(5, random_state=0)),
        SoftTargetRegressor(Ridge()),
        SoftTargetRegressor(KNeighborsRegressor()),
    ],
    expected_failed_checks=_expected_failures,
)
def test_check(estimator, check):
    check(estimator)
