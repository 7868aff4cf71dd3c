"""Grades as numbers: the ordinal task as the paper has it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from softlabel.errors import InputError
from softlabel.targets.corrupt import Corruption
from softlabel.targets.grades import scalar_from, scalar_margin, scalar_quality
from softlabel.targets.rows import as_table, check_targets
from softlabel.targets.thresholds import apply_thresholds, check_thresholds, midpoints
from softlabel.tasks.gaps import mean_gaps
from softlabel.tasks.grade_scale import GradeScale
from softlabel.tasks.grade_scores import grade_scores
from softlabel.tasks.task import Kind, Rows

_ROUNDING = 1e-6  # by which a float32 may miss the grade that it stands for


class OrdinalScalar:
    """Grades as numbers: a target row is one number between the lowest and the highest grade.

    It is trained as a regression, refined by the same update as a distribution, and becomes a grade again by thresholds,
    halfway between neighbouring grades unless others were fitted (Stochastic Label Refinery, section III, DeepDRiD).
    Predictions outside the scale are brought to its ends: they mean no more than these.

    Parameters
    ----------
    scale : GradeScale
    thresholds : (k - 1,) or None
        Ascending. A prediction on a threshold is of the upper grade.
    """

    name = "ordinal"
    view = "scalar"
    kind: Kind = "scalar"
    main_score = "qwk"
    n_columns = 1

    def __init__(self, scale: GradeScale, thresholds: ArrayLike | None = None) -> None:
        self.scale = scale
        self.classes, self.values = scale.grades, scale.values
        given = midpoints(scale.values) if thresholds is None else thresholds
        self.thresholds: NDArray[np.float64] = check_thresholds(given, k=len(scale.values))

    def __repr__(self) -> str:
        return f"OrdinalScalar({self.classes.tolist()!r})"

    def with_thresholds(self, thresholds: ArrayLike) -> OrdinalScalar:
        """Return the same task with other thresholds (k - 1,)."""
        return OrdinalScalar(self.scale, thresholds)

    def codes(self, y: Any) -> NDArray[np.int64]:
        """Return the position (n,) of each grade; of a label between grades the nearest one's."""
        return self.scale.codes(y)

    def encode(self, y: Any) -> NDArray[np.float32]:
        """Return grades (n, 1) as numbers."""
        return self.scale.numbers(y).astype(np.float32)[:, None]

    def check(self, targets: ArrayLike, n_rows: int) -> NDArray[np.float32]:
        """Return grades (n_rows, 1); distributions (n_rows, k) become their mean grade."""
        rows = as_table(targets)
        if rows.shape[1] == len(self.values) and rows.shape[1] > 1:
            return (check_targets(rows, n_rows=n_rows) @ self.values).astype(np.float32)[:, None]
        grades = self._column(targets, n_rows, "targets")
        outside = np.flatnonzero((grades < self.values[0]) | (grades > self.values[-1]))
        if outside.size:
            raise InputError(
                f"targets: row {outside[0]} has the grade {grades[outside[0]]:g}, outside {self.values[0]:g} to "
                f"{self.values[-1]:g} ({outside.size} of {n_rows} rows); give grades of the scale, or distributions over it"
            )
        return grades.astype(np.float32)[:, None]

    def check_predictions(self, predictions: ArrayLike, n_rows: int, who: str) -> NDArray[np.float32]:
        """Return predicted grades (n_rows, 1), brought to the ends of the scale where they lie outside.

        Raises
        ------
        InputError
            For another shape than (n_rows,) or (n_rows, 1), or numbers that are not finite; the message starts with ``who``.
        """
        grades = self._column(predictions, n_rows, who)
        return np.clip(grades, self.values[0], self.values[-1]).astype(np.float32)[:, None]

    def harden_codes(self, targets: ArrayLike) -> NDArray[np.int64]:
        """Return the code (n,) of the interval between thresholds that each grade is in."""
        return apply_thresholds(targets, self.thresholds)

    def labels(self, codes: ArrayLike) -> NDArray[Any]:
        """Return the grade (n,) of each code."""
        return self.classes[np.asarray(codes)]

    def harden(self, targets: ArrayLike) -> NDArray[Any]:
        """Return the grade (n,) that each row speaks for."""
        return self.labels(self.harden_codes(targets))

    def suggest(self, targets: ArrayLike, codes: NDArray[np.int64], given: Rows | None = None) -> NDArray[np.int64]:
        """Return the code (n,) of each grade; one on a threshold of the given grade stays with it.

        A label between grades stays where it has moved by no more than half the distance between its neighbours.
        """
        found = scalar_from(targets, codes, self.thresholds)
        if not self.scale.fractional or given is None:
            return found
        return np.where(self._half_moved(targets, given) >= 0, codes, found)

    def scores(
        self, codes: ArrayLike, predictions: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> dict[str, float]:
        """Return QWK, mean absolute error, its mean over the grades, and accuracy, of the grades after thresholds."""
        return grade_scores(codes, self.harden_codes(predictions), self.values, sample_weight)

    def reference_scores(
        self, reference: ArrayLike, targets: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> dict[str, float]:
        """Return the mean absolute and the root mean squared distance between the mean grades of true distributions and targets."""
        gap = as_table(reference, "reference") @ self.values - as_table(targets)[:, 0]  # (n,)
        return mean_gaps(np.abs(gap), np.square(gap), sample_weight)

    def mark_unseen(self, predictions: Rows, train_targets: Rows) -> Rows:
        """Return the predictions: a regression knows every grade between those that it saw."""
        return predictions

    def fill_unseen(self, oof: Rows, old: Rows) -> Rows:
        """Return predictions, and the old grade of rows that no model predicted."""
        return np.where(np.isnan(oof), old, oof)

    def judged(self, oof: Rows, codes: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Return which rows (n,) were predicted."""
        return ~np.isnan(oof[:, 0])

    def known(self, oof: Rows) -> Rows:
        """Return the predictions; rows without one get the lowest grade, and are not to be scored."""
        return np.nan_to_num(oof, nan=float(self.values[0]))

    def sharpen(self, oof: Rows, temperature: float) -> Rows:
        """Refuse: a grade is no probability."""
        raise InputError(
            f"sharpen={temperature!r} acts on probabilities, and grades as numbers have none; leave it out"
        )

    def change(self, before: Rows, after: Rows) -> NDArray[np.float64]:
        """Return by how much each grade (n,) moved, as a share of the scale."""
        return np.abs(np.asarray(after, np.float64) - np.asarray(before, np.float64))[:, 0] / self.scale.span

    def quality(self, targets: Rows, codes: NDArray[np.int64], given: Rows | None = None) -> NDArray[np.float64]:
        """Return 1 less the distance (n,) from the given grade, as a share of the scale.

        Where labels lie between grades, ``given`` has them as numbers (n, 1).
        """
        own = self.values[np.asarray(codes)] if given is None or not self.scale.fractional else given
        return scalar_quality(targets, own, self.scale.span)

    def margin(self, targets: Rows, codes: NDArray[np.int64], given: Rows | None = None) -> NDArray[np.float64]:
        """Return how far (n,), in grades, each number is inside the interval of its given grade; below 0 it has left it.

        The interval of a label between grades, which ``given`` tells, lies around itself.
        """
        inside = scalar_margin(targets, codes, self.thresholds)
        if not self.scale.fractional or given is None:
            return inside
        own = self._half_moved(targets, given)
        # One that left its own interval for that of the grade that it is rounded to has not changed its grade.
        return np.where(np.isnan(own), inside, np.where(own < 0, np.minimum(inside, 0.0), own))

    def entropy(self, targets: Rows) -> NDArray[np.float64]:
        """Return NaN (n,): a number is no distribution."""
        return np.full(len(targets), np.nan)

    def differs(self, codes: NDArray[np.int64], others: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Return in which rows (n,) the codes differ."""
        return np.asarray(codes != others)

    def corrupt(
        self,
        codes: NDArray[np.int64],
        corruption: Corruption,
        rng: np.random.Generator,
        probabilities: Rows | None = None,
    ) -> NDArray[np.int64]:
        """Return codes of which a share of rows was moved to another grade; with pair noise the highest becomes the lowest."""
        return corruption.apply(codes, len(self.values), rng, probabilities)

    def _half_moved(self, targets: ArrayLike, given: Rows) -> NDArray[np.float64]:
        """Return half the distance between a label's neighbours less how far it moved, (n,); NaN where it is a grade itself."""
        label, refined = as_table(given, "given")[:, 0], as_table(targets)[:, 0]  # (n,) each
        above = np.clip(np.searchsorted(self.values, label), 1, len(self.values) - 1)
        half = (self.values[above] - self.values[above - 1]) / 2
        between = np.abs(label[:, None] - self.values).min(axis=1) > _ROUNDING
        return np.where(between, half - np.abs(refined - label), np.nan)

    def refined_grades(self, targets: Rows) -> NDArray[np.float64]:
        """Return the grades (n,) as numbers."""
        return as_table(targets)[:, 0]

    def record(self) -> dict[str, Any]:
        """Return the task as plain values."""
        return {
            "name": self.name,
            "view": self.view,
            "classes": self.classes.tolist(),
            "fractional": self.scale.fractional,
            "thresholds": self.thresholds.tolist(),
        }

    def _column(self, rows: ArrayLike, n_rows: int, who: str) -> NDArray[np.float64]:
        """Return (n_rows,) finite numbers."""
        try:
            numbers = np.asarray(rows, dtype=np.float64)
        except (TypeError, ValueError) as error:
            raise InputError(f"{who}: grades must be numbers ({error})") from error
        if numbers.shape not in ((n_rows,), (n_rows, 1)):
            raise InputError(
                f"{who}: has shape {numbers.shape} where ({n_rows}, 1) is needed: a grade as a number for each row"
            )
        numbers = numbers.reshape(n_rows)
        bad = np.flatnonzero(~np.isfinite(numbers))
        if bad.size:
            raise InputError(
                f"{who}: row {bad[0]} has {numbers[bad[0]]}, and {bad.size} of {n_rows} rows are not finite; give finite numbers"
            )
        return numbers
