import numpy as np
import pytest
import torch
from scipy import stats
from torch.nn import functional as F

from softlabel.learners.training.losses import (
    HardestLoss,
    MeanLoss,
    TrustedLoss,
    binary_cross_entropy,
    binary_entropy,
    cross_entropy,
    kl_divergence,
    reverse_kl,
    smooth_l1,
    squared_emd,
    squared_error,
    squared_gap,
    weighted_mean,
)
from softlabel.metrics.scores import brier

ALL = (
    cross_entropy,
    kl_divergence,
    reverse_kl,
    squared_gap,
    squared_emd,
    binary_cross_entropy,
    smooth_l1,
    squared_error,
)


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
    assert torch.allclose(cross_entropy(output, hard), F.cross_entropy(output, codes, reduction="none"))
    assert torch.allclose(cross_entropy(output, targets), F.cross_entropy(output, targets, reduction="none"))


def test_kl_is_torchs_batchmean_and_zero_at_the_target(batch):
    output, targets = batch
    expected = torch.nn.KLDivLoss(reduction="batchmean")(torch.log_softmax(output, 1), targets)
    assert torch.allclose(MeanLoss(kl_divergence)(output, targets), expected)
    assert kl_divergence(targets.log(), targets).abs().max() < 1e-6
    one_hot = torch.eye(4)[[0, 1, 2, 3, 0, 1, 2]]  # 0 log 0 is 0
    assert torch.isfinite(kl_divergence(output, one_hot)).all()


def test_both_have_the_same_gradient_for_the_entropy_of_targets_is_constant(batch):
    output, targets = batch
    gradients = []
    for rows in (cross_entropy, kl_divergence):
        leaf = output.clone().requires_grad_()
        MeanLoss(rows)(leaf, targets).backward()
        gradients.append(leaf.grad)
    assert torch.allclose(*gradients, atol=1e-7)


def test_reverse_kl_against_scipy_and_by_hand(batch):
    output, targets = batch
    expected = stats.entropy(torch.softmax(output, 1).numpy(), targets.numpy(), axis=1)
    assert torch.allclose(reverse_kl(output, targets), torch.from_numpy(expected))
    assert reverse_kl(targets.log(), targets).abs().max() < 1e-6
    halves = torch.zeros(1, 2)  # p = (.5, .5) against q = (.9, .1)
    assert reverse_kl(halves, torch.tensor([[0.9, 0.1]])).item() == pytest.approx(np.log(0.5) - np.log(0.3))
    assert kl_divergence(halves, torch.tensor([[0.9, 0.1]])).item() != pytest.approx(np.log(0.5) - np.log(0.3))


def test_reverse_kl_of_targets_with_zeros_is_bounded():
    one_hot = torch.eye(3)
    sure = 60 * torch.eye(3)  # softmax is one-hot
    assert torch.allclose(reverse_kl(sure, one_hot), torch.zeros(3))
    assert torch.allclose(reverse_kl(sure, one_hot[[1, 2, 0]]), torch.full((3,), 7 * np.log(10)))
    assert torch.isfinite(reverse_kl(torch.tensor([[1e6, -1e6]]), torch.tensor([[0.0, 1.0]]))).all()
    # A class that the target has and the network leaves out costs log 2 here, where the other direction costs without bound.
    halves = torch.tensor([[0.5, 0.5, 0.0]])
    assert reverse_kl(sure[:1], halves).item() == pytest.approx(np.log(2))
    assert kl_divergence(sure[:1], halves).item() > 20


def test_squared_gap_is_the_brier_score_of_one_hot_rows(batch):
    output, targets = batch
    hard = torch.eye(4)[[0, 3, 1, 1, 2, 0, 3]]
    p = torch.softmax(output, 1).double().numpy()
    assert squared_gap(output, hard).mean().item() == pytest.approx(brier([0, 3, 1, 1, 2, 0, 3], p))
    assert squared_gap(torch.zeros(1, 2), torch.tensor([[0.9, 0.1]])).item() == pytest.approx(0.32)
    assert squared_gap(targets.log(), targets).abs().max() < 1e-12


@pytest.mark.parametrize("rows", [reverse_kl, squared_gap])
def test_gradients_are_those_of_finite_differences_and_vanish_at_the_target(batch, rows):
    output, targets = (each.double() for each in batch)
    targets[0] = torch.tensor([0.0, 0.25, 0.75, 0.0])  # zeros as well
    assert torch.autograd.gradcheck(lambda leaf: rows(leaf, targets), output.requires_grad_())
    leaf = targets[1:].log().requires_grad_()
    rows(leaf, targets[1:]).sum().backward()
    assert leaf.grad.abs().max() < 1e-7


def test_earth_movers_distance_counts_how_far_mass_is_off():
    sure = 40 * torch.eye(5)  # softmax is one-hot
    told = torch.eye(5)[[0] * 5]
    assert torch.allclose(squared_emd(sure, told), torch.tensor([0.0, 1.0, 2.0, 3.0, 4.0]), atol=1e-5)
    # By hand: p = (.5, .5, 0) against q = (0, .5, .5); cumulative gaps .5, .5, 0.
    halves = torch.tensor([[0.5, 0.5, 1e-30]]).log()
    assert squared_emd(halves, torch.tensor([[0.0, 0.5, 0.5]])).item() == pytest.approx(0.5)
    # The order counts: swapping far columns changes it, where cross entropy sees no difference.
    assert squared_emd(halves, torch.tensor([[0.0, 0.0, 1.0]])) > squared_emd(halves, torch.tensor([[0.0, 1.0, 0.0]]))


def test_earth_movers_distance_is_that_of_dlordinal_on_grades_and_rows(batch):
    losses = pytest.importorskip("dlordinal.losses")
    output, targets = batch
    oracle, loss = losses.EMDLoss(num_classes=4), MeanLoss(squared_emd)
    codes = torch.tensor([0, 3, 1, 1, 2, 0, 3])
    assert torch.allclose(loss(output, torch.eye(4)[codes]), oracle(output, codes))
    assert torch.allclose(loss(output, targets), oracle(output, targets))
    assert squared_emd(targets.log(), targets).abs().max() < 1e-10


def test_binary_cross_entropy_is_torchs_mean_over_entries():
    draws = torch.Generator().manual_seed(1)
    output, targets = 5 * torch.randn(6, 3, generator=draws), torch.rand(6, 3, generator=draws)
    expected = F.binary_cross_entropy_with_logits(output, targets)
    assert torch.allclose(MeanLoss(binary_cross_entropy)(output, targets), expected)
    assert binary_cross_entropy(torch.tensor([[0.0, 0.0]]), torch.tensor([[1.0, 0.3]])).item() == pytest.approx(
        np.log(2)
    )
    assert torch.isfinite(binary_cross_entropy(torch.tensor([[1e6, -1e6]]), torch.tensor([[0.0, 1.0]]))).all()


def test_losses_of_numbers_are_torchs():
    draws = torch.Generator().manual_seed(2)
    output, targets = 3 * torch.randn(9, 2, generator=draws), torch.randn(9, 2, generator=draws)
    assert torch.allclose(MeanLoss(smooth_l1)(output, targets), torch.nn.SmoothL1Loss()(output, targets))
    assert torch.allclose(MeanLoss(squared_error)(output, targets), torch.nn.MSELoss()(output, targets))
    off = torch.tensor([[0.5], [1.0], [3.0]])
    assert smooth_l1(off, torch.zeros(3, 1)).tolist() == [0.125, 0.5, 2.5]
    assert squared_error(off, torch.zeros(3, 1)).tolist() == [0.25, 1.0, 9.0]


@pytest.mark.parametrize("rows", ALL)
@pytest.mark.parametrize("make", [MeanLoss, lambda rows: HardestLoss(rows, 0.4)], ids=["mean", "hardest"])
def test_a_weight_of_two_is_the_row_twice(batch, rows, make):
    output, targets = batch
    loss = make(rows)
    for heavy in range(7):
        weight = torch.ones(7)
        weight[heavy] = 2
        twice = sorted([*range(7), heavy])
        assert torch.allclose(loss(output, targets, weight), loss(output[twice], targets[twice]), rtol=1e-5)
        weight[heavy] = 0
        without = [row for row in range(7) if row != heavy]
        assert torch.allclose(loss(output, targets, weight), loss(output[without], targets[without]), rtol=1e-5)


def first_column(output, targets):
    """A loss that is what the network says."""
    return output[:, 0]


@pytest.mark.parametrize(("share", "expected"), [(0.2, 9.0), (0.4, 8.0), (0.6, 6.0), (1.0, 4.0), (0.01, 9.0)])
def test_the_hardest_rows_by_hand(share, expected):
    losses = torch.tensor([[1.0], [9.0], [2.0], [7.0], [1.0]])
    assert HardestLoss(first_column, share)(losses, losses).item() == pytest.approx(expected)


def test_a_share_between_two_rows_takes_a_part_of_the_last():
    losses = torch.tensor([[1.0], [9.0], [2.0], [7.0], [1.0]])
    # Half of five rows: 9, 7 and half of 2.
    assert HardestLoss(first_column, 0.5)(losses, losses).item() == pytest.approx((9 + 7 + 1) / 2.5)
    weight = torch.tensor([1.0, 1.0, 1.0, 3.0, 2.0])
    # Half of a weight of 8: 9, and the 3 of 7.
    assert HardestLoss(first_column, 0.5)(losses, losses, weight).item() == pytest.approx((9 + 3 * 7) / 4)


def test_only_the_hardest_rows_have_a_gradient():
    leaf = torch.tensor([[1.0], [9.0], [2.0], [7.0]], requires_grad=True)
    HardestLoss(first_column, 0.5)(leaf, leaf).backward()
    assert leaf.grad.flatten().tolist() == [0.0, 0.5, 0.0, 0.5]


def test_weighted_mean_against_numpy():
    losses, weight = np.array([1.0, 2.0, 4.0]), np.array([3.0, 0.0, 1.0])
    found = weighted_mean(torch.tensor(losses), torch.tensor(weight))
    assert float(found) == pytest.approx(np.average(losses, weights=weight))


def test_the_least_of_binary_cross_entropy():
    targets = torch.tensor([[0.0, 1.0, 0.5], [0.2, 0.7, 0.9]], dtype=torch.float64)
    expected = np.array([np.log(2) / 3, stats.bernoulli([0.2, 0.7, 0.9]).entropy().mean()])
    assert torch.allclose(binary_entropy(targets), torch.from_numpy(expected))
    least = binary_cross_entropy(torch.logit(targets[1:]), targets[1:])
    assert torch.allclose(least, binary_entropy(targets[1:]))


def test_trust_beside_the_targets_weighs_rows(batch):
    output, targets = batch
    trust = torch.linspace(0.2, 1.0, 7)
    loss = TrustedLoss(MeanLoss(cross_entropy))
    rows = cross_entropy(output, targets).numpy()
    found = loss(output, torch.cat([targets, trust[:, None]], dim=1))
    assert found.item() == pytest.approx(np.average(rows, weights=trust.numpy()))
    weight = torch.arange(7.0)
    found = loss(output, torch.cat([targets, trust[:, None]], dim=1), weight)
    assert found.item() == pytest.approx(np.average(rows, weights=(weight * trust).numpy()))


def test_rows_without_trust_are_trusted_alike(batch):
    loss = TrustedLoss(MeanLoss(cross_entropy))
    assert torch.equal(loss(*batch), MeanLoss(cross_entropy)(*batch))
    weight = torch.arange(7.0)
    assert torch.equal(loss(*batch, weight), MeanLoss(cross_entropy)(*batch, weight))
