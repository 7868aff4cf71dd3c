from __future__ import annotations

import logging

import pytest
from rich.console import Console

from softlabel.cli.compare_progress import CellWatcher, watch_comparison
from softlabel.comparison.cells import Cell, CellResult
from softlabel.comparison.config import CompareConfig
from softlabel.comparison.progress import Plan
from softlabel.comparison.running import all_cells
from softlabel.learners.training.epoch_lines import tell
from softlabel.run.config import make_config
from softlabel.tasks import Multiclass, Ordinal

EPOCHS = logging.getLogger("softlabel.epochs")
ROW = {"epoch": 3, "lr": 0.05, "train_loss": 1.25, "train_accuracy": 0.5}


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


def _config(**values):
    return make_config({"source": "iris", **values}, kind=CompareConfig)


def _plan(**values):
    plain = {
        "n_rows": 60,
        "n_train": 48,
        "n_test": 12,
        "drawn": True,
        "features": (),
        "cautions": (),
        "task": Multiclass(["blue", "red"]),
        "estimator": "softmax",
        "methods": ("plain", "slr"),
        "added": (),
        "skipped": {},
        "corruptions": ("none",),
        "seeds": (0, 1),
        "n_cells": 4,
        "n_done": 0,
        "jobs": 1,
    }
    plain |= values
    cells = all_cells(plain["methods"], plain["corruptions"], plain["seeds"])
    return Plan(**{"missing": tuple(cells[plain["n_done"] :]), **plain})


def _result(seconds=2.0, n_fits=1, warnings=(), **scores):
    return CellResult(scores or {"accuracy": 0.9123}, n_fits=n_fits, seconds=seconds, warnings=warnings)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def planned(clock, capsys):
    """Return a watcher to whom a comparison of four cells was planned; stderr is that of the test's own body."""

    def make(config=None, **values):
        watcher = CellWatcher(config or _config(), clock)
        watcher.planned(_plan(**values))
        capsys.readouterr()
        return watcher

    return make


def _after(watcher, clock, capsys, seconds, cell, result):
    clock.now += seconds
    watcher.cell_done(cell, result)
    return capsys.readouterr().err


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({}, "plan: 48 rows to train on, 12 to score with, drawn anew by each seed; 2 classes; softmax\n"),
        ({"n_test": 30, "drawn": False}, "plan: 60 rows, 30 others to score with; 2 classes; softmax\n"),
        ({"features": ("site (text)", "x1")}, "\n      features: site (text), x1 (2 in all)\n"),
        ({"cautions": ("only 2 rows to score with: scores are coarse",)}, "\nsoftlabel: warning: only 2 rows to score"),
        ({"task": Ordinal.from_labels([0, 1, 2])}, "; 3 grades; softmax\n"),
        ({}, "      2 methods x 2 seeds: 4 cells\n      plain, slr\n"),
        ({"seeds": (0,), "n_cells": 2, "n_done": 1, "jobs": 3}, "x 1 seed: 2 cells, 1 of them already done; 3 jobs\n"),
        ({"jobs": "auto"}, "4 cells; jobs as they fit\n"),
        (
            {"corruptions": ("none", "symmetric:0.2"), "n_cells": 8},
            "      2 methods x 2 corruptions (none, symmetric:0.2) x 2 seeds: 8 cells\n",
        ),
        ({"corruptions": ("pair:0.2",)}, "x 1 corruption (pair:0.2) x"),
        ({"added": ("plain",)}, "      added, for every comparison has them: plain\n"),
        ({"skipped": {"swa": "it needs a network"}}, "      left out: swa: it needs a network\n"),
    ],
    ids=lambda value: None,
)
def test_the_plan(capsys, clock, values, text):
    CellWatcher(_config(), clock).planned(_plan(**values))
    assert text in capsys.readouterr().err


def test_of_many_features_a_line_names_those_that_it_has_room_for(capsys, clock):
    CellWatcher(_config(), clock).planned(_plan(features=tuple(f"column_{number}" for number in range(40))))
    (line,) = (line for line in capsys.readouterr().err.splitlines() if "features" in line)
    shown = [name for name in line.replace("features:", "").replace(" ", "").split(",") if name.startswith("column")]
    assert shown == [f"column_{number}" for number in range(len(shown))]
    assert line.endswith(f", ... and {40 - len(shown)} more (40 in all)")
    assert 110 < len(line) < 150


def test_cells_are_told_one_by_one_with_the_time_that_is_left(planned, clock, capsys):
    watcher = planned()
    first = _after(watcher, clock, capsys, 50, Cell("none", 0, "plain"), _result())  # 48 s of them to load libraries
    assert first == "1 of 4: plain, seed 0: accuracy 0.912, 1 fit, 2.0 s; time left: -\n"
    second = _after(watcher, clock, capsys, 100, Cell("none", 0, "slr"), _result(100.0, 16))
    assert (
        second == "2 of 4: slr, seed 0: accuracy 0.912, 16 fits, 100.0 s; about 2 min left\n"
    )  # 2 s at most, and 100 s
    third = _after(watcher, clock, capsys, 2, Cell("none", 1, "plain"), _result())
    assert third.endswith("; about 2 min left\n")  # 100 s: another slr
    last = _after(watcher, clock, capsys, 100, Cell("none", 1, "slr"), _result(100.0, 16))
    assert last == "4 of 4: slr, seed 1: accuracy 0.912, 16 fits, 100.0 s\n"


def test_the_first_cell_of_a_process_says_at_most_how_long_its_method_takes(planned, clock, capsys):
    watcher = planned(seeds=(0, 1, 2), n_cells=6)
    _after(watcher, clock, capsys, 90, Cell("none", 0, "plain"), _result(90.0))
    text = _after(watcher, clock, capsys, 10, Cell("none", 0, "slr"), _result(10.0))
    assert text.endswith("about 40 s left\n")  # two of each, of plain no more than the mean is known
    text = _after(watcher, clock, capsys, 1, Cell("none", 1, "plain"), _result(1.0))
    assert text.endswith("about 21 s left\n")


def test_nothing_is_estimated_before_each_method_or_enough_cells_are_done(planned, clock, capsys):
    seeds = tuple(range(40))
    watcher = planned(seeds=seeds, n_cells=80)
    for seed in range(4):
        text = _after(watcher, clock, capsys, 60, Cell("none", seed, "slr"), _result(60.0))
        assert text.endswith("; time left: -\n")
    text = _after(watcher, clock, capsys, 60, Cell("none", 4, "slr"), _result(60.0))
    assert text.endswith("; about 75 min left\n")  # plain is taken to be as slow as all others


def test_cells_that_share_the_time_are_done_sooner(planned, clock, capsys):
    watcher = planned(_config(jobs=2), jobs=2, n_cells=16, seeds=tuple(range(8)))
    for seed, seconds in ((0, 20), (1, 20)):  # two at the same moment: one line tells enough
        _after(watcher, clock, capsys, seconds, Cell("none", seed, "plain"), _result(20.0))
        text = _after(watcher, clock, capsys, 0, Cell("none", seed, "slr"), _result(20.0))
        assert text == ""
    text = _after(watcher, clock, capsys, 20, Cell("none", 2, "plain"), _result(20.0))
    assert text.endswith("about 2 min left\n")  # eleven cells of 20 s; 60 s of work were done in 40
    assert text.startswith("5 of 16: plain, seed 2: ")


def test_what_was_done_before_is_counted_and_takes_no_time(planned, clock, capsys):
    watcher = planned(n_done=3, n_cells=6, seeds=(0, 1, 2))
    _after(watcher, clock, capsys, 30, Cell("none", 1, "slr"), _result(30.0))
    text = _after(watcher, clock, capsys, 30, Cell("none", 2, "plain"), _result(30.0))
    assert text == "5 of 6: plain, seed 2: accuracy 0.912, 1 fit, 30.0 s; about 30 s left\n"


def test_a_cell_that_failed_is_told_with_the_reason_and_counted(planned, clock, capsys):
    watcher = planned()
    clock.now += 4
    watcher.failed(Cell("pair:0.2", 0, "slr"), "FitError: no luck")
    assert capsys.readouterr().err == "1 of 4: slr, pair:0.2, seed 0 failed: FitError: no luck\n"
    text = _after(watcher, clock, capsys, 4, Cell("none", 0, "plain"), _result(4.0))
    assert text.startswith("2 of 4: plain, seed 0: ")


def test_the_main_score_of_the_task_is_told(planned, clock, capsys):
    watcher = planned(task=Ordinal.from_labels([0, 1, 2]))
    text = _after(watcher, clock, capsys, 2, Cell("none", 0, "plain"), _result(accuracy=0.5, qwk=0.75))
    assert text.startswith("1 of 4: plain, seed 0: qwk 0.750, 1 fit")
    text = _after(watcher, clock, capsys, 2, Cell("none", 0, "slr"), _result(accuracy=0.5))  # not defined here
    assert text.startswith("2 of 4: slr, seed 0: 1 fit")


def test_what_learners_warn_of_is_told_once(planned, clock, capsys):
    watcher = planned()
    warned = (("ConvergenceWarning", "not\n converged"), ("ConvergenceWarning", "not\n converged"))
    text = _after(watcher, clock, capsys, 2, Cell("none", 0, "plain"), _result(warnings=warned))
    assert text.splitlines()[0] == "      plain warns: ConvergenceWarning: not converged"
    assert text.count("converged") == 1
    text = _after(watcher, clock, capsys, 2, Cell("none", 0, "slr"), _result(warnings=warned))
    assert "converged" not in text


def test_epochs_are_told_every_ten_seconds_where_nobody_draws(planned, clock, capsys):
    watcher = planned()
    for seconds, told in ((9, False), (1, True), (9, False), (1, True)):
        clock.now += seconds
        watcher.epoch("epoch 3/30: lr 0.05")
        assert capsys.readouterr().err == ("cell 1 of 4, epoch 3/30: lr 0.05\n" if told else "")


def test_stages_are_told(planned, capsys):
    watcher = planned()
    watcher.stage("writing tables and figures")
    assert capsys.readouterr().err == "writing tables and figures\n"


def test_a_bar_shows_cell_epoch_and_stage(clock, tmp_path):
    watcher = CellWatcher(_config(), clock)
    with (tmp_path / "terminal").open("w") as file:
        watcher._console = Console(force_terminal=True, width=120, file=file)
        watcher.planned(_plan(n_done=1))
        bar = watcher._bar
        try:
            watcher.cell_done(Cell("none", 0, "slr"), _result())
            clock.now += 60
            watcher.cell_done(Cell("none", 1, "plain"), _result(60.0))
            assert bar.tasks[0].description == "plain, seed 1"
            assert (bar.tasks[0].completed, bar.tasks[0].total) == (3, 4)
            assert bar.tasks[0].fields["left"].startswith("about")
            watcher.epoch("epoch 3/30: lr 0.05, training loss 1.2500, accuracy 0.500; 1.5 s")
            assert bar.tasks[0].description == "epoch 3/30, training loss 1.2500"
            watcher.failed(Cell("none", 1, "slr"), "no luck")
            assert bar.finished
            watcher.stage("writing")
            assert bar.tasks[0].description == "writing"
        finally:
            watcher.stop()
        assert watcher._bar is None


def test_a_comparison_that_is_done_has_no_bar(clock, tmp_path):
    watcher = CellWatcher(_config(), clock)
    with (tmp_path / "terminal").open("w") as file:
        watcher._console = Console(force_terminal=True, width=120, file=file)
        watcher.planned(_plan(n_done=4))
        assert watcher._bar is None


def test_networks_are_listened_to_while_a_comparison_is_watched_and_not_after(monkeypatch):
    heard = []
    monkeypatch.setattr(CellWatcher, "epoch", lambda self, text: heard.append(text))
    with watch_comparison(_config()):
        tell(ROW, "accuracy", 30, 1.5, 0)
    tell(ROW, "accuracy", 30, 1.5, 0)
    assert heard == ["epoch 3/30: lr 0.05, training loss 1.2500, accuracy 0.500; 1.5 s"]
