"""What all methods do that are ways of training a network."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from methods.one_step import X, Y, linear
from softlabel import (
    FocalTraining,
    HardExampleMining,
    InputError,
    OnlineLabelSmoothing,
    Plain,
    ProgressiveDistillation,
    SelfAdaptiveTraining,
    SoftTargetClassifier,
    TorchClassifier,
    WeightAveraging,
)
from softlabel.learners.labelers import OnlineSmoothing, Progressive, SelfAdaptive
from softlabel.learners.losses import Focal, TrustWeighted
from softlabel.learners.stored_networks import attach, detach
from softlabel.methods.fit_count import fits_counted
from softlabel.store.model_store import load_model, load_weights, save_model

SETTINGS = {
    FocalTraining: {"loss": Focal(2.0)},
    HardExampleMining: {"hardest": 0.5},
    WeightAveraging: {"average": "swa", "swa_start": 0.75},
    OnlineLabelSmoothing: {"labeler": OnlineSmoothing(0.5)},
    SelfAdaptiveTraining: {"labeler": SelfAdaptive(0.3, 0.9), "loss": TrustWeighted()},
    ProgressiveDistillation: {"labeler": Progressive(0.8)},
}
NETWORK = TorchClassifier("mlp", network_options={"hidden": (8,)}, epochs=5, batch_size=8, device="cpu")


@pytest.fixture(params=SETTINGS, ids=lambda method: method.__name__)
def method(request):
    return request.param


def test_it_is_the_network_with_these_settings_at_the_seed_of_the_plain_method(method):
    fitted = method(NETWORK, random_state=0).fit(X, Y)
    plain = Plain(NETWORK, random_state=0).fit(X, Y)
    assert fitted.estimator_.random_state == plain.estimator_.random_state
    itself = (
        clone(NETWORK).set_params(**SETTINGS[method], random_state=plain.estimator_.random_state).fit(X, np.eye(3)[Y])
    )
    assert fitted.predict_proba(X).tobytes() == itself.predict_proba(X).tobytes()
    assert fitted.predict_proba(X).tobytes() != plain.predict_proba(X).tobytes()
    assert fitted.predict_proba(X).tobytes() == method(NETWORK, random_state=0).fit(X, Y).predict_proba(X).tobytes()
    assert fitted.predict_proba(X).tobytes() != method(NETWORK, random_state=1).fit(X, Y).predict_proba(X).tobytes()


def test_one_fit_is_counted_and_the_estimator_stays_as_it_was(method):
    before = {name: repr(value) for name, value in NETWORK.get_params().items()}
    with fits_counted() as count:
        fitted = method(NETWORK, random_state=0).fit(X, Y, validation=(X[:9], Y[:9]))
    assert count.n_fits == 1
    assert {name: repr(value) for name, value in NETWORK.get_params().items()} == before
    assert not hasattr(NETWORK, "network_")
    assert [row["epoch"] for row in fitted.epochs_] == [1, 2, 3, 4, 5]
    assert all(row["validation_loss"] > 0 for row in fitted.epochs_)
    assert fitted.needs_network


def test_rows_to_watch_choose_nothing(method):
    watched = method(NETWORK, random_state=0).fit(X, Y, validation=(X[:9], Y[:9]))
    assert watched.predict_proba(X).tobytes() == method(NETWORK, random_state=0).fit(X, Y).predict_proba(X).tobytes()


def test_its_model_is_stored_and_read_like_any_other(method, tmp_path):
    fitted = method(make_pipeline(StandardScaler(), NETWORK), random_state=0).fit(X, Y)
    save_model(tmp_path / "model", *detach(fitted.estimators_))
    (again,) = attach(load_model(tmp_path / "model"), load_weights(tmp_path / "model"))
    assert again.predict_targets(X).tobytes() == fitted.predict_targets(X).tobytes()


def test_names_of_classes_and_pipelines(method):
    names = np.array(["ash", "beech", "cedar"])
    fitted = method(make_pipeline(StandardScaler(), NETWORK), random_state=0).fit(X, names[Y])
    assert_array_equal(fitted.classes_, names)
    assert set(fitted.predict(X)) <= set(names)
    assert fitted.transduction_.shape == (24,)
    wrapped = method(SoftTargetClassifier(NETWORK), random_state=0).fit(X, Y)
    assert (
        wrapped.predict_proba(X).tobytes()
        == method(NETWORK, random_state=0).fit(X, Y).predict_proba(X).astype(float).tobytes()
    )


@pytest.mark.parametrize(
    ("estimator", "said"),
    [
        (None, "ExtraTreesClassifier is no TorchClassifier, .*; give one of these"),
        (LogisticRegression(), "LogisticRegression is no TorchClassifier, .*; give one of these"),
        (
            make_pipeline(StandardScaler(), LogisticRegression()),
            "Pipeline is no TorchClassifier, .*; give one of these",
        ),
        (
            CalibratedClassifierCV(NETWORK),
            "needs the network itself, and CalibratedClassifierCV has TorchClassifier inside",
        ),
        ([NETWORK, NETWORK], "estimator is a list of 2"),
    ],
    ids=["default", "logistic", "pipeline", "calibrated", "list"],
)
def test_what_is_no_network_is_refused_in_one_line(method, estimator, said):
    with pytest.raises(InputError, match=said) as caught:
        method(estimator).fit(X, Y)
    assert "\n" not in str(caught.value)
    assert method.__name__ in str(caught.value)


@pytest.mark.parametrize(
    ("method", "own"),
    [
        (FocalTraining, {"loss": "kl"}),
        (FocalTraining, {"loss": Focal(1.0)}),
        (HardExampleMining, {"hardest": 0.7}),
        (OnlineLabelSmoothing, {"labeler": Progressive()}),
        (SelfAdaptiveTraining, {"labeler": SelfAdaptive(0.5)}),
        (ProgressiveDistillation, {"labeler": OnlineSmoothing()}),
    ],
)
def test_what_the_network_sets_itself_is_refused(method, own):
    (name,) = own
    said = (
        rf"TorchClassifier has {name}=.*, and {method.__name__} would make that .*; leave {name} out of the estimator"
    )
    with pytest.raises(InputError, match=said):
        method(linear(**own)).fit(X, Y)


def test_a_network_that_says_the_same_is_taken():
    said = FocalTraining(linear(loss=Focal(2.0)), random_state=0).fit(X, Y)
    assert (
        said.predict_proba(X).tobytes() == FocalTraining(linear(), random_state=0).fit(X, Y).predict_proba(X).tobytes()
    )


CHECKED = TorchClassifier("mlp", network_options={"hidden": ()}, epochs=10, lr=0.5, batch_size=32, device="cpu")


BATCHES = "a batch holds so many rows: a row given twice fills two places of it"


@parametrize_with_checks(
    [SelfAdaptiveTraining(CHECKED), WeightAveraging(CHECKED)],
    expected_failed_checks=lambda _: {"check_sample_weight_equivalence_on_dense_data": BATCHES},
)
def test_scikit_learns_own_checks(estimator, check):
    check(estimator)
