"""The command that compares methods; what it does lies below, in ``comparison``."""

from __future__ import annotations

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
    Trusted,
    View,
    Votes,
    VotesAs,
)
from softlabel.cli.machine_options import Cache, ComputeOn, ConfigFile, Jobs, JsonResult, TimeLimit
from softlabel.cli.options import DATA, HOW, METHOD, option
from softlabel.cli.source_options import Drop, Groups, Id, Image, ImageSize, Source, Test
from softlabel.cli.training_options import Augment, BatchSize, Epochs, Lr, Threads, Weights


def compare(
    source: Source = None,
    out: Annotated[
        Path | None, option(DATA, "Folder to write, or to go on with [default: compare- and the source's name].", "DIR")
    ] = None,
    label: Label = None,
    id: Id = None,
    groups: Groups = None,
    drop: Drop = None,
    separator: Separator = None,
    votes: Votes = None,
    votes_as: VotesAs = None,
    reference: Reference = None,
    trusted: Trusted = None,
    text: Text = None,
    format: Format = None,
    image: Image = None,
    image_size: ImageSize = None,
    test: Test = None,
    test_share: Annotated[
        str | None,
        option(DATA, "Without --test: share of rows that each seed sets apart to score with [default: 0.2].", "SHARE"),
    ] = None,
    corrupt: Annotated[
        list[str] | None,
        option(
            DATA,
            "Make training labels wrong on purpose: none, symmetric:P, pair:P, instance:P; or train on those of column:NAME, where "
            "--label has the true ones; repeatable, a table each [default: none].",
            "KIND:P",
        ),
    ] = None,
    task: Task = None,
    view: View = None,
    grades: Grades = None,
    start: Start = None,
    methods: Annotated[
        list[str] | None,
        option(
            METHOD,
            "Joined by commas: plain, smoothing, slr:n_rounds=6, ...; share=0.05/0.1/0.2 chooses one on rows set apart "
            "[default: all].",
            "A,B,...",
        ),
    ] = None,
    seeds: Annotated[
        str | None,
        option(METHOD, "Repetitions, each with splits, wrong labels and fits of its own [default: 5].", "N"),
    ] = None,
    baseline: Annotated[
        str | None, option(METHOD, "What the other methods are compared with [default: plain].", "METHOD")
    ] = None,
    level: Annotated[
        str | None, option(METHOD, "Confidence of the intervals of differences [default: 0.95].", "LEVEL")
    ] = None,
    unsuited: Annotated[
        str | None,
        option(
            METHOD,
            "A method that cannot take the task or the estimator: skip it, or refuse [default: refuse those that are named].",
            "skip|refuse",
        ),
    ] = None,
    estimator: Annotated[
        list[str] | None,
        option(
            METHOD,
            "What every method trains: extra_trees, logistic, ..., networks torch_mlp, ..., or package.module:Class "
            "[default: extra_trees].",
            "NAME",
        ),
    ] = None,
    set: Annotated[list[str] | None, option(METHOD, "Parameter of the estimator; repeatable.", "PARAM=VALUE")] = None,
    epochs: Epochs = None,
    batch_size: BatchSize = None,
    lr: Lr = None,
    augment: Augment = None,
    weights: Weights = None,
    seed: Annotated[
        str | None, option(METHOD, "First seed; --seeds N takes it and the following [default: 0].", "N")
    ] = None,
    threads: Threads = None,
    jobs: Jobs = None,
    device: ComputeOn = None,
    cache: Cache = None,
    time_limit: TimeLimit = None,
    curves: Annotated[
        bool, option(HOW, "Score the test rows after each epoch of a network too, and draw its losses.", None)
    ] = False,
    config: ConfigFile = None,
    json_output: JsonResult = False,
) -> None:
    """Compare methods on SOURCE: the same splits, seeds, estimator and budget for each, and a table of what they bring.

    The same command on an interrupted comparison goes on where it stopped; more --methods, --seeds or --corrupt extend it.
    SOURCE toy is a study: three Gaussians, of which every seed draws rows of its own, so that the true distributions are known.
    """
    given = dict(locals())  # before anything else has a name: all options by theirs

    from softlabel.cli.compare_progress import watch_comparison
    from softlabel.cli.compare_summary import failures_line, print_compared
    from softlabel.cli.origin import weights_from
    from softlabel.cli.values import parse_settings, read_numbers
    from softlabel.comparison.comparison import run_comparison
    from softlabel.comparison.config import CompareConfig
    from softlabel.comparison.toy import run_toy
    from softlabel.comparison.toy_config import is_toy
    from softlabel.run.config import make_config

    given = {name: value for name, value in given.items() if name not in ("config", "json_output", "curves")}
    chosen = make_config(read_numbers(given) | {"set": parse_settings(set)}, config, kind=CompareConfig)
    try:
        with weights_from(config, weights, chosen), watch_comparison(chosen) as progress:
            results = (run_toy if is_toy(chosen) else run_comparison)(chosen, progress, curves=curves)
    except KeyboardInterrupt:
        print(
            f"softlabel: stopped; what was computed lies in {chosen.folder}, and the same command goes on",
            file=sys.stderr,
        )
        raise typer.Exit(1) from None
    print_compared(chosen, results, as_json=json_output)
    if results.failures:
        print(f"softlabel: {failures_line(results)}", file=sys.stderr)
        raise typer.Exit(1)
