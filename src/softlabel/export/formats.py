"""What can be taken out of a run, and the formats it can be taken to."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from softlabel.errors import InputError
from softlabel.run.finished import Run
from softlabel.store.archive import npz_bytes
from softlabel.store.atomic import write_bytes
from softlabel.targets.encode import class_codes
from softlabel.targets.quality import harden_from

if TYPE_CHECKING:
    import pandas as pd

PARTS = ("labels", "issues", "targets", "corrected")
SUFFIXES = (".csv", ".parquet", ".npz")


def export(run: Run, part: str, to: str | Path) -> int:
    """Write one part of a run to a file; return the number of rows written.

    Parameters
    ----------
    run : Run
        A finished run.
    part : {"labels", "issues", "targets", "corrected"}
        ``labels``: every column of labels.parquet. ``issues``: of these the suspicious rows, most suspicious first. ``targets``: id
        and one column of refined mass a class, ``p_`` and its name. ``corrected``: id, given label, and the argmax of the refined targets.
    to : path
        .csv and .parquet take tables (letters of the suffix may be large); .npz takes arrays without pickle (``distribution`` as (n, m)).

    Raises
    ------
    InputError
        For an unknown part or suffix.
    """
    to = Path(to)
    if part not in PARTS:
        raise InputError(f"unknown part {part!r}; give one of {', '.join(PARTS)}")
    if to.suffix.lower() not in SUFFIXES:
        raise InputError(f"{to} ends in {to.suffix or 'nothing'}; give a file that ends in {', '.join(SUFFIXES)}")
    table = {
        "labels": run.labels,
        "issues": run.issues,
        "targets": lambda: _targets(run),
        "corrected": lambda: _corrected(run),
    }[part]()
    write_bytes(to, _as_bytes(table, to.suffix.lower(), run.classes))
    return len(table)


def write_table(table: pd.DataFrame, to: str | Path) -> None:
    """Write a table to a .csv or .parquet file, whole or not at all."""
    to = Path(to)
    if to.suffix.lower() not in (".csv", ".parquet"):
        raise InputError(f"{to} ends in {to.suffix or 'nothing'}; give a file that ends in .csv or .parquet")
    write_bytes(to, _as_bytes(table, to.suffix.lower(), np.array([])))


def _targets(run: Run) -> pd.DataFrame:
    labels = run.labels()
    return labels[["id"]].join(_mass_columns(labels, run.classes))


def _corrected(run: Run) -> pd.DataFrame:
    import pandas as pd

    labels = run.labels()
    masses = np.stack(labels["distribution"].to_list())
    given = class_codes(labels["given_label"], run.classes)
    corrected = harden_from(masses, given)
    changed, corrected = corrected != given, run.classes[corrected]
    return pd.DataFrame(
        {"id": labels["id"], "given_label": labels["given_label"], "label": corrected, "changed": changed}
    )


def _as_bytes(table: pd.DataFrame, suffix: str, classes: np.ndarray) -> bytes:
    if suffix == ".csv":
        if "distribution" in table:
            table = table.drop(columns="distribution").join(_mass_columns(table, classes))
        return table.to_csv(index=False).encode()
    if suffix == ".npz":
        return npz_bytes({"classes": _plain(classes)} | {str(column): _plain(table[column]) for column in table})
    buffer = io.BytesIO()
    table.to_parquet(buffer, index=False)
    return buffer.getvalue()


def _mass_columns(table: pd.DataFrame, classes: np.ndarray) -> pd.DataFrame:
    import pandas as pd

    masses = np.stack(table["distribution"].to_list()) if len(table) else np.zeros((0, len(classes)))
    return pd.DataFrame({f"p_{label}": masses[:, c] for c, label in enumerate(classes)}, index=table.index)


def _plain(values: Any) -> np.ndarray:
    """Return an array that .npz can hold without pickle: text as fixed width, lists as rows, missing numbers as NaN."""
    if str(getattr(values, "dtype", "")) == "Int64":
        return values.to_numpy(dtype=np.float64, na_value=np.nan)
    array = np.asarray(values)
    if array.dtype != object:
        return array
    return np.stack(array.tolist()) if len(array) and isinstance(array[0], np.ndarray) else array.astype(str)
