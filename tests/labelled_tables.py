"""Small tables of each kind of label, whose right answers a linear model can find."""

from __future__ import annotations

import numpy as np
import pandas as pd

LABELS = ("rust", "scab", "mildew")
ANIMALS = ("ant", "bee", "cat")


def features(n, seed=0):
    """Return n rows of a key and three numbers."""
    frame = pd.DataFrame(np.random.default_rng(seed).normal(size=(n, 3)).round(4), columns=list("abc"))
    frame.insert(0, "key", [f"r{row}" for row in range(n)])
    return frame


def grades(n=60, seed=0):
    """Return rows with a ``grade`` of 0 to 3 that rises with the first number."""
    frame = features(n, seed)
    return frame.assign(grade=np.digitize(frame["a"], [-0.7, 0, 0.7]))


def several(n=60, seed=0):
    """Return rows with a column of 0 and 1 for each of three labels: where a number is above 0.

    No row has none of them, and none has all.
    """
    frame = features(n, seed)
    numbers = frame[list("abc")].to_numpy()
    there = (numbers > 0) | (numbers == numbers.max(axis=1, keepdims=True))  # at least one,
    there &= numbers > numbers.min(axis=1, keepdims=True)  # and never all, of which a run would warn
    return frame.assign(**dict(zip(LABELS, there.astype(int).T, strict=True)))


def joined(frame, separator="|"):
    """Return a table of several labels with one column of names, ``tags``."""
    rows = frame[list(LABELS)].to_numpy()
    tags = [separator.join(name for name, there in zip(LABELS, row, strict=True) if there) for row in rows]
    return frame.drop(columns=list(LABELS)).assign(tags=tags)


def votes(n=60, seed=0):
    """Return rows with votes of five people for each of three animals; most are for the one whose number is the largest."""
    frame = features(n, seed)
    draws = np.random.default_rng(seed + 1)
    chances = 0.7 * np.eye(3)[np.argmax(frame[list("abc")].to_numpy(), axis=1)] + 0.1
    counts = np.array([draws.multinomial(5, row) for row in chances])
    return frame.assign(**dict(zip(ANIMALS, counts.T, strict=True)))


def long_votes(frame):
    """Return the votes of a table, a line each."""
    lines = [
        (key, f"person {vote}", animal)
        for key, counts in zip(frame["key"], frame[list(ANIMALS)].to_numpy(), strict=True)
        for vote, animal in enumerate(np.repeat(ANIMALS, counts))
    ]
    return pd.DataFrame(lines, columns=["id", "annotator", "label"])


def texts(n=60, seed=0):
    """Return rows with a ``text`` that says whether its ``mood`` is good or bad."""
    draws = np.random.default_rng(seed)
    mood = np.where(draws.random(n) < 0.5, "good", "bad")
    words = {"good": ["fine", "lovely", "grand"], "bad": ["dull", "poor", "flat"]}
    lines = [f"a {draws.choice(words[one])} film with a {draws.choice(words[one])} end" for one in mood]
    return pd.DataFrame({"key": [f"t{row}" for row in range(n)], "text": lines, "mood": mood})
