"""Columns of one set of classes in the order of another, by the names of the classes."""

from __future__ import annotations

from typing import Any

import numpy as np

from softlabel.errors import InputError

_SHOWN = 6


def columns_by_name(own: Any, wanted: Any, *, what: str, advice: str) -> np.ndarray:
    """Return which of one's own columns is each of the wanted classes, (k,); 3 and "3" are one name.

    Parameters
    ----------
    own, wanted : (k,) labels
    what, advice : str
        How the message begins and ends where the classes are not the same.

    Raises
    ------
    InputError
        Naming the classes that are missing, and those that nobody asked for.
    """
    place = {str(label): at for at, label in enumerate(np.asarray(own).tolist())}
    names = [str(label) for label in np.asarray(wanted).tolist()]
    missing, extra = [name for name in names if name not in place], [name for name in place if name not in names]
    if missing or extra:
        raise InputError(f"{what} other classes: {_some(missing)} missing, {_some(extra)} besides; {advice}")
    return np.array([place[name] for name in names], dtype=np.intp)


def _some(names: list[str]) -> str:
    more = ", ..." if len(names) > _SHOWN else ""
    return f"{', '.join(names[:_SHOWN])}{more}" if names else "none"
