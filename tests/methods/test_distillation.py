"""Distillation against its formula, done by hand."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.utils.estimator_checks import parametrize_with_checks

from simple_learners import Centroids, Memoriser, blobs
from softlabel import InputError, SoftmaxRegression, TorchClassifier
from softlabel.learners.contract import seeded
from softlabel.learners.labelers import TeacherBeside
from softlabel.learners.losses import DistillationLoss
from softlabel.methods.distillation import Distillation
from softlabel.methods.fit_count import fits_counted
from softlabel.methods.plain import Plain
from softlabel.seeds import Seeds
from softlabel.targets.update import sharpen

X, Y = blobs(n_per_class=20, spread=3.0)
HARD = np.eye(3)[Y]
NETWORK = TorchClassifier("mlp", network_options={"hidden": (8,)}, epochs=4, batch_size=16, device="cpu")


@pytest.mark.parametrize("share", [0.25, 0.5, 1, np.float32(0.5)])
def test_targets_are_the_mixture(share):
    teacher = Centroids().fit(X, HARD).predict_targets(X)
    fitted = Distillation(SoftmaxRegression(), Centroids(), share=share, random_state=0).fit(X, Y)
    mixed = (1 - share) * HARD + share * teacher
    assert_allclose(fitted.label_distributions_, mixed, atol=1e-6)
    assert isinstance(fitted.estimator_, SoftmaxRegression)
    by_hand = SoftmaxRegression().fit(X, fitted.label_distributions_)
    assert_allclose(fitted.predict_proba(X), by_hand.predict_targets(X), atol=1e-6)
    assert_array_equal(fitted.suggested_labels_, teacher.argmax(axis=1))
    assert_array_equal(fitted.teachers_[0].predict_targets(X), teacher)
    assert (fitted.label_quality_ >= 1 - share - 1e-6).all()


def test_the_teacher_is_by_default_another_fit_of_the_students_estimator():
    fitted = Distillation(Centroids(), random_state=0).fit(X, Y)
    assert isinstance(fitted.teachers_[0], Centroids)
    assert fitted.teachers_[0] is not fitted.estimator_
    assert_allclose(
        fitted.label_distributions_, 0.5 * HARD + 0.5 * Centroids().fit(X, HARD).predict_targets(X), atol=1e-6
    )


def test_several_teachers_answer_with_their_mean():
    both = Distillation(Centroids(), [Centroids(), SoftmaxRegression()], share=1, random_state=0).fit(X, Y)
    alone = [
        Distillation(Centroids(), one, share=1, random_state=0).fit(X, Y) for one in (Centroids(), SoftmaxRegression())
    ]
    assert_allclose(both.label_distributions_, np.mean([one.label_distributions_ for one in alone], axis=0), atol=1e-6)
    assert [type(teacher).__name__ for teacher in both.teachers_] == ["Centroids", "SoftmaxRegression"]


def test_a_teacher_that_memorises_teaches_nothing():
    fitted = Distillation(Centroids(), Memoriser(), share=0.9, random_state=0).fit(X, Y)
    assert_array_equal(fitted.label_distributions_, HARD)
    assert fitted.history_[0]["moved"] == 0
    assert fitted.history_[0]["change"] == 0
    assert fitted.history_[0]["in_sample_accuracy"] == 1


def test_grades_as_numbers_are_mixed_with_the_teachers_number():
    fitted = Distillation(Ridge(), task="ordinal", share=0.25, random_state=0).fit(X, Y)
    answers = np.clip(Ridge().fit(X, Y).predict(X), 0, 2)
    assert_allclose(fitted.label_distributions_[:, 0], 0.75 * Y + 0.25 * answers, atol=1e-5)
    student = Ridge().fit(X, fitted.label_distributions_[:, 0])
    assert_allclose(fitted.predict_targets(X)[:, 0], np.clip(student.predict(X), 0, 2), atol=1e-5)
    assert_array_equal(fitted.predict(X), np.digitize(fitted.predict_targets(X)[:, 0], [0.5, 1.5]))


def test_the_history_has_one_entry():
    fitted = Distillation(Centroids(), share=1, random_state=0).fit(X, Y)
    (entry,) = fitted.history_
    answers = Centroids().fit(X, HARD).predict_targets(X)
    assert entry["generation"] == 1
    assert entry["moved"] == entry["newly_moved"] == np.count_nonzero(answers.argmax(axis=1) != Y)
    assert entry["change"] == pytest.approx(0.5 * np.abs(answers - HARD).sum(axis=1).mean(), abs=1e-6)
    assert entry["in_sample_accuracy"] == pytest.approx(np.mean(answers.argmax(axis=1) == Y))


def test_a_teacher_of_another_kind_is_refused_before_anything_is_fitted():
    with pytest.raises(InputError, match="LogisticRegression predicts classes"):
        Distillation(Ridge(), LogisticRegression(), task="ordinal").fit(X, Y)


@pytest.mark.parametrize("share", [-0.1, 1.1, "half", None, True, np.nan])
def test_bad_shares_are_refused(share):
    with pytest.raises(InputError, match=r"share=.*; give the teacher's weight, from 0"):
        Distillation(Centroids(), share=share).fit(X, Y)


@pytest.mark.parametrize("n_generations", [1, 2, 4])
def test_each_student_teaches_the_next(n_generations):
    answers, lessons = Centroids().fit(X, HARD).predict_targets(X), []
    for _ in range(n_generations):
        lessons.append(0.3 * HARD + 0.7 * answers)
        answers = Centroids().fit(X, lessons[-1]).predict_targets(X)
    with fits_counted() as count:
        fitted = Distillation(Centroids(), share=0.7, n_generations=n_generations, random_state=0).fit(X, Y)
    assert count.n_fits == n_generations + 1
    assert_allclose(fitted.label_distributions_, lessons[-1], atol=1e-5)
    assert_allclose(fitted.predict_proba(X), answers, atol=1e-5)
    assert [entry["generation"] for entry in fitted.history_] == list(range(1, n_generations + 1))
    for entry, before, after in zip(fitted.history_, [HARD, *lessons], lessons, strict=False):
        assert entry["change"] == pytest.approx(0.5 * np.abs(after - before).sum(axis=1).mean(), abs=1e-5)
    if n_generations > 1:
        taught = Centroids().fit(X, lessons[-2])
        assert_allclose(fitted.teachers_[0].predict_targets(X), taught.predict_targets(X), atol=1e-5)


def test_one_generation_more_continues_the_same_line():
    two, three = (Distillation(NETWORK, n_generations=n, random_state=0).fit(X, Y) for n in (2, 3))
    assert two.history_ == three.history_[:2]
    assert two.teachers_[0].predict_targets(X).tobytes() != three.teachers_[0].predict_targets(X).tobytes()


@pytest.mark.parametrize("options", [{}, {"n_generations": 3}, {"temperature": 4.0}], ids=["one", "three", "soft"])
def test_no_share_is_the_plain_method_to_the_byte(options):
    fitted = Distillation(NETWORK, share=0.0, random_state=2, **options).fit(X, Y)
    plain = Plain(NETWORK, random_state=2).fit(X, Y)
    assert fitted.predict_proba(X).tobytes() == plain.predict_proba(X).tobytes()
    assert fitted.label_distributions_.tobytes() == plain.label_distributions_.tobytes()
    assert fitted.epochs_ == plain.epochs_


def test_a_fitted_teacher_is_asked_as_it_is_and_costs_no_fit():
    teacher = LogisticRegression().fit(
        X, np.array(["c", "a", "b"])[Y]
    )  # its columns are b's, c's and a's: another order
    names = np.array(["c", "a", "b"])[Y]
    with fits_counted() as count:
        fitted = Distillation(Centroids(), teacher, share=0.6, random_state=0).fit(X, names)
    assert count.n_fits == 1
    assert fitted.teachers_ == [teacher]
    onehot = names[:, None] == np.array(["a", "b", "c"])
    assert_allclose(fitted.label_distributions_, 0.4 * onehot + 0.6 * teacher.predict_proba(X), atol=1e-6)


def test_several_fitted_teachers_answer_with_their_mean():
    teachers = [LogisticRegression().fit(X, Y), Centroids().fit(X, HARD)]
    fitted = Distillation(Centroids(), teachers, share=1, random_state=0).fit(X, Y)
    mean = (teachers[0].predict_proba(X) + teachers[1].predict_targets(X)) / 2
    assert_allclose(fitted.label_distributions_, mean, atol=1e-6)
    with pytest.raises(InputError, match="1 of 2 teachers are fitted and the others are not"):
        Distillation(Centroids(), [teachers[0], Centroids()]).fit(X, Y)


def test_a_fitted_regressor_teaches_numbers():
    teacher = Ridge().fit(X, Y)
    fitted = Distillation(Ridge(), teacher, task="ordinal", share=0.25).fit(X, Y)
    assert_allclose(fitted.label_distributions_[:, 0], 0.75 * Y + 0.25 * np.clip(teacher.predict(X), 0, 2), atol=1e-5)


@pytest.mark.parametrize("n_generations", [1, 2])
def test_at_another_temperature_the_network_learns_from_logits(n_generations):
    fitted = Distillation(
        NETWORK, Centroids(), share=0.8, temperature=3.0, n_generations=n_generations, random_state=5
    ).fit(X, Y)
    seeds, hard = Seeds(5), HARD.astype(np.float32)
    answers = Centroids().fit(X, HARD).predict_targets(X).astype(np.float32)
    for generation in range(2, n_generations + 1):
        student = _softened(answers, seeds.integer("fit", round=generation)).fit(X, hard)
        answers = student.predict_targets(X).astype(np.float32)
    by_hand = _softened(answers, seeds.integer("final")).fit(X, hard)
    assert fitted.predict_proba(X).tobytes() == by_hand.predict_targets(X).tobytes()
    assert_allclose(fitted.label_distributions_, 0.2 * HARD + 0.8 * sharpen(answers, 3.0), atol=1e-6)
    unsoftened = Distillation(NETWORK, Centroids(), share=0.8, n_generations=n_generations, random_state=5).fit(X, Y)
    assert np.abs(unsoftened.predict_proba(X) - fitted.predict_proba(X)).max() > 1e-3
    for model in [*fitted.teachers_, fitted.estimator_]:  # nothing of the teacher travels with them
        assert getattr(model, "labeler", None) is None
        assert getattr(model, "loss", None) is None


def _softened(answers, seed):
    network = clone(NETWORK).set_params(labeler=TeacherBeside(answers), loss=DistillationLoss(0.8, 3.0))
    return seeded(network, seed)


@pytest.mark.parametrize(
    ("student", "options", "message"),
    [
        (LogisticRegression(), {}, "temperature=2 divides the student's logits .* and LogisticRegression has none"),
        (Ridge(), {"task": "ordinal"}, "temperature=2 acts on probabilities, and grades as numbers have none"),
        (clone(NETWORK).set_params(labeler=TeacherBeside(HARD)), {}, "has labeler=TeacherBeside"),
    ],
    ids=["no network", "numbers", "labeler"],
)
def test_a_temperature_that_cannot_act_is_refused_before_a_teacher_is_trained(student, options, message):
    with fits_counted() as count, pytest.raises(InputError, match=message):
        Distillation(student, temperature=2.0, **options).fit(X, Y)
    assert count.n_fits == 0


@pytest.mark.parametrize("temperature", [0, -1.0, "2", None, True, np.nan, np.inf])
def test_bad_temperatures_are_refused(temperature):
    with pytest.raises(InputError, match=r"temperature=.*; give a number above 0"):
        Distillation(Centroids(), temperature=temperature).fit(X, Y)


@pytest.mark.parametrize("n_generations", [0, 1.5, None, True])
def test_bad_numbers_of_generations_are_refused(n_generations):
    with pytest.raises(InputError, match=r"n_generations=.*; give a whole number, 1 or more"):
        Distillation(Centroids(), n_generations=n_generations).fit(X, Y)


@parametrize_with_checks([Distillation(LogisticRegression())])
def test_scikit_learns_own_checks(estimator, check):
    check(estimator)
