"""Which kind of label a refinement works on: said by name, by a task, or seen from the labels."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from sklearn.base import is_regressor

from softlabel.data.folds import rare_classes
from softlabel.errors import InputError
from softlabel.tasks import Multiclass, Multilabel, Ordinal, Task

TASK_NAMES = ("multiclass", "ordinal", "multilabel")


def choose_task(task: Any, y: np.ndarray, estimator: Any) -> Task:
    """Return the task of labels.

    Parameters
    ----------
    task : Task, str or None
        ``multiclass``, ``ordinal``, ``multilabel``, or a task that was made beforehand. None: multi-label where ``y`` has two
        dimensions, else multiclass.
    y : (n,) or (n, k)
        Given labels; two dimensions are 0 and 1 of a multi-label task, and nothing else.
    estimator : estimator, list of estimators, or None
        An ordinal task that is named takes the view that the first of them serves: grades as numbers for a regressor (and where
        none is given), distributions over the grades for a classifier.

    Raises
    ------
    InputError
        For an unknown name, or labels that do not go with the task.
    """
    if task is not None and not isinstance(task, str):
        if not all(hasattr(task, name) for name in ("encode", "check", "scores", "kind")):
            raise InputError(
                f"task={task!r}; give one of {', '.join(TASK_NAMES)}, or a task such as Ordinal.from_labels(y)"
            )
        return task  # whatever has the shape of a task is one
    if task not in (None, *TASK_NAMES):
        raise InputError(
            f"task={task!r}; give one of {', '.join(TASK_NAMES)}, or a task such as Ordinal.from_labels(y)"
        )
    several = y.ndim == 2
    if task == "multilabel" or (task is None and several):
        if y.dtype.kind in "OU":
            raise InputError(
                "y of a multi-label task holds texts or lists; give 0 and 1, a column for each label, as MultiLabelBinarizer of "
                "scikit-learn makes of lists of names"
            )
        return Multilabel.from_labels(y)
    if several:
        raise InputError(
            f"task={task!r} takes one label a row, and y has shape {y.shape}; give (n,) labels, or task='multilabel'"
        )
    if task != "ordinal":
        return Multiclass.from_labels(y)
    first = estimator[0] if isinstance(estimator, (list, tuple)) and estimator else estimator
    target_kind = getattr(first, "target_kind", None)  # of our own learners
    scalar = first is None or target_kind == "scalar" or (target_kind is None and _regresses(first))
    return Ordinal.from_labels(y, view="scalar" if scalar else "distribution")


def warn_of_odd_labels(task: Task, codes: np.ndarray, cv: Any) -> None:
    """Name the classes that some folds, or all, will not see, and rows with no label or with all of them.

    Parameters
    ----------
    task : Task
    codes : (n,) or (n, k) int
        Of the rows that are refined.
    cv : int, splitter or pairs
    """
    if codes.ndim == 2:
        _warn_of_none_or_all(codes)
    if task.kind == "scalar":
        return  # a grade that no row has is a number between others
    counts = codes.sum(axis=0) if codes.ndim == 2 else np.bincount(codes, minlength=len(task.classes))  # (k,)
    rare = rare_classes(codes, len(task.classes), cv)
    if rare:
        named = ", ".join(f"{_shown(str(task.classes[c]))} ({counts[c]})" for c in rare[:5])
        more = f" and {len(rare) - 5} more" if len(rare) > 5 else ""
        warnings.warn(
            f"classes with fewer rows than folds: {named}{more}; where a fold's model never sees such a class, "
            "held-out rows keep the mass that they have on it",
            UserWarning,
            stacklevel=4,
        )


def _shown(label: str) -> str:
    """Return a label as it is shown: in quotes where spaces at its ends or in a row would be lost."""
    return label if label == " ".join(label.split()) else repr(label)


def _warn_of_none_or_all(codes: np.ndarray) -> None:
    found = [
        (int(rows.sum()), int(np.argmax(rows)), what)
        for rows, what in ((~codes.any(axis=1), "no label"), (codes.all(axis=1), "every label"))
        if rows.any()
    ]
    if found:
        told = " and ".join(
            f"{number} of {len(codes)} rows have {what} (first row {first})" for number, first, what in found
        )
        warnings.warn(
            f"{told}; they are kept as they are: leave rows out that nobody has labelled yet", UserWarning, stacklevel=5
        )


def _regresses(estimator: Any) -> bool:
    return bool(hasattr(estimator, "__sklearn_tags__") and is_regressor(estimator))
