"""Seeds as addresses: each random draw is named by what it is for, never by when it happens.

A moving stream of random numbers depends on the order in which work is done, so that a resumed or a parallel run would
differ from a serial one. Here every draw has its own ``SeedSequence((random_state, purpose, round, member, fold))``, which is
the same whoever asks for it, and whenever.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from softlabel.errors import InputError

# The order is part of the format of a run: append, never reorder.
PURPOSES = ("split", "fit", "guard", "corrupt", "augment", "final", "test", "choose", "calibrate", "neighbours")

_LARGEST_SEED = 2**32 - 1


class Seeds:
    """All seeds of one refinement.

    Parameters
    ----------
    random_state : int, numpy.random.RandomState, numpy.random.Generator or None
        An integer from 0 to 2**32 - 1 is used as it is. None draws entropy once; a generator gives one integer. Either
        way the integer stands in ``random_state`` afterwards, and the same integer gives the same seeds.

    Raises
    ------
    InputError
        If ``random_state`` is none of these.

    Examples
    --------
    >>> seeds = Seeds(0)
    >>> seeds.integer("fit", round=1, member=0, fold=2) == Seeds(0).integer("fit", round=1, member=0, fold=2)
    True
    >>> seeds.integer("fit", round=1) == seeds.integer("split", round=1)
    False
    """

    def __init__(self, random_state: Any = None) -> None:
        self.random_state = _as_integer(random_state)

    def sequence(self, purpose: str, *, round: int = 0, member: int = 0, fold: int = 0) -> np.random.SeedSequence:
        """Return the ``SeedSequence`` of one address."""
        # Always five words: SeedSequence pads with zeros, so addresses of different lengths could collide.
        return np.random.SeedSequence((self.random_state, PURPOSES.index(purpose), round, member, fold))

    def integer(self, purpose: str, *, round: int = 0, member: int = 0, fold: int = 0) -> int:
        """Return one integer from 0 to 2**31 - 1 for libraries that take ``random_state=int``."""
        word = self.sequence(purpose, round=round, member=member, fold=fold).generate_state(1, np.uint32)[0]
        return int(word >> 1)  # 31 bits: some libraries keep seeds as signed 32-bit integers

    def generator(self, purpose: str, *, round: int = 0, member: int = 0, fold: int = 0) -> np.random.Generator:
        """Return a fresh generator that starts at this address."""
        return np.random.default_rng(self.sequence(purpose, round=round, member=member, fold=fold))


def _as_integer(random_state: Any) -> int:
    if random_state is None:
        return int(np.random.SeedSequence().generate_state(1, np.uint32)[0])
    if isinstance(random_state, np.random.Generator):
        return int(random_state.integers(_LARGEST_SEED + 1))
    if isinstance(random_state, np.random.RandomState):
        return int(random_state.randint(0, _LARGEST_SEED + 1, dtype=np.int64))
    if isinstance(random_state, (int, np.integer)) and not isinstance(random_state, bool):
        if 0 <= random_state <= _LARGEST_SEED:
            return int(random_state)
    raise InputError(
        f"random_state is {random_state!r}; give an integer from 0 to {_LARGEST_SEED}, None, or a NumPy generator"
    )
