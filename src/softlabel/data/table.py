"""Tables: .csv and .parquet files, and the columns that they have."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

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
    raise InputError(f"{path} has no column {name!r}; its columns are {listed(names)}{hint}")


def listed(names: Iterable[Any]) -> str:
    """Return names of columns for a message, the first thirty of them."""
    names = [repr(str(name)) for name in names]
    more = f" and {len(names) - _SHOWN_COLUMNS} more" if len(names) > _SHOWN_COLUMNS else ""
    return ", ".join(names[:_SHOWN_COLUMNS]) + more


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
