"""From refined targets to what the final fit takes, and who takes part in it."""

import warnings
from dataclasses import replace

import numpy as np
import pytest

from simple_learners import Centroids, blobs
from softlabel.execution.processes import InProcess
from softlabel.methods.choice import Candidate, Choice
from softlabel.methods.final_choice import Chosen, cannot_move, choose_plan, final_choice
from softlabel.methods.final_targets import POLICIES
from softlabel.methods.plans import Plan, plans_of
from softlabel.methods.problem import Problem
from softlabel.methods.rounds import Settings
from softlabel.seeds import Seeds
from softlabel.targets.update import update_targets
from softlabel.tasks import Multiclass

N = 24
CODES = np.arange(N) % 2
GIVEN = np.eye(2, dtype=np.float32)[CODES]
SETTINGS = Settings(cv=3, momentum="bayes", teacher_targets="pruned", seeds=Seeds(0))


def _problem(**beside):
    X = np.arange(N, dtype=float)[:, None]
    return Problem(X, Multiclass(["a", "b"]), CODES, GIVEN, beside.pop("guard", np.zeros(N, dtype=bool)), **beside)


REFINED = 0.9 * GIVEN + np.float32(0.05)
REFINED[:3] = REFINED[:3, ::-1]  # three rows speak for the other label


@pytest.mark.parametrize("momentum", [0.0, 0.3, 0.5, 0.51, 0.75, 0.9, 1.0])
@pytest.mark.parametrize("n_rounds", [1, 2, 3, 7])
def test_labels_move_unless_half_of_the_given_one_is_left(momentum, n_rounds):
    problem, refined = _problem(), GIVEN
    for r in range(1, n_rounds + 1):  # whatever models say, they cannot contradict the labels more than this
        refined = update_targets(refined, GIVEN[:, ::-1], momentum, round=r)
    moved = problem.task.suggest(refined, CODES, GIVEN) != CODES
    assert cannot_move(problem, replace(SETTINGS, momentum=momentum), n_rounds) == (not moved.any())


@pytest.mark.parametrize("momentum", ["bayes", "average", 0.75])
def test_of_soft_targets_nobody_can_tell(momentum):
    soft = replace(_problem(), given=0.8 * GIVEN + np.float32(0.1))
    assert not cannot_move(soft, replace(SETTINGS, momentum=momentum), 1)


@pytest.mark.parametrize("policy", ["pruned", "corrected"])
def test_rounds_that_can_change_nothing_are_told(policy):
    slow = replace(SETTINGS, momentum=0.75)
    with pytest.warns(
        UserWarning, match=r"a momentum of 0.75 2 rounds move none: .* give more rounds or a smaller momentum"
    ):
        choose_plan(policy, _problem(), [], [], slow, 2, executor=InProcess())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        choose_plan(policy, _problem(), [], [], slow, 3, executor=InProcess())
        choose_plan("weighted", _problem(), [], [], slow, 2, executor=InProcess())


@pytest.mark.parametrize("policy", POLICIES)
def test_a_policy_that_was_named_is_taken_without_evidence(policy):
    chosen = choose_plan(policy, _problem(), [], [], SETTINGS, 2, executor=InProcess())  # nobody is there to be fitted
    assert chosen == Chosen(policy, SETTINGS, [])
    final = final_choice(chosen, _problem(), REFINED, 2)
    assert (final.policy, final.refinements) == (policy, 2)


@pytest.mark.parametrize("policy", ["auto", "refined"])
def test_without_rounds_there_is_nothing_to_choose(policy):
    assert choose_plan(policy, _problem(), [], [], SETTINGS, 0, executor=InProcess()) == Chosen("given", SETTINGS, [])


@pytest.mark.parametrize(("policy", "refinements"), [("given", 3), ("pruned", 0)])
def test_the_given_labels_have_no_refinement_behind_them(policy, refinements):
    problem = _problem()
    final = final_choice(Chosen(policy, SETTINGS, []), problem, REFINED, refinements)
    assert (final.policy, final.refinements) == ("given", 0)
    assert final.taken.targets is problem.given
    assert final.taken.weight is None


def test_pruning_spares_the_guard_and_trusted_rows():
    rows = np.arange(N)
    pruned = Chosen("pruned", SETTINGS, [])
    assert np.flatnonzero(final_choice(pruned, _problem(), REFINED, 1).taken.weight == 0).tolist() == [0, 1, 2]
    spared = _problem(guard=rows == 0, trusted=rows == 1)
    assert np.flatnonzero(final_choice(pruned, spared, REFINED, 1).taken.weight == 0).tolist() == [2]


def test_a_plan_whose_rounds_led_astray_gives_way_to_the_given_labels():
    plan = Candidate("pruned by bayes", 0.3, 0.6, 0.1, 0.02, 0.2, 0.03)
    choice = Choice(plan.name, (Candidate("given", 0.0, 0.5, 0.0, 0.01, 0.0, 0.0), plan), N, "it was ahead")
    chosen, problem = Chosen("pruned", SETTINGS, [], choice), _problem()
    worse = GIVEN.copy()
    worse[:12] = worse[:12, ::-1]  # right in half of the rows
    final = final_choice(chosen, problem, REFINED, 2, ends=(GIVEN, worse))
    assert (final.policy, final.refinements, final.choice.name) == ("given", 0, "given")
    assert final.taken.targets is problem.given
    assert final.choice.candidates == choice.candidates
    assert "pruned by bayes was chosen, but models of its last round are behind" in final.choice.reason
    assert "by 0.5000 +- 0.1102" in final.choice.reason  # half of 24 rows of 1, and one more that differs
    for ends in ((worse, GIVEN), (GIVEN, GIVEN), None):
        kept = final_choice(chosen, problem, REFINED, 2, ends=ends)
        assert (kept.policy, kept.refinements, kept.choice) == ("pruned", 2, choice)
    softly = Chosen(
        "pruned", replace(SETTINGS, teacher_targets="refined"), [], choice
    )  # fold models learnt something else
    assert final_choice(softly, problem, REFINED, 2, ends=(GIVEN, worse)).policy == "pruned"
    mixed = final_choice(Chosen("refined", SETTINGS, [], choice), problem, REFINED, 2, ends=(GIVEN, worse))
    assert mixed.policy == "given"  # its fold models learnt given labels as well
    named = Chosen("pruned", SETTINGS, [])  # whoever names a policy gets it
    assert final_choice(named, problem, REFINED, 2, ends=(GIVEN, worse)).policy == "pruned"


def test_a_plan_that_disputes_nothing_in_the_end_says_that_the_given_labels_are_learnt():
    plan = Candidate("pruned by bayes", 0.3, 0.6, 0.1, 0.02, 0.2, 0.03)
    choice = Choice(
        plan.name, (Candidate("given", 0.0, 0.5, 0.0, 0.01, 0.0, 0.0), plan), N, "it was ahead", temperature=4.0
    )
    problem, chosen = _problem(), Chosen("pruned", SETTINGS, [], choice)
    final = final_choice(chosen, problem, problem.given, 2, ends=(GIVEN, GIVEN))
    assert (final.policy, final.refinements, final.choice.name) == ("given", 0, "given")
    assert final.choice.reason == "pruned by bayes was chosen, but in all rows together it disputes no label"
    assert final.choice.candidates == choice.candidates
    assert final.temperature == final.choice.temperature == 1.0  # it is the plain fit
    named = final_choice(Chosen("pruned", SETTINGS, []), problem, problem.given, 2)
    assert (named.policy, named.refinements, named.choice) == ("pruned", 2, None)


def test_a_guard_that_likes_no_refinement_changes_what_the_choice_says():
    plan = Candidate("pruned by bayes", 0.3, 0.6, 0.1, 0.02, 0.2, 0.03)
    choice = Choice(
        plan.name, (Candidate("given", 0.0, 0.5, 0.0, 0.01, 0.0, 0.0), plan), N, "it was ahead", temperature=4.0
    )
    final = final_choice(Chosen("pruned", SETTINGS, [], choice), _problem(), REFINED, 0)
    assert (final.policy, final.choice.name, final.temperature) == ("given", "given", 1.0)
    followed = final_choice(Chosen("pruned", SETTINGS, [], choice), _problem(), REFINED, 2)
    assert (followed.policy, followed.temperature) == ("pruned", 4.0)
    assert final.choice.reason == "pruned by bayes was chosen, but the guard likes no refinement best"


def _choose(wrong, settings=SETTINGS):
    X, y = blobs(40, spread=0.5)
    moved = np.random.default_rng(1).permutation(120)[: round(wrong * 120)]
    y = y.copy()
    y[moved] = (y[moved] + 1) % 3
    problem = Problem(X, Multiclass([0, 1, 2]), y, np.eye(3, dtype=np.float32)[y], np.zeros(120, dtype=bool))
    seen = []
    learner = [Centroids()]
    chosen = choose_plan("auto", problem, learner, learner, settings, 2, executor=InProcess(), seen=seen.append)
    assert replace(seen[-1], temperature=chosen.choice.temperature) == chosen.choice
    return chosen


def test_clean_labels_are_given_and_rounds_go_the_likeliest_way():
    chosen = _choose(0.0)
    assert (chosen.policy, chosen.choice.name) == ("given", "given")
    assert (chosen.settings.momentum, chosen.settings.teacher_targets) == ("bayes", "pruned")  # ties to the first plan


def test_many_wrong_labels_are_pruned_and_rounds_go_the_chosen_way():
    chosen = _choose(0.3)
    assert chosen.policy == "pruned"
    plan = next(plan for plan in plans_of(SETTINGS, [Centroids()]) if plan.name == chosen.choice.name)
    assert chosen.settings == plan.settings(SETTINGS)


def test_a_forest_is_placed_apart_and_the_final_fit_is_not():
    forest = Plan("bayes", "pruned", "pruned", forest=Centroids())
    chosen = Chosen("pruned", forest.settings(SETTINGS), [forest.forest])
    assert chosen.settings.resources.kind == "forest"
    assert chosen.of_students(SETTINGS) == Plan("bayes", "pruned", "pruned").settings(SETTINGS)


def test_by_a_momentum_the_chosen_way_is_the_one_there_is():
    settings = Settings(cv=3, seeds=Seeds(0))
    chosen = _choose(0.3, settings)
    assert chosen.settings == settings
    assert chosen.policy in ("given", "pruned", "refined")
