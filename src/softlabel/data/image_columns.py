"""Tables with a column of pictures: paths of files, or the encoded bytes themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from softlabel.data.columns import Columns
from softlabel.data.encoded_images import BytesImages, EncodedImages, FileImages
from softlabel.data.exact_columns import some
from softlabel.data.table import read_table, require_column
from softlabel.data.table_answers import RowValues, table_answers
from softlabel.errors import InputError


@dataclass(frozen=True)
class PictureTable:
    """A table read for its pictures: n pictures, and what else is known of the rows."""

    images: EncodedImages
    values: RowValues


def picture_table(path: str | Path, columns: Columns) -> PictureTable:
    """Read the pictures of a table, and what it says of them; all columns without a role are left alone.

    Parameters
    ----------
    path : path
        A .csv or .parquet file.
    columns : Columns
        Its ``image`` is the column of pictures. A cell is a path, absolute or relative to the folder of the table; in a
        .parquet it may also be the bytes of a file, or a struct of ``bytes`` and ``path`` as the Hugging Face hub stores
        pictures. Columns to be dropped must exist, and are left alone like any other.

    Raises
    ------
    InputError
        If a column does not exist, has two roles or missing values, an id occurs twice, cells are no pictures, or files
        do not exist.
    """
    columns.check()
    if columns.image is None:
        raise InputError(f"which column of {path} holds the pictures? Give one with --image")
    frame = read_table(path, exact=columns.exact)
    require_column(frame, columns.image, path)
    values = table_answers(frame, path, columns)
    cells = frame[columns.image].to_numpy(dtype=object)  # (n,)
    return PictureTable(
        encoded_cells(cells, columns.image, Path(path), None if columns.id is None else values.ids), values
    )


def encoded_cells(cells: np.ndarray, column: str, table: Path, ids: np.ndarray | None) -> EncodedImages:
    """Return the pictures of a column of cells (n,)."""
    names = [f"row {row}" for row in range(len(cells))] if ids is None else [f"id {one}" for one in ids]
    plain = [_plain(cell) for cell in cells]
    missing = [name for name, cell in zip(names, plain, strict=True) if cell is None]
    if missing:
        raise InputError(
            f"the image column {column!r} is empty in {len(missing)} of {len(cells)} rows ({some(missing)}; rows count from "
            "0); fill these cells in, or remove the rows"
        )
    contents = [cell for cell in plain if isinstance(cell, bytes)]
    paths = [cell for cell in plain if isinstance(cell, str)]
    if len(contents) == len(cells):
        return BytesImages(contents, names)
    if len(paths) == len(cells):
        return FileImages(_existing(paths, column, table), paths)
    odd = next((cell for cell in plain if not isinstance(cell, (str, bytes))), None)
    if odd is None:
        raise InputError(
            f"the image column {column!r} holds bytes in {len(contents)} rows and paths in {len(paths)}; give one of both"
        )
    shown = " ".join(str(odd).split())[:40]
    raise InputError(
        f"the image column {column!r} holds a {type(odd).__name__} ({shown}); give paths of files, or in a .parquet the "
        "bytes of files"
    )


def _plain(cell: Any) -> Any:
    """Return bytes or text, None for a missing cell, and anything odd as it is."""
    import pandas as pd

    if isinstance(cell, dict) and set(cell) <= {"bytes", "path"} and cell:
        cell = cell["bytes"] if cell.get("bytes") is not None else cell.get("path")
    if isinstance(cell, (bytearray, memoryview)):
        return bytes(cell)
    empty = cell is None or cell is pd.NA or (isinstance(cell, str) and cell == "")
    return None if empty or (isinstance(cell, float) and np.isnan(cell)) else cell


def _existing(paths: Sequence[str], column: str, table: Path) -> list[Path]:
    whole = [table.parent / path for path in paths]
    missing = [path for path, file in zip(paths, whole, strict=True) if not file.exists()]
    if missing:
        web = missing[0].startswith(("http://", "https://"))
        advice = "download the pictures first" if web else f"paths are relative to {table.parent}; correct them"
        raise InputError(
            f"{len(missing)} of {len(paths)} files in column {column!r} do not exist: {some(missing)}; {advice}"
        )
    return whole
