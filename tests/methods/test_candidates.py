"""Candidates beside a guard: no row of it was learnt from, nothing is fitted twice, and equal ones are one."""

from dataclasses import replace

import numpy as np
import pytest

from guarded_problems import FITS, GUARD, PLANS, SETTINGS, Recorder, problem_of
from simple_learners import Centroids
from softlabel.execution.processes import InProcess
from softlabel.methods.candidates import guard_evidence
from softlabel.methods.evidence_units import Kept
from softlabel.methods.plans import Plan, plans_of
from softlabel.methods.rounds import Settings
from softlabel.seeds import Seeds

MORE = np.arange(120) % 4 == 0  # the guard of 120 rows: noise is seen in them


@pytest.fixture(autouse=True)
def _forget():
    FITS.clear()


def _evidence(problem, units=None, settings=SETTINGS, plans=PLANS, learner=None, students=1):
    kept, learner = {} if units is None else units, Recorder() if learner is None else learner
    return guard_evidence(
        problem,
        [learner],
        [learner] * students,
        settings,
        plans,
        executor=InProcess(),
        units_of=lambda name: kept.setdefault(name, Kept()),
    )


def test_no_row_of_the_guard_trains_any_model():
    evidence = _evidence(problem_of(40, wrong=0.3, guard=MORE))
    assert np.array_equal(evidence.rows, np.flatnonzero(MORE))
    assert len(FITS) >= 3 * 3 + 2
    for trained, _ in FITS:
        assert not MORE[trained].any()


def test_labels_of_the_guard_change_no_prediction():
    problem = problem_of(wrong=0.3, guard=GUARD)
    codes = problem.codes.copy()
    codes[GUARD] = (codes[GUARD] + 1) % 3
    other = replace(problem, codes=codes, given=np.eye(3, dtype=np.float32)[codes])
    one, two = _evidence(problem), _evidence(other)
    for name in one.predictions:
        assert np.array_equal(one.predictions[name], two.predictions[name])
    assert one.disputed == two.disputed


def test_round_1_is_shared_and_equal_candidates_are_fitted_once():
    units = {}
    evidence = _evidence(problem_of(guard=GUARD), units)
    assert set(evidence.predictions) == {"given", "pruned by bayes", "pruned by momentum 0"}
    assert evidence.disputed == {"given": 0.0, "pruned by bayes": 0.0, "pruned by momentum 0": 0.0}
    assert len(FITS) == 3 + 1  # and where round 1 disputes nothing there is no other
    made = {name: {unit.round for unit in kept._results} for name, kept in units.items() if kept._results}
    assert made == {"plain": {1}, "fit-given": {1}}
    assert all(np.array_equal(rows, evidence.predictions["given"]) for rows in evidence.predictions.values())


def test_each_way_has_rounds_of_its_own_after_the_first():
    units = {}
    _evidence(problem_of(40, wrong=0.3, guard=MORE), units)
    made = {name: {unit.round for unit in kept._results} for name, kept in units.items() if "fit" not in name}
    assert made == {"plain": {1}, "rounds-pruned by bayes": {2}, "rounds-pruned by momentum 0": {2}}


def test_candidates_are_fitted_on_what_they_keep():
    evidence = _evidence(problem_of(40, wrong=0.25, guard=MORE))
    finals = FITS[9:]
    assert len(finals[0][0]) == 90  # the plain fit comes first
    share = evidence.disputed["pruned by momentum 0"]
    assert 0.1 < share < 0.4
    assert min(len(trained) for trained, _ in finals) == 90 - round(share * 90)


def test_plans_of_one_way_share_their_rounds():
    settings = Settings(cv=3, seeds=Seeds(0))
    plans = plans_of(settings, [Centroids()])
    _evidence(problem_of(wrong=0.3, guard=GUARD), settings=settings, plans=plans)
    assert len(FITS) == 3 + 3 + 2  # at a momentum of .75 nothing is disputed yet, so that pruned is given


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
    problem, units = problem_of(40, wrong=0.3, guard=MORE), {}
    plans = (*PLANS, *(replace(plan, short=True) for plan in PLANS))
    evidence = _evidence(problem, units, plans=plans, learner=Lengthy())
    lengths = [note[2] for note in FITS]
    assert lengths == [10] * 9 + [3] * 9 + [10] * (len(FITS) - 18)
    made = {name: {unit.round for unit in kept._results} for name, kept in units.items() if "fit" not in name}
    assert made == {"plain": {1}, "plain-short teachers": {1}} | {f"rounds-{plan.name}": {2} for plan in plans}
    assert list(evidence.predictions) == ["given", *(plan.name for plan in plans)]


def test_students_are_averaged():
    problem = problem_of(guard=GUARD, wrong=0.3)
    plan = (Plan(0.0, "pruned", "pruned"),)
    one, two = (_evidence(problem, plans=plan, students=number) for number in (1, 2))
    assert two.predictions["given"] == pytest.approx(one.predictions["given"], abs=1e-6)


def test_rows_of_weight_0_dispute_nothing():
    problem = problem_of(40, wrong=0.3, guard=MORE)
    whole = _evidence(problem).disputed["pruned by momentum 0"]
    true = problem_of(40).codes
    weight = (problem.codes == true).astype(float)  # no wrong label counts
    assert whole > 0.2
    assert _evidence(replace(problem, sample_weight=weight)).disputed["pruned by momentum 0"] < 0.05
