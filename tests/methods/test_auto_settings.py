"""What "auto" means among the settings, case by case, and what is refused."""

import numpy as np
import pytest

from softlabel.errors import InputError
from softlabel.methods.auto_settings import settle
from softlabel.methods.final_targets import POLICIES
from softlabel.tasks import Multiclass, Multilabel, Ordinal

TASK = Multiclass(["a", "b"])
PLAIN = np.eye(2, dtype=np.float32)[[0, 1, 1]]
VOTES = np.array([[0.7, 0.3], [0, 1], [0.5, 0.5]], dtype=np.float32)
GRADES = Ordinal.from_labels(np.array([0, 1, 2]))
NUMBERS = np.array([[0], [1], [2]], dtype=np.float32)
SPREAD = Ordinal.from_labels(np.array([0, 1, 2]), view="distribution")
SEVERAL = Multilabel(["a", "b"])
ENTRIES = np.array([[1, 1], [0, 0], [0, 1]], dtype=np.float32)


def _settle(final="auto", teacher="auto", momentum="auto", sharpen=None, task=TASK, given=PLAIN):
    return tuple(settle(final, teacher, momentum, sharpen, task, given))


@pytest.mark.parametrize(
    ("task", "given"),
    [(TASK, PLAIN), (SPREAD, np.eye(3, dtype=np.float32)), (SEVERAL, ENTRIES)],
    ids=["classes", "grades as distributions", "several labels"],
)
def test_plain_labels_go_by_bayes_rule(task, given):
    assert _settle(task=task, given=given) == ("bayes", "pruned")


@pytest.mark.parametrize(
    ("task", "given"), [(TASK, VOTES), (GRADES, NUMBERS), (SEVERAL, ENTRIES * 0.9)], ids=["votes", "numbers", "soft"]
)
def test_votes_and_grades_as_numbers_go_the_papers_way(task, given):
    assert _settle(task=task, given=given) == (0.75, "refined")


@pytest.mark.parametrize("final", POLICIES)
def test_a_named_policy_leaves_rounds_to_the_paper(final):
    assert _settle(final=final) == (0.75, "refined")


@pytest.mark.parametrize("momentum", [0, 0.5, 1.0, "average"])
def test_a_given_momentum_stays_and_teachers_learn_refined_targets(momentum):
    assert _settle(momentum=momentum) == (momentum, "refined")


def test_sharpening_asks_for_the_papers_rounds():
    assert _settle(sharpen=0.5) == (0.75, "refined")


def test_bayes_by_name_leaves_teachers_refined():
    assert _settle(momentum="bayes") == ("bayes", "refined")
    assert _settle(final="refined", momentum="bayes") == ("bayes", "refined")
    assert _settle(momentum="bayes", teacher="pruned") == ("bayes", "pruned")


@pytest.mark.parametrize("teacher", POLICIES)
def test_named_teachers_stay(teacher):
    assert _settle(teacher=teacher) == ("bayes", teacher)
    assert _settle(final="refined", teacher=teacher) == (0.75, teacher)


@pytest.mark.parametrize(
    ("task", "given", "what"),
    [(GRADES, NUMBERS, "grades as numbers"), (TASK, VOTES, "first targets that are soft already")],
    ids=["numbers", "votes"],
)
def test_bayes_rule_where_it_cannot_weigh_is_refused(task, given, what):
    with pytest.raises(
        InputError, match=f"momentum='bayes' weighs plain labels .* and there are {what}; give a number"
    ):
        _settle(momentum="bayes", task=task, given=given)


@pytest.mark.parametrize("which", ["final", "teacher"])
def test_numbers_are_not_sharpened(which):
    with pytest.raises(InputError, match="'sharpened' targets are probabilities squared"):
        _settle(**{which: "sharpened"}, task=GRADES, given=NUMBERS)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"final": "best"}, "final_targets='best'; give one of 'refined', .*'auto'"),
        ({"teacher": "best"}, "teacher_targets='best'; give one of 'refined', .*'auto'"),
        ({"momentum": "often"}, "momentum='often'; give a number from 0 to 1"),
        ({"momentum": 1.5}, "momentum=1.5"),
        ({"momentum": True}, "momentum=True"),
        ({"momentum": None}, "momentum=None"),
    ],
    ids=["final", "teacher", "word", "above 1", "bool", "None"],
)
def test_other_values_are_refused_with_those_there_are(options, message):
    with pytest.raises(InputError, match=message):
        _settle(**options)
