"""A line an epoch, for whoever watches: the logger ``softlabel.epochs``, and stderr where a classifier is verbose."""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping

LOGGER = logging.getLogger("softlabel.epochs")


def tell(row: Mapping[str, float], epochs: int, seconds: float, verbose: int) -> None:
    """Tell of one epoch: a row of the history, and how long it took."""
    text = (
        f"epoch {int(row['epoch'])}/{epochs}: lr {row['lr']:.3g}, training loss {row['train_loss']:.4f}, "
        f"accuracy {row['train_accuracy']:.3f}"
    )
    if "validation_loss" in row:
        text += f"; validation loss {row['validation_loss']:.4f}, accuracy {row['validation_accuracy']:.3f}"
    text += f"; {seconds:.1f} s"
    LOGGER.info(text)
    if verbose:
        print(text, file=sys.stderr, flush=True)
