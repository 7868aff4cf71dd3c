"""Classes in a tree, and how near two of them are in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import softmax

from softlabel.errors import InputError
from softlabel.targets.rows import as_table

_SHOWN = 8


class Taxonomy:
    """A tree of classes.

    The root has depth 1, its children depth 2, and so on, as Wu and Palmer and NLTK count nodes. Where several nodes have no parent,
    a root without a name stands above them: it has depth 1 and they have depth 2.

    Parameters
    ----------
    pairs : mapping of child to parent, or iterable of (child, parent)
        Names are compared as text. A node without a parent may be left out, or have None or an empty text as its parent.

    Attributes
    ----------
    nodes : tuple of str
        All nodes, in the order in which they were named.
    roots : tuple of str
        Those without a parent.

    Raises
    ------
    InputError
        If there is no pair, a node has two parents, or following parents leads back to a node.

    Examples
    --------
    >>> tree = Taxonomy({"dog": "animal", "cat": "animal", "animal": "thing", "car": "thing"})
    >>> tree.depth("dog"), tree.lowest_common_ancestor("dog", "cat")
    (3, 'animal')
    >>> tree.wu_palmer(["dog", "cat", "car"]).round(3)
    array([[1.   , 0.667, 0.4  ],
           [0.667, 1.   , 0.4  ],
           [0.4  , 0.4  , 1.   ]])
    """

    def __init__(self, pairs: Mapping[Any, Any] | Iterable[tuple[Any, Any]]) -> None:
        self._parents = _parents_of(pairs.items() if isinstance(pairs, Mapping) else pairs)
        self.nodes = tuple(self._parents)
        self.roots = tuple(node for node, parent in self._parents.items() if parent is None)
        self._paths = _paths_from_roots(self._parents)
        self._above = 0 if len(self.roots) == 1 else 1  # what a root without a name adds to each depth

    def __repr__(self) -> str:
        deepest = max(len(path) for path in self._paths.values()) + self._above
        return f"Taxonomy({len(self.nodes)} nodes, depth {deepest})"

    def ancestors(self, node: Any) -> tuple[str, ...]:
        """Return the nodes from a root down to the parent of a node."""
        return self._paths[self._known(node)][:-1]

    def depth(self, node: Any) -> int:
        """Return how many nodes there are from the root to a node, both counted."""
        return len(self._paths[self._known(node)]) + self._above

    def lowest_common_ancestor(self, a: Any, b: Any) -> str | None:
        """Return the deepest node that both nodes are, or have above them; None where that is the root without a name."""
        shared = self._n_shared(self._known(a), self._known(b))
        return self._paths[self._known(a)][shared - 1] if shared else None

    def check_classes(self, classes: Iterable[Any]) -> list[str]:
        """Return classes as names of nodes; they may be inner nodes.

        Raises
        ------
        InputError
            Naming those that are no nodes.
        """
        names = [str(name) for name in classes]
        missing = [name for name in dict.fromkeys(names) if name not in self._parents]
        if missing:
            raise InputError(
                f"the taxonomy misses {len(missing)} of {len(set(names))} classes: {_some(missing)}; its nodes are "
                f"{_some(self.nodes)}; add a line (child, parent) for each"
            )
        return names

    def wu_palmer(self, classes: Iterable[Any]) -> NDArray[np.float64]:
        """Return the similarity of each two classes: ``2 depth(lca) / (depth(a) + depth(b))``.

        Above 0 and up to 1, which a class has with itself alone. Wu and Palmer, "Verb semantics and lexical selection", ACL 1994,
        section 4, with nodes counted as NLTK's ``wup_similarity`` does, to which this is equal where each node has one parent.

        Parameters
        ----------
        classes : iterable of k nodes

        Returns
        -------
        similarity : (k, k) float64
            Symmetric.

        Raises
        ------
        InputError
            If a class is no node.
        """
        names = self.check_classes(classes)
        paths = self._path_table(names)  # (k, d) from the root down, -1 below the node itself
        depths = (paths >= 0).sum(axis=1) + self._above  # (k,)
        similarity = np.empty((len(names), len(names)))
        for i, path in enumerate(paths):  # row by row: (k, k, d) would not do for ten thousand classes
            same = (paths == path) & (path >= 0)  # (k, d)
            shared = (
                np.logical_and.accumulate(same, axis=1).sum(axis=1) + self._above
            )  # (k,) depth of the common ancestor
            similarity[i] = 2.0 * shared / (depths[i] + depths)
        return similarity

    def _known(self, node: Any) -> str:
        return self.check_classes([node])[0]

    def _n_shared(self, a: str, b: str) -> int:
        pairs = zip(self._paths[a], self._paths[b], strict=False)
        return next(
            (n for n, (one, other) in enumerate(pairs) if one != other), min(map(len, (self._paths[a], self._paths[b])))
        )

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {node: number for number, node in enumerate(self.nodes)}

    def _path_table(self, names: list[str]) -> NDArray[np.int64]:
        table = np.full((len(names), max((len(self._paths[name]) for name in names), default=0)), -1, dtype=np.int64)
        for i, name in enumerate(names):
            path = self._paths[name]
            table[i, : len(path)] = [self._numbers[node] for node in path]
        return table


def similarity_rows(similarity: ArrayLike, temperature: float) -> NDArray[np.float64]:
    """Return a distribution for each class: ``softmax(similarity / temperature)`` along its row.

    Label Refinery trains on Wu-Palmer similarities (Bagherinezhad et al. 2018, section 4.1, table 5) and does not say how a row of them
    becomes a distribution; this is our reading. Dividing a row by its sum, the plainest way, leaves it nearly uniform where there are many
    classes: of a thousand, one at similarity 1 among others at .4 would get .0025. Near 0 temperature gives one-hot rows.

    Parameters
    ----------
    similarity : array-like (k, k)
    temperature : float
        Above 0, on the scale of the similarities: .1 makes a class that is .1 nearer e times as likely.

    Returns
    -------
    rows : (k, k) float64
        Each sums to 1.

    Raises
    ------
    InputError
        If the table is not square or not finite, or the temperature is no number above 0.

    Examples
    --------
    >>> similarity_rows([[1.0, 0.5], [0.5, 1.0]], 0.5).round(3)
    array([[0.731, 0.269],
           [0.269, 0.731]])
    """
    table = as_table(similarity, "similarity")  # (k, k)
    if table.shape[0] != table.shape[1] or not np.isfinite(table).all():
        raise InputError(f"similarity has shape {table.shape}; give finite numbers, a row and a column for each class")
    if isinstance(temperature, str) or not (np.isfinite(temperature) and temperature > 0):
        raise InputError(f"temperature is {temperature!r}; give a number above 0 (the nearer to 0, the more one-hot)")
    return np.asarray(softmax(table / temperature, axis=1))


def _parents_of(pairs: Iterable[tuple[Any, Any]]) -> dict[str, str | None]:
    """Return the parent of each node, None of a root; refuse a second parent."""
    parents: dict[str, str | None] = {}
    for child, above in pairs:
        node, parent = str(child), None if above is None or above == "" else str(above)
        if not node:
            raise InputError("the taxonomy has a node without a name; give each line a child")
        if parent is not None and parents.get(node) not in (None, parent):
            raise InputError(
                f"the taxonomy has two parents of {node!r}: {parents[node]!r} and {parent!r}; keep one of these lines"
            )
        parents[node] = parent if parent is not None else parents.get(node)
        if parent is not None:
            parents.setdefault(parent, None)
    if not parents:
        raise InputError("the taxonomy is empty; give pairs (child, parent)")
    return parents


def _paths_from_roots(parents: Mapping[str, str | None]) -> dict[str, tuple[str, ...]]:
    """Return the nodes from a root down to each node, itself included; refuse a circle."""
    paths: dict[str, tuple[str, ...]] = {}
    for node in parents:
        climbed: dict[str, None] = {}  # in order
        at: str | None = node
        while at is not None and at not in paths:
            if at in climbed:
                circle = [*list(climbed)[list(climbed).index(at) :], at]
                raise InputError(
                    f"the taxonomy goes in a circle: {' < '.join(map(repr, circle))}; correct one of these lines"
                )
            climbed[at] = None
            at = parents[at]
        above = () if at is None else paths[at]
        for down in reversed(climbed):
            above = paths[down] = (*above, down)
    return paths


def _some(names: Iterable[str]) -> str:
    listed = list(names)
    more = f" and {len(listed) - _SHOWN} more" if len(listed) > _SHOWN else ""
    return ", ".join(map(repr, listed[:_SHOWN])) + more
