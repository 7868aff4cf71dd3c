from __future__ import annotations

import json

import pytest
from rich.console import Console

from softlabel.cli import compare_summary
from softlabel.cli.compare_summary import failures_line, print_compared
from softlabel.comparison.cells import Cell, CellResult
from softlabel.comparison.config import CompareConfig
from softlabel.comparison.results import Results
from softlabel.run.config import make_config
from softlabel.tasks import Multiclass

FOUND = {("plain", 0): 0.80, ("plain", 1): 0.82, ("slr", 0): 0.85, ("slr", 1): 0.88}


def _results(failures=(), reason="FitError: no luck"):
    cells = {Cell("none", seed, name): CellResult({"accuracy": value}) for (name, seed), value in FOUND.items()}
    lost = dict.fromkeys(failures, reason)
    done = {cell: result for cell, result in cells.items() if cell not in lost}
    return Results(done, lost, {"swa": "it needs a network"}, Multiclass(["a", "b"]))


@pytest.fixture
def config(tmp_path):
    return make_config({"source": "iris", "out": tmp_path}, kind=CompareConfig)


def test_the_table_and_where_it_is(config, capsys):
    for name in ("table.md", "cells.csv", "table.png", "rounds.png", "rounds.svg"):
        (config.out / name).touch()
    print_compared(config, _results(), as_json=False)
    text = capsys.readouterr().out
    assert text.startswith(_results().text())
    assert text.splitlines()[-2:] == [
        f"table:   {config.out / 'table.md'} (beside it cells.csv)",
        f"figures: {config.out / 'rounds.png'}, {config.out / 'table.png'}",
    ]


def test_no_file_is_named_that_is_not_there(config, capsys):
    print_compared(config, _results(), as_json=False)
    assert str(config.out) not in capsys.readouterr().out


@pytest.mark.parametrize("terminal", [True, False])
def test_a_terminal_gets_lines_that_it_has_room_for_and_a_file_whole_ones(config, capsys, monkeypatch, terminal):
    monkeypatch.setattr(
        compare_summary, "console", lambda: Console(force_terminal=terminal, width=40, soft_wrap=True, highlight=False)
    )
    print_compared(config, _results(), as_json=False)
    assert capsys.readouterr().out.startswith(_results().text(40 if terminal else None))
    assert _results().text(40) != _results().text()


def test_as_json(config, capsys):
    lost = Cell("none", 1, "slr")
    print_compared(config, _results([lost]), as_json=True)
    found = json.loads(capsys.readouterr().out)
    assert list(found) == [
        *(
            "comparison",
            "main_score",
            "baseline",
            "level",
            "methods",
            "corruptions",
            "seeds",
            "skipped",
            "failures",
            "table",
        ),
    ]
    assert (found["comparison"], found["main_score"], found["level"]) == (str(config.out), "accuracy", 0.95)
    assert found["skipped"] == {"swa": "it needs a network"}
    assert found["failures"] == [{"corruption": "none", "seed": 1, "method": "slr", "reason": "FitError: no luck"}]
    plain, slr = found["table"]
    assert (plain["accuracy"], plain["accuracy_difference"], plain["n"]) == (pytest.approx(0.81), None, 2)
    assert (slr["accuracy"], slr["n"], slr["failed"]) == (0.85, 1, 1)
    assert slr["accuracy_low"] is None  # of one seed there is no interval


def test_failures_are_counted_in_the_right_number():
    lost = [Cell("none", 1, "slr"), Cell("none", 0, "slr")]
    assert failures_line(_results(lost[:1])) == "1 of 4 cells failed; the same command tries it again"
    assert failures_line(_results(lost)) == "2 of 4 cells failed; the same command tries them again"


def test_what_was_given_wrong_is_not_to_be_tried_again():
    lost = [Cell("none", 1, "slr"), Cell("none", 0, "slr"), Cell("none", 1, "plain")]
    wrong = "share=2.0; give a share from 0 to 1"
    assert failures_line(_results(lost[:2], wrong)) == "2 of 4 cells failed; change or leave out this method"
    assert failures_line(_results(lost, wrong)) == "3 of 4 cells failed; change or leave out these methods"
    mixed = _results(lost, wrong)
    mixed.failures[lost[0]] = "round 1, fold 0: LinAlgError: singular"
    assert failures_line(mixed) == "3 of 4 cells failed; the same command tries them again"
