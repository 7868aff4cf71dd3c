"""Arrays in .npy files, read without ever unpickling anything."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import numpy as np

from softlabel.errors import DamagedRunError, StorageError

MapMode = Literal["r", "c"]


def read_array(path: str | Path, *, advice: str, mmap_mode: MapMode | None = None) -> np.ndarray:
    """Read an array, or map it ("r": read only, "c": changes stay in memory); mapped, it takes no memory until used.

    Raises
    ------
    DamagedRunError
        If it is missing, cut short, no .npy file, or holds pickled objects, which are never read.
    """
    try:
        return np.load(path, mmap_mode=mmap_mode, allow_pickle=False)
    except FileNotFoundError as error:
        raise DamagedRunError(f"{path} is missing; {advice}") from error
    except (ValueError, EOFError) as error:
        reason = " ".join(str(error).split())[:120]
        raise DamagedRunError(f"{path} is no array as softlabel stores them ({reason}); {advice}") from error
    except OSError as error:
        raise StorageError(
            f"{path} cannot be read ({error.strerror or error}); check its permissions and the disk"
        ) from error
