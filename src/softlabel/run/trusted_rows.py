"""Rows whose labels are known to be right: named by a column of the data, or by a file of ids that may also correct labels."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from softlabel.data.dataset import Dataset
from softlabel.data.exact_columns import duplicates, exact_values, some
from softlabel.data.fingerprint import labels_fingerprint
from softlabel.data.joined_labels import joined_indicators
from softlabel.data.label_columns import exclusive_labels, indicators
from softlabel.data.noisy_columns import kind_like
from softlabel.data.source_kinds import source_kind
from softlabel.data.table import read_table, require_column
from softlabel.errors import InputError
from softlabel.methods.row_facts import check_trusted
from softlabel.run.data_config import DataConfig
from softlabel.run.reading import label_kind_of
from softlabel.run.task_making import refuse_between, unknown_labels
from softlabel.targets.trusted_noise import TrustedNoise
from softlabel.tasks import Task

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Trust:
    """A data set whose trusted rows are known."""

    data: Dataset  # ``trusted`` says which; their labels are those that are known to be right
    before: np.ndarray | None  # (n,) or (n, k): the labels as the source gives them, where a file had labels of its own
    print: dict[str, Any]  # fingerprint of which rows are trusted, and of the labels that were replaced


def trust_rows(config: DataConfig, data: Dataset, task: Task) -> Trust | None:
    """Return a data set with its trusted rows, as a column or a file names them; None where nothing is said of any.

    A file has a column of ids, called as ``--id`` says (``id`` where the source is no table): those rows are trusted, in any order.
    Where it also has the column, or all the columns, of labels (``label`` where the source names none), these replace the given
    ones; first targets that votes gave such rows are replaced with them. Its other columns are left alone.

    Raises
    ------
    InputError
        If no row or every row is trusted; of a file, if the rows have no ids, one is unknown, missing or named twice, or a label is
        missing or is none of the classes.
    """
    if config.trusted_file is None:
        if data.trusted is None:
            return None
        mask = check_trusted(data.trusted, len(data))
        return Trust(data, None, print_of_trust(mask, None))
    path = config.trusted_file
    assert data.y is not None  # reading has refused that
    column = _id_column(config, data)
    labels = _label_columns(config)
    frame = read_table(path, exact=[column, *labels])
    require_column(frame, column, path)
    rows = _rows_of(frame, column, data.ids, path)  # (t,) positions
    mask = np.zeros(len(data), dtype=bool)
    mask[rows] = True
    mask = check_trusted(mask, len(data))
    data = replace(data, trusted=mask)
    found = _labels_of(frame, labels, path, config, data, task)  # (t,) or (t, k)
    if found is None:
        return Trust(data, None, print_of_trust(mask, None))
    before = np.asarray(data.y)
    y = before.astype(np.result_type(before, found), copy=True)
    y[rows] = found
    targets = data.targets
    if targets is not None:
        targets = targets.copy()  # (n, k)
        targets[rows[_differ(before[rows], found)]] = np.nan  # of such a row only the label is known
    return Trust(
        replace(data, y=y, targets=targets), before, print_of_trust(mask, y if _differ(before, y).any() else None)
    )


def print_of_trust(mask: np.ndarray, replaced: np.ndarray | None) -> dict[str, Any]:
    """Return the fingerprint of a mask of trusted rows, and of all labels where some were replaced."""
    parts = [labels_fingerprint(mask), *([] if replaced is None else [labels_fingerprint(replaced)])]
    digest = hashlib.sha256(" ".join(parts).encode()).hexdigest()
    return {"sha256": digest, "n_rows": int(mask.sum()), "n_columns": int(replaced is not None)}


def trusted_summary(trusted: np.ndarray | None, y: np.ndarray, before: np.ndarray | None) -> dict[str, int]:
    """Return how many rows are trusted, and of how many of them a file replaced the label; nothing where none is."""
    if trusted is None:
        return {}
    told = {"n_trusted": int(trusted.sum())}
    if before is None:
        return told
    n = len(before)  # rows of a guard file stand behind these
    return told | {"n_replaced": int((_differ(before, y[:n]) & trusted[:n]).sum())}


def noise_summary(noise: TrustedNoise | list[TrustedNoise | None] | None) -> dict[str, Any]:
    """Return what metrics.json says of the noise that trusted rows tell of: ``trusted_noise``, or nothing where they tell none.

    ``rate`` is the share of wrong labels (of several labels a row, a list: of each), ``matrix`` the chances of given labels by the true
    class (a list of such matrices), ``counts`` how many rows of each true class are expected.
    """
    if noise is None:
        return {}
    if isinstance(noise, list):
        told = [_told(one) for one in noise]
        return {"trusted_noise": {name: [one.get(name) for one in told] for name in ("rate", "matrix", "counts")}}
    return {"trusted_noise": _told(noise)}


def _told(noise: TrustedNoise | None) -> dict[str, Any]:
    if noise is None:
        return {}
    return {"rate": noise.rate(), "matrix": noise.matrix.tolist(), "counts": noise.counts.tolist()}


def _id_column(config: DataConfig, data: Dataset) -> str:
    kind = source_kind(config.source)
    if kind == "table" and config.format is None:
        if config.id is None:
            raise InputError(
                f"--trusted {config.trusted_file} names rows by their ids, and the rows of {config.source} have none; name the column of "
                "ids with --id, or give --trusted a column of yes and no"
            )
        return config.id
    if kind == "array" and data.ids.dtype.kind in "iu" and np.array_equal(data.ids, np.arange(len(data))):
        raise InputError(
            f"--trusted {config.trusted_file} names rows by their ids, and the rows of {config.source} have none; add an array ids, or "
            "an array of 0 and 1 that --trusted names"
        )
    return "id"


def _label_columns(config: DataConfig) -> tuple[str, ...]:
    if config.label is None:
        return ("label",)
    return (config.label,) if isinstance(config.label, str) else config.label


def _rows_of(frame: pd.DataFrame, column: str, ids: np.ndarray, path: str) -> np.ndarray:
    # As text: a number and the same number written as text are one id, whichever way the two files keep it.
    named = exact_values(frame[column], name=column, role="id of trusted rows", kind="text")  # (t,)
    if twice := duplicates(named):
        raise InputError(f"{path} names ids more than once: {some(twice)}; name each trusted row once")
    order = np.argsort(ids.astype(str), kind="stable")  # (n,)
    known = ids.astype(str)[order]  # (n,) ascending
    at = np.minimum(np.searchsorted(known, named), len(known) - 1)  # (t,)
    if (unknown := named[known[at] != named]).size:
        raise InputError(
            f"{path} names {len(unknown)} ids that no row has: {some(unknown.tolist())}; rows are {some(ids)}; correct the file"
        )
    return order[at]


def _labels_of(
    frame: pd.DataFrame, columns: tuple[str, ...], path: str, config: DataConfig, data: Dataset, task: Task
) -> np.ndarray | None:
    """Return the labels (t,) or (t, k) of a file of trusted rows; None where it has none."""
    there = [name for name in columns if name in frame.columns]
    if not there:
        return None
    if len(there) < len(columns):
        lacking = [name for name in columns if name not in there]
        raise InputError(
            f"{path} has the label columns {some(there)} and lacks {some(lacking)}; give all of them, or none"
        )
    ids = frame[config.id if config.id in frame.columns else "id"].to_numpy(dtype=object)
    assert data.y is not None
    if data.y.ndim == 2:
        return _several(frame, columns, config, data, ids)
    kind = kind_like(data.y, label_kind_of(config))
    if len(columns) == 1:
        labels = exact_values(frame[columns[0]], name=columns[0], role="label", kind=kind, ids=ids)  # (t,)
    else:
        labels = exclusive_labels(indicators(frame, columns, ids), columns, kind=kind, ids=ids)  # (t,)
    refuse_between(task, labels, f"the trusted file {path}")
    if unknown := unknown_labels(task, labels):
        shown = ", ".join(str(label) for label in task.classes[:20])
        raise InputError(
            f"the trusted file {path} has labels that the source has not: {', '.join(map(str, unknown[:5]))}; known: {shown}"
        )
    return labels


def _several(frame: Any, columns: tuple[str, ...], config: DataConfig, data: Dataset, ids: np.ndarray) -> np.ndarray:
    names = np.asarray(data.label_names)  # (k,)
    if isinstance(config.label, tuple):
        return indicators(frame, names.tolist(), ids)  # (t, k)
    cells = frame[columns[0]].to_numpy(dtype=object)  # (t,)
    return joined_indicators(cells, name=columns[0], separator=config.separator, label_names=names, ids=ids)[0]


def _differ(labels: np.ndarray, others: np.ndarray) -> np.ndarray:
    different = np.asarray(labels != others)
    return different if different.ndim == 1 else np.asarray(different.any(axis=1))  # (n,)
