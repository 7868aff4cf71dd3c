"""Losses that have settings of their own, as a learner's ``loss``; torch is not needed for them.

What they compute lives in ``learners/training``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from softlabel.errors import InputError
from softlabel.learners.labeler_settings import Beside
from softlabel.learners.loss_settings import check_loss
from softlabel.learners.number_settings import check_number

if TYPE_CHECKING:
    from softlabel.learners.training.loop import Loss
    from softlabel.learners.training.losses import RowLosses


@dataclass(frozen=True)
class Focal:
    """The focal loss: what the network knows already counts less.

    A row's loss is ``-sum_c q_c (1 - p_c)^gamma log p_c``, p the softmax of the outputs; of entries of their own the mean over them of
    ``-q (1 - p)^gamma log p - (1 - q) p^gamma log(1 - p)``, p the sigmoid. Lin et al. 2017, "Focal loss for dense object detection",
    ICCV, equation 4, without the class weights; there q is one-hot, the sum over soft rows is ours. gamma 0 is cross entropy.

    Parameters
    ----------
    gamma : float, default=2.0
        0 or more.

    Examples
    --------
    >>> from softlabel import TorchClassifier
    >>> TorchClassifier("mlp", epochs=5, loss=Focal(1.0), random_state=0).fit([[0.0], [1.0]], [0, 1]).n_epochs_
    5
    """

    gamma: float = 2.0

    kinds: ClassVar[tuple[str, ...]] = ("distribution", "independent")
    beside: ClassVar[Beside | None] = None

    def check(self, kind: str) -> None:
        """Refuse an exponent below 0."""
        check_number(self, "gamma", least=0.0)

    def rows(self, kind: str) -> RowLosses:
        """Return the loss of each row."""
        from softlabel.learners.training.focal_losses import BinaryFocalRows, FocalRows

        return BinaryFocalRows(self.gamma) if kind == "independent" else FocalRows(self.gamma)


@dataclass(frozen=True)
class DistillationLoss:
    """The loss of knowledge distillation, to the given row and to a teacher's beside it (``TeacherBeside``).

    ``(1 - share) l(q, o) + share T^2 KL(softmax(z / T) || softmax(o / T))`` with a row's outputs o, its given row q, and the teacher's
    logits z, whose softmax(z / T) is made of its probabilities t at temperature 1: t^(1/T) / sum t^(1/T). l is the cross entropy.
    Hinton, Vinyals and Dean 2015, "Distilling the knowledge in a neural network", section 2, with T^2 as given there. The loss
    of a batch is the mean over its rows. Of entries of their own sigmoids take the place of softmax, and the mean over entries
    that of the sum; numbers have no temperature: T must be 1, and the second part is smooth L1 to the teacher's number (ours).

    Parameters
    ----------
    share : float, default=0.5
        Of the teacher, from 0 to 1.
    temperature : float, default=1.0
        Above 0.
    loss : str, Focal or None
        l, by a name that the learner knows or as :class:`Focal`; None is its default.
    """

    share: float = 0.5
    temperature: float = 1.0
    loss: Any = None

    kinds: ClassVar[tuple[str, ...]] = ("distribution", "independent", "scalar")
    beside: ClassVar[Beside | None] = "teacher"

    def check(self, kind: str) -> None:
        """Refuse numbers out of their bounds, and a loss to the given rows that is none of single rows."""
        check_number(self, "share", least=0.0, most=1.0)
        check_number(self, "temperature", above=0.0)
        if kind == "scalar" and self.temperature != 1:
            raise InputError(f"temperature={self.temperature!r}; numbers have no temperature: give 1")
        if callable(self.loss) or getattr(self.loss, "beside", None) is not None:
            raise InputError(f"loss={self.loss!r} within DistillationLoss; give a name, Focal() or None")
        check_loss(self.loss, kind)

    def rows(self, kind: str) -> RowLosses:
        """Return the loss of each row, from outputs (b, m) and rows (b, 2m): given, teacher's."""
        from softlabel.learners.training.distillation_losses import distilled_rows

        return distilled_rows(self.loss, kind, self.share, self.temperature)


@dataclass(frozen=True)
class TrustWeighted:
    """A loss whose rows are weighted by the trust that a labeler hands out beside them (``SelfAdaptive``).

    The weighted mean over a batch, sum_i w_i l_i / sum_i w_i: Huang, Zhang and Zhang 2020, algorithm 1. A row's own weight, where it
    has one, is multiplied. Rows that come without trust are trusted alike.

    Parameters
    ----------
    loss : str, callable, Focal or None
        What is weighted; None is the learner's default.
    """

    loss: Any = None

    kinds: ClassVar[tuple[str, ...]] = ("distribution", "independent", "scalar")
    beside: ClassVar[Beside | None] = "trust"

    def check(self, kind: str) -> None:
        """Refuse a loss that cannot be weighted."""
        if getattr(self.loss, "beside", None) is not None:
            raise InputError(f"loss={self.loss!r} within TrustWeighted; give a name, a callable, Focal() or None")
        check_loss(self.loss, kind)

    def make(self, kind: str, hardest: float | None) -> Loss:
        """Return the loss of a batch."""
        from softlabel.learners.training.loss_choice import make_loss
        from softlabel.learners.training.losses import TrustedLoss

        return TrustedLoss(make_loss(self.loss, kind, hardest))
