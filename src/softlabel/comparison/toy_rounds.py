"""The targets of the toy mixture, round by round, beside the posterior that they should come near."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from softlabel.comparison.toy_rows import N_ROWS, ToyRows, distance_to_posterior
from softlabel.methods.preparation import prepare
from softlabel.methods.rounds import refinement_rounds

NOISE = "symmetric:0.3"  # of figure 6 of the paper
N_ROUNDS = 8


@dataclass(frozen=True)
class RefinedToy:
    """What became of the labels of one draw of the toy mixture.

    Attributes
    ----------
    X : (n, 2) float32
    y_true, y : (n,) int64
        The class that a row was drawn from, and its label, some made wrong on purpose.
    targets : (n_rounds + 1, n, 3) float32
        The given labels, and the targets after each round.
    """

    X: np.ndarray
    y_true: np.ndarray
    y: np.ndarray
    targets: np.ndarray

    @property
    def shares_right(self) -> np.ndarray:
        """The share of rows whose target speaks for the class that they were drawn from, (n_rounds + 1,)."""
        return np.asarray((self.targets.argmax(axis=2) == self.y_true).mean(axis=1))

    @property
    def distances(self) -> np.ndarray:
        """The mean total variation between targets and the true posterior, (n_rounds + 1,)."""
        return np.array([distance_to_posterior(self.X, rows) for rows in self.targets])

    @classmethod
    def drawn_again(cls, seed: int, noise: str, targets: np.ndarray) -> Self:
        """Return what stored targets tell of, beside the rows that the seed draws."""
        parts = ToyRows(n=targets.shape[1]).parts(seed, noise)
        return cls(parts.X, parts.y if parts.true_label is None else parts.true_label, parts.y, targets)


def refine_by_round(
    seed: int,
    *,
    n: int = N_ROWS,
    noise: str = NOISE,
    n_rounds: int = N_ROUNDS,
    estimator: Any = None,
    threads: int = 1,
    **options: Any,
) -> RefinedToy:
    """Refine the labels of one draw, keeping the targets of every round.

    The rows, the wrong labels and every fit are those of ``StochasticLabelRefinery(final_targets="refined")``, the paper's, in a
    comparison on the toy mixture with the same seed, so that the last targets are its ``label_distributions_``.

    Parameters
    ----------
    seed : int
    n : int
        Rows.
    noise : str
        What is made wrong: ``"none"``, ``"symmetric:P"`` or ``"pair:P"``.
    n_rounds : int
    estimator : estimator or None
        What labels. None takes the default.
    threads : int
        Of one fit.
    **options
        ``cv``, ``momentum`` and ``sharpen`` of the refinery.

    Examples
    --------
    >>> from softlabel import SoftmaxRegression
    >>> refined = refine_by_round(0, n=60, n_rounds=2, estimator=SoftmaxRegression())
    >>> refined.targets.shape, round(float(refined.shares_right[0]), 3)
    ((3, 60, 3), 0.7)
    """
    rows = ToyRows(n=n)
    parts = rows.parts(seed, noise)
    ready = prepare(
        parts.X,
        parts.y,
        estimator=estimator,
        task=rows.task,
        final_targets="refined",
        threads=threads,
        random_state=seed,
        **options,
    )
    targets = [ready.problem.given]  # each (n, 3)
    for done in refinement_rounds(ready.problem, ready.learners, ready.settings, n_rounds=n_rounds):
        targets.append(done.refined)
    return RefinedToy.drawn_again(seed, noise, np.stack(targets))
