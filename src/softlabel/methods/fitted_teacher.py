"""A teacher that the caller has trained already: it costs no fit, and is asked as it is."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.exceptions import NotFittedError
from sklearn.utils.validation import check_is_fitted

from softlabel.data.rows import n_rows, take
from softlabel.errors import InputError
from softlabel.tasks import Task

_SHOWN = 8


def is_fitted_teacher(teacher: Any) -> bool:
    """Return whether a teacher can answer as it is; an estimator that is not fitted, a class or a list cannot.

    >>> from sklearn.tree import DecisionTreeClassifier
    >>> tree = DecisionTreeClassifier()
    >>> is_fitted_teacher(tree), is_fitted_teacher(tree.fit([[0], [1]], [0, 1]))
    (False, True)
    """
    if teacher is None or isinstance(teacher, (type, list, tuple)):
        return False
    if not hasattr(teacher, "fit"):
        return hasattr(teacher, "predict_targets") or hasattr(teacher, "predict_proba")
    try:
        check_is_fitted(teacher)
    except NotFittedError:
        return False
    return True


def fitted_answers(teacher: Any, X: Any, task: Task) -> np.ndarray:
    """Return what a fitted teacher says of rows, as target rows (n, m) float32.

    Parameters
    ----------
    teacher : fitted learner, method, classifier or regressor
        ``predict_targets`` is asked where there is one, else ``predict_proba``, for grades as numbers ``predict``. Its columns are put
        in the order of the task's classes by its ``classes_``; one that tells none, or positions, is taken to have that order.
    X : n rows
    task : Task

    Raises
    ------
    InputError
        If it has no such method, other classes, or answers that are no valid rows.
    """
    name, n = type(teacher).__name__, n_rows(X)
    rows = take(X, np.arange(n))  # a copy: a model that transforms in place must not change the caller's
    answers = _asked(teacher, rows, task)
    if task.kind != "scalar":
        answers = _in_order(teacher, answers, task)
    return task.check_predictions(answers, n, f"the teacher {name}")


def _asked(teacher: Any, rows: Any, task: Task) -> np.ndarray:
    names = ("predict_targets", "predict" if task.kind == "scalar" else "predict_proba")
    for name in names:
        if hasattr(teacher, name):
            answers = getattr(teacher, name)(rows)
            # scikit-learn's forests answer several labels a row by one (n, 2) array a label
            columns = [np.asarray(one)[:, -1] for one in answers] if isinstance(answers, list) else None
            return np.asarray(answers) if columns is None else np.column_stack(columns)
    raise InputError(
        f"the teacher {type(teacher).__name__} is fitted and has neither {names[0]} nor {names[1]}; give one that has, or one that is "
        "not fitted"
    )


def _in_order(teacher: Any, answers: np.ndarray, task: Task) -> np.ndarray:
    """Return the columns (n, k) in the order of the task's classes."""
    order = column_order(teacher, answers.shape[1], task)
    return answers if order is None else answers[:, order]


def column_order(teacher: Any, width: int, task: Task) -> list[int] | None:
    """Return which of a teacher's ``width`` columns belongs to each class of the task; None where they stand as they should.

    Raises
    ------
    InputError
        If it was trained on other classes: those that it lacks and those that are none of the task's are named.
    """
    known = getattr(teacher, "classes_", None)
    if known is None or isinstance(known, list):  # of several labels scikit-learn tells the values of each
        return None
    names, wanted = np.asarray(known).tolist(), np.asarray(task.classes).tolist()
    if len(names) == len(wanted) == width:
        positions = names == list(range(len(wanted)))  # which is all that one knows that was fitted to target rows
        learner = hasattr(teacher, "predict_targets") and not hasattr(teacher, "task_")
        if names == wanted or (positions and learner):
            return None
        if set(names) == set(wanted):
            return [names.index(label) for label in wanted]
        if positions:
            return None
    lacks, others = ([one for one in some if one not in rest] for some, rest in ((wanted, names), (names, wanted)))
    raise InputError(
        f"the teacher {type(teacher).__name__} knows the classes {names[:_SHOWN]}, and the labels here are {wanted[:_SHOWN]} (it lacks "
        f"{lacks[:_SHOWN] or 'none'} and has {others[:_SHOWN] or 'none'} beside them); give one that was trained on the same classes"
    )
