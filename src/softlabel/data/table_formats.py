"""What is particular to .csv and to .parquet files; ``table.py`` makes one thing of both."""

from __future__ import annotations

import csv
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from softlabel.data.exact_columns import some
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
NAMELESS = "__index_level_"  # what Arrow calls the index of a pandas frame that had no name


def read_csv(path: Path, exact: set[str]) -> pd.DataFrame:
    """Read a .csv file: ``exact`` columns as text to the letter, the types of all others inferred."""
    import pandas as pd

    header = csv_header(path)
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


def csv_header(path: Path) -> list[str]:
    """Return the names in the first line that is not blank; a column without a name is an empty text."""
    with open(path, encoding="utf-8-sig", newline="") as file:
        try:
            header = next((row for row in csv.reader(file) if row), [])
        except csv.Error as error:
            raise InputError(f"{path} cannot be read as a table ({error}); check that it is a .csv file") from error
    if any("\0" in name for name in header):
        raise InputError(f"{path} cannot be read as a table (it holds binary data); check that it is a .csv file")
    return header


def read_parquet(path: Path, exact: set[str]) -> pd.DataFrame:
    """Read a .parquet file; it knows the types of its columns, so ``exact`` asks nothing of it."""
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
    nameless = [position for position, name in enumerate(frame.columns) if name.startswith(NAMELESS)]
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
