"""Parts of rows in which each of several labels has its share, by iterative stratification.

K. Sechidis, G. Tsoumakas and I. Vlahavas, On the Stratification of Multi-label Data, ECML PKDD 2011, algorithm 1: the rarest
label is dealt out first, while there is still a choice, each row to the part that lacks that label most.
"""

from __future__ import annotations

import numpy as np

from softlabel.errors import InputError


def stratified_parts(
    indicators: np.ndarray, n_parts: int, rng: np.random.Generator, groups: np.ndarray | None = None
) -> np.ndarray:
    """Deal rows out to parts of equal size, each with its share of each label.

    Parameters
    ----------
    indicators : (n, k) of 0 and 1
        Labels of the rows; a row may have several, or none. With one label a row these are classes.
    n_parts : int
        At least 1, at most the number of rows, or of groups.
    rng : numpy.random.Generator
        Decides the order of rows, and between parts that are equal.
    groups : (n,) or None
        Rows of one group go to one part. Groups with most rows of a label go first, so that the small ones even out.

    Returns
    -------
    (n,) int64
        The part of each row, from 0; none is empty.

    Raises
    ------
    InputError
        If there are fewer rows or groups than parts.

    Examples
    --------
    >>> labels = np.repeat(np.eye(2, dtype=int), [4, 2], axis=0)
    >>> parts = stratified_parts(labels, 2, np.random.default_rng(0))
    >>> [labels[parts == part].sum(axis=0).tolist() for part in range(2)]
    [[2, 1], [2, 1]]
    """
    units = np.arange(len(indicators)) if groups is None else groups
    members = np.unique(units, return_inverse=True)[1]  # (n,) the unit of each row
    n_units = int(members.max()) + 1 if len(members) else 0
    if not 1 <= n_parts <= n_units:
        what = "rows" if groups is None else "groups"
        raise InputError(
            f"{n_parts} parts of {n_units} {what}; give at least 1 part and at most one for each of the {what}"
        )
    held = np.zeros((n_units, indicators.shape[1]))  # (u, k) rows of each label in each unit
    np.add.at(held, members, indicators)
    sizes = np.bincount(members, minlength=n_units).astype(np.float64)  # (u,)
    return _dealt(held, sizes, n_parts, rng)[members]


def _dealt(held: np.ndarray, sizes: np.ndarray, n_parts: int, rng: np.random.Generator) -> np.ndarray:
    """Return the part of each unit (u,), given their labels (u, k) and numbers of rows (u,)."""
    part = np.full(len(held), -1, dtype=np.int64)  # (u,)
    lacking = np.tile(held.sum(axis=0) / n_parts, (n_parts, 1))  # (p, k) rows of each label that a part still lacks
    room = np.full(n_parts, sizes.sum() / n_parts)  # (p,) rows that a part still lacks
    order = rng.permutation(len(held))  # (u,)
    while True:
        left = part < 0  # (u,) bool
        remaining = held[left].sum(axis=0)  # (k,)
        if remaining.any():
            label = int(np.argmin(np.where(remaining > 0, remaining, np.inf)))  # the rarest that is left
            chosen = order[left[order] & (held[order, label] > 0)]
            chosen = chosen[np.argsort(-held[chosen, label], kind="stable")]
            need = lacking[:, label]  # (p,) a view: it falls as units are dealt out
        else:  # rows without any label go where there is room
            chosen = order[left[order]]
            chosen = chosen[np.argsort(-sizes[chosen], kind="stable")]
            need = room
        for unit in chosen:
            to = _neediest(need, room, rng)
            part[unit] = to
            lacking[to] -= held[unit]
            room[to] -= sizes[unit]
        if not (part < 0).any():
            return part


_TIE = 1e-9  # shares such as 1/3 are subtracted from many times


def _neediest(need: np.ndarray, room: np.ndarray, rng: np.random.Generator) -> int:
    """Return the part with the greatest need; of equal ones that with most room, of equal ones any."""
    best = np.flatnonzero(need >= need.max() - _TIE)
    if len(best) > 1:
        best = best[room[best] >= room[best].max() - _TIE]
    return int(best[0] if len(best) == 1 else best[rng.integers(len(best))])
