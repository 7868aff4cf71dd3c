"""Colours of three classes, and of what lies between them."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from softlabel.errors import InputError

# Blue, yellow and magenta: told apart by every kind of colour vision, and as far from each other as three colours are, so that
# a mixture is seen to be one: purple, orange, and grey.
COLOURS = np.array([[0x00, 0x77, 0xBB], [0xEE, 0xBB, 0x22], [0xDD, 0x33, 0x66]]) / 255  # (3, 3) sRGB


def mixed(rows: ArrayLike) -> NDArray[np.float64]:
    """Return the colour of each distribution: those of the classes, mixed as light in the proportions of the row.

    Mixing is done in linear light (the sRGB curve undone before and done after), where half of each of two colours is as bright as
    both on average; mixed as stored, colours would come out too dark.

    Parameters
    ----------
    rows : array-like (n, 3)
        Rows that sum to 1.

    Returns
    -------
    (n, 3) float64
        sRGB, from 0 to 1.

    Raises
    ------
    InputError
        If there are more or fewer than three classes.

    Examples
    --------
    >>> bool(np.allclose(mixed([[0.0, 1.0, 0.0]]), COLOURS[1]))
    True
    """
    rows = np.asarray(rows, dtype=np.float64)  # (n, 3)
    if rows.ndim != 2 or rows.shape[1] != len(COLOURS):
        raise InputError(f"rows have the shape {rows.shape}; colours are mixed of three classes, give (n, 3)")
    return _encoded(rows @ _linear(COLOURS))


def faded(rows: ArrayLike) -> NDArray[np.float64]:
    """Return the colour of each row's likeliest class, the paler the less likely it is: white at 1/3, full at 1.

    Parameters
    ----------
    rows : array-like (n, 3)

    Returns
    -------
    (n, 3) float64
        sRGB, from 0 to 1.
    """
    rows = np.asarray(rows, dtype=np.float64)  # (n, 3)
    sure = np.clip((rows.max(axis=1, keepdims=True) - 1 / 3) / (2 / 3), 0, 1)  # (n, 1)
    return 1 - sure * (1 - COLOURS[rows.argmax(axis=1)])


def _linear(colours: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return light of sRGB values (IEC 61966-2-1)."""
    return np.where(colours <= 0.04045, colours / 12.92, ((colours + 0.055) / 1.055) ** 2.4)


def _encoded(light: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return sRGB values of light."""
    light = np.clip(light, 0, 1)
    return np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
