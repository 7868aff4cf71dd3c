"""Which class each row is truly of, as out-of-fold probabilities of several rounds and the given label say together."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from softlabel.errors import InputError
from softlabel.targets.class_chances import true_class_chances
from softlabel.targets.encode import check_codes
from softlabel.targets.noise_estimate import NoiseEstimate, estimate_noise, fit_powers
from softlabel.targets.rows import as_table
from softlabel.targets.shares import check_portion
from softlabel.targets.wrong_chance import after_label


class Judged(NamedTuple):
    """What is known of given labels."""

    chances: NDArray[np.float64]  # (n, k) p(true = c | predictions, given label)
    noise: NoiseEstimate
    judged: NDArray[np.bool_]  # (n,) rows that some model predicted which knew the given label


def judge_labels(
    first: ArrayLike,
    joined: ArrayLike,
    codes: ArrayLike,
    *,
    trusted: NDArray[np.bool_] | None = None,
    ambiguity: float = 0.5,
) -> Judged:
    """Return p(true = c | predictions, given label) of each row, and the noise behind it.

    T is estimated from the first round, whose models knew no row's own label; with T as it is, the powers are then fitted to what all
    rounds say together, which ranks rows better: the models of later rounds learnt from cleaner targets.

    Parameters
    ----------
    first : array-like (n, k)
        Out-of-fold probabilities of models trained on the given labels. NaN where no model says anything.
    joined : array-like (n, k)
        Those of all rounds together: see :func:`mean_round`.
    codes : array-like (n,) of int
        Given labels.
    trusted : (n,) bool, optional
        Rows that are right; their whole chance is on the given label.
    ambiguity : float from 0 to 1
        The chance that labels are wrong where rows are ambiguous, r. Two readings of a label that its row speaks against fit equally
        well: it is the rarer of two that occur there, and right (r = 0: Bayes' rule with T, ``p_c T[c, y] / sum_d p_d T[d, y]``); or
        whoever gave it took the row for its neighbours (r = 1: the label says nothing that the row does not, ``p_c``). Their mean with
        weights 1 - r and r is returned.

    Returns
    -------
    Judged
        A row that nobody judged has the chances of its given label alone, ``p(true = c | given)``.

    Raises
    ------
    InputError
        If no row was judged in the first round, or all that were are trusted, or ``ambiguity`` is not from 0 to 1.

    Examples
    --------
    >>> q = np.repeat([[0.9, 0.1], [0.1, 0.9]], 100, axis=0)
    >>> given = np.repeat([1, 0, 1], [10, 90, 100])
    >>> wrong = 1 - judge_labels(q, q, given).chances[np.arange(200), given]
    >>> bool((wrong[:10] > 0.8).all()), bool((wrong[10:] < 0.1).all())
    (True, True)
    """
    p, q = as_table(first, "first"), as_table(joined, "joined")  # (n, k) each
    if p.shape != q.shape:
        raise InputError(f"joined: has shape {q.shape} and first {p.shape}; give probabilities of the same rows")
    given, every = check_codes(codes, q.shape[1], n_rows=len(q)), np.arange(len(q))
    at_first = ~np.isnan(p[every, given])  # (n,)
    if not at_first.any():
        raise InputError("no row was predicted by a model that knows its given label; give predictions of more rows")
    right = np.zeros(len(q), dtype=bool) if trusted is None else np.asarray(trusted)
    noise = estimate_noise(np.nan_to_num(p[at_first]), given[at_first], trusted=right[at_first])
    return judge_by(noise.matrix, q, given, trusted=right, ambiguity=ambiguity)


def judge_by(
    matrix: ArrayLike,
    joined: ArrayLike,
    codes: ArrayLike,
    *,
    trusted: NDArray[np.bool_] | None = None,
    ambiguity: float = 0.5,
) -> Judged:
    """Return p(true = c | predictions, given label) of each row, where T is known.

    Parameters
    ----------
    matrix : array-like (k, k)
        T[c, j] = p(given = j | true = c), rows sum to 1.
    joined, codes, trusted, ambiguity
        See :func:`judge_labels`.

    Raises
    ------
    InputError
        If ``ambiguity`` is not from 0 to 1.

    Examples
    --------
    >>> q = np.repeat([[0.9, 0.1], [0.1, 0.9]], 50, axis=0)
    >>> given = np.repeat([1, 0, 1], [5, 45, 50])
    >>> wrong = 1 - judge_by([[0.9, 0.1], [0.0, 1.0]], q, given).chances[np.arange(100), given]
    >>> bool((wrong[:5] > 0.8).all()), bool((wrong[5:] < 0.1).all())
    (True, True)
    """
    r = check_portion("ambiguity", ambiguity, "the chance that labels of ambiguous rows are wrong, from 0 to 1")
    q = as_table(joined, "joined")  # (n, k)
    given = check_codes(codes, q.shape[1], n_rows=len(q))
    judged = ~np.isnan(q[np.arange(len(q)), given])  # (n,)
    q = np.nan_to_num(q)
    right = np.zeros(len(q), dtype=bool) if trusted is None else np.asarray(trusted)
    noise = fit_powers(q[judged], given[judged], matrix, trusted=right[judged])
    before = true_class_chances(q, noise.matrix, noise.powers)  # (n, k)
    before[~judged] = before[judged].mean(axis=0)
    mixed = np.where(judged, r, 0.0)[:, None]  # (n, 1): the prior alone is no reading of a row
    chances = (1.0 - mixed) * after_label(before, given, noise.matrix) + mixed * before
    # Of rows that nobody judged only the label is known: they are as others that carry it.
    for label in np.unique(given[~judged]):
        alike = judged & ~right & (given == label)
        if alike.any():
            chances[~judged & (given == label)] = chances[alike].mean(axis=0)
    chances[right] = np.eye(q.shape[1])[given[right]]
    return Judged(chances, noise, judged)


def mean_round(rounds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mean (n, m) over rounds (R, n, m) of what is known; NaN where no round knows anything.

    Examples
    --------
    >>> mean_round(np.array([[[0.25, np.nan]], [[0.75, np.nan]]]))
    array([[0.5, nan]])
    """
    known = ~np.isnan(rounds)
    count = known.sum(axis=0)  # (n, m)
    total = np.where(known, rounds, 0.0).sum(axis=0)
    return np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0)
