"""A comparison that is killed at any instant and started again ends with the same cells and tables as one that was not."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from killed_child import dies_at_rename
from softlabel import compare

OPTIONS = {
    "estimator": "softmax",
    "methods": ["smoothing:share=0.05/0.2", "slr:n_rounds=1:final_targets=refined"],
    "seeds": 2,
    "corrupt": ["none", "symmetric:0.3"],
}
TIMES = ("timing.jsonl", "times.json", "table.csv", "table.md", "cells.csv")  # which tell of seconds


def _contents(root: Path) -> dict[str, bytes]:
    """Every file of numbers that equal comparisons share to the byte: figures aside, and what tells of times."""
    files = {str(path.relative_to(root)): path for path in sorted(root.rglob("*")) if path.is_file()}
    return {
        name: path.read_bytes()
        for name, path in files.items()
        if name not in TIMES and path.suffix not in (".png", ".svg")
    }


def _table(root: Path) -> pd.DataFrame:
    table = pd.read_csv(root / "table.csv")
    return table.drop(columns=[name for name in table if "seconds" in name])


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    out = tmp_path_factory.mktemp("whole") / "out"
    compare("iris", out, **OPTIONS)
    return _contents(out), _table(out)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills a forked child")
@pytest.mark.parametrize("seed", range(4))
def test_killed_at_random_renames(tmp_path, whole, seed):
    draw = random.Random(seed)
    out, deaths = tmp_path / "out", 0
    while dies_at_rename(draw.randint(1, 18), draw.random() < 0.5, lambda: compare("iris", out, **OPTIONS)):
        deaths += 1
    assert deaths >= 1
    compare("iris", tmp_path / "out", **OPTIONS)
    assert _contents(tmp_path / "out") == whole[0]
    pd.testing.assert_frame_equal(_table(tmp_path / "out"), whole[1])


def _started(out: Path, jobs: int) -> subprocess.Popen[str]:
    command = [
        sys.executable,
        "-m",
        "softlabel",
        "compare",
        "digits",
        "--estimator",
        "softmax",
        "--methods",
        "smoothing,slr:n_rounds=1:final_targets=refined",
    ]
    command += ["--seeds", "3", "--jobs", str(jobs), "--out", str(out)]
    return subprocess.Popen(
        command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, start_new_session=True
    )


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.skipif(not hasattr(os, "killpg"), reason="signals a group of processes, as a terminal does")
def test_stopped_by_hand_it_says_how_to_go_on_and_does(tmp_path, jobs):
    process = _started(tmp_path / "out", jobs)
    assert process.stderr is not None
    lines = []
    for line in process.stderr:
        lines.append(line)
        if line.startswith("1 of 12: "):
            os.killpg(process.pid, signal.SIGINT)
            break
    after = process.stderr.readlines()
    assert process.wait() == 1
    assert after[-1].startswith("softlabel: stopped; what was computed lies in ")
    assert "the same command goes on" in after[-1]
    assert "Traceback" not in "".join(lines + after)
    again = _started(tmp_path / "out", 1)
    told = again.communicate()[1]
    assert again.returncode == 0
    assert "already done" in told
    assert len(list((tmp_path / "out" / "cells").rglob("*.json"))) == 12
