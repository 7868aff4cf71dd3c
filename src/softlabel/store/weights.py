"""Arrays by name in one safetensors file: the weights of networks, which nothing has to be run to read."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

import numpy as np

from softlabel.errors import DamagedRunError, InputError, MissingExtraError, StorageError
from softlabel.store.atomic import write_bytes

_ADVICE = "make it again"


def write_weights(path: str | Path, weights: Mapping[str, np.ndarray]) -> str:
    """Write arrays to a safetensors file, whole or not at all; return its SHA-256. Equal weights give equal files.

    Parameters
    ----------
    path : path
        By custom with the ending ``.safetensors``.
    weights : mapping
        Name to array of numbers or booleans, of any shape; the order of names does not matter.

    Raises
    ------
    MissingExtraError
        If safetensors is not installed.
    InputError
        If something is no array of numbers.
    StorageError
        If the disk refuses.
    """
    safetensors = _safetensors()
    arrays = {name: _stored_form(name, weights[name]) for name in sorted(weights)}
    return write_bytes(path, safetensors.save(arrays))


def read_weights(path: str | Path, *, advice: str = _ADVICE) -> dict[str, np.ndarray]:
    """Read the arrays of a safetensors file, by name in ascending order; each may be written to.

    Parameters
    ----------
    path : path
    advice : str
        What to do about a damaged file: the end of the message.

    Raises
    ------
    MissingExtraError
        If safetensors is not installed.
    DamagedRunError
        If the file is missing, cut short, or of another kind.
    StorageError
        If it cannot be read.
    """
    safetensors = _safetensors()
    try:
        arrays = safetensors.load(Path(path).read_bytes())
    except FileNotFoundError as error:
        raise DamagedRunError(f"{path} is missing; {advice}") from error
    except OSError as error:
        raise StorageError(
            f"{path} cannot be read ({error.strerror or error}); check its permissions and the disk"
        ) from error
    except Exception as error:  # the package has an error of its own, and lets those of what it reads through
        reason = " ".join(str(error).split())[:120]
        raise DamagedRunError(f"{path} holds no weights ({reason}); {advice}") from error
    return {name: np.array(arrays[name]) for name in sorted(arrays)}


def _stored_form(name: str, array: np.ndarray) -> np.ndarray:
    array = np.asarray(array)
    if array.dtype.kind not in "biuf" or array.dtype.itemsize > 8:
        raise InputError(
            f"the weights {name!r} are of type {array.dtype}; give numbers of at most 64 bits, or booleans"
        )
    array = np.require(array, requirements="C")  # the file holds the bytes as they lie in memory, little end first
    return array.astype(array.dtype.newbyteorder("<"), copy=False)


def _safetensors() -> ModuleType:
    if find_spec("safetensors") is None:
        raise MissingExtraError("safetensors", "torch")
    import safetensors.numpy

    return safetensors.numpy
