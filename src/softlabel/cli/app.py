"""The commands and their options. What they do lies below, in ``run``, ``comparison`` and ``export``."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from softlabel.cli.comparing import compare
from softlabel.cli.generation_options import (
    Adversarial,
    Generations,
    Labels,
    Length,
    Loss,
    Mix,
    Student,
    Taxonomy,
    TaxonomyTemperature,
    Teacher,
    TeacherMode,
    Unlabelled,
)
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
    Trusted,
    View,
    Votes,
    VotesAs,
)
from softlabel.cli.labelling import label as label_command
from softlabel.cli.machine_options import Cache, ComputeOn, ConfigFile, Jobs, JsonResult, TimeLimit
from softlabel.cli.options import DATA, METHOD, NETWORKS, option
from softlabel.cli.reading import evaluate, export, info, predict
from softlabel.cli.source_options import Drop, Groups, Id, Image, ImageSize, Source, Test
from softlabel.cli.teacher_options import FixedFolds, TeacherBudget, WarmStart
from softlabel.cli.training_options import Augment, BatchSize, Epochs, Lr, Seed, Threads, Weights

app = typer.Typer(
    help="Turn the labels a data set came with into better training targets, and find the wrong ones.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.command()
def refine(
    source: Source = None,
    out: Annotated[Path | None, option(DATA, "Run directory to write, or to go on with.", "RUN")] = None,
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
    corrupt: Annotated[
        str | None,
        option(
            DATA,
            "Make labels wrong on purpose and see how many are found: symmetric:P, pair:P or instance:P; or refine those of "
            "column:NAME, where --label has the true ones.",
            "KIND:P",
        ),
    ] = None,
    task: Task = None,
    view: View = None,
    grades: Grades = None,
    start: Start = None,
    thresholds: Thresholds = None,
    method: Annotated[
        str | None,
        option(
            METHOD,
            "slr, Stochastic Label Refinery; label-refinery; ldl, label distribution learning [default: slr].",
            "METHOD",
        ),
    ] = None,
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
    epochs: Epochs = None,
    batch_size: BatchSize = None,
    lr: Lr = None,
    augment: Augment = None,
    weights: Weights = None,
    tta: Annotated[
        str | None,
        option(NETWORKS, "Views averaged to label rows, joined by +: flip, shift, vflip, rotate.", "WORDS"),
    ] = None,
    rounds: Annotated[str | None, option(METHOD, "Rounds of refinement [default: 3]; more extend a run.", "N")] = None,
    folds: Annotated[str | None, option(METHOD, "Folds of each round [default: 5].", "N")] = None,
    momentum: Annotated[
        str | None,
        option(METHOD, "Weight of the old targets, 0 to 1, or average, bayes, auto [default: auto].", "M"),
    ] = None,
    sharpen: Annotated[
        str | None, option(METHOD, "Temperature for out-of-fold probabilities; below 1 sharpens.", "T")
    ] = None,
    teacher_budget: TeacherBudget = None,
    fixed_folds: FixedFolds = None,
    warm_start: WarmStart = None,
    teacher_targets: Annotated[
        str | None,
        option(METHOD, "What fold models take of the targets, in the words of --final-targets.", "WORD"),
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
    final_targets: Annotated[
        str | None,
        option(
            METHOD,
            "What the final fit takes: refined, sharpened, pruned, corrected, weighted, or auto, which chooses on rows that nothing "
            "has seen [default: auto].",
            "WORD",
        ),
    ] = None,
    final_members: Annotated[
        str | None, option(METHOD, "Of several estimators, train the first, or all [default: first].", "first|all")
    ] = None,
    teacher: Teacher = None,
    student: Student = None,
    generations: Generations = None,
    labels: Labels = None,
    teacher_mode: TeacherMode = None,
    loss: Loss = None,
    adversarial: Adversarial = None,
    taxonomy: Taxonomy = None,
    taxonomy_temperature: TaxonomyTemperature = None,
    mix: Mix = None,
    length: Length = None,
    unlabelled: Unlabelled = None,
    seed: Seed = None,
    threads: Threads = None,
    jobs: Jobs = None,
    device: ComputeOn = None,
    cache: Cache = None,
    time_limit: TimeLimit = None,
    config: ConfigFile = None,
    json_output: JsonResult = False,
) -> None:
    """Refine the labels of SOURCE: better targets, a list of suspicious labels, and a model.

    The same command on an interrupted run goes on where it stopped; with more --rounds it extends a finished one.
    """
    given = dict(locals())  # before anything else has a name: all options by theirs

    from softlabel.cli.origin import weights_from
    from softlabel.cli.progress import watch
    from softlabel.cli.summary import print_refined
    from softlabel.cli.values import parse_settings, read_numbers
    from softlabel.run.config import make_config
    from softlabel.run.refine import refine as refine_run

    given = {name: value for name, value in given.items() if name not in ("config", "json_output")}
    chosen = make_config(read_numbers(given) | {"set": parse_settings(set)}, config)
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


app.command(epilog="Exit status: 0 done, 1 stopped or some cells failed, 2 wrong usage.")(compare)
app.command("label", epilog="Exit status: 0 done, 1 stopped or failed, 2 wrong usage.")(label_command)
for command in (predict, evaluate, export, info):
    app.command()(command)


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
