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
        ("momentum=-0.5: give", "--momentum -0.5: give"),
        ("write start=unimodal:0.5, grades=a", "write start=unimodal:0.5, grades=a"),  # a recipe's words
        ("there is no file data/seed=9/x.csv", "there is no file data/seed=9/x.csv"),
        ("did you mean runs=1 seed=4.csv?", "did you mean runs=1 seed=4.csv?"),
        (
            "no column 'seed=1'; there are 'temp lr=2', \"it's lr=3\"",
            "no column 'seed=1'; there are 'temp lr=2', \"it's lr=3\"",
        ),
        ("the model's momentum=2 is the run's", "the model's --momentum 2 is the run's"),
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
        (["refine", "data.csv", "--config", "FILE"], "mix='cutmix' at lr=3"),
        (["refine", "data.csv", "--config=FILE", "--lr=3"], "mix='cutmix' at --lr 3"),
        (["refine", "data.csv", "--config", "none.toml"], "--mix cutmix at --lr 3"),
        (["compare", "data.csv"], "mix='cutmix' at --lr 3"),
        (["info", "run"], "mix='cutmix' at lr=3"),
        (["--version"], "mix='cutmix' at lr=3"),
        ([], "mix='cutmix' at lr=3"),
    ],
)
def test_those_of_the_command_that_no_file_gives(typed, shown, tmp_path):
    (tmp_path / "run.toml").write_text('mix = "cutmix"\nlr = 3\n')
    typed = [argument.replace("FILE", str(tmp_path / "run.toml")) for argument in typed]
    assert as_options("mix='cutmix' at lr=3", switches_of(COMMANDS, typed)) == shown


def test_what_was_typed_is_the_users():
    message = "there is no file of seed=1 years"
    assert as_options(message, {"seed": False}, ["refine", "of seed=1 years"]) == message
    assert as_options(message, {"seed": False}, ["refine", "--seed", "1"]) == "there is no file of --seed 1 years"


def test_a_switch_may_be_off():
    assert as_options("fixed_folds=False", {"fixed_folds": True}) == "--no-fixed-folds"
    assert as_options("fixed_folds=3", {"fixed_folds": True}) == "fixed_folds=3"  # no switch at all
