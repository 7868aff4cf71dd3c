from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from simple_learners import Centroids, Viewed, blobs
from softlabel.methods.cross_fit import Problem
from softlabel.methods.rounds import Settings, refine_once, refinement_rounds
from softlabel.seeds import Seeds
from softlabel.tasks import Multiclass

X, Y = blobs(n_per_class=12, spread=1.0)
PROBLEM = Problem(X, Multiclass([0, 1, 2]), Y, np.eye(3, dtype=np.float32)[Y], np.zeros(36, bool))


def _rounds(settings=None, **options):
    settings = settings or Settings(cv=3, seeds=Seeds(0))
    return list(refinement_rounds(PROBLEM, [Centroids()], settings, **({"n_rounds": 3} | options)))


def test_each_round_trains_on_what_the_last_one_made():
    rounds = _rounds()
    assert [done.round for done in rounds] == [1, 2, 3]
    assert rounds[0].targets is PROBLEM.given
    for before, after in pairwise(rounds):
        assert after.targets is before.refined
    for done in rounds:
        assert np.allclose(done.refined, 0.75 * done.targets + 0.25 * done.oof, atol=1e-6)


def test_the_running_average_weighs_all_alike():
    rounds = _rounds(Settings(cv=3, momentum="average", seeds=Seeds(0)))
    mean = np.mean([PROBLEM.given, *(done.oof for done in rounds)], axis=0)
    assert np.allclose(rounds[-1].refined, mean, atol=1e-6)


def test_going_on_from_a_stored_round_is_the_same():
    whole = _rounds()
    rest = _rounds(first=3, targets=whole[1].refined)
    assert [done.round for done in rest] == [3]
    assert rest[0].refined.tobytes() == whole[2].refined.tobytes()


def test_the_split_is_new_each_round():
    rounds = _rounds()
    assert not np.array_equal(rounds[0].folds[0].held_out, rounds[1].folds[0].held_out)


def test_no_rounds_do_nothing():
    assert _rounds(n_rounds=0) == []


def test_guard_rows_are_predicted_and_left_alone():
    guard = np.arange(36) % 4 == 0
    problem = Problem(X, PROBLEM.task, Y, PROBLEM.given, guard)
    (done,) = refinement_rounds(problem, [Centroids()], Settings(cv=3), n_rounds=1)
    assert np.array_equal(done.refined[guard], PROBLEM.given[guard])
    assert np.array_equal(done.oof[guard], done.watched["guard"])
    assert not any(np.isin(np.flatnonzero(guard), np.r_[fold.train, fold.held_out]).any() for fold in done.folds)


@pytest.mark.parametrize("temperature", [0.5, 0.25])
def test_sharpening_comes_before_the_update(temperature):
    oof = np.array([[0.6, 0.4], [np.nan, np.nan]], dtype=np.float32)
    targets = np.array([[0.0, 1.0], [1.0, 0.0]], dtype=np.float32)
    settings = Settings(momentum=0.5, sharpen=temperature)
    refined = refine_once(Multiclass([0, 1]), targets, oof, settings, 1)
    raised = oof[0] ** (1 / temperature)
    assert np.allclose(refined[0], 0.5 * targets[0] + 0.5 * raised / raised.sum(), atol=1e-6)
    assert refined[1].tolist() == [1, 0]


def test_an_unseen_class_keeps_its_mass_however_sharp_the_rest_is_made():
    oof = np.array([[0.6, 0.4, np.nan]], dtype=np.float32)
    targets = np.array([[0.3, 0.1, 0.6]], dtype=np.float32)
    for temperature in (None, 0.5, 0.25):
        refined = refine_once(Multiclass([0, 1, 2]), targets, oof, Settings(momentum=0.5, sharpen=temperature), 1)
        assert refined[0, 2] == np.float32(0.6)
        assert refined.sum() == pytest.approx(1)


def test_views_enter_the_targets():
    one, several = (
        next(refinement_rounds(PROBLEM, [Viewed()], Settings(cv=3, tta=tta, seeds=Seeds(0)), n_rounds=1))
        for tta in (None, "mirror")
    )
    assert one.oof.tobytes() == _rounds()[0].oof.tobytes()
    assert not np.allclose(several.oof, one.oof, atol=1e-3)
    assert np.allclose(several.refined, 0.75 * several.targets + 0.25 * several.oof, atol=1e-6)
