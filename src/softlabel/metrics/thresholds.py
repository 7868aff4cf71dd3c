"""Thresholds between grades that fit predictions best, for a regression whose grades are drawn to the middle.

They are fitted on out-of-fold predictions of training rows. Fitting them on the rows they are then scored on flatters the score.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from softlabel.errors import InputError
from softlabel.metrics.ordinal import quadratic_weighted_kappa
from softlabel.metrics.scored_rows import row_weights
from softlabel.targets.encode import check_codes
from softlabel.targets.thresholds import apply_thresholds, as_grades, check_thresholds, midpoints

__all__ = ["apply_thresholds", "fit_thresholds", "midpoints"]

_MOST_CANDIDATES = 200  # places tried for one threshold in one step
_MOST_SWEEPS = 100  # a sweep moves each threshold once; a handful is what data sets take
_SAME_KAPPA = 1e-12  # kappas nearer than this differ by the order of their sums only


def fit_thresholds(
    grades: ArrayLike,
    codes: ArrayLike,
    k: int,
    sample_weight: ArrayLike | None = None,
    *,
    start: ArrayLike | None = None,
) -> NDArray[np.float64]:
    """Return increasing thresholds that agree best with the given grades, by quadratic weighted kappa on these rows.

    Coordinate ascent: each threshold in turn moves to the best place between its two neighbours, until none moves. Places are
    the middles between neighbouring predicted grades (at most 200 a step, at equal shares of the rows), and where it is. Of
    equally good places the nearest to the start is taken, then the lower. The kappa is never below that of the start. It is
    a local optimum: no single threshold can be moved to a better place among those tried.

    Parameters
    ----------
    grades : array-like (n,) or (n, 1)
        Predicted grades, out of fold.
    codes : array-like (n,) of int
        Given grades as codes 0 to k - 1.
    k : int
        Number of grades, 2 or more.
    sample_weight : array-like (n,), optional
    start : array-like (k - 1,), optional
        Thresholds to start from; 0.5, 1.5, ... where None, the midpoints of grades 0, 1, ....

    Returns
    -------
    thresholds : (k - 1,) float64

    Raises
    ------
    InputError
        If lengths differ, a grade is not finite, a code is no grade, no row counts, or the start does not increase.

    Examples
    --------
    >>> fit_thresholds([0.2, 0.8, 1.0, 1.2], [0, 0, 1, 2], 3)
    array([0.9, 1.1])
    """
    if k < 2:
        raise InputError(f"k is {k}; thresholds lie between two grades or more")
    q = as_grades(grades)  # (n,)
    given = check_codes(codes, k, n_rows=len(q))
    weights = row_weights(sample_weight, len(q))
    begin = midpoints(np.arange(k)) if start is None else check_thresholds(start, k=k)
    counts = weights > 0
    ascent = _Ascent(q[counts], given[counts], weights[counts], begin)
    fitted = ascent.climb()
    # The ascent compares sums of its own; what decides is the score as everybody computes it.
    before, after = (quadratic_weighted_kappa(given, apply_thresholds(q, t), k, weights) for t in (begin, fitted))
    return fitted if after > before else begin


class _Ascent:
    """Kappa as a function of where thresholds cut the sorted grades.

    Both sums of kappa add up over thresholds. A row of true grade i is predicted j or less where its grade is below threshold j,
    so ``(i - predicted)^2 = (i - (k-1))^2 + sum_j [grade below t_j] d_ij`` with ``d_ij = (i-j)^2 - (i-j-1)^2 = 2 (i-j) - 1``. With
    D_j(c) the sum of ``weight * d_ij`` over the c lowest rows, the observed sum is a constant plus ``sum_j D_j(c_j)``; the expected sum
    is the same with d_ij replaced by its mean over true grades, ``2 (mean grade - j) - 1``.
    """

    def __init__(
        self,
        grades: NDArray[np.float64],
        codes: NDArray[np.int64],
        weights: NDArray[np.float64],
        start: NDArray[np.float64],
    ) -> None:
        order = np.argsort(grades, kind="stable")
        self.grades, self.start = grades[order], start
        codes, weights = codes[order], weights[order]
        k = len(start) + 1
        steps = np.arange(k - 1)
        self._total = float(weights.sum())
        mean = weights @ codes / self._total
        d_observed = weights[:, None] * (2.0 * (codes[:, None] - steps) - 1.0)  # (n, k - 1)
        d_expected = weights[:, None] * (2.0 * (mean - steps) - 1.0)
        nothing = np.zeros((1, k - 1))
        self._observed = np.concatenate(
            [nothing, d_observed.cumsum(axis=0)]
        )  # (n + 1, k - 1), row c: the c lowest rows
        self._expected = np.concatenate([nothing, d_expected.cumsum(axis=0)])
        self._rest_observed = float(weights @ np.square(codes - (k - 1)))
        # sum_i share_i (i - (k-1))^2 over all rows: the same number, for the shares of true grades are those of the rows
        self._rest_expected = self._rest_observed

    def climb(self) -> NDArray[np.float64]:
        """Return thresholds (k - 1,) that no single move betters."""
        thresholds = self.start.copy()
        for _ in range(_MOST_SWEEPS):
            before = thresholds.copy()
            for j in range(len(thresholds)):
                thresholds[j] = self._best_place(j, thresholds)
            if np.array_equal(thresholds, before):
                break
        return thresholds

    def _best_place(self, j: int, thresholds: NDArray[np.float64]) -> float:
        low = thresholds[j - 1] if j > 0 else -np.inf
        high = thresholds[j + 1] if j + 1 < len(thresholds) else np.inf
        tried = np.concatenate([[thresholds[j]], self._middles(low, high)])
        places = np.unique(tried[(low < tried) & (tried < high)])
        kappa = self._kappa(j, places, thresholds)  # one for each place
        now = kappa[np.searchsorted(places, thresholds[j])]
        good = (kappa >= kappa.max() - _SAME_KAPPA) & (kappa >= now)
        distance = np.where(good, np.abs(places - self.start[j]), np.inf)
        return float(places[distance.argmin()])  # the first of ties is the lower

    def _middles(self, low: float, high: float) -> NDArray[np.float64]:
        """Return at most 200 middles between neighbouring grades that lie between two thresholds."""
        first, last = np.searchsorted(self.grades, [low, high])
        between = self.grades[max(first - 1, 0) : last + 1]  # and the nearest grade on either side
        cuts = np.flatnonzero(np.diff(between) > 0)  # a middle after each of these rows
        if len(cuts) > _MOST_CANDIDATES:
            ranks = np.linspace(0, len(between) - 1, _MOST_CANDIDATES)
            cuts = cuts[np.unique(np.minimum(np.searchsorted(cuts, ranks), len(cuts) - 1))]
        return between[cuts] + 0.5 * (between[cuts + 1] - between[cuts])

    def _kappa(self, j: int, places: NDArray[np.float64], thresholds: NDArray[np.float64]) -> NDArray[np.float64]:
        cuts = np.searchsorted(self.grades, thresholds)  # (k - 1,) rows below each threshold
        others = np.delete(np.arange(len(thresholds)), j)
        here = np.searchsorted(self.grades, places)
        observed = self._rest_observed + self._observed[cuts[others], others].sum() + self._observed[here, j]
        expected = self._rest_expected + self._expected[cuts[others], others].sum() + self._expected[here, j]
        # A constant prediction of a constant truth has no kappa and counts 0; what rounding leaves of its sums is nothing.
        some = expected > 1e-12 * self._total
        return np.where(some, 1.0 - observed / np.where(some, expected, 1.0), 0.0)
