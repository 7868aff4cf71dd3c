"""scikit-learn's own checks of the multi-label wrapper. Most of them fit classes 1 and 2, in a column or in a row."""

from __future__ import annotations

import numpy as np
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.utils.estimator_checks import parametrize_with_checks

from softlabel.learners.soft_target_multilabel import SoftTargetMultilabelClassifier


class OfTwoClasses(SoftTargetMultilabelClassifier):
    """Takes two classes for one label, so that the checks look at more than how 1 and 2 are refused."""

    def fit(self, X, y, sample_weight=None):
        given = np.asarray(y)
        if given.dtype.kind in "iu" and given.size == len(given):
            y = (given.reshape(-1, 1) == given.max()).astype(float)
        return super().fit(X, y, sample_weight)


REFUSED = "entries are from 0 to 1, and the check gives classes 1 and 2 (OfTwoClasses passes it)"
ONE_COLUMN = "probabilities have a column for each label, the check wants one for each class"
OF_ANY = {
    "check_classifiers_train": ONE_COLUMN,
    "check_classifiers_regression_target": "a number from 0 to 1 is a target, others are refused by their range",
    "check_classifier_not_supporting_multiclass": "a third class is refused as an entry that is not from 0 to 1",
    "check_classifiers_classes": "labels are the columns 0 to k - 1 and have no names",
    "check_estimator_sparse_array": ONE_COLUMN,
    "check_estimator_sparse_matrix": ONE_COLUMN,
}
OF_CLASSES = {
    "check_estimators_dtypes": REFUSED,
    "check_sample_weights_pandas_series": REFUSED,
    "check_sample_weights_not_an_array": REFUSED,
    "check_sample_weights_shape": REFUSED,
    "check_sample_weights_not_overwritten": REFUSED,
    "check_classifier_data_not_an_array": REFUSED,
    "check_fit2d_1feature": REFUSED,
}
OF_SHARES = {
    "check_classifiers_multilabel_output_format_predict_proba": "shares in a leaf may be 0 and 1, which it forbids"
}


@parametrize_with_checks(
    [SoftTargetMultilabelClassifier(LogisticRegression())], expected_failed_checks=lambda estimator: OF_ANY | OF_CLASSES
)
def test_check(estimator, check):
    check(estimator)


@parametrize_with_checks(
    [OfTwoClasses(ExtraTreesClassifier(5, random_state=0)), OfTwoClasses(LogisticRegression())],
    expected_failed_checks=lambda estimator: (
        OF_ANY | OF_SHARES if isinstance(estimator.estimator, ExtraTreesClassifier) else OF_ANY
    ),
)
def test_check_of_two_classes(estimator, check):
    check(estimator)
