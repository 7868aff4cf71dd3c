import pytest
import torch

from softlabel.errors import InputError
from softlabel.learners.loss_settings import LOSS_NAMES
from softlabel.learners.losses import DistillationLoss, Focal, TrustWeighted
from softlabel.learners.training.focal_losses import BinaryFocalRows, FocalRows
from softlabel.learners.training.loss_choice import make_loss, row_losses
from softlabel.learners.training.losses import (
    HardestLoss,
    MeanLoss,
    TrustedLoss,
    binary_cross_entropy,
    cross_entropy,
    kl_divergence,
    reverse_kl,
    smooth_l1,
    squared_error,
    squared_gap,
    weighted_mean,
)


@pytest.mark.parametrize("kind", LOSS_NAMES)
def test_each_name_has_a_loss_and_the_first_is_the_default(kind):
    found = {name: row_losses(name, kind) for name in LOSS_NAMES[kind]}
    assert len({str(loss) for loss in found.values()}) == len(found)
    assert row_losses(None, kind) == found[LOSS_NAMES[kind][0]]
    others = {"distribution": "bce", "independent": "kl", "scalar": "focal"}
    with pytest.raises(
        InputError, match=f"loss='{others[kind]}'; give one of {', '.join(LOSS_NAMES[kind])}, or a callable"
    ):
        make_loss(others[kind], kind)


def test_the_losses_of_the_kinds():
    assert [row_losses(None, kind) for kind in LOSS_NAMES] == [cross_entropy, binary_cross_entropy, smooth_l1]
    assert row_losses("kl", "distribution") == kl_divergence
    assert row_losses("reverse_kl", "distribution") == reverse_kl
    assert row_losses("l2", "distribution") == squared_gap
    assert row_losses("squared_error", "scalar") == squared_error
    assert row_losses("focal", "distribution") == FocalRows(2.0) == row_losses(Focal(), "distribution")
    assert row_losses("focal", "independent") == BinaryFocalRows(2.0) == row_losses(Focal(), "independent")


def test_all_rows_or_the_hardest():
    assert make_loss("kl", "distribution") == MeanLoss(kl_divergence)
    assert make_loss(None, "distribution", 1.0) == MeanLoss(cross_entropy)
    assert make_loss("kl", "distribution", 0.25) == HardestLoss(kl_divergence, 0.25)
    assert make_loss(Focal(1.0), "distribution", 0.25) == HardestLoss(FocalRows(1.0), 0.25)


def test_callables_and_makers_of_whole_losses():
    assert make_loss(weighted_mean, "scalar", None) is weighted_mean
    assert make_loss(TrustWeighted("kl"), "distribution", 0.5) == TrustedLoss(HardestLoss(kl_divergence, 0.5))
    assert make_loss(TrustWeighted(weighted_mean), "distribution").loss is weighted_mean
    made = make_loss(DistillationLoss(0.3, 2.0, "kl"), "distribution").rows
    assert (made.given, made.share, made.temperature) == (kl_divergence, 0.3, 2.0)


def test_a_maker_of_ones_own_is_all_that_is_asked_for():
    class FirstColumn:
        def rows(self, kind):
            return lambda output, targets: output[:, 0]

    output = torch.tensor([[1.0], [4.0], [3.0]])
    assert make_loss(FirstColumn(), "scalar")(output, output).item() == pytest.approx(8 / 3)
    assert make_loss(FirstColumn(), "scalar", 0.34)(output, output).item() == pytest.approx(4.0, abs=0.03)
