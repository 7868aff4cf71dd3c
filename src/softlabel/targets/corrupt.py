"""Make a known share of the labels wrong on purpose, to measure what refinement finds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from softlabel.errors import InputError
from softlabel.targets.encode import check_codes
from softlabel.targets.entries import check_indicators

_FORMS = "'symmetric:SHARE' or 'pair:SHARE' with a share from 0 to 1, say 'symmetric:0.4'"


def symmetric(codes: ArrayLike, share: float, n_classes: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Move exactly ``round(share * n)`` rows to another class, uniformly among the others.

    Parameters
    ----------
    codes : array-like (n,) of int
    share : float from 0 to 1
    n_classes : int
        k, 2 or more.
    rng : numpy.random.Generator

    Returns
    -------
    codes : (n,) int64
        A new array. ``round`` is Python's, to even at a half.

    Raises
    ------
    InputError
        If the share or a code is out of range, or there are fewer than two classes.

    Examples
    --------
    >>> wrong = symmetric(np.zeros(10, dtype=int), 0.4, 3, np.random.default_rng(0))
    >>> int((wrong != 0).sum())
    4
    """
    given, rows = _chosen_rows(codes, share, n_classes, rng)
    given[rows] = (given[rows] + rng.integers(1, n_classes, size=len(rows))) % n_classes
    return given


def pair(codes: ArrayLike, share: float, n_classes: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Move exactly ``round(share * n)`` rows to the next class: c becomes c + 1, and the last class the first.

    Parameters
    ----------
    codes : array-like (n,) of int
    share : float from 0 to 1
    n_classes : int
        k, 2 or more.
    rng : numpy.random.Generator

    Returns
    -------
    codes : (n,) int64
        A new array.

    Raises
    ------
    InputError
        If the share or a code is out of range, or there are fewer than two classes.

    Examples
    --------
    >>> pair([0, 1, 2], 1.0, 3, np.random.default_rng(0))
    array([1, 2, 0])
    """
    given, rows = _chosen_rows(codes, share, n_classes, rng)
    given[rows] = (given[rows] + 1) % n_classes
    return given


def flip_entries(codes: ArrayLike, share: float, rng: np.random.Generator) -> NDArray[np.int64]:
    """Flip exactly ``round(share * n * k)`` entries of multi-label codes, uniformly among all entries.

    Parameters
    ----------
    codes : array-like (n, k) of 0 and 1
    share : float from 0 to 1
    rng : numpy.random.Generator

    Returns
    -------
    codes : (n, k) int64
        A new array: 0 where 1 was flipped, 1 where 0 was.

    Raises
    ------
    InputError
        If the share is out of range or a code is neither 0 nor 1.

    Examples
    --------
    >>> flip_entries([[1, 0], [0, 0]], 1.0, np.random.default_rng(0))
    array([[0, 1],
           [1, 1]])
    """
    _check_share(share)
    given = check_indicators(codes)  # (n, k) a copy
    flipped = rng.choice(given.size, size=round(share * given.size), replace=False)
    given.flat[flipped] = 1 - given.flat[flipped]
    return given


@dataclass(frozen=True)
class Corruption:
    """A kind of corruption and the share of rows that it makes wrong.

    ``str()`` gives the short form that :func:`parse_corruption` reads.
    """

    kind: Literal["symmetric", "pair"]
    share: float

    def __post_init__(self) -> None:
        if self.kind not in ("symmetric", "pair"):
            raise InputError(f"corruption kind is {self.kind!r}; give {_FORMS}")
        _check_share(self.share)

    def __str__(self) -> str:
        return f"{self.kind}:{float(self.share)!r}"

    def apply(self, codes: ArrayLike, n_classes: int, rng: np.random.Generator) -> NDArray[np.int64]:
        """Return new codes (n,) with the share of rows made wrong."""
        if self.kind == "symmetric":
            return symmetric(codes, self.share, n_classes, rng)
        return pair(codes, self.share, n_classes, rng)


def parse_corruption(text: str) -> Corruption:
    """Read a corruption from its short form, ``kind:share``.

    Parameters
    ----------
    text : str
        ``"symmetric:0.4"`` or ``"pair:0.2"``.

    Returns
    -------
    Corruption

    Raises
    ------
    InputError
        If the text has another form.

    Examples
    --------
    >>> parse_corruption("pair:0.2")
    Corruption(kind='pair', share=0.2)
    """
    kind, _, share = text.partition(":")
    try:
        return Corruption(cast(Literal["symmetric", "pair"], kind.strip()), float(share))
    except ValueError as error:  # float's own, or the InputError of an unknown kind or a share out of range
        raise InputError(f"corruption is {text!r}; give {_FORMS}") from error


def _chosen_rows(
    codes: ArrayLike, share: float, n_classes: int, rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    _check_share(share)
    if n_classes < 2:
        raise InputError(f"n_classes is {n_classes}; making labels wrong needs at least two classes")
    given = check_codes(codes, n_classes)  # (n,) a copy
    n_wrong = round(share * len(given))
    return given, rng.choice(len(given), size=n_wrong, replace=False)


def _check_share(share: float) -> None:
    if not 0.0 <= share <= 1.0:
        raise InputError(f"share of rows to corrupt is {share!r}; give a number from 0 to 1")
