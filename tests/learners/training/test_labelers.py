import numpy as np
import torch

from softlabel.learners.augmentation.view import View
from softlabel.learners.training.labelers import StoredTargets, beside_teacher, mixed


def view_of_all(view):
    """The view of a batch of four, whose last two rows are mixed as the first two."""
    return View(partner=view.partner.repeat(2, 1), share=view.share.repeat(2, 1))


T = torch.tensor([[1.0, 0.0], [0.0, 1.0], [0.5, 0.5], [0.2, 0.8]])


def test_rows_by_their_index():
    found = StoredTargets(T).targets(torch.tensor([3, 0]), View(), torch.zeros(2, 1), 1)
    assert torch.equal(found, T[[3, 0]])


def test_mixed_rows_take_their_shares():
    view = View(partner=torch.tensor([1, 0]), share=torch.tensor([0.25, 1.0]))
    found = StoredTargets(T).targets(torch.tensor([0, 1]), view, torch.zeros(2, 1), 1)
    assert torch.allclose(found, torch.tensor([[0.25, 0.75], [0.0, 1.0]]))
    assert torch.allclose(found.sum(1), torch.ones(2))


def test_rows_of_four_pictures_take_the_share_of_each():
    view = View(
        partner=torch.tensor([[1, 2, 3], [0, 0, 1]]), share=torch.tensor([[0.1, 0.2, 0.3, 0.4], [0.5, 0.25, 0.25, 0.0]])
    )
    found = StoredTargets(T).targets(torch.tensor([0, 1, 2, 3]), view_of_all(view), torch.zeros(4, 1), 1)
    by_hand = 0.1 * T[0] + 0.2 * T[1] + 0.3 * T[2] + 0.4 * T[3]
    assert torch.allclose(found[0], by_hand)
    assert torch.allclose(found[1], torch.tensor([0.5, 0.5]))
    assert torch.allclose(found.sum(1), torch.ones(4))
    weights = torch.tensor([1.0, 2.0, 3.0, 4.0])
    assert torch.allclose(mixed(weights, view_of_all(view))[:2], torch.tensor([3.0, 1.5]))


def test_weights_are_mixed_as_rows_are():
    view = View(partner=torch.tensor([1, 0]), share=torch.tensor([0.25, 0.5]))
    assert torch.allclose(mixed(torch.tensor([2.0, 4.0]), view), torch.tensor([3.5, 3.0]))
    assert torch.equal(mixed(T, View()), T)


def test_a_teachers_rows_stand_beside_the_given_ones_and_are_mixed_with_them():
    teacher = np.array([[0.9, 0.1], [0.3, 0.7], [0.6, 0.4], [0.5, 0.5]], np.float32)
    labeler = beside_teacher(T, teacher)
    index = torch.tensor([3, 0])
    assert torch.equal(
        labeler.targets(index, View(), torch.zeros(2, 1), 1), torch.tensor([[0.2, 0.8, 0.5, 0.5], [1.0, 0.0, 0.9, 0.1]])
    )
    view = View(partner=torch.tensor([1, 0]), share=torch.tensor([0.25, 1.0]))
    found = labeler.targets(index, view, torch.zeros(2, 1), 1)
    assert torch.allclose(found[0], torch.tensor([0.8, 0.2, 0.8, 0.2]))
