"""From labels, votes and a reference to aligned columns: first targets, and what they are scored against."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from softlabel.data.columns import Columns
from softlabel.data.exact_columns import Kind, exact_values, some
from softlabel.data.vote_columns import Votes, plain, shortened, without_prefix
from softlabel.errors import InputError
from softlabel.targets.votes import dawid_skene, dawid_skene_counts, vote_shares


@dataclass(frozen=True)
class Answers:
    """What is known of the labels of n rows; the fields are those of ``Dataset``."""

    y: np.ndarray | None = None
    label_names: np.ndarray | None = None
    targets: np.ndarray | None = None
    reference: np.ndarray | None = None


def answers(
    y: np.ndarray | None, votes: Votes | None, reference: Votes | None, columns: Columns, ids: np.ndarray
) -> Answers:
    """Put labels, votes and a reference of exclusive classes in one order of classes.

    Parameters
    ----------
    y : (n,) or None
        Given labels. Without them a row's label is the class with most mass in its first target; the first of several.
    votes, reference : Votes or None
    columns : Columns
        Says how votes are read, and which classes there are where ``label_names`` are given; else they are the union of
        all that occur, sorted, as integers where all are.
    ids : (n,)
        For messages.

    Raises
    ------
    InputError
        If a class is unknown, a class of the labels has no column of votes, shares are to be counted, or a row without a
        label has no votes.
    """
    if votes is None and reference is None:
        return Answers(y)
    parts = _named(y, votes, reference, columns)
    classes = _classes(columns.label_names, y, [name for _, names in parts for name in names], columns.label_kind)
    aligned = {id(part): _aligned(part, names, classes) for part, names in parts}
    if y is not None:
        y = _as_kind_of(y, classes)
        if votes is not None and votes.answers is None:
            _refuse_classes_without_votes(y, votes, parts[0][1], classes)
    truth = None if reference is None else _distribution(aligned[id(reference)], ids)  # (n, k)
    if votes is None:
        return Answers(y, classes, None, truth)
    counts = aligned[id(votes)]  # (n, k)
    if columns.reference_is_votes:
        shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1e-300)
        truth = np.where(counts.sum(axis=1, keepdims=True) > 0, shares, np.nan)  # (n, k)
    targets = _first_targets(counts, votes, classes, y, columns, ids)  # (n, k) float32
    return Answers(classes[np.argmax(targets, axis=1)] if y is None else y, classes, targets, truth)


def several_reference(reference: Votes, label_names: np.ndarray, ids: np.ndarray) -> np.ndarray:
    """Return the true shares of independent labels, (n, k) from 0 to 1, in the order of ``label_names``.

    Raises
    ------
    InputError
        If a label has no column of its own, or shares are above 1.
    """
    names = without_prefix(reference.names, label_names.tolist())
    position = {name: at for at, name in enumerate(names)}
    lacking = [name for name in label_names.tolist() if name not in position]
    if lacking or len(names) != len(label_names):
        raise InputError(
            f"the reference columns are for {some(names)} and the labels are {some(label_names)}; give one column for each"
        )
    shares = reference.counts[:, [position[name] for name in label_names.tolist()]]  # (n, k)
    above = np.flatnonzero((shares > 1).any(axis=1))
    if len(above):
        raise InputError(
            f"the reference holds values above 1 in {len(above)} of {len(shares)} rows (ids {some(ids[above])}); give for "
            "each label its share, from 0 to 1"
        )
    return shares


def _classes(label_names: Any, y: np.ndarray | None, names: Iterable[str], kind: Kind | None) -> np.ndarray:
    """Return all classes, sorted: numbers where all are numbers, else texts."""
    if label_names is not None:
        return np.asarray(label_names)
    named = exact_values(np.array(list(names), dtype=object), name="names of columns", role="label", kind=kind)
    if y is None:
        return np.unique(named)
    both_numbers = y.dtype.kind in "iuf" and named.dtype.kind in "iuf"
    return np.unique(np.concatenate([y, named] if both_numbers else [y.astype(str), named.astype(str)]))


def _named(
    y: np.ndarray | None, votes: Votes | None, reference: Votes | None, columns: Columns
) -> list[tuple[Votes, tuple[str, ...]]]:
    """Return votes and reference, each with the names of its classes; refuses a reference of other classes."""
    known: list[Any] = [] if y is None else np.unique(y).tolist()
    if columns.label_names is not None:
        known = np.asarray(columns.label_names).tolist()
    parts = []
    if votes is not None:
        others = () if known or reference is None else (*reference.names, *shortened(reference.names))
        # Columns may have a prefix; what annotators wrote in a file is the class itself.
        names = votes.names
        if votes.answers is None and (known or (names := without_prefix(names, ())) == votes.names):
            names = without_prefix(votes.names, known or others)
        parts.append((votes, names))
        known = known or list(names)
    if reference is not None:
        names = without_prefix(reference.names, known)
        if not {plain(name) for name in names} & {plain(one) for one in known}:
            raise InputError(
                f"the reference columns {some(reference.names)} name none of the classes {some(known)}; name them after the "
                "classes (a common beginning up to the last _ or : may stand before)"
            )
        parts.append((reference, names))
    return parts


def _as_kind_of(y: np.ndarray, classes: np.ndarray) -> np.ndarray:
    return y.astype(str) if classes.dtype.kind == "U" and y.dtype.kind != "U" else y


def _refuse_classes_without_votes(y: np.ndarray, votes: Votes, names: tuple[str, ...], classes: np.ndarray) -> None:
    """Refuse columns of votes for some of the classes: a forgotten one would be a feature that tells the label.

    A file of votes lists those that there are, and nobody need have voted for a class.
    """
    voted = classes[_positions(names, classes)[0]]
    lacking = np.setdiff1d(np.intersect1d(y, classes), voted)
    if len(lacking):
        raise InputError(
            f"the votes columns {some(votes.names)} are none for {some(lacking)}, which the labels have; give a votes column for "
            "each class (of zeros where nobody voted for it)"
        )


def _aligned(votes: Votes, names: tuple[str, ...], classes: np.ndarray) -> np.ndarray:
    """Return the counts with a column for each class."""
    position, unknown = _positions(names, classes)
    if unknown:
        raise InputError(
            f"votes or reference name the classes {some(unknown)}, which the training data does not have; it has "
            f"{some(classes)}"
        )
    counts = np.zeros((len(votes.counts), len(classes)))  # (n, k)
    counts[:, position] = votes.counts
    counts[np.isnan(votes.counts).any(axis=1)] = np.nan
    return counts


def _positions(names: Iterable[str], classes: np.ndarray) -> tuple[list[int], list[str]]:
    """Return the columns of the classes that are named so, and the names that are no class."""

    key = str if classes.dtype.kind == "U" else plain
    columns = {key(one): at for at, one in enumerate(classes.tolist())}
    found = {name: columns.get(key(name)) for name in names}
    return [at for at in found.values() if at is not None], [name for name, at in found.items() if at is None]


def _distribution(counts: np.ndarray, ids: np.ndarray) -> np.ndarray:
    sums = counts.sum(axis=1, keepdims=True)  # (n, 1); NaN where nothing is known
    zero = np.flatnonzero(sums[:, 0] == 0)
    if len(zero):
        raise InputError(
            f"the reference is all zero in {len(zero)} of {len(counts)} rows (ids {some(ids[zero])}); give these rows a "
            "distribution, or leave their cells empty"
        )
    return counts / sums


def _first_targets(
    counts: np.ndarray, votes: Votes, classes: np.ndarray, y: np.ndarray | None, columns: Columns, ids: np.ndarray
) -> np.ndarray:
    silent = counts.sum(axis=1) == 0  # (n,) bool
    if silent.any() and y is None:
        raise InputError(
            f"{silent.sum()} of {len(counts)} rows have no votes (ids {some(ids[silent])}); remove these rows, or name a "
            "column of labels, which then stand in"
        )
    if silent.all() and columns.whole:
        raise InputError("no row has any votes; check the ids of the votes, or leave votes out")
    targets = np.zeros(counts.shape, dtype=np.float32)  # (n, k)
    voted = np.flatnonzero(~silent)
    if len(voted):
        targets[voted] = _combined(counts[voted], votes, voted, classes, columns.votes_as)
    if silent.any() and y is not None:
        targets[silent] = y[silent, None] == classes
        if not (known := targets.any(axis=1)).all():
            raise InputError(
                f"labels {some(np.unique(y[~known]))} are not among the classes of the training data, {some(classes)}"
            )
        warnings.warn(
            f"{silent.sum()} of {len(counts)} rows have no votes (ids {some(ids[silent])}); their given labels stand in",
            UserWarning,
            stacklevel=2,
        )
    return targets


def _combined(counts: np.ndarray, votes: Votes, voted: np.ndarray, classes: np.ndarray, votes_as: str) -> np.ndarray:
    """Return the targets (v, k) of the rows that have votes."""
    if votes_as == "share":
        return vote_shares(counts)
    if not votes.whole:
        raise InputError(
            "votes are shares, and votes_as='dawid-skene' counts them; give numbers of votes, or votes_as='share'"
        )
    if votes.answers is None:
        return dawid_skene_counts(counts).posterior.astype(np.float32)
    rows = np.searchsorted(voted, votes.answers[:, 0])  # (v,) positions among the rows with votes
    column = np.array(_positions(votes.names, classes)[0])  # (names,)
    labels = column[votes.answers[:, 2]]
    return dawid_skene(rows, votes.answers[:, 1], labels, len(voted), len(classes)).posterior.astype(np.float32)
