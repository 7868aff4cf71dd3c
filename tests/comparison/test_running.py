from __future__ import annotations

import warnings

import pytest
from sklearn.base import BaseEstimator

from simple_learners import blobs
from softlabel.comparison.cell_work import Experiment
from softlabel.comparison.cells import Cell, CellResult
from softlabel.comparison.parts import LabelledRows, SplitRows
from softlabel.comparison.progress import Silent
from softlabel.comparison.running import Memory, StoredCells, all_cells, run_cells, stored_cells
from softlabel.errors import InputError
from softlabel.execution.processes import InProcess, Processes
from softlabel.run.units import TimeLimitReached
from softlabel.store.comparison_store import ComparisonStore
from softlabel.tasks import Multiclass


class Uniform(BaseEstimator):
    """Answers one half each, warns, and fails on the seeds that it is told to fail on."""

    def __init__(self, failing=(), random_state=None):
        self.failing = failing
        self.random_state = random_state

    def fit(self, X, y):
        if self.random_state in self.failing:
            raise RuntimeError("out of\n ideas")
        warnings.warn("not  much learnt", UserWarning, stacklevel=1)
        return self

    def predict_targets(self, X):
        return [[0.5, 0.5]] * len(X)


def _experiment(**methods):
    X, y = blobs(n_per_class=20, k=2)
    return Experiment(SplitRows(LabelledRows(X, y), Multiclass.from_labels(y)), methods, None)


class Watching(Silent):
    def __init__(self):
        self.told = []

    def cell_done(self, cell, result):
        self.told.append(cell)

    def failed(self, cell, text):
        self.told.append((cell, text))


def test_seeds_come_first():
    cells = all_cells(["a", "b"], ["none", "pair:0.1"], [5, 6])
    assert cells[:4] == [Cell(c, 5, m) for c in ("none", "pair:0.1") for m in "ab"]
    assert len(cells) == len(set(cells)) == 8


@pytest.mark.parametrize("executor", [InProcess(), Processes(2)], ids=["here", "processes"])
def test_a_failing_cell_is_told_and_the_others_go_on(executor):
    cells, watching = all_cells(["a"], ["none"], range(4)), Watching()
    experiment = _experiment(a=Uniform(failing=(1,)))
    results, failures = run_cells(cells, experiment, Memory(), executor, watching)
    assert [cell.seed for cell in results] == [0, 2, 3]
    assert failures == {cells[1]: "RuntimeError: out of ideas"}
    assert (cells[1], "RuntimeError: out of ideas") in watching.told
    assert len(watching.told) == 4
    assert results[cells[0]].warnings == (("UserWarning", "not much learnt"),)


def test_an_error_of_ours_is_told_in_its_own_words():
    class Refuses(Uniform):
        def fit(self, X, y):
            raise InputError("give more")

    _, failures = run_cells(all_cells("a", ["none"], [0]), _experiment(a=Refuses()), Memory(), InProcess(), Silent())
    assert list(failures.values()) == ["give more"]


def test_each_cell_is_kept_at_once_and_read_again(tmp_path):
    kept = StoredCells(ComparisonStore.create(tmp_path / "c", {}))
    cells = all_cells(["a"], ["none"], range(2))
    with pytest.raises(TimeLimitReached, match="the same command goes on"):
        run_cells(cells, _experiment(a=Uniform()), kept, InProcess(), Silent(), time_limit=0.0)
    found = stored_cells(cells, StoredCells(ComparisonStore.open(tmp_path / "c")))
    assert list(found) == cells[:1]
    assert isinstance(found[cells[0]], CellResult)
    assert found[cells[0]].seconds > 0


def test_a_time_limit_says_nothing_when_all_is_done():
    cells = all_cells(["a"], ["none"], [0])
    results, _ = run_cells(cells, _experiment(a=Uniform()), Memory(), InProcess(), Silent(), time_limit=0.0)
    assert list(results) == cells


def test_no_cells_are_no_work():
    assert run_cells([], _experiment(), Memory(), InProcess(), Silent()) == ({}, {})


def test_cells_without_watched_losses_are_done_again_only_where_such_are_asked_for():
    class Kept(Memory):
        found = {
            "network": CellResult({}, epochs=({"train_loss": 1.0},)),
            "watched": CellResult({}, epochs=({"train_loss": 1.0},), watched=True),
            "forest": CellResult({}),
        }

        def get(self, cell):
            return self.found[cell.method]

    cells = all_cells(list(Kept.found), ["none"], [0])
    assert list(stored_cells(cells, Kept())) == cells
    assert [cell.method for cell in stored_cells(cells, Kept(), curves=True)] == ["watched", "forest"]


def test_a_time_limit_looks_at_cells_that_failed_too():
    cells = all_cells(["a"], ["none"], range(3))
    with pytest.raises(TimeLimitReached):
        run_cells(cells, _experiment(a=Uniform(failing=(0,))), Memory(), InProcess(), Silent(), time_limit=0.0)
    results, failures = run_cells(
        cells[:1], _experiment(a=Uniform(failing=(0,))), Memory(), InProcess(), Silent(), time_limit=0.0
    )
    assert (results, list(failures)) == ({}, cells[:1])


def test_a_damaged_cell_is_told_of_and_computed_anew(tmp_path):
    class Stages(Silent):
        def __init__(self):
            self.told = []

        def stage(self, text):
            self.told.append(text)

    cells, stages = all_cells(["a"], ["none"], range(3)), Stages()
    store = ComparisonStore.create(tmp_path / "c", {})
    run_cells(cells, _experiment(a=Uniform()), StoredCells(store), InProcess(), Silent())
    for cell in cells[:2]:
        store.paths.cell(cell.corruption, cell.seed, cell.method).write_text("{")
    assert list(stored_cells(cells, StoredCells(store, stages))) == cells[2:]
    assert [text.endswith("it is computed anew") for text in stages.told] == [True, True]


def test_rows_that_nobody_can_find_are_not_warned_of():
    class Complains(Uniform):
        def fit(self, X, y):
            warnings.warn("25 of 192 rows have no label (first row 11); leave them out", UserWarning, stacklevel=1)
            return super().fit(X, y)

    results, _ = run_cells(all_cells("a", ["none"], [0]), _experiment(a=Complains()), Memory(), InProcess(), Silent())
    assert [result.warnings for result in results.values()] == [(("UserWarning", "not much learnt"),)]
