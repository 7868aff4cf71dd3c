"""The commands and their options. What they do lies below, in ``run`` and ``export``."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from softlabel.cli.label_options import (
    Format,
    Grades,
    Label,
    Reference,
    Separator,
    Start,
    Task,
    Text,
    Thresholds,
    View,
    Votes,
    VotesAs,
)
from softlabel.cli.options import DATA, HOW, METHOD, NETWORKS, option
from softlabel.cli.reading import evaluate, export, info, predict

app = typer.Typer(
    help="Turn the labels a data set came with into better training targets, and find the wrong ones.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.command()
def refine(
    source: Annotated[
        str | None,
        typer.Argument(
            metavar="SOURCE",
            help="A .csv, .parquet or .npz file, a folder with one folder of pictures a class, or digits, wine, "
            "breast_cancer, iris, toy.",
            show_default=False,
        ),
    ] = None,
    out: Annotated[Path | None, option(DATA, "Run directory to write, or to go on with.", "RUN")] = None,
    label: Label = None,
    id: Annotated[str | None, option(DATA, "Column that names the rows [default: row numbers].", "COL")] = None,
    groups: Annotated[str | None, option(DATA, "Column of groups that no split cuts in two.", "COL")] = None,
    drop: Annotated[list[str] | None, option(DATA, "Column that is no feature; repeatable.", "COL")] = None,
    separator: Separator = None,
    votes: Votes = None,
    votes_as: VotesAs = None,
    reference: Reference = None,
    text: Text = None,
    format: Format = None,
    image: Annotated[
        str | None, option(DATA, "Column of a table that holds pictures: paths, or bytes of files.", "COL")
    ] = None,
    image_size: Annotated[
        int | None, option(DATA, "Side in pixels to which image files are resized and cut.", "PIXELS")
    ] = None,
    test: Annotated[str | None, option(DATA, "Rows to score with; they never choose anything.", "SOURCE")] = None,
    corrupt: Annotated[
        str | None,
        option(DATA, "Make labels wrong on purpose and see how many are found: symmetric:P or pair:P.", "KIND:P"),
    ] = None,
    task: Task = None,
    view: View = None,
    grades: Grades = None,
    start: Start = None,
    thresholds: Thresholds = None,
    method: Annotated[str | None, option(METHOD, "slr, Stochastic Label Refinery.", "METHOD")] = None,
    estimator: Annotated[
        list[str] | None,
        option(
            METHOD, "Name or package.module:Class; given several times, all label and the first is trained.", "NAME"
        ),
    ] = None,
    set: Annotated[
        list[str] | None,
        option(
            METHOD,
            "Parameter of the estimator; with several, name.parameter=value, or 2.parameter=value for the second.",
            "PARAM=VALUE",
        ),
    ] = None,
    epochs: Annotated[int | None, option(NETWORKS, "Epochs of each training [default: 30].", "N")] = None,
    batch_size: Annotated[int | None, option(NETWORKS, "Rows a step [default: 128].", "N")] = None,
    lr: Annotated[float | None, option(NETWORKS, "Largest learning rate [default: 0.1, AdamW: 0.001].", "LR")] = None,
    augment: Annotated[
        str | None,
        option(
            NETWORKS,
            "Of pictures, joined by +: crop, flip, resized_crop, autoaugment, randaugment, erasing, mixup, cutmix; or none "
            "[default: crop].",
            "WORDS",
        ),
    ] = None,
    weights: Annotated[
        str | None,
        option(NETWORKS, "Start from this .safetensors or .pt file; pretrained: what timm offers.", "FILE"),
    ] = None,
    tta: Annotated[
        str | None,
        option(NETWORKS, "Views averaged to label rows, joined by +: flip, shift, vflip, rotate.", "WORDS"),
    ] = None,
    rounds: Annotated[int | None, option(METHOD, "Rounds of refinement [default: 3]; more extend a run.", "N")] = None,
    folds: Annotated[int | None, option(METHOD, "Folds of each round [default: 5].", "N")] = None,
    momentum: Annotated[
        str | None, option(METHOD, "Weight of the old targets, 0 to 1, or average [default: 0.75].", "M")
    ] = None,
    sharpen: Annotated[
        float | None, option(METHOD, "Temperature for out-of-fold probabilities; below 1 sharpens.", "T")
    ] = None,
    guard: Annotated[
        str | None,
        option(METHOD, "Share of rows never refined, that score each round; or a file of them.", "SHARE|FILE"),
    ] = None,
    refit_on: Annotated[
        str | None, option(METHOD, "Final fit on the last targets, or on those the guard likes best.", "last|best")
    ] = None,
    final: Annotated[
        str | None,
        option(METHOD, "One final fit on all rows, or one a fold, averaged [default: refit].", "refit|folds"),
    ] = None,
    final_members: Annotated[
        str | None, option(METHOD, "Of several estimators, train the first, or all [default: first].", "first|all")
    ] = None,
    seed: Annotated[int | None, option(METHOD, "Seed of everything random [default: 0].", "N")] = None,
    threads: Annotated[int | None, option(METHOD, "Threads of one fit [default: 1].", "N")] = None,
    jobs: Annotated[
        str | None,
        option(HOW, "Fits at the same time; -1 one a core; auto what cores and GPUs allow [default: 1].", "N|auto"),
    ] = None,
    device: Annotated[
        str | None, option(HOW, "Where networks compute: auto, cpu, cuda, cuda:N, mps [default: auto].", "DEVICE")
    ] = None,
    cache: Annotated[
        str | None, option(HOW, "Where decoded pictures are kept: auto, memory, disk, none [default: auto].", "WHERE")
    ] = None,
    time_limit: Annotated[str | None, option(HOW, "Stop after this time, to be resumed: 90, 30m, 2h.", "TIME")] = None,
    config: Annotated[
        Path | None,
        option(
            HOW, "TOML file of these options, or a recipe: deepdrid, plant_pathology; the command line wins.", "FILE"
        ),
    ] = None,
    json_output: Annotated[bool, option(HOW, "Print the result as JSON.", None, ("--json",))] = False,
) -> None:
    """Refine the labels of SOURCE: better targets, a list of suspicious labels, and a model.

    The same command on an interrupted run goes on where it stopped; with more --rounds it extends a finished one.
    """
    from softlabel.cli.origin import weights_from
    from softlabel.cli.progress import watch
    from softlabel.cli.summary import print_refined
    from softlabel.cli.values import parse_settings
    from softlabel.run.config import make_config
    from softlabel.run.refine import refine as refine_run

    given = {
        "source": source,
        "out": out,
        "label": label,
        "id": id,
        "groups": groups,
        "drop": drop,
        "separator": separator,
        "votes": votes,
        "votes_as": votes_as,
        "reference": reference,
        "text": text,
        "format": format,
        "image": image,
        "image_size": image_size,
        "cache": cache,
        "test": test,
        "corrupt": corrupt,
        "task": task,
        "view": view,
        "grades": grades,
        "start": start,
        "thresholds": thresholds,
        "method": method,
        "estimator": estimator,
        "set": parse_settings(set),
        "epochs": epochs,
        "batch_size": batch_size,
        "lr": lr,
        "augment": augment,
        "weights": weights,
        "rounds": rounds,
        "folds": folds,
        "momentum": momentum,
        "sharpen": sharpen,
        "tta": tta,
        "guard": guard,
        "refit_on": refit_on,
        "final": final,
        "final_members": final_members,
        "seed": seed,
        "threads": threads,
        "jobs": jobs,
        "device": device,
        "time_limit": time_limit,
    }
    chosen = make_config(given, config)
    try:
        with weights_from(config, weights, chosen), watch(chosen) as progress:
            finished = refine_run(chosen, progress)
    except KeyboardInterrupt:
        print(
            f"softlabel: stopped; what was computed lies in {chosen.out}, and the same command goes on", file=sys.stderr
        )
        raise typer.Exit(1) from None
    if json_output:
        print(json.dumps({"run": str(chosen.out), "already_done": finished.already, **finished.metrics}))
    else:
        print_refined(chosen, finished)


for reading in (predict, evaluate, export, info):
    app.command()(reading)


def _version(show: bool) -> None:
    if show:
        from importlib.metadata import version

        print(version("softlabel"))
        raise typer.Exit


@app.callback()
def about(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Turn the labels a data set came with into better training targets, and find the wrong ones."""
