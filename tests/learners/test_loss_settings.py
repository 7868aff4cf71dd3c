import pytest

from softlabel.errors import InputError
from softlabel.learners.loss_settings import LOSS_NAMES, check_loss, is_one_number
from softlabel.learners.losses import DistillationLoss, Focal, TrustWeighted
from softlabel.learners.target_kinds import KINDS


class OwnRows:
    """A maker of a user's: it says nothing of itself."""

    def rows(self, kind):
        return lambda output, targets: output[:, 0]


@pytest.mark.parametrize("kind", KINDS)
def test_what_every_kind_takes(kind):
    for loss in (None, max, OwnRows(), TrustWeighted(), TrustWeighted(max), DistillationLoss(), *LOSS_NAMES[kind]):
        check_loss(loss, kind)


def test_the_focal_loss_is_for_classes_and_labels():
    for loss in ("focal", Focal(), TrustWeighted("focal"), TrustWeighted(Focal()), DistillationLoss(loss=Focal())):
        check_loss(loss, "distribution")
        check_loss(loss, "independent")
        with pytest.raises(
            InputError, match=r"focal is for|Focal\(gamma=2.0\) is for TorchClassifier and TorchMultilabel"
        ):
            check_loss(loss, "scalar")


def test_what_is_no_loss_and_the_learner_of_another():
    with pytest.raises(
        InputError, match=r"^loss=3; give one of bce, focal, or a callable of \(output, targets, weight\)$"
    ):
        check_loss(3, "independent")
    with pytest.raises(InputError, match=r"\(emd is for TorchClassifier\)$"):
        check_loss("emd", "scalar")
    with pytest.raises(InputError, match=r"^loss is the class Focal; give Focal\(\) with its settings$"):
        check_loss(Focal, "distribution")


def test_which_losses_tell_one_number_for_a_batch():
    assert is_one_number(max)
    assert is_one_number(TrustWeighted(max))
    for loss in (None, "kl", Focal(), TrustWeighted("kl"), DistillationLoss()):
        assert not is_one_number(loss)
