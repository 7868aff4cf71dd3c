from __future__ import annotations

import numpy as np
import pytest
from sklearn.ensemble import ExtraTreesClassifier, HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, KFold, StratifiedKFold

from softlabel.data.folds import check_cv
from softlabel.errors import InputError
from softlabel.learners.contract import as_learner
from softlabel.methods.teachers import check_switch, check_teachers

BOOSTING, FOREST, LOGISTIC = (
    as_learner(one) for one in (HistGradientBoostingClassifier(), ExtraTreesClassifier(), LogisticRegression())
)
PAIRS = [(np.arange(5), np.arange(5, 9)), (np.arange(5, 9), np.arange(5))]


def test_what_is_said_is_what_settings_take():
    plain = {"teacher_budget": None, "fixed_folds": False, "warm_start": False}
    assert check_teachers([LOGISTIC], 5) == plain
    warm = {"teacher_budget": 0.3, "fixed_folds": True, "warm_start": True}
    assert check_teachers([BOOSTING], 5, **warm) == warm


@pytest.mark.parametrize(
    "cv",
    [StratifiedKFold(3, shuffle=True, random_state=0), KFold(3), GroupKFold(3), PAIRS],
    ids=["seed", "no chance", "groups", "pairs"],
)
def test_folds_that_stay_by_themselves_serve_a_warm_start(cv):
    assert check_teachers([BOOSTING], check_cv(cv), warm_start=True)["warm_start"]


@pytest.mark.parametrize("cv", [5, StratifiedKFold(3, shuffle=True)], ids=["number", "splitter"])
def test_new_folds_would_leak(cv):
    with pytest.raises(
        InputError, match=r"label rows that it was trained on; give fixed_folds=True, or a splitter with a seed"
    ):
        check_teachers([BOOSTING], cv, warm_start=True)
    assert check_teachers([BOOSTING], cv, warm_start=True, fixed_folds=True)


def test_learners_that_cannot_go_on_are_named():
    with pytest.raises(InputError, match=r"and ExtraTreesClassifier, LogisticRegression cannot go on"):
        check_teachers([FOREST, BOOSTING, LOGISTIC], 5, fixed_folds=True, warm_start=True)


def test_a_budget_is_refused_by_name_where_there_is_nothing_to_shorten():
    with pytest.raises(InputError, match="LogisticRegression has no length to shorten"):
        check_teachers([LOGISTIC], 5, teacher_budget=0.5)
    assert check_teachers([LOGISTIC, FOREST], 5, teacher_budget=0.5)["teacher_budget"] == 0.5


@pytest.mark.parametrize("value", [1, 0.2, "yes", None])
@pytest.mark.parametrize("name", ["fixed_folds", "warm_start"])
def test_switches_are_true_or_false(name, value):
    with pytest.raises(InputError, match=f"{name}={value!r}; give True or False"):
        check_teachers([BOOSTING], 5, **{name: value})
    assert check_switch(name, True) is True


def test_numbers_of_numpy_are_taken():
    found = check_teachers([FOREST], 5, teacher_budget=np.float32(0.5), fixed_folds=np.True_)
    assert found == {"teacher_budget": 0.5, "fixed_folds": True, "warm_start": False}
