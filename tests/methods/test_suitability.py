from __future__ import annotations

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import KFold
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from methods.taught_pictures import KINDS, PICTURES, network
from simple_learners import blobs
from softlabel import (
    ILS,
    ConfidentLearning,
    Distillation,
    FocalTraining,
    InputError,
    LabelDistributionLearning,
    LabelRefinery,
    LabelSmoothing,
    OnlineSmoothing,
    Plain,
    SelfTraining,
    SoftTargetClassifier,
    StochasticLabelRefinery,
    TemperatureScaling,
    TorchClassifier,
    TorchRegressor,
    TransformerClassifier,
)
from softlabel.data.pictures import pictures_in
from softlabel.learners.contract import as_learner
from softlabel.methods.fit_count import fits_counted
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


class ForPictures:
    """A method of somebody's own, which says what suits it."""

    def __init__(self):
        self.asked = []

    def check_suited(self, kind, learners, pictures):
        self.asked.append((kind, [type(one).__name__ for one in learners], pictures))
        if pictures is False:
            raise InputError("it looks at pictures")


def test_an_instance_is_asked_whether_its_parameters_suit_and_a_class_is_not():
    method = ForPictures()
    assert unsuited(method, "distribution", LogisticRegression()) is None
    assert unsuited(method, "scalar", [Ridge(), KNeighborsRegressor()], False) == "it looks at pictures"
    assert method.asked == [
        ("distribution", ["SoftTargetClassifier"], None),
        ("scalar", ["SoftTargetRegressor", "SoftTargetRegressor"], False),
    ]
    assert unsuited(ForPictures, "distribution", LogisticRegression(), False) is None


def test_a_learner_that_cannot_learn_target_rows_is_a_reason_too():
    assert "TorchRegressor" in unsuited(ForPictures(), "distribution", TorchRegressor("mlp"))


def test_what_is_not_known_of_the_rows_refuses_nothing():
    method = LabelDistributionLearning(mix="cutmix")
    assert unsuited(method, "distribution", network()) is None
    assert unsuited(method, "distribution", network(), True) is None
    assert unsuited(method, "distribution", network(), False).startswith("mix='cutmix' mixes pictures")
    assert unsuited(method, "distribution", LogisticRegression()).startswith("mix='cutmix' mixes pictures")


LOGISTIC = LogisticRegression()
TAUGHT = "give networks, or no adversarial jitter"
X, Y = blobs(n_per_class=15, spread=2.5)


@pytest.mark.parametrize(
    ("method", "learner", "words"),
    [
        (Plain(length=3), LOGISTIC, "length=3 changes how long a training is, and LogisticRegression has no length"),
        (Plain(length=0), NETWORK, "length=0; give"),
        (LabelDistributionLearning(length=2), LOGISTIC, "length=2 changes how long a training is"),
        (LabelDistributionLearning(mix="cutmix"), LOGISTIC, "mix='cutmix' mixes pictures on their way into a network"),
        (LabelDistributionLearning(mix="cutmix"), NETWORK, "mix='cutmix' mixes pictures on their way into a network"),
        (LabelDistributionLearning(teacher_mode="batch"), NETWORK, "teacher_mode='batch'; give one of"),
        (LabelDistributionLearning(teacher="fold"), NETWORK, "teacher='fold'; give 'folds'"),
        (LabelRefinery(teacher="folds", cv=1), NETWORK, "cv=1"),
        (LabelRefinery(loss="kl"), LOGISTIC, "loss='kl' is how a network is trained, and the student is none"),
        (LabelRefinery(adversarial=1.0), LOGISTIC, TAUGHT),
        (LabelRefinery(adversarial=1.0, n_generations=1), NETWORK, "one generation has none"),
        (LabelRefinery(labels="taxonomy"), NETWORK, "labels='taxonomy' needs the tree"),
        (LabelRefinery(labels="taxonomy", taxonomy="tree"), NETWORK, "taxonomy is a str"),
        (LabelRefinery(), TorchClassifier("mlp", labeler=OnlineSmoothing()), "its teachers would take that place"),
        (Distillation(temperature=2.0), LOGISTIC, "temperature=2 divides the student's logits"),
        (Distillation(share=2), LOGISTIC, "share=2; give the teacher's weight"),
        (FocalTraining(gamma=-1), NETWORK, "gamma=-1; give a number of 0"),
        (FocalTraining(), TorchClassifier("mlp", loss="kl"), "TorchClassifier has loss='kl', and FocalTraining would"),
        (SelfTraining(n_generations=0), LOGISTIC, "n_generations=0; give"),
        (TemperatureScaling(share=1), LOGISTIC, "share=1; give the share of the rows"),
        (LabelSmoothing(share=2), LOGISTIC, "share=2; give the mass"),
        (LabelSmoothing(spread="even"), LOGISTIC, "spread='even'; give one of"),
        (ILS(shift=2), LOGISTIC, "shift=2; give"),
        (ILS(held_out=1), LOGISTIC, "held_out=1; give"),
        (ConfidentLearning(filter_by="all"), LOGISTIC, "filter_by='all'; give one of"),
        (StochasticLabelRefinery(teacher_budget=0.5), LOGISTIC, "LogisticRegression has no length to shorten"),
        (StochasticLabelRefinery(warm_start=True), NETWORK, "warm_start=True goes on with the model of each fold"),
        (StochasticLabelRefinery(warm_start=True, fixed_folds=True), LOGISTIC, "cannot go on with its training"),
        (StochasticLabelRefinery(tta="flip"), LOGISTIC, "tta='flip' averages views of pictures"),
        (StochasticLabelRefinery(thresholds="fitted"), LOGISTIC, "thresholds='fitted' is for grades as numbers"),
        (StochasticLabelRefinery(final_targets="best"), LOGISTIC, "final_targets='best'; give one of"),
        (StochasticLabelRefinery(momentum=2), LOGISTIC, "momentum=2; give a number from 0 to 1"),
        (StochasticLabelRefinery(n_rounds=-1), LOGISTIC, "n_rounds=-1; give a whole number"),
    ],
    ids=lambda one: repr(one).replace("\n", "") if hasattr(one, "get_params") else "",
)  # fmt: skip
def test_fit_says_what_was_said_before_it_and_trains_nothing(method, learner, words):
    reason = unsuited(method, "distribution", learner, pictures_in(X))
    assert words in reason
    assert "\n" not in reason
    with fits_counted() as count, pytest.raises(InputError) as told:
        method.set_params(estimator=learner).fit(X, Y)
    assert str(told.value) == reason
    assert count.n_fits == 0


@pytest.mark.parametrize(
    ("method", "words"),
    [
        (LabelRefinery(loss="kl"), "loss='kl' is for one of several classes a row"),
        (Distillation(temperature=2.0), "temperature=2 acts on probabilities"),
        (StochasticLabelRefinery(momentum="bayes"), "momentum='bayes' weighs plain labels of classes"),
        (StochasticLabelRefinery(sharpen=0.5), "sharpen=0.5 acts on probabilities"),
        (StochasticLabelRefinery(final_targets="sharpened"), "'sharpened' targets are probabilities squared"),
        (StochasticLabelRefinery(thresholds="fitted", n_rounds=0), "which 0 rounds make none of"),
    ],
    ids=["loss", "temperature", "bayes", "sharpen", "sharpened", "thresholds"],
)
def test_what_grades_as_numbers_cannot_have(method, words):
    reason = unsuited(method, "scalar", Ridge())
    assert words in reason
    with pytest.raises(InputError) as told:
        method.set_params(estimator=Ridge(), task="ordinal").fit(X, Y)
    assert str(told.value) == reason


@pytest.mark.parametrize(
    ("method", "learner"),
    [
        (Plain(length=3), NETWORK),
        (LabelDistributionLearning(length=2), NETWORK),
        (LabelRefinery(loss="kl", adversarial=1.0), NETWORK),
        (Distillation(temperature=2.0), NETWORK),
        (StochasticLabelRefinery(teacher_budget=0.5, fixed_folds=True, warm_start=True, tta="flip"), NETWORK),
        (LabelRefinery(labels="taxonomy", taxonomy=np.eye(3)), LOGISTIC),
    ],
    ids=["plain", "ldl", "label_refinery", "distillation", "slr", "taxonomy"],
)
def test_what_can_work_is_not_refused(method, learner):
    assert unsuited(method, "distribution", learner, False) is None


def test_pictures_are_seen_by_fit():
    mixing = LabelDistributionLearning(network(epochs=1), mix="cutmix", random_state=0)
    assert len(mixing.fit(PICTURES, KINDS).teachers_) == 1


@pytest.mark.parametrize(
    "method",
    [
        ConfidentLearning(LOGISTIC),
        LabelRefinery(LOGISTIC, teacher="folds", n_generations=2),
        StochasticLabelRefinery(LOGISTIC, n_rounds=1, final_targets="refined"),
    ],
    ids=["confident", "label_refinery", "slr"],
)
def test_folds_that_can_be_read_once_are_left_for_the_fit(method):
    if isinstance(method, ConfidentLearning):
        pytest.importorskip("cleanlab")

    folds = KFold(3, shuffle=True, random_state=0)
    once, listed = (clone(method).set_params(cv=cv, random_state=0) for cv in (folds.split(X), list(folds.split(X))))
    assert unsuited(once, "distribution", LOGISTIC) is None
    listed.fit(X, Y)
    assert np.array_equal(once.fit(X, Y).label_distributions_, listed.label_distributions_)
