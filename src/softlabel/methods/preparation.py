"""From what a caller gives (labels, rows, options) to checked objects that the loop works on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from softlabel.data.folds import check_cv
from softlabel.data.rows import as_rows, concatenate, n_rows
from softlabel.errors import InputError
from softlabel.execution.executor import Resources
from softlabel.learners.contract import Learner, as_learner
from softlabel.learners.names import default_estimator
from softlabel.methods.auto_settings import settle
from softlabel.methods.guard import draw_guard
from softlabel.methods.options import check_choice, check_sharpen, check_threads
from softlabel.methods.problem import Problem
from softlabel.methods.rounds import Settings
from softlabel.methods.row_facts import (
    as_given_labels,
    check_groups,
    check_reference,
    check_sample_weight,
    check_trusted,
)
from softlabel.methods.task_choice import choose_task, warn_of_odd_labels
from softlabel.methods.teachers import check_teachers
from softlabel.methods.trusted_evidence import ENOUGH_TRUSTED, chooses_by
from softlabel.methods.views import check_tta
from softlabel.seeds import Seeds
from softlabel.tasks import Kind, Task


@dataclass(frozen=True)
class Preparation:
    """Everything that a refinement needs, checked."""

    problem: Problem
    learners: tuple[Learner, ...]
    settings: Settings
    n_given: int  # rows of the caller's X; a validation set given as guard stands behind them

    def students(self, final_members: str) -> tuple[Learner, ...]:
        """Return the learners of the final fit: all of them for "all", else the first."""
        return self.learners if final_members == "all" else self.learners[:1]


def prepare(
    X: Any,
    y: Any,
    *,
    estimator: Any = None,
    targets: Any = None,
    groups: Any = None,
    sample_weight: Any = None,
    guard: Any = None,
    cv: Any = 5,
    momentum: Any = "auto",
    sharpen: float | None = None,
    tta: str | None = None,
    teacher_targets: str = "auto",
    final_targets: str = "refined",
    teacher_budget: float | None = None,
    fixed_folds: bool = False,
    warm_start: bool = False,
    threads: int = 1,
    random_state: Any = None,
    watch: Mapping[str, Any] | None = None,
    watch_labels: Mapping[str, Any] | None = None,
    task: Any = None,
    reference: Any = None,
    trusted: Any = None,
) -> Preparation:
    """Check all that was given, and put it in the form that the loop works on.

    Parameters are those of ``StochasticLabelRefinery`` and its ``fit``, and ``watch``, ``watch_labels``: further rows by name,
    which each fold model predicts, and their labels where they are known.

    Raises
    ------
    InputError
        For each kind of input that cannot be refined: lengths that differ, unusable labels, targets, weights, groups, folds,
        options out of range, an estimator that takes no soft targets, or that makes no views where ``tta`` asks for them.
    """
    if y is None:
        raise InputError("a refinement requires y to be passed, but the target y is None; give one label a row")
    X = as_rows(X)
    if np.iscomplexobj(X):
        raise InputError("Complex data not supported: X holds complex numbers; give real ones")
    if estimator is None and getattr(X, "ndim", 2) == 1 and getattr(X, "dtype", np.dtype(float)).kind in "OU":
        raise InputError(
            "X holds texts, and the default estimator takes numbers; give make_pipeline(TextFeatures(), LogisticRegression()), or a "
            "TransformerClassifier"
        )
    y, given_rows = np.asarray(y), n_rows(X)
    y = as_given_labels(y, task)
    if n_rows(X) != len(y):
        raise InputError(f"X has {n_rows(X)} rows and y has {len(y)}; give one label a row")
    task = choose_task(task, y, estimator)
    given = task.encode(y) if targets is None else task.check(targets, len(y))  # (n, m) float32
    groups = None if groups is None else check_groups(groups, len(y))
    weight = None if sample_weight is None else check_sample_weight(sample_weight, len(y))
    known_right = None if trusted is None else check_trusted(trusted, len(y))
    if isinstance(guard, list) and len(guard) == 2 and n_rows(X) != 2:
        raise InputError("guard is a list of two; give a tuple (X_guard, y_guard), a share, or a mask")
    if isinstance(guard, tuple):
        X, y, given, weight, guard = _with_validation_set(guard, X, y, task, given, groups, weight)
    codes = task.codes(y)  # (n,) or (n, k)
    seeds, learners, cv = Seeds(random_state), members(estimator, task.kind), check_cv(cv)
    sharpen = check_sharpen(sharpen, task.kind)
    settings = Settings(
        cv=cv,
        **settle(final_targets, teacher_targets, momentum, sharpen, task, given)._asdict(),
        sharpen=sharpen,
        tta=check_tta(tta, learners),
        **check_teachers(learners, cv, teacher_budget=teacher_budget, fixed_folds=fixed_folds, warm_start=warm_start),
        seeds=seeds,
        resources=Resources(check_threads(threads)),
    )
    if known_right is not None:  # a validation set stands behind the rows, and nobody vouched for it
        known_right = np.r_[known_right, np.zeros(len(y) - given_rows, dtype=bool)]
    mask = _without_trusted(draw_guard(guard, codes, groups, seeds), guard, groups, known_right)
    if weight is not None and mask.any() and not weight[mask].any():
        raise InputError(
            "all rows of the guard have sample_weight 0, so nothing could be scored; give some of them weight"
        )
    problem = Problem(
        X,
        task,
        codes,
        given,
        mask,
        groups=groups,
        sample_weight=weight,
        watch=dict(watch or {}),
        watch_codes={name: task.codes(labels) for name, labels in (watch_labels or {}).items()},
        reference=None if reference is None else check_reference(reference, task, given_rows, len(y)),
        trusted=known_right,
    )
    if not problem.refined.any():
        raise InputError(
            "every row is trusted or of the guard, so no label is left to refine; trust fewer rows, or give n_rounds=0 for a plain fit"
        )
    warn_of_odd_labels(task, codes[~mask], settings.cv)
    return Preparation(problem, learners, settings, given_rows)


def members(estimator: Any, kind: Kind = "distribution") -> tuple[Learner, ...]:
    """Return the learners of an estimator, of a list of estimators (SLR-e), or of None (the default).

    Parameters
    ----------
    estimator : estimator, list of estimators, or None
    kind : "distribution", "scalar" or "independent"
        Of the target rows that they are fitted to.

    Raises
    ------
    InputError
        If the list is empty, or an estimator takes no soft targets in any way.
    """
    if isinstance(estimator, (list, tuple)):
        if not estimator:
            raise InputError("estimator is an empty list; give at least one estimator, or None for the default")
        return tuple(as_learner(one, kind) for one in estimator)
    return (as_learner(default_estimator(kind) if estimator is None else estimator, kind),)


def check_refit_on(refit_on: str, problem: Problem) -> None:
    """Refuse to choose by a guard where there is none, nor trusted rows enough to stand in for it."""
    check_choice("refit_on", refit_on, ("last", "best"))
    if refit_on == "best" and chooses_by(problem) is None:
        few = (
            "" if problem.trusted is None else f" (and {problem.trusted.sum()} trusted rows, {ENOUGH_TRUSTED} would do)"
        )
        raise InputError(
            f"refit_on='best' chooses by the guard, and there is none{few}; give guard=0.2, say, or refit_on='last'"
        )


def _without_trusted(mask: np.ndarray, guard: Any, groups: Any, trusted: np.ndarray | None) -> np.ndarray:
    """Return a guard that was drawn without its trusted rows: these testify out of fold, and are worth more in training.

    With groups they stay, for the rest of their group is in the guard; so do those of a mask, which somebody chose.
    """
    if trusted is None or groups is not None or np.ndim(guard) > 0 or not (mask & ~trusted).any():
        return mask
    return mask & ~trusted


def _with_validation_set(
    guard: tuple, X: Any, y: np.ndarray, task: Task, given: np.ndarray, groups: Any, weight: np.ndarray | None
) -> tuple[Any, np.ndarray, np.ndarray, np.ndarray | None, np.ndarray]:
    """Put a validation set behind the rows, as their guard."""
    if len(guard) != 2:
        raise InputError(f"guard is a tuple of {len(guard)}; give (X_guard, y_guard), a share, or a mask")
    if groups is not None:
        raise InputError(
            "a validation set as guard has no groups; put its rows into X and groups, and give guard as a mask"
        )
    X_guard, y_guard = as_rows(guard[0]), np.asarray(guard[1])
    if n_rows(X_guard) != len(y_guard):
        raise InputError(f"guard has {n_rows(X_guard)} rows and {len(y_guard)} labels; give one label a row")
    n_guard = len(y_guard)
    mask = np.r_[np.zeros(len(y), dtype=bool), np.ones(n_guard, dtype=bool)]
    weight = None if weight is None else np.r_[weight, np.ones(n_guard)]
    given = np.concatenate([given, task.encode(y_guard)])
    return concatenate(X, X_guard), np.concatenate([y, y_guard]), given, weight, mask
