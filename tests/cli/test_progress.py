from __future__ import annotations

import logging

import pytest
from rich.console import Console

from softlabel.cli.progress import Watcher, watch
from softlabel.learners.training.epoch_lines import tell
from softlabel.methods.choice import Candidate, Choice
from softlabel.methods.units import Unit
from softlabel.run.config import make_config
from softlabel.run.plan import Plan
from softlabel.tasks import Multiclass, Multilabel, Ordinal

EPOCHS = logging.getLogger("softlabel.epochs")
ROW = {"epoch": 3, "lr": 0.05, "train_loss": 1.25, "train_accuracy": 0.5}


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


def _config(**values):
    return make_config({"source": "iris", "out": "x", **values})


def _plan(**values):
    plain = {
        "n_rows": 60,
        "n_features": 300,
        "image_shape": None,
        "task": Multiclass(["blue", "red"]),
        "classes": {"blue": 30, "red": 30},
        "n_rounds": 2,
        "n_folds": 3,
        "members": ("small_cnn",),
        "n_guard": 0,
        "n_corrupted": 0,
        "n_evidence": 0,
        "n_fits": 7,
        "n_done": 0,
    }
    return Plan(**{**plain, **values})


@pytest.fixture
def clock():
    return Clock()


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({}, "plan: 60 rows, 300 features, 2 classes of 30 rows"),
        ({"image_shape": (32, 48, 3)}, "plan: 60 images of 48 x 32, 3 colours, 2 classes of 30 rows"),
        ({"image_shape": (28, 28, 1)}, "plan: 60 images of 28 x 28, 1 colour, 2 classes of 30 rows"),
        ({"classes": {"a": 10, "b": 50}}, "2 classes of 10 to 50 rows"),
        ({"task": Ordinal.from_labels([0, 1])}, "300 features, 2 grades of 30 rows, as numbers"),
        (
            {"task": Multilabel(["blue", "red"]), "n_corrupted": 5},
            "2 labels, 1.0 a row on average\n      5 entries made",
        ),
    ],
)
def test_the_plan_says_what_the_rows_are(capsys, clock, values, text):
    Watcher(_config(), clock).planned(_plan(**values))
    assert text in capsys.readouterr().err


@pytest.mark.parametrize(
    ("jobs", "text"), [(1, "7 fits\n"), (2, "7 fits; 2 jobs\n"), ("auto", "7 fits; jobs as they fit\n")]
)
def test_the_plan_says_how_many_fit_at_the_same_time(capsys, clock, jobs, text):
    Watcher(_config(jobs=jobs), clock).planned(_plan())
    assert capsys.readouterr().err.endswith(text)


def test_epochs_are_told_every_ten_seconds_where_nobody_draws(capsys, clock):
    watcher = Watcher(_config(), clock)
    watcher.planned(_plan())
    capsys.readouterr()
    for seconds, told in ((5, False), (6, True), (9, False), (2, True)):
        clock.now += seconds
        watcher.epoch("epoch 3/30: lr 0.05")
        err = capsys.readouterr().err
        assert err == ("fit 1 of 7, epoch 3/30: lr 0.05\n" if told else "")
    watcher.fitted(Unit(1, 0, 0), 22.0)
    assert capsys.readouterr().err == "round 1, member 0, fold 0: 22.0 s; 6 fits left, about 2 min\n"
    clock.now += 11
    watcher.epoch("epoch 1/30")
    assert capsys.readouterr().err == "fit 2 of 7, epoch 1/30\n"


def test_the_start_of_processes_is_no_part_of_what_fits_are_reckoned_to_take(capsys, clock):
    watcher = Watcher(_config(jobs=2), clock)
    watcher.planned(_plan(n_fits=61))
    clock.now += 30  # until processes have started
    watcher.fitted(Unit(1, 0, 0), 4.0)
    assert capsys.readouterr().err.endswith("fold 0: 4.0 s; 60 fits left, about 2 min\n")  # two at a time
    clock.now += 12
    watcher.fitted(Unit(1, 0, 1), 4.0)
    assert capsys.readouterr().err.endswith("; 59 fits left, about 8 min\n")  # two took 16 s: now it is known


def test_fits_that_end_together_do_not_make_the_rest_short(capsys, clock):
    watcher = Watcher(_config(jobs=4), clock)
    watcher.planned(_plan(n_fits=61))
    clock.now += 200
    for fit in range(3):
        watcher.fitted(Unit(1, 0, fit), 200.0)
    assert capsys.readouterr().err.endswith("; 60 fits left, about 50 min\n")  # four at a time
    clock.now += 11
    watcher.fitted(Unit(1, 0, 3), 211.0)
    assert capsys.readouterr().err.endswith("; 57 fits left, about 50 min\n")  # 57 / 4 times 211 s


def test_a_last_fit_whose_seconds_nobody_told_is_reckoned_since_the_plan(capsys, clock):
    watcher = Watcher(_config(), clock)
    watcher.planned(_plan(n_fits=7, n_done=5))  # a final fit, and one to compare with
    clock.now += 240
    watcher.fitted(None, 0.0)
    assert capsys.readouterr().err.endswith("\nfinal fit: 1 fit left, about 4 min\n")


def test_networks_are_listened_to_while_a_run_is_watched_and_not_after(capsys, monkeypatch):
    heard = []
    monkeypatch.setattr(Watcher, "epoch", lambda self, text: heard.append(text))
    before = (EPOCHS.level, EPOCHS.propagate, list(EPOCHS.handlers))
    with watch(_config()):
        tell(ROW, "accuracy", 30, 1.5, 0)
        with pytest.raises(KeyboardInterrupt), watch(_config()):
            raise KeyboardInterrupt
    tell(ROW, "accuracy", 30, 1.5, 0)
    assert heard == ["epoch 3/30: lr 0.05, training loss 1.2500, accuracy 0.500; 1.5 s"]
    assert (EPOCHS.level, EPOCHS.propagate, EPOCHS.handlers) == before


def test_a_bar_shows_the_epoch_in_few_words(clock):
    watcher = Watcher(_config(), clock)
    console = Console(force_terminal=True, width=120, file=open("/dev/null", "w"))  # noqa: SIM115
    watcher._console = console
    watcher.planned(_plan())
    try:
        watcher.fitted(Unit(1, 0, 0), 1.0)
        watcher.epoch("epoch 3/30: lr 0.05, training loss 1.2500, accuracy 0.500; 1.5 s")
        assert watcher._bar.tasks[0].description == "fit 2, epoch 3/30, training loss 1.2500"
        assert watcher._bar.tasks[0].completed == 1
    finally:
        watcher.stop()
        console.file.close()


def test_texts_are_called_so(capsys, clock):
    Watcher(_config(text="words"), clock).planned(_plan())
    assert "plan: 60 texts, 300 features" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("task", "entry", "text"),
    [
        (Multiclass(["blue", "red"]), {"oof_accuracy": 0.5, "test_accuracy": 0.25},
         "3 labels moved; accuracy out of fold 0.500, test 0.250"),
        (Ordinal.from_labels([0, 1]), {"oof_qwk": 0.5, "oof_accuracy": 0.9}, "3 labels moved; QWK out of fold 0.500"),
        (Multilabel(["blue", "red"]), {}, "3 rows moved; mAP out of fold -"),
    ],
)  # fmt: skip
def test_rounds_are_told_by_the_main_score_of_the_task(capsys, clock, task, entry, text):
    watcher = Watcher(_config(), clock)
    watcher.planned(_plan(task=task))
    capsys.readouterr()
    watcher.round_done({"round": 1, "moved": 3, **entry})
    assert capsys.readouterr().err == f"round 1: {text}\n"


@pytest.mark.parametrize(
    ("entry", "text"),
    [
        ({"reference_kl": 0.42, "reference_cosine": 0.9}, "KL to the reference 0.420"),
        ({"reference_mae": 0.25, "reference_rmse": 0.5}, "MAE to the reference 0.250"),
    ],
)
def test_rounds_tell_how_far_the_targets_are_from_the_reference(capsys, clock, entry, text):
    watcher = Watcher(_config(), clock)
    watcher.planned(_plan())
    capsys.readouterr()
    watcher.round_done({"round": 2, "moved": 1, "oof_accuracy": 0.5, **entry})
    assert capsys.readouterr().err == f"round 2: 1 label moved; accuracy out of fold 0.500; {text}\n"


def test_labels_of_a_column_were_not_made_wrong_here(capsys, clock):
    Watcher(_config(corrupt="column:crowd"), clock).planned(_plan(n_corrupted=7))
    assert "      7 labels wrong (column:crowd)\n" in capsys.readouterr().err


def test_one_of_a_thing_is_told_in_the_singular(capsys, clock):
    watcher = Watcher(_config(corrupt="symmetric:0.1"), clock)
    watcher.planned(_plan(n_corrupted=1, n_guard=1, n_fits=2))
    watcher.fitted(Unit(1, 0, 0), 1.0)
    err = capsys.readouterr().err
    assert "      1 label made wrong on purpose (symmetric:0.1)\n" in err
    assert "      1 row in the guard: never refined, it scores each round" in err
    assert "; 1 fit left, about" in err


CHOICE = Choice(
    "pruned by bayes",
    (
        Candidate("given", 0.0, 0.75, 0.0, 0.0, 0.0, 0.0),
        Candidate("pruned by bayes", 0.2, 0.8, 0.05, 0.01, 0.06, 0.012),
    ),
    600,
    "it is ahead",
)


def test_the_plan_tells_of_the_fits_behind_a_choice_and_only_where_there_are_some(capsys, clock):
    watcher = Watcher(_config(), clock)
    watcher.planned(_plan(n_evidence=12, n_fits=19, n_done=3))
    assert capsys.readouterr().err.endswith(
        "      at most 12 fits to choose how, on rows that no round sees\n"
        "      2 rounds x 3 folds x 1 estimator (small_cnn) and the final fit: 19 fits, 3 of them already done\n"
    )
    watcher.planned(_plan(n_evidence=1, n_fits=8))
    assert "      at most 1 fit to choose how" in capsys.readouterr().err
    watcher.planned(_plan())
    assert "to choose" not in capsys.readouterr().err


def test_a_choice_is_told_and_what_is_left_is_counted_anew(capsys, clock):
    watcher = Watcher(_config(), clock)
    watcher.planned(_plan(n_evidence=12, n_fits=19, n_done=3))
    capsys.readouterr()
    clock.now += 10
    watcher.fitted(Unit(0, 0, 0), 10.0)
    assert capsys.readouterr().err == "choosing: 10.0 s; 15 fits left, about 2 min\n"
    watcher.chose(CHOICE, _plan(n_evidence=4, n_fits=11, n_done=4))  # after one fit 4 of at most 12 were enough
    assert capsys.readouterr().err == (
        "choice: it is ahead (600 rows scored; expected on right labels: +0.060 +- 0.012)\n"
    )
    clock.now += 11
    watcher.epoch("epoch 1/30")
    assert capsys.readouterr().err == "fit 2 of 8, epoch 1/30\n"  # 1 done here, 7 to come
    clock.now += 11
    watcher.fitted(Unit(1, 0, 0), 22.0)
    assert capsys.readouterr().err == "round 1, member 0, fold 0: 22.0 s; 6 fits left, about 2 min\n"


def test_a_bar_ends_with_the_fits_that_a_choice_leaves(clock):
    watcher = Watcher(_config(), clock)
    watcher._console = console = Console(force_terminal=True, width=120, file=open("/dev/null", "w"))  # noqa: SIM115
    watcher.planned(_plan(n_evidence=12, n_fits=19))
    try:
        watcher.fitted(Unit(0, 0, 0), 1.0)
        assert watcher._bar.tasks[0].description == "choosing"
        assert watcher._bar.tasks[0].total == 19
        watcher.chose(CHOICE, _plan(n_evidence=1, n_fits=8, n_done=1))
        assert (watcher._bar.tasks[0].completed, watcher._bar.tasks[0].total) == (1, 8)
    finally:
        watcher.stop()
        console.file.close()
