import pytest
import torch

from softlabel.errors import FitError
from softlabel.learners.training.meter import EpochLosses


def test_means_are_over_rows_not_batches():
    losses = EpochLosses(1)
    losses.add(torch.tensor(1.0), torch.eye(3), torch.eye(3), 0.1)  # 3 of 3 right
    losses.add(torch.tensor(5.0), torch.eye(3)[[0]], torch.eye(3)[[1]], 0.05)  # 0 of 1
    found = losses.scores()
    assert found.loss == pytest.approx((3 * 1 + 5) / 4)
    assert found.accuracy == pytest.approx(3 / 4)
    assert (found.lr, found.n_rows) == (0.05, 4)


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_a_loss_that_is_no_number_names_epoch_batch_and_rate(bad):
    losses = EpochLosses(3)
    losses.add(torch.tensor(1.0), torch.eye(2), torch.eye(2), 0.1)
    with pytest.raises(
        FitError, match=r"loss is (nan|inf) in epoch 3, batch 2, at learning rate 0\.25; give a smaller lr"
    ):
        losses.add(torch.tensor(bad), torch.eye(2), torch.eye(2), 0.25)
