"""Labels to learn from that are wrong where the true ones are known: drawn at random, as a model confuses rows, or as a column
has them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np

from softlabel.errors import InputError
from softlabel.learners.confusion import confusion
from softlabel.run.task_making import make_wrong, refuse_between, targets_of_moved, unknown_labels
from softlabel.seeds import Seeds
from softlabel.targets.corrupt import Corruption, NoisyColumn, parse_corruption
from softlabel.tasks import Task

# Under the purpose "corrupt": the draws of rows and classes for training rows and for test rows, and the split of the model.
_TRAIN, _TEST, _SPLIT = 0, 1, 2


class Rows(Protocol):
    """What is asked of rows whose labels are made wrong."""

    @property
    def X(self) -> Any: ...

    @property
    def groups(self) -> np.ndarray | None: ...

    @property
    def noisy_labels(self) -> Mapping[str, np.ndarray] | None: ...


def wrong_labels(
    corruption: Corruption | NoisyColumn | str,
    rows: Rows,
    y: np.ndarray,
    targets: np.ndarray | None,
    task: Task,
    seeds: Seeds,
    *,
    probabilities: np.ndarray | None = None,
    spared: np.ndarray | None = None,
    test: bool = False,
) -> tuple[np.ndarray, np.ndarray | None]:
    """Return labels that are wrong as a corruption says, and first targets that go with them.

    Parameters
    ----------
    corruption : Corruption, NoisyColumn or str
        ``symmetric:P``, ``pair:P``, ``instance:P`` or ``column:NAME``.
    rows : n rows
        Their features, groups and columns of noisy labels.
    y : (n,) or (n, k)
        Labels, the true ones as far as is known.
    targets : (n, m) or None
        First targets, where votes gave them.
    task : Task
    seeds : Seeds
        The draw has the address "corrupt".
    probabilities : (n, k) or None
        For instance noise, where ``confused_rows`` was asked before; None asks it.
    spared : (n,) bool or None
        Rows that keep their labels; a share is of the others.
    test : bool
        Whether these are rows to score with, whose draw is another.

    Returns
    -------
    y, targets : new arrays of the same shapes

    Raises
    ------
    InputError
        For a corruption that the task cannot take, or a column with labels that ``y`` has not.
    """
    made = parse_corruption(corruption) if isinstance(corruption, str) else corruption
    if isinstance(made, NoisyColumn):
        labels = _labels_of(made, rows, task)
        y_wrong = labels if spared is None else np.where(spared if y.ndim == 1 else spared[:, None], y, labels)
        return y_wrong, targets_of_moved(targets, y, y_wrong, task)
    if made.asks_model and probabilities is None:
        probabilities, _ = confused_rows(rows, y, task, seeds)
    rng = seeds.generator("corrupt", round=_TEST if test else _TRAIN)
    if spared is None:
        return make_wrong(y, targets, task, made, rng, probabilities)
    open_rows = np.flatnonzero(~spared)
    some, _ = make_wrong(
        y[open_rows], None, task, made, rng, None if probabilities is None else probabilities[open_rows]
    )
    y_wrong = y.astype(np.result_type(y, some), copy=True)
    y_wrong[open_rows] = some
    return y_wrong, targets_of_moved(targets, y, y_wrong, task)


def confused_rows(
    rows: Rows, y: np.ndarray, task: Task, seeds: Seeds, X_new: Any = None
) -> tuple[np.ndarray, np.ndarray | None]:
    """Return the class probabilities (n, k) by which instance noise is drawn, and those (v, k) of further rows.

    Those of a fixed model that learns the labels ``y``; see :func:`softlabel.learners.confusion.confusion`.
    """
    return confusion(
        rows.X,
        task.codes(y),
        len(task.classes),
        seed=seeds.integer("corrupt", round=_SPLIT),
        groups=rows.groups,
        X_new=X_new,
    )


def asks_model(corruption: str) -> bool:
    """Return whether a corruption is drawn by the probabilities of ``confused_rows``."""
    made = parse_corruption(corruption)
    return isinstance(made, Corruption) and made.asks_model


def is_column(corruption: str) -> bool:
    """Return whether a corruption is the labels of a column."""
    return isinstance(parse_corruption(corruption), NoisyColumn)


def _labels_of(column: NoisyColumn, rows: Rows, task: Task) -> np.ndarray:
    found = rows.noisy_labels or {}
    if column.name not in found:
        known = ", ".join(map(str, found)) or "none"
        raise InputError(
            f"corruption {column}: there are no labels of that name (columns of labels beside the true ones: {known}); give a table "
            "that has it"
        )
    labels = found[column.name]
    if labels.ndim == 1:
        refuse_between(task, labels, f"column {column.name!r}")
        if unknown := unknown_labels(task, labels):
            classes = ", ".join(str(one) for one in task.classes[:20])
            raise InputError(
                f"column {column.name!r} has labels that the column of true ones has not: {', '.join(map(str, unknown[:5]))}; known: "
                f"{classes}; correct them, or leave their rows out"
            )
    return labels.copy()
