"""The README stays true: its code runs, its options exist."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_iris

from softlabel import SoftmaxRegression, SoftTargetClassifier
from softlabel.cli.app import app

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
PAGES = [README, *sorted((ROOT / "docs").rglob("*.md"))]


def _blocks(language, page=README):
    return re.findall(rf"```{language}\n(.*?)```", page.read_text(encoding="utf-8"), flags=re.DOTALL)


@pytest.mark.parametrize("code", _blocks("python"))
def test_python_blocks_run(code):
    X, y = load_iris(return_X_y=True)
    names = {
        "X": X,
        "y": y,
        "X_test": X,
        "pictures": np.random.default_rng(0).integers(0, 256, (30, 8, 8, 3), dtype=np.uint8),
        "labels": np.arange(30) % 3,
        "my_train": lambda X, targets: SoftmaxRegression().fit(X, targets),
        "my_predict": lambda model, X: model.predict_proba(X),
    }
    exec(compile(code, "README.md", "exec"), names)
    if "refinement" in names:
        assert names["refinement"].targets.shape == (150, 3)


def _commands(page):
    return [line for block in _blocks("bash", page) for line in block.splitlines() if line.startswith("softlabel ")]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_commands_have_the_options_that_they_are_given(page):
    import typer.main

    commands = typer.main.get_command(app).commands
    assert len(_commands(README)) >= 5
    for line in _commands(page):
        _, command, *arguments = shlex.split(line, comments=True)
        known = {option for parameter in commands[command].params for option in parameter.opts}
        assert {argument for argument in arguments if argument.startswith("--")} <= known, line


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
        assert target.startswith("https://") or (page.parent / target).exists(), target


def test_soft_targets_go_into_any_classifier_as_it_says():
    X, y = load_iris(return_X_y=True)
    targets = 0.9 * np.eye(3)[y] + 0.1 / 3
    assert SoftTargetClassifier(SoftmaxRegression()).fit(X, targets).predict_proba(X).shape == (150, 3)


def test_nothing_is_left_to_be_filled_in():
    for page in (*PAGES, ROOT / "benchmarks" / "results.md"):
        text = page.read_text(encoding="utf-8")
        assert not re.findall(r"^[A-Z_0-9]{6,}$", text, flags=re.MULTILINE)
        assert "TODO" not in text


def test_the_output_shown_is_that_of_the_demo():
    command = next(line for line in (ROOT / "Makefile").read_text().splitlines() if "softlabel refine" in line)
    assert "refine digits --corrupt symmetric:0.4 --jobs 2" in command
    assert "--rounds" not in command  # the demo is the default
    assert "plan: 1797 rows, 64 features, 10 classes" in README.read_text(encoding="utf-8")
    assert "of 719 labels made wrong" in README.read_text(encoding="utf-8")
