"""Networks of a stack against the same networks trained alone."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

SIZES, EPOCHS, LR = (2, 8, 8, 3), 12, 0.02


@pytest.fixture
def stacked(monkeypatch):
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2] / "benchmarks"))
    import stacked_networks

    yield stacked_networks
    sys.modules.pop("stacked_networks")


@pytest.fixture
def rows():
    draws = np.random.default_rng(0)
    x = torch.tensor(draws.normal(size=(4, 30, 2)), dtype=torch.float32)  # rows of its own for each of 4 networks
    targets = torch.tensor(draws.dirichlet(np.ones(3), (4, 30)), dtype=torch.float32)
    x_validation = torch.tensor(draws.normal(size=(20, 2)), dtype=torch.float32)
    return x, targets, x_validation, torch.tensor(draws.integers(0, 3, 20))


def trained_alone(network, x, targets, x_validation, y_validation):
    """The same training as plain layers: the weights, loss and number of the best epoch."""
    optimizer = torch.optim.Adam(network.parameters(), lr=LR)
    best = (np.inf, 0, None)
    for epoch in range(1, EPOCHS + 1):
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(network(x), targets).backward()
        optimizer.step()
        with torch.no_grad():
            loss = torch.nn.functional.cross_entropy(network(x_validation), y_validation).item()
        if loss < best[0]:
            best = (loss, epoch, [value.detach().clone() for value in network.parameters()])
    return best


@pytest.mark.parametrize("which", [[0], [2], [0, 1, 2, 3]], ids=["first alone", "third alone", "all four"])
def test_each_network_is_trained_as_if_it_were_alone(stacked, rows, which):
    x, targets, x_validation, y_validation = rows
    x, targets = x[which], targets[which]
    stack = stacked.StackedMLP(SIZES, [10 + number for number in which])
    singles = [stack.alone(place) for place in range(len(which))]
    trained = stacked.train_stack(stack, x, targets, x_validation, y_validation, epochs=EPOCHS, lr=LR)
    for place, single in enumerate(singles):
        loss, epoch, weights = trained_alone(single, x[place], targets[place], x_validation, y_validation)
        assert trained.loss[place].item() == pytest.approx(loss, rel=1e-4)
        assert trained.epoch[place].item() == epoch
        for mine, theirs in zip(stack.alone(place).parameters(), weights, strict=True):
            assert torch.allclose(mine, theirs, atol=1e-4)
    # or the test could not tell a common best epoch from their own
    assert len(set(trained.epoch.tolist())) >= min(len(which), 3)


def test_the_last_epoch_may_be_kept(stacked, rows):
    x, targets, x_validation, y_validation = rows
    stack = stacked.StackedMLP(SIZES, range(4))
    alone = stack.alone(1)
    trained = stacked.train_stack(stack, x, targets, x_validation, y_validation, epochs=EPOCHS, lr=LR, keep_best=False)
    assert trained.epoch.tolist() == [EPOCHS] * 4
    optimizer = torch.optim.Adam(alone.parameters(), lr=LR)
    for _ in range(EPOCHS):
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(alone(x[1]), targets[1]).backward()
        optimizer.step()
    for mine, theirs in zip(stack.alone(1).parameters(), alone.parameters(), strict=True):
        assert torch.allclose(mine, theirs, atol=1e-4)


def test_rows_may_be_shared(stacked, rows):
    x, *_ = rows
    stack = stacked.StackedMLP(SIZES, [0, 1])
    assert torch.equal(stack(x[0]), stack(x[[0, 0]]))


def test_first_weights_are_a_linear_layers_and_their_seed_s(stacked):
    stack = stacked.StackedMLP((4, 2000, 3), [5, 5, 6])
    first = stack.weights[0].detach()
    assert torch.equal(first[0], first[1])
    assert not torch.equal(first[0], first[2])
    like = torch.nn.Linear(4, 2000, device="cpu")
    assert first.abs().max().item() == pytest.approx(0.5, abs=1e-3)  # 1 / sqrt(4)
    assert first.std().item() == pytest.approx(like.weight.std().item(), rel=0.05)
    assert stack.biases[0].abs().max().item() == pytest.approx(0.5, abs=1e-3)


def test_the_validation_loss_is_the_cross_entropy(stacked):
    logits, y = torch.randn(3, 7, 4, generator=torch.Generator().manual_seed(0)), torch.arange(7) % 4
    expected = [torch.nn.functional.cross_entropy(one, y).item() for one in logits]
    assert stacked.validation_loss(logits, y).tolist() == pytest.approx(expected)
