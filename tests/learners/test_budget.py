from __future__ import annotations

import warnings

import numpy as np
import pytest
from sklearn.base import BaseEstimator
from sklearn.calibration import CalibratedClassifierCV
from sklearn.datasets import load_iris
from sklearn.ensemble import (
    AdaBoostClassifier,
    BaggingClassifier,
    ExtraTreesClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
    RandomForestRegressor,
    VotingClassifier,
)
from sklearn.exceptions import ConvergenceWarning
from sklearn.feature_selection import SelectFromModel
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from softlabel.errors import InputError
from softlabel.learners.budget import (
    TRAINING_LENGTHS,
    can_shorten,
    check_budget,
    check_share,
    has_length,
    learner_name,
    learns_by_steps,
    length_parameter,
    short_on_purpose,
    shortened,
    teachers_of,
    with_length,
)
from softlabel.learners.contract import as_learner
from softlabel.learners.names import DEFAULT_NAME
from softlabel.learners.soft_target import SoftTargetClassifier

X, Y = load_iris(return_X_y=True)


class Epochs(BaseEstimator):
    """A learner of one's own that says what its length is."""

    training_length = "n_passes"

    def __init__(self, n_passes=10, estimator=None):
        self.n_passes = n_passes
        self.estimator = estimator

    def fit(self, X, targets, sample_weight=None):
        return self


@pytest.mark.parametrize(
    ("estimator", "name"),
    [
        (MLPClassifier(), "max_iter"),
        (HistGradientBoostingClassifier(), "max_iter"),
        (GradientBoostingRegressor(), "n_estimators"),
        (AdaBoostClassifier(), "n_estimators"),
        (BaggingClassifier(), "n_estimators"),
        (RandomForestRegressor(), "n_estimators"),
        (Epochs(), "n_passes"),
        (MLPClassifier(solver="lbfgs"), None),
        (LogisticRegression(), None),
        (SGDClassifier(), None),
        (SVC(), None),
        (KNeighborsClassifier(), None),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseEstimator) else str(value),
)
def test_what_counts_as_a_length(estimator, name):
    assert length_parameter(estimator) == name


def test_every_class_of_the_table_is_there_and_has_the_parameter():
    import sklearn.ensemble
    import sklearn.neural_network

    for (package, name), parameter in TRAINING_LENGTHS.items():
        if package == "sklearn":
            module = sklearn.neural_network if name.startswith("MLP") else sklearn.ensemble
        else:
            module = pytest.importorskip(package)
        kind = getattr(module, name)
        assert parameter in kind().get_params(), name
        assert length_parameter(type("Derived", (kind,), {})()) == parameter


def test_boosting_of_other_packages():
    lightgbm, xgboost = pytest.importorskip("lightgbm"), pytest.importorskip("xgboost")
    assert shortened(lightgbm.LGBMClassifier(n_estimators=50), 0.3).n_estimators == 15
    assert shortened(lightgbm.LGBMRegressor(num_iterations=40), 0.5).get_params()["num_iterations"] == 20
    assert shortened(xgboost.XGBClassifier(), 0.3).n_estimators == 30  # which stands at 100 where it is None
    assert shortened(xgboost.XGBRegressor(n_estimators=7), 0.5).n_estimators == 4


def test_networks():
    torch_classifier = pytest.importorskip("torch") and __import__("softlabel").TorchClassifier
    short = shortened(torch_classifier("mlp", epochs=30), 0.3)
    assert short.epochs == 9
    short.set_params(random_state=0).fit(X, Y)
    assert len(short.history_) == 9
    assert short.history_[-1]["lr"] < 0.05 * max(row["lr"] for row in short.history_)  # the schedule ends with it


def test_transformers():
    from softlabel.learners.transformer_classifier import TransformerClassifier

    assert shortened(TransformerClassifier("anywhere", epochs=10), 0.3).epochs == 3


@pytest.mark.parametrize(
    ("length", "share", "left"), [(100, 0.3, 30), (5, 0.3, 2), (5, 0.5, 3), (30, 0.01, 1), (1, 0.5, 1), (7, 1, 7)]
)
def test_the_share_is_rounded_half_up_and_one_is_left(length, share, left):
    assert shortened(ExtraTreesClassifier(length), share).n_estimators == left


def test_a_factor_may_lengthen():
    assert with_length(ExtraTreesClassifier(10), 3).n_estimators == 30
    assert with_length(ExtraTreesClassifier(1), 2.5).n_estimators == 3  # half up
    assert with_length(make_pipeline(StandardScaler(), MLPClassifier(max_iter=80)), 1.5)[-1].max_iter == 120
    assert with_length(as_learner(HistGradientBoostingClassifier(max_iter=7)), 2).estimator.max_iter == 14
    assert with_length(SoftTargetClassifier(), 2).estimator.n_estimators == 200
    logistic = SoftTargetClassifier(LogisticRegression(C=2))
    assert repr(with_length(logistic, 3)) == repr(logistic)
    for factor in (0.01, 0.3, 1):
        assert repr(with_length(Epochs(30), factor)) == repr(shortened(Epochs(30), factor))


@pytest.mark.parametrize(
    ("learner", "has", "name"),
    [
        (SoftTargetClassifier(), True, "SoftTargetClassifier"),
        (ExtraTreesClassifier(1), True, "ExtraTreesClassifier"),
        (SoftTargetClassifier(LogisticRegression()), False, "LogisticRegression"),
        (GridSearchCV(ExtraTreesClassifier(), {"n_estimators": [10, 20]}), False, "GridSearchCV"),
        (Epochs(), True, "Epochs"),
    ],
    ids=["default", "one tree", "logistic", "search", "own"],
)
def test_whether_a_training_has_a_length(learner, has, name):
    assert has_length(learner) is has
    assert learner_name(learner) == name


def test_what_was_given_is_left_as_it_is():
    forest = ExtraTreesClassifier(100)
    pipeline = make_pipeline(StandardScaler(), forest)
    short = shortened(pipeline, 0.2)
    assert short[-1].n_estimators == 20
    assert (forest.n_estimators, pipeline[-1]) == (100, forest)


def test_through_wrappers_and_pipelines_but_not_into_transformers():
    selecting = SelectFromModel(ExtraTreesClassifier(50))
    learner = as_learner(make_pipeline(selecting, MLPClassifier(max_iter=80)))
    short = shortened(learner, 0.25)
    assert short.estimator[-1].max_iter == 20
    assert short.estimator[0].estimator.n_estimators == 50
    assert not can_shorten(as_learner(make_pipeline(selecting, LogisticRegression())))


@pytest.mark.parametrize("kind", ["distribution", "scalar", "independent"])
def test_the_default_estimator(kind):
    assert DEFAULT_NAME == "extra_trees"
    wrapper = as_learner(
        __import__("softlabel.learners.names", fromlist=["default_estimator"]).default_estimator(kind), kind
    )
    bare = type(wrapper)()
    assert can_shorten(bare)
    assert shortened(bare, 0.3).estimator.n_estimators == 30
    assert bare.estimator is None


def test_meta_estimators_hand_it_on_and_the_outermost_length_counts():
    calibrated = shortened(CalibratedClassifierCV(ExtraTreesClassifier(100)), 0.3)
    assert calibrated.estimator.n_estimators == 30
    voting = shortened(VotingClassifier([("a", ExtraTreesClassifier(10)), ("b", LogisticRegression())]), 0.3)
    assert voting.estimators[0][1].n_estimators == 3
    bagging = shortened(BaggingClassifier(MLPClassifier(max_iter=100), n_estimators=10), 0.5)
    assert (bagging.n_estimators, bagging.estimator.max_iter) == (5, 100)


def test_a_search_over_lengths_chooses_them_itself():
    forest = ExtraTreesClassifier(100)
    assert not can_shorten(GridSearchCV(forest, {"n_estimators": [10, 20]}))
    assert shortened(GridSearchCV(forest, {"max_depth": [2, 4]}), 0.3).estimator.n_estimators == 30


@pytest.mark.parametrize(
    ("learner", "can"),
    [
        (SoftTargetClassifier(), True),
        (SoftTargetClassifier(LogisticRegression()), False),
        (make_pipeline(StandardScaler(), KNeighborsClassifier()), False),
        (ExtraTreesClassifier(1), False),
        (Epochs(), True),
    ],
    ids=["default", "logistic", "neighbours", "one tree", "own"],
)
def test_whether_there_is_anything_to_shorten(learner, can):
    assert can_shorten(learner) is can


@pytest.mark.parametrize(
    ("learner", "by_steps"),
    [
        (SoftTargetClassifier(), False),  # the default is a forest
        (SoftTargetClassifier(LogisticRegression()), False),
        (SoftTargetClassifier(HistGradientBoostingClassifier()), True),
        (make_pipeline(StandardScaler(), RandomForestClassifier()), False),
        (BaggingClassifier(HistGradientBoostingClassifier()), False),
        (VotingClassifier([("f", ExtraTreesClassifier()), ("b", HistGradientBoostingClassifier())]), True),
        (HistGradientBoostingClassifier(max_iter=1), False),
        (Epochs(), True),
    ],
    ids=["default", "logistic", "boosting", "forest", "bagging", "voting", "one step", "own"],
)
def test_a_part_of_a_forest_has_learned_as_much(learner, by_steps):
    assert learns_by_steps(learner) is by_steps


def test_a_forest_by_boosting_packages_is_an_average():
    xgboost = pytest.importorskip("xgboost")
    assert learns_by_steps(xgboost.XGBClassifier())
    assert not learns_by_steps(xgboost.XGBRFClassifier())


@pytest.mark.parametrize("settings", [{"boosting_type": "rf"}, {"boosting": "rf"}, {"boost": "random_forest"}])
def test_a_forest_by_lightgbm_is_an_average(settings):
    lightgbm = pytest.importorskip("lightgbm")
    assert learns_by_steps(lightgbm.LGBMClassifier())
    assert learns_by_steps(lightgbm.LGBMClassifier(boosting_type="dart"))
    assert not learns_by_steps(lightgbm.LGBMClassifier(**settings))


def test_a_copy_that_has_no_length_is_the_same():
    logistic = SoftTargetClassifier(LogisticRegression(C=2))
    assert repr(shortened(logistic, 0.3)) == repr(logistic)


def test_teachers_are_the_learners_where_there_is_no_budget():
    learners = (SoftTargetClassifier(),)
    assert teachers_of(learners, None)[0] is learners[0]
    assert teachers_of(learners, 1.0)[0] is learners[0]
    assert teachers_of(learners, 0.5)[0].estimator.n_estimators == 50


@pytest.mark.parametrize("share", [0, -0.3, 1.01, True, "0.3", None, float("nan")])
def test_what_is_no_share(share):
    with pytest.raises(InputError, match=r"give a share above 0 and up to 1"):
        check_share("share", share)


def test_a_budget_is_refused_where_nothing_has_a_length():
    logistic, forest = SoftTargetClassifier(LogisticRegression()), SoftTargetClassifier()
    with pytest.raises(InputError, match=r"teacher_budget=0.3 .* LogisticRegression has no length to shorten"):
        check_budget(0.3, [logistic])
    assert check_budget(0.3, [logistic, forest]) == 0.3
    assert check_budget(1, [logistic]) == 1.0
    assert check_budget(None, [logistic]) is None


def test_the_end_of_a_short_training_is_no_complaint():
    network = MLPClassifier(max_iter=2)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with short_on_purpose():
            network.fit(X, Y)
            warnings.warn("something else", ConvergenceWarning, stacklevel=1)
        network.fit(X, Y)
    assert [str(one.message).split(":")[0] for one in caught] == ["something else", "Stochastic Optimizer"]


def test_a_shortened_fit_is_that_of_fewer_trees():
    short = shortened(SoftTargetClassifier(ExtraTreesClassifier(20, random_state=0)), 0.5).fit(X, Y)
    own = SoftTargetClassifier(ExtraTreesClassifier(10, random_state=0)).fit(X, Y)
    assert np.array_equal(short.predict_proba(X), own.predict_proba(X))


def test_the_estimator_that_is_trained_is_named_and_no_scaler_before_it():
    pipeline = make_pipeline(StandardScaler(), LogisticRegression())
    for learner in (LogisticRegression(), pipeline, SoftTargetClassifier(pipeline), make_pipeline(pipeline)):
        assert learner_name(learner) == "LogisticRegression"
