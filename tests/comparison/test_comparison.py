from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from simple_learners import blobs
from softlabel.comparison.comparison import run_comparison
from softlabel.comparison.config import CompareConfig
from softlabel.comparison.progress import Silent
from softlabel.errors import InputError, RunConflictError
from softlabel.run.config import make_config
from softlabel.store.comparison_store import ComparisonPaths


class Watching(Silent):
    def __init__(self):
        self.plan, self.n_done = None, 0

    def planned(self, plan):
        self.plan = plan

    def cell_done(self, cell, result):
        self.n_done += 1


@pytest.fixture
def table(tmp_path):
    X, y = blobs(n_per_class=30, spread=1.5)
    frame = pd.DataFrame(X, columns=["u", "v"]).assign(kind=np.array(["ant", "bee", "cat"])[y])
    frame.to_csv(tmp_path / "bugs.csv", index=False)
    return tmp_path / "bugs.csv"


PAPER = "slr:n_rounds=1:final_targets=refined"


def _config(table, **options):
    given = {"source": str(table), "label": "kind", "out": table.parent / "out", "estimator": "logistic"}
    given |= {"methods": PAPER, "seeds": 2, "corrupt": ["none", "symmetric:0.2"]}
    return make_config(given | options, kind=CompareConfig)


def _run(table, **options):
    watching = Watching()
    return run_comparison(_config(table, **options), watching), watching


def _numbers(results):
    return {cell: result.record() for cell, result in results.cells.items()}


def test_a_comparison_from_a_file(table):
    results, watching = _run(table)
    assert results.methods == ("plain", "temperature", PAPER)
    assert (watching.plan.n_cells, watching.plan.n_done, watching.n_done) == (12, 0, 12)
    assert watching.plan.added == ("plain", "temperature")
    for seed in range(2):  # one temperature for all answers: nobody is called otherwise
        plain, scaled = (
            results.cells[cell].scores
            for cell in results.cells
            if cell.seed == seed and cell.method in ("plain", "temperature") and cell.corruption == "none"
        )
        assert plain["accuracy"] == scaled["accuracy"]


def test_a_comparison_that_is_done_is_read_and_an_unfinished_one_filled(table):
    whole, _ = _run(table)
    again, watching = _run(table)
    assert watching.n_done == 0
    assert _numbers(again) == _numbers(whole)
    paths = ComparisonPaths(table.parent / "out")
    files = sorted(paths.cells.rglob("*.json"))
    before = {file: file.read_bytes() for file in files}
    for file in files[::2]:
        file.unlink()
    filled, watching = _run(table)
    assert watching.n_done == len(files[::2])
    assert _numbers(filled) == _numbers(whole)
    assert {file: file.read_bytes() for file in files} == before


def test_more_methods_seeds_and_corruptions_extend_it(table):
    first, _ = _run(table)
    more, watching = _run(table, methods=f"smoothing,{PAPER}", seeds=3, corrupt=["none", "symmetric:0.2", "pair:0.1"])
    assert watching.plan.n_done == 12
    assert watching.n_done == 4 * 3 * 3 - 12
    assert _numbers(first).items() <= _numbers(more).items()
    fewer, watching = _run(table, methods="smoothing", seeds=1, corrupt="none")
    assert watching.n_done == 0
    assert set(fewer.cells) < set(more.cells)


@pytest.fixture
def crowded(table):
    frame = pd.read_csv(table)
    frame["crowd, all"] = np.roll(frame["kind"], 4)
    frame["few"] = np.where(frame.index % 10 == 0, "cat", frame["kind"])
    frame.to_csv(table, index=False)
    return table


MIXED = ["none", "symmetric:0.2", "instance:0.2", "column:crowd, all"]


def test_kinds_of_wrong_labels_stand_side_by_side(crowded):
    results, _ = _run(crowded, corrupt=MIXED, drop=["few"], seeds=1)
    assert results.corruptions == tuple(MIXED)
    assert len(results.cells) == 4 * 3
    for cell, result in results.cells.items():
        assert (result.recovery is None) == (cell.corruption == "none" or not cell.method.startswith("slr"))
    table = results.table().set_index(["corruption", "method"])
    assert table.loc[("none", "plain"), "accuracy"] > table.loc[("column:crowd, all", "plain"), "accuracy"]
    assert "labels of column crowd, all, 1 seed" in results.text()
    backwards, _ = _run(
        crowded, corrupt=MIXED[::-1], drop=["few"], out=crowded.parent / "back", seeds=1, methods="plain"
    )
    assert _numbers(backwards).items() <= _numbers(results).items()


def test_a_further_column_of_labels_extends_a_comparison_where_it_was_no_feature(crowded):
    options = {"seeds": 1, "drop": ["crowd, all", "few"]}
    _run(crowded, corrupt="none", **options)
    _, watching = _run(crowded, corrupt=["none", "column:few"], **options)
    assert (watching.plan.n_done, watching.n_done) == (3, 3)
    _, watching = _run(crowded, corrupt=["none", "column:crowd, all"], **options)
    assert (watching.plan.n_done, watching.n_done) == (3, 3)
    frame = pd.read_csv(crowded)
    frame.loc[1, "few"] = "cat"
    frame.to_csv(crowded, index=False)
    _, watching = _run(crowded, corrupt=["none", "column:crowd, all"], **options)
    assert watching.n_done == 0
    with pytest.raises(RunConflictError, match="column few changed"):
        _run(crowded, corrupt=["none", "column:few"], **options)


def test_a_column_that_cannot_be_used_is_told_before_anything_is_written(crowded):
    frame = pd.read_csv(crowded)
    frame["odd"] = frame["kind"].replace("ant", "gnat")
    frame.to_csv(crowded, index=False)
    with pytest.raises(InputError, match=r"column 'odd' has labels .* has not: gnat; known: ant, bee, cat"):
        _run(crowded, corrupt=["column:odd", "none"])
    with pytest.raises(InputError, match="has no column 'mob'"):
        _run(crowded, corrupt=["column:mob", "none"])
    assert not (crowded.parent / "out").exists()


def test_under_processes_the_same_cells(table):
    methods = f"{PAPER},slr:n_rounds=1"  # the default too, which chooses first
    here, _ = _run(table, methods=methods)
    there, _ = _run(table, methods=methods, out=table.parent / "other", jobs=2)
    assert _numbers(here) == _numbers(there)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"estimator": "softmax"}, "estimator was"),
        ({"test_share": 0.3}, "test-share was 0.2, now 0.3"),
        ({"set": {"C": 0.1}}, "set was not given"),
        ({"drop": ["v"]}, "drop was not given"),
    ],
)
def test_another_comparison_in_the_folder_is_refused_by_its_difference(table, change, told):
    _run(table, seeds=1, corrupt="none")
    with pytest.raises(RunConflictError, match=told):
        _run(table, seeds=1, corrupt="none", **change)


def test_other_data_are_refused(table):
    _run(table, seeds=1, corrupt="none")
    frame = pd.read_csv(table)
    frame.loc[0, "u"] += 1
    frame.to_csv(table, index=False)
    with pytest.raises(RunConflictError, match="the data changed"):
        _run(table, seeds=1, corrupt="none")


def test_several_learners_are_no_comparison(table):
    with pytest.raises(InputError, match=r"several \(logistic, softmax\); give one"):
        _run(table, estimator=["logistic", "softmax"])
    assert not (table.parent / "out").exists()


def test_nothing_is_written_for_methods_that_cannot_work(table):
    with pytest.raises(InputError, match="--unsuited skip"):
        _run(table, methods="plain,swa")
    assert not (table.parent / "out").exists()


@pytest.mark.parametrize(
    ("estimator", "method"),
    [("torch_mlp", "ldl:mix=cutmix"), ("logistic", "ldl:length=1/2"), ("logistic", "label_refinery:loss=kl")],
)
def test_nothing_is_written_for_parameters_that_cannot_work(table, estimator, method):
    with pytest.raises(InputError, match=f"^{method}: .*--unsuited skip"):
        _run(table, estimator=estimator, methods=["plain", method])
    assert not (table.parent / "out").exists()


def test_a_test_file_with_a_class_that_training_lacks_is_refused(table):
    test = table.parent / "test.csv"
    pd.read_csv(table).replace({"kind": {"cat": "dog"}}).to_csv(test, index=False)
    with pytest.raises(InputError, match="dog"):
        _run(table, test=str(test))


def test_a_test_file_of_other_columns_is_refused(table):
    test = table.parent / "test.csv"
    pd.read_csv(table).drop(columns="v").to_csv(test, index=False)
    with pytest.raises(InputError, match="v"):
        _run(table, test=str(test))
