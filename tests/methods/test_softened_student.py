from __future__ import annotations

import pickle

import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from simple_learners import blobs
from softlabel import InputError, TorchClassifier, TorchMultilabelClassifier
from softlabel.learners.contract import as_learner
from softlabel.learners.labelers import OnlineSmoothing
from softlabel.learners.losses import DistillationLoss, Focal
from softlabel.methods.problem import Problem
from softlabel.methods.softened_student import check_temperature, cleared, softened_student
from softlabel.targets.update import update_targets
from softlabel.tasks import Multiclass, Multilabel

X, Y = blobs(n_per_class=12, spread=2.0)
ANSWERS = np.random.default_rng(0).dirichlet([2, 2, 2], size=len(Y)).astype(np.float32)
OPTIONS = {"network_options": {"hidden": (8,)}, "epochs": 3, "batch_size": 8, "device": "cpu", "random_state": 0}
NETWORK = TorchClassifier("mlp", **OPTIONS)


def _problem(task, y, weight=None):
    return Problem(X, task, task.codes(y), task.encode(y), np.zeros(len(X), dtype=bool), sample_weight=weight)


PROBLEM = _problem(Multiclass([0, 1, 2]), Y)


@pytest.mark.parametrize("pipeline", [False, True])
def test_at_temperature_one_it_is_the_mixture(pipeline):
    learner = as_learner(make_pipeline(StandardScaler(), NETWORK) if pipeline else NETWORK)
    softened = softened_student(learner, ANSWERS, 0.4, 1.0, PROBLEM).fit(X, PROBLEM.given)
    mixed = learner.fit(X, update_targets(PROBLEM.given, ANSWERS, 0.6))
    assert_allclose(softened.predict_targets(X), mixed.predict_targets(X), atol=1e-5)


def test_entries_are_softened_too():
    y = np.c_[Y == 0, Y > 0].astype(int)
    task = Multilabel.from_labels(y)
    network = TorchMultilabelClassifier("mlp", **OPTIONS)
    problem = _problem(task, y)
    answers = ANSWERS[:, :2]
    softened = softened_student(network, answers, 0.4, 1.0, problem).fit(X, problem.given)
    mixed = network.fit(X, update_targets(problem.given, answers, 0.6))
    assert_allclose(softened.predict_targets(X), mixed.predict_targets(X), atol=1e-5)


def test_what_a_teacher_says_of_rows_without_weight_is_not_heard():
    weight = (np.arange(len(Y)) % 3 > 0).astype(float)
    problem = _problem(Multiclass([0, 1, 2]), Y, weight)
    other = np.where(weight[:, None] > 0, ANSWERS, ANSWERS[:, ::-1])
    one, two = (
        softened_student(NETWORK, rows, 0.7, 2.0, problem).fit(X, problem.given, sample_weight=weight)
        for rows in (ANSWERS, other)
    )
    assert one.predict_targets(X).tobytes() == two.predict_targets(X).tobytes()


def test_a_class_without_weight_is_left_out_of_the_lesson_in_a_pipeline():
    weight = (Y != 1).astype(float)
    problem = _problem(Multiclass([0, 1, 2]), Y, weight)
    learner = as_learner(make_pipeline(StandardScaler(), NETWORK))
    softened = softened_student(learner, ANSWERS, 0.7, 1.0, problem).fit(X, problem.given, sample_weight=weight)
    two = ANSWERS[:, [0, 2]] / ANSWERS[:, [0, 2]].sum(axis=1, keepdims=True)
    rows = np.insert(two, 1, 0.0, axis=1)
    rows[Y == 1] = [0, 1, 0]  # never trained on
    mixed = learner.fit(X, update_targets(problem.given, rows, 0.3), sample_weight=weight)
    assert_allclose(softened.predict_targets(X), mixed.predict_targets(X), atol=1e-5)


def test_entries_that_hold_nothing_to_learn_are_left_out_in_a_pipeline():
    y = np.c_[Y == 0, np.ones(len(Y)), Y > 0].astype(int)
    problem = _problem(Multilabel.from_labels(y), y)
    learner = as_learner(make_pipeline(StandardScaler(), TorchMultilabelClassifier("mlp", **OPTIONS)), "independent")
    softened = softened_student(learner, ANSWERS, 0.7, 1.0, problem).fit(X, problem.given)
    mixed = update_targets(problem.given, ANSWERS, 0.3)
    mixed[:, 1] = 1.0
    assert_allclose(softened.predict_targets(X), learner.fit(X, mixed).predict_targets(X), atol=1e-5)


@pytest.mark.parametrize("pipeline", [False, True])
def test_nothing_of_the_teacher_travels_with_the_student(pipeline):
    network = TorchClassifier("mlp", loss=Focal(1.0), **OPTIONS)
    learner = as_learner(make_pipeline(StandardScaler(), network) if pipeline else network)
    student = softened_student(learner, ANSWERS, 0.4, 2.0, PROBLEM)
    assert b"TeacherBeside" in pickle.dumps(student)
    fitted = student.fit(X, PROBLEM.given)
    before = fitted.predict_targets(X)
    (same,) = cleared([fitted])
    assert same is fitted
    assert b"TeacherBeside" not in pickle.dumps(fitted)
    assert b"DistillationLoss" not in pickle.dumps(fitted)
    assert b"Focal" in pickle.dumps(fitted)  # the network's own is back
    assert fitted.predict_targets(X).tobytes() == before.tobytes()


def test_nor_with_a_student_of_several_labels_in_a_pipeline():
    y = np.c_[Y == 0, Y > 0].astype(int)
    problem = _problem(Multilabel.from_labels(y), y)
    learner = as_learner(make_pipeline(StandardScaler(), TorchMultilabelClassifier("mlp", **OPTIONS)), "independent")
    fitted = softened_student(learner, ANSWERS[:, :2], 0.4, 2.0, problem).fit(X, problem.given)
    assert b"TeacherBeside" in pickle.dumps(fitted)
    cleared([fitted])
    assert b"TeacherBeside" not in pickle.dumps(fitted)


def test_the_networks_own_loss_stays_that_to_the_given_rows():
    student = softened_student(TorchClassifier("mlp", loss="emd"), ANSWERS, 0.4, 2.0, PROBLEM)
    assert student.loss == DistillationLoss(0.4, 2.0, "emd")


@pytest.mark.parametrize(
    ("learner", "message"),
    [
        (as_learner(LogisticRegression()), "LogisticRegression has none that can be reached"),
        (TorchClassifier("mlp", labeler=OnlineSmoothing()), r"has labeler=OnlineSmoothing\(share=0.5\)"),
        (TorchClassifier("mlp", loss=lambda output, targets, weight: output.sum()), "loss="),
    ],
    ids=["no network", "labeler", "callable"],
)
def test_who_cannot_be_softened_is_refused(learner, message):
    with pytest.raises(InputError, match=message):
        softened_student(learner, ANSWERS, 0.4, 2.0, PROBLEM)


def test_temperatures_are_numbers_above_zero():
    assert check_temperature(np.float32(2)) == 2.0
    with pytest.raises(InputError, match="temperature=0; give a number above 0"):
        check_temperature(0)
