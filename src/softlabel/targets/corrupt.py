"""Make a known share of the labels wrong on purpose, to measure what refinement finds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from softlabel.errors import InputError
from softlabel.targets.encode import check_codes
from softlabel.targets.entries import check_indicators
from softlabel.targets.instance_noise import instance
from softlabel.targets.shares import check_share

KINDS = ("symmetric", "pair", "instance")
_FORMS = (
    "'instance:SHARE', 'symmetric:SHARE' or 'pair:SHARE' with a share from 0 to 1, say 'symmetric:0.4', or 'column:NAME' for the "
    "labels of a column"
)

Kind = Literal["symmetric", "pair", "instance"]


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
    check_share(share)
    given = check_indicators(codes)  # (n, k) a copy
    flipped = rng.choice(given.size, size=round(share * given.size), replace=False)
    given.flat[flipped] = 1 - given.flat[flipped]
    return given


@dataclass(frozen=True)
class Corruption:
    """A kind of corruption and the share of rows that it makes wrong.

    ``str()`` gives the short form that :func:`parse_corruption` reads.

    Attributes
    ----------
    kind : "symmetric", "pair" or "instance"
    share : float from 0 to 1
    """

    kind: Kind
    share: float

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise InputError(f"corruption kind is {self.kind!r}; give {_FORMS}")
        check_share(self.share)

    def __str__(self) -> str:
        return f"{self.kind}:{float(self.share)!r}"

    @property
    def asks_model(self) -> bool:
        """Whether rows are drawn by a model's probabilities."""
        return self.kind == "instance"

    def apply(
        self, codes: ArrayLike, n_classes: int, rng: np.random.Generator, probabilities: ArrayLike | None = None
    ) -> NDArray[np.int64]:
        """Return new codes (n,) with the share of rows made wrong.

        ``probabilities`` (n, n_classes) are those that :func:`instance` takes; the other kinds look at none.
        """
        if self.kind == "symmetric":
            return symmetric(codes, self.share, n_classes, rng)
        if self.kind == "pair":
            return pair(codes, self.share, n_classes, rng)
        return instance(codes, self.share, self.needed(probabilities), rng)

    def needed(self, probabilities: ArrayLike | None) -> ArrayLike:
        """Return the probabilities, or refuse that there are none."""
        if probabilities is None:
            raise InputError(f"corruption {self} draws rows by a model's probabilities; give probabilities (n, k)")
        return probabilities


@dataclass(frozen=True)
class NoisyColumn:
    """Labels that a column beside the true ones gives: nothing is drawn, and how many are wrong is a matter of the data.

    ``str()`` gives the short form that :func:`parse_corruption` reads.
    """

    name: str

    def __post_init__(self) -> None:
        if not self.name:
            raise InputError(f"corruption column: names no column; give {_FORMS}")

    def __str__(self) -> str:
        return f"column:{self.name}"


def parse_corruption(text: str) -> Corruption | NoisyColumn:
    """Read a corruption from its short form, ``kind:share`` or ``column:name``.

    Parameters
    ----------
    text : str
        ``"symmetric:0.4"``, ``"pair:0.2"``, ``"instance:0.3"`` or ``"column:crowd_label"``.

    Returns
    -------
    Corruption or NoisyColumn

    Raises
    ------
    InputError
        If the text has another form.

    Examples
    --------
    >>> parse_corruption("pair:0.2")
    Corruption(kind='pair', share=0.2)
    >>> parse_corruption("column:crowd_label")
    NoisyColumn(name='crowd_label')
    """
    kind, _, rest = text.partition(":")
    if kind.strip() == "column":
        return NoisyColumn(rest.strip())
    try:
        return Corruption(cast(Kind, kind.strip()), float(rest))
    except ValueError as error:  # float's own, or the InputError of an unknown kind or a share out of range
        raise InputError(f"corruption is {text!r}; give {_FORMS}") from error


def noisy_columns_in(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the names of columns among corruptions in their short forms, each once; ``none`` and the like name none.

    Examples
    --------
    >>> noisy_columns_in(["none", "pair:0.2", "column:crowd_label"])
    ('crowd_label',)
    """
    made = (parse_corruption(text) for text in texts if text.partition(":")[0].strip() == "column")
    return tuple(dict.fromkeys(one.name for one in made if isinstance(one, NoisyColumn)))


def _chosen_rows(
    codes: ArrayLike, share: float, n_classes: int, rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    check_share(share)
    if n_classes < 2:
        raise InputError(f"n_classes is {n_classes}; making labels wrong needs at least two classes")
    given = check_codes(codes, n_classes)  # (n,) a copy
    n_wrong = round(share * len(given))
    return given, rng.choice(len(given), size=n_wrong, replace=False)
