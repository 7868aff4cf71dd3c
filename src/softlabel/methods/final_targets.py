"""What the final fit takes of the refined targets: as they are, sharpened, or the given labels less those that look wrong.

A model that learns refined rows as they are learns their doubts too: with wrong labels the rows are right in their argmax long before
they are sure of it. So there are five ways to use them, and ``auto`` (``choice.py``) to choose one on evidence.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from softlabel.errors import InputError
from softlabel.tasks import Task

POLICIES = ("refined", "sharpened", "pruned", "corrected", "weighted")

SHARPER = 0.5  # temperature of ``sharpened``: masses are squared
LEAST = 5  # rows that pruning leaves each class, the best of those it has


@dataclass(frozen=True)
class FinalTargets:
    """What a model is trained on in the end."""

    targets: np.ndarray  # (n, m) float32
    weight: np.ndarray | None = (
        None  # (n,) float64, multiplied into the weights of the fit: 0 leaves a row out; None is 1 for all
    )

    @property
    def left_out(self) -> int:
        """Rows that take no part."""
        return 0 if self.weight is None else int(np.count_nonzero(self.weight == 0))

    def equals(self, other: FinalTargets) -> bool:
        """Return whether a fit takes the same of both: targets, and weights where 1 for all is none."""
        mine, others = (np.ones(len(one.targets)) if one.weight is None else one.weight for one in (self, other))
        return np.array_equal(mine, others) and np.array_equal(self.targets, other.targets)

    def among(
        self, rows: np.ndarray, sample_weight: np.ndarray | None
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
        """Return those of ``rows`` (n,), which these targets are for, that take part, their targets and their weights.

        Rows of weight 0 are dropped, and weights that are all 1 are none: so learners that take no weights can be pruned.
        """
        if self.weight is None:
            return rows, self.targets, sample_weight
        part = self.weight > 0  # (n,)
        weight = None if (self.weight[part] == 1).all() else self.weight[part]
        if sample_weight is not None:
            weight = sample_weight[part] if weight is None else weight * sample_weight[part]
        return rows[part], self.targets[part], weight


def final_targets(
    policy: str, task: Task, refined: np.ndarray, codes: np.ndarray, given: np.ndarray, pinned: np.ndarray
) -> FinalTargets:
    """Return what the final fit takes of refined rows.

    - ``refined``: L(R) as it is.
    - ``sharpened``: L(R)^(1/T) / sum, T = 0.5.
    - ``pruned``: the given rows, without those whose refined row speaks for another label. Of each class at least 5 rows stay (all,
      where it has fewer), those of the best quality.
    - ``corrected``: the label that the refined row speaks for, where it is another; else the given row.
    - ``weighted``: the given rows, weighted by how well the refined ones agree with the given label (for classes the mass on it), scaled
      to a mean of 1.

    Parameters
    ----------
    policy : one of ``POLICIES``
    task : Task
    refined : (n, m) float32
        L(R).
    codes : (n,) or (n, k) int
        Given labels.
    given : (n, m) float32
        L(0).
    pinned : (n,) bool
        Rows that were not refined (guard, trusted): they take part with their given row, whatever the policy.

    Raises
    ------
    InputError
        For another policy, or ``sharpened`` where rows are grades as numbers, which have no masses.

    Examples
    --------
    >>> import numpy as np
    >>> from softlabel.tasks import Multiclass
    >>> refined = np.array([[0.9, 0.1], [0.6, 0.4]], dtype=np.float32)
    >>> task, codes, none = Multiclass(["a", "b"]), np.array([0, 1]), np.zeros(2, dtype=bool)
    >>> final_targets("corrected", task, refined, codes, np.eye(2, dtype=np.float32), none).targets
    array([[1., 0.],
           [1., 0.]], dtype=float32)
    """
    if policy not in _WAYS:
        raise InputError(f"final_targets={policy!r}; give one of {', '.join(map(repr, POLICIES))}")
    return _WAYS[policy](task, refined, codes, given, pinned)


def disputed(task: Task, refined: np.ndarray, codes: np.ndarray, given: np.ndarray, pinned: np.ndarray) -> np.ndarray:
    """Return the rows (n,) bool whose refined row speaks for another label than the given one; pinned rows never do."""
    return np.asarray(task.differs(task.suggest(refined, codes, given), codes) & ~pinned)


def kept(disputed: np.ndarray, quality: np.ndarray, codes: np.ndarray, least: int = LEAST) -> np.ndarray:
    """Return the rows (n,) bool that pruning leaves: those not disputed, and of each class at least the ``least`` best.

    Parameters
    ----------
    disputed : (n,) bool
    quality : (n,) float
        Of the given labels; the best of a class are spared, ties to the first.
    codes : (n,) or (n, k) int
        Given labels; of several labels a row, rows with and rows without each label are spared.
    """
    keep = ~disputed
    best_first = np.argsort(-quality, kind="stable")
    for column in codes.T if codes.ndim == 2 else [codes]:
        for code in np.unique(column):
            ranked = best_first[column[best_first] == code]  # (n_of_class,)
            if keep[ranked].sum() < min(least, len(ranked)):
                keep[ranked[: min(least, len(ranked))]] = True
    return keep


def _refined(task: Task, refined: np.ndarray, codes: np.ndarray, given: np.ndarray, pinned: np.ndarray) -> FinalTargets:
    return FinalTargets(refined)


def _sharpened(
    task: Task, refined: np.ndarray, codes: np.ndarray, given: np.ndarray, pinned: np.ndarray
) -> FinalTargets:
    if task.kind == "scalar":
        raise InputError(
            "final_targets='sharpened' acts on probabilities, and grades as numbers have none; take the distribution view, or "
            "'corrected'"
        )
    rows = refined.copy()  # (n, m)
    rows[~pinned] = task.sharpen(refined[~pinned], SHARPER)
    return FinalTargets(rows)


def _pruned(task: Task, refined: np.ndarray, codes: np.ndarray, given: np.ndarray, pinned: np.ndarray) -> FinalTargets:
    quality = np.where(pinned, 1.0, task.quality(refined, codes, given))
    keep = kept(disputed(task, refined, codes, given, pinned), quality, codes)
    return FinalTargets(given, None if keep.all() else keep.astype(np.float64))


def _corrected(
    task: Task, refined: np.ndarray, codes: np.ndarray, given: np.ndarray, pinned: np.ndarray
) -> FinalTargets:
    doubted = disputed(task, refined, codes, given, pinned)
    rows = given.copy()  # (n, m)
    if doubted.any():
        better = task.suggest(refined[doubted], codes[doubted], given[doubted])
        rows[doubted] = task.encode(better if better.ndim == 2 else task.labels(better))
    return FinalTargets(rows)


def _weighted(
    task: Task, refined: np.ndarray, codes: np.ndarray, given: np.ndarray, pinned: np.ndarray
) -> FinalTargets:
    trust = np.where(pinned, 1.0, task.quality(refined, codes, given)).astype(np.float64)  # (n,)
    if not trust.any():
        return FinalTargets(given)  # nobody is trusted more than another
    return FinalTargets(given, None if np.ptp(trust) == 0 else trust / trust.mean())


_WAYS: dict[str, Callable[[Task, np.ndarray, np.ndarray, np.ndarray, np.ndarray], FinalTargets]] = {
    "refined": _refined,
    "sharpened": _sharpened,
    "pruned": _pruned,
    "corrected": _corrected,
    "weighted": _weighted,
}
