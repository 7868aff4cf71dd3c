"""Splitting rows into folds: anew each round, stratified, groups whole, and never with a leak.

``cv`` is what scikit-learn calls so: a number of folds, a splitter, or an iterable of (train, held-out) pairs. A number, or a
splitter without a seed of its own, is split anew each round; a splitter with an integer seed, and an iterable, stay fixed
(the paper splits anew, its released code keeps one split).
"""

from __future__ import annotations

import copy
import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.model_selection import KFold, StratifiedGroupKFold, StratifiedKFold

from softlabel.data.label_stratification import stratified_parts
from softlabel.data.rows import take
from softlabel.errors import InputError

UNUSED, TRAIN, HELD_OUT = 0, 1, 2  # the codes of split.npy


@dataclass(frozen=True)
class Fold:
    """Positions of the rows that one model trains on, and of those it then predicts. They never overlap."""

    train: np.ndarray  # (n_train,) int
    held_out: np.ndarray  # (n_held_out,) int


def check_cv(cv: Any) -> Any:
    """Return ``cv`` as an int, a splitter, or a list of pairs (an iterator is listed once, here).

    Raises
    ------
    InputError
        If it is none of these, asks for fewer than 2 folds, or is a splitter whose ``random_state`` is a moving stream.
    """
    if isinstance(cv, (int, np.integer)) and not isinstance(cv, bool):
        if cv < 2:
            raise InputError(f"cv={cv}; at least 2 folds are needed, so that some rows are held out")
        return int(cv)
    if hasattr(cv, "split") and not isinstance(cv, (str, bytes)):  # text splits too
        if isinstance(getattr(cv, "random_state", None), (np.random.RandomState, np.random.Generator)):
            raise InputError(
                f"{type(cv).__name__} has a generator as its random_state, which no resumed run could repeat; "
                "give it an integer (one fixed split) or None (a new split each round)"
            )
        return cv
    if isinstance(cv, Iterable) and not isinstance(cv, (str, bytes)):
        listed = list(cv)
        if not listed or not all(isinstance(pair, (tuple, list, np.ndarray)) and len(pair) == 2 for pair in listed):
            raise InputError(
                f"cv is a {type(cv).__name__}, but not of (train, held-out) pairs of row positions, at least one; "
                "give such pairs, a number of folds, or a scikit-learn splitter"
            )
        return [tuple(pair) for pair in listed]
    raise InputError(
        f"cv={cv!r}; give a number of folds, a scikit-learn splitter, or an iterable of (train, held-out) pairs"
    )


def check_cv_unread(cv: Any) -> Any:
    """Return ``cv`` as :func:`check_cv` does, but an iterator as an empty list of pairs: it can be read once, and a fit is to read it."""
    return [] if isinstance(cv, Iterator) else check_cv(cv)


def stochastic_folds(
    codes: np.ndarray,
    cv: Any,
    *,
    groups: np.ndarray | None = None,
    rows: np.ndarray | None = None,
    seed: int = 0,
    X: Any = None,
) -> list[Fold]:
    """Split rows into folds for one round.

    Parameters
    ----------
    codes : (n,) or (n, k) int
        Given labels as class numbers, or 0 and 1 of several labels a row; an int ``cv`` is stratified on them.
    cv : int, splitter or list of pairs
        As ``check_cv`` returns it.
    groups : (n,) or None
        Rows of one group never stand on both sides of a fold.
    rows : (n_used,) int or None
        Only these rows take part (the others are a guard); all rows by default. Pairs given by position refer to all n rows.
    seed : int
        Seed of this round's split; ignored where ``cv`` is fixed.
    X : (n, ...) or None
        Handed to a splitter that looks at the features.

    Returns
    -------
    list of Fold
        Positions refer to all n rows. A row may be held out by several folds, or by none.

    Raises
    ------
    InputError
        More folds than rows or groups, rows that are trained on and held out at once, a group on both sides, positions
        out of range, a fold without rows.
    """
    n = len(codes)
    rows = np.arange(n) if rows is None else rows
    if isinstance(cv, list):
        folds = [_fold_of_pair(pair, n, rows) for pair in cv]
    else:
        inner_codes, inner_groups = codes[rows], None if groups is None else groups[rows]
        if isinstance(cv, int):
            pairs = _stratified_pairs(inner_codes, cv, inner_groups, seed)
        else:
            _refuse_fixed_positions(cv, n, len(rows))
            inner_X = np.zeros((len(rows), 1)) if X is None else X if len(rows) == n else take(X, rows)
            pairs = _splitter_pairs(cv, inner_X, inner_codes, inner_groups, seed)
        folds = [Fold(rows[train], rows[held_out]) for train, held_out in pairs]
    for number, fold in enumerate(folds):
        _check_fold(fold, number, groups)
    if not folds:
        raise InputError(f"{cv!r} made no folds")
    return folds


def stays_fixed(cv: Any) -> bool:
    """Return whether ``cv``, as ``check_cv`` returns it, is the same split in every round, as far as it tells.

    Pairs are, and splitters with an integer seed or without chance.
    """
    if isinstance(cv, (int, list)):
        return isinstance(cv, list)
    return getattr(cv, "random_state", 0) is not None or getattr(cv, "shuffle", True) is False


def rare_classes(codes: np.ndarray, n_classes: int, cv: Any) -> list[int]:
    """Return the classes with fewer rows than folds: in some folds nothing of them is held out, or nothing is trained on.

    Codes are (n,), or (n, k) of 0 and 1 for several labels a row.
    """
    n_folds = cv if isinstance(cv, int) else len(cv) if isinstance(cv, list) else getattr(cv, "n_splits", 2)
    counts = codes.sum(axis=0) if codes.ndim == 2 else np.bincount(codes, minlength=n_classes)  # (k,)
    return [int(c) for c in np.flatnonzero(counts < (n_folds if isinstance(n_folds, int) else 2))]


def split_matrix(folds: Sequence[Fold], n: int) -> np.ndarray:
    """Return folds as an (n_folds, n) int8 matrix: 0 unused, 1 train, 2 held out."""
    matrix = np.full((len(folds), n), UNUSED, dtype=np.int8)  # (n_folds, n)
    for row, fold in zip(matrix, folds, strict=True):
        row[fold.train] = TRAIN
        row[fold.held_out] = HELD_OUT
    return matrix


def folds_of_matrix(matrix: np.ndarray) -> list[Fold]:
    """Return the folds that ``split_matrix`` wrote down (as sets: positions ascend)."""
    return [Fold(np.flatnonzero(row == TRAIN), np.flatnonzero(row == HELD_OUT)) for row in matrix]


def _stratified_pairs(codes: np.ndarray, cv: int, groups: np.ndarray | None, seed: int) -> Iterable[tuple]:
    n = len(codes)
    if cv > n:
        raise InputError(f"cv={cv}, but there are only {n} rows to split; give at most {n} folds or more rows")
    if groups is not None and cv > (n_groups := len(np.unique(groups))):
        raise InputError(f"cv={cv}, but there are only {n_groups} groups; give at most {n_groups} folds")
    if codes.ndim == 2:  # scikit-learn stratifies one label a row only
        parts = stratified_parts(codes, cv, np.random.default_rng(seed), groups)  # (n,)
        return [(np.flatnonzero(parts != part), np.flatnonzero(parts == part)) for part in range(cv)]
    placeholder = np.zeros((n, 1))
    splitter: Any
    if groups is not None:
        splitter = StratifiedGroupKFold(cv, shuffle=True, random_state=seed)
        # scikit-learn refuses where every class has fewer rows than folds; whole groups still matter then
        codes = codes if np.bincount(codes).max() >= cv else np.zeros_like(codes)
    elif np.bincount(codes).max() < cv:
        splitter = KFold(
            cv, shuffle=True, random_state=seed
        )  # nothing to stratify: every class has fewer rows than folds
    else:
        splitter = StratifiedKFold(cv, shuffle=True, random_state=seed)
    with warnings.catch_warnings():
        # "The least populated class in y": rare classes are named once a fit, by whoever starts it, not once a round
        warnings.simplefilter("ignore", UserWarning)
        return list(splitter.split(placeholder, codes, groups))


def _refuse_fixed_positions(splitter: Any, n: int, n_used: int) -> None:
    """Refuse a splitter that holds positions of its own, where these are not the positions of the rows that it is given."""
    positions = getattr(splitter, "test_fold", None)  # of PredefinedSplit
    if positions is None:
        return
    if n_used < n:
        raise InputError(
            f"{type(splitter).__name__} holds the positions of {len(positions)} rows, but {n - n_used} of {n} rows are "
            "a guard and only the others are split; give the folds as an iterable of (train, held-out) pairs over all rows"
        )
    if len(positions) != n:
        raise InputError(
            f"{type(splitter).__name__} holds the positions of {len(positions)} rows, but there are {n}; "
            f"give one with {n} entries in test_fold"
        )


def _splitter_pairs(splitter: Any, X: Any, codes: np.ndarray, groups: np.ndarray | None, seed: int) -> Iterable[tuple]:
    if hasattr(splitter, "random_state") and splitter.random_state is None:
        splitter = copy.copy(splitter)  # the caller's object stays as it is
        splitter.random_state = seed
    name = type(splitter).__name__
    try:
        pairs = [(train, held_out) for train, held_out in splitter.split(X, codes, groups)]
    except (ValueError, TypeError, IndexError) as error:
        raise InputError(f"{name} cannot split these {len(codes)} rows: {error}") from error
    who = f"{name}, given {len(codes)} rows,"
    return [(_positions(train, len(codes), who), _positions(held_out, len(codes), who)) for train, held_out in pairs]


def _fold_of_pair(pair: tuple, n: int, rows: np.ndarray) -> Fold:
    train, held_out = (_positions(side, n, "a pair of cv") for side in pair)
    return Fold(train[np.isin(train, rows)], held_out[np.isin(held_out, rows)])


def _positions(side: Any, n: int, who: str) -> np.ndarray:
    """Return one side of a fold, positions or a mask, as positions from 0 to n - 1."""
    side = np.asarray(side)
    if side.dtype == bool and side.shape == (n,):
        side = np.flatnonzero(side)
    if side.ndim != 1 or (side.size and (side.dtype.kind not in "iu" or side.min() < 0 or side.max() >= n)):
        raise InputError(f"{who} holds row positions outside 0 to {n - 1}, or none at all; give integers or masks")
    return side.astype(np.int64)


def _check_fold(fold: Fold, number: int, groups: np.ndarray | None) -> None:
    if not len(fold.train) or not len(fold.held_out):
        side = "trains on" if not len(fold.train) else "holds out"
        raise InputError(f"fold {number} {side} no rows; check cv, or give fewer folds")
    both = np.intersect1d(fold.train, fold.held_out)
    if len(both):
        raise InputError(f"fold {number} trains on rows that it holds out: row {both[0]} and {len(both) - 1} more")
    if groups is not None:
        shared = np.intersect1d(groups[fold.train], groups[fold.held_out])
        if len(shared):
            raise InputError(
                f"fold {number} has group {shared[0]!s} and {len(shared) - 1} more on both sides; "
                "use a splitter that keeps groups whole, such as GroupKFold"
            )
