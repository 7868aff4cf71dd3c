"""Label sheets of known challenges, whose columns need not be named."""

from __future__ import annotations

from pathlib import Path

from softlabel.data.dataset import Dataset
from softlabel.data.deepdrid import deepdrid_sheet
from softlabel.data.exact_columns import Kind
from softlabel.data.image_datasets import Decoding
from softlabel.data.plant_pathology import plant_pathology_sheet
from softlabel.errors import InputError

_SHEETS = {"deepdrid": deepdrid_sheet, "plant-pathology": plant_pathology_sheet}
FORMATS = tuple(_SHEETS)


def format_dataset(
    format: str, path: str | Path, decoding: Decoding, *, labelled: bool = True, label_kind: Kind | None = None
) -> Dataset:
    """Load the pictures that a label sheet names.

    Parameters
    ----------
    format : str
        One of ``FORMATS``.
    path : path
        The sheet, a .csv or .parquet file.
    decoding : Decoding
    labelled : bool
        Whether labels must be there; they are not read otherwise.
    label_kind : "integer", "text", "number" or None
        The kind of labels in the training data (see ``exact_values``).

    Raises
    ------
    InputError
        If there is no such format, or the sheet or its pictures are not as they are in it.
    """
    if format not in _SHEETS:
        raise InputError(f"there is no format {format!r}; there are {', '.join(FORMATS)}")
    sheet = _SHEETS[format](path, labelled=labelled, label_kind=label_kind)
    return Dataset(decoding.images(sheet.images), source=str(path), **vars(sheet.values))
