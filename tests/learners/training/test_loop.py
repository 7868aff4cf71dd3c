import dataclasses

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from softlabel.errors import FitError
from softlabel.learners.augmentation.view import View
from softlabel.learners.training.averaging import NoAveraging
from softlabel.learners.training.labelers import StoredTargets
from softlabel.learners.training.loop import Batch, Training, train
from softlabel.learners.training.losses import MeanLoss, cross_entropy
from softlabel.learners.training.processes import OneProcess
from softlabel.learners.training.schedules import make_schedule

N, D, K = 12, 3, 4


class Parts:
    """All rows in fixed parts of five."""

    def __init__(self, X):
        self.X = X

    def epoch(self, epoch):
        for index in torch.arange(N).roll(epoch).split(5):
            yield Batch(index, self.X[index], View())


class Watcher(StoredTargets):
    """Stored rows, and a record of what a labeler is told."""

    def __init__(self, targets):
        super().__init__(targets)
        self.asked, self.observed, self.order = [], [], []

    def targets(self, index, view, x, epoch):
        self.asked.append((index.tolist(), view, x, epoch))
        self.order.append("targets")
        return super().targets(index, view, x, epoch)

    def observe(self, index, output, epoch):
        self.observed.append((index.tolist(), output, epoch))
        self.order.append("observe")


@pytest.fixture
def problem():
    draws = torch.Generator().manual_seed(0)
    X = torch.randn(N, D, generator=draws)
    targets = torch.rand(N, K, generator=draws)
    with torch.random.fork_rng():
        torch.manual_seed(1)
        network = nn.Linear(D, K)
    return X, targets / targets.sum(1, keepdim=True), network


def largest_right(output, targets):
    return output.argmax(1) == targets.argmax(1)


def training(problem, labeler=None, loss=None, epochs=3, row_scores=largest_right, **options):
    X, targets, network = problem
    optimizer = torch.optim.SGD(network.parameters(), lr=0.2, momentum=0.9)
    schedule = make_schedule("cosine", optimizer, lr=0.2, steps=9, warmup=0, milestones=(), gamma=1)
    return Training(
        network,
        Parts(X),
        labeler or StoredTargets(targets),
        loss or MeanLoss(cross_entropy),
        row_scores,
        optimizer,
        schedule,
        epochs,
        **options,
    )


def go_on(epoch, scores):
    return False


def test_it_is_the_bare_loop_of_pytorch_to_the_byte(problem):
    X, targets, network = problem
    bare = nn.Linear(D, K)
    bare.load_state_dict(network.state_dict())
    optimizer = torch.optim.SGD(bare.parameters(), lr=0.2, momentum=0.9)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=9)
    for epoch in (1, 2, 3):
        for index in torch.arange(N).roll(epoch).split(5):
            loss = F.cross_entropy(bare(X[index]), targets[index])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    train(training(problem), go_on)
    assert torch.allclose(network.weight, bare.weight, atol=1e-7)
    assert torch.allclose(network.bias, bare.bias, atol=1e-7)


def test_the_labeler_is_asked_and_told(problem):
    X, targets, network = problem
    labeler = Watcher(targets)
    train(training(problem, labeler), go_on)
    assert len(labeler.asked) == len(labeler.observed) == 9
    assert sorted(row for index, *_, epoch in labeler.asked if epoch == 2 for row in index) == list(range(N))
    for (index, view, x, epoch), (index_2, output, epoch_2) in zip(labeler.asked, labeler.observed, strict=True):
        assert (index, epoch) == (index_2, epoch_2)
        assert isinstance(view, View)
        assert torch.equal(x, X[index])
        assert output.shape == (len(index), K)
        assert not output.requires_grad


def test_a_batch_is_observed_before_its_targets_are_asked_for_and_before_the_step(problem):
    X, targets, network = problem
    before = network(X[[11, 0, 1, 2, 3]]).detach()
    labeler = Watcher(targets)
    train(training(problem, labeler), go_on)
    assert labeler.order == ["observe", "targets"] * 9
    assert torch.equal(labeler.observed[0][1], before)


def test_further_columns_are_for_the_loss_alone(problem):
    _, targets, _ = problem
    seen, scored = [], []

    def loss(output, rows, weight):
        seen.append(rows.shape[1])
        return MeanLoss(cross_entropy)(output, rows[:, :K])

    def row_scores(output, rows):
        scored.append(rows.shape[1])
        return largest_right(output, rows)

    wide = StoredTargets(torch.cat([targets, 100 * torch.ones(N, 2)], dim=1))
    train(training(problem, wide, loss, row_scores=row_scores), go_on)
    assert set(seen) == {K + 2}
    assert set(scored) == {K}


def test_a_loss_sees_the_whole_batch(problem):
    sizes = []

    def hardest(output, targets, weight):  # online hard example mining, in two lines
        losses = -(targets * output.log_softmax(1)).sum(1)
        sizes.append(len(losses))
        return losses.topk(2).values.mean()

    train(training(problem, loss=hardest), go_on)
    assert sizes == [5, 5, 2] * 3


def test_scores_of_an_epoch_and_the_end_by_word(problem):
    told = []

    def after(epoch, scores):
        told.append((epoch, scores))
        return epoch == 2

    train(training(problem, epochs=9), after)
    assert [epoch for epoch, _ in told] == [1, 2]
    assert told[0][1].n_rows == N
    assert told[1][1].loss < told[0][1].loss


def test_rows_are_scored_as_they_were_answered_before_the_step(problem):
    X, targets, network = problem
    first = largest_right(network(X[[11, 0, 1, 2, 3]]), targets[[11, 0, 1, 2, 3]])
    asked, told = [], []

    def scored(output, rows):
        asked.append(largest_right(output, rows))
        assert not output.requires_grad
        return torch.full((len(rows),), 2.5)

    train(training(problem, epochs=1, row_scores=scored), lambda _, scores: told.append(scores))
    assert torch.equal(asked[0], first)
    assert told[0].score == 2.5


def test_gradients_are_clipped(problem):
    _, _, network = problem
    before = network.weight.detach().clone()
    norms = []

    class Norm:
        def after_step(self, net):
            norms.append(torch.cat([p.grad.flatten() for p in net.parameters()]).norm())

        def after_epoch(self, net, epoch):
            pass

    train(training(problem, clip_norm=1e-3, averaging=Norm()), go_on)
    assert max(norms) <= 1e-3 + 1e-6
    assert (network.weight - before).abs().max() < 0.02


def test_a_loss_that_is_nan_stops_before_the_weights_are_spoiled(problem):
    _, _, network = problem

    def late(output, targets, weight):
        late.calls += 1
        return output.sum() * (float("nan") if late.calls == 5 else 1e-3)

    late.calls = 0
    with pytest.raises(FitError, match="epoch 2, batch 2"):
        train(training(problem, loss=late), go_on)
    assert torch.isfinite(network.weight).all()


def test_losses_are_computed_in_float32(problem):
    seen = []

    def loss(output, targets, weight):
        seen.append(output.dtype)
        return MeanLoss(cross_entropy)(output, targets, weight)

    train(training(problem, loss=loss, epochs=1, autocast=lambda: torch.autocast("cpu", torch.bfloat16)), go_on)
    assert seen == [torch.float32] * 3


def test_a_share_scales_the_gradient_and_epochs_are_counted_for_averages(problem):
    X, targets, network = problem
    scaled, told = [], []

    class Half(Parts):
        def epoch(self, epoch):
            for batch in super().epoch(epoch):
                yield Batch(batch.index, batch.x, batch.view, share=0.5)

    class Recorded(OneProcess):
        def backward(self, loss):
            scaled.append(loss.item())
            super().backward(loss)

    class Epochs(NoAveraging):
        def after_epoch(self, network, epoch):
            told.append(epoch)

    parts = training(problem, epochs=2, averaging=Epochs(), processes=Recorded())
    expected = MeanLoss(cross_entropy)(network(X[[11, 0, 1, 2, 3]]), targets[[11, 0, 1, 2, 3]]).item() / 2
    train(dataclasses.replace(parts, batches=Half(X)), go_on)
    assert scaled[0] == pytest.approx(expected, rel=1e-5)
    assert told == [1, 2]
