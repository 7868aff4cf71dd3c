import pytest
import torch

from softlabel.errors import FitError
from softlabel.learners.training.meter import EpochLosses


def test_means_are_over_rows_not_batches():
    losses = EpochLosses(1)
    losses.add(torch.tensor(1.0), torch.tensor([True, True, True]), 0.1)
    losses.add(torch.tensor(5.0), torch.tensor([False]), 0.05)
    found = losses.scores()
    assert found.loss == pytest.approx((3 * 1 + 5) / 4)
    assert found.score == pytest.approx(3 / 4)
    assert (found.lr, found.n_rows) == (0.05, 4)


def test_scores_may_be_numbers():
    losses = EpochLosses(1)
    losses.add(torch.tensor(1.0), torch.tensor([0.5, 1.5]), 0.1)
    losses.add(torch.tensor(1.0), torch.tensor([2.5]), 0.1)
    assert losses.scores().score == pytest.approx(1.5)


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_a_loss_that_is_no_number_names_epoch_batch_and_rate(bad):
    losses = EpochLosses(3)
    losses.add(torch.tensor(1.0), torch.ones(2), 0.1)
    with pytest.raises(
        FitError, match=r"loss is (nan|inf) in epoch 3, batch 2, at learning rate 0\.25; give a smaller lr"
    ):
        losses.add(torch.tensor(bad), torch.ones(2), 0.25)
