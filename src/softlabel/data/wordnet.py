"""Class names as nouns of WordNet: what stands above them, and how near they are."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from softlabel.data.exact_columns import some
from softlabel.errors import InputError, MissingExtraError

_ID = re.compile(r"n\d{8}")  # of a synset: its offset in data.noun, as ImageNet names its classes
_SYNSET = re.compile(r".+\.n\.\d+")


def wordnet_parents(names: Iterable[Any]) -> dict[str, str]:
    """Return the part of WordNet above some classes as a tree: the parent of each node.

    A class has its own name in it, all other nodes that of their synset (``animal.n.01``). Where WordNet has several hypernyms
    of a synset, the one that is nearest to the root is its parent, the first of equals by name, so that the result is a tree:
    :class:`~softlabel.targets.taxonomy.Taxonomy` takes it.

    Parameters
    ----------
    names : iterable of str
        Each a WordNet id (``n02084071``), a synset (``dog.n.01``), or a noun (``dog``, ``tabby cat``, ``tabby_cat``), which means the first
        of its synsets.

    Raises
    ------
    MissingExtraError
        If NLTK is not installed.
    InputError
        If WordNet's files are missing, or names are no nouns of it, or two of them are one synset.

    Warns
    -----
    UserWarning
        Where a noun has several meanings: which one was taken.
    """
    synsets = _synsets(names)
    called = {synset.name(): name for name, synset in synsets.items()}
    parents: dict[str, str] = {}
    waiting = list(synsets.values())
    while waiting:
        synset = waiting.pop()
        name = called.get(synset.name(), synset.name())
        above = _hypernyms(synset)
        if above and name not in parents:
            parent = min(above, key=lambda one: (one.min_depth(), one.name()))
            parents[name] = called.get(parent.name(), parent.name())
            waiting.append(parent)
    return parents


def wordnet_similarity(names: Iterable[Any]) -> NDArray[np.float64]:
    """Return the Wu-Palmer similarity of each two classes in WordNet, equal to NLTK's ``wup_similarity``.

    ``2 depth(lca) / (depth(a) + depth(b))``, the root of nouns at depth 1. It knows all hypernyms of a synset, where the tree of
    :func:`wordnet_parents` keeps one; where each has one, the two agree. As NLTK has it, of the common ancestors that is the lowest whose
    shortest way to the root is longest, its depth is that of its longest way, and depths of a and b are that and their shortest ways
    to it. NLTK walks the graph anew for each pair, which takes minutes for a thousand classes; here the ways are kept.

    Parameters
    ----------
    names : iterable of k str
        As :func:`wordnet_parents` takes them.

    Returns
    -------
    similarity : (k, k) float64
        Symmetric; 1 on the diagonal.

    Raises
    ------
    MissingExtraError, InputError
        As :func:`wordnet_parents`.
    """
    synsets = list(_synsets(names).values())
    ways = _Ways(synsets)
    similarity = np.eye(len(synsets))
    for i, synset in enumerate(synsets):
        for j, other in enumerate(synsets[:i]):
            similarity[i, j] = similarity[j, i] = ways.wu_palmer(synset.name(), other.name())
    return similarity


class _Ways:
    """Ways up from synsets, by name, each found once."""

    def __init__(self, synsets: Iterable[Any]) -> None:
        self._steps: dict[str, dict[str, int]] = {}  # the least number of steps to itself and to each that is above
        self._depths: dict[str, tuple[int, int]] = {}  # of the shortest and of the longest way from the root
        for synset in synsets:
            self._climb(synset)

    def wu_palmer(self, a: str, b: str) -> float:
        common = self._steps[a].keys() & self._steps[b].keys()
        if not common:
            return 0.0
        furthest = max(self._depths[one][0] for one in common)
        lowest = [one for one in common if self._depths[one][0] == furthest]
        shared = a if a in lowest else min(lowest)
        depth = self._depths[shared][1] + 1
        return 2.0 * depth / (2 * depth + self._apart(a, shared) + self._apart(b, shared))

    def _apart(self, a: str, b: str) -> int:
        """Return the length of the shortest way between two synsets, over any that is above both."""
        ups, downs = self._steps[a], self._steps[b]
        return min(ups[one] + downs[one] for one in ups.keys() & downs.keys())

    def _climb(self, synset: Any) -> None:
        if synset.name() in self._steps:
            return
        self._depths[synset.name()] = (synset.min_depth(), synset.max_depth())
        found, edge, steps = {synset.name(): 0}, [synset], 0
        while edge:
            steps += 1
            edge = [up for one in edge for up in _hypernyms(one) if up.name() not in found]
            found |= {up.name(): steps for up in edge}
            for up in edge:
                self._climb(up)
        self._steps[synset.name()] = found


def _hypernyms(synset: Any) -> list[Any]:
    return [*synset.hypernyms(), *synset.instance_hypernyms()]


def _synsets(names: Iterable[Any]) -> dict[str, Any]:
    """Return the synset of each name, in the order of the names."""
    try:
        from nltk.corpus import wordnet
    except ImportError as error:
        raise MissingExtraError("nltk", "wordnet") from error
    try:
        wordnet.ensure_loaded()
    except LookupError as error:
        raise InputError(
            "WordNet's files are not on this machine; fetch them with python -m nltk.downloader wordnet, or set NLTK_DATA to "
            "the folder in which corpora/wordnet stands"
        ) from error
    asked = [str(name) for name in names]
    meanings = {name: _meanings(name, wordnet) for name in asked}
    if len(meanings) < len(asked):
        twice = next(name for name in asked if asked.count(name) > 1)
        raise InputError(f"the class {twice!r} is named twice; name each class once")
    unknown = [name for name, found in meanings.items() if not found]
    if unknown:
        raise InputError(
            f"{len(unknown)} of {len(meanings)} classes are no nouns of WordNet: {some(map(repr, unknown))}; give ids (n02084071), "
            "synsets (dog.n.01), or nouns"
        )
    several = [f"{name} is {found[0].name()} of {len(found)}" for name, found in meanings.items() if len(found) > 1]
    if several:
        warnings.warn(
            f"{len(several)} classes have several meanings in WordNet, and the first was taken: {some(several)}; give ids or synsets "
            "where another is meant",
            UserWarning,
            stacklevel=3,
        )
    synsets = {name: found[0] for name, found in meanings.items()}
    named: dict[str, str] = {}
    for name, synset in synsets.items():
        other = named.setdefault(synset.name(), name)
        if other != name:
            raise InputError(
                f"the classes {other!r} and {name!r} are one synset of WordNet, {synset.name()}; give the ids or synsets that are meant"
            )
    return synsets


def _meanings(name: str, wordnet: Any) -> list[Any]:
    """Return the synsets that a name may mean, the first of them first; none where it is no noun."""
    from nltk.corpus.reader.wordnet import WordNetError

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of an offset at which nothing stands: told below, with all others
        try:
            if _ID.fullmatch(name):
                found = wordnet.synset_from_pos_and_offset("n", int(name[1:]))
                return [] if found is None else [found]
            if _SYNSET.fullmatch(name):
                return [wordnet.synset(name)]
        except (WordNetError, ValueError, AssertionError):
            return []
    return list(wordnet.synsets(name.strip().replace(" ", "_"), pos="n"))
