"""A second view of the rows for the estimate of noise: what the nearest neighbours of a row were given.

How labels become wrong is a fact of the labels, whoever is asked; a single learner's fold models show it through their own errors, and
what they have learnt of the noise. The labels of neighbours know nothing of either, and cost next to nothing.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.neighbors import NearestNeighbors
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from softlabel.data.folds import Fold
from softlabel.data.rows import take
from softlabel.learners.contract import Learner, seeded
from softlabel.learners.pipelines import Step, fit_front
from softlabel.learners.table_front import estimator_of, numbers_of, table_front
from softlabel.methods.problem import Problem

N_NEIGHBOURS = 20  # of 400 rows or more; of fewer a twentieth, and at least 5
MOST_ROWS = 20_000  # that are searched for neighbours: distances to all would take a square of the rows


class NeighbourView:
    """Shares of the given labels among the nearest neighbours of a row, in the folds that it was not in.

    Neighbours are those by Euclidean distance of standardised columns (unknown numbers count as the mean), or by cosine where rows are
    sparse, behind the transformers of the learner's own pipeline, fitted to the rows that the models of the fold learnt. Where anything
    fails there is no such view: what a learner cannot take it has said itself.

    Parameters
    ----------
    problem : Problem
    learners : sequence of Learner
        The members; the first one's pipeline says what a row is.
    folds : sequence of Fold
        A row's neighbours are those that were trained on when it was held out.
    seed : int
        Of transformers that draw.
    """

    def __init__(self, problem: Problem, learners: Sequence[Learner], folds: Sequence[Fold], seed: int) -> None:
        self._problem, self._learner, self._folds, self._seed = problem, learners[0], folds, seed

    def shares(self, rows: NDArray[np.intp]) -> NDArray[np.float64] | None:
        """Return shares (len(rows), m) of the given labels; NaN in rows that no fold held out, None where rows cannot be compared."""
        front = table_front(seeded(self._learner, self._seed), self._problem.X)
        if front is None:
            return None
        total = np.zeros((len(rows), self._problem.given.shape[1]))  # several folds may hold a row out
        count = np.zeros((len(rows), 1))
        for fold in self._folds:
            asked = np.isin(rows, fold.held_out)
            if asked.any():
                try:
                    with warnings.catch_warnings():
                        warnings.simplefilter("ignore")  # the fits of the fold have told them
                        found = self._beside(np.sort(fold.train), rows[asked], front)
                except Exception:  # whatever a user's transformers raise
                    return None
                if found is None:
                    return None
                total[asked] += found
                count[asked] += 1
        return np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0)

    def _beside(
        self, train: NDArray[np.intp], asked: NDArray[np.intp], front: Sequence[Step]
    ) -> NDArray[np.float64] | None:
        """Return the shares (n_asked, m) among the neighbours in ``train``; None where these are no tables of numbers."""
        problem, weight = self._problem, self._problem.sample_weight
        searched, there = take(problem.X, train), take(problem.X, asked)
        if front:
            steps = [(name, clone(step, safe=False)) for name, step in front]
            weights = None if weight is None else weight[train].astype(np.float64)
            memory = getattr(estimator_of(self._learner), "memory", None)
            fitted, searched = fit_front(steps, searched, problem.codes[train], weights, memory)
            there = fitted.transform(there)  # type: ignore[union-attr]  # there are steps
        searched, there = numbers_of(searched), numbers_of(there)
        if searched is None or there is None:
            return None
        votes = np.ones(len(train)) if weight is None or not weight[train].any() else weight[train].astype(np.float64)
        # An order by chance: of neighbours that are equally near the first ones count.
        among = np.random.default_rng(0).permutation(np.flatnonzero(votes > 0))[:MOST_ROWS]
        nearest = among[_nearest(take(searched, among), there, n_neighbours(len(among)))]  # (n_asked, n_neighbours)
        shares = np.einsum("ij,ijm->im", votes[nearest], problem.given[train][nearest].astype(np.float64))
        return np.asarray(shares / votes[nearest].sum(axis=1, keepdims=True))


def n_neighbours(n: int) -> int:
    """Return how many neighbours are asked among n rows."""
    return min(n, max(5, min(N_NEIGHBOURS, n // 20)))


def _nearest(searched: Any, asked: Any, number: int) -> NDArray[np.intp]:
    """Return the nearest rows (n_asked, number) among those that are searched."""
    # Threads would change which of equally near rows comes first; the mean of a column that is unknown throughout is unknown.
    with threadpool_limits(1), np.errstate(invalid="ignore"):
        if hasattr(searched, "tocsr"):
            index = NearestNeighbors(n_neighbors=number, metric="cosine", algorithm="brute").fit(searched)
            return np.asarray(index.kneighbors(asked, return_distance=False))
        scaler = StandardScaler()
        scaled = np.nan_to_num(scaler.fit_transform(np.asarray(searched, dtype=np.float64)))
        index = NearestNeighbors(n_neighbors=number).fit(scaled)
        there = np.nan_to_num(scaler.transform(np.asarray(asked, dtype=np.float64)))
        return np.asarray(index.kneighbors(there, return_distance=False))
