"""One .npz file with arrays and a JSON header: small states that are stored and continued, without pickle."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from softlabel.errors import InputError
from softlabel.store.atomic import write_bytes

_HEADER = "header"


def write_archive(path: str | Path, header: dict[str, Any], arrays: dict[str, np.ndarray]) -> None:
    """Write a header and arrays to one file, whole or not at all.

    Text arrays of object type (as pandas gives) are stored as fixed-width text; other objects are refused.
    """
    plain = {name: _without_objects(name, array) for name, array in arrays.items()}
    write_bytes(Path(path), npz_bytes({_HEADER: np.array(json.dumps(header)), **plain}))


def npz_bytes(arrays: Mapping[str, np.ndarray]) -> bytes:
    """Return arrays as the bytes of a compressed .npz file, without pickle; equal arrays give equal bytes.

    Equivalent to ``numpy.savez_compressed``, which writes the time into the file, and which only from NumPy 2.1 on can be told
    to refuse Python objects.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, array in arrays.items():
            entry = zipfile.ZipInfo(f"{name}.npy")  # of 1980, always
            entry.compress_type = zipfile.ZIP_DEFLATED
            with archive.open(entry, "w", force_zip64=True) as member:
                np.lib.format.write_array(member, np.asanyarray(array), allow_pickle=False)
    return buffer.getvalue()


def read_archive(path: str | Path, newest_format: int) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Read what ``write_archive`` wrote.

    Raises
    ------
    InputError
        If the file is missing, is no such archive, or has a newer format.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            header = json.loads(str(file[_HEADER]))
            arrays = {name: file[name] for name in file.files if name != _HEADER}
    except FileNotFoundError:
        raise InputError(f"there is no file {path}; give the path that save() was given") from None
    except (KeyError, ValueError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise InputError(
            f"{path} is no stored refinement, or is damaged ({error}); give a file that save() wrote"
        ) from error
    if header["format"] > newest_format:
        raise InputError(
            f"{path} has format {header['format']}, this version reads up to {newest_format}; upgrade softlabel"
        )
    return header, arrays


def _without_objects(name: str, array: np.ndarray) -> np.ndarray:
    if array.dtype != object:
        return array
    if all(isinstance(value, str) for value in array.tolist()):
        return array.astype(str)
    raise InputError(f"{name} holds Python objects that cannot be stored; use numbers or text")
