"""Messages name options on the command line, and nothing else in them changes."""

import pytest
from typer.main import get_command

from softlabel.cli.app import app
from softlabel.cli.option_names import as_options, switches_of

COMMANDS = get_command(app)


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (
            "warm_start=True goes on; give fixed_folds=True, or leave it",
            "--warm-start goes on; give --fixed-folds, or leave it",
        ),
        ("or set fixed_folds=False", "or set --no-fixed-folds"),
        ("final_targets='sharpened' acts on", "--final-targets sharpened acts on"),
        ("give a guard (0.2, say), or refit_on='last'", "give a guard (0.2, say), or --refit-on last"),
        ("lower the jobs (n_jobs='auto' fits them)", "lower the jobs (--jobs auto fits them)"),
        ("teacher-budget=3: give a share", "--teacher-budget 3: give a share"),
        ("take momentum=0.5.", "take --momentum 0.5."),
        ("write start=unimodal:0.5, grades=a", "write --start unimodal:0.5, --grades a"),
        ("ldl:mix=none/cutmix is none", "ldl:mix=none/cutmix is none"),
        ("estimator mlp: lr=-1; give a number", "estimator mlp: lr=-1; give a number"),
        ("give tta='flip shift'", "give --tta 'flip shift'"),
        ("load(path, cv=...)", "load(path, cv=...)"),
        ("cv=13, but there are only 12 rows", "--folds 13, but there are only 12 rows"),
        ("TorchClassifier(epochs=3) and slr:momentum=0 stay", "TorchClassifier(epochs=3) and slr:momentum=0 stay"),
        ("(set early_stopping=False)", "(set early_stopping=False)"),  # a parameter of an estimator's
    ],
)
def test_arguments_that_are_options_are_written_so(said, shown):
    assert as_options(said, switches_of(COMMANDS, ["refine", "data.csv"])) == shown


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        (["refine", "data.csv"], "--mix cutmix at --lr 3"),
        (["refine", "data.csv", "--config", "run.toml", "--lr=3"], "mix='cutmix' at --lr 3"),
        (["compare", "data.csv"], "mix='cutmix' at --lr 3"),
        (["info", "run"], "mix='cutmix' at lr=3"),
        (["--version"], "mix='cutmix' at lr=3"),
        ([], "mix='cutmix' at lr=3"),
    ],
)
def test_those_of_the_command_that_were_not_left_to_a_file(typed, shown):
    assert as_options("mix='cutmix' at lr=3", switches_of(COMMANDS, typed)) == shown


def test_a_switch_may_be_off():
    assert as_options("fixed_folds=False", {"fixed_folds": True}) == "--no-fixed-folds"
    assert as_options("fixed_folds=3", {"fixed_folds": True}) == "fixed_folds=3"  # no switch at all
