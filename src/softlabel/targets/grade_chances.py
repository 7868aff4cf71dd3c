"""From grades predicted as numbers to distributions over the grades."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import softmax

from softlabel.targets.encode import check_codes
from softlabel.targets.grades import as_grades
from softlabel.targets.thresholds import check_values

_LEAST_SPREAD = 0.1  # of the mean distance between centres: a prediction is never that sure of a grade
_PSEUDO_ROWS = 10.0  # on the line through all rows, for each grade: a rare grade's mean is its rows' own predictions


def grade_chances(grades: ArrayLike, codes: ArrayLike, values: ArrayLike) -> NDArray[np.float64]:
    """Return the chances of each grade, as linear discriminant analysis has them of the predicted grade alone.

    ``q_c`` proportional to ``n_c exp(-(g - m_c)^2 / (2 s^2))``, with n_c the rows that were given the grade, m_c the mean prediction for
    these and s the pooled standard deviation around it. A regressor says something between the grade and the mean of all (least
    squares shrink), so that an end grade is hardly ever predicted: by the distance of g from the grade itself most end grades of a weak
    regressor would look wrong. Each m_c has ten rows more on the line of g over the grades. A shift or another scale of
    all predictions changes nothing, and predictions that know nothing give the shares of the grades.

    Parameters
    ----------
    grades : array-like (n,) or (n, 1)
        Predictions g; a row of NaN stays one.
    codes : array-like (n,) of int
        Given grades.
    values : array-like (k,)
        Grades as numbers, increasing.

    Returns
    -------
    chances : (n, k)
        Rows sum to 1.

    References
    ----------
    Hastie, Tibshirani and Friedman, The Elements of Statistical Learning, 2nd edition, 2009, section 4.3.

    Examples
    --------
    >>> g, given = np.tile([0.4, 0.6, 0.5, 0.7], 25), np.tile([0, 1, 0, 1], 25)  # shrunk to the middle, and yet telling
    >>> grade_chances(g, given, [0, 1])[:2].round(2)
    array([[1.  , 0.  ],
           [0.02, 0.98]])
    """
    v = check_values(values)  # (k,)
    g = np.asarray(grades, dtype=np.float64).reshape(len(np.asarray(grades)), -1)[:, 0]  # (n,)
    known = ~np.isnan(g)
    given = check_codes(codes, len(v), n_rows=len(g))
    chances = np.full((len(g), len(v)), np.nan)
    if known.any():
        x, c = as_grades(g[known]), given[known]
        counts = np.bincount(c, minlength=len(v))
        centre = _centres(x, v[c], c, v, counts)  # (k,)
        floor = _LEAST_SPREAD * float(np.ptp(centre)) / max(1, len(v) - 1)
        # Where all predictions are equal, rounding alone sets the centres apart.
        floor = max(floor, 1e-9 * float(np.abs(x).max()), 1e-100)
        spread = max(float(np.sqrt(np.mean(np.square(x - centre[c])))), floor)
        logits = np.log(counts + 1.0) - np.square((x[:, None] - centre) / spread) / 2.0
        chances[known] = softmax(logits, axis=1)
    return chances


def _centres(
    x: np.ndarray, graded: np.ndarray, codes: np.ndarray, values: np.ndarray, counts: np.ndarray
) -> np.ndarray:
    """Return the mean prediction (k,) for each grade, with some rows more on the line of predictions over grades."""
    off = graded - graded.mean()
    total = float(np.sum(off**2))
    slope = float(np.sum(off * x)) / total if total > 0 else 0.0
    line = x.mean() + slope * (values - graded.mean())  # (k,)
    sums = np.bincount(codes, weights=x, minlength=len(values))
    return np.asarray((sums + _PSEUDO_ROWS * line) / (counts + _PSEUDO_ROWS))
