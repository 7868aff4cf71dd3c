"""scikit-learn's own checks of the network learners, with a small network so that they are quick."""

from sklearn.utils.estimator_checks import parametrize_with_checks

from softlabel.learners.torch_classifier import TorchClassifier
from softlabel.learners.torch_multilabel import TorchMultilabelClassifier
from softlabel.learners.torch_regressor import TorchRegressor

SMALL = {"network_options": {"hidden": (32,)}, "batch_size": 16, "lr": 0.05, "random_state": 0}

_BATCHES = "a batch holds so many rows: a row given twice fills two places of it"
_ENTRIES = "y is a table of entries from 0 to 1, a column a label; the check gives one column of classes"
EXPECTED = {
    TorchClassifier: {"check_sample_weight_equivalence_on_dense_data": _BATCHES},
    TorchRegressor: {
        "check_sample_weight_equivalence_on_dense_data": _BATCHES,
        "check_regressor_multioutput": "predictions are float32, as the network computes them",
    },
    TorchMultilabelClassifier: {"check_sample_weight_equivalence_on_dense_data": _BATCHES}
    | dict.fromkeys(
        [
            "check_estimators_dtypes",
            "check_sample_weights_pandas_series",
            "check_sample_weights_not_an_array",
            "check_sample_weights_shape",
            "check_sample_weights_not_overwritten",
            "check_classifier_data_not_an_array",
            "check_classifiers_classes",
            "check_classifiers_train",
            "check_classifiers_regression_target",
            "check_classifier_not_supporting_multiclass",
            "check_fit2d_1feature",
        ],
        _ENTRIES,
    ),
}


@parametrize_with_checks(
    [
        TorchClassifier("mlp", epochs=40, **SMALL),
        TorchRegressor("mlp", epochs=12, **SMALL),
        TorchMultilabelClassifier("mlp", epochs=12, **SMALL),
    ],
    expected_failed_checks=lambda estimator: EXPECTED[type(estimator)],
)
def test_scikit_learns_checks(estimator, check):
    check(estimator)
