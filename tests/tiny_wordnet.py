"""A WordNet of a dozen nouns, in WordNet's own files (wndb(5WN)), for NLTK's reader."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

_LICENCE = "  1 This is a tiny WordNet, written by a test.  \n"
# lemmas, positions of the hypernyms, positions of what it is an instance of
SYNSETS = [
    (["entity"], [], []),
    (["animal", "beast"], [0], []),
    (["artifact"], [0], []),
    (["pet"], [1], []),
    (["carnivore"], [1], []),
    (["canine"], [4], []),
    (["dog", "domestic_dog"], [5, 3], []),  # two ways up: over canine and carnivore, or over pet, which is shorter
    (["cat"], [4], []),
    (["tabby_cat"], [7], []),
    (["vehicle"], [2], []),
    (["car"], [9], []),
    (["crane"], [1], []),  # the bird
    (["crane"], [2], []),  # the machine
    (["Laika"], [], [6]),  # an instance of dog
    (["corgi"], [6, 1], []),  # nearer to carnivore over animal than over dog
    (["siren"], [1, 2], []),  # below both of the nodes that are below the root
]


def write_wordnet(folder: Path) -> list[str]:
    """Write the files of SYNSETS and return their ids (n and eight digits), in that order."""
    folder.mkdir(parents=True)
    offsets = _offsets()
    lines = [_line(number, offsets) for number in range(len(SYNSETS))]
    (folder / "data.noun").write_text(_LICENCE + "".join(lines))
    meanings = defaultdict(list)
    for number, (lemmas, *_) in enumerate(SYNSETS):
        for lemma in lemmas:
            meanings[lemma.lower()].append(offsets[number])
    entries = [
        f"{lemma} n {len(found)} 1 @ {len(found)} 0 {' '.join(found)}  \n" for lemma, found in sorted(meanings.items())
    ]
    (folder / "index.noun").write_text(_LICENCE + "".join(entries))
    (folder / "lexnames").write_text("00\tnoun.Tops\t1\n")
    for name in ("adj", "adv", "verb"):
        (folder / f"data.{name}").write_text(_LICENCE)
        (folder / f"index.{name}").write_text(_LICENCE)
    for name in ("noun.exc", "adj.exc", "adv.exc", "verb.exc", "index.sense", "cntlist.rev"):
        (folder / name).write_text("")
    return [f"n{offset}" for offset in offsets]


def _offsets() -> list[str]:
    """Offsets have eight digits whatever they are, so the length of a line is known before its offsets are."""
    blank, offsets, at = ["0" * 8] * len(SYNSETS), [], len(_LICENCE)
    for number in range(len(SYNSETS)):
        offsets.append(f"{at:08d}")
        at += len(_line(number, blank))
    return offsets


def _line(number: int, offsets: list[str]) -> str:
    lemmas, above, instance_of = SYNSETS[number]
    words = " ".join(f"{lemma} 0" for lemma in lemmas)
    pointers = [("@", other) for other in above] + [("@i", other) for other in instance_of]
    pointed = "".join(f" {symbol} {offsets[other]} n 0000" for symbol, other in pointers)
    return f"{offsets[number]} 00 n {len(lemmas):02x} {words} {len(pointers):03d}{pointed} | what {lemmas[0]} means  \n"
