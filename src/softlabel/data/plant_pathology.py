"""The label sheet of Plant Pathology 2020: leaves of apple trees, healthy or with one of three findings.

R. Thapa et al., The Plant Pathology Challenge 2020 data set to classify foliar disease of apples, Applications in Plant Sciences
8 (2020) e11390; data at https://www.kaggle.com/c/plant-pathology-2020-fgvc7. ``train.csv`` has a line for each picture:
``image_id``, and 1 in one of the columns ``healthy``, ``multiple_diseases``, ``rust`` and ``scab``. Pictures are
``images/<image_id>.jpg``. ``test.csv`` has ``image_id`` alone.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from softlabel.data.encoded_images import FileImages
from softlabel.data.exact_columns import Kind, duplicates, exact_values, some
from softlabel.data.image_columns import PictureTable
from softlabel.data.label_columns import exclusive_labels, indicators
from softlabel.data.table import read_table, require_column
from softlabel.data.table_answers import RowValues
from softlabel.errors import InputError

CLASSES = ("healthy", "multiple_diseases", "rust", "scab")


def plant_pathology_sheet(path: str | Path, *, labelled: bool = True, label_kind: Kind | None = None) -> PictureTable:
    """Read a sheet: a row is a picture, its label the one of the four classes that holds 1.

    Pictures are looked for in the folder ``images`` beside the sheet, then in the sheet's own folder.

    Parameters
    ----------
    path : path
        The sheet.
    labelled : bool
        Whether the columns of the classes must be there; they are not read otherwise.
    label_kind : "integer", "text", "number" or None
        For the sake of the other formats; classes are text.

    Raises
    ------
    InputError
        If a column is missing, a row has no class or several, an image id occurs twice, or pictures do not exist.
    """
    frame = read_table(path, exact=("image_id", *CLASSES))
    for name in ("image_id", *(CLASSES if labelled else ())):
        require_column(frame, name, path)
    ids = exact_values(frame["image_id"], name="image_id", role="id", kind="text")  # (n,)
    if twice := duplicates(ids):
        raise InputError(
            f"image_id in {path} is not unique: {some(twice)} occur more than once; give each picture its own"
        )
    y = exclusive_labels(indicators(frame, CLASSES, ids), CLASSES, ids=ids) if labelled else None  # (n,)
    return PictureTable(FileImages(_pictures(ids, Path(path)), [f"id {one}" for one in ids]), RowValues(ids, y))


def _pictures(ids: np.ndarray, sheet: Path) -> list[Path]:
    beside, own = sheet.parent / "images", sheet.parent
    files = [next((f for f in (beside / f"{one}.jpg", own / f"{one}.jpg") if f.is_file()), None) for one in ids]
    missing = [f"{one}.jpg" for one, file in zip(ids, files, strict=True) if file is None]
    if missing:
        raise InputError(
            f"{len(missing)} of {len(ids)} pictures of {sheet} do not exist: {some(missing)}; put them into {beside}"
        )
    return [file for file in files if file is not None]
