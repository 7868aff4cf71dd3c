"""Strategy ``native``: the estimator takes target rows itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from softlabel.errors import InputError
from softlabel.learners.weight_support import fit_weighted


@dataclass(frozen=True)
class Native:
    """Hand the target rows to ``fit`` as they are.

    What has ``predict_targets`` is taken to be a learner. Any other estimator is used in this way only where it was
    asked for by name (``asked=True``), since whether ``fit`` understands rows of floats cannot be seen from outside;
    its ``predict_proba`` is then to return (n, k).
    """

    asked: bool = False
    name: str = "native"

    def lacks(self, estimator: Any) -> str | None:
        if hasattr(estimator, "predict_targets"):
            return None
        if not self.asked:
            return "it has no predict_targets (if its fit takes (n, k) targets, say strategy='native')"
        return None if hasattr(estimator, "predict_proba") else "it has neither predict_targets nor predict_proba"

    def fit(
        self,
        estimator: Any,
        X: Any,
        targets: NDArray[np.float32],
        sample_weight: NDArray[np.float64] | None,
        before: Any = None,
    ) -> Any:
        if before is not None:
            return estimator.fit_from(before, X, targets, sample_weight)
        return fit_weighted(estimator, X, targets, sample_weight)

    def predict(self, fitted: Any, X: Any) -> NDArray[Any]:
        method = "predict_targets" if hasattr(fitted, "predict_targets") else "predict_proba"
        rows = np.asarray(getattr(fitted, method)(X))
        if rows.ndim != 2:
            raise InputError(
                f"{method} of {type(fitted).__name__} returned shape {rows.shape}; a learner returns a row (n, k) for each "
                "row of X"
            )
        return rows
