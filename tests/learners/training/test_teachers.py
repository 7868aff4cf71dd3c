"""Networks that label: what they say of a batch, redone by hand, and that nothing of them moves."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torchvision.transforms.v2 import functional as V

from coloured_pictures import coloured
from learners.training.small_teachers import (
    CPU,
    ROWS,
    Normalised,
    X,
    answered_by_hand,
    learned_statistics,
    scaled,
    seen_by,
    state_bytes,
    trained,
)
from softlabel import InputError, TorchClassifier, TorchRegressor
from softlabel.learners.augmentation.view import View
from softlabel.learners.training.teachers import StudentInputs, Teacher, TeacherLabeler


@pytest.fixture(scope="module")
def fitted():
    return trained()


@pytest.fixture(scope="module")
def inputs(fitted):
    """(40, 3) as the network sees the rows."""
    return fitted.preparation_.on(CPU, True)(torch.from_numpy(X), CPU)


def test_learned_statistics_give_what_it_predicts(fitted, inputs):
    answers = Teacher(fitted, "eval", seen_by(fitted))(inputs)
    assert np.allclose(answers, fitted.predict_targets(X), atol=1e-6)
    expected = answered_by_hand(fitted.network_, inputs.numpy().astype(np.float64), learned_statistics(fitted.network_))
    assert np.allclose(answers, expected, atol=1e-6)


@pytest.mark.parametrize("part", [slice(0, 40), slice(3, 14)])
def test_statistics_of_the_batch_by_hand(fitted, inputs, part):
    answers = Teacher(fitted, "train", seen_by(fitted))(inputs[part])
    assert np.allclose(answers, answered_by_hand(fitted.network_, inputs[part].numpy().astype(np.float64)), atol=1e-5)
    assert np.abs(answers.numpy() - fitted.predict_targets(X[part])).max() > 0.01  # else the test could not fail


@pytest.mark.parametrize("mode", ["train", "eval"])
def test_nothing_of_it_moves_and_its_labels_are_no_matter_of_chance(fitted, inputs, mode):
    before, training = state_bytes(fitted.network_), fitted.network_.training
    teacher = Teacher(fitted, mode, seen_by(fitted))
    first = teacher(inputs)
    assert torch.equal(teacher(inputs), first)  # dropout is off, and no average runs
    other = teacher(inputs[:9] + 5)
    assert torch.equal(teacher(inputs), first)
    assert not torch.equal(other, first[:9])
    assert state_bytes(fitted.network_) == before
    assert fitted.network_.training == training
    assert all(values.requires_grad for values in fitted.network_.parameters())


def test_a_copy_has_no_gradients_of_its_own_but_hands_them_on(fitted, inputs):
    fitted.network_.zero_grad(set_to_none=True)
    moving = inputs.clone().requires_grad_(True)
    Teacher(fitted, "train", seen_by(fitted))(moving)[:, 0].sum().backward()
    assert moving.grad.abs().max() > 0
    assert all(values.grad is None for values in fitted.network_.parameters())


SEEN = []


class Watching(Normalised):
    def forward(self, x):
        SEEN.append(x)
        return super().forward(x)


def test_inputs_are_handed_on_as_they_are_where_both_prepare_them_alike(inputs):
    fitted = trained(Watching)
    Teacher(fitted, "eval", seen_by(fitted))(inputs)
    assert SEEN[-1] is inputs


def test_another_normalisation_is_that_of_the_student_undone_and_its_own_done(fitted):
    mean, std = np.array([1.0, -2.0, 0.5]), np.array([2.0, 0.5, 3.0])
    x = torch.from_numpy(((X - mean) / std).astype(np.float32))
    answers = Teacher(fitted, "eval", seen_by(fitted, scaled(mean, std)))(x)
    assert np.allclose(answers, fitted.predict_targets(X), atol=1e-5)
    assert np.abs(Teacher(fitted, "eval", seen_by(fitted))(x).numpy() - answers.numpy()).max() > 0.01


@pytest.mark.parametrize("options", [{"image_size": 16}, {}], ids=["its own size", "the size of its pictures"])
def test_pictures_of_another_size_are_resized_and_normalised_anew(options):
    small, y = coloured(8, side=8)
    large = V.resize(torch.from_numpy(small).permute(0, 3, 1, 2), [16, 16], antialias=True).permute(0, 2, 3, 1).numpy()
    network = TorchClassifier(
        "small_cnn", network_options={"width": 4}, epochs=2, batch_size=8, device="cpu", random_state=0
    )
    fitted = network.set_params(**options).fit(small if options else large, y)
    assert (fitted.preparation_.size is None) != bool(options)
    mean, std = torch.full((3, 1, 1), 0.4), torch.full((3, 1, 1), 0.2)
    pixels = torch.from_numpy(small).permute(0, 3, 1, 2).float() / 255
    inputs = StudentInputs(scaled(mean, std), (3, 8, 8), True, CPU)
    answers = Teacher(fitted, "eval", inputs)((pixels - mean) / std).numpy()
    own = fitted.preparation_.on(CPU, True)
    with torch.no_grad():
        seen = (V.resize(pixels, [16, 16], antialias=True) - own.mean) / own.std
        expected = torch.softmax(fitted.network_(seen), dim=1).numpy()
    assert np.allclose(answers, expected, atol=1e-5)
    # It resizes stored pictures in whole numbers from 0 to 255.
    assert np.allclose(answers, fitted.predict_targets(small if options else large), atol=2e-3)
    assert np.abs(expected - expected.mean(axis=0)).max() > 0.005


def test_columns_of_the_student(fitted, inputs):
    answers = Teacher(fitted, "eval", seen_by(fitted), [2, 0, 3, 1])(inputs)
    assert np.allclose(answers, fitted.predict_targets(X)[:, [2, 0, 3, 1]], atol=1e-6)


def test_numbers_are_answered_as_numbers(inputs):
    grades = TorchRegressor("mlp", epochs=2, batch_size=8, random_state=0).fit(X, ROWS[:, :2] * 10)
    assert np.allclose(Teacher(grades, "eval", seen_by(grades))(inputs), grades.predict_targets(X), atol=1e-5)


@pytest.mark.parametrize(
    ("shape", "pictures", "words"),
    [
        (
            (3, 8, 8),
            True,
            r"^the rows are pictures, and the teacher TorchClassifier was trained on numbers; give one that knows",
        ),
        (
            (5,),
            False,
            r"^rows have the shape \(5,\), and the teacher TorchClassifier was trained on \(3,\); give one for such rows$",
        ),
    ],
)
def test_rows_that_a_table_teacher_cannot_read(fitted, shape, pictures, words):
    with pytest.raises(InputError, match=words):
        Teacher(fitted, "eval", StudentInputs(scaled(np.zeros(1), np.ones(1)), shape, pictures, CPU))


@pytest.mark.parametrize(
    ("shape", "pictures", "words"),
    [
        ((3,), False, r"^the rows are numbers, and the teacher TorchClassifier was trained on pictures; give one"),
        (
            (1, 8, 8),
            True,
            r"^the pictures have 1 channels, and the teacher TorchClassifier was trained on 3; give one for such",
        ),
    ],
)
def test_rows_that_a_teacher_of_pictures_cannot_read(shape, pictures, words):
    fitted = TorchClassifier("small_cnn", network_options={"width": 4}, epochs=1, batch_size=8).fit(
        *coloured(4, side=8)
    )
    with pytest.raises(InputError, match=words):
        Teacher(fitted, "eval", StudentInputs(scaled(np.zeros(1), np.ones(1)), shape, pictures, CPU))


@pytest.fixture(scope="module")
def three(inputs):
    """Three networks, and what each says of the rows by learned statistics, (3, 40, 4)."""
    networks = [trained(random_state=seed) for seed in range(3)]
    return networks, np.stack([network.predict_targets(X) for network in networks])


def teachers_of(three, fitted, mode="eval"):
    return [Teacher(network, mode, seen_by(fitted)) for network in three[0]]


INDEX = torch.tensor([7, 0, 33, 12, 5, 21, 8, 39, 1, 30])


def test_several_teachers_are_averaged(three, fitted, inputs):
    labeler = TeacherLabeler(teachers_of(three, fitted))
    found = labeler.targets(INDEX, View(), inputs[INDEX], 1)
    assert np.allclose(found, three[1].mean(axis=0)[INDEX], atol=1e-6)
    assert not found.requires_grad
    hard = TeacherLabeler(teachers_of(three, fitted), hard=True).targets(INDEX, View(), inputs[INDEX], 1)
    assert np.array_equal(hard, np.eye(4)[three[1].mean(axis=0)[INDEX].argmax(axis=1)])


FOLD_OF = torch.arange(40) % 4 - 1  # rows 0, 4, 8, ... belong to nobody


@pytest.mark.parametrize("hard", [False, True])
def test_each_row_is_labelled_by_its_own_teacher_and_that_of_nobody_keeps_its_given_one(three, fitted, inputs, hard):
    labeler = TeacherLabeler(teachers_of(three, fitted), hard, FOLD_OF, torch.from_numpy(ROWS))
    found = labeler.targets(INDEX, View(), inputs[INDEX], 1).numpy()
    assert (FOLD_OF[INDEX] < 0).sum() == 3
    for row, index in zip(found, INDEX, strict=True):
        fold = FOLD_OF[index]
        expected = ROWS[index] if fold < 0 else three[1][fold, index]
        if hard and fold >= 0:
            expected = np.eye(4)[expected.argmax()]
        assert np.allclose(row, expected, atol=1e-6)


def test_given_rows_are_mixed_as_their_pictures_are(three, fitted, inputs):
    labeler = TeacherLabeler(teachers_of(three, fitted), False, FOLD_OF, torch.from_numpy(ROWS))
    index = torch.tensor([0, 8, 1])
    view = View(partner=torch.tensor([1, 0, 2]), share=torch.tensor([0.25, 0.25, 0.25]))
    found = labeler.targets(index, view, inputs[index], 1).numpy()
    assert np.allclose(found[:2], 0.25 * ROWS[[0, 8]] + 0.75 * ROWS[[8, 0]], atol=1e-6)
    assert np.allclose(found[2], three[1][0, 1], atol=1e-6)  # what x is made of does not matter to who is asked


def test_a_fold_takes_the_statistics_of_its_own_rows_where_it_has_enough(three, fitted, inputs):
    fold_of = torch.tensor([0] * 32 + [1] * 7 + [2])
    answers = TeacherLabeler(teachers_of(three, fitted, "train"), False, fold_of, torch.from_numpy(ROWS)).answers(
        torch.arange(40), inputs
    )
    x = inputs.numpy().astype(np.float64)
    own = answered_by_hand(three[0][0].network_, x[:32])
    whole = [answered_by_hand(three[0][fold].network_, x) for fold in (1, 2)]
    assert np.allclose(answers[:32], own, atol=1e-5)
    assert np.allclose(answers[32:39], whole[0][32:39], atol=1e-5)  # 7 rows say little of mean and variance
    assert np.allclose(answers[39], whole[1][39], atol=1e-5)


def test_gradients_reach_the_inputs_through_every_fold(three, fitted, inputs):
    moving = inputs.clone().requires_grad_(True)
    labeler = TeacherLabeler(teachers_of(three, fitted), False, FOLD_OF, torch.from_numpy(ROWS))
    labeler.answers(torch.arange(40), moving)[:, 0].sum().backward()
    assert ((moving.grad.abs().max(dim=1).values > 0) == (FOLD_OF >= 0)).all()


def test_what_the_student_answers_changes_no_label(three, fitted, inputs):
    labeler = TeacherLabeler(teachers_of(three, fitted))
    before = labeler.targets(INDEX, View(), inputs[INDEX], 1)
    labeler.observe(INDEX, torch.randn(10, 4), 1)
    assert torch.equal(labeler.targets(INDEX, View(), inputs[INDEX], 2), before)
