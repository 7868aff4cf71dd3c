"""The commands and their options. What they do lies below, in ``run`` and ``export``."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

app = typer.Typer(
    help="Turn the labels a data set came with into better training targets, and find the wrong ones.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

_DATA, _METHOD, _HOW = "Data", "Method", "How it runs"

Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
RunPath = Annotated[Path, typer.Argument(metavar="RUN", help="A run directory.", show_default=False)]
Trust = Annotated[
    list[str] | None,
    typer.Option(
        metavar="TYPE", help="Load this type of another package, package.module.Class, from the stored model."
    ),
]


def _option(panel: str, help: str, metavar: str | None = None, names: tuple[str, ...] = ()) -> Any:
    return typer.Option(*names, help=help, metavar=metavar, show_default=False, rich_help_panel=panel)


@app.command()
def refine(
    source: Annotated[
        str | None,
        typer.Argument(
            metavar="SOURCE",
            help="A .csv, .parquet or .npz file, or digits, wine, breast_cancer, iris, toy.",
            show_default=False,
        ),
    ] = None,
    out: Annotated[Path | None, _option(_DATA, "Run directory to write, or to go on with.", "RUN")] = None,
    label: Annotated[str | None, _option(_DATA, "Column of the given labels.", "COL")] = None,
    id: Annotated[str | None, _option(_DATA, "Column that names the rows [default: row numbers].", "COL")] = None,
    groups: Annotated[str | None, _option(_DATA, "Column of groups that no split cuts in two.", "COL")] = None,
    drop: Annotated[list[str] | None, _option(_DATA, "Column that is no feature; repeatable.", "COL")] = None,
    test: Annotated[str | None, _option(_DATA, "Rows to score with; they never choose anything.", "FILE")] = None,
    corrupt: Annotated[
        str | None,
        _option(_DATA, "Make labels wrong on purpose and see how many are found: symmetric:P or pair:P.", "KIND:P"),
    ] = None,
    task: Annotated[str | None, _option(_METHOD, "multiclass.", "TASK")] = None,
    method: Annotated[str | None, _option(_METHOD, "slr, Stochastic Label Refinery.", "METHOD")] = None,
    estimator: Annotated[
        list[str] | None,
        _option(
            _METHOD, "Name or package.module:Class; given several times, all label and the first is trained.", "NAME"
        ),
    ] = None,
    set: Annotated[
        list[str] | None,
        _option(_METHOD, "Parameter of the estimator; with several estimators, name.parameter=value.", "PARAM=VALUE"),
    ] = None,
    rounds: Annotated[
        int | None, _option(_METHOD, "Rounds of refinement [default: 3]; more extend a run.", "N")
    ] = None,
    folds: Annotated[int | None, _option(_METHOD, "Folds of each round [default: 5].", "N")] = None,
    momentum: Annotated[
        str | None, _option(_METHOD, "Weight of the old targets, 0 to 1, or average [default: 0.75].", "M")
    ] = None,
    sharpen: Annotated[
        float | None, _option(_METHOD, "Temperature for out-of-fold probabilities; below 1 sharpens.", "T")
    ] = None,
    guard: Annotated[
        str | None,
        _option(_METHOD, "Share of rows never refined, that score each round; or a file of them.", "SHARE|FILE"),
    ] = None,
    refit_on: Annotated[
        str | None, _option(_METHOD, "Final fit on the last targets, or on those the guard likes best.", "last|best")
    ] = None,
    final: Annotated[
        str | None,
        _option(_METHOD, "One final fit on all rows, or one a fold, averaged [default: refit].", "refit|folds"),
    ] = None,
    final_members: Annotated[
        str | None, _option(_METHOD, "Of several estimators, train the first, or all [default: first].", "first|all")
    ] = None,
    seed: Annotated[int | None, _option(_METHOD, "Seed of everything random [default: 0].", "N")] = None,
    threads: Annotated[int | None, _option(_METHOD, "Threads of one fit [default: 1].", "N")] = None,
    jobs: Annotated[int | None, _option(_HOW, "Fits at the same time; -1 one a core [default: 1].", "N")] = None,
    time_limit: Annotated[
        str | None, _option(_HOW, "Stop after this time, to be resumed: 90, 30m, 2h.", "TIME")
    ] = None,
    config: Annotated[Path | None, _option(_HOW, "TOML file of these options; the command line wins.", "FILE")] = None,
    json_output: Annotated[bool, _option(_HOW, "Print the result as JSON.", None, ("--json",))] = False,
) -> None:
    """Refine the labels of SOURCE: better targets, a list of suspicious labels, and a model.

    The same command on an interrupted run goes on where it stopped; with more --rounds it extends a finished one.
    """
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
        "test": test,
        "corrupt": corrupt,
        "task": task,
        "method": method,
        "estimator": estimator,
        "set": parse_settings(set),
        "rounds": rounds,
        "folds": folds,
        "momentum": momentum,
        "sharpen": sharpen,
        "guard": guard,
        "refit_on": refit_on,
        "final": final,
        "final_members": final_members,
        "seed": seed,
        "threads": threads,
        "jobs": jobs,
        "time_limit": time_limit,
    }
    chosen = make_config(given, config)
    try:
        with watch(chosen) as progress:
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


@app.command()
def predict(
    run: RunPath,
    source: Annotated[str, typer.Argument(metavar="SOURCE", help="Rows to predict.", show_default=False)],
    to: Annotated[Path | None, typer.Option(metavar="FILE", help="Write .csv or .parquet here, not to stdout.")] = None,
    trust: Trust = None,
    json_output: Json = False,
) -> None:
    """Predict labels and class probabilities with the final model of RUN."""
    from softlabel.cli.summary import print_table
    from softlabel.export.formats import write_table
    from softlabel.run.finished import Run

    table = Run(run, trust=trust or ()).predict(source)
    if to is not None:
        write_table(table, to)
        print(
            json.dumps({"rows": len(table), "file": str(to)}) if json_output else f"{len(table)} rows predicted: {to}"
        )
    else:
        print_table(table, json_output)


@app.command()
def evaluate(
    run: RunPath,
    source: Annotated[
        str, typer.Argument(metavar="SOURCE", help="Rows with labels to score against.", show_default=False)
    ],
    trust: Trust = None,
    json_output: Json = False,
) -> None:
    """Score the final model of RUN on rows that have labels."""
    from softlabel.cli.summary import print_scores
    from softlabel.run.finished import Run

    print_scores(Run(run, trust=trust or ()).evaluate(source), json_output)


@app.command()
def export(
    run: RunPath,
    to: Annotated[
        Path, typer.Option(metavar="FILE", help="A .csv, .parquet or .npz file to write.", show_default=False)
    ],
    part: Annotated[
        str, typer.Option(metavar="PART", help="labels, issues (suspicious rows), targets, or corrected (labels).")
    ] = "labels",
    json_output: Json = False,
) -> None:
    """Write labels, suspicious rows, targets or corrected labels of RUN to a file."""
    from softlabel.export.formats import export as export_part
    from softlabel.run.finished import Run

    rows = export_part(Run(run), part, to)
    print(json.dumps({"rows": rows, "part": part, "file": str(to)}) if json_output else f"{rows} rows of {part}: {to}")


@app.command()
def info(run: RunPath, json_output: Json = False) -> None:
    """Say what RUN is, how far it is, and how its rounds score."""
    from softlabel.cli.summary import print_info
    from softlabel.run.finished import Run

    print_info(Run(run), json_output)


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
