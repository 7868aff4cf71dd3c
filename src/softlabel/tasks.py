"""What a label is: how labels become target rows and target rows become labels again.

Everything above this floor handles target rows (n, m) and asks the task what they mean, so a further kind of label is
one more class here.
"""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from softlabel.errors import InputError
from softlabel.metrics.calibration import ece
from softlabel.metrics.scores import accuracy, balanced_accuracy, brier, nll
from softlabel.targets.encode import check_targets, class_codes, find_classes, harden, one_hot

# Learners may round or clip their own probabilities; a row further off than this is a mistake, not rounding.
_PREDICTION_TOLERANCE = 5e-2


class Task(Protocol):
    """A kind of label. Rows have ``n_columns`` columns: k for classes, 1 for a scalar grade."""

    @property
    def classes(self) -> NDArray[Any]:
        """(k,) the labels there are, in the order of their codes."""

    @property
    def n_columns(self) -> int:
        """m, the columns of a target row."""

    def codes(self, y: Any) -> NDArray[np.int64]:
        """Return the code (n,) of each label."""

    def encode(self, y: Any) -> NDArray[np.float32]:
        """Return the first targets (n, m) of given labels."""

    def check(self, targets: ArrayLike, n_rows: int) -> NDArray[np.float32]:
        """Return valid target rows (n, m), or raise ``InputError``."""

    def check_predictions(self, predictions: ArrayLike, n_rows: int, who: str) -> NDArray[np.float32]:
        """Return predictions (n, m) as valid target rows, or raise ``InputError`` whose message starts with ``who``."""

    def harden(self, targets: ArrayLike) -> NDArray[Any]:
        """Return the label (n,) that each row speaks for."""

    def harden_codes(self, targets: ArrayLike) -> NDArray[np.int64]:
        """Return the code (n,) of that label."""

    def scores(
        self, codes: ArrayLike, predictions: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> dict[str, float]:
        """Return named scores of predictions (n, m) against the codes (n,)."""


class Multiclass:
    """One of k classes: a target row is a distribution over them.

    Parameters
    ----------
    classes : array-like (k,)
        Distinct labels, two or more; their order is the order of the columns.

    Raises
    ------
    InputError
        If there are fewer than two classes, or one is named twice.

    Examples
    --------
    >>> task = Multiclass.from_labels(["cat", "dog", "cat"])
    >>> task.encode(["dog"])
    array([[0., 1.]], dtype=float32)
    >>> task.harden([[0.8, 0.2]])
    array(['cat'], dtype='<U3')
    """

    def __init__(self, classes: ArrayLike) -> None:
        distinct = find_classes(classes)  # sorted; refuses what cannot be a label
        self.classes: NDArray[Any] = distinct[np.argsort(class_codes(distinct, classes))]  # (k,) as they were given
        if len(np.asarray(classes)) != len(distinct):
            raise InputError(f"classes names a class twice: {np.asarray(classes).tolist()}; name each class once")

    @classmethod
    def from_labels(cls, y: Any) -> Multiclass:
        """Return the task of labels ``y`` (n,), its classes sorted."""
        return cls(find_classes(y))

    @property
    def n_columns(self) -> int:
        """k, one column for each class."""
        return len(self.classes)

    def __repr__(self) -> str:
        return f"Multiclass({self.classes.tolist()!r})"

    def codes(self, y: Any) -> NDArray[np.int64]:
        """Return the position (n,) of each label among the classes; an unknown label is an ``InputError``."""
        return class_codes(y, self.classes)

    def encode(self, y: Any) -> NDArray[np.float32]:
        """Return one-hot rows (n, k)."""
        return one_hot(self.codes(y), self.n_columns)

    def check(self, targets: ArrayLike, n_rows: int) -> NDArray[np.float32]:
        """Return target rows (n_rows, k) as float32 that sum to 1; see :func:`softlabel.targets.check_targets`."""
        return check_targets(targets, n_rows=n_rows, n_columns=self.n_columns)

    def check_predictions(self, predictions: ArrayLike, n_rows: int, who: str) -> NDArray[np.float32]:
        """Return predicted rows (n_rows, k) as float32 that sum to 1.

        As :meth:`check`, but sums may be off 1 by up to 0.05, for learners round their probabilities.

        Parameters
        ----------
        predictions : array-like (n_rows, k)
        n_rows : int
        who : str
            Whose predictions they are; the message starts with it.

        Raises
        ------
        InputError
            If the rows cannot be used.
        """
        return check_targets(
            predictions, n_rows=n_rows, n_columns=self.n_columns, name=who, tolerance=_PREDICTION_TOLERANCE
        )

    def harden(self, targets: ArrayLike) -> NDArray[Any]:
        """Return the label (n,) of the largest mass of each row, the first of ties."""
        return self.classes[self.harden_codes(targets)]

    def harden_codes(self, targets: ArrayLike) -> NDArray[np.int64]:
        """Return the code (n,) of the largest mass of each row, the first of ties."""
        return harden(targets)

    def scores(
        self, codes: ArrayLike, predictions: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> dict[str, float]:
        """Return accuracy, balanced accuracy, NLL, Brier score and ECE, always in this order."""
        return {
            "accuracy": accuracy(codes, predictions, sample_weight),
            "balanced_accuracy": balanced_accuracy(codes, predictions, sample_weight),
            "nll": nll(codes, predictions, sample_weight),
            "brier": brier(codes, predictions, sample_weight),
            "ece": ece(codes, predictions, sample_weight),
        }
