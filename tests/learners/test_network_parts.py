from __future__ import annotations

import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from softlabel import SoftTargetClassifier, StochasticLabelRefinery, TorchClassifier, TorchRegressor
from softlabel.learners.network_parts import networks_in, with_network_settings

NETWORK = TorchClassifier("mlp", epochs=3)


@pytest.mark.parametrize(
    ("estimator", "names"),
    [
        (NETWORK, [""]),
        (TorchRegressor("mlp"), [""]),
        (SoftTargetClassifier(NETWORK), ["estimator"]),
        (make_pipeline(StandardScaler(), NETWORK), ["torchclassifier"]),
        (SoftTargetClassifier(Pipeline([("scale", StandardScaler()), ("net", NETWORK)])), ["estimator__net"]),
        (LogisticRegression(), []),
        (make_pipeline(StandardScaler(), LogisticRegression()), []),
        (None, []),
        (TorchClassifier, []),
        ("mlp", []),
    ],
    ids=["itself", "regressor", "wrapped", "pipeline", "deep", "none", "no network", "nothing", "class", "text"],
)
def test_networks_are_found_by_the_names_of_their_parameters(estimator, names):
    assert sorted(networks_in(estimator)) == names


def test_what_is_found_is_the_part_itself():
    pipeline = make_pipeline(StandardScaler(), NETWORK)
    assert networks_in(pipeline)["torchclassifier"] is NETWORK


@pytest.mark.parametrize(
    "estimator",
    [NETWORK, SoftTargetClassifier(NETWORK), make_pipeline(StandardScaler(), NETWORK)],
    ids=["itself", "wrapped", "pipeline"],
)
def test_settings_reach_every_network_of_a_copy(estimator):
    changed = with_network_settings(estimator, average="swa", epochs=7)
    (network,) = networks_in(changed).values()
    assert (network.average, network.epochs) == ("swa", 7)
    assert changed is not estimator
    assert (NETWORK.average, NETWORK.epochs) == (None, 3)


def test_where_no_network_is_only_a_copy_is_made():
    copy = with_network_settings(LogisticRegression(C=3.0), average="swa")
    assert copy.C == 3.0


def test_a_setting_that_there_is_not_is_an_error():
    with pytest.raises(ValueError, match="avarage"):
        with_network_settings(NETWORK, avarage="swa")


def test_several_networks_are_all_set():
    both = StochasticLabelRefinery(SoftTargetClassifier(make_pipeline(NETWORK, TorchClassifier("mlp", epochs=5))))
    changed = with_network_settings(both, lr=0.5)
    assert [network.lr for network in networks_in(changed).values()] == [0.5, 0.5]
