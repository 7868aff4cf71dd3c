"""The options of ``refine`` and ``compare`` that say where the rows are, beside those that say what a label is."""

from __future__ import annotations

from typing import Annotated

import typer

from softlabel.cli.options import DATA, option

Source = Annotated[
    str | None,
    typer.Argument(
        metavar="SOURCE",
        help="A .csv, .parquet or .npz file, a folder with one folder of pictures a class, or digits, wine, "
        "breast_cancer, iris, toy.",
        show_default=False,
    ),
]
Id = Annotated[str | None, option(DATA, "Column that names the rows [default: row numbers].", "COL")]
Groups = Annotated[str | None, option(DATA, "Column of groups that no split cuts in two.", "COL")]
Drop = Annotated[list[str] | None, option(DATA, "Column that is no feature; repeatable.", "COL")]
Image = Annotated[str | None, option(DATA, "Column of a table that holds pictures: paths, or bytes of files.", "COL")]
ImageSize = Annotated[str | None, option(DATA, "Side in pixels to which image files are resized and cut.", "PIXELS")]
Test = Annotated[str | None, option(DATA, "Rows to score with; they never choose anything.", "SOURCE")]
