"""Which given labels are wrong, with what chance, and what else they should be: the result that ``find_label_issues`` returns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from softlabel.targets.wrong_chance import Threshold, threshold_for

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class LabelIssues:
    """What out-of-fold predictions say about given labels; one entry a row, in the order of the rows.

    Attributes
    ----------
    wrong_probability : (n,) float
        Chance that the given label is wrong, meant to be calibrated: of rows with .8, eight of ten are. Of several labels the chance
        that any is wrong, ``1 - prod_j (1 - w_j)``.
    is_issue : (n,) bool
        As many rows as are expected to be wrong, those with the highest ``wrong_probability``.
    label_quality : (n,) float
        From 0 (surely wrong) to 1: 1 less ``wrong_probability``; for grades 1 less the expected distance of the true grade, as a share
        of the scale; of several labels that of the worst.
    suggested_label : (n,)
        The most probable other label where a row is an issue, the given one elsewhere. Of several labels (``|`` joins their names)
        those of an issue are changed that are wrong rather than right, or the most doubtful one where none is.
    given_label : (n,)
    noise_matrix : (k, k) float
        p(given = column | true = row), rows sum to 1: the transpose of what ``ConfidentLearning`` and cleanlab call so. Of several
        labels (k, 2, 2), absence first; NaN for a label that nobody judged.
    noise_rate : float
        Expected share of wrong labels (rows) among those that were judged and are not trusted.
    classes : (k,)
        Labels in the order of the columns.
    judged : (n,) bool
        Rows that a model predicted which knew the given label. Of others all that is known is how often labels like theirs are
        wrong.
    entry_wrong_probability : (n, k) float or None
        Of several labels the chance of each.
    ids : (n,) or None
        What a run calls its rows.
    """

    wrong_probability: np.ndarray
    is_issue: np.ndarray
    label_quality: np.ndarray
    suggested_label: np.ndarray
    given_label: np.ndarray
    noise_matrix: np.ndarray
    noise_rate: float
    classes: np.ndarray
    judged: np.ndarray
    entry_wrong_probability: np.ndarray | None = None
    ids: np.ndarray | None = None

    @property
    def expected_wrong(self) -> float:
        """Expected number of rows with a wrong label: the sum of their chances."""
        return float(self.wrong_probability.sum())

    def threshold_for(self, precision: float) -> Threshold:
        """Return the lowest threshold on ``wrong_probability`` at which the expected precision is at least this.

        Returns
        -------
        Threshold
            ``threshold``, ``n_rows`` that reach it, their expected ``precision``, and ``recall``, the expected share of all wrong rows
            among them. Of no rows where not even the surest is that sure.

        Raises
        ------
        InputError
            If ``precision`` is not from 0 to 1.
        """
        return threshold_for(self.wrong_probability, precision)

    def at_precision(self, precision: float) -> np.ndarray:
        """Return the rows (n,) bool that are taken for wrong so that a share of ``precision`` of them is expected to be."""
        return np.asarray(self.wrong_probability >= self.threshold_for(precision).threshold)

    def to_frame(self) -> pd.DataFrame:
        """Return a row a label, in the order of the rows; sort by ``wrong_probability`` to read the worst first.

        Columns: ``id`` where a run gave one, ``given_label``, ``suggested_label``, ``is_issue``, ``wrong_probability``,
        ``label_quality``, ``judged``; of several labels also ``wrong_`` and the name of each.
        """
        import pandas as pd

        columns: dict[str, Any] = {} if self.ids is None else {"id": self.ids}
        columns |= {
            "given_label": self.given_label,
            "suggested_label": self.suggested_label,
            "is_issue": self.is_issue,
            "wrong_probability": self.wrong_probability,
            "label_quality": self.label_quality,
            "judged": self.judged,
        }
        if self.entry_wrong_probability is not None:
            columns |= {
                f"wrong_{name}": column
                for name, column in zip(self.classes.tolist(), self.entry_wrong_probability.T, strict=True)
            }
        return pd.DataFrame(columns)
