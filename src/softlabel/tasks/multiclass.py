"""One of k classes, without an order."""

from __future__ import annotations

from typing import Any

from numpy.typing import ArrayLike

from softlabel.metrics.calibration import ece
from softlabel.metrics.scores import accuracy, balanced_accuracy, brier, nll, top_k_accuracy
from softlabel.targets.encode import find_classes
from softlabel.tasks.class_rows import ClassRows


class Multiclass(ClassRows):
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

    name = "multiclass"
    main_score = "accuracy"

    @classmethod
    def from_labels(cls, y: Any) -> Multiclass:
        """Return the task of labels ``y`` (n,), its classes sorted."""
        return cls(find_classes(y))

    def __repr__(self) -> str:
        return f"Multiclass({self.classes.tolist()!r})"

    def scores(
        self, codes: ArrayLike, predictions: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> dict[str, float]:
        """Return accuracy, top-5 accuracy, balanced accuracy, NLL, Brier score and ECE, always in this order.

        Top-5 accuracy only where there are more than five classes: among five it is 1 for any model.
        """
        top5 = {"top5_accuracy": top_k_accuracy(codes, predictions, sample_weight)} if self.n_columns > 5 else {}
        return {
            "accuracy": accuracy(codes, predictions, sample_weight),
            **top5,
            "balanced_accuracy": balanced_accuracy(codes, predictions, sample_weight),
            "nll": nll(codes, predictions, sample_weight),
            "brier": brier(codes, predictions, sample_weight),
            "ece": ece(codes, predictions, sample_weight),
        }

    def record(self) -> dict[str, Any]:
        """Return the task as plain values."""
        return {"name": self.name, "classes": self.classes.tolist()}
