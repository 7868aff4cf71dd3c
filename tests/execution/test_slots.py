from __future__ import annotations

import os
import subprocess
import sys

import pytest

from softlabel.execution import slots
from softlabel.execution.slots import claimed_slot


@pytest.fixture(autouse=True)
def _new_process(monkeypatch):
    monkeypatch.setattr(slots, "_kept", None)


def test_places_that_are_held_are_all_different_and_come_free(tmp_path):
    with claimed_slot(tmp_path, 3) as first, claimed_slot(tmp_path, 3) as second, claimed_slot(tmp_path, 3) as third:
        assert {first, second, third} == {0, 1, 2}
        assert len(list(tmp_path.iterdir())) == 3
    assert not list(tmp_path.iterdir())


def test_a_process_gets_its_former_place_back(tmp_path):
    with claimed_slot(tmp_path, 5) as first:
        pass
    assert first == os.getpid() % 5
    for _ in range(3):
        with claimed_slot(tmp_path, 5) as again:
            assert again == first
    (tmp_path / str(first)).touch()  # of another process
    with claimed_slot(tmp_path, 5) as other:
        assert other == (first + 1) % 5
    (tmp_path / str(first)).unlink()
    with claimed_slot(tmp_path, 5) as again:
        assert again == other


def test_a_place_comes_free_where_a_task_fails(tmp_path):
    with pytest.raises(ArithmeticError), claimed_slot(tmp_path, 1):
        raise ArithmeticError
    with claimed_slot(tmp_path, 1) as slot:
        assert slot == 0


def test_without_a_free_place_or_a_folder_one_is_given_all_the_same(tmp_path, monkeypatch):
    monkeypatch.setattr(slots, "_PASSES", 2)
    with claimed_slot(tmp_path, 1), claimed_slot(tmp_path, 1) as again:
        assert again == 0
        assert list(tmp_path.iterdir()) == [tmp_path / "0"]
    with claimed_slot(tmp_path / "gone", 2) as slot:
        assert slot in (0, 1)


def test_a_claim_holds_against_other_processes(tmp_path):
    program = (
        "import sys; from softlabel.execution.slots import claimed_slot\n"
        "with claimed_slot(sys.argv[1], 2) as slot: print(slot)"
    )
    with claimed_slot(tmp_path, 2) as mine:
        done = subprocess.run([sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True)
    assert done.stdout.strip() == str(1 - mine), done.stderr
