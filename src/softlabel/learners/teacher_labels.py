"""Labels that teachers give to each augmented example while a network trains, as a setting of ``TorchClassifier`` and its like."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from softlabel.errors import InputError
from softlabel.learners.labeler_settings import Beside
from softlabel.learners.number_settings import check_number

if TYPE_CHECKING:
    from torch import Tensor, nn

    from softlabel.learners.training.loop import Batches, Labeler
    from softlabel.learners.training.teachers import StudentInputs

MODES = ("train", "eval")


@dataclass(frozen=True, eq=False)
class TeacherLabels:
    """The target of each example is what trained networks say of it, augmented and mixed as it is; given rows are not looked at.

    ``q = mean_t p_t(x')`` with x' the very example that the student sees and p_t the answers of teacher t at temperature 1; with
    ``hard`` the one-hot row of its largest entry. Bagherinezhad et al. 2018, "Label Refinery: Improving ImageNet Classification through
    Label Progression", section 3 (crops); for mixed images label distribution learning, online. With ``folds`` each row is
    labelled by one of the teachers, which did not train on it (ours).

    Parameters
    ----------
    teachers : fitted TorchClassifier or its like, or a sequence of them
        Of the same kind as the learner, and with columns in the same order. They are left as they are.
    hard : bool, default=False
    mode : {"train", "eval"}, default="train"
        Whether their batch normalisation takes the statistics of the batch (the paper's) or those that it learned.
    folds : (N,) int or None
        For each of the N rows of X the position of the teacher that labels it, -1 for none: such a row keeps its given target. Pictures
        are mixed with those of their own fold alone, so that no teacher labels a mixture of which it knows a part. None: the mean of all.
    columns : sequence (of sequences of int or None), or None
        For each teacher which of its columns are the student's; None: the same.
    eta : float or None
        Adversarial jitter: each batch is doubled by examples that were moved by ``eta`` times the gradient of KL(q || p) in x, p the
        student's answer (the paper's section 3.1, equation 3, eta = 1). The unit of x is the deviation of a pixel.

    Examples
    --------
    >>> from softlabel import TorchClassifier
    >>> X, y = [[0.0], [1.0], [0.1], [0.9]], [0, 1, 0, 1]
    >>> teacher = TorchClassifier("mlp", epochs=5, random_state=0).fit(X, y)
    >>> student = TorchClassifier("mlp", epochs=5, labeler=TeacherLabels(teacher), random_state=1).fit(X, y)
    >>> student.predict_proba(X).shape
    (4, 2)
    """

    teachers: Any
    hard: bool = False
    mode: str = "train"
    folds: Any = None
    columns: Any = None
    eta: float | None = None

    kinds: ClassVar[tuple[str, ...]] = ("distribution", "independent", "scalar")
    observes: ClassVar[bool] = False
    beside: ClassVar[Beside | None] = None

    def __deepcopy__(self, memo: dict[int, Any]) -> TeacherLabels:
        return self  # nothing of it changes, and a learner that is cloned must not copy networks

    @property
    def networks(self) -> list[Any]:
        """The teachers as a list."""
        return list(self.teachers) if isinstance(self.teachers, (list, tuple)) else [self.teachers]

    def check(self) -> None:
        """Refuse teachers that are no trained networks, and settings out of range."""
        from softlabel.learners.torch_learner import TorchLearner

        for teacher in self.networks:
            if not isinstance(teacher, TorchLearner):
                raise InputError(
                    f"the teacher {type(teacher).__name__} is no TorchClassifier, TorchRegressor or TorchMultilabelClassifier; give a "
                    "fitted one"
                )
            if not hasattr(teacher, "network_"):
                raise InputError(f"the teacher {type(teacher).__name__} is not fitted; fit it first")
        if not self.networks:
            raise InputError("teachers is empty; give one fitted network or more")
        if self.columns is not None and len(self.columns) != len(self.networks):
            raise InputError(
                f"columns has {len(self.columns)} entries for {len(self.networks)} teachers; give one for each, or None"
            )
        if self.mode not in MODES:
            raise InputError(
                f"mode={self.mode!r}; give 'train' (statistics of the batch) or 'eval' (those that were learned)"
            )
        if self.eta is not None:
            check_number(self, "eta", above=0.0)

    def check_rows(self, n: int, m: int, kind: str) -> None:
        """Refuse teachers of another kind or width than n target rows of m columns, and folds that are not those of n rows."""
        if kind != "distribution" and (self.hard or self.eta is not None):
            what = "hard labels are" if self.hard else "jitter by eta is"
            raise InputError(f"{what} for classes, and the targets here are none; leave it out")
        chosen = self._columns()
        for teacher, columns in zip(self.networks, chosen, strict=True):
            width = teacher.n_outputs_ if columns is None else len(columns)
            if teacher.target_kind != kind or width != m:
                raise InputError(
                    f"the teacher {type(teacher).__name__} answers {width} columns, and the targets have {m} of kind {kind}; give one "
                    "that was trained on the same classes"
                )
        if self.folds is not None:
            folds = np.asarray(self.folds)
            if folds.shape != (n,) or folds.dtype.kind not in "iu" or folds.min() < -1 or folds.max() >= len(chosen):
                reach = (
                    f" and reaches from {folds.min()} to {folds.max()}"
                    if folds.size and folds.dtype.kind in "iuf"
                    else ""
                )
                raise InputError(
                    f"folds has the shape {folds.shape} of {folds.dtype}{reach}; give for each of {n} rows the position of its "
                    f"teacher, 0 to {len(chosen) - 1}, or -1"
                )

    def _columns(self) -> Sequence[Sequence[int] | None]:
        return [None] * len(self.networks) if self.columns is None else list(self.columns)

    def begin_on(self, inputs: StudentInputs, targets: Tensor, rows: np.ndarray, epochs: int, kind: str) -> Labeler:
        """Return the labeler of a training whose network is shown ``inputs``."""
        import torch

        from softlabel.learners.training.teachers import Teacher, TeacherLabeler

        teachers = [
            Teacher(teacher, self.mode, inputs, columns)
            for teacher, columns in zip(self.networks, self._columns(), strict=True)
        ]
        folds = None
        if self.folds is not None:
            folds = torch.from_numpy(np.asarray(self.folds, np.int64)[rows]).to(inputs.device)
        return TeacherLabeler(teachers, self.hard, folds, targets)

    def mixed_within(self, rows: np.ndarray) -> np.ndarray | None:
        """Return for each row that is trained on, (r,) positions, a number that its partners in a mixed picture share."""
        return None if self.folds is None else np.asarray(self.folds, np.int64)[rows]

    def batches_of(self, batches: Batches, labeler: Any, network: nn.Module) -> Batches:
        """Return the batches that are trained on: as they come, or doubled by jitter."""
        if self.eta is None:
            return batches
        from softlabel.learners.training.jitter import JitteredBatches

        return JitteredBatches(batches, network, labeler, self.eta)

    def __repr__(self) -> str:
        names = ", ".join(type(teacher).__name__ for teacher in self.networks)
        return f"TeacherLabels({names})"  # it stands in a learner's own words
