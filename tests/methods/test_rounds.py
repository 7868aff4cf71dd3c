from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from sklearn.model_selection import KFold

from simple_learners import Centroids, Viewed, blobs
from softlabel.errors import InputError
from softlabel.methods.problem import Problem
from softlabel.methods.rounds import Settings, closing_pass, refine_once, refinement_rounds
from softlabel.methods.units import Memory
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


def test_fixed_folds_are_those_of_the_first_round():
    anew, fixed = _rounds(), _rounds(Settings(cv=3, fixed_folds=True, seeds=Seeds(0)))
    assert fixed[0].refined.tobytes() == anew[0].refined.tobytes()
    for done in fixed[1:]:
        for fold, first in zip(done.folds, anew[0].folds, strict=True):
            assert np.array_equal(fold.train, first.train)
            assert np.array_equal(fold.held_out, first.held_out)


class Counting(Centroids):
    """Counts the fits behind it; its length is a number that it remembers."""

    training_length = "n_passes"

    def __init__(self, n_passes=10, random_state=None):
        self.n_passes = n_passes
        self.random_state = random_state

    def fit(self, X, targets, sample_weight=None):
        self.behind_ = [self.n_passes]
        self.rows_ = X.tobytes()
        return super().fit(X, targets, sample_weight)

    def fit_from(self, fitted, X, targets, sample_weight=None):
        assert fitted.rows_ == X.tobytes()  # a model goes on with the rows that it knows
        self.fit(X, targets, sample_weight)
        self.behind_ = [*fitted.behind_, self.n_passes]
        return self

    def predict_targets(self, X):
        told = super().predict_targets(X)
        return (1 - 0.01 * sum(self.behind_)) * told + 0.01 * sum(self.behind_) / 3


class Watching(Memory):
    """Remembers what was put and what was let go of."""

    def __init__(self):
        super().__init__()
        self.put_in, self.forgotten = [], []

    def put(self, unit, result):
        super().put(unit, result)
        self.put_in.append((unit, None if result.model is None else result.model.behind_))

    def forget(self, round):
        super().forget(round)
        self.forgotten.append((round, len(self._models)))


WARM = {"cv": 3, "fixed_folds": True, "warm_start": True, "seeds": Seeds(0)}


def _warm(units, settings=None, **options):
    rounds = refinement_rounds(
        PROBLEM,
        [Counting()],
        settings or Settings(**WARM, teacher_budget=0.3),
        **{"n_rounds": 3} | options,
        units=units,
    )
    return list(rounds)


def test_fold_models_go_on_from_round_to_round_each_for_its_budget():
    units = Watching()
    rounds = _warm(units)
    assert [behind for _, behind in units.put_in] == [[3]] * 3 + [[3, 3]] * 3 + [[3, 3, 3]] * 3
    assert units.forgotten == [(1, 3), (2, 3)]  # when the next round's are all there
    first, last = (done.oof.max(axis=1).mean() for done in (rounds[0], rounds[-1]))
    assert last < first  # the oof predictions are those of the longer trained


def test_without_a_warm_start_no_model_is_kept():
    units = Watching()
    _warm(units, Settings(cv=3, fixed_folds=True, teacher_budget=0.3, seeds=Seeds(0)))
    assert [behind for _, behind in units.put_in] == [None] * 9
    assert units.forgotten == []


def test_the_closing_pass_goes_on_too():
    units, settings = Watching(), Settings(**WARM, teacher_budget=0.3)
    done = _warm(units, settings, n_rounds=2)
    closing_pass(PROBLEM, [Counting()], settings, done[-1].refined, 2, units=units)
    assert [behind for unit, behind in units.put_in if unit.round == 3] == [[3, 3, 3]] * 3


def test_a_round_whose_models_are_gone_says_so():
    done = _warm(Memory(), n_rounds=1)
    with pytest.raises(
        InputError, match="goes on with the models of round 1, and that of member 0, fold 0 is not kept"
    ):
        _warm(Memory(), first=2, targets=done[0].refined)


class Moving:
    """A splitter that hides its chance."""

    n_splits = 2

    def __init__(self):
        self.calls = 0

    def split(self, X, y=None, groups=None):
        self.calls += 1
        rows = np.random.default_rng(self.calls).permutation(len(X))
        half = len(X) // 2
        return [(rows[:half], rows[half:]), (rows[half:], rows[:half])]


def test_folds_that_move_behind_the_back_are_refused_in_the_second_round():
    with pytest.raises(InputError, match="Moving split the rows otherwise than in the round before"):
        _warm(Memory(), Settings(**WARM | {"cv": Moving()}))


def test_the_budget_is_of_fold_models_only_and_changes_no_learner():
    learner, units = Counting(), Watching()
    list(refinement_rounds(PROBLEM, [learner], Settings(**WARM, teacher_budget=0.5), n_rounds=1, units=units))
    assert units.put_in[0][1] == [5]
    assert learner.n_passes == 10


@pytest.mark.parametrize("sharpened", [None, 0.5])
def test_pinned_rows_keep_their_targets_to_the_byte(sharpened):
    rng = np.random.default_rng(0)
    targets, oof = (rng.dirichlet([1, 1, 1], size=6).astype(np.float32) for _ in range(2))
    oof[0] = np.nan  # no fold held it out
    pinned = np.array([False, True, False, False, True, False])
    settings = Settings(momentum=0.5, sharpen=sharpened)
    free, held = (refine_once(Multiclass([0, 1, 2]), targets, oof, settings, 1, mask) for mask in (None, pinned))
    assert np.array_equal(held[pinned], targets[pinned])
    assert np.array_equal(held[~pinned], free[~pinned])
    assert not np.isclose(free[pinned], targets[pinned]).all()


def test_trusted_rows_are_watched_out_of_fold_and_train_as_all_others():
    trusted, rows = np.arange(36) % 6 == 0, np.arange(36)
    problem, settings = replace(PROBLEM, trusted=trusted, guard=rows == 6), Settings(cv=3)
    (done,) = refinement_rounds(problem, [Centroids()], settings, n_rounds=1)
    assert np.array_equal(done.watched["trusted"], done.oof[trusted])
    assert np.array_equal(done.watched["trusted"][1:2], done.watched["guard"])  # row 6 is of both
    for fold in done.folds:
        assert np.intersect1d(fold.train, np.flatnonzero(trusted)).size
    assert np.array_equal(done.refined[trusted], problem.given[trusted])
    last = closing_pass(problem, [Centroids()], settings, done.refined, 1)
    assert last["trusted"].shape == (6, 3)
    (plain,) = refinement_rounds(replace(problem, trusted=None), [Centroids()], settings, n_rounds=1)
    assert np.array_equal(plain.oof, done.oof)
    assert plain.watched.keys() == {"guard"}


def test_folds_that_hold_out_whole_classes_are_told_in_the_first_round():
    order = np.argsort(Y, kind="stable")
    problem = replace(PROBLEM, X=X[order], codes=Y[order], given=PROBLEM.given[order])

    def rounds(cv):
        return list(refinement_rounds(problem, [Centroids()], Settings(cv=cv, seeds=Seeds(0)), n_rounds=2))

    first, second = rounds(KFold(3))
    ((category, text),) = first.warnings
    assert category == "UserWarning"
    assert "the class of 36 of 36 rows is known to no model" in text
    assert not second.warnings
    assert not rounds(KFold(3, shuffle=True, random_state=0))[0].warnings


def test_classes_of_one_row_are_no_classes_that_folds_hold_out():
    few = np.arange(8)
    codes = np.where(np.isin(np.arange(36), few), np.arange(36) + 3, Y)
    problem = replace(PROBLEM, task=Multiclass(list(range(11))), codes=codes, given=np.eye(11, dtype=np.float32)[codes])
    (done,) = refinement_rounds(problem, [Centroids()], Settings(cv=3, seeds=Seeds(0)), n_rounds=1)
    assert np.isnan(done.oof).any()
    assert done.warnings == ()
