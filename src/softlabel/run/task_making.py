"""From the configuration and the labels to the task: what a label is, and the first targets where votes gave some."""

from __future__ import annotations

from typing import Any

import numpy as np

from softlabel.data.dataset import Dataset
from softlabel.errors import InputError
from softlabel.run.data_config import DataConfig
from softlabel.run.reading import grades_of
from softlabel.run.task_options import said
from softlabel.targets.corrupt import Corruption, NoisyColumn, parse_corruption
from softlabel.tasks import Multiclass, Multilabel, Ordinal, OrdinalDistribution, OrdinalScalar, Task


def make_task(config: DataConfig, data: Dataset) -> Task:
    """Return the task of a data set.

    Its classes are those of the labels, and those that only votes name.

    Raises
    ------
    InputError
        For labels that do not go with the task; see the tasks.
    """
    if config.task == "multilabel":
        return Multilabel(_names_of_several(config, data))
    if config.task == "multiclass":
        return Multiclass.from_labels(data.y) if data.label_names is None else Multiclass(data.label_names)
    grades: Any = data.label_names if config.grades is None else grades_of(config)
    if config.grades is None and data.label_names is not None and np.asarray(data.label_names).dtype.kind not in "iuf":
        return Ordinal.from_labels(data.label_names)  # refuses texts: the order of votes columns is sorted, no more
    return Ordinal.from_labels(data.y, view=said(config, "view"), grades=grades, start=said(config, "start"))


def _names_of_several(config: DataConfig, data: Dataset) -> np.ndarray:
    names = np.asarray([] if data.label_names is None else data.label_names)
    if isinstance(config.label, str) and set(names.tolist()) <= {"0", "1"}:
        raise InputError(
            f"column {config.label!r} of {data.source} holds 0 and 1, which are no names of labels; name the column of each "
            "label with a --label of its own, or give a column of names"
        )
    if len(names) < 2:
        raise InputError(
            f"{data.source} has only one label ({', '.join(map(str, names))}), and --task multilabel needs two or more; say of "
            "each row whether it has it, yes or no, and give --task multiclass"
        )
    return names


def first_targets(data: Dataset, task: Task) -> np.ndarray | None:
    """Return the first targets (n, m) that votes gave, those of the labels in rows without votes; None where no row has any.

    In the scalar view of an ordinal task a grade starts at the mean of its votes.
    """
    if data.targets is None:
        return None
    voted = ~np.isnan(data.targets).any(axis=1)  # (n,)
    rows = in_order_of(task, data.targets[voted], data.label_names)
    targets = np.empty((len(voted), task.n_columns), dtype=np.float32)  # (n, m)
    targets[voted] = task.check(rows, len(rows))
    if not voted.all() and data.y is not None:
        targets[~voted] = task.encode(data.y[~voted])
    return targets


def voted_labels(data: Dataset, task: Task) -> np.ndarray | None:
    """Return the labels (n,) of rows that have nothing but votes: those that their first targets speak for.

    So no label has moved before any refinement: a grade is the one nearest to the mean of the votes (as a number), or their
    median (as a distribution), and not the one with most votes. Without first targets these are the labels of the data.

    Raises
    ------
    InputError
        For labels between the grades of a task that knows none.
    """
    targets = first_targets(data, task)
    if targets is not None:
        return task.harden(targets)
    if data.y is not None:
        refuse_between(task, data.y, "the file")
    return data.y


def refuse_between(task: Task, labels: np.ndarray, who: str) -> None:
    """Refuse numbers between the grades of a task that knows none, in words of grades.

    Raises
    ------
    InputError
        Says which there are, what the grades are, and what to do; starts with ``who``.
    """
    if not isinstance(task, (OrdinalScalar, OrdinalDistribution)) or task.scale.fractional:
        return
    if task.classes.dtype.kind not in "iu" or labels.dtype.kind != "f":
        return
    rows = np.flatnonzero(labels != np.floor(labels))
    if len(rows):
        raise InputError(
            f"{who} has the grade {labels[rows[0]]:g} ({len(rows)} of {len(labels)} are no whole numbers), and the grades of the run "
            f"are {', '.join(map(str, task.classes[:20].tolist()))}; round them, or refine on such grades"
        )


def reference_of(data: Dataset, task: Task) -> np.ndarray | None:
    """Return the true distributions (n, k) in the order of the classes, where they are known."""
    return None if data.reference is None else in_order_of(task, data.reference, data.label_names)


def in_order_of(task: Task, rows: np.ndarray, names: Any) -> np.ndarray:
    """Return rows with a column for each class of the task, from rows with a column for each name.

    Raises
    ------
    InputError
        If a name is no class of the task.
    """
    if task.kind == "independent":
        return rows  # whose columns are those of the labels
    ordered = np.zeros((len(rows), len(task.classes)))
    try:
        ordered[:, task.codes(names)] = rows
    except InputError as error:
        raise InputError(f"the columns of votes or of the reference are not the classes: {error}") from None
    ordered[np.isnan(rows).all(axis=1)] = np.nan  # of which nothing is known, of no class
    return ordered


def make_wrong(
    y: np.ndarray,
    targets: np.ndarray | None,
    task: Task,
    corruption: Corruption | str,
    rng: np.random.Generator,
    probabilities: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray | None]:
    """Make labels wrong on purpose, and their first targets with them: whoever makes a label wrong makes its votes wrong.

    Parameters
    ----------
    y : (n,) or (n, k)
        Labels; ``k`` columns of 0 and 1 where a row may have several.
    targets : (n, m) or None
        First targets, where votes gave them.
    task : Task
    corruption : Corruption or str
        ``symmetric:P``, ``pair:P`` or ``instance:P``.
    rng : numpy.random.Generator
    probabilities : (n, k) or None
        Of a model that did not train on the row, for instance noise; see ``wrong_labels``.

    Returns
    -------
    y, targets : new arrays of the same shapes
        A row whose label stayed has the target that it had.

    Raises
    ------
    InputError
        For a corruption that does not exist, or that the task cannot take.
    """
    made = parse_corruption(corruption) if isinstance(corruption, str) else corruption
    if isinstance(made, NoisyColumn):
        raise InputError(
            f"corruption {made} is labels that there are, and makes none; give symmetric:P, pair:P or instance:P"
        )
    codes = task.codes(y)  # (n,) or (n, k)
    wrong = task.corrupt(codes, made, rng, probabilities)
    # A grade between others stays what it is, where it was not moved.
    y_wrong = wrong if codes.ndim == 2 else np.where(task.differs(wrong, codes), task.labels(wrong), y)
    return y_wrong, targets_of_moved(targets, y, y_wrong, task)


def targets_of_moved(targets: np.ndarray | None, y: np.ndarray, y_wrong: np.ndarray, task: Task) -> np.ndarray | None:
    """Return first targets (n, m) in which rows whose label moved have those of their new one; None without targets."""
    if targets is None:
        return None
    targets = targets.copy()  # (n, m)
    moved = task.differs(task.codes(y_wrong), task.codes(y))  # (n,)
    targets[moved] = task.encode(y_wrong)[moved]
    return targets


def unknown_labels(task: Task, labels: np.ndarray) -> list[Any]:
    """Return the labels that a task does not know, sorted, each once."""
    each = np.unique(labels)
    return [one for at, one in enumerate(each.tolist()) if not _knows(task, each[at : at + 1])]


def _knows(task: Task, label: np.ndarray) -> bool:
    try:
        task.codes(label)
    except InputError:
        return False
    return True
