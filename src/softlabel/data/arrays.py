"""Arrays: .npz files with ``X`` and ``y``, or with pictures and labels as MedMNIST names them."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from softlabel.data.dataset import Dataset
from softlabel.data.exact_columns import Kind, duplicates, exact_values, some
from softlabel.data.images import CHANNELS, Images, describe
from softlabel.data.label_columns import indicator_array
from softlabel.data.noisy_columns import array_noisy_labels
from softlabel.data.precision import narrow
from softlabel.data.trusted_column import trusted_values
from softlabel.errors import InputError

# (features, labels, ids, groups) of each part that a file may have
_TRAIN = (("X", "y", "ids", "groups"), ("train_images", "train_labels", "train_ids", "train_groups"))
_TEST = (("X_test", "y_test", "ids_test", "groups_test"), ("test_images", "test_labels", "test_ids", "test_groups"))
_VALIDATION = (("X_val", "y_val", "ids_val", "groups_val"), ("val_images", "val_labels", "val_ids", "val_groups"))
_ALLOWED = "X and y (and ids, groups, X_test, y_test), or train_images and train_labels (and test_..., val_...)"

Keys = tuple[str, str, str, str]


def array_dataset(
    path: str | Path,
    *,
    label_kind: Kind | None = None,
    several: bool = False,
    label_names: Any = None,
    noisy: tuple[str, ...] = (),
    trusted: str | None = None,
) -> Dataset:
    """Load the training part of an .npz file, with its test and validation parts where it has them.

    Bytes (uint8) of shape (n, height, width) or (n, height, width, colours) with 1, 3 or 4 colours are pictures: ``X`` is
    then ``Images``. Other arrays of more than two dimensions are flattened to one row each, and integers become float32
    from 0 to 1 (divided by the largest value of their type). Two-dimensional arrays keep their values. Labels of shape
    (n, 1) are made (n,); of shape (n, k), 0 and 1, they are read where a row may have ``several``. What these are called
    stands in an array ``label_names`` (k,). Arrays named ``noisy`` hold labels of the training rows that may be wrong,
    and the one named ``trusted`` says which labels are known to be right.

    Raises
    ------
    InputError
        If the file is missing, damaged, holds pickled objects, lacks features or labels, or shapes do not agree; if
        pictures have their colours first.
    """
    arrays = _read(path)
    keys = _first(arrays, _TRAIN)
    if keys is None:
        raise InputError(f"{path} holds {sorted(arrays)}; give an .npz file with {_ALLOWED}")
    train = _part(arrays, keys, path, label_kind, several=several, label_names=label_names)
    test, validation = (_further_part(arrays, names, path, train) for names in (_TEST, _VALIDATION))
    noisy_labels = None if train.y is None else array_noisy_labels(arrays, noisy, train.y, train.label_names, path)
    known_right = None if trusted is None else _trusted(arrays, trusted, len(train), path)
    return replace(train, test=test, validation=validation, noisy_labels=noisy_labels, trusted=known_right)


def array_names(path: str | Path) -> list[str]:
    """Return the names of the arrays in an .npz file."""
    return sorted(_read(path))


def array_part(
    path: str | Path,
    *,
    labelled: bool = True,
    training: bool = False,
    label_kind: Kind | None = None,
    several: bool = False,
    label_names: Any = None,
) -> Dataset:
    """Load the one part of an .npz file to be scored or predicted: ``X``, or test images, or training images.

    Parameters
    ----------
    labelled : bool
        Whether labels must be there; they are not read otherwise.
    training : bool
        Whether training images come before test images, where the file has both.
    several, label_names
        Whether labels are (n, k) of 0 and 1, and what the training data calls them.
    """
    arrays = _read(path)
    keys = _first(arrays, (_TRAIN[0], _TRAIN[1], _TEST[1]) if training else (_TRAIN[0], _TEST[1], _TRAIN[1]))
    if keys is None:
        raise InputError(f"{path} holds {sorted(arrays)}; give an .npz file with {_ALLOWED}")
    return _part(arrays, keys, path, label_kind, labelled=labelled, several=several, label_names=label_names)


def refuse_other_width(part: Dataset, train: Dataset) -> None:
    """Refuse rows that have another number of columns than the training rows, or pictures of another shape."""
    if isinstance(part.X, Images) != isinstance(train.X, Images):
        kinds = ["pictures" if isinstance(data.X, Images) else "rows of numbers" for data in (part, train)]
        raise InputError(
            f"test or validation rows ({part.source}) are {kinds[0]} and training rows {kinds[1]}; give rows of one kind"
        )
    if part.X.shape[1:] == train.X.shape[1:]:
        return
    if isinstance(part.X, Images):
        raise InputError(
            f"test or validation pictures ({part.source}) are {describe(part.X.shape[1:])} and training pictures "
            f"{describe(train.X.shape[1:])}; give pictures of one shape; --image-size N makes files N x N"
        )
    raise InputError(
        f"test or validation rows ({part.source}) have {part.X.shape[1]} columns and training rows "
        f"{train.X.shape[1]}; "
        "give rows of the same columns"
    )


def _read(path: str | Path) -> dict[str, np.ndarray]:
    path = Path(path)
    if not path.is_file():
        raise InputError(
            f"{path} {'is a folder' if path.is_dir() else 'does not exist'}; give the path of an .npz file"
        )
    if not zipfile.is_zipfile(path):
        raise InputError(
            f"{path} is not a whole .npz archive; check the file, or store one with np.savez(path, X=..., y=...)"
        )
    try:
        with np.load(path, allow_pickle=False) as file:
            return {name: _array(file, name, path) for name in file.files}
    except InputError:
        raise
    except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile) as error:
        reason = " ".join(str(error).split())[:200]
        raise InputError(
            f"{path} cannot be read as an .npz archive ({reason}); check that the file is whole"
        ) from error


def _array(file: Mapping[str, np.ndarray], name: str, path: Path) -> np.ndarray:
    try:
        return file[name]
    except ValueError as error:
        if "allow_pickle" not in str(error) and "pickled" not in str(error):
            raise
        raise InputError(
            f"array {name!r} of {path} holds pickled Python objects, which could run code when read; store it as "
            "numbers or "
            "as text, np.asarray(values, dtype=str)"
        ) from error


def _first(arrays: Mapping[str, Any], names: tuple[Keys, ...]) -> Keys | None:
    return next((keys for keys in names if keys[0] in arrays), None)


def _further_part(
    arrays: Mapping[str, np.ndarray], names: tuple[Keys, ...], path: str | Path, train: Dataset
) -> Dataset | None:
    keys = _first(arrays, names)
    if keys is None:
        return None
    several = train.y is not None and train.y.ndim == 2
    kinds: dict[str, Kind] = {"U": "text", "f": "number"}
    kind = "integer" if train.y is None else kinds.get(train.y.dtype.kind, "integer")
    part = _part(arrays, keys, path, kind, several=several, label_names=train.label_names)
    refuse_other_width(part, train)
    return part


def _part(
    arrays: Mapping[str, np.ndarray],
    keys: Keys,
    path: str | Path,
    kind: Kind | None,
    *,
    labelled: bool = True,
    several: bool = False,
    label_names: Any = None,
) -> Dataset:
    X = _features(arrays[keys[0]], keys[0], path)  # (n, d) or pictures
    label, identity, groups = keys[1:]
    if labelled and label not in arrays:
        raise InputError(
            f"{path} has {keys[0]!r} but no {label!r}; it holds {sorted(arrays)}; add the labels under that name"
        )
    ids = (
        np.arange(len(X)) if identity not in arrays else exact_values(arrays[identity], name=identity, role="id")
    )  # (n,)
    if twice := duplicates(ids):
        raise InputError(
            f"ids in {identity!r} of {path} are not unique: {some(twice)} occur more than once; give each row its own"
        )
    y, names = None, None
    if labelled and several:
        known = arrays.get("label_names") if label_names is None else label_names
        y, names = indicator_array(arrays[label], name=label, names=known)  # (n, k), (k,)
    elif labelled:
        _refuse_indicators(arrays[label], label)
        y = exact_values(arrays[label], name=label, role="label", kind=kind)  # (n,)
    group = exact_values(arrays[groups], name=groups, role="group") if groups in arrays else None  # (n,)
    return Dataset(X, y, ids, group, source=str(path), label_names=names)


def _trusted(arrays: Mapping[str, np.ndarray], name: str, n: int, path: str | Path) -> np.ndarray:
    if name not in arrays:
        raise InputError(f"{path} has no array {name!r} that says which rows are trusted; it holds {sorted(arrays)}")
    found = trusted_values(arrays[name], name=name)  # (n,)
    if len(found) != n:
        raise InputError(
            f"array {name!r} of {path} says of {len(found)} rows which are trusted; give one value for each of {n}"
        )
    return found


def _refuse_indicators(y: np.ndarray, name: str) -> None:
    if y.ndim == 2 and y.shape[1] > 1:
        raise InputError(
            f"the label array {name!r} has shape {y.shape}; give one label a row, shape (n,), or --task multilabel where it "
            "holds 0 and 1 for several labels a row"
        )


def _features(X: np.ndarray, name: str, path: str | Path) -> np.ndarray | Images:
    if X.ndim < 2 or X.shape[0] == 0 or X.size == 0:
        raise InputError(
            f"array {name!r} of {path} has shape {X.shape}; give one row an example, shape (n, d) or (n, height, width)"
        )
    if X.dtype.kind not in "biuf":
        raise InputError(f"array {name!r} of {path} holds {X.dtype}; give numbers")
    if X.ndim == 2:
        return narrow(X)
    if _are_pictures(X, name, path):
        return Images.from_array(X)
    rows = X.reshape(len(X), -1)  # (n, pixels)
    if X.dtype.kind in "iu":
        return (rows / np.float32(np.iinfo(X.dtype).max)).astype(np.float32)
    return narrow(rows)


def _are_pictures(X: np.ndarray, name: str, path: str | Path) -> bool:
    if X.dtype != np.uint8 or X.ndim not in (3, 4):
        return False
    if X.ndim == 4 and X.shape[1] in CHANNELS and X.shape[3] not in CHANNELS:
        raise InputError(
            f"array {name!r} of {path} has shape {X.shape}, pictures with their colours first; store them last, as "
            "X.transpose(0, 2, 3, 1)"
        )
    return X.ndim == 3 or X.shape[3] in CHANNELS  # what is left are volumes
