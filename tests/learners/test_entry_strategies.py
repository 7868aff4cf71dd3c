from __future__ import annotations

import numpy as np
import pytest
from sklearn.cluster import KMeans
from sklearn.ensemble import (
    ExtraTreesClassifier,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
)
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.multiclass import OneVsRestClassifier
from sklearn.multioutput import ClassifierChain, MultiOutputClassifier, MultiOutputRegressor
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, SVR
from sklearn.tree import DecisionTreeClassifier

from simple_learners import Memoriser
from softlabel import SoftmaxRegression, TorchClassifier
from softlabel.errors import InputError
from softlabel.learners.entry_strategies import NAMES, choose_entry_strategy, varying_columns
from softlabel.learners.soft_target_multilabel import SoftTargetMultilabelClassifier
from softlabel.learners.torch_multilabel import TorchMultilabelClassifier


@pytest.mark.parametrize(
    ("estimator", "name"),
    [
        (Memoriser(), "native"),
        (TorchMultilabelClassifier("mlp"), "native"),
        (SoftTargetMultilabelClassifier(), "native"),
        (make_pipeline(StandardScaler(), Memoriser()), "native"),
        (RandomForestClassifier(), "joint"),
        (ExtraTreesClassifier(), "joint"),
        (DecisionTreeClassifier(), "joint"),
        (KNeighborsClassifier(), "joint"),
        (make_pipeline(StandardScaler(), KNeighborsClassifier()), "joint"),
        (Ridge(), "joint"),
        (KNeighborsRegressor(), "joint"),
        (GridSearchCV(Ridge(), {}), "joint"),
        (MultiOutputRegressor(SVR()), "joint"),
        (ExtraTreesClassifier(criterion="entropy"), "per_class"),
        (ExtraTreesClassifier(class_weight="balanced"), "per_class"),
        (LogisticRegression(), "per_class"),
        (GaussianNB(), "per_class"),
        (MLPClassifier(), "per_class"),
        (HistGradientBoostingClassifier(), "per_class"),
        (make_pipeline(StandardScaler(), LogisticRegression()), "per_class"),
        (GridSearchCV(ExtraTreesClassifier(), {}), "per_class"),
        (SoftmaxRegression(), "per_class"),
        (TorchClassifier("mlp"), "per_class"),
    ],
    ids=lambda value: None if isinstance(value, str) else type(value).__name__,
)
def test_what_an_estimator_can_do_decides(estimator, name):
    assert choose_entry_strategy(estimator).name == name
    assert choose_entry_strategy(estimator, name).name == name


def test_a_strategy_may_be_asked_for():
    assert choose_entry_strategy(ExtraTreesClassifier(), "per_class").name == "per_class"
    assert choose_entry_strategy(Ridge(), "per_class").name == "per_class"  # two outputs for each label
    with pytest.raises(InputError, match=r"by strategy joint: it is neither trees.*; strategy='auto' tries the others"):
        choose_entry_strategy(LogisticRegression(), "joint")
    with pytest.raises(InputError, match="by strategy native: its predict_targets answers rows of kind 'distribution'"):
        choose_entry_strategy(SoftmaxRegression(), "native")
    with pytest.raises(InputError, match="strategy='each'; give 'auto' or one of native, joint, per_class"):
        choose_entry_strategy(LogisticRegression(), "each")
    assert NAMES == ("native", "joint", "per_class")


@pytest.mark.parametrize(
    ("estimator", "says"),
    [
        (SVC(), r"^SVC cannot be fitted to several labels: native: .*; joint: .*; per_class: .*CalibratedClassifierCV"),
        (
            SVR(),
            r"SVR .*joint: it predicts one output \(wrap it: MultiOutputRegressor\(estimator\)\); per_class: it is no",
        ),
        (HistGradientBoostingRegressor(), r"MultiOutputRegressor"),
        (KMeans(2), "KMeans .*no classifier"),
        (MultiOutputClassifier(GaussianNB()), r"divides hard labels \(give what is in it, GaussianNB\(\)"),
        (make_pipeline(StandardScaler(), OneVsRestClassifier(GaussianNB())), r"give what is in it, GaussianNB\(\)"),
        (ClassifierChain(GaussianNB()), r"give what is in it, GaussianNB\(\)"),
        (RandomForestClassifier(class_weight=[{0: 1, 1: 2}]), "class_weight is a list; give 'balanced' or one"),
    ],
    ids=lambda value: None if isinstance(value, str) else type(value).__name__,
)
def test_the_refusal_says_what_is_lacking_for_each(estimator, says):
    with pytest.raises(InputError, match=says) as refused:
        choose_entry_strategy(estimator)
    assert "\n" not in str(refused.value)


def test_columns_of_one_value_do_not_vary():
    entries = np.array([[0.0, 0.3, 1.0, 0.2], [0.0, 0.3, 0.0, 0.4], [0.0, 0.3, 0.5, 0.9]], dtype=np.float32)
    varying, means = varying_columns(entries, None)
    assert varying.tolist() == [2, 3]
    assert means[1] == entries[0, 1]
    np.testing.assert_allclose(means, [0, 0.3, 0.5, 0.5])


def test_rows_without_weight_do_not_count_as_values():
    entries = np.array([[0.1, 0.0], [0.7, 1.0], [0.7, 0.0]], dtype=np.float32)
    varying, means = varying_columns(entries, np.array([0.0, 1.0, 3.0]))
    assert varying.tolist() == [1]
    np.testing.assert_allclose(means, [0.7, 0.25])
    assert means[0] == np.float32(0.7)


def test_min_mass_reaches_the_classifier_of_each_label():
    strategy = choose_entry_strategy(LogisticRegression(), min_mass=0.25)
    x, entries = np.arange(4.0)[:, None], np.float32([[0.2, 0.0], [0.7, 1.0], [1.0, 0.3], [0.0, 1.0]])
    for min_mass, chosen in ((0.25, strategy), (0.01, choose_entry_strategy(LogisticRegression()))):
        fitted = chosen.fit(LogisticRegression(), x, entries, None, 2)
        assert [one.min_mass for one in fitted] == [min_mass, min_mass]
