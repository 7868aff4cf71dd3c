"""A run that is killed at any instant and started again ends with the same bytes as one that was not."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from killed_child import dies_at_rename
from softlabel import refine

OPTIONS = {
    "estimator": ("softmax",),
    "rounds": 3,
    "folds": 3,
    "corrupt": "symmetric:0.3",
    "guard": 0.2,
    "refit_on": "best",
    "final_targets": "refined",  # test_killed_choices.py has choices
}


def _contents(root: Path) -> dict[str, bytes]:
    """Every file that equal runs share to the byte: times differ, and a model's file records objects in their own order."""
    files = {str(path.relative_to(root)): path for path in sorted(root.rglob("*")) if path.is_file()}
    return {
        name: path.read_bytes()
        for name, path in files.items()
        if name != "timing.jsonl" and not name.startswith("model/")
    }


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return _contents(refine("iris", tmp_path_factory.mktemp("whole") / "run", **OPTIONS).path)


# Six fixed seeds: the same instants in each run of the tests, spread over all kinds of files.
@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills a forked child")
@pytest.mark.parametrize("seed", range(6))
def test_killed_at_random_renames(tmp_path, whole, seed):
    draw = random.Random(seed)
    out, deaths = tmp_path / "run", 0
    while dies_at_rename(draw.randint(1, 25), draw.random() < 0.5, lambda: refine("iris", out, **OPTIONS)):
        deaths += 1
    assert deaths >= 1
    assert refine("iris", tmp_path / "run", **OPTIONS).done
    assert _contents(tmp_path / "run") == whole


@pytest.fixture(scope="module")
def calm(tmp_path_factory):
    """A command, and what its run holds that nobody disturbs."""
    command = [
        sys.executable,
        "-m",
        "softlabel",
        "refine",
        "digits",
        "--estimator",
        "softmax",
        "--rounds",
        "3",
        "--folds",
        "3",
    ]
    command += ["--corrupt", "pair:0.2", "--final-targets", "refined"]
    out = tmp_path_factory.mktemp("calm") / "run"
    subprocess.run([*command, "--out", str(out)], capture_output=True, check=True)
    return command, _contents(out)


@pytest.mark.parametrize("jobs", [1, 2])
def test_killed_from_outside_in_a_round(tmp_path, calm, jobs):
    (command, undisturbed), run = calm, tmp_path / "run"
    process = subprocess.Popen(
        [*command, "--jobs", str(jobs), "--out", str(run)], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True,
        start_new_session=True,
    )  # fmt: skip
    assert process.stderr is not None
    for line in process.stderr:  # the second round is under way when the first has been reported
        if line.startswith("round 1: "):
            break
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert not (run / "labels.parquet").exists()
    again = subprocess.run([*command, "--out", str(run)], capture_output=True, text=True, check=True)
    assert "already done" in again.stderr
    assert _contents(run) == undisturbed


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.skipif(not hasattr(os, "killpg"), reason="signals a group of processes, as a terminal does")
def test_ctrl_c_says_how_to_go_on(tmp_path, jobs):
    command = [sys.executable, "-m", "softlabel", "refine", "digits", "--estimator", "softmax", "--rounds", "6"]
    command += ["--final-targets", "refined", "--jobs", str(jobs), "--out", str(tmp_path / "run")]
    process = subprocess.Popen(
        command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, start_new_session=True
    )
    assert process.stderr is not None
    lines = []
    for line in process.stderr:
        lines.append(line)
        if line.startswith("round 1: "):
            os.killpg(process.pid, signal.SIGINT)
            break
    after = process.stderr.readlines()
    assert process.wait() == 1
    told = [line for line in after if line.startswith("softlabel: ")]
    assert len(told) == 1
    assert after[-1] == told[0]
    assert "the same command goes on" in told[0]
    assert "Traceback" not in "".join(lines + after)
