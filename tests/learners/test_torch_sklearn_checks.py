"""scikit-learn's own checks of the network classifier, with a small network so that they are quick."""

from sklearn.utils.estimator_checks import parametrize_with_checks

from softlabel import TorchClassifier

SMALL = TorchClassifier("mlp", network_options={"hidden": (32,)}, epochs=40, batch_size=16, lr=0.05, random_state=0)
EXPECTED = {
    "check_sample_weight_equivalence_on_dense_data": "a batch holds so many rows: a row given twice fills two places of it"
}


@parametrize_with_checks([SMALL], expected_failed_checks=lambda estimator: EXPECTED)
def test_scikit_learns_checks(estimator, check):
    check(estimator)
