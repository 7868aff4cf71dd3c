"""The words of test-time augmentation. Needs no torch, so that a wrong word is told at once."""

from __future__ import annotations

import difflib
from typing import Any

from softlabel.errors import InputError

TTA_WORDS = ("flip", "shift", "vflip", "rotate")


def check_tta(name: Any) -> tuple[str, ...]:
    """Return the words of a name of views; none for None and ``"none"``.

    Raises
    ------
    InputError
        If a word is unknown or comes twice; it lists those there are.
    """
    if name is None or name == "none":
        return ()
    words = tuple(word.strip() for word in name.split("+")) if isinstance(name, str) else (repr(name),)
    for word in words:
        if word not in TTA_WORDS:
            close = difflib.get_close_matches(word, TTA_WORDS, n=1)
            hint = f"did you mean {close[0]!r}? " if close else ""
            raise InputError(
                f"test-time augmentation {name!r} has the unknown word {word!r}; {hint}"
                f"give none, or words joined by +: {', '.join(TTA_WORDS)}"
            )
        if words.count(word) > 1:
            raise InputError(f"test-time augmentation {name!r} names {word} twice; name it once")
    return words
