"""What can be taken out of a run, and the formats it can be taken to."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from softlabel.errors import InputError
from softlabel.run.finished import Run
from softlabel.run.label_issues import find_label_issues
from softlabel.store.archive import npz_bytes
from softlabel.store.atomic import write_bytes
from softlabel.tasks import Task

if TYPE_CHECKING:
    import pandas as pd

PARTS = ("labels", "issues", "wrong", "targets", "corrected")
SUFFIXES = (".csv", ".parquet", ".npz")


def export(run: Run, part: str, to: str | Path) -> int:
    """Write one part of a run to a file; return the number of rows written.

    Parameters
    ----------
    run : Run
        A finished run.
    part : {"labels", "issues", "wrong", "targets", "corrected"}
        ``labels``: every column of labels.parquet. ``issues``: of these the suspicious rows, most suspicious first. ``wrong``: each
        row's chance of having a wrong label, as ``find_label_issues(run).to_frame()`` has it, likeliest first. ``targets``: id and one
        column of refined mass a class, ``p_`` and its name; of grades as numbers the one column ``grade``. ``corrected``: id, given
        label, and the label that the refined targets speak for; several labels of a row are joined by ``|``.
    to : path
        .csv and .parquet take tables (letters of the suffix may be large); .npz takes arrays without pickle. In a .csv
        ``distribution`` is spread over columns as ``targets`` has them, and ``entry_quality`` over ``quality_`` and the label's
        name; in an .npz both are (n, m).

    Raises
    ------
    InputError
        For an unknown part or suffix.
    """
    to = Path(to)
    if part not in PARTS:
        raise InputError(f"unknown part {part!r}; give one of {', '.join(PARTS)}")
    if to.suffix.lower() not in SUFFIXES:
        raise InputError(f"{to} {_ending(to)}; give a file that ends in {', '.join(SUFFIXES)}")
    table = {
        "labels": run.labels,
        "issues": run.issues,
        "wrong": lambda: _wrong(run),
        "targets": lambda: _targets(run),
        "corrected": lambda: _corrected(run),
    }[part]()
    write_bytes(to, _as_bytes(table, to.suffix.lower(), run.task))
    return len(table)


def write_table(table: pd.DataFrame, to: str | Path) -> None:
    """Write a table to a .csv or .parquet file, whole or not at all."""
    to = Path(to)
    if to.suffix.lower() not in (".csv", ".parquet"):
        raise InputError(f"{to} {_ending(to)}; give a file that ends in .csv or .parquet")
    write_bytes(to, _as_bytes(table, to.suffix.lower(), None))


def _ending(to: Path) -> str:
    return f"ends in {to.suffix}" if to.suffix else "has no suffix"


def _wrong(run: Run) -> pd.DataFrame:
    return find_label_issues(run).to_frame().sort_values("wrong_probability", ascending=False, kind="stable")


def _targets(run: Run) -> pd.DataFrame:
    labels = run.labels()
    return labels[["id"]].join(_spread(labels, "distribution", _target_columns(run.task)))


def _corrected(run: Run) -> pd.DataFrame:
    import pandas as pd

    labels = run.labels()
    task, targets = run.task, np.stack(labels["distribution"].to_list())  # (n, m)
    # Several labels of a row are read from where they stand as numbers: a name may hold the sign that joins names.
    given = run.targets(0).astype(np.int64) if task.kind == "independent" else task.codes(labels["given_label"])
    corrected = task.suggest(targets, given, run.targets(0))
    changed = task.differs(corrected, given)
    label = np.where(changed, task.labels(corrected), labels["given_label"])  # a grade between others stays what it is
    return pd.DataFrame({"id": labels["id"], "given_label": labels["given_label"], "label": label, "changed": changed})


def _as_bytes(table: pd.DataFrame, suffix: str, task: Task | None) -> bytes:
    if suffix == ".csv":
        if task is not None and task.kind == "scalar":
            table = table.drop(columns="distribution", errors="ignore")  # the one number is refined_grade
        elif task is not None:
            for column, names in (
                ("distribution", _target_columns(task)),
                ("entry_quality", [f"quality_{name}" for name in task.classes]),
            ):
                if column in table:
                    table = table.drop(columns=column).join(_spread(table, column, names))
        return table.to_csv(index=False).encode()
    if suffix == ".npz":
        classes = {} if task is None else {"classes": _plain(task.classes)}
        return npz_bytes(classes | {str(column): _plain(table[column]) for column in table})
    buffer = io.BytesIO()
    table.to_parquet(buffer, index=False)
    return buffer.getvalue()


def _target_columns(task: Task) -> list[str]:
    """Return the names (m) of the columns of a target row."""
    return ["grade"] if task.kind == "scalar" else [f"p_{label}" for label in task.classes]


def _spread(table: pd.DataFrame, column: str, names: list[str]) -> pd.DataFrame:
    """Return a column of lists as one column for each of their entries."""
    import pandas as pd

    values = np.stack(table[column].to_list()) if len(table) else np.zeros((0, len(names)))
    return pd.DataFrame({name: values[:, c] for c, name in enumerate(names)}, index=table.index)


def _plain(values: Any) -> np.ndarray:
    """Return an array that .npz can hold without pickle: text as fixed width, lists as rows, missing numbers as NaN."""
    if str(getattr(values, "dtype", "")) == "Int64":
        return values.to_numpy(dtype=np.float64, na_value=np.nan)
    array = np.asarray(values)
    if array.dtype != object:
        return array
    return np.stack(array.tolist()) if len(array) and isinstance(array[0], np.ndarray) else array.astype(str)
