"""Which labels confident learning takes for wrong, as cleanlab finds them; it is imported when it is asked, not before."""

from __future__ import annotations

from importlib.util import find_spec
from typing import NamedTuple

import numpy as np

from softlabel.errors import MissingExtraError

FILTERS = (
    *("prune_by_noise_rate", "prune_by_class", "both", "confident_learning"),
    *("predicted_neq_given", "low_normalized_margin", "low_self_confidence"),
)


class Judgement(NamedTuple):
    """What confident learning makes of labels and probabilities."""

    issues: np.ndarray  # (n,) bool
    noise_matrix: np.ndarray  # (k, k) p(given = row | true = column)


def judge(codes: np.ndarray, probabilities: np.ndarray, filter_by: str, min_examples_per_class: int) -> Judgement:
    """Return which labels are issues, and the noise matrix, as cleanlab's ``CleanLearning`` finds them.

    Parameters
    ----------
    codes : (n,) int
        Given labels as class numbers.
    probabilities : (n, k)
        Out of fold.
    filter_by : str
    min_examples_per_class : int
    """
    from cleanlab.count import estimate_py_and_noise_matrices_from_probabilities
    from cleanlab.filter import find_label_issues

    p = np.asarray(probabilities, dtype=np.float64)
    _, noise_matrix, _, joint = estimate_py_and_noise_matrices_from_probabilities(codes, p)
    issues = find_label_issues(
        codes,
        p,
        filter_by=filter_by,
        min_examples_per_class=min_examples_per_class,
        confident_joint=None if filter_by == "confident_learning" else joint,
        n_jobs=1,  # processes of its own would be neither counted nor placed
    )
    return Judgement(np.asarray(issues, dtype=bool), np.asarray(noise_matrix, dtype=np.float64))


def require_cleanlab() -> None:
    """Raise MissingExtraError where cleanlab is not installed; it is not imported to find out."""
    if find_spec("cleanlab") is None:
        raise MissingExtraError("cleanlab", "peers")
