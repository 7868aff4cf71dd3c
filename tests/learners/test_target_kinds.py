from __future__ import annotations

import pytest

from softlabel import SoftmaxRegression, SoftTargetClassifier, TorchClassifier
from softlabel.errors import InputError
from softlabel.learners.soft_target_multilabel import SoftTargetMultilabelClassifier
from softlabel.learners.soft_target_regressor import SoftTargetRegressor
from softlabel.learners.target_kinds import KINDS, ROWS, check_kind, refuse_other_kind, target_kind
from softlabel.learners.torch_multilabel import TorchMultilabelClassifier
from softlabel.learners.torch_regressor import TorchRegressor
from softlabel.learners.transformer_classifier import TransformerClassifier

OURS = {
    "distribution": (SoftTargetClassifier, SoftmaxRegression, TorchClassifier, TransformerClassifier),
    "scalar": (SoftTargetRegressor, TorchRegressor),
    "independent": (SoftTargetMultilabelClassifier, TorchMultilabelClassifier),
}


def test_every_learner_of_ours_says_what_it_answers():
    assert tuple(OURS) == KINDS == tuple(ROWS)
    for kind, classes in OURS.items():
        assert [target_kind(one) for one in classes] == [kind] * len(classes)
    assert target_kind(object()) is None


def test_other_kinds_are_refused():
    check_kind("scalar")
    with pytest.raises(InputError, match="kind='grades'; give one of distribution, scalar, independent"):
        check_kind("grades")


@pytest.mark.parametrize("family", [0, -1])
def test_the_class_for_rows_of_this_kind_is_named(family):
    # The wrappers come first of each kind, the networks last; the transformer is the last of the distributions.
    members = {
        kind: [one for one in classes if one is not TransformerClassifier][family] for kind, classes in OURS.items()
    }
    for own, given in members.items():
        learner = given()
        for kind, right in members.items():
            if kind == own:
                refuse_other_kind(learner, kind)
                continue
            with pytest.raises(InputError, match=f"{given.__name__} is fitted to .*; give {right.__name__}$"):
                refuse_other_kind(learner, kind)


def test_a_subclass_is_of_its_family():
    class Mine(TorchClassifier):
        pass

    with pytest.raises(
        InputError, match=r"^Mine is fitted to distributions over classes, .* grades as numbers; give TorchRegr"
    ):
        refuse_other_kind(Mine("mlp"), "scalar")


def test_where_there_is_no_such_class_features_are_advised():
    with pytest.raises(
        InputError, match=r"TransformerClassifier is fitted to .*; give features and an estimator for these"
    ):
        refuse_other_kind(TransformerClassifier("some-model"), "independent")


def test_what_is_of_no_family_or_says_nothing_passes():
    refuse_other_kind(SoftmaxRegression(), "independent")
    refuse_other_kind(object(), "scalar")
