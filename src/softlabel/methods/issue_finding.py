"""From given labels and out-of-fold predictions of one or more rounds to ``LabelIssues``, for every kind of label."""

from __future__ import annotations

from typing import Any

import numpy as np

from softlabel.errors import InputError
from softlabel.methods.task_choice import choose_task
from softlabel.methods.wrong_labels import LabelIssues
from softlabel.targets.grade_chances import grade_chances
from softlabel.targets.grades import expected_quality
from softlabel.targets.judged_labels import judge_labels, mean_round
from softlabel.targets.wrong_chance import likeliest, wrong_chance
from softlabel.tasks import Ordinal, OrdinalDistribution, OrdinalScalar, Task


def issues_of(
    task: Task,
    codes: np.ndarray,
    rounds: np.ndarray,
    *,
    plain_rounds: int = 1,
    trusted: np.ndarray | None = None,
    ambiguity: float = 0.5,
    given_label: np.ndarray | None = None,
    ids: np.ndarray | None = None,
) -> LabelIssues:
    """Judge every label.

    Parameters
    ----------
    task : Task
    codes : (n,) or (n, k) int
        Given labels.
    rounds : (R, n, m)
        Out-of-fold predictions of each round; NaN where no model says anything.
    plain_rounds : int
        As many rounds at the beginning have models that learnt from the given labels: the noise is estimated from their mean, and
        rows are ranked by the mean of all.
    trusted : (n,) bool or None
        Rows that are right.
    ambiguity : float
        See ``judge_labels``.
    given_label : (n,) or None
        Labels as they are called, where they lie between codes; None makes them of the codes.
    ids : (n,) or None

    Raises
    ------
    InputError
        If nothing can be estimated, or ``plain_rounds`` is no number of rounds.
    """
    whole = isinstance(plain_rounds, (int, np.integer)) and not isinstance(plain_rounds, bool)
    if not whole or not 1 <= plain_rounds <= len(rounds):
        raise InputError(
            f"plain_rounds={plain_rounds!r}; give how many of the {len(rounds)} rounds learnt from the given labels, 1 or more"
        )
    return issues_of_means(
        task,
        codes,
        mean_round(rounds[:plain_rounds]),
        mean_round(rounds),
        trusted=trusted,
        ambiguity=ambiguity,
        given_label=given_label,
        ids=ids,
    )


def issues_of_means(
    task: Task,
    codes: np.ndarray,
    first: np.ndarray,
    joined: np.ndarray,
    *,
    trusted: np.ndarray | None = None,
    ambiguity: float = 0.5,
    given_label: np.ndarray | None = None,
    ids: np.ndarray | None = None,
) -> LabelIssues:
    """Judge every label by the mean predictions (n, m) of the rounds that learnt from the given labels, and of all rounds.

    The other parameters are those of ``issues_of``.
    """
    given = task.labels(codes) if given_label is None else given_label
    if task.kind == "independent":
        return _issues_of_entries(task, codes, first, joined, trusted, ambiguity, given, ids)
    if isinstance(task, OrdinalScalar):
        first, joined = (grade_chances(grades, codes, task.values) for grades in (first, joined))  # (n, k) each
    found = judge_labels(first, joined, codes, trusted=trusted, ambiguity=ambiguity)
    wrong = wrong_chance(found.chances, codes)  # (n,)
    is_issue = likeliest(wrong)
    others = found.chances.copy()  # (n, k)
    others[np.arange(len(codes)), codes] = -1.0
    quality = 1.0 - wrong  # (n,)
    if isinstance(task, (OrdinalScalar, OrdinalDistribution)):
        quality = expected_quality(found.chances, codes, task.values)
    return LabelIssues(
        wrong_probability=wrong,
        is_issue=is_issue,
        label_quality=quality,
        suggested_label=np.where(is_issue, task.labels(others.argmax(axis=1)), given),
        given_label=given,
        noise_matrix=found.noise.matrix,
        noise_rate=_rate(wrong, found.judged, trusted),
        classes=np.asarray(task.classes),
        judged=found.judged,
        ids=ids,
    )


def _issues_of_entries(
    task: Task,
    codes: np.ndarray,
    first: np.ndarray,
    joined: np.ndarray,
    trusted: np.ndarray | None,
    ambiguity: float,
    given: np.ndarray,
    ids: np.ndarray | None,
) -> LabelIssues:
    """Judge each of several labels on its own, as a question of two classes, and rows by all of their entries."""
    wrong, judged = np.zeros(codes.shape), np.zeros(codes.shape, dtype=bool)  # (n, k) each
    matrix = np.full((codes.shape[1], 2, 2), np.nan)
    for j in range(codes.shape[1]):
        known = ~np.isnan(first[:, j])
        if not (known if trusted is None else known & ~trusted).any():
            continue  # no model knows it (all rows have the label, or none), or only of rows that are right
        found = judge_labels(
            _as_pairs(first[:, j]), _as_pairs(joined[:, j]), codes[:, j], trusted=trusted, ambiguity=ambiguity
        )
        wrong[:, j], judged[:, j] = wrong_chance(found.chances, codes[:, j]), found.judged
        matrix[j] = found.noise.matrix
    if not judged.any():
        raise InputError("no entry was predicted by a model that knows its label; give predictions of more rows")
    by_row = np.asarray(judged.any(axis=1))
    any_wrong = 0.0 - np.expm1(np.log1p(-np.minimum(wrong, 1.0 - 1e-16)).sum(axis=1))  # (n,) 1 - prod (1 - w)
    is_issue = likeliest(any_wrong)
    flipped = (wrong > 0.5) & is_issue[:, None]  # (n, k)
    flipped[np.flatnonzero(is_issue), wrong[is_issue].argmax(axis=1)] = True
    return LabelIssues(
        wrong_probability=any_wrong,
        is_issue=is_issue,
        label_quality=1.0 - wrong.max(axis=1),
        suggested_label=task.labels(np.where(flipped, 1 - codes, codes)),
        given_label=given,
        noise_matrix=matrix,
        noise_rate=_rate(any_wrong, by_row, trusted),
        classes=np.asarray(task.classes),
        judged=by_row,
        entry_wrong_probability=wrong,
        ids=ids,
    )


def _as_pairs(chances: np.ndarray) -> np.ndarray:
    """Return the chances (n, 2) that a label is absent, and that it is there."""
    return np.column_stack([1.0 - chances, chances])


def _rate(wrong: np.ndarray, judged: np.ndarray, trusted: np.ndarray | None) -> float:
    counted = judged if trusted is None else judged & ~trusted
    return float(wrong[counted].mean())


def task_of_labels(task: Any, y: np.ndarray, oof: Any) -> Task:
    """Return the task of labels and predictions; "ordinal" has the view that the predictions have."""
    if not isinstance(task, str) or task != "ordinal":
        return choose_task(task, y, None)
    shape = np.shape(oof)
    scalar = len(shape) == 1 or shape[-1] in (1, len(y))
    return Ordinal.from_labels(y, view="scalar" if scalar else "distribution")


def as_rounds(oof: Any, task: Task, n: int) -> np.ndarray:
    """Return out-of-fold predictions as (R, n, m) float64 that are valid rows of the task, NaN where nothing is known.

    Parameters
    ----------
    oof : array-like
        (n, m), (R, n, m) or a list of R times (n, m). Of grades as numbers also (n,), (R, n) and a list of R times (n,). Columns of a
        data frame that bear the names of the classes may stand in any order.

    Raises
    ------
    InputError
        For another shape, or predictions that are none of the task.
    """
    m = task.n_columns
    wanted = f"({n}, {m}) predictions, or several rounds of them, (R, {n}, {m})"
    if isinstance(oof, (list, tuple)):
        oof = [_in_order(round, task) for round in oof]
    try:
        rows = np.asarray(_in_order(oof, task), dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError(f"oof_proba is no array of numbers, or its rounds differ in shape; give {wanted}") from None
    if m == 1 and rows.shape[-1:] == (n,) and rows.shape != (n, 1):
        rows = rows[..., None]  # grades (n,) or (R, n)
    rounds = rows[None] if rows.ndim == 2 else rows  # (R, n, m)
    if rounds.ndim != 3 or rounds.shape[0] == 0 or rounds.shape[1:] != (n, m):
        more = (
            f" (y has {len(task.classes)} classes; name more by task=Multiclass(classes))"
            if task.name == "multiclass" and rounds.shape[1:2] == (n,)
            else ""
        )
        raise InputError(f"oof_proba has shape {rows.shape}; give {wanted}{more}")
    return np.stack([_checked(round, task, f"oof_proba, round {r}") for r, round in enumerate(rounds, start=1)])


def _in_order(rows: Any, task: Task) -> Any:
    """Return the columns of a data frame in the order of the classes, where they bear their names; all else as it is."""
    if not hasattr(rows, "columns"):
        return rows
    names, wanted = list(rows.columns), np.asarray(task.classes).tolist()
    if all(isinstance(name, str) for name in names):  # of a file, say, where classes may be numbers
        wanted = [str(name) for name in wanted]
    if len(names) != len(wanted) or set(names) != set(wanted):
        return rows  # as they stand: numbers that pandas gave are no names
    return rows[wanted]


def _checked(rows: np.ndarray, task: Task, who: str) -> np.ndarray:
    """Return the rows (n, m) of a round after the task's own check of what is known in them."""
    unknown = np.isnan(rows)
    held_out = ~unknown.all(axis=1)
    checked = np.full(rows.shape, np.nan)
    checked[held_out] = task.check_predictions(np.nan_to_num(rows[held_out]), int(held_out.sum()), who)
    return np.where(unknown, np.nan, checked)
