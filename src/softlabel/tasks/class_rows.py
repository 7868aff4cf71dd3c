"""What all tasks share whose target rows are distributions over classes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from softlabel.errors import InputError
from softlabel.metrics.distributions import distribution_distances
from softlabel.targets.corrupt import Corruption
from softlabel.targets.distance import total_variation
from softlabel.targets.encode import check_targets, class_codes, find_classes, harden, one_hot
from softlabel.targets.held_out import fill_unseen, judged_rows, known_mass, mark_unseen
from softlabel.targets.quality import entropy, harden_from, label_quality, margin
from softlabel.targets.update import sharpen
from softlabel.tasks.task import Kind, Rows

# Learners may round or clip their own probabilities; a row further off than this is a mistake, not rounding.
_PREDICTION_TOLERANCE = 5e-2


class ClassRows:
    """One of k classes a row; a target row holds the mass of each.

    Parameters
    ----------
    classes : array-like (k,)
        Distinct labels, two or more; their order is the order of the columns.

    Raises
    ------
    InputError
        If there are fewer than two classes, or one is named twice.
    """

    kind: Kind = "distribution"

    def __init__(self, classes: ArrayLike) -> None:
        distinct = find_classes(classes)  # sorted; refuses what cannot be a label
        self.classes: NDArray[Any] = distinct[np.argsort(class_codes(distinct, classes))]  # (k,) as they were given
        if len(np.asarray(classes)) != len(distinct):
            raise InputError(f"classes names a class twice: {np.asarray(classes).tolist()}; name each class once")

    @property
    def n_columns(self) -> int:
        """k, one column for each class."""
        return len(self.classes)

    def codes(self, y: Any) -> NDArray[np.int64]:
        """Return the position (n,) of each label among the classes; an unknown label is an ``InputError``."""
        return class_codes(y, self.classes)

    def encode(self, y: Any) -> NDArray[np.float32]:
        """Return one-hot rows (n, k)."""
        return one_hot(self.codes(y), self.n_columns)

    def check(self, targets: ArrayLike, n_rows: int) -> NDArray[np.float32]:
        """Return target rows (n_rows, k) as float32 that sum to 1; see :func:`softlabel.targets.check_targets`."""
        return check_targets(targets, n_rows=n_rows, n_columns=self.n_columns)

    def check_predictions(self, predictions: ArrayLike, n_rows: int, who: str) -> NDArray[np.float32]:
        """Return predicted rows (n_rows, k) as float32 that sum to 1.

        As :meth:`check`, but sums may be off 1 by up to 0.05, for learners round their probabilities.

        Parameters
        ----------
        predictions : array-like (n_rows, k)
        n_rows : int
        who : str
            Whose predictions they are; the message starts with it.

        Raises
        ------
        InputError
            If the rows cannot be used.
        """
        return check_targets(
            predictions, n_rows=n_rows, n_columns=self.n_columns, name=who, tolerance=_PREDICTION_TOLERANCE
        )

    def harden_codes(self, targets: ArrayLike) -> NDArray[np.int64]:
        """Return the code (n,) of the largest mass of each row, the first of ties."""
        return harden(targets)

    def labels(self, codes: ArrayLike) -> NDArray[Any]:
        """Return the label (n,) of each code."""
        return self.classes[np.asarray(codes)]

    def harden(self, targets: ArrayLike) -> NDArray[Any]:
        """Return the label (n,) that each row speaks for."""
        return self.labels(self.harden_codes(targets))

    def suggest(self, targets: ArrayLike, codes: NDArray[np.int64], given: Rows | None = None) -> NDArray[np.int64]:
        """Return the code (n,) of the largest mass; a tie that the given label is part of stays with it."""
        return harden_from(targets, codes)

    def reference_scores(
        self, reference: ArrayLike, targets: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> dict[str, float]:
        """Return the mean distances of targets to true distributions, both (n, k); see ``distribution_distances``."""
        return distribution_distances(reference, targets, sample_weight)

    def mark_unseen(self, predictions: Rows, train_targets: Rows) -> Rows:
        """Write NaN for classes without mass in the training rows; the others sum to 1."""
        return mark_unseen(predictions, seen=np.asarray(train_targets.any(axis=0)))

    def fill_unseen(self, oof: Rows, old: Rows) -> Rows:
        """Let classes that no model of a row knows keep their old mass; what was predicted shares the rest."""
        return fill_unseen(oof, old)

    def judged(self, oof: Rows, codes: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Return for which rows (n,) some model that knows the given class made a prediction."""
        return judged_rows(oof, codes)

    def known(self, oof: Rows) -> Rows:
        """Return predictions with 0 for classes that no model knows."""
        return known_mass(oof)

    def sharpen(self, oof: Rows, temperature: float) -> Rows:
        """Return rows p^(1/T) / sum p^(1/T)."""
        return sharpen(oof, temperature)

    def change(self, before: Rows, after: Rows) -> NDArray[np.float64]:
        """Return the total variation (n,) between the rows."""
        return total_variation(after, before)

    def quality(self, targets: Rows, codes: NDArray[np.int64], given: Rows | None = None) -> NDArray[np.float64]:
        """Return the mass (n,) on the given label."""
        return label_quality(targets, codes)

    def margin(self, targets: Rows, codes: NDArray[np.int64], given: Rows | None = None) -> NDArray[np.float64]:
        """Return the mass (n,) on the given label minus the largest elsewhere."""
        return margin(targets, codes)

    def entropy(self, targets: Rows) -> NDArray[np.float64]:
        """Return ``-sum_j q_j log q_j`` (n,) in nats."""
        return entropy(targets)

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
        """Return codes of which a share of rows was moved to another class."""
        return corruption.apply(codes, self.n_columns, rng, probabilities)
