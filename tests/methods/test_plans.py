"""The menu of "auto": what is on it, what it is called, and which rounds plans share, and whose teachers are short."""

from dataclasses import replace

import pytest
from sklearn.ensemble import ExtraTreesClassifier, HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from guarded_problems import problem_of
from simple_learners import Centroids
from softlabel import TorchClassifier
from softlabel.learners.contract import as_learner
from softlabel.learners.soft_target import SoftTargetClassifier
from softlabel.methods.plans import SHORT, Plan, plans_of
from softlabel.methods.rounds import Settings
from softlabel.seeds import Seeds

BAYES = Settings(cv=4, momentum="bayes", teacher_targets="pruned", sharpen=0.5, seeds=Seeds(3))
NETWORK = TorchClassifier("mlp", epochs=4)
LINEAR, BOOSTED = SoftTargetClassifier(LogisticRegression()), SoftTargetClassifier(HistGradientBoostingClassifier())


def test_by_bayes_there_are_two_ways_to_prune():
    plans = plans_of(BAYES, [Centroids()])
    assert plans == (Plan("bayes", "pruned", "pruned"), Plan(0.0, "pruned", "pruned"))
    assert [plan.name for plan in plans] == ["pruned by bayes", "pruned by momentum 0"]
    assert len({plan.way for plan in plans}) == 2


@pytest.mark.parametrize(
    ("momentum", "said"), [(0.75, "momentum 0.75"), ("average", "average"), (0.0, "momentum 0"), (1.0, "momentum 1")]
)
def test_by_a_momentum_pruned_and_refined_share_their_rounds(momentum, said):
    plans = plans_of(Settings(momentum=momentum), [BOOSTED])
    assert [plan.name for plan in plans] == [f"pruned by {said}", f"refined by {said}"]
    assert {plan.way for plan in plans} == {(momentum, "refined", "")}


def test_bayes_with_other_teachers_keeps_them():
    plans = plans_of(Settings(momentum="bayes", teacher_targets="refined"), [BOOSTED])
    assert [plan.name for plan in plans] == ["pruned by bayes", "refined by bayes"]
    assert all(plan.teacher_targets == "refined" for plan in plans)


def test_teachers_are_short_where_all_learn_by_steps():
    plans = plans_of(BAYES, [BOOSTED])
    assert plans == (Plan("bayes", "pruned", "pruned", short=True), Plan(0.0, "pruned", "pruned", short=True))
    assert plans[1].name == "pruned by momentum 0 with short teachers"
    assert plans_of(BAYES, [LINEAR, BOOSTED]) == plans_of(BAYES, [LINEAR])
    assert not any(plan.short for plan in plans_of(BAYES, [LINEAR]))
    assert not any(plan.short for plan in plans_of(BAYES, [SoftTargetClassifier()]))  # a forest


@pytest.mark.parametrize(
    "said", [{"teacher_budget": 1.0}, {"teacher_budget": 0.5}, {"fixed_folds": True}, {"warm_start": True}]
)
def test_what_was_said_of_teachers_holds_for_all_plans(said):
    settings = replace(BAYES, **said)
    for plan in plans_of(settings, [BOOSTED]):
        assert not plan.short
        assert {name: vars(plan.settings(settings))[name] for name in said} == said


def test_a_forest_teaches_beside_short_teachers():
    short, *others = plans_of(BAYES, [BOOSTED], problem_of())
    assert short == Plan("bayes", "pruned", "pruned", short=True)
    assert [(one.momentum, one.teacher_targets, one.policy, one.short) for one in others] == [
        (momentum, "pruned", "pruned", False) for momentum in ("bayes", 0.0)
    ]
    assert [plan.name for plan in others] == ["pruned by bayes with a forest", "pruned by momentum 0 with a forest"]
    forest = others[0].forest
    assert isinstance(forest.estimator, ExtraTreesClassifier)
    assert [plan.teachers([BOOSTED]) for plan in (short, *others)] == [[BOOSTED], (forest,), (forest,)]
    # trained to the end, and placed apart from the members' fits
    assert others[0].settings(BAYES) == replace(BAYES, resources=replace(BAYES.resources, kind="forest"))
    assert len({plan.way for plan in (short, *others)}) == 3


@pytest.mark.parametrize(
    ("settings", "learner"),
    [
        (BAYES, LINEAR),
        (replace(BAYES, teacher_budget=0.3), BOOSTED),
        (replace(BAYES, warm_start=True), BOOSTED),
        (replace(BAYES, tta="flip"), BOOSTED),
        (Settings(), BOOSTED),
    ],
)
def test_where_no_teachers_are_short_there_is_no_forest(settings, learner):
    assert plans_of(settings, [learner], problem_of()) == plans_of(settings, [learner])


def test_networks_may_learn_the_refined_targets_of_rounds_that_are_made_anyway():
    pruned = plans_of(BAYES, [BOOSTED])
    assert plans_of(BAYES, [NETWORK]) == (*pruned, replace(pruned[0], policy="refined"))
    assert plans_of(BAYES, [NETWORK, NETWORK]) == plans_of(BAYES, [NETWORK])
    assert plans_of(BAYES, [NETWORK, BOOSTED]) == pruned  # one who learns distributions less well
    pipeline = as_learner(make_pipeline(StandardScaler(), TorchClassifier("mlp")))
    assert plans_of(BAYES, [pipeline]) == plans_of(BAYES, [NETWORK])
    *others, own = plans_of(BAYES, [NETWORK], problem_of())
    assert own.name == "refined by bayes with short teachers"
    assert own.way == others[0].way
    assert {plan.taught_by for plan in others} == {"short teachers", "a forest"}
    assert all(plan.policy == "pruned" for plan in others)


def test_by_a_momentum_networks_have_no_more_plans_than_others():
    assert plans_of(Settings(), [NETWORK]) == plans_of(Settings(), [BOOSTED])


def test_short_teachers_are_a_budget_and_rounds_of_their_own():
    short, whole = (Plan("bayes", "pruned", "pruned", short) for short in (True, False))
    assert short.settings(BAYES) == replace(whole.settings(BAYES), teacher_budget=SHORT)
    assert short.way != whole.way


def test_a_plan_changes_how_rounds_go_and_nothing_else():
    changed = Plan(0.0, "corrected", "pruned").settings(BAYES)
    assert (changed.momentum, changed.teacher_targets) == (0.0, "corrected")
    assert {name for name in vars(BAYES) if vars(BAYES)[name] != vars(changed)[name]} == {"momentum", "teacher_targets"}


@pytest.mark.parametrize("settings", [BAYES, Settings()], ids=["bayes", "momentum"])
def test_names_tell_plans_apart(settings):
    plans = plans_of(settings, [BOOSTED])
    assert len({plan.name for plan in plans}) == len(plans)
    assert "given" not in {plan.name for plan in plans}
