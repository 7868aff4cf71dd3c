from __future__ import annotations

import numpy as np
import pytest

from softlabel import quadratic_weighted_kappa
from softlabel.methods.final_task import final_task
from softlabel.methods.history import History
from softlabel.methods.problem import Problem
from softlabel.methods.rounds import Round, Settings
from softlabel.metrics.thresholds import fit_thresholds
from softlabel.run.config import make_config
from softlabel.run.thresholds import Thresholds, with_thresholds
from softlabel.tasks import Multiclass, Ordinal

CODES = np.repeat(np.arange(3), 20)


def _problem(guard=None):
    task = Ordinal.from_labels(CODES)
    guard = np.zeros(60, bool) if guard is None else guard
    return Problem(np.zeros((60, 1)), task, CODES, task.encode(CODES), guard)


def _round(number, oof):
    oof = np.asarray(oof, np.float32)[:, None]
    targets = np.nan_to_num(oof)
    return Round(number, targets, [], oof, targets, {})


class Seen:
    """Thresholds beside the history that they watch."""

    def __init__(self, problem, thresholds="fitted"):
        config = {"source": "s", "out": "x", "task": "ordinal", "thresholds": thresholds}
        self.history = History(problem, Settings())
        self.thresholds = Thresholds(make_config(config), problem, self.history)

    def see(self, number, oof):
        self.history.add(_round(number, oof))
        self.thresholds.see()


def _drawn_in(seed=0):
    """Predictions that are drawn to the middle, as those of a regression are: .6, 1, 1.4."""
    return 0.6 + 0.4 * CODES + np.random.default_rng(seed).normal(0, 0.05, 60)


def test_those_of_the_final_model_are_of_the_last_round_and_those_of_the_plain_one_of_the_first():
    first, last = _drawn_in(0), _drawn_in(1) + 0.1
    seen = Seen(_problem())
    assert seen.thresholds.final is seen.thresholds.plain is None
    for number, oof in enumerate((first, _drawn_in(2), last), start=1):
        seen.see(number, oof)
    found = seen.thresholds
    for thresholds, oof in ((found.plain, first), (found.final, last)):
        assert np.array_equal(thresholds, fit_thresholds(oof.astype(np.float32), CODES, 3, start=[0.5, 1.5]))
    told = found.told()["thresholds"]
    assert told["midpoints"] == [0.5, 1.5]
    assert told["fitted"] == found.final.tolist()
    assert told["oof_qwk_fitted"] == 1.0 > told["oof_qwk_midpoints"]


def test_a_final_model_of_the_given_labels_has_those_of_the_first_round():
    seen = Seen(_problem())
    for number, oof in enumerate((_drawn_in(0), _drawn_in(1) + 0.1), start=1):
        seen.see(number, oof)
    refined = seen.thresholds.final
    told = seen.thresholds.told()
    seen.thresholds.taken(0)
    assert np.array_equal(seen.thresholds.final, seen.thresholds.plain)
    assert not np.array_equal(seen.thresholds.final, refined)
    first = seen.thresholds.told()["thresholds"]
    assert first["fitted"] == seen.thresholds.plain.tolist()
    assert first["oof_qwk_midpoints"] == pytest.approx(
        quadratic_weighted_kappa(CODES, np.digitize(_drawn_in(0), [0.5, 1.5]), 3)
    )
    task = final_task(_problem(), seen.history, "fitted", given=True)  # as the estimator asks
    assert np.array_equal(task.thresholds, seen.thresholds.plain)
    seen.thresholds.taken(2)
    assert seen.thresholds.told() == told


def test_one_round_serves_both():
    seen = Seen(_problem())
    seen.see(1, _drawn_in())
    assert np.array_equal(seen.thresholds.plain, seen.thresholds.final)


def test_guard_rows_and_rows_without_a_prediction_count_for_nothing():
    oof = _drawn_in()
    odd = oof.copy()
    odd[:5], odd[5:8] = 2.0, np.nan
    seen, others = Seen(_problem(np.arange(60) < 5)), np.arange(60) >= 8
    seen.see(1, odd)
    expected = fit_thresholds(oof.astype(np.float32)[others], CODES[others], 3, start=[0.5, 1.5])
    assert np.array_equal(seen.thresholds.final, expected)
    assert seen.thresholds.told()["thresholds"]["oof_qwk_fitted"] == 1.0


@pytest.mark.parametrize("thresholds", [None, "midpoints"])
def test_none_where_none_were_asked_for(thresholds):
    seen = Seen(_problem(), thresholds)
    seen.see(1, _drawn_in())
    assert seen.thresholds.final is seen.thresholds.plain is None
    assert seen.thresholds.told() == {}


def test_a_task_gets_other_thresholds_where_there_are_any():
    task = Ordinal.from_labels(CODES)
    assert with_thresholds(task, None) is task
    assert with_thresholds(task, np.array([0.9, 1.1])).harden([[1.0]]) == [1]
    classes = Multiclass([0, 1])
    assert with_thresholds(classes, np.array([0.9])) is classes
