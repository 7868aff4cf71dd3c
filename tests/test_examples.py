"""The examples run, and say what they promise."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parent.parent / "examples"


def _output(name, capsys):
    runpy.run_path(str(EXAMPLES / name), run_name="__main__")
    return capsys.readouterr().out


def test_every_example_is_tested():
    assert sorted(path.name for path in EXAMPLES.glob("*.py")) == [
        "by_hand.py",
        "crops.py",
        "grades.py",
        "pictures.py",
        "scikit_learn.py",
        "toy.py",
        "votes.py",
    ]


def test_by_hand(capsys):
    wrong, corrected, spoiled = map(int, re.findall(r"\d+", _output("by_hand.py", capsys)))
    assert wrong == 449
    assert corrected > 0.8 * wrong
    assert spoiled < 0.05 * 1348


def test_pictures(capsys):
    out = _output("pictures.py", capsys)
    wrong, right = map(int, re.findall(r"\d+", out.splitlines()[0]))
    assert wrong == 105
    assert right > 0.5 * wrong
    assert "(1, 10)" in out


def test_crops(capsys):
    out = _output("crops.py", capsys)
    accuracies = [float(found) for found in re.findall(r"test accuracy ([\d.]+)", out)]
    assert len(accuracies) == 3
    assert min(accuracies) > 0.3  # of ten classes
    assert "from 8 stored crops a picture" in out


@pytest.mark.filterwarnings("ignore")
def test_scikit_learn(capsys):
    out = _output("scikit_learn.py", capsys)
    assert "test accuracy: plain 0." in out
    assert out.count("suggested") == 5


def test_grades(capsys):
    out = _output("grades.py", capsys)
    assert len(re.findall(r"QWK 0\.[3-9]", out)) == 4
    assert all(int(share) > 60 for share in re.findall(r"(\d+)% were given wrongly", out))


def test_votes(capsys):
    out = _output("votes.py", capsys)
    (shares, _), (posterior, _) = re.findall(r"([\d.]+)% of the rows right as first targets, ([\d.]+)% refined", out)
    assert float(posterior) > float(shares)
    first, last = map(float, re.findall(r"([\d.]+) nats", out))
    assert last < first


def test_toy(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["toy.py"])
    found = {
        name: (float(right), float(away))
        for name, right, away in re.findall(r"(\S+): accuracy ([\d.]+), ([\d.]+)", _output("toy.py", capsys))
    }
    assert found["slr:n_rounds=8:final_targets=refined"][0] > found["plain"][0] + 0.05
    assert found["slr:n_rounds=8:final_targets=refined"][1] < found["plain"][1]
    for name in ("decision_areas.png", "targets_by_round.png", "table.md"):
        assert (tmp_path / "toy-study" / name).exists()
