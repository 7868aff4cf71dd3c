"""The rows of the toy study: fresh draws of the toy mixture, whose true label distributions are known."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from softlabel.comparison.parts import NO_CORRUPTION, LabelledRows, Parts
from softlabel.data.toy import PRIORS, toy_mixture, toy_posterior
from softlabel.errors import InputError
from softlabel.run.wrong_labels import asks_model, confused_rows, wrong_labels
from softlabel.seeds import Seeds
from softlabel.targets.corrupt import Corruption, parse_corruption
from softlabel.targets.distance import total_variation
from softlabel.tasks import Multiclass, Task

N_ROWS = 300  # few enough that a small network can learn wrong labels by heart in seconds
N_FRESH = 2000
N_CLASSES = len(PRIORS)


def toy_task() -> Multiclass:
    """Return the task of the toy mixture: three classes without an order."""
    return Multiclass(np.arange(N_CLASSES))


@dataclass(frozen=True)
class ToyRows:
    """Rows of a comparison on the toy mixture: each seed draws training rows and points to score on of its own.

    Attributes
    ----------
    n : int
        Training rows.
    n_fresh : int
        Points to score on.
    """

    n: int = N_ROWS
    n_fresh: int = N_FRESH
    task: Task = field(default_factory=toy_task)
    pictures: ClassVar[bool] = False

    def __post_init__(self) -> None:
        if self.n < 1 or self.n_fresh < 1:
            raise InputError(f"n={self.n}, n_fresh={self.n_fresh}; give at least 1 row to train on and 1 to score on")

    def parts(self, seed: int, corruption: str) -> Parts:
        """Return the rows of one seed, a share of their labels made wrong; the rows are the same under every corruption."""
        seeds = Seeds(seed)
        X, y_true = toy_mixture(self.n, seed)  # (n, 2), (n,)
        X_test, y_test = toy_mixture(self.n_fresh, seeds.integer("test"))  # (v, 2), (v,)
        reference = toy_posterior(X)  # (n, 3)
        if corruption == NO_CORRUPTION:
            return Parts(X, y_true, None, None, reference, None, X_test, y_test, y_test)
        rows, fresh = LabelledRows(X, y_true), LabelledRows(X_test, y_test)
        known = confused_rows(rows, y_true, self.task, seeds, X_test) if asks_model(corruption) else (None, None)
        y, _ = wrong_labels(corruption, rows, y_true, None, self.task, seeds, probabilities=known[0])
        y_watch, _ = wrong_labels(corruption, fresh, y_test, None, self.task, seeds, probabilities=known[1], test=True)
        return Parts(X, y, y_true, None, reference, None, X_test, y_test, y_watch)

    def extras(self, fitted: Any, parts: Parts, seed: int) -> dict[str, float]:
        """Return how far a fitted method's answers for the fresh points are from the true posterior.

        ``posterior_tv``: the mean total variation.
        """
        answers = self.task.known(np.asarray(fitted.predict_targets(parts.X_test)))  # (v, 3)
        return {"posterior_tv": distance_to_posterior(parts.X_test, answers)}


def distance_to_posterior(X: Any, rows: ArrayLike) -> float:
    """Return the mean total variation between rows (n, 3) and the true posterior at X (n, 2), from 0 to 1."""
    return float(total_variation(rows, toy_posterior(X)).mean())


def has_noisy_posterior(corruption: str) -> bool:
    """Return whether ``noisy_posterior`` knows what a corruption makes of a posterior: it moves all rows of a class alike."""
    if corruption == NO_CORRUPTION:
        return True
    made = parse_corruption(corruption)
    return isinstance(made, Corruption) and not made.asks_model


def noisy_posterior(posterior: ArrayLike, corruption: str) -> NDArray[np.float64]:
    """Return the posterior of labels of which a share was made wrong: what a learner without faults learns from them.

    With a share s of wrong labels and k classes q = (1 - s) p + s (1 - p) / (k - 1) where they go to any other class alike
    (symmetric), and q_c = (1 - s) p_c + s p_(c-1) where they go to the next one (pair).

    Parameters
    ----------
    posterior : array-like (n, k)
    corruption : str
        ``"none"``, ``"symmetric:0.3"`` or ``"pair:0.3"``.

    Returns
    -------
    (n, k) float64

    Raises
    ------
    InputError
        For a corruption that does not move all rows of a class alike: it has no such formula.

    Examples
    --------
    >>> noisy_posterior([[1.0, 0.0, 0.0]], "symmetric:0.4").round(6).tolist()
    [[0.6, 0.2, 0.2]]
    """
    p = np.asarray(posterior, dtype=np.float64)  # (n, k)
    if corruption == NO_CORRUPTION:
        return p.copy()
    made = parse_corruption(corruption)
    if not isinstance(made, Corruption) or made.asks_model:
        raise InputError(f"the posterior of labels under {made} depends on the rows; give symmetric:P or pair:P")
    moved = (1 - p) / (p.shape[1] - 1) if made.kind == "symmetric" else np.roll(p, 1, axis=1)  # (n, k)
    return (1 - made.share) * p + made.share * moved
