"""The label sheets of DeepDRiD: photographs of the retina, four a patient, graded for diabetic retinopathy.

R. Liu et al., DeepDRiD: Diabetic Retinopathy - Grading and Image Quality Estimation Challenge, Patterns 3 (2022) 100512; data
at https://github.com/deepdrdoc/DeepDRiD. A sheet has a line for each picture: ``image_id`` ("12_l1": patient, eye, picture),
``image_path`` (from the folder that holds the sheet or one above it, often with a leading slash or backslashes, and in the
official sheets without the folder ``Images`` in which the pictures lie), ``left_eye_DR_Level``, ``right_eye_DR_Level`` and
``patient_DR_Level``, and perhaps ``patient_id``. Grades are 0 (none) to 4 (proliferative); 5 means
that the picture's quality allows no grade.
"""

from __future__ import annotations

import re
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from softlabel.data.encoded_images import FileImages
from softlabel.data.exact_columns import Kind, duplicates, exact_values, some
from softlabel.data.image_columns import PictureTable
from softlabel.data.table import read_table, require_column
from softlabel.data.table_answers import RowValues
from softlabel.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

_EYES = {"l": "left_eye_DR_Level", "r": "right_eye_DR_Level"}
_PATIENT = "patient_DR_Level"
_EYE = re.compile(r"_([lr])", re.IGNORECASE)
_UNGRADABLE = 5
_LEFT_OUT = "Images"  # the folder of pictures, which official sheets leave out of their paths
_FOLDERS_UP = 2  # a sheet may stand beside the folder that its paths begin with, or deeper


def deepdrid_sheet(path: str | Path, *, labelled: bool = True, label_kind: Kind | None = None) -> PictureTable:
    """Read a sheet: a row is a picture, its label the grade of its eye, its group the patient.

    Where the id says one eye and only the other has a grade, that grade is taken, with a warning that counts such rows; where
    neither has one, the patient's stands in. Pictures of grade 5 are left out, with a warning that counts them.

    Parameters
    ----------
    path : path
        The sheet.
    labelled : bool
        Whether grades must be there; without, pictures of all grades are kept.
    label_kind : "integer", "text", "number" or None
        The kind of labels in the training data.

    Raises
    ------
    InputError
        If a column or a grade is missing, a grade is no whole number from 0 to 5, an image id names no eye or occurs twice,
        or pictures do not exist.
    """
    frame = read_table(path, exact=("image_id", "image_path", "patient_id"))
    needed = ("image_id", "image_path", *((*_EYES.values(), _PATIENT) if labelled else ()))
    for name in needed:
        require_column(frame, name, path)
    ids = exact_values(frame["image_id"], name="image_id", role="id", kind="text")  # (n,)
    if twice := duplicates(ids):
        raise InputError(
            f"image_id in {path} is not unique: {some(twice)} occur more than once; give each picture its own"
        )
    if "patient_id" in frame.columns:
        patients = exact_values(frame["patient_id"], name="patient_id", role="group", ids=ids)  # (n,)
    else:
        parts = np.array([name.split("_")[0] for name in ids])
        patients = exact_values(parts, name="image_id", role="group", ids=ids)  # (n,)
    names = exact_values(frame["image_path"], name="image_path", role="path", kind="text", ids=ids)  # (n,)
    y, kept = None, np.arange(len(ids))
    if labelled:
        grades = _grades(frame, ids, path)  # (n,)
        kept = np.flatnonzero(grades != _UNGRADABLE)
        _tell_left_out(len(ids) - len(kept), len(ids), path)
        y = exact_values(grades[kept], name="grade", role="label", kind=label_kind)
    paths = found_pictures([names[row] for row in kept], Path(path))
    return PictureTable(FileImages(paths, [f"id {one}" for one in ids[kept]]), RowValues(ids[kept], y, patients[kept]))


def found_pictures(names: list[str], sheet: Path) -> list[Path]:
    """Return the files that paths of a sheet mean, relative to its folder or to one of the two above it.

    A path that leaves out the folder ``Images`` is found too: behind its first part, or, in place of that part, beside the
    sheet. What the path says literally comes first.

    Raises
    ------
    InputError
        If files do not exist; counts them, and names the first.
    """
    relative = [name.replace("\\", "/").lstrip("/") for name in names]
    folders = [sheet.parent, *sheet.resolve().parent.parents[:_FOLDERS_UP]]
    found, missing = [], []
    for name in relative:
        file = next((file for file in _meant(name, sheet, folders) if file.is_file()), None)
        found.append(file or sheet.parent / name)
        if file is None:
            missing.append(name)
    if missing:
        raise InputError(
            f"{len(missing)} of {len(names)} pictures of {sheet} do not exist: {some(missing)}; paths are relative to "
            f"{sheet.parent} or to a folder up to {_FOLDERS_UP} above it, with or without the folder {_LEFT_OUT} behind their "
            "first part; put the pictures there"
        )
    return found


def _meant(name: str, sheet: Path, folders: list[Path]) -> Iterator[Path]:
    """Yield the files that a path may mean, likeliest first."""
    yield from (folder / name for folder in folders)
    first, slash, rest = name.partition("/")
    if slash:
        yield from (folder / first / _LEFT_OUT / rest for folder in folders)
        yield sheet.parent / _LEFT_OUT / rest


def _grades(frame: pd.DataFrame, ids: np.ndarray, path: str | Path) -> np.ndarray:
    """Return the grade of each picture, (n,) int64 from 0 to 5: of its eye, else of the other, else of the patient."""
    eyes = [_EYE.search(name) for name in ids]
    nameless = [name for name, eye in zip(ids, eyes, strict=True) if eye is None]
    if nameless:
        raise InputError(
            f"image_id names no eye in {len(nameless)} of {len(ids)} rows ({some(nameless)}); it holds _l or _r, as in 12_l1"
        )
    left = np.array([eye is not None and eye[1].lower() == "l" for eye in eyes])  # (n,) bool
    patient = _level(frame, _PATIENT)  # (n,)
    levels = {side: _level(frame, name) for side, name in _EYES.items()}
    own, other = np.where(left, levels["l"], levels["r"]), np.where(left, levels["r"], levels["l"])  # (n,) each
    _tell_other_eye(ids[np.isnan(own) & ~np.isnan(other)], len(ids), path)
    grade = np.where(np.isnan(own), np.where(np.isnan(other), patient, other), own)  # (n,)
    missing = np.flatnonzero(np.isnan(grade))
    if len(missing):
        raise InputError(
            f"{len(missing)} of {len(ids)} pictures have no grade, neither of the eye nor of the patient (ids "
            f"{some(ids[missing])}); give one, or remove these rows"
        )
    odd = np.flatnonzero(~np.isin(grade, np.arange(_UNGRADABLE + 1)))
    if len(odd):
        raise InputError(
            f"the grade of id {ids[odd[0]]} is {grade[odd[0]]:g}, and {len(odd)} of {len(ids)} grades are no whole numbers "
            f"from 0 to {_UNGRADABLE}; correct them"
        )
    return grade.astype(np.int64)


def _level(frame: pd.DataFrame, name: str) -> np.ndarray:
    import pandas as pd

    try:
        return np.asarray(pd.to_numeric(frame[name]), dtype=np.float64)  # (n,)
    except (TypeError, ValueError) as error:
        raise InputError(f"column {name!r} holds what is no grade ({error}); give whole numbers from 0 to 5") from error


def _tell_other_eye(odd: np.ndarray, n: int, path: str | Path) -> None:
    """Warn of pictures whose id says one eye where only the other has a grade: a slip in the id, for the grade is of an eye."""
    if len(odd):
        warnings.warn(
            f"{len(odd)} of {n} rows of {path} have an image_id of one eye and a grade of the other alone (ids {some(odd)}); "
            "that grade is taken, and not the patient's",
            UserWarning,
            stacklevel=2,
        )


def _tell_left_out(n_out: int, n: int, path: str | Path) -> None:
    if n_out == n:
        raise InputError(
            f"all {n} pictures of {path} have grade 5, which means that they cannot be graded; give others"
        )
    if n_out:
        warnings.warn(
            f"{n_out} of {n} pictures of {path} have grade 5, which means that they cannot be graded, and are left out",
            UserWarning,
            stacklevel=2,
        )
