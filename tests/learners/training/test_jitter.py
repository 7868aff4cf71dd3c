"""The step of adversarial jitter, against the gradient worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.special import log_softmax, softmax
from torch import nn

from learners.training.small_teachers import Normalised, state_bytes
from softlabel.learners.augmentation.view import View
from softlabel.learners.training.jitter import JitteredBatches, jittered
from softlabel.learners.training.loop import Batch

RNG = np.random.default_rng(3)
X = RNG.normal(size=(6, 3))
A, B = RNG.normal(size=(4, 3)), RNG.normal(size=(4, 3))  # student, teacher


def linear(weight):
    network = nn.Linear(3, 4, bias=False).double()
    with torch.no_grad():
        network.weight.copy_(torch.from_numpy(weight))
    return network


def teacher(x):
    return torch.softmax(x @ torch.from_numpy(B).T, dim=1)


def divergence(x):
    """sum_i KL(q_i || p_i)"""
    q, logs = softmax(x @ B.T, axis=1), log_softmax(x @ A.T, axis=1)
    return (q * (np.log(q) - logs)).sum()


def through_both(inner):
    """Return the slope of sum_i <q_i, g_i> in x by way of q, where g = ``inner`` moves with p alone or not at all, plus that by way of p.

    dq/dz = diag(q) - q q' for logits z = B x, and -d<q, log p>/dx = A' (p - q).
    """
    q, p = softmax(X @ B.T, axis=1), softmax(X @ A.T, axis=1)
    by_teacher = q * (inner - (q * inner).sum(axis=1, keepdims=True))
    return by_teacher @ B + (p - q) @ A


@pytest.mark.parametrize("eta", [1.0, 0.3])
def test_one_step_along_the_gradient_of_the_divergence(eta):
    logs_p, logs_q = log_softmax(X @ A.T, axis=1), log_softmax(X @ B.T, axis=1)
    moved = jittered(torch.from_numpy(X), linear(A), teacher, eta).numpy()
    step = (moved - X) / eta
    assert np.allclose(step, through_both(logs_q - logs_p), atol=1e-5)
    assert np.abs(step - through_both(-logs_p)).max() > 0.05  # of the cross entropy: q's entropy depends on x too
    assert np.abs(step - (softmax(X @ A.T, axis=1) - softmax(X @ B.T, axis=1)) @ A).max() > 0.05  # by way of p alone


def test_it_is_the_slope_of_finite_differences_and_goes_up():
    step = jittered(torch.from_numpy(X), linear(A), teacher, 1.0).numpy() - X
    for place in np.ndindex(X.shape):
        up, down = X.copy(), X.copy()
        up[place] += 1e-5
        down[place] -= 1e-5
        assert step[place] == pytest.approx((divergence(up) - divergence(down)) / 2e-5, abs=1e-4)
    assert divergence(X + 0.01 * step) > divergence(X)


def test_no_examples_step_depends_on_the_others():
    alone = jittered(torch.from_numpy(X[:1]), linear(A), teacher, 1.0)
    assert torch.allclose(jittered(torch.from_numpy(X), linear(A), teacher, 1.0)[:1], alone, atol=1e-6)


def test_the_student_is_left_as_it_trains():
    student = Normalised(3, 4).train()
    student(torch.randn(8, 3))
    student.last.weight.grad = torch.ones(4, 6)
    before, x = state_bytes(student), torch.from_numpy(X).float()
    given = x.clone()
    moved = jittered(x, student, lambda x: torch.softmax(x @ torch.from_numpy(B).float().T, dim=1), 1.0)
    assert state_bytes(student) == before
    assert student.training
    assert torch.equal(student.last.weight.grad, torch.ones(4, 6))
    assert all(values.grad is None for values in student.parameters() if values is not student.last.weight)
    assert torch.equal(x, given)
    assert not moved.requires_grad
    assert (moved - x).abs().max() > 1e-3


def test_sure_answers_have_finite_steps():
    moved = jittered(torch.from_numpy(1e4 * X), linear(A), teacher, 1.0)
    assert torch.isfinite(moved).all()


class Asked:
    """Three batches; who labels them remembers what it was asked."""

    def __init__(self, weight, view):
        self.weight, self.view, self.asked = weight, view, []

    def epoch(self, epoch):
        self.epochs = [*getattr(self, "epochs", []), epoch]
        for start in (0, 2, 4):
            yield Batch(
                torch.tensor([start, start + 1]), torch.from_numpy(X[start : start + 2]), self.view, self.weight, 0.5
            )

    def answers(self, index, x):
        self.asked.append(index.tolist())
        return teacher(x)


def test_each_batch_is_doubled_natural_examples_first():
    view = View(
        partner=torch.tensor([1, 0]),
        share=torch.tensor([0.3, 0.7]),
        boxes=torch.arange(8).reshape(2, 4),
        flipped=torch.tensor([True, False]),
    )
    asked = Asked(torch.tensor([1.0, 2.0]), view)
    found = list(JitteredBatches(asked, linear(A), asked, 0.5).epoch(7))
    assert asked.epochs == [7]
    assert asked.asked == [[0, 1], [2, 3], [4, 5]]
    for start, batch in zip((0, 2, 4), found, strict=True):
        x = torch.from_numpy(X[start : start + 2])
        assert batch.index.tolist() == [start, start + 1] * 2
        assert torch.equal(batch.x[:2], x)
        assert torch.allclose(batch.x[2:], jittered(x, linear(A), teacher, 0.5))
        assert batch.weight.tolist() == [1, 2, 1, 2]
        assert batch.share == 0.5
        assert batch.view.partner.tolist() == [1, 0, 3, 2]  # the partner of a moved example is a moved one
        assert torch.equal(batch.view.share, view.share.repeat(2))
        assert torch.equal(batch.view.boxes, view.boxes.repeat(2, 1))
        assert batch.view.flipped.tolist() == [True, False] * 2


def test_plain_batches_have_nothing_to_double():
    asked = Asked(None, View())
    batch = next(JitteredBatches(asked, linear(A), asked, 0.5).epoch(1))
    assert batch.weight is None
    assert batch.view == View()


def test_a_picture_of_several_has_all_its_partners_doubled():
    view = View(partner=torch.tensor([[1, 0, 1], [0, 1, 0]]), share=torch.tensor([[0.1, 0.2, 0.3, 0.4]] * 2))
    asked = Asked(None, view)
    batch = next(JitteredBatches(asked, linear(A), asked, 0.5).epoch(1))
    assert batch.view.partner.tolist() == [[1, 0, 1], [0, 1, 0], [3, 2, 3], [2, 3, 2]]
    assert torch.equal(batch.view.share, view.share.repeat(2, 1))
