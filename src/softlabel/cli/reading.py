"""The commands that read a run: predict, evaluate, export, info."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from softlabel.cli.options import Device, Json, RunPath, Trust, Views


def predict(
    run: RunPath,
    source: Annotated[
        str,
        typer.Argument(metavar="SOURCE", help="Rows to predict: a file, or a folder of pictures.", show_default=False),
    ],
    to: Annotated[Path | None, typer.Option(metavar="FILE", help="Write .csv or .parquet here, not to stdout.")] = None,
    tta: Views = None,
    device: Device = None,
    trust: Trust = None,
    json_output: Json = False,
) -> None:
    """Predict labels with the final model of RUN, and class probabilities or grades as numbers."""
    from softlabel.cli.summary import print_table
    from softlabel.export.formats import write_table
    from softlabel.run.finished import Run

    table = Run(run, trust=trust or (), device=device).predict(source, tta)
    if to is not None:
        write_table(table, to)
        print(
            json.dumps({"rows": len(table), "file": str(to)}) if json_output else f"{len(table)} rows predicted: {to}"
        )
    else:
        print_table(table, json_output)


def evaluate(
    run: RunPath,
    source: Annotated[
        str, typer.Argument(metavar="SOURCE", help="Rows with labels to score against.", show_default=False)
    ],
    tta: Views = None,
    device: Device = None,
    trust: Trust = None,
    json_output: Json = False,
) -> None:
    """Score the final model of RUN on rows that have labels."""
    from softlabel.cli.summary import print_scores
    from softlabel.run.finished import Run

    print_scores(Run(run, trust=trust or (), device=device).evaluate(source, tta), json_output)


def export(
    run: RunPath,
    to: Annotated[
        Path, typer.Option(metavar="FILE", help="A .csv, .parquet or .npz file to write.", show_default=False)
    ],
    part: Annotated[
        str,
        typer.Option(metavar="PART", help="labels, issues (suspicious rows), wrong (chances), targets, or corrected."),
    ] = "labels",
    json_output: Json = False,
) -> None:
    """Write labels, suspicious rows, chances of being wrong, targets or corrected labels of RUN to a file."""
    from softlabel.export.formats import export as export_part
    from softlabel.run.finished import Run

    rows = export_part(Run(run), part, to)
    print(json.dumps({"rows": rows, "part": part, "file": str(to)}) if json_output else f"{rows} rows of {part}: {to}")


def info(
    run: RunPath,
    noise: Annotated[
        bool, typer.Option("--noise", help="Estimate how many labels of a finished RUN are wrong.")
    ] = False,
    figures: Annotated[
        Path | None,
        typer.Option(
            "--figures", help="Draw what the generations of RUN learned by heart, into this folder.", metavar="DIR"
        ),
    ] = None,
    json_output: Json = False,
) -> None:
    """Say what RUN is, how far it is, and how its rounds score; or what a folder of labels per crop holds."""
    from softlabel.store.crop_store import CropStore

    if CropStore.exists(run) and not noise:
        from softlabel.cli.crop_summary import print_store

        print_store(CropStore(run), json_output)
        return
    from softlabel.cli.noise_summary import noise_of
    from softlabel.cli.summary import print_info
    from softlabel.run.finished import Run

    opened = Run(run)
    print_info(opened, json_output, noise_of(opened) if noise else None)
    if figures is not None:
        from softlabel.comparison.run_figures import draw_generations

        for path in draw_generations(opened, figures):
            print(f"drawn: {path}", file=sys.stderr)
