"""The interface that every way of fitting an estimator to soft targets keeps."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray


class Strategy(Protocol):
    """One way of fitting an estimator to target rows.

    A strategy sees only classes with mass, so that each of its k columns has some, and k is 2 or more.
    """

    @property
    def name(self) -> str:
        """What ``SoftTargetClassifier(strategy=...)`` calls it."""

    def lacks(self, estimator: Any) -> str | None:
        """Return what the estimator lacks for this strategy as the end of a sentence, or None if it lacks nothing."""

    def fit(
        self,
        estimator: Any,
        X: Any,
        targets: NDArray[np.float32],
        sample_weight: NDArray[np.float64] | None,
        before: Any = None,
    ) -> Any:
        """Fit to targets (n, k) and return what :meth:`predict` needs. ``estimator`` is a clone and may be changed.

        ``before`` is what an earlier fit returned, to go on from where the estimator can; it is not changed.
        """

    def predict(self, fitted: Any, X: Any) -> NDArray[Any]:
        """Return rows (n, k) that sum to 1; a row of zeros says that nothing is known of it."""
