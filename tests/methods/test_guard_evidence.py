"""Evidence from guards: no row that scores was learnt from, nothing is fitted twice, and turns end when they are sure."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.base import BaseEstimator
from sklearn.model_selection import KFold, PredefinedSplit

from simple_learners import Centroids, blobs
from softlabel.errors import FitError
from softlabel.execution.processes import InProcess
from softlabel.methods import choice, guard_evidence
from softlabel.methods.cross_fit import Problem
from softlabel.methods.evidence_units import Kept
from softlabel.methods.guard_evidence import evidence_fits, guards_of, rotating_evidence
from softlabel.methods.plans import Plan, plans_of
from softlabel.methods.rounds import Settings
from softlabel.seeds import Seeds
from softlabel.tasks import Multiclass, Multilabel

SETTINGS = Settings(cv=3, momentum="bayes", teacher_targets="pruned", seeds=Seeds(0))
PLANS = plans_of(SETTINGS, [Centroids()])
TASK = Multiclass([0, 1, 2])
FITS = []  # [rows fitted on, [rows predicted, ...]] of each model, in order


class Recorder(Centroids):
    """Notes which rows it was fitted on and asked for; the last column of X is the row's number."""

    def fit(self, X, targets, sample_weight=None):
        self.note_ = [X[:, -1].astype(int), []]
        FITS.append(self.note_)
        return super().fit(X[:, :-1], targets, sample_weight)

    def predict_targets(self, X):
        self.note_[1].append(X[:, -1].astype(int))
        return super().predict_targets(X[:, :-1])


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


def _problem(n_per_class=20, wrong=0.0, numbered=True, guard=None, **beside):
    X, y = blobs(n_per_class, spread=0.5)
    n, rng = len(y), np.random.default_rng(1)
    moved = rng.permutation(n)[: round(wrong * n)]
    y = y.copy()
    y[moved] = (y[moved] + 1) % 3
    X = np.column_stack([X, np.arange(n)]) if numbered else X
    guard = np.zeros(n, dtype=bool) if guard is None else guard
    return Problem(X, TASK, y, np.eye(3, dtype=np.float32)[y], guard, **beside)


def _choose(problem, learner=None, settings=SETTINGS, plans=PLANS, **options):
    learner = Recorder() if learner is None else learner
    return rotating_evidence(problem, [learner], [learner], settings, plans, executor=InProcess(), **options)


def _evidence(problem, units=None):
    kept = {} if units is None else units
    return guard_evidence.guard_evidence(
        problem,
        [Recorder()],
        [Recorder()],
        SETTINGS,
        PLANS,
        executor=InProcess(),
        units_of=lambda name: kept.setdefault(name, Kept()),
    )


GUARD = np.arange(60) % 4 == 0


def test_no_row_of_the_guard_trains_any_model():
    evidence = _evidence(_problem(wrong=0.3, guard=GUARD))
    assert np.array_equal(evidence.rows, np.flatnonzero(GUARD))
    assert len(FITS) >= 3 * 3 + 2
    for trained, _ in FITS:
        assert not GUARD[trained].any()


def test_labels_of_the_guard_change_no_prediction():
    problem = _problem(wrong=0.3, guard=GUARD)
    codes = problem.codes.copy()
    codes[GUARD] = (codes[GUARD] + 1) % 3
    other = replace(problem, codes=codes, given=np.eye(3, dtype=np.float32)[codes])
    one, two = _evidence(problem), _evidence(other)
    for name in one.predictions:
        assert np.array_equal(one.predictions[name], two.predictions[name])
    assert one.disputed == two.disputed


def test_guards_that_take_turns_score_every_row_once_by_models_that_never_met_it():
    problem = _problem(wrong=0.3)
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


def test_round_1_is_shared_and_equal_candidates_are_fitted_once():
    units = {}
    evidence = _evidence(_problem(guard=GUARD), units)
    assert set(evidence.predictions) == {"given", "pruned by bayes", "pruned by momentum 0"}
    assert evidence.disputed == {"given": 0.0, "pruned by bayes": 0.0, "pruned by momentum 0": 0.0}
    assert len(FITS) == 3 + 1  # and where round 1 disputes nothing there is no other
    made = {name: {unit.round for unit in kept._results} for name, kept in units.items() if kept._results}
    assert made == {"plain": {1}, "fit-given": {1}}
    assert all(np.array_equal(rows, evidence.predictions["given"]) for rows in evidence.predictions.values())


def test_each_way_has_rounds_of_its_own_after_the_first():
    units = {}
    _evidence(_problem(wrong=0.3, guard=GUARD), units)
    made = {name: {unit.round for unit in kept._results} for name, kept in units.items() if "fit" not in name}
    assert made == {"plain": {1}, "rounds-pruned by bayes": {2}, "rounds-pruned by momentum 0": {2}}


def test_candidates_are_fitted_on_what_they_keep():
    evidence = _evidence(_problem(40, wrong=0.25, guard=np.arange(120) % 4 == 0))
    finals = FITS[9:]
    assert len(finals[0][0]) == 90  # the plain fit comes first
    share = evidence.disputed["pruned by momentum 0"]
    assert 0.1 < share < 0.4
    assert min(len(trained) for trained, _ in finals) == 90 - round(share * 90)


def test_plans_of_one_way_share_their_rounds():
    settings = Settings(cv=3, seeds=Seeds(0))
    plans = plans_of(settings, [Centroids()])
    _choose(_problem(wrong=0.3, guard=GUARD), settings=settings, plans=plans)
    assert len(FITS) == 3 + 3 + 2  # at a momentum of .75 nothing is disputed yet, so that pruned is given


def test_kept_fits_are_not_made_again_and_the_choice_is_the_same():
    problem, kept = _problem(wrong=0.3), {}

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
    problem = _problem(wrong=0.3)
    five, ten = (_choose(problem, settings=replace(SETTINGS, cv=cv)) for cv in (5, 10))
    assert five == ten


@pytest.mark.parametrize(("least", "enough", "scored"), [(15, 15, 15), (16, 15, 30), (15, 1000, 60), (1000, 15, 60)])
def test_turns_end_when_the_choice_is_sure_and_enough_rows_were_scored(monkeypatch, least, enough, scored):
    monkeypatch.setattr(guard_evidence, "LEAST_SCORED", least)
    monkeypatch.setattr(choice, "ENOUGH", enough)
    seen = []
    settings = replace(SETTINGS, cv=5)
    found = _choose(_problem(), settings=settings, seen=seen.append)  # clean: no rows tell candidates apart
    assert found.n_scored == scored
    assert [one.n_scored for one in seen] == list(range(15, scored + 1, 15))
    assert seen[-1] is found


def test_a_guard_that_was_given_is_the_evidence():
    names = []

    def units_of(name):
        names.append(name)
        return Kept()

    found = _choose(_problem(wrong=0.3, guard=GUARD), units_of=units_of)
    assert found.n_scored == GUARD.sum()
    assert {name.split("-")[0] for name in names} == {"1"}
    for trained, _ in FITS:
        assert not GUARD[trained].any()


def test_groups_stay_whole():
    groups = np.arange(60) % 12
    problem = _problem(wrong=0.3, groups=groups)
    for rows in guards_of(problem, replace(SETTINGS, cv=5)):
        assert not np.intersect1d(groups[rows], np.delete(groups, rows)).size
    _choose(problem)
    for trained, predicted in FITS:
        for rows in predicted:
            assert not np.intersect1d(groups[trained], groups[rows]).size


def test_weights_and_trust_reach_the_scores():
    problem = _problem(wrong=0.3, guard=GUARD)
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
    problem, settings = _problem(wrong=0.3), replace(SETTINGS, cv=cv)
    guards = guards_of(problem, settings)
    assert _choose(problem, settings=settings).n_scored == sum(len(rows) for rows in guards)
    assert len(FITS) <= evidence_fits(problem, [Centroids()], settings, 1)
    for trained, predicted in FITS:
        assert all(not np.intersect1d(trained, rows).size for rows in predicted)


def test_the_most_fits_that_a_choice_takes():
    one = [Centroids()]
    assert evidence_fits(_problem(), [Centroids()] * 2, SETTINGS, 1) == 3 * (3 * 3 * 2 + 3)
    assert evidence_fits(_problem(), one, replace(SETTINGS, cv=5), 1) == 4 * (3 * 3 + 3)
    assert evidence_fits(_problem(guard=GUARD), one, SETTINGS, 2) == 3 * 3 + 3 * 2
    assert evidence_fits(_problem(guard=GUARD), one, Settings(cv=2), 1) == 2 * 2 + 3
    _choose(_problem(40, wrong=0.3))
    assert len(FITS) <= 3 * (3 * 3 + 3)


class Lengthy(Recorder):
    """Notes how long it was to train."""

    training_length = "n_passes"

    def __init__(self, n_passes=10, random_state=None):
        self.n_passes = n_passes
        self.random_state = random_state

    def fit(self, X, targets, sample_weight=None):
        super().fit(X, targets, sample_weight)
        self.note_.append(self.n_passes)
        return self


def test_short_teachers_have_a_first_round_of_their_own_and_students_train_on():
    problem, units = _problem(wrong=0.3, guard=GUARD), {}
    plans = (*PLANS, *(replace(plan, short=True) for plan in PLANS))
    evidence = guard_evidence.guard_evidence(
        problem,
        [Lengthy()],
        [Lengthy()],
        SETTINGS,
        plans,
        executor=InProcess(),
        units_of=lambda name: units.setdefault(name, Kept()),
    )
    lengths = [note[2] for note in FITS]
    assert lengths == [10] * 9 + [3] * 9 + [10] * (len(FITS) - 18)
    made = {name: {unit.round for unit in kept._results} for name, kept in units.items() if "fit" not in name}
    assert made == {"plain": {1}, "plain-short": {1}} | {f"rounds-{plan.name}": {2} for plan in plans}
    assert list(evidence.predictions) == ["given", *(plan.name for plan in plans)]


def test_students_are_averaged():
    problem = _problem(guard=GUARD, wrong=0.3)
    run = {"executor": InProcess(), "units_of": lambda name: Kept()}
    plan = (Plan(0.0, "pruned", "pruned"),)
    one, two = (
        guard_evidence.guard_evidence(problem, [Recorder()], [Recorder()] * number, SETTINGS, plan, **run)
        for number in (1, 2)
    )
    assert two.predictions["given"] == pytest.approx(one.predictions["given"], abs=1e-6)


def test_a_fit_that_fails_names_its_candidate():
    with pytest.raises(FitError, match="the fit that tries 'given' for the final targets: RuntimeError: out of paper"):
        _choose(_problem(guard=GUARD, numbered=False), Failing())


@pytest.mark.parametrize(
    "beside",
    [{"sample_weight": np.arange(60) > 0}, {"groups": np.arange(60) % 2}],
    ids=["59 rows of weight", "two groups"],
)
def test_where_no_guard_can_be_made_there_is_no_evidence(beside):
    problem = _problem(**beside)
    assert guards_of(problem, SETTINGS) == []
    assert _choose(problem) is None
    assert evidence_fits(problem, [Centroids()], SETTINGS, 1) == 0
    assert not FITS


def test_rows_of_weight_0_are_in_no_guard():
    weight = (np.arange(120) % 3 > 0).astype(float)
    guards = guards_of(_problem(40, sample_weight=weight), SETTINGS)
    assert np.array_equal(np.sort(np.concatenate(guards)), np.flatnonzero(weight))
