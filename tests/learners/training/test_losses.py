import numpy as np
import pytest
import torch
from torch.nn import functional as F

from softlabel.errors import InputError
from softlabel.learners.training.losses import KLDivergence, SoftCrossEntropy, make_loss, weighted_mean


@pytest.fixture
def batch():
    draws = torch.Generator().manual_seed(0)
    output = torch.randn(7, 4, generator=draws)
    targets = torch.rand(7, 4, generator=draws)
    return output, targets / targets.sum(dim=1, keepdim=True)


def test_cross_entropy_is_torchs_on_class_numbers_and_on_soft_rows(batch):
    output, targets = batch
    codes = torch.tensor([0, 3, 1, 1, 2, 0, 3])
    hard = torch.eye(4)[codes]
    assert torch.allclose(SoftCrossEntropy()(output, hard), F.cross_entropy(output, codes))
    assert torch.allclose(SoftCrossEntropy()(output, targets), F.cross_entropy(output, targets))


def test_kl_is_torchs_batchmean_and_zero_at_the_target(batch):
    output, targets = batch
    expected = torch.nn.KLDivLoss(reduction="batchmean")(torch.log_softmax(output, 1), targets)
    assert torch.allclose(KLDivergence()(output, targets), expected)
    assert KLDivergence()(targets.log(), targets).abs() < 1e-6
    one_hot = torch.eye(4)[[0, 1, 2, 3, 0, 1, 2]]  # 0 log 0 is 0
    assert torch.isfinite(KLDivergence()(output, one_hot))


def test_both_have_the_same_gradient_for_the_entropy_of_targets_is_constant(batch):
    output, targets = batch
    gradients = []
    for loss in (SoftCrossEntropy(), KLDivergence()):
        leaf = output.clone().requires_grad_()
        loss(leaf, targets).backward()
        gradients.append(leaf.grad)
    assert torch.allclose(*gradients, atol=1e-7)


def test_a_weight_of_two_is_the_row_twice(batch):
    output, targets = batch
    weight = torch.ones(7)
    weight[2] = 2
    twice = [0, 1, 2, 2, 3, 4, 5, 6]
    for loss in (SoftCrossEntropy(), KLDivergence()):
        assert torch.allclose(loss(output, targets, weight), loss(output[twice], targets[twice]))


def test_weighted_mean_against_numpy():
    losses, weight = np.array([1.0, 2.0, 4.0]), np.array([3.0, 0.0, 1.0])
    found = weighted_mean(torch.tensor(losses), torch.tensor(weight))
    assert float(found) == pytest.approx(np.average(losses, weights=weight))


def test_losses_by_name_and_callables():
    assert isinstance(make_loss("kl"), KLDivergence)
    assert make_loss(weighted_mean) is weighted_mean
    with pytest.raises(InputError, match="cross_entropy, kl, or a callable"):
        make_loss("mse")
