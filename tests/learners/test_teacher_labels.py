"""Teachers as a setting of a learner: whole trainings against ones on rows that the teachers answered before."""

from __future__ import annotations

import pickle
from dataclasses import replace

import numpy as np
import pytest
import torch
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression

from coloured_pictures import coloured
from softlabel import InputError, TeacherLabels, TorchClassifier, TorchMultilabelClassifier, TorchRegressor

SMALL = {"network_options": {"width": 4}, "batch_size": 16, "device": "cpu"}
PICTURES, KINDS = coloured(20, side=8)
HARD = np.eye(2, dtype=np.float32)[(KINDS == "red").astype(int)]
RNG = np.random.default_rng(0)
X = RNG.normal(size=(40, 3)).astype(np.float32)
ROWS = RNG.dirichlet(np.ones(4), 40).astype(np.float32)


def student(labeler=None, augment=None, **options):
    settings = {"epochs": 3, "lr": 0.05, "augment": augment, "random_state": 5, **SMALL}
    return TorchClassifier("small_cnn", labeler=labeler, **(settings | options))


@pytest.fixture(scope="module")
def teachers():
    """Three networks of few epochs, which are not sure of anything."""
    noisy = HARD[np.random.default_rng(1).permutation(40)]
    return [student(random_state=seed, augment="crop").fit(PICTURES, 0.5 * HARD + 0.5 * noisy) for seed in range(3)]


class Caught:
    """Labels as teachers do, and keeps what they were shown and what they said."""

    observes = False

    def __init__(self, inner):
        self.inner, self.shown = inner, []

    def __deepcopy__(self, memo):
        return self

    def begin_on(self, *given):
        self.labeler = self.inner.begin_on(*given)
        return self

    def mixed_within(self, rows):
        return self.inner.mixed_within(rows)

    def observe(self, index, output, epoch):
        self.labeler.observe(index, output, epoch)

    def targets(self, index, view, x, epoch):
        rows = self.labeler.targets(index, view, x, epoch)
        self.shown.append((index.numpy(), view, x.clone(), rows.numpy()))
        return rows


def answered(teacher, x):
    """What a teacher's own network says of inputs, outside of any training."""
    with torch.no_grad():
        return torch.softmax(teacher.network_(x), dim=1).numpy()


def test_without_augmentation_it_is_a_training_on_what_the_teacher_says_of_the_rows(teachers):
    live = student(TeacherLabels(teachers[0], mode="eval")).fit(PICTURES, HARD)
    stored = student().fit(PICTURES, teachers[0].predict_targets(PICTURES))
    given = student().fit(PICTURES, HARD)
    assert np.allclose(live.predict_targets(PICTURES), stored.predict_targets(PICTURES), atol=1e-5)
    assert np.abs(given.predict_targets(PICTURES) - stored.predict_targets(PICTURES)).max() > 1e-3
    assert not hasattr(live, "learned_targets_")


def test_hard_labels_are_its_one_hot_rows(teachers):
    said = teachers[0].predict_targets(PICTURES)
    one_hot = np.eye(2, dtype=np.float32)[said.argmax(axis=1)]
    assert (one_hot != HARD).any()
    live = student(TeacherLabels(teachers[0], hard=True, mode="eval")).fit(PICTURES, HARD)
    assert np.allclose(
        live.predict_targets(PICTURES), student().fit(PICTURES, one_hot).predict_targets(PICTURES), atol=1e-5
    )


def test_given_rows_are_not_looked_at(teachers):
    labels = TeacherLabels(teachers[0])
    one = student(labels, "crop").fit(PICTURES, HARD).predict_targets(PICTURES)
    assert student(labels, "crop").fit(PICTURES, HARD[::-1]).predict_targets(PICTURES).tobytes() == one.tobytes()


@pytest.mark.parametrize("augment", ["crop", "resized_crop:0.3+flip", "mixup", "cutmix", "ricap"])
def test_labels_are_answers_to_the_very_pixels_that_the_student_sees(teachers, augment):
    caught = Caught(TeacherLabels(teachers[0], mode="eval"))
    student(caught, augment, epochs=1).fit(PICTURES, HARD)
    assert sorted(np.concatenate([index for index, *_ in caught.shown])) == list(range(40))
    stored = teachers[0].predict_targets(PICTURES)
    off = []
    for index, view, x, rows in caught.shown:
        assert np.allclose(rows, answered(teachers[0], x), atol=1e-5)
        parts = stored[index]
        if view.partner is not None and view.partner.ndim == 1:
            share = view.share.numpy()[:, None]
            parts = share * parts + (1 - share) * parts[view.partner.numpy()]
        off.append(np.abs(rows - parts).max())
    assert max(off) > 1e-3  # not the answers to whole pictures, nor, of mixed ones, the mixture of answers


def test_by_statistics_of_the_batch_a_label_depends_on_the_others(teachers):
    caught = Caught(TeacherLabels(teachers[0]))
    student(caught, epochs=1).fit(PICTURES, HARD)
    off = max(np.abs(rows - answered(teachers[0], x)).max() for *_, x, rows in caught.shown)
    assert off > 1e-3


def test_several_teachers_say_the_mean(teachers):
    live = student(TeacherLabels(teachers, mode="eval")).fit(PICTURES, HARD).predict_targets(PICTURES)
    mean = np.mean([teacher.predict_targets(PICTURES) for teacher in teachers], axis=0)
    assert np.allclose(live, student().fit(PICTURES, mean).predict_targets(PICTURES), atol=1e-5)


FOLDS = np.arange(40) % 4 - 1


@pytest.mark.parametrize("weight", [None, (np.arange(40) % 3 > 0) * 1.0])
def test_each_row_is_labelled_by_the_teacher_of_its_fold(teachers, weight):
    """Rows of weight 0 are left out, and the others still have their own teacher."""
    said = np.stack([*(teacher.predict_targets(PICTURES) for teacher in teachers), HARD])
    stored = said[FOLDS, np.arange(40)]  # -1 takes the last, the given rows
    live = student(TeacherLabels(teachers, mode="eval", folds=FOLDS)).fit(PICTURES, HARD, weight)
    expected = student().fit(PICTURES, stored, weight).predict_targets(PICTURES)
    assert np.allclose(live.predict_targets(PICTURES), expected, atol=1e-5)
    wrong = student().fit(PICTURES, said[FOLDS - 1, np.arange(40)], weight).predict_targets(PICTURES)
    assert np.abs(wrong - expected).max() > 1e-3


@pytest.mark.parametrize("augment", ["mixup", "cutmix", "ricap"])
def test_pictures_are_mixed_with_those_of_their_own_fold(teachers, augment):
    for folds, together in ((FOLDS, True), (None, False)):
        caught = Caught(TeacherLabels(teachers, mode="eval", folds=folds))
        student(caught, augment, epochs=1).fit(PICTURES, HARD)
        same = []
        for index, view, _, rows in caught.shown:
            partner = index[view.partner.numpy()]
            own = FOLDS[index] if partner.ndim == 1 else FOLDS[index][:, None]
            same.append((FOLDS[partner] == own).all())
            nobodys = FOLDS[index] < 0
            if folds is not None and partner.ndim == 1:  # rows of nobody keep their given labels, mixed as they are
                share = view.share.numpy()[:, None]
                given = share * HARD[index] + (1 - share) * HARD[partner]
                assert np.allclose(rows[nobodys], given[nobodys], atol=1e-6)
        assert all(same) == together


def test_columns_are_taken_in_the_students_order(teachers):
    live = student(TeacherLabels(teachers[0], mode="eval", columns=[[1, 0]])).fit(PICTURES, HARD)
    stored = student().fit(PICTURES, teachers[0].predict_targets(PICTURES)[:, ::-1])
    assert np.allclose(live.predict_targets(PICTURES), stored.predict_targets(PICTURES), atol=1e-5)


@pytest.mark.parametrize(
    ("kind", "rows"), [(TorchMultilabelClassifier, np.round(ROWS * 2).clip(0, 1)), (TorchRegressor, ROWS[:, :2] * 5)]
)
def test_labels_of_other_kinds(kind, rows):
    options = {"epochs": 3, "batch_size": 8, "lr": 0.01, "device": "cpu"}
    teacher = kind("mlp", random_state=0, **options).fit(X, rows)
    said = teacher.predict_targets(X)
    # A regressor starts at the mean of the given rows, which is the same in another order.
    live = kind("mlp", labeler=TeacherLabels(teacher, mode="eval"), random_state=1, **options).fit(X, said[::-1])
    stored = kind("mlp", random_state=1, **options).fit(X, said)
    assert np.allclose(live.predict_targets(X), stored.predict_targets(X), atol=1e-5)
    other = kind("mlp", random_state=1, **options).fit(X, said[::-1])
    assert np.abs(other.predict_targets(X) - stored.predict_targets(X)).max() > 1e-3


def test_jitter_doubles_what_is_trained_on(teachers):
    labels = TeacherLabels(teachers[0], mode="eval", eta=1.0)
    plain = student(replace(labels, eta=None), "crop").fit(PICTURES, HARD).predict_targets(PICTURES)
    moved = student(labels, "crop").fit(PICTURES, HARD).predict_targets(PICTURES)
    assert np.abs(plain - moved).max() > 1e-3
    assert student(labels, "crop").fit(PICTURES, HARD).predict_targets(PICTURES).tobytes() == moved.tobytes()
    seen = []

    class Doubled(Caught):
        def batches_of(self, batches, labeler, network):
            return self.inner.batches_of(batches, self.labeler, network)

    caught = Doubled(labels)
    student(caught, "crop", epochs=1).fit(PICTURES, HARD, np.arange(40) + 1.0)
    for index, _, x, rows in caught.shown:
        half = len(index) // 2
        assert np.array_equal(index[:half], index[half:])
        assert np.allclose(rows, answered(teachers[0], x), atol=1e-5)  # each half by what it looks like
        seen.append((x[half:] - x[:half]).abs().max())
    assert min(seen) > 0


def test_the_teachers_stay_as_they_are_and_are_not_copied(teachers):
    before = [pickle.dumps(teacher.network_.state_dict()) for teacher in teachers]
    labels = TeacherLabels(teachers, eta=0.5)
    copy = clone(student(labels))
    assert copy.labeler is labels
    assert all(one is teacher for one, teacher in zip(copy.labeler.networks, teachers, strict=True))
    copy.fit(PICTURES, HARD)
    assert [pickle.dumps(teacher.network_.state_dict()) for teacher in teachers] == before
    assert "labeler=TeacherLabels(TorchClassifier, TorchClassifier, TorchClassifier)" in repr(student(labels))
    back = pickle.loads(pickle.dumps(labels))
    assert np.array_equal(back.networks[1].predict_targets(PICTURES), teachers[1].predict_targets(PICTURES))


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (lambda t: {"teachers": LogisticRegression()}, "the teacher LogisticRegression is no TorchClassifier, TorchRegressor or"),
        (lambda t: {"teachers": student()}, "the teacher TorchClassifier is not fitted; fit it first"),
        (lambda t: {"teachers": []}, "teachers is empty; give one fitted network or more"),
        (lambda t: {"mode": "batch"}, "mode='batch'; give 'train'"),
        (lambda t: {"eta": 0}, "eta=0; give a number above 0"),
        (lambda t: {"eta": "much"}, "eta='much'; give a number above 0"),
        (lambda t: {"columns": [None, None]}, "columns has 2 entries for 1 teachers; give one for each, or None"),
        (lambda t: {"columns": [[0, 1, 0]]}, "answers 3 columns, and the targets have 2 of kind distribution; give"),
        (lambda t: {"folds": np.zeros(39, int)}, r"folds has the shape \(39,\) of int64 and reaches from 0 to 0; give for each of 40"),
        (lambda t: {"folds": np.arange(40)}, r"reaches from 0 to 39; give for each of 40 rows the position of its teacher, 0 to 0, or"),
        (lambda t: {"folds": np.full(40, -2)}, "reaches from -2 to -2"),
        (lambda t: {"folds": np.zeros(40)}, r"\(40,\) of float64"),
        (lambda t: {"folds": ["a"] * 40}, r"\(40,\) of <U1; give"),
    ],
)  # fmt: skip
def test_what_does_not_make_labels(teachers, given, words):
    labels = TeacherLabels(**({"teachers": teachers[0]} | given(teachers)))
    with pytest.raises(InputError, match=words) as told:
        student(labels).fit(PICTURES, HARD)
    assert "\n" not in str(told.value)


def test_teachers_of_other_targets_are_refused(teachers):
    with pytest.raises(InputError, match=r"answers 2 columns, and the targets have 3 of kind distribution; give one"):
        student(TeacherLabels(teachers[0])).fit(PICTURES, np.eye(3)[np.arange(40) % 3])
    with pytest.raises(InputError, match=r"answers 2 columns, and the targets have 2 of kind independent"):
        TorchMultilabelClassifier("small_cnn", labeler=TeacherLabels(teachers[0]), **SMALL).fit(PICTURES, HARD)
    regressor = TorchRegressor("mlp", epochs=1, batch_size=8).fit(X, ROWS[:, 0])
    for options, words in (({"hard": True}, "hard labels are"), ({"eta": 1.0}, "jitter by eta is")):
        with pytest.raises(InputError, match=f"^{words} for classes, and the targets here are none; leave it out$"):
            TorchRegressor("mlp", labeler=TeacherLabels(regressor, **options)).fit(X, ROWS[:, 0])


def test_teachers_of_other_rows_are_refused(teachers):
    with pytest.raises(
        InputError, match=r"the pictures have 1 channels, and the teacher TorchClassifier was trained on 3"
    ):
        student(TeacherLabels(teachers[0])).fit(PICTURES[..., :1], HARD)
    table = TorchClassifier("mlp", epochs=1, batch_size=8).fit(X, HARD)
    with pytest.raises(
        InputError, match="the rows are pictures, and the teacher TorchClassifier was trained on numbers"
    ):
        student(TeacherLabels(table)).fit(PICTURES, HARD)
