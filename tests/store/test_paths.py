from __future__ import annotations

from pathlib import Path

import pytest

from softlabel.errors import InputError
from softlabel.store.paths import GenerationPaths, RunPaths


def test_the_layout():
    """The layout is a contract: other tools read it."""
    paths = RunPaths("r")
    assert [path.as_posix() for path in (paths.record, paths.lock, paths.checksums, paths.timing, paths.model)] == [
        "r/run.json",
        "r/lock",
        "r/checksums.json",
        "r/timing.jsonl",
        "r/model",
    ]
    assert paths.array("given").as_posix() == "r/given.npy"
    assert paths.table("labels").as_posix() == "r/labels.parquet"
    assert paths.json("metrics").as_posix() == "r/metrics.json"
    assert paths.report.as_posix() == "r/report.html"
    assert paths.round(1).as_posix() == "r/rounds/01"
    assert paths.round(123).as_posix() == "r/rounds/123"
    assert paths.unit(2, 0, 13).as_posix() == "r/rounds/02/units/m0-f13"


def test_round_numbers_in_order(tmp_path):
    paths = RunPaths(tmp_path)
    assert paths.round_numbers() == []
    for name in ("10", "02", "100", "1", "007", "00", "x1", ".writing-1-03"):
        (tmp_path / "rounds" / name).mkdir(parents=True)
    (tmp_path / "rounds" / "04").write_text("a file")
    assert paths.round_numbers() == [2, 10, 100]


@pytest.mark.parametrize("name", ["", "..", "a/b", "a\\b", ".hidden", "-x", "ä", "a b"])
def test_names_that_could_leave_the_folder(name):
    with pytest.raises(InputError, match="cannot be the name"):
        RunPaths(Path("r")).array(name)


def test_addresses_out_of_range():
    with pytest.raises(InputError, match="counted from 1"):
        RunPaths("r").round(0)
    with pytest.raises(InputError, match="counted from 0"):
        RunPaths("r").unit(1, -1, 0)


def test_generations_stand_where_rounds_do_and_teachers_before_them(tmp_path):
    paths = GenerationPaths(tmp_path)
    assert paths.round(1) == tmp_path / "generations" / "01"
    assert paths.unit(0, 1, 2) == tmp_path / "generations" / "00" / "units" / "m1-f2"
    for name in ("00", "01", "02"):
        (paths.rounds / name).mkdir(parents=True)
    assert paths.round_numbers() == [1, 2]  # teachers are no generation
    with pytest.raises(InputError, match="generation -1; generations are counted from 1, and teachers are 0"):
        paths.round(-1)
