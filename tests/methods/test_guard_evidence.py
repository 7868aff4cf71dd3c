"""Evidence from guards: no row that scores was learnt from, nothing is fitted twice, and turns end when they are sure."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.base import BaseEstimator
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.model_selection import KFold, PredefinedSplit

from guarded_problems import FITS, GUARD, PLANS, SETTINGS, Recorder, problem_of
from simple_learners import Centroids, blobs
from softlabel.errors import FitError
from softlabel.execution.processes import InProcess
from softlabel.learners.contract import as_learner
from softlabel.methods import choice, guard_evidence
from softlabel.methods.candidates import Evidence
from softlabel.methods.evidence_units import Kept
from softlabel.methods.fit_count import fits_counted
from softlabel.methods.guard_evidence import evidence_fits, rotating_evidence
from softlabel.methods.plans import plans_of
from softlabel.methods.problem import Problem
from softlabel.methods.rounds import Settings
from softlabel.methods.turning_guards import guards_of
from softlabel.tasks import Multilabel


class OneByOne(BaseEstimator):
    """For each label, by which of two means is nearer."""

    def fit(self, X, targets, sample_weight=None):
        self.centres_ = [[np.average(X, axis=0, weights=w + 1e-9) for w in (1 - t, t)] for t in targets.T]
        return self

    def predict_targets(self, X):
        far = np.array([[((X - c) ** 2).sum(axis=1) for c in pair] for pair in self.centres_])  # (k, 2, n)
        return 1 / (1 + np.exp(np.clip(far[:, 1] - far[:, 0], -30, 30))).T


class Failing(Centroids):
    def fit(self, X, targets, sample_weight=None):
        if len(X) == 45:  # what a candidate is fitted on; folds are smaller
            raise RuntimeError("out of paper")
        return super().fit(X, targets, sample_weight)


@pytest.fixture(autouse=True)
def _forget():
    FITS.clear()


def _choose(problem, learner=None, settings=SETTINGS, plans=PLANS, **options):
    learner = Recorder() if learner is None else learner
    return rotating_evidence(problem, [learner], [learner], settings, plans, executor=InProcess(), **options)


def test_guards_that_take_turns_score_every_row_once_by_models_that_never_met_it():
    problem = problem_of(wrong=0.3)
    kept, asked = {}, []

    def units_of(name):
        return kept.setdefault(name, Kept())

    assert _choose(problem, units_of=units_of).n_scored == 60
    guards = guards_of(problem, SETTINGS)
    assert np.array_equal(np.sort(np.concatenate(guards)), np.arange(60))
    for trained, predicted in FITS:
        for rows in predicted:
            assert not np.intersect1d(trained, rows).size
        whole = [rows for rows in guards if not np.intersect1d(trained, rows).size]
        assert len(whole) == 1  # behind each model there is one guard, all of which it was kept from
        asked.append(predicted[-1].tolist())
        assert asked[-1] == whole[0].tolist()
    assert {name.split("-")[0] for name in kept} == {"1", "2", "3"}


def test_kept_fits_are_not_made_again_and_the_choice_is_the_same():
    problem, kept = problem_of(wrong=0.3), {}

    def units_of(name):
        return kept.setdefault(name, Kept())

    first = _choose(problem, units_of=units_of)
    assert FITS
    FITS.clear()
    assert _choose(problem, units_of=units_of) == first
    assert not FITS
    del kept["2-plain"]
    assert _choose(problem, units_of=units_of) == first
    assert len(FITS) == 3
    assert _choose(problem) == first


def test_the_number_of_rounds_and_of_folds_does_not_move_the_evidence():
    problem = problem_of(wrong=0.3)
    five, ten = (_choose(problem, settings=replace(SETTINGS, cv=cv)) for cv in (5, 10))
    assert five == ten


@pytest.mark.parametrize(("least", "enough", "scored"), [(15, 15, 15), (16, 15, 30), (15, 1000, 60), (1000, 15, 60)])
def test_turns_end_when_the_choice_is_sure_and_enough_rows_were_scored(monkeypatch, least, enough, scored):
    monkeypatch.setattr(guard_evidence, "LEAST_SCORED", least)
    monkeypatch.setattr(choice, "ENOUGH", enough)
    seen = []
    settings = replace(SETTINGS, cv=5)
    found = _choose(problem_of(), settings=settings, seen=seen.append)  # clean: no rows tell candidates apart
    assert found.n_scored == scored
    assert [one.n_scored for one in seen] == list(range(15, scored + 1, 15))
    assert seen[-1] == found  # of the given labels no probability is softened


def test_a_guard_that_was_given_is_the_evidence():
    names = []

    def units_of(name):
        names.append(name)
        return Kept()

    found = _choose(problem_of(wrong=0.3, guard=GUARD), units_of=units_of)
    assert found.n_scored == GUARD.sum()
    assert {name.split("-")[0] for name in names} == {"1"}
    for trained, _ in FITS:
        assert not GUARD[trained].any()


def test_groups_stay_whole():
    groups = np.arange(60) % 12
    problem = problem_of(wrong=0.3, groups=groups)
    for rows in guards_of(problem, replace(SETTINGS, cv=5)):
        assert not np.intersect1d(groups[rows], np.delete(groups, rows)).size
    _choose(problem)
    for trained, predicted in FITS:
        for rows in predicted:
            assert not np.intersect1d(groups[trained], groups[rows]).size


def test_weights_and_trust_reach_the_scores():
    problem = problem_of(wrong=0.3, guard=GUARD)
    plain = _choose(problem)
    weighted = _choose(replace(problem, sample_weight=np.where(GUARD, 1.0 + np.arange(60) ** 3, 1.0)))
    assert weighted.candidates[0].score != plain.candidates[0].score
    right = _choose(replace(problem, trusted=GUARD))
    assert right.candidates[1].disputed > 0.1
    assert right.candidates[1].gain == plain.candidates[1].gain
    assert right.candidates[1].expected_error != plain.candidates[1].expected_error


def test_several_labels_a_row():
    X, y = blobs(20)
    codes = np.column_stack([y == 0, y > 0, y == 2]).astype(int)
    codes[:6, 0] ^= 1
    problem = Problem(X, Multilabel(["a", "b", "c"]), codes, codes.astype(np.float32), np.zeros(60, dtype=bool))
    found = _choose(problem, OneByOne())
    assert found.n_scored == 60
    assert [one.name for one in found.candidates] == ["given", *(plan.name for plan in PLANS)]
    assert found.candidates[0].score == pytest.approx(1 - 6 / 180)
    assert found.candidates[2].disputed == pytest.approx(0.1, abs=0.02)


POSITIONS = [(np.flatnonzero(np.arange(60) % k != part), np.flatnonzero(np.arange(60) % k == part)) for k, part in
             [(3, 0), (3, 1), (3, 2)]]  # fmt: skip


@pytest.mark.parametrize(
    "cv",
    [POSITIONS, POSITIONS[:1], POSITIONS[:2], PredefinedSplit(np.arange(60) % 3), KFold(3, shuffle=True)],
    ids=["pairs", "one pair", "two pairs", "PredefinedSplit", "KFold"],
)
def test_folds_by_position_and_splitters_take_turns_too(cv):
    problem, settings = problem_of(wrong=0.3), replace(SETTINGS, cv=cv)
    guards = guards_of(problem, settings)
    assert _choose(problem, settings=settings).n_scored == sum(len(rows) for rows in guards)
    assert len(FITS) <= evidence_fits(problem, [Centroids()], settings, 1)
    for trained, predicted in FITS:
        assert all(not np.intersect1d(trained, rows).size for rows in predicted)


def test_the_most_fits_that_a_choice_takes():
    one = [Centroids()]
    assert evidence_fits(problem_of(), [Centroids()] * 2, SETTINGS, 1) == 3 * (3 * 3 * 2 + 3)
    assert evidence_fits(problem_of(), one, replace(SETTINGS, cv=5), 1) == 4 * (3 * 3 + 3)
    assert evidence_fits(problem_of(guard=GUARD), one, SETTINGS, 2) == 3 * 3 + 3 * 2
    assert evidence_fits(problem_of(guard=GUARD), one, Settings(cv=2), 1) == 2 * 2 + 3
    splitter = replace(SETTINGS, cv=KFold(5))  # beside a guard that is given it makes as many folds as it says
    assert evidence_fits(problem_of(guard=GUARD), one, splitter, 1) == 3 * 5 + 3
    _choose(problem_of(40, wrong=0.3))
    assert len(FITS) <= 3 * (3 * 3 + 3)


def test_a_forest_takes_a_first_round_and_a_plan_more():
    boosting = as_learner(HistGradientBoostingClassifier(max_iter=4, min_samples_leaf=2))
    problem = problem_of(wrong=0.3, guard=GUARD)
    assert evidence_fits(problem, [boosting], SETTINGS, 1) == 2 * 3 + 3 * 3 + 4
    with fits_counted() as count:
        _choose(problem, boosting, plans=plans_of(SETTINGS, [boosting], problem))
    assert (
        2 * 3 + 2 <= count.n_fits <= 2 * 3 + 3 * 3 + 4
    )  # a way that disputes nothing ends, and equal candidates are one


def test_a_round_that_fails_names_the_way_that_was_tried():
    class FailingFolds(Centroids):
        def fit(self, X, targets, sample_weight=None):
            raise RuntimeError("out of ink")

    with pytest.raises(FitError) as caught:
        _choose(problem_of(guard=GUARD, numbered=False), FailingFolds())
    where = "round 1, member 0, fold 0 (3 of 3 fits of this round failed)"
    assert (
        str(caught.value)
        == f"while 'pruned by bayes' was tried, the learner failed in {where}: RuntimeError: out of ink"
    )
    assert (caught.value.round, caught.value.member, caught.value.fold) == (1, 0, 0)


def test_a_fit_that_fails_names_its_candidate():
    with pytest.raises(FitError, match="the fit that tries 'given' for the final targets: RuntimeError: out of paper"):
        _choose(problem_of(guard=GUARD, numbered=False), Failing())


@pytest.mark.parametrize(
    "beside",
    [{"sample_weight": np.arange(60) > 0}, {"groups": np.arange(60) % 2}],
    ids=["59 rows of weight", "two groups"],
)
def test_where_no_guard_can_be_made_there_is_no_evidence(beside):
    problem = problem_of(**beside)
    assert guards_of(problem, SETTINGS) == []
    assert _choose(problem) is None
    assert evidence_fits(problem, [Centroids()], SETTINGS, 1) == 0
    assert not FITS


def test_noise_is_the_mean_over_the_guards_that_know_it():
    noisy, none = np.array([[0.8, 0.2], [0.0, 1.0]]), np.full((2, 2), np.nan)
    mean = guard_evidence._mean_noise
    assert mean([None, None]) is None
    assert np.allclose(mean([noisy, None, np.eye(2)]), [[0.9, 0.1], [0.0, 1.0]])
    several = mean([np.stack([noisy, none, none]), np.stack([none, none, noisy])])
    assert np.allclose(several, np.stack([noisy, np.eye(2), noisy]))


def test_a_plan_without_noise_of_its_own_is_softened_by_that_of_its_like():
    """The given labels of guards are those of three blobs, of which a quarter of the labels is wrong evenly."""
    problem = problem_of(40, wrong=0.25)
    choice, evidence = _choose(problem), {}
    chosen = replace(choice, name="pruned by momentum 0")
    rows, said = np.arange(120), np.full((120, 3), 0.02) + 0.94 * np.eye(3)[problem_of(40).codes]
    noise = np.full((3, 3), 0.125) + 0.625 * np.eye(3)
    for seen in (noise, np.eye(3), None):
        matrices = {"pruned by bayes": seen, "pruned by momentum 0": None}
        part = Evidence(rows, {chosen.name: said}, matrices, {})
        evidence[len(evidence)] = guard_evidence._temperature(problem, PLANS, chosen, part)
    assert evidence[0] < 1.4 < 2.0 < evidence[1]
    assert evidence[2] == 1.0  # nothing is known of the noise
    assert guard_evidence._temperature(problem, PLANS, replace(choice, name="given"), part) == 1.0
