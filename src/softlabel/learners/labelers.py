"""What decides the targets while a network trains, as settings of ``TorchClassifier`` and its like; torch is not needed for them.

A maker is one object of a learner's ``labeler``: plain, cloned and pickled with the learner, and asked to begin anew in each fit.
What it begins lives in ``learners/training/labelers*.py``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

import numpy as np

from softlabel.errors import InputError
from softlabel.learners.labeler_settings import Beside
from softlabel.learners.number_settings import check_number

if TYPE_CHECKING:
    from torch import Tensor

    from softlabel.learners.training.loop import Labeler


class LabelerMaker(Protocol):
    """Begins a labeler for one training; one of your own needs ``begin`` and no more.

    Of those here each also says on which ``kinds`` of target rows it works, whether it ``observes`` what the student answers, and
    what it hands out ``beside`` the target rows. Without a word a maker works on all kinds, observes, and hands out target rows alone.
    """

    def begin(self, targets: Tensor, rows: np.ndarray, epochs: int, kind: str) -> Labeler:
        """Return the labeler of a training.

        Parameters
        ----------
        targets : (n, m) float32 tensor, on the device of the training
        rows : (n,) int64
            Positions of these rows in the X that the learner was fitted to: rows of weight 0 and those that are set apart are none.
        epochs : int
            The longest that the training may take.
        kind : {"distribution", "independent", "scalar"}
            Of the target rows, and so what outputs mean.
        """


@dataclass(frozen=True)
class OnlineSmoothing:
    """Online label smoothing: each class has a soft label of its own, learned along with the network.

    The target of a row in epoch t is ``share * q + (1 - share) * S[y]`` with its given row q and y = argmax q. S (k, k) is uniform
    in the first epoch; after each epoch S[y] is the mean answer to the rows of class y that were classified right in that epoch. A
    class with no such row keeps its S[y]. Zhang et al. 2021, "Delving deep into label smoothing", IEEE TIP 30, equations 4 to 8
    (there the given row is one-hot). Rows count once each, whatever their weights.

    Parameters
    ----------
    share : float, default=0.5
        Of the given row, from 0 to 1; 1 trains on the given rows. The paper's alpha.

    Examples
    --------
    >>> from softlabel import TorchClassifier
    >>> model = TorchClassifier("mlp", epochs=5, labeler=OnlineSmoothing(), random_state=0).fit([[0.0], [1.0]], [0, 1])
    >>> model.learned_targets_.shape
    (2, 2)
    """

    share: float = 0.5

    kinds: ClassVar[tuple[str, ...]] = ("distribution",)
    observes: ClassVar[bool] = True
    beside: ClassVar[Beside | None] = None

    def check(self) -> None:
        """Refuse a share that is none."""
        check_number(self, "share", least=0.0, most=1.0)

    def begin(self, targets: Tensor, rows: np.ndarray, epochs: int, kind: str) -> Labeler:
        from softlabel.learners.training.labelers_observing import OnlineSmoothingLabeler

        return OnlineSmoothingLabeler(targets, self.share)


@dataclass(frozen=True)
class SelfAdaptive:
    """Self-adaptive training: targets move towards what the network says, row by row.

    After the first ``start * epochs`` epochs each batch moves its rows, q <- momentum q + (1 - momentum) p with p the present
    answers, and is then trained on them, each row weighted by its trust: max_c q_c. Huang, Zhang and Zhang 2020, "Self-adaptive
    training: beyond empirical risk minimization", NeurIPS, algorithm 1. Of entries of their own the trust is the mean of
    max(q, 1 - q) over a row, and numbers are all trusted alike; both are ours. The trust stands beside the target rows,
    so ``loss`` must be :class:`~softlabel.learners.losses.TrustWeighted`.

    Parameters
    ----------
    start : float, default=0.3
        Share of the epochs that are trained on the given rows, from 0 to 1; at 1 all are. The paper's: 60 of 200.
    momentum : float, default=0.9
        Weight of the old row, from 0 to 1; the paper's alpha.

    Examples
    --------
    >>> from softlabel import TorchClassifier
    >>> from softlabel.learners.losses import TrustWeighted
    >>> model = TorchClassifier("mlp", epochs=5, labeler=SelfAdaptive(), loss=TrustWeighted(), random_state=0)
    >>> model.fit([[0.0], [1.0]], [0, 1]).learned_targets_.shape
    (2, 2)
    """

    start: float = 0.3
    momentum: float = 0.9

    kinds: ClassVar[tuple[str, ...]] = ("distribution", "independent", "scalar")
    observes: ClassVar[bool] = True
    beside: ClassVar[Beside | None] = "trust"

    def check(self) -> None:
        """Refuse numbers out of their bounds."""
        check_number(self, "start", least=0.0, most=1.0)
        check_number(self, "momentum", least=0.0, most=1.0)

    def begin(self, targets: Tensor, rows: np.ndarray, epochs: int, kind: str) -> Labeler:
        from softlabel.learners.training.labelers_observing import SelfAdaptiveLabeler

        return SelfAdaptiveLabeler(targets, kind, self.start * epochs, self.momentum)


@dataclass(frozen=True)
class Progressive:
    """Progressive self-knowledge distillation (PS-KD): the answers of the last epoch are blended in, more with each epoch.

    The target of a row in epoch t of T is ``(1 - a) q + a p`` with a = share t / T, its given row q, and p what the network answered
    to it in epoch t - 1, before the step; the first epoch trains on q. Kim et al. 2021, "Self-knowledge distillation with progressive
    refinement of targets", ICCV, equations 5 and 6. Entries of their own are blended alike, and so are numbers (ours).

    Parameters
    ----------
    share : float, default=0.8
        Of the answers in the last epoch, from 0 to 1; 0 trains on the given rows. The paper's alpha_T.
    """

    share: float = 0.8

    kinds: ClassVar[tuple[str, ...]] = ("distribution", "independent", "scalar")
    observes: ClassVar[bool] = True
    beside: ClassVar[Beside | None] = None

    def check(self) -> None:
        """Refuse a share that is none."""
        check_number(self, "share", least=0.0, most=1.0)

    def begin(self, targets: Tensor, rows: np.ndarray, epochs: int, kind: str) -> Labeler:
        from softlabel.learners.training.labelers_observing import ProgressiveLabeler

        return ProgressiveLabeler(targets, kind, self.share, epochs)


@dataclass(frozen=True, eq=False)
class TeacherBeside:
    """A teacher's row beside each given row, for :class:`~softlabel.learners.losses.DistillationLoss`.

    Where pictures are mixed (mixup, CutMix), the teacher's rows are mixed as the given rows are.

    Parameters
    ----------
    rows : (N, m) array
        What a teacher answers to the N rows of X that the learner is fitted to, rows of weight 0 too: probabilities at temperature
        1, or numbers.
    """

    rows: Any

    kinds: ClassVar[tuple[str, ...]] = ("distribution", "independent", "scalar")
    observes: ClassVar[bool] = False
    beside: ClassVar[Beside | None] = "teacher"

    def check(self) -> None:
        """Refuse what are no rows of finite numbers."""
        rows = np.asarray(self.rows)
        if rows.ndim != 2 or rows.dtype.kind not in "fiub" or not np.isfinite(rows).all():
            raise InputError(
                f"the teacher's rows are an array {rows.shape} of {rows.dtype}; give finite numbers, a row for each row of X"
            )

    def check_rows(self, n: int, m: int, kind: str) -> None:
        """Refuse a teacher's rows that are not those of n target rows of m columns of a kind."""
        rows = np.asarray(self.rows)
        if rows.shape != (n, m):
            raise InputError(
                f"the teacher's rows are {rows.shape} for target rows {(n, m)}; give a row for each row of X"
            )
        if kind != "scalar" and (rows.min() < 0 or rows.max() > 1):
            raise InputError(
                f"the teacher's rows reach from {rows.min():.3g} to {rows.max():.3g}; give probabilities, not logits"
            )
        if kind == "distribution" and np.abs(rows.sum(axis=1, dtype=np.float64) - 1).max() > 1e-3:
            raise InputError("the teacher's rows do not all sum to 1; give a probability for each class")

    def begin(self, targets: Tensor, rows: np.ndarray, epochs: int, kind: str) -> Labeler:
        from softlabel.learners.training.labelers import beside_teacher

        return beside_teacher(targets, np.asarray(self.rows, np.float32)[rows])

    def __repr__(self) -> str:
        return f"TeacherBeside(<{' x '.join(map(str, np.shape(self.rows)))}>)"  # it stands in a learner's own words
