"""Tables with a column of pictures: paths of files, or the encoded bytes themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from softlabel.data.encoded_images import BytesImages, EncodedImages, FileImages
from softlabel.data.exact_columns import Kind, some
from softlabel.data.table import read_table, require_column, row_columns
from softlabel.errors import InputError


@dataclass(frozen=True)
class PictureTable:
    """A table read for its pictures.

    Attributes
    ----------
    images : EncodedImages
        n pictures.
    y, ids, groups : (n,) arrays
        ``y`` and ``groups`` are None where no column was named; ids are then row numbers.
    """

    images: EncodedImages
    y: np.ndarray | None
    ids: np.ndarray
    groups: np.ndarray | None


def picture_table(
    path: str | Path,
    *,
    image: str,
    label: str | None,
    id: str | None = None,
    groups: str | None = None,
    drop: Sequence[str] = (),
    label_kind: Kind | None = None,
) -> PictureTable:
    """Read the pictures of a table, their labels, ids and groups; all other columns are left alone.

    Parameters
    ----------
    path : path
        A .csv or .parquet file.
    image : str
        The column of pictures. A cell is a path, absolute or relative to the folder of the table; in a .parquet it may
        also be the bytes of a file, or a struct of ``bytes`` and ``path`` as the Hugging Face hub stores pictures.
    label, id, groups : str or None
        Columns, as for ``table_dataset``.
    drop : names of columns
        Must exist, and are left alone like any other.

    Raises
    ------
    InputError
        If a column does not exist, has two roles or missing values, an id occurs twice, cells are no pictures, or files
        do not exist.
    """
    roles = {"label": label, "id": id, "groups": groups}
    for role, name in (*roles.items(), *(("drop", name) for name in drop)):
        if name == image:
            raise InputError(f"column {image!r} is given as image and as {role}; an image column has that one role")
    if label is not None and label in (id, groups):
        raise InputError(f"column {label!r} is given as label and as {'id' if label == id else 'groups'}; give another")
    named = [name for name in roles.values() if name is not None]
    frame = read_table(path, exact=[image, *named])
    for name in (image, *named, *drop):
        require_column(frame, name, path)
    y, ids, group = row_columns(frame, path, label=label, id=id, groups=groups, label_kind=label_kind)
    images = _encoded(frame[image].to_numpy(dtype=object), image, Path(path), None if id is None else ids)
    return PictureTable(images, y, ids, group)


def _encoded(cells: np.ndarray, column: str, table: Path, ids: np.ndarray | None) -> EncodedImages:
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
