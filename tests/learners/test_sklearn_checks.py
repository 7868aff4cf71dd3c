"""scikit-learn's own checks of an estimator, on ours."""

from __future__ import annotations

from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.utils.estimator_checks import parametrize_with_checks

from softlabel.learners.soft_target import SoftTargetClassifier
from softlabel.learners.softmax_regression import SoftmaxRegression


def _expected_failures(estimator):
    if not isinstance(getattr(estimator, "estimator", None), RandomForestClassifier):
        return {}
    # The same checks are expected to fail for scikit-learn's forest itself.
    reason = "a forest draws its bootstrap by row number: a row of weight 2 is drawn otherwise than the row given twice"
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
    ],
    expected_failed_checks=_expected_failures,
)
def test_check(estimator, check):
    check(estimator)
