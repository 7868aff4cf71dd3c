"""What a generation is trained on: rows that are labelled once, and settings of who labels."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from methods.taught_pictures import CLEAN, KINDS, MORE, PICTURES, network, ready
from simple_learners import Centroids, blobs
from softlabel import InputError, OnlineSmoothing, Plain, TeacherLabels, TemperatureScaling, TorchClassifier
from softlabel.methods.taught_student import LABELS, Teaching, untaught
from softlabel.methods.teacher_networks import Teachers
from softlabel.seeds import Seeds
from softlabel.tasks import Multiclass

X, Y = blobs(n_per_class=15, spread=2.0)
MLP = TorchClassifier("mlp", network_options={"hidden": (8,)}, epochs=2, batch_size=16, device="cpu")
SEEDS = Seeds(0)
COLOURS = Multiclass(["blue", "red"])
NOT_DYNAMIC = [labels for labels in LABELS if "dynamic" not in labels and labels != "taxonomy"]


@pytest.fixture(scope="module")
def of_pictures():
    return [network(random_state=seed).fit(PICTURES, COLOURS.encode(KINDS)) for seed in range(2)]


def taught(teachers, estimator=None, unlabelled=None, fit=None, last=True, said=None, **options):
    prepared = ready(estimator, **(fit or {}))
    teachers = Teachers(teachers) if isinstance(teachers, list) else teachers
    return Teaching(**options).taught(
        prepared.problem, prepared.learners[0], teachers, SEEDS, 2, unlabelled, last=last, said=said
    )


def test_nobody_teaches_the_given_labels():
    found = taught(None, settings={"loss": "l2"})
    assert np.array_equal(found.targets, COLOURS.encode(KINDS))
    assert (found.labels, found.further, dict(found.own)) == (None, None, {})
    assert found.learner.loss is None  # the loss is for labels of teachers


@pytest.mark.parametrize("hard", [False, True])
@pytest.mark.parametrize("mode", ["train", "eval"])
def test_of_pictures_the_teachers_label_as_the_student_trains(of_pictures, hard, mode):
    found = taught(of_pictures, labels="hard_dynamic" if hard else "soft_dynamic", mode=mode)
    teachers = Teachers(of_pictures)
    said = (
        teachers.answers_by_batches(PICTURES, COLOURS, SEEDS, 2)
        if mode == "train"
        else teachers.answers(PICTURES, COLOURS)
    )
    expected = np.eye(2)[said.argmax(axis=1)] if hard else said
    assert np.allclose(found.targets, expected, atol=1e-6)
    assert found.targets.dtype == np.float32
    labels = found.labels
    assert (labels.networks, labels.hard, labels.mode, labels.folds, labels.eta) == (
        of_pictures,
        hard,
        mode,
        None,
        None,
    )
    assert found.further is None
    assert found.learner.labeler is None
    assert found.among(np.arange(40)).labeler is labels
    assert dict(found.own) == {"labeler": None}


@pytest.mark.parametrize("labels", NOT_DYNAMIC)
def test_other_labels_are_given_once(of_pictures, labels):
    found = taught(of_pictures, labels=labels, mode="eval")
    said = Teachers(of_pictures).answers(PICTURES, COLOURS)
    expected = {
        "soft_static": said,
        "hard_static": np.eye(2)[said.argmax(axis=1)],
        "visual_category": np.stack([said[kind == KINDS].mean(axis=0) for kind in ("blue", "red")])[
            (KINDS == "red") * 1
        ],
    }[labels]
    assert np.allclose(found.targets, expected, atol=1e-6)
    assert found.labels is None
    assert found.among(np.arange(40)) is found.learner


def test_of_categories_the_statistics_are_fixed(of_pictures):
    one, other = (taught(of_pictures, labels="visual_category", mode=mode).targets for mode in ("train", "eval"))
    assert np.array_equal(one, other)
    assert not np.array_equal(
        *(taught(of_pictures, labels="soft_static", mode=mode).targets for mode in ("train", "eval"))
    )


def test_rows_of_no_weight_are_in_no_category(of_pictures):
    weight = (np.arange(40) % 4 > 0) * 2.0
    found = taught(of_pictures, labels="visual_category", fit={"sample_weight": weight})
    said = Teachers(of_pictures).answers(PICTURES, COLOURS)
    mean = said[(KINDS == "red") & (weight > 0)].mean(axis=0)
    assert np.allclose(found.targets[KINDS == "red"], mean, atol=1e-6)
    assert np.abs(mean - said[KINDS == "red"].mean(axis=0)).max() > 1e-4


def test_labels_of_a_taxonomy_need_no_teacher():
    rows = np.array([[0.9, 0.1], [0.2, 0.8]])
    for teachers in (None, [Plain(Centroids())]):
        found = taught(teachers, labels="taxonomy", categories=rows, settings={"loss": "reverse_kl"})
        assert np.allclose(found.targets, rows[(KINDS == "red") * 1])
        assert found.labels is None
        assert found.learner.loss == "reverse_kl"
        assert dict(found.own) == {"loss": None, "labeler": None}


def test_a_table_is_labelled_once_whoever_learns_it():
    model = MLP.fit(X, np.eye(3)[Y])
    fit = {"X": X, "y": Y}
    for estimator in (MLP, LogisticRegression(), make_pipeline(StandardScaler(), MLP)):
        found = taught([model], estimator, fit=fit)
        assert found.labels is None
        assert np.allclose(found.targets, model.predict_targets(X), atol=1e-6)
    hard = taught([model], LogisticRegression(), fit=fit, labels="hard_dynamic").targets
    assert np.array_equal(hard, np.eye(3)[model.predict_targets(X).argmax(axis=1)])


def test_settings_of_the_student_are_given_and_told(of_pictures):
    estimator = network(loss="kl")
    found = taught(of_pictures, estimator, settings={"loss": "l2", "augment": "flip"})
    assert (found.learner.loss, found.learner.augment) == ("l2", "flip")
    assert dict(found.own) == {"loss": "kl", "augment": "resized_crop:0.4", "labeler": None}
    assert (estimator.loss, estimator.augment) == ("kl", "resized_crop:0.4")
    fitted = found.among(np.arange(40)).set_params(random_state=0).fit(found.X, found.targets)
    assert untaught(fitted, found.own) is fitted
    assert (fitted.loss, fitted.augment, fitted.labeler) == ("kl", "resized_crop:0.4", None)
    in_pipeline = make_pipeline(StandardScaler(), MLP)
    model = MLP.fit(X, np.eye(3)[Y])
    found = taught([model], in_pipeline, fit={"X": X, "y": Y}, settings={"loss": "l2"})
    fitted = found.learner.fit(X, found.targets)
    untaught(fitted, found.own)
    assert fitted.estimator.steps[-1][1].loss is None
    assert fitted.estimator_.steps[-1][1].loss is None


FOLDS = np.arange(40) % 3 - 1


def test_by_folds_a_row_that_none_held_out_keeps_its_given_label(of_pictures):
    found = taught(Teachers(of_pictures, FOLDS), mode="eval")
    said = [model.predict_targets(PICTURES) for model in of_pictures]
    for fold in (0, 1):
        assert np.allclose(found.targets[fold == FOLDS], said[fold][fold == FOLDS], atol=1e-6)
    assert np.array_equal(found.targets[FOLDS < 0], COLOURS.encode(KINDS)[FOLDS < 0])
    rows = np.array([5, 0, 7, 31])
    assert np.array_equal(found.among(rows).labeler.folds, FOLDS[rows])


def test_what_teachers_said_already_are_the_labels_and_stay_as_they_are(of_pictures):
    said = np.random.default_rng(0).dirichlet(np.ones(2), 40).astype(np.float32)
    said[FOLDS < 0] = np.nan
    before = said.copy()
    teachers = Teachers(of_pictures, FOLDS)
    found = taught(teachers, mode="eval", said=said)
    assert np.array_equal(found.targets[FOLDS >= 0], said[FOLDS >= 0])
    assert np.array_equal(found.targets[FOLDS < 0], COLOURS.encode(KINDS)[FOLDS < 0])
    assert said.tobytes() == before.tobytes()
    for options in ({"mode": "train"}, {"mode": "eval", "unlabelled": MORE}):  # then the labels are other answers
        assert np.array_equal(taught(teachers, said=said, **options).targets, taught(teachers, **options).targets)


def test_further_rows_stand_below_and_are_labelled_too(of_pictures):
    weight = np.arange(40) / 40
    found = taught(of_pictures, unlabelled=MORE, mode="eval", fit={"sample_weight": weight})
    assert len(found.X) == 52
    assert np.allclose(found.targets[40:], Teachers(of_pictures).answers(MORE, COLOURS), atol=1e-6)
    assert np.array_equal(found.weight, np.r_[weight, np.ones(12)])
    assert taught(of_pictures, unlabelled=MORE).weight is None
    by_fold = taught(Teachers(of_pictures, FOLDS), unlabelled=MORE, mode="eval")
    assert by_fold.labels.folds.tolist() == [*FOLDS, *[0, 1] * 6]  # shared out in turn
    assert np.allclose(by_fold.targets[41], of_pictures[1].predict_targets(MORE)[1], atol=1e-6)
    of_classes = taught(of_pictures, unlabelled=MORE, labels="visual_category")
    assert np.allclose(of_classes.targets[40:], found.targets[40:], atol=1e-6)  # they have no class


def test_jitter_is_a_second_training_of_the_last_generation(of_pictures):
    found = taught(of_pictures, eta=0.7, mode="eval")
    assert (found.labels.eta, found.further.eta) == (None, 0.7)
    assert found.further.networks == of_pictures
    assert found.among(np.arange(40), found.further).labeler.eta == 0.7
    assert taught(of_pictures, eta=0.7, last=False).further is None
    static = taught(of_pictures, eta=0.7, labels="soft_static")
    assert (static.labels, static.further.eta) == (None, 0.7)


def refused(match, teachers, estimator=None, **options):
    with pytest.raises(InputError, match=match) as told:
        taught(teachers, estimator, **options)
    assert "\n" not in str(told.value)


class Reddish:
    """Says of pictures how red they are; no network."""

    def predict_proba(self, X):
        red = np.clip(0.5 + (X[..., 0].mean(axis=(1, 2)) - X[..., 2].mean(axis=(1, 2))) / 255, 0, 1)
        return np.c_[1 - red, red]


def test_who_is_no_network_can_label_whole_pictures_alone(of_pictures):
    words = "has to go through the networks themselves, and {} is no TorchClassifier or its like; give networks, or "
    for others in ([Reddish()], [*of_pictures, Reddish()]):
        refused(
            f"each crop that the student sees {words.format('Reddish')}LabelRefinery with labels='soft_static'$", others
        )
        assert np.allclose(
            taught(others, labels="soft_static", mode="eval").targets, Teachers(others).answers(PICTURES, COLOURS)
        )
    scaled = TemperatureScaling(network(), random_state=0).fit(PICTURES, CLEAN)
    refused("TemperatureScaling is no TorchClassifier", [scaled])
    two = Teachers([Plain(network(), random_state=0).fit(PICTURES, CLEAN), of_pictures[0]], FOLDS)
    assert taught(two).labels.folds is not None


def test_jitter_needs_a_student_that_is_a_network():
    model = MLP.fit(X, np.eye(3)[Y])
    words = "^an example that is moved by its gradient has to go .* and LogisticRegression is no .*; give networks, or no adversarial"
    refused(words, [model], LogisticRegression(), fit={"X": X, "y": Y}, eta=1.0)


def test_students_are_checked_before_anything_is_trained():
    labelled = network(labeler=OnlineSmoothing())
    with pytest.raises(
        InputError, match=r"TorchClassifier has labeler=OnlineSmoothing\(share=0.5\), and its teachers would take"
    ):
        Teaching().check_student(labelled)
    with pytest.raises(InputError, match="loss='l3'"):
        Teaching(settings={"loss": "l3"}).check_student(network())
    shallow = ready(LogisticRegression(), X=X, y=Y).learners[0]
    for teaching, last in ((Teaching(), True), (Teaching(eta=1.0), False)):
        teaching.check_student(shallow, last)
    with pytest.raises(InputError, match="and LogisticRegression is no TorchClassifier"):
        Teaching(eta=1.0).check_student(shallow, last=True)


def test_labels_for_some_rows_leave_the_others_as_they_are():
    labels = TeacherLabels([], folds=np.array([0, 1, 0]))
    found = replace(taught(None), labels=labels)
    assert found.among(np.array([2, 1])).labeler.folds.tolist() == [0, 1]
    assert labels.folds.tolist() == [0, 1, 0]
