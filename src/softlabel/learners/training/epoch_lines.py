"""A line an epoch, for whoever watches: the logger ``softlabel.epochs``, and stderr where a learner is verbose."""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping

LOGGER = logging.getLogger("softlabel.epochs")


def tell(row: Mapping[str, float], score: str, epochs: int, seconds: float, verbose: int) -> None:
    """Tell of one epoch: a row of the history, the name of the score in it, and how long the epoch took."""
    text = f"epoch {int(row['epoch'])}/{epochs}: lr {row['lr']:.3g}, training {_told(row, 'train', score)}"
    for rows, words in (("validation", "validation"), ("inner", "inner split")):
        if f"{rows}_loss" in row:
            text += f"; {words} {_told(row, rows, score)}"
    text += f"; {seconds:.1f} s"
    LOGGER.info(text)
    if verbose:
        print(text, file=sys.stderr, flush=True)


def _told(row: Mapping[str, float], rows: str, score: str) -> str:
    return f"loss {row[f'{rows}_loss']:.4f}, {score} {row[f'{rows}_{score}']:.3f}"
