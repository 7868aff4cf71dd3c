"""What methods do alike in which teachers label: who they are, what is handed over, and what is refused."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from methods.taught_pictures import CLEAN, KINDS, MORE, PICTURES, labels_watched, network, ready, same_bytes
from simple_learners import Centroids, blobs
from softlabel import (
    InputError,
    LabelDistributionLearning,
    LabelRefinery,
    Multiclass,
    OnlineSmoothing,
    Plain,
    TorchClassifier,
)
from softlabel.data.images import Images
from softlabel.methods.fit_count import fits_counted
from softlabel.methods.generation_method import generation_entry, one_each
from softlabel.methods.generations import Generation
from softlabel.methods.teacher_networks import Teachers

X, Y = blobs(n_per_class=10, spread=3.0)
METHODS = (LabelRefinery, LabelDistributionLearning)


@pytest.fixture(params=METHODS, ids=lambda method: method.__name__)
def method(request):
    return request.param


@pytest.fixture(scope="module")
def teacher():
    return Plain(network(epochs=4), random_state=3).fit(PICTURES, CLEAN)


def one_student(method, estimator=None, teacher=None, **options):
    """Return a method of one student, and of a teacher that is given."""
    options = {"random_state": 0, "teacher_mode": "eval"} | options
    if method is LabelRefinery:
        options = {"n_generations": 1} | options
    return method(network() if estimator is None else estimator, teacher, **options)


def two(method, estimator=None, **options):
    """Return a method that trains a teacher first."""
    options = {"random_state": 0} | options
    if method is LabelRefinery:
        options = {"n_generations": 2} | options
    return method(network() if estimator is None else estimator, **options)


def test_a_fitted_teacher_is_asked_as_it_is_and_stays_so(method, teacher):
    before = pickle.dumps(teacher.estimator_.network_.state_dict())
    with fits_counted() as count:
        fitted = one_student(method, teacher=teacher).fit(PICTURES, KINDS)
    assert count.n_fits == 1
    assert pickle.dumps(teacher.estimator_.network_.state_dict()) == before
    assert np.allclose(fitted.label_distributions_, teacher.predict_proba(PICTURES), atol=1e-6)
    assert fitted.teachers_ == [teacher]
    others = one_student(method, teacher=teacher).fit(PICTURES, KINDS[::-1])  # what is given is not looked at
    assert same_bytes(fitted.predict_proba(PICTURES), others.predict_proba(PICTURES))


def test_a_teacher_that_is_not_fitted_learns_the_given_labels_first(method, teacher):
    with fits_counted() as count:
        fitted = one_student(method, teacher=[network(epochs=1), teacher]).fit(PICTURES, KINDS)
    assert count.n_fits == 2
    trained, given = fitted.teachers_
    assert given is teacher
    assert trained.epochs == 1
    mean = (trained.predict_targets(PICTURES) + teacher.predict_proba(PICTURES)) / 2
    assert np.allclose(fitted.label_distributions_, mean, atol=1e-6)


def test_a_teacher_that_trains_is_the_first_of_two(method):
    fitted = two(method).fit(PICTURES, KINDS)
    plain = Plain(network(), random_state=0).fit(PICTURES, KINDS)
    assert same_bytes(fitted.teachers_[0].predict_targets(PICTURES), plain.predict_targets(PICTURES))
    assert [entry["generation"] for entry in fitted.history_] == [1, 2]
    assert np.array_equal(fitted.generations_[0].learned, np.eye(2)[(KINDS == "red") * 1])


def test_what_is_handed_over(method):
    fitted = two(method).fit(PICTURES, KINDS, validation=(MORE, CLEAN[14:26]))
    assert fitted.label_distributions_.shape == (40, 2)
    assert list(fitted.suggested_labels_) == [["blue", "red"][c] for c in fitted.label_distributions_.argmax(axis=1)]
    assert np.array_equal(fitted.generations_[1].answers, fitted.predict_targets(PICTURES))
    assert [row["epoch"] for row in fitted.epochs_] == [1, 2]
    assert all(row["validation_loss"] > 0 for row in fitted.epochs_)
    assert fitted.estimator_ is fitted.generations_[1].teachers.models[0]
    assert 0 <= fitted.score(PICTURES, KINDS) <= 1
    first, second = fitted.history_
    assert {"moved", "newly_moved", "change", "entropy", "in_sample_accuracy", "in_sample_nll"} <= first.keys()
    assert first["moved"] == np.sum(fitted.generations_[0].answers.argmax(axis=1) != (KINDS == "red"))
    assert second["in_sample_accuracy"] == pytest.approx(1 - second["moved"] / 40)
    fitted.set_params(teacher=None).fit(PICTURES, KINDS)
    assert not any("validation_loss" in row for row in fitted.epochs_)  # an earlier fit's


def test_no_model_keeps_who_taught_it(method, teacher):
    estimator = network(loss="kl")
    fitted = one_student(method, estimator, teacher).fit(PICTURES, KINDS)
    model = fitted.estimator_
    assert (model.labeler, model.loss, model.augment, model.epochs) == (None, "kl", "resized_crop:0.4", 2)
    assert len(pickle.dumps(model)) < 1.2 * len(
        pickle.dumps(Plain(estimator, random_state=0).fit(PICTURES, KINDS).estimator_)
    )
    assert estimator.labeler is None
    again = clone(fitted)
    assert {name: repr(value) for name, value in again.get_params().items()} == {
        name: repr(value) for name, value in fitted.get_params().items()
    }
    assert not hasattr(again, "estimator_")


def test_same_seed_same_bytes_and_another_seed_others(method):
    one, again, other = (
        two(method, random_state=seed).fit(PICTURES, KINDS).predict_proba(PICTURES) for seed in (0, 0, 1)
    )
    assert same_bytes(one, again)
    assert not same_bytes(one, other)


@pytest.mark.parametrize("as_images", [False, True])
def test_further_pictures_without_labels_are_learned(method, as_images, teacher):
    form = Images.from_array if as_images else np.copy
    student = one_student(method, teacher=teacher)
    alone = student.fit(form(PICTURES), KINDS).predict_proba(PICTURES)
    seen = set()
    with labels_watched(lambda labeler, index, *rest: seen.update(index.tolist())):
        more = student.fit(form(PICTURES), KINDS, unlabelled=form(MORE))
    assert seen == set(range(52))
    assert np.abs(more.predict_proba(PICTURES) - alone).max() > 1e-4
    assert more.label_distributions_.shape == (40, 2)
    weighted = student.fit(form(PICTURES), KINDS, unlabelled=form(MORE), sample_weight=np.ones(40))
    assert np.allclose(weighted.predict_proba(PICTURES), more.predict_proba(PICTURES), atol=1e-4)


def test_by_folds_each_row_has_a_teacher_that_did_not_see_it(method):
    groups = np.arange(40) // 4
    with fits_counted() as count:
        fitted = two(method, teacher="folds", cv=3).fit(PICTURES, KINDS, groups=groups)
    assert count.n_fits == 4
    folds = fitted.generations_[0].teachers.folds
    assert set(folds.tolist()) == {0, 1, 2}
    assert all(len(set(folds[groups == group])) == 1 for group in range(10))
    assert len(fitted.teachers_) == 3
    assert "oof_accuracy" in fitted.history_[0]
    assert "in_sample_accuracy" in fitted.history_[1]


def test_a_teacher_of_pictures_of_another_size_and_scale(method):
    large = np.kron(PICTURES, np.ones((1, 2, 2, 1), np.uint8))
    dark = TorchClassifier("small_cnn", epochs=3, batch_size=16, device="cpu", random_state=0).fit(large // 2, CLEAN)
    fitted = one_student(method, teacher=dark).fit(PICTURES, KINDS)
    assert fitted.label_distributions_.shape == (40, 2)
    assert np.isfinite(fitted.predict_proba(PICTURES)).all()


def test_columns_of_a_teacher_that_has_the_classes_in_another_order():
    named = np.where(CLEAN == "red", "0", "1")
    teacher = network(random_state=0, epochs=4).fit(PICTURES, named)
    said = teacher.predict_targets(PICTURES)
    fitted = one_student(LabelRefinery, teacher=teacher, task=Multiclass(["1", "0"])).fit(PICTURES, named)
    assert np.allclose(fitted.label_distributions_, said[:, ::-1], atol=1e-6)
    with pytest.raises(
        InputError, match=r"knows the classes \['0', '1'\], and the labels here are \['a', 'b'\] \(it lacks"
    ):
        one_student(LabelRefinery, teacher=teacher).fit(PICTURES, np.where(CLEAN == "red", "b", "a"))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"teacher_mode": "batch"}, "teacher_mode='batch'; give one of 'train', 'eval'"),
        ({"teacher": "fold"}, "teacher='fold'; give 'folds', an estimator or several, fitted or not, or None"),
        ({"teacher": []}, "teacher is an empty list; give one estimator or more, or None"),
        ({"teacher": "folds", "cv": 1}, "cv=1"),
        ({"teacher": 3}, "3"),
        ({"n_jobs": 0}, "n_jobs=0"),
        ({"threads": 0}, "threads=0; give"),
        ({"random_state": "x"}, "random_state is 'x'; give"),
        ({"estimator": network(labeler=OnlineSmoothing())}, r"TorchClassifier has labeler=OnlineSmoothing\(share=0.5\), and its teachers"),
        ({"estimator": make_pipeline(StandardScaler(), TorchClassifier("mlp", labeler=OnlineSmoothing()))}, "and its teachers would"),
        ({"estimator": []}, "empty list|trains one student"),
    ],
)  # fmt: skip
def test_options_that_cannot_be_used(method, options, words):
    made = two(method, **({"estimator": network()} | options))
    with fits_counted() as count, pytest.raises(InputError, match=words) as told:
        made.fit(PICTURES, KINDS)
    assert "\n" not in str(told.value)
    assert count.n_fits == 0


def test_unlabelled_rows_need_somebody_who_labels():
    alone = LabelRefinery(network(), n_generations=1)
    with pytest.raises(
        InputError, match=r"^unlabelled rows are labelled by teachers, and nobody teaches here; leave them out,"
    ):
        alone.fit(PICTURES, KINDS, unlabelled=MORE)
    with pytest.raises(InputError, match="nobody teaches here"):
        LabelRefinery(network(), labels="taxonomy", taxonomy=np.eye(2)).fit(PICTURES, KINDS, unlabelled=MORE)


def test_rows_and_labels_stay_as_they_are(method):
    weight = np.linspace(0, 1, 40)
    arrays = (PICTURES, KINDS, MORE, weight)
    before = [array.copy() for array in arrays]
    two(method).fit(PICTURES, KINDS, sample_weight=weight, unlabelled=MORE)
    assert all(map(np.array_equal, arrays, before))


def test_an_entry_is_told_by_hand():
    prepared = ready(Centroids(), X=X, y=Y, reference=np.eye(3)[Y])
    models = Teachers([None])
    first = Generation(
        1, np.eye(3, dtype=np.float32)[Y], models, np.eye(3, dtype=np.float32)[(Y + (np.arange(30) < 6)) % 3]
    )
    second = Generation(2, first.answers, models, np.eye(3, dtype=np.float32)[(Y + (np.arange(30) < 9)) % 3])
    entry = generation_entry(prepared, second, first)
    assert (entry["generation"], entry["moved"], entry["newly_moved"]) == (2, 9, 3)
    assert entry["change"] == pytest.approx(3 / 30)
    assert entry["entropy"] == pytest.approx(0, abs=1e-6)
    assert entry["in_sample_accuracy"] == pytest.approx(21 / 30)
    assert any(name.startswith("reference_") for name in entry)
    folded = Generation(1, first.learned, Teachers([None], np.zeros(30, int)), first.answers)
    assert generation_entry(prepared, folded, None)["oof_accuracy"] == pytest.approx(24 / 30)
    assert generation_entry(prepared, folded, None)["newly_moved"] == 6


def test_one_learner_serves_all_generations():
    assert one_each(["a"], 3) == ["a", "a", "a"]
    assert one_each(["a", "b"], 2) == ["a", "b"]
