"""Folders of pictures: one folder a class, or any folders where there are no labels."""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from softlabel.data.exact_columns import some
from softlabel.errors import InputError, StorageError

SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp", ".gif", ".webp", ".tif", ".tiff", ".ppm", ".pgm")
_SPLITS = ("train", "training", "test", "testing", "val", "valid", "validation")
_OF_OTHERS = ("__MACOSX",)  # what archives made on a Mac bring along: a shadow of each file


@dataclass(frozen=True)
class Pictures:
    """Files of pictures below a folder.

    Attributes
    ----------
    paths : list of n paths
    ids : (n,) str
        Paths relative to the folder, parts joined by "/"; sorted.
    labels : (n,) str or None
        Names of the class folders.
    """

    paths: list[Path]
    ids: np.ndarray
    labels: np.ndarray | None


def pictures_by_class(folder: str | Path, *, least_classes: int = 2) -> Pictures:
    """Find the pictures of a folder that has one folder a class; pictures may lie at any depth in these.

    A picture is a file whose name ends in one of ``SUFFIXES``, in upper or lower case. Hidden files and folders are
    passed over, other files too, with a warning. Links are followed.

    Parameters
    ----------
    folder : path
    least_classes : int
        Training needs 2 or more, each with a picture; with 1, rows to be scored may lack classes.

    Raises
    ------
    InputError
        If there are too few class folders, some of them without pictures, pictures in no class folder, folders of
        splits in place of classes, or names that are no text.
    """
    folder = Path(folder)
    classes = _subfolders(folder)
    _refuse_splits(folder, classes)
    found, others = _walk(folder)
    loose = [name for name in found if "/" not in name]
    if loose:
        raise InputError(
            f"{len(loose)} pictures of {folder} are in no class folder: {some(loose)}; put each into the folder of its "
            "class, or remove them"
        )
    labels = [name.partition("/")[0] for name in found]
    if len(classes) < least_classes:
        raise InputError(
            f"{folder} has {len(classes)} class folders{_named(classes)}; give a folder with one folder a class, at least "
            f"{least_classes}{_nested_hint(folder, classes)}"
        )
    empty = sorted(set(classes) - set(labels))
    if (empty and least_classes > 1) or not found:
        raise InputError(
            f"{len(empty)} of {len(classes)} class folders of {folder} have no picture: {some(empty)}; put pictures "
            f"({_suffixes()}) there, or remove the folders"
        )
    _warn_of(others, folder)
    return Pictures([folder / name for name in found], np.array(found), np.array(labels))


def all_pictures(folder: str | Path) -> Pictures:
    """Find all pictures below a folder, at any depth, without labels.

    Raises
    ------
    InputError
        If there is none, or a name is no text.
    """
    folder = Path(folder)
    found, others = _walk(folder)
    if not found:
        raise InputError(f"{folder} has no picture in it; give a folder with files that end in {_suffixes()}")
    _warn_of(others, folder)
    return Pictures([folder / name for name in found], np.array(found), None)


def _walk(folder: Path) -> tuple[list[str], list[str]]:
    """Return the relative names of all pictures, sorted, and those of other files."""
    found: list[str] = []
    others: list[str] = []
    for where, names, files in os.walk(folder, followlinks=True, onerror=_refuse_folder):
        names[:] = [name for name in names if not _hidden(name) and not _leads_back(folder, Path(where), name)]
        below = Path(where).relative_to(folder)
        for name in files:
            if not _hidden(name):
                kind = found if Path(name).suffix.lower() in SUFFIXES else others
                kind.append((below / name).as_posix())
    _refuse_no_text(folder, found)
    return sorted(found), sorted(others)


def _hidden(name: str) -> bool:
    return name.startswith(".") or name in _OF_OTHERS


def _leads_back(folder: Path, where: Path, name: str) -> bool:
    """Return whether a folder is a link to one that it lies in, so that following it would have no end."""
    if not (where / name).is_symlink():
        return False
    way = [where, *(parent for parent in where.parents if parent.is_relative_to(folder)), *folder.resolve().parents]
    return (where / name).resolve() in {step.resolve() for step in way}


def _subfolders(folder: Path) -> list[str]:
    try:
        return sorted(entry.name for entry in folder.iterdir() if entry.is_dir() and not _hidden(entry.name))
    except OSError as error:
        raise StorageError(f"{folder} cannot be read ({error.strerror or error}); check its permissions") from error


def _refuse_folder(error: OSError) -> None:
    raise StorageError(f"{error.filename} cannot be read ({error.strerror or error}); check its permissions") from error


def _refuse_splits(folder: Path, classes: Sequence[str]) -> None:
    if not classes or any(name.lower() not in _SPLITS for name in classes):
        return
    train = next((name for name in classes if name.lower().startswith("train")), None)
    test = next((name for name in classes if name.lower().startswith("test")), None)
    other = next((name for name in classes if name != train), None)
    advice = f"give {folder / (train or classes[0])} as source"
    if (held_out := test or other) is not None and train is not None:
        advice += f", and --test {folder / held_out}"
    raise InputError(f"the folders of {folder} are splits, not classes: {', '.join(classes)}; {advice}")


def _refuse_no_text(folder: Path, names: Sequence[str]) -> None:
    """Refuse names whose bytes are no UTF-8: they are ids, and could not be written to any table."""
    odd = [name for name in names if not _is_text(name)]
    if odd:
        shown = some(name.encode("utf-8", "backslashreplace").decode() for name in odd)
        raise InputError(f"{len(odd)} names of files in {folder} are no UTF-8 text: {shown}; rename them")


def _is_text(name: str) -> bool:
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _nested_hint(folder: Path, classes: Sequence[str]) -> str:
    if len(classes) != 1 or len(_subfolders(folder / classes[0])) < 2:
        return ""
    return f"; did you mean {folder / classes[0]}?"


def _named(classes: Sequence[str]) -> str:
    return f" ({', '.join(classes)})" if classes else ""


def _suffixes() -> str:
    return " ".join(suffix[1:] for suffix in SUFFIXES)


def _warn_of(others: Sequence[str], folder: Path) -> None:
    if others:
        files = "1 file is no picture and is" if len(others) == 1 else f"{len(others)} files are no pictures and are"
        warnings.warn(f"{files} passed over in {folder}: {some(others)}", stacklevel=4)
