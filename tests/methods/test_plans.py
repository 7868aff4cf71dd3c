"""The menu of "auto": what is on it, what it is called, and which rounds plans share."""

import pytest

from softlabel.methods.plans import Plan, plans_of
from softlabel.methods.rounds import Settings
from softlabel.seeds import Seeds

BAYES = Settings(cv=4, momentum="bayes", teacher_targets="pruned", sharpen=0.5, seeds=Seeds(3))


def test_by_bayes_there_are_two_ways_to_prune():
    plans = plans_of(BAYES)
    assert plans == (Plan("bayes", "pruned", "pruned"), Plan(0.0, "pruned", "pruned"))
    assert [plan.name for plan in plans] == ["pruned by bayes", "pruned by momentum 0"]
    assert len({plan.way for plan in plans}) == 2


@pytest.mark.parametrize(
    ("momentum", "said"), [(0.75, "momentum 0.75"), ("average", "average"), (0.0, "momentum 0"), (1.0, "momentum 1")]
)
def test_by_a_momentum_pruned_and_refined_share_their_rounds(momentum, said):
    plans = plans_of(Settings(momentum=momentum))
    assert [plan.name for plan in plans] == [f"pruned by {said}", f"refined by {said}"]
    assert {plan.way for plan in plans} == {(momentum, "refined")}


def test_bayes_with_other_teachers_keeps_them():
    plans = plans_of(Settings(momentum="bayes", teacher_targets="refined"))
    assert [plan.name for plan in plans] == ["pruned by bayes", "refined by bayes"]
    assert all(plan.teacher_targets == "refined" for plan in plans)


def test_a_plan_changes_how_rounds_go_and_nothing_else():
    changed = Plan(0.0, "corrected", "pruned").settings(BAYES)
    assert (changed.momentum, changed.teacher_targets) == (0.0, "corrected")
    assert {name for name in vars(BAYES) if vars(BAYES)[name] != vars(changed)[name]} == {"momentum", "teacher_targets"}


@pytest.mark.parametrize("settings", [BAYES, Settings()], ids=["bayes", "momentum"])
def test_names_tell_plans_apart(settings):
    plans = plans_of(settings)
    assert len({plan.name for plan in plans}) == len(plans)
    assert "given" not in {plan.name for plan in plans}
