"""Tables: .csv and .parquet files with a column of labels."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from softlabel.data.dataset import Dataset
from softlabel.data.exact_columns import Kind, duplicates, exact_values, some
from softlabel.data.table_formats import NAMELESS, csv_header, read_csv, read_parquet
from softlabel.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

_SHOWN_COLUMNS = 30


def read_table(path: str | Path, *, exact: Iterable[str] = ()) -> pd.DataFrame:
    """Read a .csv (UTF-8, commas, a header line) or .parquet file.

    Parameters
    ----------
    path : path
        The file; its suffix says which format it has.
    exact : names of columns
        In a .csv these are read as text to the letter, and only an empty cell is missing. The types of all other
        columns are inferred, with ``MISSING_TEXTS`` as missing values. Names that the file does not have are ignored
        here.

    Returns
    -------
    DataFrame
        Columns without a name (a row index that was saved along) are left out, with a warning.

    Raises
    ------
    InputError
        If the file is missing, unreadable, of another kind, or empty, or has two columns of one name.
    """
    path = Path(path)
    readers = {".csv": read_csv, ".parquet": read_parquet}
    if path.suffix.lower() not in readers:
        raise InputError(f"{path} is neither a .csv nor a .parquet file; give a file of one of these kinds")
    if not path.is_file():
        raise InputError(
            f"{path} {'is a folder' if path.is_dir() else 'does not exist'}; give the path of a .csv or .parquet file"
        )
    try:
        frame = readers[path.suffix.lower()](path, set(exact))
    except InputError:
        raise
    except UnicodeDecodeError as error:
        raise InputError(
            f"{path} is not UTF-8 text ({error.reason} at byte {error.start}); store it as UTF-8"
        ) from error
    except (
        OSError,
        ValueError,
        RuntimeError,
        Warning,
    ) as error:  # what pandas and Arrow raise at files that are damaged
        raise InputError(
            f"{path} cannot be read as a table ({_one_line(error)}); check that the file is whole"
        ) from error
    if len(frame.columns) == 0 or len(frame) == 0:
        raise InputError(
            f"{path} has {len(frame.columns)} columns and {len(frame)} rows; give a table with at least one of each"
        )
    return frame


def table_dataset(
    path: str | Path,
    *,
    label: str | None,
    id: str | None = None,
    groups: str | None = None,
    drop: Sequence[str] = (),
    label_kind: Kind | None = None,
) -> Dataset:
    """Load a table as features and labels; all columns that have no other role are features.

    Parameters
    ----------
    path : path
        A .csv or .parquet file.
    label, id, groups : str or None
        Columns. Without ``label`` there is no ``y`` (rows to be predicted); without ``id`` rows are numbered from 0.
    drop : names of columns
        Columns that are no features.
    label_kind : "integer", "text" or None
        The kind that the labels had in the training data (see ``exact_values``).

    Raises
    ------
    InputError
        If a column does not exist (names those that do), has two roles, has missing values, an id occurs twice, or no
        feature is left.
    """
    roles = {name: role for name, role in ((label, "label"), (id, "id"), (groups, "group")) if name is not None}
    _refuse_two_roles(label, id, groups, drop)
    frame = read_table(path, exact=roles)
    for name in (*roles, *drop):
        require_column(frame, name, path)
    y, ids, group = row_columns(frame, path, label=label, id=id, groups=groups, label_kind=label_kind)
    features = frame.drop(columns=[*roles, *drop])
    if len(features.columns) == 0:
        raise InputError(
            f"no column of {path} is left as a feature; its columns are {_listed(frame.columns)}; drop fewer"
        )
    return Dataset(features, y, ids, group, source=str(path))


def row_columns(
    frame: pd.DataFrame,
    path: str | Path,
    *,
    label: str | None,
    id: str | None,
    groups: str | None,
    label_kind: Kind | None,
) -> tuple[np.ndarray | None, np.ndarray, np.ndarray | None]:
    """Return labels, ids and groups (n,) of a table that has these columns; ids are row numbers where none are named.

    Raises
    ------
    InputError
        If a value is missing, or an id occurs twice.
    """
    ids = np.arange(len(frame)) if id is None else exact_values(frame[id], name=id, role="id")  # (n,)
    if id is not None and (twice := duplicates(ids)):
        raise InputError(
            f"ids in column {id!r} of {path} are not unique: {some(twice)} occur more than once; give each row its own"
        )
    shown = None if id is None else ids
    y = None if label is None else exact_values(frame[label], name=label, role="label", kind=label_kind, ids=shown)
    group = None if groups is None else exact_values(frame[groups], name=groups, role="group", ids=shown)
    return y, ids, group


def column_names(path: str | Path) -> list[str]:
    """Return the names of the columns of a table, in order, without reading its rows."""
    path = Path(path)
    if path.suffix.lower() == ".parquet" and path.is_file():
        import pyarrow.parquet as pq

        try:
            names = [str(name) for name in pq.ParquetFile(path).schema_arrow.names]
        except (OSError, ValueError) as error:
            raise InputError(
                f"{path} cannot be read as a table ({_one_line(error)}); check that the file is whole"
            ) from error
        return [name for name in names if not name.startswith(NAMELESS)]
    if path.suffix.lower() == ".csv" and path.is_file():
        try:
            return [name for name in csv_header(path) if name]
        except UnicodeDecodeError as error:
            raise InputError(
                f"{path} is not UTF-8 text ({error.reason} at byte {error.start}); store it as UTF-8"
            ) from error
    return [str(name) for name in read_table(path).columns]  # says what is wrong with the path


def _refuse_two_roles(label: str | None, id: str | None, groups: str | None, drop: Sequence[str]) -> None:
    if label is not None and label in (id, groups, *drop):
        other = "id" if label == id else "groups" if label == groups else "drop"
        raise InputError(f"column {label!r} is given as label and as {other}; a label column has that one role")
    both = [name for name in (id, groups) if name is not None and name in drop]
    if both:
        raise InputError(f"column {both[0]!r} is to be dropped and is given another role too; name it once")


def require_column(frame: pd.DataFrame, name: str, path: str | Path) -> None:
    """Refuse a column that a table does not have; names those that it has, and the closest."""
    names = list(frame.columns)
    if name in names:
        return
    folded = {column.strip().lower(): column for column in names}
    close = [folded[match] for match in difflib.get_close_matches(name.strip().lower(), list(folded), n=1)]
    hint = f"; did you mean {close[0]!r}?" if close else ""
    if len(names) == 1 and (";" in names[0] or "\t" in names[0]):
        hint = "; its cells seem to be separated by something else than commas: store it with commas"
    raise InputError(f"{path} has no column {name!r}; its columns are {_listed(names)}{hint}")


def _listed(names: Iterable[Any]) -> str:
    names = [repr(str(name)) for name in names]
    more = f" and {len(names) - _SHOWN_COLUMNS} more" if len(names) > _SHOWN_COLUMNS else ""
    return ", ".join(names[:_SHOWN_COLUMNS]) + more


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
