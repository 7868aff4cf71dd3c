"""Label distribution learning: offline, online, long, and what cannot be asked of it."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils.estimator_checks import parametrize_with_checks

from methods.taught_pictures import CLEAN, KINDS, PICTURES, labels_watched, network, same_bytes
from simple_learners import Centroids, blobs
from softlabel import InputError, LabelDistributionLearning, LabelRefinery, Plain, TorchClassifier
from softlabel.methods.distribution_learning import mixed_recipe
from softlabel.methods.fit_count import fits_counted

X, Y = blobs(n_per_class=15, spread=2.5)


def learned(estimator=None, X=PICTURES, y=KINDS, **options):
    made = LabelDistributionLearning(network() if estimator is None else estimator, **({"random_state": 0} | options))
    return made.fit(X, y)


def test_offline_is_label_refinerys_second_generation_by_learned_statistics():
    found = learned()
    refined = LabelRefinery(network(), n_generations=2, teacher_mode="eval", random_state=0).fit(PICTURES, KINDS)
    assert same_bytes(found.predict_proba(PICTURES), refined.predict_proba(PICTURES))
    assert same_bytes(found.label_distributions_, refined.label_distributions_)
    by_batch = LabelRefinery(network(), n_generations=2, random_state=0).fit(PICTURES, KINDS)
    assert not same_bytes(found.predict_proba(PICTURES), by_batch.predict_proba(PICTURES))
    assert same_bytes(learned(teacher_mode="train").predict_proba(PICTURES), by_batch.predict_proba(PICTURES))


def test_with_a_given_teacher_it_is_one_generation_of_it():
    teacher = Plain(network(epochs=3), random_state=1).fit(PICTURES, CLEAN)
    found = learned(teacher=teacher)
    refined = LabelRefinery(network(), teacher, n_generations=1, teacher_mode="eval", random_state=0).fit(
        PICTURES, KINDS
    )
    assert same_bytes(found.predict_proba(PICTURES), refined.predict_proba(PICTURES))


def test_by_folds_it_is_label_refinery_by_folds():
    found = learned(network(epochs=1), teacher="folds", cv=2)
    refined = LabelRefinery(network(epochs=1), "folds", n_generations=2, cv=2, teacher_mode="eval", random_state=0).fit(
        PICTURES, KINDS
    )
    assert same_bytes(found.predict_proba(PICTURES), refined.predict_proba(PICTURES))


@pytest.mark.parametrize("folds", [False, True])
@pytest.mark.parametrize("mix", ["mixup", "cutmix:0.5", "ricap", "randaugment", "cutmix+ricap"])
def test_online_the_teacher_labels_the_mixed_picture_and_has_seen_none(mix, folds):
    seen = []

    def watch(labeler, index, view, x, rows):
        if labeler._fold_of is None:
            assert np.allclose(rows, labeler._teachers[0](x), atol=1e-6)
        elif view.partner is not None:
            own = labeler._fold_of[index]
            partners = own[view.partner.reshape(len(own), -1)]
            assert (partners == own[:, None]).all()
        seen.append(view)

    estimator = network(epochs=1)
    with labels_watched(watch):
        found = learned(estimator, mix=mix, **({"teacher": "folds", "cv": 2} if folds else {}))
    assert len(seen) == 3
    assert all((view.partner is None) == (mix == "randaugment") for view in seen)
    assert found.estimator_.augment == "resized_crop:0.4"
    if not folds:
        plain = Plain(estimator, random_state=0).fit(PICTURES, KINDS)
        assert same_bytes(found.teachers_[0].predict_targets(PICTURES), plain.predict_targets(PICTURES))
    assert not same_bytes(
        found.predict_proba(PICTURES),
        learned(estimator, **({"teacher": "folds", "cv": 2} if folds else {})).predict_proba(PICTURES),
    )


@pytest.mark.parametrize(
    ("augment", "mix", "expected"),
    [
        ("auto", "cutmix", "crop+cutmix"),
        (None, "mixup:0.2", "mixup:0.2"),
        ("none", "ricap", "ricap"),
        ("resized_crop:0.4+flip", "cutmix+mixup", "resized_crop:0.4+flip+cutmix+mixup"),
        ("crop", "randaugment:5", "crop+randaugment:5"),
    ],
)
def test_words_are_joined_to_those_of_the_estimator(augment, mix, expected):
    assert mixed_recipe(mix, network(augment=augment), True) == expected
    assert mixed_recipe(mix, network(augment=augment)) == expected  # of rows of which nothing is known yet


@pytest.mark.parametrize("mix", [None, "none"])
def test_nothing_mixed_is_offline(mix):
    assert same_bytes(learned(mix=mix).predict_proba(PICTURES), learned().predict_proba(PICTURES))


def test_long_training_is_the_students_alone():
    found = learned(length=2.5)
    assert len(found.teachers_[0].history_) == 2
    assert (len(found.epochs_), found.estimator_.n_epochs_, found.estimator_.epochs) == (5, 5, 5)
    teacher = found.teachers_[0]
    longer = LabelRefinery(network(epochs=5), teacher, n_generations=1, teacher_mode="eval", random_state=0).fit(
        PICTURES, KINDS
    )
    assert np.array_equal(longer.label_distributions_, found.label_distributions_)
    assert len(learned(teacher=teacher, length=0.5).epochs_) == 1


def test_on_a_table_rows_are_labelled_once():
    found = learned(Centroids(), X, Y)
    teacher = Centroids().fit(X, np.eye(3)[Y])
    assert np.allclose(found.label_distributions_, teacher.predict_targets(X), atol=1e-6)
    assert np.allclose(
        found.predict_proba(X), Centroids().fit(X, found.label_distributions_).predict_targets(X), atol=1e-6
    )


MLP = TorchClassifier("mlp", epochs=1, batch_size=16)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"mix": "blend"}, r"mix='blend' has 'blend'; give words joined by \+: mixup, cutmix, ricap, randaugment, or None"),
        ({"mix": "cutmix+crop"}, r"mix='cutmix\+crop' has 'crop'; give words"),
        ({"mix": ""}, "mix='' has ''; give words"),
        ({"mix": 3}, r"mix=3; give words joined by \+"),
        ({"mix": "cutmix:many"}, "the alpha of cutmix is 'many'; give a number from"),
        ({"mix": "cutmix+cutmix"}, "names cutmix twice"),
        ({"mix": "cutmix", "X": X, "y": Y, "estimator": MLP}, "mix='cutmix' mixes pictures on their way into a network; give pictures and"),
        ({"mix": "cutmix", "X": X, "y": Y, "estimator": LogisticRegression()}, "mix='cutmix' mixes pictures on their way"),
        ({"mix": "mixup", "estimator": make_pipeline(FunctionTransformer(), network())}, "mix='mixup' mixes pictures on their way"),
        ({"mix": "mixup", "estimator": network(augment=lambda x: x)}, "the estimator's is a function; give words joined by"),
        ({"mix": "mixup", "estimator": network(augment="crop+cutmix:2")}, r"augment='crop\+cutmix:2' of the estimator mixes already; "
                                                                          "leave cutmix out there"),
        ({"mix": "randaugment", "estimator": network(augment="autoaugment")}, "autoaugment and randaugment exclude each other"),
        ({"length": 0}, "length=0; give the student's epochs in those of its estimator, a number above 0"),
        ({"length": "long"}, "length='long'; give"),
        ({"length": 2, "X": X, "y": Y, "estimator": LogisticRegression()}, "length=2 changes how long a training is, and LogisticReg"),
        ({"estimator": [network(), network()]}, "estimator is a list of 2; LabelDistributionLearning trains one student, give one"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_told_in_a_line_before_anything_is_trained(options, words):
    with fits_counted() as count, pytest.raises(InputError, match=words) as told:
        learned(**options)
    assert "\n" not in str(told.value)
    assert count.n_fits == 0


@parametrize_with_checks([LabelDistributionLearning(LogisticRegression())])
def test_sklearns_own_checks(estimator, check):
    check(estimator)
