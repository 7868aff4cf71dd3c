"""How labels become wrong, estimated from given labels and out-of-fold probabilities: no true label is needed.

The given label is taken for a draw from a mixture over the true class c,

    p(given = j | x) = sum_c p_c(x) T[c, j],    T[c, j] = p(given = j | true = c).

and p is made of out-of-fold probabilities by two powers, a and b, and a shift for each class: see ``class_chances``. T comes from
expectation maximisation with a Dirichlet prior towards an even spread of the mean rate, powers and shifts from the likelihood (the latter
with a normal prior around 0), in turn. Ambiguity sits on rows that models are
unsure of, noise on sure ones too: this is how the likelihood tells the two apart, and why a model that is surely mistaken cannot be told
from a wrong label.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from softlabel.errors import InputError
from softlabel.targets.class_chances import features_of, mixed, true_class_chances
from softlabel.targets.encode import check_codes
from softlabel.targets.power_search import powers_of, search_powers
from softlabel.targets.rows import as_table

_STRENGTH = 10.0  # rows that the prior of each row of T counts as
_TURNS, _EM_STEPS, _SEARCH_STEPS = 30, 8, 8  # turns of the two halves, and steps of each in a turn
_STILL = 0.1  # nats in all: a turn that changes less is the last
_NO_RATE = 1e-3  # so that rows can still be ranked
_FIRST_RATE = 0.02  # of wrong labels, where the first search starts
_SURE_SHARE = 0.5  # of the rows that prefer a class: those that show what it is given as
_MOST_ROWS = 20_000  # to fit on
_CLEARLY = 2.0  # nats, by which noise must be likelier than none
# Classes whose row is looked for anew, and the rate of wrong labels that it starts from.
_FORGOTTEN, _FORGOTTEN_RATE = 3, 0.4
_RARELY_WRONG = 0.9  # share of right labels above which it is not


@dataclass(frozen=True)
class NoiseEstimate:
    """How labels become wrong.

    Attributes
    ----------
    matrix : (k, k)
        T[c, j] = p(given = j | true = c); rows sum to 1.
    powers : (a, b)
        Of the model of the true class.
    log_likelihood : float
        Mean log probability of the given labels, in nats, with that of the shifts.
    shifts : (k,)
        Of the classes, in the model of the true class; 0 where none were fitted.
    """

    matrix: NDArray[np.float64]
    powers: tuple[float, float]
    log_likelihood: float
    shifts: NDArray[np.float64] | float = 0.0


def estimate_noise(probabilities: ArrayLike, codes: ArrayLike, *, trusted: ArrayLike | None = None) -> NoiseEstimate:
    """Estimate T and the powers from out-of-fold probabilities of models trained on the given labels.

    Parameters
    ----------
    probabilities : array-like (n, k)
        Rows that sum to 1. No row's own label may have taken part in them: those of a first round have this, those of later
        rounds only nearly (a label reaches them through the targets of other rows), and make noise look rarer than it is.
    codes : array-like (n,) of int
        Given labels.
    trusted : array-like (n,) of bool, optional
        Rows that are right: they teach the powers, and say nothing of T.

    Returns
    -------
    NoiseEstimate
        From 20,000 rows by chance, always the same ones, where there are more.

    Raises
    ------
    InputError
        If shapes differ, a code is not a column, or no row is left to estimate from.

    Notes
    -----
    The search starts twice: from hardly any noise, and from what rows that are surest of a class are given as. The likelier end is
    returned; of two that are equally likely, to 2 nats in all, the first. From there it starts again with what it knows of a rare class
    forgotten, up to three times. Where noise explains the labels no better than a rate of 0.001 does, by a nat a class, T has that rate:
    nobody is accused by probabilities that say nothing.

    Examples
    --------
    A fifth of the labels of class 0 was given as 1:

    >>> q = np.repeat([[0.9, 0.1, 0.0], [0.1, 0.9, 0.0], [0.1, 0.0, 0.9]], 100, axis=0)
    >>> given = np.repeat([0, 1, 2], [80, 120, 100])
    >>> estimate_noise(q, given).matrix.round(1)
    array([[0.8, 0.2, 0. ],
           [0. , 1. , 0. ],
           [0. , 0. , 1. ]])
    """
    q, given, right = _checked(probabilities, codes, trusted)
    if right.all():
        raise InputError("every row is trusted, or there is none; the noise of labels is estimated from the others")
    kept = sampled_rows(len(q))
    q, given, right = q[kept], given[kept], right[kept]
    little = _even(q.shape[1], _FIRST_RATE)  # (k, k)
    shifts = np.zeros(q.shape[1])
    starts = ((np.array([0.0, -4.0]), little), (np.array([-4.0, 0.0]), _of_sure_rows(q, given, little)))
    quiet, noisy = (_climb(q, given, right, np.concatenate([logs, shifts]), T) for logs, T in starts)
    found = noisy if _gain(noisy, quiet, len(q)) > _CLEARLY else quiet
    found = _with_rows_forgotten(q, given, right, found)
    none = _fitted(q, given, right, _even(q.shape[1], _NO_RATE), shifts)
    return found if _gain(found, none, len(q)) > q.shape[1] else none


def fit_powers(
    probabilities: ArrayLike, codes: ArrayLike, matrix: ArrayLike, *, trusted: ArrayLike | None = None
) -> NoiseEstimate:
    """Fit the powers alone, with T known: for further probabilities of the same rows, those of later rounds say.

    Parameters
    ----------
    probabilities : array-like (n, k)
    codes : array-like (n,) of int
    matrix : array-like (k, k)
        T, rows sum to 1.
    trusted : array-like (n,) of bool, optional

    Returns
    -------
    NoiseEstimate
        With ``matrix`` as given.

    Examples
    --------
    >>> q = np.repeat([[0.6, 0.4], [0.4, 0.6]], 50, axis=0)  # far too unsure: of 100 labels one is not the likelier one
    >>> given = np.repeat([0, 1, 1], [49, 1, 50])
    >>> noise = fit_powers(q, given, [[0.99, 0.01], [0.01, 0.99]])
    >>> noise.powers[0] > 2
    True
    """
    q, given, right = _checked(probabilities, codes, trusted)
    T = as_table(matrix, "matrix")
    if T.shape != (q.shape[1], q.shape[1]):
        raise InputError(f"matrix has shape {T.shape}; give one row and one column for each of {q.shape[1]} classes")
    kept = sampled_rows(len(q))
    q, given, right = q[kept], given[kept], right[kept]
    return _fitted(q, given, right, T, np.zeros(0))


def _fitted(
    q: NDArray[np.float64],
    given: NDArray[np.int64],
    right: NDArray[np.bool_],
    T: NDArray[np.float64],
    shifts: NDArray[np.float64],
) -> NoiseEstimate:
    """Fit the powers, and shifts from where they stand (none where there are none)."""
    features, chances = features_of(q, T), _chances_of_given(T, given, right)
    # Both powers, or the second alone: of further starts none ended higher by a nat in all, over 80 sets of labels.
    starts = (np.concatenate([logs, shifts]) for logs in ((0.0, 0.0), (-4.0, 0.0)))
    ends = [search_powers(features, chances, start, steps=60) for start in starts]
    return _estimate(T, *min(ends, key=lambda end: end[1]))


def _estimate(T: NDArray[np.float64], found: NDArray[np.float64], value: float) -> NoiseEstimate:
    return NoiseEstimate(T, powers_of(found), -value, found[2:] if len(found) > 2 else 0.0)


def _checked(
    probabilities: ArrayLike, codes: ArrayLike, trusted: ArrayLike | None
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.bool_]]:
    q = as_table(probabilities, "probabilities")  # (n, k)
    given = check_codes(codes, q.shape[1], n_rows=len(q))
    right = np.zeros(len(q), dtype=bool) if trusted is None else np.asarray(trusted)
    if right.shape != (len(q),) or right.dtype != bool:
        raise InputError(
            f"trusted has shape {right.shape} of {right.dtype}; give True or False for each of {len(q)} rows"
        )
    return q, given, right


def _even(k: int, rate: float) -> NDArray[np.float64]:
    """Return T of one rate of wrong labels, spread over the other classes alike."""
    T = np.full((k, k), rate / max(k - 1, 1))
    np.fill_diagonal(T, 1.0 - rate)
    return T


def _gain(one: NoiseEstimate, other: NoiseEstimate, n: int) -> float:
    return n * (one.log_likelihood - other.log_likelihood)


def sampled_rows(n: int) -> NDArray[np.int64]:
    """Return rows to fit on: all, or some by chance (always the same), for a table may have an order that a step would follow."""
    return np.arange(n) if n <= _MOST_ROWS else np.sort(np.random.default_rng(0).permutation(n)[:_MOST_ROWS])


def _chances_of_given(
    T: NDArray[np.float64], given: NDArray[np.int64], right: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Return p(given label | true = c), (n, k); a trusted label comes from its own class alone."""
    return np.where(right[:, None], np.eye(len(T))[given], T[:, given].T)


def _climb(
    q: NDArray[np.float64],
    given: NDArray[np.int64],
    right: NDArray[np.bool_],
    found: NDArray[np.float64],
    T: NDArray[np.float64],
) -> NoiseEstimate:
    """Improve powers and shifts (2 + k,) and T in turn, until a turn hardly changes the likelihood."""
    by_label = [np.flatnonzero((given == j) & ~right) for j in range(len(T))]
    value, before = np.inf, np.inf
    for turn in range(_TURNS):
        features = features_of(q, T)
        found, value = search_powers(features, _chances_of_given(T, given, right), found, _SEARCH_STEPS)
        if turn and len(q) * abs(before - value) < _STILL:
            break
        before = value
        p = mixed(features, powers_of(found), found[2:])  # (n, k)
        blocks = [p[rows] for rows in by_label]  # of the rows that were given each label
        for _ in range(_EM_STEPS):
            T = _next_matrix(blocks, T)
    found, value = search_powers(features_of(q, T), _chances_of_given(T, given, right), found, 5 * _SEARCH_STEPS)
    return _estimate(T, found, value)


def _with_rows_forgotten(
    q: NDArray[np.float64], given: NDArray[np.int64], right: NDArray[np.bool_], found: NoiseEstimate
) -> NoiseEstimate:
    """Return the likeliest end of searches from an estimate of which the row of one class is forgotten.

    A class of few rows is soon explained as part of another one, whose given labels it shares, and nothing in the neighbourhood is
    likelier. The rarest classes are tried, in turn, where many of their labels look wrong.
    """
    p = true_class_chances(q, found.matrix, found.powers, found.shifts)
    for c in np.argsort(p.sum(axis=0), kind="stable")[:_FORGOTTEN]:
        if found.matrix[c, c] > _RARELY_WRONG:
            continue
        T = found.matrix.copy()
        T[c] = _even(len(T), _FORGOTTEN_RATE)[c]
        start = np.concatenate([np.log(found.powers), np.broadcast_to(found.shifts, len(T))])
        other = _climb(q, given, right, start, T)
        found = other if _gain(other, found, len(q)) > _CLEARLY else found
    return found


def _next_matrix(blocks: Sequence[NDArray[np.float64]], T: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return T after a step of expectation maximisation; each row is drawn towards the mean rate, evenly spread.

    No label is likelier than the true one: otherwise classes could change their names, and a rare one would.

    ``blocks`` holds p (n_j, k) of the rows that were given label j. Of these ``p_c T[c, j] / sum_d p_d T[d, j]`` are of class c.
    """
    k = len(T)
    counts = np.zeros((k, k))  # true by given
    for j, p in enumerate(blocks):
        counts[:, j] = T[:, j] * ((1.0 / np.maximum(p @ T[:, j], 1e-300)) @ p)
    rate = (counts.sum() - np.trace(counts) + 0.5) / (counts.sum() + 1.0)
    counts += _STRENGTH * _even(k, rate)
    for c in np.flatnonzero(counts.argmax(axis=1) != np.arange(k)):
        counts[c] = _right_one_first(counts[c], int(c))
    return np.asarray(counts / counts.sum(axis=1, keepdims=True))


def _right_one_first(counts: NDArray[np.float64], c: int) -> NDArray[np.float64]:
    """Return counts (k,) of the same sum that are likeliest among those of which none is above that of class c.

    Those that are above their common mean with c are pooled with it, the largest first.
    """
    order = np.argsort(-counts, kind="stable")
    order = np.concatenate([[c], order[order != c]])
    means = np.cumsum(counts[order]) / np.arange(1, len(counts) + 1)
    pooled = 1 + int(np.argmax(np.append(counts[order[1:]] <= means[:-1], True)))
    found = counts.copy()
    found[order[:pooled]] = means[pooled - 1]
    return found


def _of_sure_rows(q: NDArray[np.float64], given: NDArray[np.int64], little: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return T as rows show it that are surest of a class, where any prefers that class."""
    T, best = little.copy(), q.argmax(axis=1)
    for c in range(len(T)):
        rows = np.flatnonzero(best == c)
        if len(rows):
            surest = rows[np.argsort(-q[rows, c], kind="stable")][: int(np.ceil(_SURE_SHARE * len(rows)))]
            T[c] = np.bincount(given[surest], minlength=len(T)) / len(surest)
    return np.asarray(0.98 * T + 0.02 * little)  # nothing is impossible: expectation maximisation never leaves 0
