from __future__ import annotations

import os
import pickle

from softlabel.execution.executor import Resources
from softlabel.execution.pool import run_in_pool


def _run(function, unfinished, n_jobs=2):
    """Return what a pool yields, and what it returns at its end."""
    yielded, pool = [], run_in_pool(function, unfinished, Resources(), n_jobs)
    while True:
        try:
            yielded.append(next(pool))
        except StopIteration as end:
            return yielded, end.value


def _double(task):
    return 2 * task


def test_each_task_is_taken_out_as_its_outcome_comes():
    unfinished = {3: 30, 5: 50, 8: 80}
    for task, outcome in run_in_pool(_double, unfinished, Resources(), 2):
        assert outcome.value == 2 * task
        assert task not in unfinished.values()
    assert unfinished == {}
    assert _run(_double, {1: 10})[1] is None


def _wait_or_die(task):
    number, folder = task
    (folder / str(number)).touch()
    while len(list(folder.iterdir())) < 2:
        pass
    if number == 7:
        os._exit(1)
    while not (folder / "end").exists():
        pass


def test_where_it_breaks_those_that_had_begun_are_the_suspects(tmp_path):
    unfinished = {number: (number, tmp_path) for number in (4, 7, 1, 2, 3, 5)}
    yielded, broken = _run(_wait_or_die, unfinished)
    (tmp_path / "end").touch()
    assert yielded == []
    assert broken.suspects == (4, 7)
    assert "terminated" in str(broken.error)
    assert list(unfinished) == [4, 7, 1, 2, 3, 5]


class Unsendable:
    def __reduce__(self):
        raise pickle.PicklingError("it cannot be sent")


def test_where_none_had_begun_those_that_were_handed_out_are_the_suspects():
    unfinished = {number: Unsendable() for number in range(2, 40)}
    yielded, broken = _run(_double, unfinished)
    assert yielded == []
    assert broken.suspects[0] == 2
    assert len(broken.suspects) < 10
    assert "pickle" in str(broken.error)


def test_a_pool_that_cannot_be_started_has_no_suspects(monkeypatch):
    def refuse(*_, **__):
        raise OSError("no more processes")

    monkeypatch.setattr("joblib.parallel.Parallel.__call__", refuse)
    yielded, broken = _run(_double, {0: 1, 1: 2})
    assert yielded == []
    assert broken.suspects == ()
    assert str(broken.error) == "no more processes"
