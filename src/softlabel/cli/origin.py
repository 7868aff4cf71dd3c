"""Errors of a value that a configuration file gave: whoever reads them has not typed it, and must know how to clear it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from softlabel.errors import InputError
from softlabel.run.data_config import DataConfig


@contextmanager
def weights_from(file: Path | None, typed: str | None, chosen: DataConfig) -> Iterator[None]:
    """Add to an error about weights where they come from, if that is the file of a configuration.

    Parameters
    ----------
    file : path or None
        What ``--config`` names.
    typed : str or None
        What the command line says of weights: then no file is to blame.
    chosen : DataConfig
        Both together.
    """
    try:
        yield
    except InputError as error:
        if file is None or typed is not None or chosen.weights is None or "weights" not in str(error):
            raise
        raise InputError(
            f"{error} (weights={chosen.weights!r} comes from the configuration {file}; --weights none clears it)"
        ) from error
