"""Rows kept apart: never refined, never in a fold model's training set, they score every round.

A refinement can do harm (clean labels, weak learners). Out-of-fold scores cannot show it alone, since the neighbours that
a fold model trains on carry softened traces of the held-out row's own label; rows that take no part can.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold

from softlabel.data.label_stratification import stratified_parts
from softlabel.errors import InputError
from softlabel.seeds import Seeds

_FINEST = 200  # parts of single rows: a share is met to half a percent
_PARTS = 20  # whole groups are drawn in so many stratified parts: a share is met to about a twentieth


def draw_guard(
    guard: float | np.ndarray | None, codes: np.ndarray, groups: np.ndarray | None, seeds: Seeds
) -> np.ndarray:
    """Return the guard as a mask over the rows.

    Parameters
    ----------
    guard : float, (n,) bool or None
        A share of the rows, drawn once, stratified on the given labels, groups whole; a mask; or none at all.
    codes : (n,) or (n, k) int
        Given labels as class numbers, or 0 and 1 of several labels a row.
    groups : (n,) or None
        Rows of one group stand on one side.
    seeds : Seeds
        The draw has the address "guard".

    Returns
    -------
    (n,) bool

    Raises
    ------
    InputError
        A share outside (0, 1), a mask of another length, a guard of no rows or of all, a mask that cuts a group in two.
    """
    n = len(codes)
    if guard is None:
        return np.zeros(n, dtype=bool)
    if np.ndim(guard) == 0:
        _check_share(guard)
        mask = set_apart(float(guard), codes, groups, seeds, "guard")
    else:
        mask = np.asarray(guard)
        if mask.shape != (n,) or mask.dtype != bool:
            raise InputError(
                f"guard has shape {mask.shape} and type {mask.dtype}; a mask needs {n} booleans, one a row"
            )
        mask = mask.copy()
    if not mask.any() or mask.all():
        raise InputError(
            f"the guard holds {mask.sum()} of {n} rows; it needs at least one, and must leave some to refine"
        )
    if groups is not None:
        cut = np.intersect1d(groups[mask], groups[~mask])
        if len(cut):
            raise InputError(
                f"the guard cuts group {cut[0]!s} and {len(cut) - 1} more in two; put whole groups into it"
            )
    return mask


def best_refinement(scores: Sequence[float]) -> int:
    """Return the number of refinements with the highest score; ties go to the fewer refinements.

    Parameters
    ----------
    scores : sequence of float
        Entry r: the guard's score of models whose targets were refined r times, from 0 (the given labels).
    """
    return int(np.argmax(scores))


def set_apart(share: float, codes: np.ndarray, groups: np.ndarray | None, seeds: Seeds, purpose: str) -> np.ndarray:
    """Return a mask over the rows that holds a share of them, stratified on the labels, groups whole.

    Parameters
    ----------
    share : float between 0 and 1
    codes : (n,) or (n, k) int
    groups : (n,) or None
    seeds : Seeds
    purpose : str
        Part of the draw's address: "guard", "test", "choose", "calibrate".

    Returns
    -------
    (n,) bool
        Of few rows it may hold none, or all.
    """
    n = len(codes)
    if codes.ndim == 2:
        return _stratified_entries(share, codes, groups, seeds.generator(purpose))
    if groups is not None:
        return _whole_groups(share, codes, groups, seeds.integer(purpose))
    generator = seeds.generator(purpose)
    order = generator.permutation(n)
    order = order[np.argsort(codes[order], kind="stable")]  # classes together, rows of one class in random order
    # Every (1/share)-th row of this order from a random start: each class gives its share, and so do all, up to one row.
    picks = np.floor((np.arange(int(share * n) + 2) + generator.random()) / share).astype(np.int64)
    mask = np.zeros(n, dtype=bool)
    mask[order[picks[picks < n]]] = True
    return mask


def _check_share(share: Any) -> None:
    if isinstance(share, (bool, np.bool_)) or not isinstance(share, (int, float, np.number)) or not 0 < share < 1:
        raise InputError(f"guard={share!r}; give a share between 0 and 1, a mask, or (X_guard, y_guard)")


def _stratified_entries(
    share: float, codes: np.ndarray, groups: np.ndarray | None, rng: np.random.Generator
) -> np.ndarray:
    """Return a mask (n,) with its share of each of several labels; groups whole."""
    if groups is None:  # parts as fine as the share wants them: 3 of 100, 1 of 4
        nearest = Fraction(share).limit_denominator(min(_FINEST, len(codes)))
        n_parts = nearest.denominator if 0 < nearest < 1 else min(_FINEST, len(codes))
    else:
        n_parts = min(_PARTS, len(np.unique(groups)))
    part = stratified_parts(codes, n_parts, rng, groups)
    return _grown([np.flatnonzero(part == number) for number in range(n_parts)], share, len(codes))


def _whole_groups(share: float, codes: np.ndarray, groups: np.ndarray, seed: int) -> np.ndarray:
    n_groups = len(np.unique(groups))
    if n_groups < 2:
        raise InputError("rows set apart are whole groups, but there is only one group; give a mask or drop the groups")
    n_parts = min(_PARTS, n_groups)
    if np.bincount(codes).max() < n_parts:  # scikit-learn refuses where every class is rarer than the parts
        codes = np.zeros_like(codes)
    parts = StratifiedGroupKFold(n_parts, shuffle=True, random_state=seed)
    with (
        warnings.catch_warnings()
    ):  # a class in fewer groups than there are parts is in some of them only, as it must be
        warnings.filterwarnings("ignore", "The least populated class in y has only", UserWarning)
        pieces = [part for _, part in parts.split(np.zeros((len(codes), 1)), codes, groups)]
    return _grown(pieces, share, len(codes))


def _grown(parts: Sequence[np.ndarray], share: float, n: int) -> np.ndarray:
    """Return a mask (n,) of as many parts as come nearest to the share."""
    mask = np.zeros(n, dtype=bool)
    for part in parts:
        grown = mask.copy()
        grown[part] = True
        if mask.any() and abs(grown.mean() - share) > abs(mask.mean() - share):
            break  # one part more would be further off than one less
        mask = grown
    return mask
