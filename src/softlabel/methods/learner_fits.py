"""Fitting a learner with its own seed, asking it for predictions that are some, and telling where it failed."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.utils.validation import has_fit_parameter

from softlabel.data.rows import n_rows
from softlabel.errors import FitError, FitTypeError, SoftlabelError
from softlabel.execution.executor import Failure
from softlabel.learners.contract import Learner, seeded
from softlabel.methods.fit_count import counting_a_fit
from softlabel.methods.units import Unit
from softlabel.methods.views import predict_views
from softlabel.tasks import Task


def fit_learner(
    learner: Learner,
    X: Any,
    targets: np.ndarray,
    sample_weight: np.ndarray | None,
    seed: int,
    validation: tuple[Any, np.ndarray] | None = None,
) -> Learner:
    """Fit a fresh copy of a learner with its own seed; weights are passed on only where there are any.

    ``validation``, rows and their target rows, is passed on to learners that watch such rows after each epoch.
    """
    fresh = seeded(learner, seed)
    beside: dict[str, Any] = {} if sample_weight is None else {"sample_weight": sample_weight}
    if validation is not None and has_fit_parameter(fresh, "validation"):
        beside["validation"] = validation
    with counting_a_fit():
        return fresh.fit(X, targets, **beside)


def continue_learner(
    learner: Any, before: Learner, X: Any, targets: np.ndarray, sample_weight: np.ndarray | None, seed: int
) -> Learner:
    """Train a fitted learner further, as a fresh copy of ``learner`` with its own seed; the fitted one is left as it is."""
    fresh: Any = seeded(learner, seed)
    beside: dict[str, Any] = {} if sample_weight is None else {"sample_weight": sample_weight}
    with counting_a_fit():
        further: Learner = fresh.fit_from(before, X, targets, **beside)
        return further


def predict_checked(model: Learner, X: Any, task: Task, tta: str | None = None) -> np.ndarray:
    """Predict target rows, and refuse what is no prediction: wrong shape, NaN, negative or unnormalisable rows."""
    return task.check_predictions(predict_views(model, X, tta), n_rows(X), type(model).__name__)


def fit_error(failure: Failure, where: str, unit: Unit) -> FitError:
    """Return the error that tells where a learner failed, and how; its traceback goes along as a note."""
    kind = FitTypeError if isinstance(failure.error, TypeError) else FitError
    what = "" if isinstance(failure.error, SoftlabelError) else f"{type(failure.error).__name__}: "
    text = " ".join(str(failure.error).split())  # one line, whatever the learner wrote
    error = kind(
        f"the learner failed in {where}: {what}{text}", round=unit.round or None, member=unit.member, fold=unit.fold
    )
    error.add_note(failure.traceback)
    error.__cause__ = failure.error
    return error
