"""How labels become wrong, read off the rows whose labels are known to be right.

Three ways. Models that learnt from the labels as they were given tell, out of fold, what they would have called a row whose class is
known: the gold loss correction of Hendrycks et al. Trusted rows teach how to read such predictions, and the labels of all other rows
are compared with what is read: the best of the three where labels are many and trusted rows few. And where the label that a trusted
row was given at first is known too, pairs of given and true labels are counted.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from softlabel.errors import InputError
from softlabel.targets.encode import check_codes, one_hot
from softlabel.targets.rows import as_table

_MOST_STEPS, _SETTLED, _TINY = 200, 1e-6, 1e-12  # of expectation maximisation


@dataclass(frozen=True)
class TrustedNoise:
    """Chances of given labels, by the true class.

    Attributes
    ----------
    matrix : (k, k) float64
        T[c, j]: the chance that a row of true class c is given label j. Rows sum to 1.
    spread : (k, k) float64
        Standard error of each entry: how far another draw of as many trusted rows might move it.
    counts : (k,) float64
        Rows of each true class, or how many are expected.
    """

    matrix: NDArray[np.float64]
    spread: NDArray[np.float64]
    counts: NDArray[np.float64]

    @property
    def class_rates(self) -> NDArray[np.float64]:
        """(k,) share of wrong labels by true class, 1 - T[c, c]."""
        return np.asarray(1.0 - np.diagonal(self.matrix))

    def rate(self, class_shares: ArrayLike | None = None) -> float:
        """Return the share of wrong labels, sum_c s_c (1 - T[c, c]).

        Parameters
        ----------
        class_shares : array-like (k,) or None
            s, how the true classes share the rows; None: as they share the trusted rows.

        Raises
        ------
        InputError
            If there are not k shares of 0 or more, one of them above 0.
        """
        shares = np.asarray(self.counts if class_shares is None else class_shares, dtype=np.float64)  # (k,)
        if shares.shape != self.counts.shape or not (shares >= 0).all() or not 0 < shares.sum() < np.inf:
            raise InputError(
                f"class_shares is {shares.tolist()}; give a share of 0 or more for each of the {len(self.counts)} classes, one of them "
                "above 0"
            )
        return float(shares @ self.class_rates / shares.sum())


def noise_from_predictions(
    oof: ArrayLike, true_codes: ArrayLike, *, trusted_share: float = 0.0, smoothing: float = 1.0
) -> TrustedNoise:
    """Estimate the noise from what models that learnt from noisy labels predict for trusted rows.

    Row c is the mean out-of-fold prediction over the n_c trusted rows of class c, T[c] = sum_x p(x) / n_c (gold loss correction).
    Three things are added to it. *Smoothing*: ``smoothing`` rows of a prior weigh in with the n_c, T[c] = (sum_x p(x) + s b_c) /
    (n_c + s); the prior b_c has the mean mass d on c that predictions of all classes have on theirs, (sum p_c(x) + 1) / (n + 1), one
    right row added, and the rest evenly elsewhere. So a class without any trusted row gets the noise of the others, and few
    rows stay near the diagonal. *Trusted training rows*: where the models also learnt from trusted rows, a share t of all with
    right labels, the labels that they saw were T' = t I + (1 - t) T, which is undone: T = (T' - t I) / (1 - t), not below 0.
    *Unknown classes*: a row whose class no model knew is left out, other unknown classes count as 0.

    The estimate holds what the models confuse as well as what is wrong: it is one of the noise where they would be nearly right
    from right labels and calibrated to wrong ones, and an upper bound of it where they are weak.

    Parameters
    ----------
    oof : array-like (n, k)
        Out-of-fold predictions of the trusted rows by models that learnt from the labels as given (those of the first round); NaN
        for classes that no model of a row knew.
    true_codes : array-like (n,) of int
        Their true classes, which are their labels.
    trusted_share : float from 0, below 1
        t; 0 where the models did not learn from trusted rows.
    smoothing : float, 0 or more
        s, in rows.

    Returns
    -------
    TrustedNoise

    Raises
    ------
    InputError
        For shapes that differ, codes that are no column, numbers out of range, or where no row can be used.

    References
    ----------
    Hendrycks, Mazeika, Wilson, Gimpel, "Using Trusted Data to Train Deep Networks on Labels Corrupted by Severe Noise", NeurIPS
    2018, section 3 (the matrix C and its estimate).

    Examples
    --------
    >>> oof = [[0.8, 0.2], [0.6, 0.4], [0.1, 0.9]]
    >>> noise_from_predictions(oof, [0, 0, 1], smoothing=0).matrix
    array([[0.7, 0.3],
           [0.1, 0.9]])
    """
    rows = as_table(oof, "oof")  # (n, k)
    k = rows.shape[1]
    codes = check_codes(true_codes, k, n_rows=len(rows))  # (n,)
    if not 0 <= trusted_share < 1:
        raise InputError(
            f"trusted_share={trusted_share!r}; give the share of trusted training rows, 0 or more and below 1"
        )
    judged = ~np.isnan(rows[np.arange(len(rows)), codes])  # (n,) bool
    rows, codes = np.nan_to_num(rows[judged]), codes[judged]
    found = _smoothed(rows, codes, k, smoothing)
    if trusted_share == 0:
        return found
    undone = np.maximum(found.matrix - trusted_share * np.eye(k), 0.0) / (1.0 - trusted_share)  # (k, k)
    total = undone.sum(axis=1, keepdims=True)  # (k, 1): 0 where a row had less mass on its class than trusted rows gave
    matrix = np.divide(undone, total, out=np.eye(k), where=total > 0)
    return TrustedNoise(matrix, found.spread / (1.0 - trusted_share), found.counts)


def noise_from_pairs(
    given_codes: ArrayLike, true_codes: ArrayLike, n_classes: int, *, smoothing: float = 1.0
) -> TrustedNoise:
    """Estimate the noise from trusted rows whose first, perhaps wrong labels are known too.

    Equivalent to ``noise_from_predictions`` of the given labels as one-hot rows: pairs are counted, with the same smoothing. No model
    takes part, so nothing but chance stands between this and the noise, where the trusted rows were drawn without a look at them.

    Parameters
    ----------
    given_codes, true_codes : array-like (n,) of int
    n_classes : int
        k.
    smoothing : float, 0 or more

    Returns
    -------
    TrustedNoise

    Raises
    ------
    InputError
        As ``noise_from_predictions``.

    Examples
    --------
    >>> noise_from_pairs([0, 0, 1, 1], [0, 0, 0, 1], 2, smoothing=0).matrix.round(3)
    array([[0.667, 0.333],
           [0.   , 1.   ]])
    """
    given = check_codes(given_codes, n_classes)
    return noise_from_predictions(one_hot(given, n_classes), true_codes, smoothing=smoothing)


def noise_from_chances(chances: ArrayLike, given_codes: ArrayLike, *, smoothing: float = 1.0) -> TrustedNoise:
    """Estimate the noise from the chances of rows' true classes and the labels that they were given.

    The given label of a row is drawn from sum_c q_c(x) T[c, .]; T maximises the likelihood of all given labels, by expectation
    maximisation: r_c = q_c T[c, y] / sum, T[c, j] = (sum of r_c over rows given j + s b_c[j]) / (sum of r_c + s), with the prior b_c
    of ``noise_from_predictions``. What a model confuses stands in q and not in T: with right chances a weak learner on clean
    labels finds no noise.

    Parameters
    ----------
    chances : array-like (n, k)
        q, of rows that nobody vouches for; see :func:`softlabel.targets.trusted_chances.trusted_chances`.
    given_codes : array-like (n,) of int
    smoothing : float, 0 or more
        s, in rows.

    Returns
    -------
    TrustedNoise
        ``counts`` are expected rows of each true class. The spread is that of drawing labels, not that of the chances.

    Raises
    ------
    InputError
        For shapes that differ, codes that are no column, or no row.

    References
    ----------
    Dawid and Skene, Applied Statistics 28, 1979, section 3, with one annotator and known chances of classes.
    """
    q = as_table(chances, "chances")  # (n, k)
    k = q.shape[1]
    codes = check_codes(given_codes, k, n_rows=len(q))  # (n,)
    if not len(q):
        raise InputError("chances has no rows; give those of the rows that nobody vouches for")
    _check_smoothing(smoothing)
    given = one_hot(codes, k).astype(np.float64)  # (n, k)
    matrix = np.full((k, k), 0.3 / max(k - 1, 1))  # (k, k) the start: mostly right
    np.fill_diagonal(matrix, 0.7)
    for _ in range(_MOST_STEPS):
        shares = q * matrix[:, codes].T  # (n, k)
        shares /= shares.sum(axis=1, keepdims=True)
        pairs = shares.T @ given  # (k, k) expected rows of class c that were given j
        on_own = (np.trace(pairs) + 1.0) / (len(q) + 1.0)
        before, counts = matrix, pairs.sum(axis=1)
        matrix = (pairs + smoothing * _near_diagonal(k, on_own)) / np.maximum(counts + smoothing, _TINY)[:, None]
        if np.abs(matrix - before).max() < _SETTLED:
            break
    spread = np.sqrt(matrix * (1.0 - matrix) / np.maximum(counts + smoothing, _TINY)[:, None])  # (k, k)
    return TrustedNoise(matrix, spread, counts)


def _smoothed(rows: NDArray[np.float64], codes: NDArray[np.int64], k: int, smoothing: float) -> TrustedNoise:
    """Return class means of rows (n, k), a prior weighing in, and their standard errors."""
    _check_smoothing(smoothing)
    counts = np.bincount(codes, minlength=k)  # (k,)
    if not len(rows) or (smoothing == 0 and not counts.all()):
        lacking = (
            "no trusted row can be used" if not len(rows) else f"class {int(np.argmin(counts))} has no trusted row"
        )
        raise InputError(f"{lacking}; trust labels of each class, or let smoothing be above 0 where some can be used")
    on_own = (rows[np.arange(len(rows)), codes].sum() + 1.0) / (len(rows) + 1.0)
    prior = _near_diagonal(k, on_own)  # (k, k)
    sums = np.zeros((k, k))
    np.add.at(sums, codes, rows)
    weight = (counts + smoothing)[:, None]  # (k, 1)
    matrix = (sums + smoothing * prior) / weight
    # A pseudo-row spreads as a drawn label does, p (1 - p): so that one row, or none, is not taken for certainty.
    squares = smoothing * matrix * (1.0 - matrix)  # (k, k)
    np.add.at(squares, codes, (rows - matrix[codes]) ** 2)
    return TrustedNoise(matrix, np.sqrt(np.maximum(squares, 0.0)) / weight, counts.astype(np.float64))


def _near_diagonal(k: int, on_own: float) -> NDArray[np.float64]:
    matrix = np.full((k, k), (1.0 - on_own) / max(k - 1, 1))  # (k, k)
    np.fill_diagonal(matrix, on_own)
    return matrix


def _check_smoothing(smoothing: float) -> None:
    if not (np.isfinite(smoothing) and smoothing >= 0):
        raise InputError(f"smoothing={smoothing!r}; give the number of rows that the prior weighs, 0 or more")
