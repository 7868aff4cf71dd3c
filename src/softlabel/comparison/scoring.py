"""Which scores a comparison takes on the test rows, and which way each of them is better."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from softlabel.errors import InputError
from softlabel.metrics.calibration import classwise_ece, ece
from softlabel.metrics.scores import aurc, nll
from softlabel.tasks.task import Task

_HIGHER = (
    "accuracy",
    "balanced_accuracy",
    "cosine",
    "intersection",
    "macro_f1",
    "mean_ap",
    "mean_auc",
    "micro_f1",
    "qwk",
    "share_corrected",
    "share_kept",
    "top5_accuracy",
)
_LOWER = (
    "adaptive_ece",
    "aurc",
    "brier",
    "canberra",
    "chebyshev",
    "clark",
    "classwise_ece",
    "ece",
    "fit_seconds",
    "kl",
    "macro_mae",
    "mae",
    "n_fits",
    "nll",
    "posterior_tv",
    "rmse",
    "seconds",
)
_OF_DISTRIBUTIONS = {"nll": nll, "ece": ece, "classwise_ece": classwise_ece, "aurc": aurc}


def compared_scores(task: Task, codes: ArrayLike, predictions: ArrayLike) -> dict[str, float]:
    """Return all scores of predictions (n, m) against codes: those of the task, the main one first, then of their probabilities.

    Distributions over classes always have ``nll``, ``ece``, ``classwise_ece`` and ``aurc``, also where the task itself has no
    use for them. Confidence is the largest probability there, so that ``aurc`` of grades judges the likeliest grade, where
    the task's own scores judge the median one. A score that is not defined is left out.

    Parameters
    ----------
    task : Task
    codes : array-like (n,) of int, or (n, k) of 0 and 1
    predictions : array-like (n, m)
        As the model gives them; a class that it does not know counts as one of probability 0.

    Raises
    ------
    InputError
        If shapes differ or there is no row.

    Examples
    --------
    >>> from softlabel.tasks import Multiclass
    >>> list(compared_scores(Multiclass(["a", "b"]), [0, 1], [[0.9, 0.1], [0.4, 0.6]]))
    ['accuracy', 'balanced_accuracy', 'nll', 'brier', 'ece', 'classwise_ece', 'aurc']
    """
    rows = task.known(np.asarray(predictions))  # (n, m)
    found = task.scores(codes, rows)
    if task.kind == "distribution":
        found |= {name: score(codes, rows) for name, score in _OF_DISTRIBUTIONS.items() if name not in found}
    return {name: float(value) for name, value in found.items() if np.isfinite(value)}


def higher_is_better(name: str) -> bool:
    """Return whether more of a score is better; a distance from a reference is called by its name or ``reference_`` and its name.

    Raises
    ------
    InputError
        If the score is not known.

    Examples
    --------
    >>> higher_is_better("accuracy"), higher_is_better("nll")
    (True, False)
    """
    score = name.removeprefix("reference_")
    if score in _HIGHER:
        return True
    if score in _LOWER:
        return False
    raise InputError(f"{name!r} is no score known here; it is one of {', '.join(sorted((*_HIGHER, *_LOWER)))}")


def has_direction(name: str) -> bool:
    """Return whether it is known which way a number is better."""
    return name.removeprefix("reference_") in (*_HIGHER, *_LOWER)
