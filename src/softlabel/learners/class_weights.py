"""``class_weight`` of an estimator, for soft targets.

An estimator that is fitted by softlabel sees codes 0 to k - 1 in place of labels, and row copies or rows of masses in
place of rows: a dictionary keyed by label would miss, and "balanced" would count copies. Both are turned into weights
by code.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from softlabel.errors import InputError
from softlabel.learners.nested import changed_values


def with_code_weights(estimator: Any, classes: NDArray[Any], masses: NDArray[np.float64]) -> Any:
    """Return the estimator with each ``class_weight`` in it, nested ones too, as a dictionary keyed by code.

    Parameters
    ----------
    estimator : estimator
        A clone, changed in place.
    classes : (k,)
        All labels; the codes count those that have mass.
    masses : (k,)
        Weighted sum of the target rows.

    Returns
    -------
    estimator : the same object
        ``"balanced"`` has become sum(masses) / (k masses_c), which is scikit-learn's formula for hard labels. Strings
        that only the estimator understands are left.

    Raises
    ------
    InputError
        If a dictionary names a label that is not among the classes.
    """
    present = np.flatnonzero(masses > 0)

    def by_code(value: Any) -> Any:
        if isinstance(value, str) and value == "balanced":
            return {code: masses.sum() / (len(present) * masses[c]) for code, c in enumerate(present)}
        if not isinstance(value, Mapping):
            return value
        labels = classes.tolist()
        unknown = [label for label in value if label not in labels]
        if unknown:
            raise InputError(f"class_weight names {unknown}, which are no classes; the classes are {labels}")
        return {code: float(value.get(labels[c], 1.0)) for code, c in enumerate(present)}

    return changed_values(estimator, "class_weight", by_code)


def tilted(
    targets: NDArray[np.float64], sample_weight: NDArray[np.float64] | None, class_weight: Mapping[int, float] | None
) -> tuple[NDArray[np.float64], NDArray[np.float64] | None]:
    """Return targets (n, k) and sample weights (n,) that do what class weights would.

    Cross entropy and squared error (up to a constant) are linear in the target, so weighting class c by v_c is the
    same as the target q_c v_c / sum_c q_c v_c with the row weighted by sum_c q_c v_c.
    """
    if not class_weight:
        return targets, sample_weight
    factors = np.array([class_weight[code] for code in range(targets.shape[1])])  # (k,)
    masses = targets * factors  # (n, k)
    sums = masses.sum(axis=1)  # (n,)
    rows = np.divide(masses, sums[:, None], out=targets.copy(), where=sums[:, None] > 0)
    return rows, sums if sample_weight is None else sums * sample_weight
