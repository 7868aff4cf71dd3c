"""What every kind of label can be asked.

Everything above this floor handles target rows (n, m) and asks the task what they mean, so that a further kind of label is one
more class of this shape. There are three kinds of rows:

- ``distribution``: masses over k classes that sum to 1;
- ``scalar``: one column, a grade as a number;
- ``independent``: k entries from 0 to 1, each of its own.
"""

from __future__ import annotations

from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from softlabel.targets.corrupt import Corruption

Kind = Literal["distribution", "scalar", "independent"]
Rows = NDArray[Any]


class Task(Protocol):
    """A kind of label. Target rows have ``n_columns`` columns: k for classes, 1 for a scalar grade.

    Given labels are handled as *codes*, integers: (n,) positions among the classes, or (n, k) of 0 and 1 where a row may have
    several labels.
    """

    @property
    def name(self) -> str:
        """What a configuration calls it: multiclass, ordinal, multilabel."""

    @property
    def kind(self) -> Kind:
        """What its target rows are."""

    @property
    def main_score(self) -> str:
        """The name of the score that a guard chooses by; higher is better."""

    @property
    def classes(self) -> NDArray[Any]:
        """(k,) the labels there are, in the order of their codes."""

    @property
    def n_columns(self) -> int:
        """m, the columns of a target row."""

    def codes(self, y: Any) -> NDArray[np.int64]:
        """Return the codes of labels, (n,) or (n, k)."""

    def encode(self, y: Any) -> NDArray[np.float32]:
        """Return the first targets (n, m) of given labels."""

    def check(self, targets: ArrayLike, n_rows: int) -> NDArray[np.float32]:
        """Return valid target rows (n, m), or raise ``InputError``."""

    def check_predictions(self, predictions: ArrayLike, n_rows: int, who: str) -> NDArray[np.float32]:
        """Return predictions (n, m) as valid target rows, or raise ``InputError`` whose message starts with ``who``."""

    def harden_codes(self, targets: ArrayLike) -> NDArray[np.int64]:
        """Return the codes that target rows speak for."""

    def labels(self, codes: ArrayLike) -> NDArray[Any]:
        """Return the labels (n,) of codes; several labels of a row as one text, joined by ``|``."""

    def harden(self, targets: ArrayLike) -> NDArray[Any]:
        """Return the labels (n,) that target rows speak for."""

    def suggest(self, targets: ArrayLike, codes: NDArray[np.int64], given: Rows | None = None) -> NDArray[np.int64]:
        """Return the codes that target rows speak for; where they speak as much for the given ones, those.

        ``given`` are the first targets (n, m), for labels that lie between codes; so in ``quality`` and ``margin``.
        """

    def scores(
        self, codes: ArrayLike, predictions: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> dict[str, float]:
        """Return named scores of predictions (n, m) against codes, the main one first; what is not defined is left out."""

    def reference_scores(
        self, reference: ArrayLike, targets: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> dict[str, float]:
        """Return how far targets (n, m) are from true distributions (n, k)."""

    def mark_unseen(self, predictions: Rows, train_targets: Rows) -> Rows:
        """Write NaN where a model that was trained on these targets can know nothing."""

    def fill_unseen(self, oof: Rows, old: Rows) -> Rows:
        """Let what no model knows keep its old value."""

    def judged(self, oof: Rows, codes: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Return for which rows (n,) some model could have confirmed the given label."""

    def known(self, oof: Rows) -> Rows:
        """Return predictions as ``scores`` takes them: of classes that no model knows it wants 0."""

    def sharpen(self, oof: Rows, temperature: float) -> Rows:
        """Raise probabilities to the power ``1 / temperature``."""

    def change(self, before: Rows, after: Rows) -> NDArray[np.float64]:
        """Return how far each row moved, (n,): 0 where it did not, 1 from one end to the other."""

    def quality(self, targets: Rows, codes: NDArray[np.int64], given: Rows | None = None) -> NDArray[np.float64]:
        """Return how well each row (n,) agrees with its given label, from 0 (surely wrong) to 1."""

    def margin(self, targets: Rows, codes: NDArray[np.int64], given: Rows | None = None) -> NDArray[np.float64]:
        """Return how far each row (n,) is from speaking for another label; below 0 it does."""

    def entropy(self, targets: Rows) -> NDArray[np.float64]:
        """Return the entropy (n,) of each row in nats; NaN where a row is no distribution."""

    def differs(self, codes: NDArray[np.int64], others: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Return in which rows (n,) two arrays of codes differ."""

    def corrupt(
        self,
        codes: NDArray[np.int64],
        corruption: Corruption,
        rng: np.random.Generator,
        probabilities: Rows | None = None,
    ) -> NDArray[np.int64]:
        """Return codes of which a share was made wrong on purpose.

        ``probabilities`` (n, k) of the classes are those of a model that did not train on the row, where the corruption draws by
        them.
        """

    def record(self) -> dict[str, Any]:
        """Return the task as plain values; ``task_from_record`` makes it again."""
