from __future__ import annotations

import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.svm import SVC

from softlabel.errors import InputError
from softlabel.learners.soft_target import SoftTargetClassifier
from softlabel.learners.softmax_regression import SoftmaxRegression
from softlabel.learners.strategies import NAMES, choose_strategy


@pytest.mark.parametrize(
    ("estimator", "name"),
    [
        (SoftmaxRegression(), "native"),
        (SoftTargetClassifier(SVC()), "native"),
        (RandomForestClassifier(), "regress"),
        (Ridge(), "regress"),
        (RandomForestClassifier(criterion="entropy"), "expand"),
        (LogisticRegression(), "expand"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_the_first_that_works_is_taken(estimator, name):
    assert choose_strategy(estimator).name == name


@pytest.mark.parametrize("name", NAMES)
def test_each_strategy_bears_its_name(name):
    lightgbm = pytest.importorskip("lightgbm") if name == "objective" else None
    served = {"native": SoftmaxRegression(), "regress": Ridge(), "expand": LogisticRegression()}
    estimator = lightgbm.LGBMClassifier() if lightgbm else served[name]
    assert choose_strategy(estimator, name, 0.05).name == name


def test_min_mass_reaches_the_expansion():
    assert choose_strategy(LogisticRegression(), "expand", 0.05).min_mass == 0.05


def test_the_refusal_lists_what_is_lacking():
    with pytest.raises(InputError, match=r"^SVC cannot be fitted .*native: .*objective: .*regress: .*expand: "):
        choose_strategy(SVC())
    with pytest.raises(
        InputError, match=r"^SVC .*by strategy native: it has neither predict_targets nor predict_proba"
    ):
        choose_strategy(SVC(), "native")
    with pytest.raises(InputError, match="'soft'; give 'auto' or one of"):
        choose_strategy(SVC(), "soft")
