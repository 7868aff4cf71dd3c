"""Tables: .csv and .parquet files with a column of labels."""

from __future__ import annotations

import csv
import difflib
import warnings
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from softlabel.data.dataset import Dataset
from softlabel.data.exact_columns import Kind, duplicates, exact_values, some
from softlabel.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

# What pandas takes for a missing value, and "?", as many UCI files write it. Without it one "?" would turn a column of
# numbers into a column of texts.
MISSING_TEXTS = (
    *(
        "",
        "#N/A",
        "#N/A N/A",
        "#NA",
        "-1.#IND",
        "-1.#QNAN",
        "-NaN",
        "-nan",
        "1.#IND",
        "1.#QNAN",
        "<NA>",
        "N/A",
        "NA",
        "NULL",
    ),
    *("NaN", "None", "n/a", "nan", "null", "?"),
)
_SHOWN_COLUMNS = 30
_NAMELESS = "__index_level_"  # what Arrow calls the index of a pandas frame that had no name


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
    readers = {".csv": _read_csv, ".parquet": _read_parquet}
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
        _require_column(frame, name, path)
    ids = np.arange(len(frame)) if id is None else exact_values(frame[id], name=id, role="id")  # (n,)
    if id is not None and (twice := duplicates(ids)):
        raise InputError(
            f"ids in column {id!r} of {path} are not unique: {some(twice)} occur more than once; give each row its own"
        )
    y = None
    if label is not None:
        y = exact_values(
            frame[label], name=label, role="label", kind=label_kind, ids=None if id is None else ids
        )  # (n,)
    group = None
    if groups is not None:
        group = exact_values(frame[groups], name=groups, role="group", ids=None if id is None else ids)  # (n,)
    features = frame.drop(columns=[*roles, *drop])
    if len(features.columns) == 0:
        raise InputError(
            f"no column of {path} is left as a feature; its columns are {_listed(frame.columns)}; drop fewer"
        )
    return Dataset(features, y, ids, group, source=str(path))


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
        return [name for name in names if not name.startswith(_NAMELESS)]
    if path.suffix.lower() == ".csv" and path.is_file():
        try:
            return [name for name in _csv_header(path) if name]
        except UnicodeDecodeError as error:
            raise InputError(
                f"{path} is not UTF-8 text ({error.reason} at byte {error.start}); store it as UTF-8"
            ) from error
    return [str(name) for name in read_table(path).columns]  # says what is wrong with the path


def _read_csv(path: Path, exact: set[str]) -> pd.DataFrame:
    import pandas as pd

    header = _csv_header(path)
    _refuse_duplicates(header, path)
    # From pandas 3.1 on numbers are always read to the last bit, and the option is on its way out.
    old = tuple(int(part) for part in pd.__version__.split(".")[:2]) < (3, 1)
    exact_floats: dict[str, Any] = {"float_precision": "round_trip"} if old else {}
    missing = {name: [""] if name in exact else list(MISSING_TEXTS) for name in header if name}
    with warnings.catch_warnings():
        # Rows that are longer than the header would lose their last cells.
        warnings.simplefilter("error", pd.errors.ParserWarning)
        frame = pd.read_csv(
            path,
            dtype={name: str for name in header if name in exact},
            na_values=missing,
            keep_default_na=False,
            index_col=False,
            low_memory=False,  # the type of a column is decided by all of its rows, not chunk by chunk
            encoding="utf-8-sig",  # with or without a byte order mark
            **exact_floats,
        )
    nameless = [position for position, name in enumerate(header) if not name]
    return _without(frame, nameless, path)


def _csv_header(path: Path) -> list[str]:
    with open(path, encoding="utf-8-sig", newline="") as file:
        try:
            header = next((row for row in csv.reader(file) if row), [])
        except csv.Error as error:
            raise InputError(f"{path} cannot be read as a table ({error}); check that it is a .csv file") from error
    if any("\0" in name for name in header):
        raise InputError(f"{path} cannot be read as a table (it holds binary data); check that it is a .csv file")
    return header


def _read_parquet(path: Path, exact: set[str]) -> pd.DataFrame:
    import pyarrow as pa
    import pyarrow.parquet as pq

    # One file, never a data set: the latter would take "year=2020" in the name of a folder for a column.
    table = pq.ParquetFile(path).read()
    _refuse_duplicates([str(name) for name in table.column_names], path)
    for position, field in enumerate(table.schema):
        if pa.types.is_decimal(field.type):
            table = table.set_column(position, field.name, table.column(position).cast(pa.float64()))
    # The index that pandas kept in the metadata becomes columns like any other: it may be the ids.
    frame = table.to_pandas(ignore_metadata=True, date_as_object=False)
    frame.columns = [str(name) for name in frame.columns]
    nameless = [position for position, name in enumerate(frame.columns) if name.startswith(_NAMELESS)]
    return _without(frame, nameless, path)


def _without(frame: pd.DataFrame, nameless: list[int], path: Path) -> pd.DataFrame:
    if not nameless:
        return frame
    warnings.warn(
        f"{path}: column {some(at + 1 for at in nameless)} has no name (a saved row index?) and is left out",
        stacklevel=2,
    )
    return frame.drop(columns=[frame.columns[position] for position in nameless])


def _refuse_duplicates(names: list[str], path: Path) -> None:
    twice = sorted({name for name in names if name and names.count(name) > 1})
    if twice:
        raise InputError(f"{path} has more than one column named {some(repr(name) for name in twice)}; rename them")


def _refuse_two_roles(label: str | None, id: str | None, groups: str | None, drop: Sequence[str]) -> None:
    if label is not None and label in (id, groups, *drop):
        other = "id" if label == id else "groups" if label == groups else "drop"
        raise InputError(f"column {label!r} is given as label and as {other}; a label column has that one role")
    both = [name for name in (id, groups) if name is not None and name in drop]
    if both:
        raise InputError(f"column {both[0]!r} is to be dropped and is given another role too; name it once")


def _require_column(frame: pd.DataFrame, name: str, path: str | Path) -> None:
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
