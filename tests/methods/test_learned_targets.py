"""Where rows that a network learned are found, put, and no longer kept."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from methods.one_step import HARD, X, Y, linear
from softlabel import (
    Multiclass,
    OnlineLabelSmoothing,
    ProgressiveDistillation,
    SelfAdaptiveTraining,
    TorchMultilabelClassifier,
    TorchRegressor,
)
from softlabel.learners.contract import as_learner
from softlabel.learners.network_parts import networks_in
from softlabel.methods.learned_targets import fitted_network, own_settings_back

ENTRIES = np.c_[Y == 0, np.ones(len(Y)), Y > 0].astype(int)  # the second label stands in every row


def moved(network, **options):
    return SelfAdaptiveTraining(network, start=0.0, momentum=0.0, random_state=0, **options)


def in_pipeline(network):
    return make_pipeline(FunctionTransformer(), make_pipeline(FunctionTransformer(), network))


@pytest.mark.parametrize("method", [OnlineLabelSmoothing, SelfAdaptiveTraining, ProgressiveDistillation])
def test_a_pipeline_that_ends_in_a_network_gives_what_the_network_gives(method):
    inner = method(linear(epochs=4), random_state=0).fit(X, Y)
    outer = method(in_pipeline(linear(epochs=4)), random_state=0).fit(X, Y)
    assert inner.history_[0]["change"] > 0.01
    # Seeds are drawn for each part, and a transformer has none.
    assert_allclose(outer.label_distributions_, inner.label_distributions_, atol=1e-6)
    assert outer.history_[0] == pytest.approx(inner.history_[0])


@pytest.mark.parametrize(("kind", "labels"), [(TorchMultilabelClassifier, ENTRIES), (TorchRegressor, Y)])
def test_pipelines_of_entries_and_of_grades(kind, labels):
    task = "ordinal" if labels.ndim == 1 else None
    fitted = moved(in_pipeline(linear(kind=kind, lr=1e-30)), task=task).fit(X, labels)
    answers = fitted.predict_targets(X)
    # Answers with the weights of the only epoch took the place of the labels; a label that all rows have is not learned.
    assert_allclose(fitted.label_distributions_, answers, atol=1e-5)
    if labels.ndim == 2:
        assert_array_equal(answers[:, 1], 1)


def test_columns_that_the_network_never_saw_stay():
    task = Multiclass([0, 7, 1, 2])  # no row of class 7
    for network in (linear(lr=1e-30), in_pipeline(linear(lr=1e-30))):
        fitted = moved(network, task=task).fit(X, Y)
        assert fitted.label_distributions_.shape == (24, 4)
        assert_allclose(fitted.label_distributions_, fitted.predict_proba(X), atol=1e-6)
    assert_array_equal(fitted.label_distributions_[:, 1], 0)


def test_columns_that_only_rows_of_weight_0_would_have_shown_stay():
    network = linear(lr=1e-30)
    fitted = moved(in_pipeline(network)).fit(X, Y, sample_weight=(Y != 1).astype(float))
    assert_array_equal(fitted.label_distributions_[Y == 1], HARD[Y == 1])
    assert_allclose(fitted.label_distributions_[Y != 1], fitted.predict_proba(X)[Y != 1], atol=1e-6)
    entries = np.c_[Y == 0, Y != 1, Y == 2, Y > 0].astype(int)
    fitted = moved(in_pipeline(linear(lr=1e-30, kind=TorchMultilabelClassifier)))
    fitted.fit(X, entries, sample_weight=(Y != 1).astype(float))
    assert_array_equal(fitted.label_distributions_[Y == 1], entries[Y == 1])
    assert_allclose(fitted.label_distributions_[Y != 1], fitted.predict_targets(X)[Y != 1], atol=1e-6)


@pytest.mark.parametrize("wrap", [lambda network: network, in_pipeline], ids=["network", "pipeline"])
def test_rows_of_weight_0_keep_their_target(wrap):
    weight = np.where(np.arange(len(Y)) % 3 == 0, 0.0, 1.0)
    soft = (0.7 * HARD + 0.1).astype(np.float32)
    fitted = moved(wrap(linear(lr=1e-30))).fit(X, Y, targets=soft, sample_weight=weight)
    assert_array_equal(fitted.label_distributions_[weight == 0], soft[weight == 0])
    assert_allclose(fitted.label_distributions_[weight > 0], fitted.predict_proba(X)[weight > 0], atol=1e-6)


def test_rows_of_an_inner_split_keep_their_target():
    fitted = moved(linear(lr=1e-30, validation_share=0.25)).fit(X, Y)
    kept = (fitted.label_distributions_ == HARD).all(axis=1)
    assert kept.sum() == 6
    assert_allclose(fitted.label_distributions_[~kept], fitted.predict_proba(X)[~kept], atol=1e-6)


@pytest.mark.filterwarnings("ignore:24 of 24 rows have every label")
def test_a_wrapper_that_had_nothing_to_fit_leaves_all_as_it_was():
    labels = np.ones((24, 2), dtype=int)
    network = linear(kind=TorchMultilabelClassifier)
    fitted = moved(in_pipeline(network), task="multilabel").fit(X, labels)
    assert_array_equal(fitted.label_distributions_, labels)
    assert fitted_network(fitted.estimator_) is None


@pytest.mark.parametrize("wrap", [lambda network: network, in_pipeline], ids=["network", "pipeline"])
def test_the_model_has_its_own_settings_again_and_no_rows(wrap):
    fitted = moved(wrap(linear(epochs=2, loss="kl"))).fit(X, Y)
    network = fitted_network(fitted.estimator_)
    assert network.labeler is None
    assert network.loss == "kl"
    assert not hasattr(network, "learned_targets_")
    assert {(one.labeler, one.loss) for one in networks_in(fitted.estimator_).values()} == {(None, "kl")}
    again = pickle.loads(pickle.dumps(fitted.estimator_))
    assert again.predict_targets(X).tobytes() == fitted.estimator_.predict_targets(X).tobytes()


def test_the_entry_counts_what_moved():
    (entry,) = moved(linear(lr=1e-30)).fit(X, Y, reference=HARD).history_
    rows = moved(linear(lr=1e-30)).fit(X, Y).label_distributions_
    assert entry["moved"] == np.count_nonzero(rows.argmax(axis=1) != Y) > 0
    assert entry["change"] == pytest.approx(0.5 * np.abs(rows - HARD).sum(axis=1).mean(), abs=1e-6)
    assert entry["reference_chebyshev"] == pytest.approx(np.abs(rows - HARD).max(axis=1).mean(), abs=1e-6)


def test_a_fitted_network_gets_its_own_settings_back_wherever_it_stands():
    for learner in (linear(loss="kl"), as_learner(in_pipeline(linear(loss="kl")))):
        fitted = learner.fit(X, HARD)
        own_settings_back(fitted, {"loss": "emd", "epochs": 7})
        for network in (*networks_in(fitted).values(), fitted_network(fitted)):
            assert (network.loss, network.epochs) == ("emd", 7)
        own_settings_back(fitted, {})
        assert fitted_network(fitted).loss == "emd"
