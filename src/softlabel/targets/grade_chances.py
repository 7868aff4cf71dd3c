"""From grades predicted as numbers to distributions over the grades."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import softmax

from softlabel.targets.encode import check_codes
from softlabel.targets.grades import as_grades
from softlabel.targets.thresholds import check_values

_NORMAL = 1.4826  # median absolute deviation to standard deviation, of a normal distribution
_LEAST_SPREAD = 0.1  # of the mean distance between grades: a prediction is never that sure of a grade


def grade_chances(grades: ArrayLike, codes: ArrayLike, values: ArrayLike) -> NDArray[np.float64]:
    """Return the chances of each grade, as if predictions scattered around the grade by a normal distribution.

    ``q_c`` proportional to ``n_c exp(-(g - v_c)^2 / (2 s^2))``, with n_c the rows that were given the grade and s the spread of g around
    given grades: 1.48 times their median distance, which some wrong labels do not stretch.

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

    Examples
    --------
    >>> grade_chances([0.0, 0.5, 1.0], [0, 0, 1], [0, 1]).round(2)
    array([[1. , 0. ],
           [0.6, 0.4],
           [0. , 1. ]])
    """
    v = check_values(values)  # (k,)
    g = np.asarray(grades, dtype=np.float64).reshape(len(np.asarray(grades)), -1)[:, 0]  # (n,)
    known = ~np.isnan(g)
    given = check_codes(codes, len(v), n_rows=len(g))
    chances = np.full((len(g), len(v)), np.nan)
    if known.any():
        off = np.abs(as_grades(g[known]) - v[given[known]])
        spread = max(_NORMAL * float(np.median(off)), _LEAST_SPREAD * float(np.diff(v).mean()))
        counts = np.bincount(given[known], minlength=len(v))
        logits = np.log(counts + 1.0) - np.square((g[known, None] - v) / spread) / 2.0
        chances[known] = softmax(logits, axis=1)
    return chances
