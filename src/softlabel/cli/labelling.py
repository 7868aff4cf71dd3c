"""The command that labels crops; what it does lies below, in ``run``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from softlabel.cli.label_options import Format
from softlabel.cli.machine_options import ComputeOn, ConfigFile, JsonResult
from softlabel.cli.options import DATA, METHOD, NETWORKS, Trust, option
from softlabel.cli.source_options import Image, ImageSize, Source
from softlabel.cli.training_options import Seed, Threads


def label(
    source: Source = None,
    teacher: Annotated[
        list[str] | None,
        option(METHOD, "Run directory whose model is a network; repeatable, their answers are averaged.", "RUN"),
    ] = None,
    out: Annotated[Path | None, option(DATA, "Folder of labels to write, or to go on with.", "STORE")] = None,
    crops: Annotated[str | None, option(METHOD, "Crops of each picture [default: 16].", "N")] = None,
    top: Annotated[str | None, option(METHOD, "Classes kept of each crop [default: 5].", "N")] = None,
    augment: Annotated[
        str | None,
        option(METHOD, "What is cut, joined by +: crop or resized_crop, flip [default: resized_crop+flip].", "WORDS"),
    ] = None,
    teacher_mode: Annotated[
        str | None,
        option(
            NETWORKS,
            "Batch normalisation by the teacher's statistics, or by each batch's [default: eval].",
            "eval|train",
        ),
    ] = None,
    image: Image = None,
    image_size: ImageSize = None,
    format: Format = None,
    batch_size: Annotated[str | None, option(NETWORKS, "Crops answered at once [default: 256].", "N")] = None,
    seed: Seed = None,
    threads: Threads = None,
    device: ComputeOn = None,
    trust: Trust = None,
    config: ConfigFile = None,
    json_output: JsonResult = False,
) -> None:
    """Let the model of a run label crops of SOURCE once, for trainings that repeat these crops.

    The same command on an interrupted store goes on where it stopped. Labels of SOURCE are not read.
    """
    given = dict(locals())  # before anything else has a name: all options by theirs

    from softlabel.cli.crop_summary import print_store
    from softlabel.cli.label_progress import watch_labelling
    from softlabel.cli.values import read_numbers
    from softlabel.run.config import make_config
    from softlabel.run.label_config import LabelConfig
    from softlabel.run.label_crops import label_source

    given = {name: value for name, value in given.items() if name not in ("config", "json_output", "trust")}
    chosen = make_config(read_numbers(given), config, kind=LabelConfig)
    try:
        with watch_labelling() as watcher:
            labelled = label_source(chosen, trust=trust or (), after_shard=watcher.labelled)
    except KeyboardInterrupt:
        print(
            f"softlabel: stopped; what was labelled lies in {chosen.out}, and the same command goes on", file=sys.stderr
        )
        raise typer.Exit(1) from None
    if labelled.already and not json_output:
        print(f"{chosen.out} is done already; nothing was changed")
    print_store(labelled.store, json_output, already=labelled.already)
