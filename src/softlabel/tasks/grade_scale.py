"""The grades of an ordinal task: their order, and their values as numbers."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from softlabel.errors import InputError
from softlabel.targets.encode import class_codes, find_classes
from softlabel.targets.labels import as_labels

_SHOWN = 8


class GradeScale:
    """k grades in order.

    Parameters
    ----------
    grades : array-like (k,)
        Distinct grades from the lowest to the highest, two or more: numbers in ascending order, which are then their own
        values, or texts, whose values are 0 to k - 1.
    fractional : bool
        Whether labels between the grades are allowed (the mean of several graders, say): they are kept as numbers, and the
        code of one is that of the nearest grade, the upper of two.

    Attributes
    ----------
    grades : (k,)
    values : (k,) float64, ascending

    Raises
    ------
    InputError
        For fewer than two grades, a grade twice, or numbers that do not ascend.
    """

    def __init__(self, grades: ArrayLike, *, fractional: bool = False) -> None:
        listed = as_labels(list(np.asarray(grades).tolist()), name="grades")
        if len(listed) < 2:
            raise InputError(f"there is only one grade ({listed.tolist()}); an ordinal task needs at least two")
        if len(set(listed.tolist())) < len(listed):
            raise InputError(f"grades names a grade twice: {listed.tolist()}; name each grade once, lowest first")
        numbers = listed.dtype.kind in "iuf"
        self.grades: NDArray[Any] = listed.astype(np.int64) if numbers else listed
        self.values: NDArray[np.float64] = listed.astype(np.float64) if numbers else np.arange(len(listed), dtype=float)
        self.fractional = fractional
        if (np.diff(self.values) <= 0).any():
            raise InputError(f"grades do not ascend: {listed.tolist()}; give them from the lowest to the highest")
        if fractional and not numbers:
            raise InputError("labels between grades need grades that are numbers, and these are texts")

    @property
    def span(self) -> float:
        """Distance from the lowest to the highest grade."""
        return float(self.values[-1] - self.values[0])

    def codes(self, y: Any) -> NDArray[np.int64]:
        """Return the position (n,) of each label among the grades, or of the nearest one where fractions are allowed."""
        if not self.fractional:
            return class_codes(y, self.grades)
        numbers = self.numbers(y)  # (n,)
        between = (self.values[1:] + self.values[:-1]) / 2  # (k - 1,)
        return np.digitize(numbers, between).astype(np.int64)

    def numbers(self, y: Any) -> NDArray[np.float64]:
        """Return labels (n,) as numbers."""
        if not self.fractional:
            return self.values[self.codes(y)]
        numbers = as_numbers(y)
        outside = np.flatnonzero((numbers < self.values[0]) | (numbers > self.values[-1]))
        if outside.size:
            raise InputError(
                f"y has {numbers[outside[0]]:g} in row {outside[0]}, outside the grades {self.values[0]:g} to "
                f"{self.values[-1]:g} ({outside.size} of {len(numbers)} rows); correct these labels, or name all grades"
            )
        return numbers


def as_numbers(y: Any) -> NDArray[np.float64]:
    """Return labels (n,) as finite numbers, or say what is wrong with them."""
    try:
        numbers = np.asarray(y, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError(
            "y holds texts among grades that are numbers; give numbers, or name the grades in order"
        ) from None
    if numbers.ndim != 1 or not np.isfinite(numbers).all():
        bad = (
            ""
            if numbers.ndim != 1
            else f", row {int(np.argmax(~np.isfinite(numbers)))} has {numbers[~np.isfinite(numbers)][0]}"
        )
        raise InputError(f"y must be one finite grade a row; got shape {numbers.shape}{bad}")
    return numbers


def scale_of(y: Any, grades: ArrayLike | None, *, fractions: bool) -> GradeScale:
    """Return the scale of labels ``y`` (n,).

    Parameters
    ----------
    y : (n,) labels
        Whole numbers; or any numbers, where the view takes them; or texts, which need ``grades``.
    grades : (k,) or None
        All grades, lowest first. None: those that occur.
    fractions : bool
        Whether the view can take labels that are not whole numbers.

    Raises
    ------
    InputError
        For texts without an order, fractions where the view cannot take them, labels that are no grades.

    Warns
    -----
    UserWarning
        Where grades are missing between the lowest and the highest, or labels are not whole numbers.
    """
    array = np.asarray(y)
    numeric = array.ndim == 1 and (array.dtype.kind in "iuf" or (array.dtype == object and _all_numbers(array)))
    between = numeric and _any_fraction(as_numbers(y))
    if between and not fractions:
        numbers = as_numbers(y)
        rows = np.flatnonzero(numbers != np.floor(numbers))
        raise InputError(
            f"y has the grade {numbers[rows[0]]:g} in row {rows[0]} ({rows.size} of {len(numbers)} are not whole numbers), and the "
            "distribution view has a column for each grade; round them, or take the scalar view"
        )
    if between:
        numbers = as_numbers(y)
        whole = np.arange(np.floor(numbers.min()), np.ceil(numbers.max()) + 1).astype(np.int64)
        warnings.warn(
            f"{np.count_nonzero(numbers != np.floor(numbers))} of {len(numbers)} grades are not whole numbers: they are kept as "
            "numbers, and rounded where grades are scored",
            UserWarning,
            stacklevel=4,
        )
        return GradeScale(whole if grades is None else grades, fractional=True)
    if grades is not None:
        scale = GradeScale(grades)
        scale.codes(y)  # refuses labels that are none of them
        return scale
    found = find_classes(y)
    if found.dtype.kind not in "iuf":
        raise InputError(
            f"the grades are texts ({', '.join(map(repr, found.tolist()[:_SHOWN]))}), whose order nobody can see; name them from the "
            "lowest to the highest: grades=[...], on the command line --grades low,middle,high"
        )
    missing = sorted(set(range(int(found[0]), int(found[-1]) + 1)) - {int(grade) for grade in found})
    if missing:
        shown = ", ".join(map(str, missing[:_SHOWN])) + (" ..." if len(missing) > _SHOWN else "")
        warnings.warn(
            f"no row has the grade {shown}, which lies between others: the distances between grades count it, but nothing "
            "can be predicted as it; name all grades (grades=[...]) where it exists",
            UserWarning,
            stacklevel=4,
        )
    return GradeScale(found)


def _all_numbers(array: NDArray[Any]) -> bool:
    return all(isinstance(value, (int, float, np.number)) and not isinstance(value, bool) for value in array.tolist())


def _any_fraction(numbers: NDArray[np.float64]) -> bool:
    return bool((numbers != np.floor(numbers)).any())
