"""A run started from Python: what the command line does, as a function."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from softlabel.run.config import make_config
from softlabel.run.finished import Run
from softlabel.run.refine import refine as refine_run


def refine(source: str | Path, out: str | Path, **options: Any) -> Run:
    """Refine the labels of a data set into a run directory; equivalent to ``softlabel refine SOURCE --out OUT ...``.

    Parameters
    ----------
    source : str or path
        A .csv, .parquet or .npz file, a folder with one folder of pictures a class, or a built-in data set.
    out : str or path
        The run directory; a run that was interrupted there goes on.
    **options
        The long options of the command line, with ``_`` for ``-``: ``label="grade"``, ``rounds=6``, ``set={"C": 0.1}``; those
        that may be repeated take a list, ``label=["rust", "scab"]``.

    Returns
    -------
    Run
        The finished run.

    Examples
    --------
    >>> run = refine("train.csv", "runs/grade", label="grade", rounds=6)  # doctest: +SKIP
    >>> run.issues().head()  # doctest: +SKIP
    >>> run = refine("retina.npz", "runs/retina", task="ordinal", thresholds="fitted")  # doctest: +SKIP
    >>> run = refine("notes.csv", "runs/notes", task="multilabel", label="tags", text="note")  # doctest: +SKIP
    >>> run = refine("photos", "runs/photos", image_size=64, epochs=20, tta="flip")  # doctest: +SKIP
    """
    refine_run(make_config({**options, "source": str(source), "out": Path(out)}))
    return Run(out)
