"""What a fitted method answers for new rows: the mean of its final models, in the words of its task."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from softlabel.methods.answer_temperature import softened
from softlabel.methods.final_fit import average_predictions
from softlabel.tasks import OrdinalScalar, Task


def _has_probabilities(method: Any) -> bool:
    task: Task | None = getattr(method, "task_", None)
    if task is not None and task.kind == "scalar":
        raise AttributeError(
            "grades as numbers have no class probabilities; predict_targets returns the numbers (n, 1)"
        )
    return True


class AnswersByTask:
    """Predictions of a method that has ``estimators_`` and ``task_`` once it is fitted."""

    estimators_: list[Any]
    task_: Task
    temperature_: float = 1.0  # of their probabilities; 1 leaves these as they are
    networks_teach: ClassVar[bool] = True  # whether their networks may label in its place, as they answer themselves

    def predict_targets(self, X: Any, tta: str | None = None) -> np.ndarray:
        """Return target rows (n, m), the mean over the final models: probabilities (n, k), or grades as numbers (n, 1).

        Where ``temperature_`` is not 1, probabilities are scaled by it, p^(1/T) / sum (float64).

        ``tta`` averages over views of each row too (flip, shift, flip+shift), where the final models make any.
        """
        check_is_fitted(self, "estimators_")
        answers = average_predictions(self.estimators_, X, tta)
        if not isinstance(self.task_, OrdinalScalar):
            return softened(self.task_, answers, self.temperature_)
        return np.clip(answers, self.task_.values[0], self.task_.values[-1])

    @available_if(_has_probabilities)
    def predict_proba(self, X: Any, tta: str | None = None) -> np.ndarray:
        """Return class probabilities (n, k), columns as ``classes_``; of several labels a row the chance of each.

        ``tta`` is as for ``predict_targets``.
        """
        return self.predict_targets(X, tta)

    def predict(self, X: Any, tta: str | None = None) -> np.ndarray:
        """Return the label of each row, (n,); of several labels a row 0 and 1, (n, k). ``tta`` as for ``predict_targets``."""
        targets = self.predict_targets(X, tta)  # (n, m); refuses where nothing is fitted
        return labels_of(self.task_, self.task_.harden_codes(targets))

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """Return the accuracy: the share of rows whose label is right, of several labels a row in all of them.

        Grades between two are those that they are nearest to.
        """
        check_is_fitted(self, "estimators_")
        if self.task_.kind == "scalar":
            y = self.task_.labels(self.task_.codes(y))
        return float(super().score(X, y, sample_weight))  # type: ignore[misc]  # of the mixin that stands behind


def labels_of(task: Task, codes: np.ndarray) -> np.ndarray:
    """Return codes as scikit-learn knows labels: (n,) of the classes, or (n, k) of 0 and 1 where a row may have several."""
    return codes if codes.ndim == 2 else task.labels(codes)
