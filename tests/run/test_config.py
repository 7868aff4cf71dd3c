from __future__ import annotations

import pytest

from softlabel.errors import InputError
from softlabel.run.config import RefineConfig, make_config

BASE = {"source": "digits", "out": "runs/x"}


def test_defaults_are_the_contracts():
    config = make_config(BASE)
    assert (config.rounds, config.folds, config.momentum, config.seed, config.threads, config.jobs) == (
        3,
        5,
        "auto",
        0,
        1,
        1,
    )
    assert (config.teacher_targets, config.final_targets) == ("auto", "auto")
    assert (config.final, config.refit_on, config.guard, config.sharpen) == ("refit", "last", None, None)


@pytest.mark.parametrize(
    ("corrupt", "columns"), [(None, ()), ("instance:0.2", ()), ("column:a b", ("a b",)), ("column: x", ("x",))]
)
def test_the_column_that_a_corruption_names(corrupt, columns):
    assert make_config({**BASE, "corrupt": corrupt}).noisy_columns == columns


@pytest.mark.parametrize("corrupt", ["random:0.3", "instance:2", "column:"])
def test_what_is_no_corruption_is_told_at_once(corrupt):
    with pytest.raises(InputError, match=r"'symmetric:SHARE' or 'pair:SHARE'.*'column:NAME'"):
        make_config({**BASE, "corrupt": corrupt})


def test_a_file_is_read_and_the_command_line_wins(tmp_path):
    file = tmp_path / "run.toml"
    file.write_text(
        'source = "wine"\nout = "runs/wine"\nrounds = 6\nrefit-on = "best"\nguard = 0.2\nestimator = "softmax"\n[set]\nC = 0.5\n'
    )
    config = make_config({"rounds": 2, "folds": None}, file)
    assert (config.source, config.rounds, config.folds, config.refit_on) == ("wine", 2, 5, "best")
    assert config.estimator == ("softmax",)
    assert config.set == {"C": 0.5}


def test_an_unknown_key_is_answered_with_the_valid_ones(tmp_path):
    file = tmp_path / "run.toml"
    file.write_text('source = "wine"\nout = "x"\nround = 6\n')
    with pytest.raises(InputError) as caught:
        make_config({}, file)
    message = str(caught.value)
    assert "unknown key 'round'" in message
    assert "did you mean rounds?" in message
    assert all(name in message for name in RefineConfig.model_fields)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"rounds": -1}, "rounds=-1"),
        ({"folds": 1}, "folds=1"),
        ({"momentum": 1.5}, "momentum=1.5: give a number from 0 to 1, average, bayes or auto"),
        ({"momentum": "median"}, "momentum='median'"),
        ({"guard": 1.0}, "guard=1.0: give a share"),
        ({"sharpen": 0.0}, "sharpen=0.0"),
        ({"final": "both"}, "final='both'"),
        ({"refit_on": "first"}, "refit-on='first'"),
        ({"momentum": "foo"}, "^momentum='foo': give a number from 0 to 1, average, bayes or auto$"),
        ({"momentum": "1.5"}, "^momentum='1.5': give a number"),
        ({"momentum": "Bayes"}, "^momentum='Bayes': give a number from 0 to 1, average, bayes or auto$"),
        (
            {"final_targets": "hard"},
            "^final-targets='hard': give auto, refined, sharpened, pruned, corrected or weighted$",
        ),
        ({"final_targets": True}, "^final-targets=True: give auto, refined"),
        ({"teacher_targets": 1}, "^teacher-targets=1: give auto, refined, sharpened, pruned, corrected or weighted$"),
        ({"momentum": float("nan")}, "momentum=nan: give"),
        ({"momentum": True}, "^momentum=True: give a number from 0 to 1, average, bayes or auto$"),
        ({"rounds": True}, "^rounds=True: give a whole number, 0 or more$"),
        ({"seed": False}, "^seed=False: give a whole number, 0 or more$"),
        ({"jobs": True}, "^jobs=True: give a number of processes"),
        ({"rounds": 1.5, "folds": "x"}, "^rounds=1.5: give .* 0 or more; folds='x': give .* 2 or more$"),
        ({"guard": "2"}, "^guard='2': give a share between 0 and 1, or a file$"),
        ({"guard": [1]}, r"^guard=\[1\]: give a share between 0 and 1, or a file$"),
        ({"drop": [1, 2]}, r"^drop=\[1, 2\]: give the name of a column, or a list of names$"),
        ({"set": 3}, "^set=3: give a table of parameters and their values$"),
        ({"time_limit": "soon"}, "^time-limit='soon': give seconds, or a number with s, m or h, such as 30m$"),
        ({"time_limit": 0}, "^time-limit=0: give seconds"),
        ({"time_limit": True}, "^time-limit=True: give seconds"),
        ({"method": "magic"}, "method='magic'.*slr"),
        ({"task": "ranking"}, "^task='ranking': give multiclass, ordinal or multilabel$"),
        ({"task": "ordinal", "view": "flat"}, "^view='flat': give scalar or distribution$"),
        ({"task": "ordinal", "grades": "low"}, "^grades='low': give the grades from the lowest to the highest"),
        ({"task": "ordinal", "start": "bump"}, "^start='bump': give one_hot, unimodal or unimodal:SPREAD"),
        ({"task": "ordinal", "thresholds": "best"}, "^thresholds='best': give midpoints or fitted$"),
        ({"votes": "a", "votes_as": "median"}, "^votes-as='median': give share or dawid-skene$"),
        ({"format": "coco"}, "^format='coco': give deepdrid or plant-pathology$"),
        ({"label": 3}, "^label=3: give the name of a column, or a list of names$"),
        ({"task": "multilabel", "separator": ""}, "^separator='': give the text between two labels in one cell$"),
        ({"jobs": 0}, "jobs=0"),
        ({"jobs": "many"}, "^jobs='many': give a number of processes, -1 for one a core, or auto$"),
        ({"jobs": "0"}, "^jobs='0': give"),
        ({"image_size": 7}, "^image-size=7: give a whole number of pixels, 8 or more$"),
        ({"cache": "tape"}, "^cache='tape': give auto, memory, disk or none$"),
        ({"epochs": 0}, "^epochs=0: give a whole number, 1 or more$"),
        ({"batch_size": 0}, "^batch-size=0: give a whole number, 1 or more$"),
        ({"lr": 0}, "^lr=0: give a number above 0$"),
        ({"lr": float("inf")}, "^lr=inf: give a number above 0$"),
        ({"lr": float("nan")}, "^lr=nan: give a number above 0$"),
        ({"augment": "flup"}, "unknown word 'flup'; did you mean 'flip'"),
        ({"augment": "randaugment:x"}, "the magnitude of randaugment is 'x'"),
        ({"tta": "flop"}, "unknown word 'flop'; did you mean 'flip'"),
        ({"tta": 3}, "test-time augmentation|tta=3"),
        ({"device": "gpu"}, "^device='gpu': give auto, cpu, cuda, cuda:N or mps$"),
        ({"device": "cuda:x"}, "^device='cuda:x': give"),
        ({"tta": "flop", "augment": "flup"}, "'flup'.*; test-time augmentation 'flop'"),
        ({"seed": -2}, "seed=-2"),
        ({"source": None}, "source is missing; give a .csv"),
        ({"out": None}, "out is missing; give the run directory"),
    ],
)
def test_values_that_cannot_be_are_refused(values, message):
    with pytest.raises(InputError, match=message) as caught:
        make_config({**BASE, **values})
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [(None, "cannot be read"), ("rounds = = 3", "is no TOML"), ("label = 'Gr\udcf6\udcdfe'", "is no TOML")],
)
def test_a_file_that_cannot_be_read_is_refused(tmp_path, text, message):
    file = tmp_path / "run.toml"
    if text is not None:
        file.write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(InputError, match=message):
        make_config(BASE, file)


@pytest.mark.parametrize(
    ("line", "field", "value"),
    [
        ('time-limit = "30m"', "time_limit", 1800.0),
        ("time-limit = 90", "time_limit", 90.0),
        ('drop = "k"', "drop", ("k",)),
        ('drop = ["k", "l"]', "drop", ("k", "l")),
        ('estimator = "knn"', "estimator", ("knn",)),
        ('label = "y"', "label", "y"),
        ('label = ["y"]', "label", "y"),
        ('label = ["a", "b"]', "label", ("a", "b")),
        ('votes = "votes.csv"', "votes", ("votes.csv",)),
        ("votes = []", "votes", None),
        ('weights = "none"', "weights", None),
        ('task = "ordinal"\ngrades = "low, mid,high"', "grades", ("low", "mid", "high")),
        ('task = "ordinal"\ngrades = [0, 1, 2]', "grades", ("0", "1", "2")),
        ('guard = "0.2"', "guard", 0.2),
        ('guard = "guard.csv"', "guard", "guard.csv"),
        ('momentum = "0.5"', "momentum", 0.5),
        ("momentum = 1", "momentum", 1.0),
        ('momentum = "average"', "momentum", "average"),
        ('momentum = "bayes"', "momentum", "bayes"),
        ('momentum = "auto"', "momentum", "auto"),
        ('final-targets = "pruned"', "final_targets", "pruned"),
        ('teacher-targets = "weighted"', "teacher_targets", "weighted"),
        ('jobs = "auto"', "jobs", "auto"),
        ('jobs = "2"', "jobs", 2),
        ("batch-size = 32", "batch_size", 32),
        ("image-size = 32", "image_size", 32),
        ('augment = "crop+flip"', "augment", "crop+flip"),
        ('augment = "auto"', "augment", "auto"),
        ('tta = "flip+shift"', "tta", "flip+shift"),
        ('tta = "none"', "tta", None),
        ('device = "cuda:1"', "device", "cuda:1"),
    ],
)
def test_a_file_may_write_values_as_the_command_line_does(tmp_path, line, field, value):
    (tmp_path / "run.toml").write_text(line)
    assert getattr(make_config(BASE, tmp_path / "run.toml"), field) == value


def test_identity_leaves_out_where_and_how_fast():
    one = make_config({**BASE, "jobs": "auto", "time_limit": 5.0, "rounds": 6, "device": "cuda", "cache": "disk"})
    assert one.identity() == make_config({"source": "elsewhere", "out": "other"}).identity()
    assert one.identity() != make_config({**BASE, "momentum": 0.5}).identity()
    for other in ({"epochs": 3}, {"image_size": 32}, {"tta": "flip"}, {"augment": "flip"}, {"lr": 0.1}):
        assert one.identity() != make_config({**BASE, **other}).identity()


def test_what_is_new_since_an_earlier_version_is_missing_in_its_runs_and_means_nothing_given():
    """A run made before these options existed has none of them in its record; a missing one equals None there."""
    new = {"image", "image_size", "epochs", "batch_size", "lr", "augment", "weights", "tta"}
    new |= {"separator", "votes", "votes_as", "reference", "text", "format", "view", "grades", "start", "thresholds"}
    identity = make_config(BASE).identity()
    assert new <= identity.keys()
    assert all(identity[name] is None for name in new)


def test_one_label_in_a_list_is_the_label_that_it_always_was():
    assert make_config({**BASE, "label": ["y"]}).identity() == make_config({**BASE, "label": "y"}).identity()
    assert make_config({**BASE, "label": ["y", "z"]}).identity()["label"] == ["y", "z"]


@pytest.mark.parametrize(
    ("task", "said"),
    [
        ({"task": "ordinal"}, {"view": "scalar", "thresholds": "midpoints"}),
        ({"task": "ordinal", "view": "distribution"}, {"start": "one_hot"}),
        ({"votes": ["a", "b"]}, {"votes_as": "share"}),
    ],
)
def test_to_say_what_holds_anyway_makes_no_other_run(task, said):
    assert make_config(BASE | task | said).identity() == make_config(BASE | task).identity()
    assert make_config(BASE | task | said) != make_config(BASE | task)


def test_the_parameters_of_a_file_and_those_beside_it_stand_together(tmp_path):
    (tmp_path / "run.toml").write_text("[set]\nC = 0.5\ntol = 0.1\n")
    assert make_config(BASE | {"set": {"C": 2}}, tmp_path / "run.toml").set == {"C": 2, "tol": 0.1}
    assert make_config(BASE, tmp_path / "run.toml").set == {"C": 0.5, "tol": 0.1}
    with pytest.raises(InputError, match=r"^set=3: give"):
        make_config(BASE | {"set": 3}, tmp_path / "run.toml")


@pytest.mark.parametrize("value", [1, 0, "yes", 0.5])
@pytest.mark.parametrize("name", ["fixed_folds", "warm_start"])
def test_switches_are_true_or_false_and_no_numbers(name, value):
    with pytest.raises(InputError, match=f"{name.replace('_', '-')}={value!r}: give true or false"):
        make_config({"source": "digits", "out": "run", name: value})
    assert getattr(make_config({"source": "digits", "out": "run", name: True}), name) is True


def test_no_other_option_is_true_or_false():
    with pytest.raises(InputError, match="rounds=True: give a whole number"):
        make_config({"source": "digits", "out": "run", "rounds": True})


def test_how_teachers_are_trained_is_part_of_a_run_unless_it_is_what_holds_anyway():
    base = {"source": "digits", "out": "run", "final_targets": "refined"}
    plain = make_config(base).identity()
    said = {"teacher_budget": 1.0, "fixed_folds": False, "warm_start": False}
    assert [plain[name] for name in said] == [None, None, None]  # as runs of versions that could not say it
    assert make_config({**base, **said}).identity() == plain
    for change in ({"teacher_budget": 0.5}, {"fixed_folds": True}, {"warm_start": True}):
        assert make_config({**base, **change}).identity() == plain | change


def test_a_whole_budget_is_another_run_where_short_teachers_would_be_tried():
    auto = {"source": "digits", "out": "run", "final_targets": "auto"}
    assert make_config(auto).identity()["teacher_budget"] is None
    assert make_config({**auto, "teacher_budget": 1.0}).identity()["teacher_budget"] == 1.0


def test_what_earlier_versions_made_is_the_same_run_when_it_is_asked_for_by_name():
    """Their runs have a momentum in their record, and no word of what fold models and the final fit take."""
    options = ("momentum", "teacher_targets", "final_targets")

    def mark(**said):
        identity = make_config({**BASE, **said}).identity()
        return tuple(identity[option] for option in options)

    assert mark() == ("auto", "auto", "auto")
    assert mark(final_targets="refined") == (0.75, None, None)
    assert mark(final_targets="refined", teacher_targets="refined", momentum=0.75) == (0.75, None, None)
    assert mark(final_targets="pruned") == (0.75, None, "pruned")
    assert mark(final_targets="refined", momentum="bayes") == ("bayes", None, None)
    assert mark(final_targets="refined", teacher_targets="pruned") == (0.75, "pruned", None)
    assert mark(momentum=0.5) == (0.5, "auto", "auto")
