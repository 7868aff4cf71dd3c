"""Grades as classes that have an order: distributions over them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from softlabel.errors import InputError
from softlabel.metrics.calibration import ece
from softlabel.metrics.scores import nll
from softlabel.targets.grades import expected_quality, median_codes, median_from, median_margin, refined_grade
from softlabel.targets.unimodal import unimodal
from softlabel.tasks.class_rows import ClassRows
from softlabel.tasks.grade_scale import GradeScale
from softlabel.tasks.grade_scores import grade_scores

_SPREAD = 0.5  # neighbours of the given grade get exp(-2) = 0.14 of its mass


class OrdinalDistribution(ClassRows):
    """Distributions over grades; what a row speaks for is its median grade, which has the least expected distance.

    Parameters
    ----------
    scale : GradeScale
    start : str
        First targets: ``one_hot``; or ``unimodal``, a bump around the given grade, which falls off by exp(-distance / 0.5),
        ``unimodal:SPREAD`` for another spread (Diaz and Marathe 2019). A bump has a distance from its own grade: qualities start
        below 1, at the ends of the scale a little above those in the middle, and mean grades of the ends a little inside. Its
        neighbours give a grade mass, so that a model knows something of a grade that no training row has.

    Raises
    ------
    InputError
        If ``start`` is none of these, or the bump is so wide that most of its mass lies beside the given grade.
    """

    name = "ordinal"
    view = "distribution"
    main_score = "qwk"

    def __init__(self, scale: GradeScale, start: str = "one_hot") -> None:
        super().__init__(scale.grades)
        self.scale, self.values = scale, scale.values
        self.start, self._spread = start, _spread_of(start)
        every = np.arange(len(self.values))
        if self._spread and (median_margin(unimodal(every, self.values, self._spread), every) < 0).any():
            raise InputError(
                f"start={start!r} puts most of the mass of a grade at the end of the scale beside it, so that labels would have moved "
                f"before any refinement; give a smaller spread, such as unimodal:{_SPREAD}"
            )

    def __repr__(self) -> str:
        return f"OrdinalDistribution({self.classes.tolist()!r}, start={self.start!r})"

    def encode(self, y: Any) -> NDArray[np.float32]:
        """Return first targets (n, k): one-hot rows, or bumps around the given grade."""
        codes = self.codes(y)
        return unimodal(codes, self.values, self._spread) if self._spread else super().encode(y)

    def harden_codes(self, targets: ArrayLike) -> NDArray[np.int64]:
        """Return the code (n,) of the median grade of each row, the lower of two."""
        return median_codes(targets)

    def suggest(
        self, targets: ArrayLike, codes: NDArray[np.int64], given: NDArray[Any] | None = None
    ) -> NDArray[np.int64]:
        """Return the code (n,) of the median grade; where the given grade is a median too, it stays."""
        return median_from(targets, codes)

    def scores(
        self, codes: ArrayLike, predictions: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> dict[str, float]:
        """Return QWK, mean absolute error, its mean over the grades and accuracy of the median grades, NLL and ECE."""
        return {
            **grade_scores(codes, self.harden_codes(predictions), self.values, sample_weight),
            "nll": nll(codes, predictions, sample_weight),
            "ece": ece(codes, predictions, sample_weight),
        }

    def quality(
        self, targets: NDArray[Any], codes: NDArray[np.int64], given: NDArray[Any] | None = None
    ) -> NDArray[np.float64]:
        """Return 1 less the expected distance (n,) from the given grade, as a share of the scale."""
        return expected_quality(targets, codes, self.values)

    def margin(
        self, targets: NDArray[Any], codes: NDArray[np.int64], given: NDArray[Any] | None = None
    ) -> NDArray[np.float64]:
        """Return ``1 - 2 max(mass below, mass above the given grade)`` (n,); below 0 the median has moved."""
        return median_margin(targets, codes)

    def refined_grades(self, targets: NDArray[Any]) -> NDArray[np.float64]:
        """Return the mean grades (n,)."""
        return refined_grade(targets, self.values)

    def record(self) -> dict[str, Any]:
        """Return the task as plain values."""
        return {"name": self.name, "view": self.view, "classes": self.classes.tolist(), "start": self.start}


def _spread_of(start: str) -> float:
    """Return the spread of a bump; 0 for one-hot rows."""
    word, colon, number = str(start).partition(":")
    if word == "one_hot" and not colon:
        return 0.0
    try:
        spread = float(number) if colon else _SPREAD
    except ValueError:
        spread = 0.0
    if word != "unimodal" or not (np.isfinite(spread) and spread > 0):
        raise InputError(f"start={start!r}; give one_hot, unimodal, or unimodal:SPREAD with a spread above 0 in grades")
    return spread
