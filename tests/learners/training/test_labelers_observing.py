"""Epochs in batches, by hand; whole trainings stand in tests/learners/test_labelers.py."""

import numpy as np
import pytest
import torch

from softlabel.learners.augmentation.view import View
from softlabel.learners.training.labelers_observing import (
    OnlineSmoothingLabeler,
    ProgressiveLabeler,
    SelfAdaptiveLabeler,
)

GIVEN = torch.tensor([[1.0, 0.0, 0.0], [0.8, 0.2, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])  # classes 0, 0, 1, 2


def rows(*numbers):
    return torch.tensor(numbers)


def batch(labeler, index, probabilities, epoch):
    """Tell of answers with these probabilities, then ask for the targets."""
    index = torch.tensor(index)
    labeler.observe(index, torch.log(rows(*probabilities)), epoch)
    return labeler.targets(index, View(), torch.zeros(len(index), 1), epoch)


def test_soft_labels_of_classes_are_means_of_right_answers_over_an_epochs_batches():
    labeler = OnlineSmoothingLabeler(GIVEN, 0.5)
    first = batch(labeler, [0, 2], [[0.6, 0.3, 0.1], [0.5, 0.4, 0.1]], 1)  # right, wrong
    assert torch.allclose(first, 0.5 * GIVEN[[0, 2]] + 0.5 / 3)
    first = batch(labeler, [3, 1], [[0.2, 0.1, 0.7], [0.8, 0.1, 0.1]], 1)  # right, right
    assert torch.allclose(first, 0.5 * GIVEN[[3, 1]] + 0.5 / 3)
    second = batch(labeler, [1, 2, 3], [[0.1, 0.2, 0.7], [0.1, 0.8, 0.1], [0.3, 0.3, 0.4]], 2)
    table = rows([0.7, 0.2, 0.1], [1 / 3] * 3, [0.2, 0.1, 0.7])
    assert torch.allclose(second, 0.5 * GIVEN[[1, 2, 3]] + 0.5 * table[[0, 1, 2]])
    assert torch.allclose(labeler.final_targets(), 0.5 * GIVEN + 0.5 * table[[0, 0, 1, 2]])
    third = batch(labeler, [0, 2, 3], [[0.5, 0.3, 0.2]] * 3, 3)
    table = rows([0.7, 0.2, 0.1], [0.1, 0.8, 0.1], [0.3, 0.3, 0.4])  # class 0 had no right answer in epoch 2
    assert torch.allclose(third, 0.5 * GIVEN[[0, 2, 3]] + 0.5 * table)


def test_rows_move_in_their_own_batch_once_it_is_time():
    labeler = SelfAdaptiveLabeler(GIVEN, "distribution", waits=1.5, momentum=0.9)
    said = [[0.2, 0.5, 0.3], [0.1, 0.1, 0.8]]
    assert torch.equal(batch(labeler, [1, 2], said, 1), GIVEN[[1, 2]])
    moved = 0.9 * GIVEN[[1, 2]] + 0.1 * rows(*said)
    found = batch(labeler, [1, 2], said, 2)
    assert torch.allclose(found, torch.cat([moved, rows([0.74], [0.91])], dim=1))
    again = 0.9 * moved + 0.1 * rows(*said)
    assert torch.allclose(batch(labeler, [1, 2], said, 3)[:, :3], again)
    assert torch.allclose(labeler.final_targets(), torch.cat([GIVEN[:1], again, GIVEN[3:]]))
    assert GIVEN[1].tolist() == pytest.approx([0.8, 0.2, 0.0])  # what was given is not changed


def test_trust_of_entries_is_how_far_they_are_from_a_half():
    labeler = SelfAdaptiveLabeler(rows([0.9, 0.2]), "independent", waits=0, momentum=1.0)
    found = labeler.targets(torch.tensor([0]), View(), torch.zeros(1, 1), 1)
    assert found.tolist() == [pytest.approx([0.9, 0.2, 0.85])]


def test_numbers_are_trusted_alike():
    labeler = SelfAdaptiveLabeler(rows([3.0]), "scalar", waits=0, momentum=0.5)
    labeler.observe(torch.tensor([0]), rows([1.0]), 1)
    assert labeler.targets(torch.tensor([0]), View(), torch.zeros(1, 1), 1).tolist() == [[2.0]]


def test_answers_of_the_last_epoch_are_blended_in_more_with_each():
    labeler = ProgressiveLabeler(GIVEN, "distribution", 0.6, 3)
    epochs = [np.random.default_rng(epoch).dirichlet(np.ones(3), 4).astype(np.float32).tolist() for epoch in range(3)]
    for epoch, said in enumerate(epochs, 1):
        found = [batch(labeler, part, [said[row] for row in part], epoch) for part in ([3, 0], [1, 2])]
        a = 0.2 * epoch
        blend = GIVEN if epoch == 1 else (1 - a) * GIVEN + a * rows(*epochs[epoch - 2])
        assert torch.allclose(torch.cat(found), blend[[3, 0, 1, 2]], atol=1e-6)
        assert torch.allclose(labeler.final_targets(), blend, atol=1e-6)


@pytest.mark.parametrize(
    ("kind", "said"), [("independent", torch.sigmoid(rows([2.0, -1.0]))), ("scalar", rows([2.0, -1.0]))]
)
def test_what_outputs_of_other_kinds_say(kind, said):
    given = rows([0.3, 0.6])
    labeler = ProgressiveLabeler(given, kind, 1.0, 2)
    for epoch in (1, 2):
        labeler.observe(torch.tensor([0]), rows([2.0, -1.0]), epoch)
    assert torch.allclose(labeler.targets(torch.tensor([0]), View(), torch.zeros(1, 1), 2), said)
