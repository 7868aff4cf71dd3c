"""The toy study from one call: cells, areas and targets, resumed and complete."""

from __future__ import annotations

import pickle
import shutil
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from softlabel.comparison import toy
from softlabel.comparison.cell_work import Experiment
from softlabel.comparison.cells import Cell
from softlabel.comparison.config import CompareConfig
from softlabel.comparison.decision_areas import grid_points
from softlabel.comparison.method_specs import parse_method
from softlabel.comparison.progress import Silent
from softlabel.comparison.toy import answers_on_grid, run_toy, shown_noise
from softlabel.comparison.toy_files import ToyFiles
from softlabel.comparison.toy_rows import ToyRows
from softlabel.data.toy import toy_posterior
from softlabel.errors import InputError, RunConflictError
from softlabel.learners.names import named_estimator
from softlabel.methods.plain import Plain
from softlabel.methods.stochastic import StochasticLabelRefinery
from softlabel.run.config import make_config
from softlabel.run.units import TimeLimitReached
from softlabel.targets.distance import total_variation

ROWS = ToyRows(n=60, n_fresh=40)
SLR = "slr:n_rounds=2:final_targets=refined"


def _make_small(monkeypatch):
    """Two rounds in place of eight, a coarse grid, and no picture where none is looked at."""
    whole = toy.refine_by_round
    monkeypatch.setattr(toy, "refine_by_round", lambda seed, **options: whole(seed, n_rounds=2, **options))
    monkeypatch.setattr(toy, "grid_points", lambda: grid_points(5))
    monkeypatch.setattr(toy, "draw_areas", lambda folder, results: None)
    monkeypatch.setattr(toy, "draw_targets", lambda folder, noise, seeds: None)


@pytest.fixture
def small(monkeypatch):
    _make_small(monkeypatch)


def _refinery(seed):
    return StochasticLabelRefinery(
        named_estimator("softmax"), n_rounds=2, final_targets="refined", task=ROWS.task, random_state=seed
    )


def _config(folder, **options):
    given = {"source": "toy", "out": folder, "estimator": "softmax", "methods": SLR, "seeds": 2, "seed": 5}
    return make_config(given | {"corrupt": ["none", "symmetric:0.3"]} | options, kind=CompareConfig)


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """A finished study: its folder, its results, and what it told."""
    told = []

    class Watching(Silent):
        def stage(self, text):
            told.append(text)

    folder = tmp_path_factory.mktemp("toy") / "study"
    with pytest.MonkeyPatch.context() as monkeypatch:
        _make_small(monkeypatch)
        results = run_toy(_config(folder), Watching(), rows=ROWS)
    return folder, results, told


@pytest.fixture
def copy(study, tmp_path):
    """A copy of the finished study, to go on with."""
    return Path(shutil.copytree(study[0], tmp_path / "study"))


def _numbers(results):
    return {cell: result.record() for cell, result in results.cells.items()}


def _bytes(folder):
    return {path.relative_to(folder): path.read_bytes() for path in (folder / "toy").rglob("*.npy")}


def test_every_cell_is_scored_on_fresh_points(study):
    _, results, _ = study
    assert (results.methods, results.seeds) == (("plain", "temperature", SLR), (5, 6))
    assert results.corruptions == ("none", "symmetric:0.3")
    assert not results.failures
    parts = ROWS.parts(6, "symmetric:0.3")
    refinery = _refinery(6)
    answers = refinery.fit(parts.X, parts.y).predict_proba(parts.X_test)
    cell = results.cells[Cell("symmetric:0.3", 6, SLR)]
    assert cell.scores["accuracy"] == pytest.approx((answers.argmax(axis=1) == parts.y_test).mean())
    away = total_variation(answers, toy_posterior(parts.X_test)).mean()
    assert cell.extra["posterior_tv"] == pytest.approx(away, abs=1e-6)
    assert cell.recovery["n_wrong"] == 18


def test_targets_by_round_end_where_the_cell_of_the_refinery_does(study):
    parts = ROWS.parts(6, "symmetric:0.3")
    refinery = _refinery(6)
    stored = ToyFiles(study[0]).targets("symmetric:0.3", 6)
    np.testing.assert_array_equal(stored[-1], refinery.fit(parts.X, parts.y).label_distributions_)


def test_areas_are_those_of_the_first_seed(study):
    folder, results, _ = study
    files = ToyFiles(folder)
    for corruption in results.corruptions:
        parts = ROWS.parts(5, corruption)
        plain = Plain(named_estimator("softmax"), task=ROWS.task, random_state=5).fit(parts.X, parts.y)
        found = files.areas(Cell(corruption, 5, "plain"))
        np.testing.assert_allclose(found, plain.predict_proba(grid_points(5)), atol=1e-7)
        assert files.areas(Cell(corruption, 5, SLR)) is not None
        assert files.areas(Cell(corruption, 6, "plain")) is None


def test_stages_are_told(study):
    told = study[2]
    assert "decision areas of seed 5: 6 to compute" in told
    assert "decision areas of seed 5: 3 of 6" in told
    assert told[-3:] == [f"targets by round, symmetric:0.3: {left}" for left in ("2 to compute", "1 of 2", "2 of 2")]


def test_figures_and_tables_lie_beside_the_cells(tmp_path):
    folder = tmp_path / "study"
    run_toy(_config(folder, methods="plain", seeds=1, corrupt="symmetric:0.2"), rows=ToyRows(n=30, n_fresh=10))
    names = {path.name for path in folder.iterdir()}
    assert {"decision_areas.png", "decision_areas.svg", "targets_by_round.png", "targets_by_round.csv"} <= names
    assert "table.csv" in names
    assert ToyFiles(folder).targets("symmetric:0.2", 5).shape == (9, 30, 3)  # 8 rounds


def test_a_finished_study_computes_nothing_anew(study, copy, small, monkeypatch):
    def refuse(*args, **options):
        raise AssertionError("nothing was to be computed")

    monkeypatch.setattr(toy, "refine_by_round", refuse)
    monkeypatch.setattr(toy, "answers_on_grid", refuse)
    assert _numbers(run_toy(_config(copy), rows=ROWS)) == _numbers(study[1])


def test_what_is_missing_is_computed_to_the_same_bytes(study, copy, small):
    for path in list((copy / "toy").rglob("*.npy"))[::2]:
        path.unlink()
    run_toy(_config(copy), rows=ROWS)
    assert _bytes(copy) == _bytes(study[0])


def test_more_methods_and_seeds_extend_it(study, copy, small):
    run_toy(_config(copy, methods="smoothing", seeds=3, corrupt="symmetric:0.3"), rows=ROWS)
    before, after = _bytes(study[0]), _bytes(copy)
    assert before.items() < after.items()
    assert len(after) - len(before) == 2  # the areas of smoothing, the targets of the third seed


def test_other_rows_are_another_study(copy, small):
    with pytest.raises(RunConflictError, match=r"the data changed .60 rows x 2 columns before, 61 rows"):
        run_toy(_config(copy), rows=ToyRows(n=61, n_fresh=40))


def test_the_time_limit_holds_for_the_figures_too(copy, small):
    for path in (copy / "toy").rglob("*.npy"):
        path.unlink()
    with pytest.raises(TimeLimitReached, match="the same command goes on"):
        run_toy(_config(copy, time_limit=1e-6), rows=ROWS)
    assert len(_bytes(copy)) == 1  # what was whole is kept


def test_a_fit_that_fails_is_told_of(copy, small, monkeypatch):
    def fail(seed, **options):
        raise InputError(f"seed {seed} cannot be refined")

    monkeypatch.setattr(toy, "refine_by_round", fail)
    with pytest.raises(InputError, match="seed 7 cannot be refined"):
        run_toy(_config(copy, seeds=3, methods="plain", corrupt="symmetric:0.3"), rows=ROWS)


def test_what_processes_are_sent_can_be_sent():
    experiment = Experiment(ROWS, {"plain": parse_method("plain")}, named_estimator("softmax"))
    work = pickle.loads(pickle.dumps(partial(answers_on_grid, experiment=experiment, rows=ROWS)))
    assert work(Cell("none", 0, "plain")).shape == (8100, 3)


def test_answers_of_a_cell_are_asked_of_a_fit_like_its_own():
    experiment = Experiment(ROWS, {"plain": parse_method("plain")}, named_estimator("softmax"))
    answers = answers_on_grid(Cell("none", 0, "plain"), experiment=experiment, rows=ROWS)
    parts = ROWS.parts(0, "none")
    plain = Plain(named_estimator("softmax"), task=ROWS.task, random_state=0).fit(parts.X, parts.y)
    np.testing.assert_allclose(answers, plain.predict_proba(grid_points()), atol=1e-7)


def test_the_noise_that_is_shown_round_by_round():
    assert shown_noise(("symmetric:0.1", "symmetric:0.3")) == "symmetric:0.3"
    assert shown_noise(("none", "symmetric:0.1", "symmetric:0.5")) == "symmetric:0.1"
    assert shown_noise(("none",)) == "symmetric:0.3"
