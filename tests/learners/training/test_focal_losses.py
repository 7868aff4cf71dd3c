import numpy as np
import pytest
import torch
from torchvision.ops import sigmoid_focal_loss

from softlabel.learners.training.focal_losses import BinaryFocalRows, FocalRows
from softlabel.learners.training.losses import binary_cross_entropy, cross_entropy

DRAWS = torch.Generator().manual_seed(0)
OUTPUT = 3 * torch.randn(8, 4, generator=DRAWS, dtype=torch.float64)
SOFT = torch.rand(8, 4, generator=DRAWS, dtype=torch.float64)


def test_by_hand():
    output = torch.log(torch.tensor([[0.5, 0.3, 0.2]], dtype=torch.float64))
    hard, soft = torch.tensor([[0.0, 1.0, 0.0]]), torch.tensor([[0.1, 0.6, 0.3]], dtype=torch.float64)
    assert FocalRows(2.0)(output, hard).item() == pytest.approx(-(0.7**2) * np.log(0.3))
    expected = -(0.1 * 0.5**2 * np.log(0.5) + 0.6 * 0.7**2 * np.log(0.3) + 0.3 * 0.8**2 * np.log(0.2))
    assert FocalRows(2.0)(output, soft).item() == pytest.approx(expected)


def test_an_exponent_of_zero_is_cross_entropy():
    targets = SOFT / SOFT.sum(dim=1, keepdim=True)
    assert torch.allclose(FocalRows(0.0)(OUTPUT, targets), cross_entropy(OUTPUT, targets))
    assert torch.allclose(BinaryFocalRows(0.0)(OUTPUT, SOFT), binary_cross_entropy(OUTPUT, SOFT))


@pytest.mark.parametrize("gamma", [0.5, 1.0, 2.0, 3.5])
def test_of_entries_it_is_that_of_torchvision_on_labels(gamma):
    labels = (SOFT > 0.5).double()
    expected = sigmoid_focal_loss(OUTPUT, labels, alpha=-1, gamma=gamma).mean(dim=1)
    assert torch.allclose(BinaryFocalRows(gamma)(OUTPUT, labels), expected)


def test_of_two_classes_both_forms_agree():
    """softmax of (0, z) is (1 - sigmoid(z), sigmoid(z))."""
    z, q = OUTPUT[:, :1], SOFT[:, :1]
    of_classes = FocalRows(2.0)(torch.cat([torch.zeros_like(z), z], dim=1), torch.cat([1 - q, q], dim=1))
    assert torch.allclose(of_classes, BinaryFocalRows(2.0)(z, q))


@pytest.mark.parametrize("rows", [FocalRows, BinaryFocalRows], ids=["classes", "entries"])
@pytest.mark.parametrize("gamma", [0.0, 0.5, 1.0, 2.0])
def test_certain_answers_have_finite_losses_and_slopes(rows, gamma):
    output = torch.tensor([[200.0, 0.0], [0.0, 0.0], [-200.0, 0.0], [90.0, -90.0]], requires_grad=True)
    targets = torch.tensor([[1.0, 0.0], [0.5, 0.5], [0.7, 0.3], [0.0, 1.0]])
    losses = rows(gamma)(output, targets)
    losses.sum().backward()
    assert torch.isfinite(losses).all()
    assert torch.isfinite(output.grad).all()
    # The first row is right and certain; of entries of their own the second one of it is undecided.
    assert losses[0].item() == pytest.approx(0.0 if rows is FocalRows else 0.5**gamma * np.log(2) / 2, abs=1e-6)


@pytest.mark.parametrize("rows", [FocalRows(1.5), BinaryFocalRows(1.5)], ids=["classes", "entries"])
def test_slopes_are_those_of_the_losses(rows):
    targets = SOFT / SOFT.sum(dim=1, keepdim=True)
    assert torch.autograd.gradcheck(lambda output: rows(output, targets), OUTPUT.clone().requires_grad_())
