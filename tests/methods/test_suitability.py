from __future__ import annotations

import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from softlabel import (
    InputError,
    SoftTargetClassifier,
    StochasticLabelRefinery,
    TorchClassifier,
    TransformerClassifier,
)
from softlabel.learners.contract import as_learner
from softlabel.methods.suitability import refuse_unsuited, trained_network, unsuited

NETWORK = TorchClassifier("mlp")


class ForClasses:
    kinds = ("distribution",)
    why_these_kinds = "it counts classes"
    needs_network = False


class ForNetworks:
    kinds = ("distribution", "scalar", "independent")
    why_these_kinds = ""
    needs_network = True


@pytest.mark.parametrize("kind", ["distribution", "scalar", "independent"])
@pytest.mark.parametrize("learner", [LogisticRegression(), NETWORK], ids=["regression", "network"])
def test_who_says_nothing_works_with_all(kind, learner):
    assert unsuited(StochasticLabelRefinery, kind, learner) is None


def test_a_kind_that_is_not_named_is_refused_with_the_methods_reason():
    assert unsuited(ForClasses(), "distribution", LogisticRegression()) is None
    assert (
        unsuited(ForClasses(), "scalar", LogisticRegression())
        == "ForClasses does not work on grades as numbers: it counts classes"
    )
    assert unsuited(ForClasses, "independent", None).startswith("ForClasses does not work on an entry from 0 to 1")


@pytest.mark.parametrize(
    ("learner", "named"),
    [
        (LogisticRegression(), "LogisticRegression"),
        (SoftTargetClassifier(LogisticRegression()), "LogisticRegression"),
        (make_pipeline(StandardScaler(), LogisticRegression()), "Pipeline"),
        (TransformerClassifier("encoder"), "TransformerClassifier"),
    ],
    ids=["estimator", "wrapped", "pipeline", "transformer"],
)
def test_a_learner_without_a_network_is_named(learner, named):
    reason = unsuited(ForNetworks, "distribution", learner)
    assert (
        f"and {named} is no TorchClassifier, TorchRegressor or TorchMultilabelClassifier; give one of these" in reason
    )
    assert "--estimator torch_mlp" in reason
    assert "\n" not in reason


@pytest.mark.parametrize(
    "learner",
    [NETWORK, SoftTargetClassifier(NETWORK), make_pipeline(StandardScaler(), NETWORK)],
    ids=["network", "wrapped", "pipeline"],
)
def test_a_pipeline_may_end_in_a_network(learner):
    assert unsuited(ForNetworks, "scalar", learner) is None
    assert trained_network(learner) is NETWORK


@pytest.mark.parametrize("wrap", [lambda one: one, as_learner], ids=["as it is", "wrapped"])
@pytest.mark.parametrize("front", [(), (StandardScaler(),)], ids=["alone", "in a pipeline"])
def test_a_network_that_another_estimator_trains_is_out_of_reach(wrap, front):
    calibrated = CalibratedClassifierCV(NETWORK)
    learner = wrap(make_pipeline(*front, calibrated) if front else calibrated)
    assert trained_network(learner) is None
    reason = unsuited(ForNetworks, "distribution", learner)
    assert reason.startswith(
        "ForNetworks needs the network itself, and CalibratedClassifierCV has TorchClassifier inside"
    )
    assert unsuited(StochasticLabelRefinery, "distribution", learner) is None


def test_refusing_raises_the_reason():
    refuse_unsuited(ForClasses, "distribution", NETWORK)
    with pytest.raises(InputError, match="ForNetworks changes how a network is trained"):
        refuse_unsuited(ForNetworks(), "distribution", LogisticRegression())
