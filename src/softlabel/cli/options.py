"""Options that several commands share, and how an option of ``refine`` is written down."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

DATA, METHOD, NETWORKS, HOW = "Data", "Method", "Networks", "How it runs"  # panels of the help

Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
RunPath = Annotated[Path, typer.Argument(metavar="RUN", help="A run directory.", show_default=False)]
Trust = Annotated[
    list[str] | None,
    typer.Option(
        metavar="TYPE", help="Load this type of another package, package.module.Class, from the stored model."
    ),
]

Views = Annotated[
    str | None, typer.Option(metavar="WORDS", help="Views of each picture to average, joined by +: flip, shift, ...")
]
Device = Annotated[
    str | None, typer.Option(metavar="DEVICE", help="Where networks compute: auto, cpu, cuda, cuda:N, mps.")
]


def option(panel: str, help: str, metavar: str | None = None, names: tuple[str, ...] = ()) -> Any:
    """Return an option that stands in a panel of the help; its default is in its text, since a file may give it."""
    plain = help.replace("[", r"\[")  # rich would take "[default: 3]" for markup, and leave it out
    return typer.Option(*names, help=plain, metavar=metavar, show_default=False, rich_help_panel=panel)
