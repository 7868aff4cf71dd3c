"""Values on their way to JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path, PurePath
from typing import Any

import numpy as np

from softlabel.errors import DamagedRunError, StorageError


def plain(value: Any) -> Any:
    """Return a value made of dictionaries, lists, texts, numbers, booleans and None only.

    NumPy numbers and arrays become plain ones, tuples lists, paths texts, keys texts. NaN and infinity become None:
    JSON has no such numbers, and a reader in another language would fail at them.

    Raises
    ------
    TypeError
        At any other object.
    """
    if value is None or isinstance(value, (str, bool)):
        return value
    if isinstance(value, (np.generic, np.ndarray)):
        return plain(value.tolist())
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {key if isinstance(key, str) else str(plain(key)): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, PurePath):
        return str(value)
    raise TypeError(f"a {type(value).__name__} cannot be stored as JSON: {str(value)[:80]}")


def canonical(value: Any) -> bytes:
    """Return the one JSON form of a value, by which values are compared and signed."""
    return json.dumps(plain(value), sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def read_json(path: str | Path, *, advice: str) -> Any:
    """Read a JSON file; ``advice`` says what a user can do if it is damaged."""
    try:
        return json.loads(Path(path).read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise DamagedRunError(f"{path} is missing; {advice}") from error
    except ValueError as error:
        raise DamagedRunError(f"{path} is not JSON (cut short, or changed by hand: {error}); {advice}") from error
    except OSError as error:
        raise StorageError(
            f"{path} cannot be read ({error.strerror or error}); check its permissions and the disk"
        ) from error
