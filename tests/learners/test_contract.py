from __future__ import annotations

import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.cluster import KMeans
from sklearn.datasets import load_iris
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV, KFold, RandomizedSearchCV, StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler, TargetEncoder
from sklearn.svm import SVC, SVR

from simple_learners import Memoriser
from softlabel.errors import InputError
from softlabel.learners.contract import Learner, as_learner, seeded, takes_images, takes_texts
from softlabel.learners.names import default_estimator
from softlabel.learners.nested import nested_estimators
from softlabel.learners.soft_target import SoftTargetClassifier
from softlabel.learners.soft_target_multilabel import SoftTargetMultilabelClassifier
from softlabel.learners.soft_target_regressor import SoftTargetRegressor
from softlabel.learners.softmax_regression import SoftmaxRegression
from softlabel.learners.torch_classifier import TorchClassifier
from softlabel.learners.torch_multilabel import TorchMultilabelClassifier
from softlabel.learners.torch_regressor import TorchRegressor
from softlabel.learners.transformer_classifier import TransformerClassifier

X, y = load_iris(return_X_y=True)


@pytest.mark.parametrize("learner", [Memoriser(), SoftmaxRegression(), SoftTargetClassifier(Ridge())], ids=str)
def test_learners_are_taken_as_they_are(learner):
    assert as_learner(learner) is learner
    assert isinstance(learner, Learner)


@pytest.mark.parametrize(
    "estimator", [LogisticRegression(), Ridge(), make_pipeline(StandardScaler(), Ridge())], ids=str
)
def test_estimators_are_wrapped(estimator):
    learner = as_learner(estimator)
    assert isinstance(learner, SoftTargetClassifier)
    assert learner.estimator is estimator
    assert not hasattr(estimator, "n_features_in_")  # nothing was fitted to find out


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (SVC(), "CalibratedClassifierCV"),
        (SVR(), "no regressor with several outputs"),
        (SoftTargetClassifier(SVC()), "CalibratedClassifierCV"),
        (LogisticRegression, r"LogisticRegression\(\)"),
        (StandardScaler(), "no classifier"),
        ("logistic", "give an instance"),
        (type("Bare", (), {"fit": None, "predict_targets": None})(), "BaseEstimator"),
    ],
    ids=lambda value: str(value) if isinstance(value, str) else type(value).__name__,
)
def test_others_are_refused_before_any_fit(wrong, says):
    with pytest.raises(InputError, match=says):
        as_learner(wrong)


def test_the_refusal_says_what_is_lacking_for_each_strategy():
    with pytest.raises(InputError, match=r"native: .*; objective: .*; regress: .*; expand: .*predict_proba"):
        as_learner(SVC())


LEARNERS = {
    "distribution": [Memoriser(), SoftmaxRegression(), SoftTargetClassifier(Ridge()), TorchClassifier("mlp")],
    "scalar": [Memoriser(), SoftTargetRegressor(Ridge()), TorchRegressor("mlp")],
    "independent": [Memoriser(), SoftTargetMultilabelClassifier(Ridge()), TorchMultilabelClassifier("mlp")],
}


@pytest.mark.parametrize(("kind", "learner"), [(kind, one) for kind, ones in LEARNERS.items() for one in ones], ids=str)
def test_learners_of_each_kind_are_taken_as_they_are(kind, learner):
    assert as_learner(learner, kind) is learner
    assert isinstance(learner, Learner)


@pytest.mark.parametrize(
    ("estimator", "kind", "wrapper", "strategy"),
    [
        (Ridge(), "scalar", SoftTargetRegressor, "regressor"),
        (SVR(), "scalar", SoftTargetRegressor, "regressor"),
        (make_pipeline(StandardScaler(), Ridge()), "scalar", SoftTargetRegressor, "regressor"),
        (make_pipeline(StandardScaler(), TorchRegressor("mlp")), "scalar", SoftTargetRegressor, "native"),
        (LogisticRegression(), "independent", SoftTargetMultilabelClassifier, "per_class"),
        (SoftmaxRegression(), "independent", SoftTargetMultilabelClassifier, "per_class"),
        (
            make_pipeline(StandardScaler(), SoftmaxRegression()),
            "independent",
            SoftTargetMultilabelClassifier,
            "per_class",
        ),
        (ExtraTreesClassifier(), "independent", SoftTargetMultilabelClassifier, "joint"),
        (Ridge(), "independent", SoftTargetMultilabelClassifier, "joint"),
    ],
    ids=str,
)
def test_estimators_are_wrapped_by_kind(estimator, kind, wrapper, strategy):
    learner = as_learner(estimator, kind)
    assert type(learner) is wrapper
    assert learner.estimator is estimator
    assert getattr(learner.chosen_strategy(), "name", learner.chosen_strategy()) == strategy


@pytest.mark.parametrize(
    ("wrong", "kind", "says"),
    [
        (LogisticRegression(), "scalar", r"^LogisticRegression predicts classes, and the scalar view trains on grades as "
         r"numbers; give a regressor, or view='distribution'$"),
        (SoftmaxRegression(), "scalar", "SoftmaxRegression predicts classes"),
        (KMeans(), "scalar", "KMeans is no regressor"),
        (LogisticRegression, "scalar", r"LogisticRegression\(\)"),
        (TorchClassifier("mlp"), "scalar", "give TorchRegressor$"),
        (make_pipeline(StandardScaler(), TorchClassifier("mlp")), "scalar", "give TorchRegressor$"),
        (TorchClassifier("mlp"), "independent", "give TorchMultilabelClassifier$"),
        (TorchRegressor("mlp"), "distribution", "give TorchClassifier$"),
        (TorchMultilabelClassifier("mlp"), "distribution", "give TorchClassifier$"),
        (SoftTargetClassifier(), "scalar", "give SoftTargetRegressor$"),
        (SoftTargetRegressor(), "independent", "give SoftTargetMultilabelClassifier$"),
        (SoftTargetMultilabelClassifier(), "distribution", "give SoftTargetClassifier$"),
        (TransformerClassifier("m"), "independent", "give features and an estimator for these$"),
        (SVC(), "independent", "CalibratedClassifierCV"),
        (SVR(), "independent", "MultiOutputRegressor"),
        (SoftTargetMultilabelClassifier(SVC()), "independent", "CalibratedClassifierCV"),
        (SoftTargetRegressor(SVC()), "scalar", "SVC predicts classes"),
        (Ridge(), "ordinal", "kind='ordinal'; give one of distribution, scalar, independent"),
        (type("Bare", (), {"fit": None, "predict_targets": None})(), "scalar", "BaseEstimator"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)  # fmt: skip
def test_estimators_of_another_kind_are_refused_in_one_line(wrong, kind, says):
    with pytest.raises(InputError, match=says) as refused:
        as_learner(wrong, kind)
    assert "\n" not in str(refused.value)


def test_what_a_learner_takes():
    assert [takes_images(one) for one in (TorchRegressor("mlp"), Ridge())] == [True, False]
    assert [takes_texts(one) for one in (TransformerClassifier("m"), Ridge())] == [True, False]


def _seeds(learner):
    parts = [part.get_params(deep=False) for part in nested_estimators(learner)]
    return [settings["random_state"] for settings in parts if "random_state" in settings]


SEARCH = RandomizedSearchCV(
    make_pipeline(StandardScaler(), RandomForestClassifier(random_state=5)),
    {"randomforestclassifier": [ExtraTreesClassifier(3), RandomForestClassifier(3)]},
    n_iter=2,
    cv=KFold(3, shuffle=True),
)


def test_every_seed_is_set_and_all_differ():
    learner = as_learner(SEARCH)
    fresh = seeded(learner, 11)
    seeds = _seeds(fresh)
    assert len(seeds) == 4
    assert all(isinstance(seed, int) for seed in [*seeds, fresh.estimator.cv.random_state])
    assert len({*seeds, fresh.estimator.cv.random_state}) == 5
    assert 5 not in seeds
    assert SEARCH.cv.random_state is None
    assert _seeds(learner) == [None, 5, None, None]


def test_the_same_seed_gives_the_same_learner():
    learner = as_learner(SEARCH)
    assert _seeds(seeded(learner, 3)) == _seeds(seeded(learner, 3)) != _seeds(seeded(learner, 4))
    first, second = (seeded(learner, 3).fit(X, y).predict_targets(X) for _ in range(2))
    assert first.tobytes() == second.tobytes()


def test_a_splitter_that_was_given_a_seed_keeps_it():
    search = GridSearchCV(LogisticRegression(), {}, cv=KFold(3, shuffle=True, random_state=8))
    assert seeded(as_learner(search), 0).estimator.cv.random_state == 8


def test_the_default_estimator_is_seeded_too():
    fresh = seeded(SoftTargetClassifier(), 1)
    assert fresh.estimator.random_state != seeded(SoftTargetClassifier(), 2).estimator.random_state
    assert SoftTargetClassifier().estimator is None


@pytest.mark.parametrize("wrapper", [SoftTargetRegressor, SoftTargetMultilabelClassifier])
def test_wrappers_of_every_kind_are_seeded(wrapper):
    defaults = [seeded(wrapper(), seed).estimator for seed in (1, 1, 2)]
    assert [type(one).__name__ for one in defaults] == [type(default_estimator(wrapper.target_kind)).__name__] * 3
    first, same, other = (one.random_state for one in defaults)
    assert first == same != other
    assert wrapper().estimator is None
    forest = wrapper(make_pipeline(StandardScaler(), RandomForestClassifier(random_state=None)))
    assert isinstance(seeded(forest, 0).estimator[1].random_state, int)
    assert forest.estimator[1].random_state is None


def test_an_encoder_that_shuffles_gets_a_splitter_with_a_seed():
    fresh = seeded(as_learner(make_pipeline(TargetEncoder(), LogisticRegression())), 1)
    encoder = fresh.estimator[0]
    if isinstance(encoder.cv, StratifiedKFold):  # scikit-learn 1.9 and later
        assert encoder.cv.shuffle
        assert isinstance(encoder.cv.random_state, int)
    else:
        assert isinstance(encoder.random_state, int)


def test_learners_without_seeds_are_only_cloned():
    learner = Memoriser()
    fresh = seeded(learner, 0)
    assert fresh is not learner
    assert isinstance(fresh, Memoriser)


@pytest.mark.parametrize("estimator", [None, SEARCH, Ridge(), SoftmaxRegression()], ids=lambda e: type(e).__name__)
def test_a_learner_can_be_cloned_and_pickled_before_it_is_fitted(estimator):
    learner = SoftTargetClassifier(estimator, min_mass=0.02)
    for copy in (clone(learner), pickle.loads(pickle.dumps(learner))):
        assert copy.min_mass == 0.02
        assert repr(copy) == repr(learner)


def test_inputs_are_not_changed():
    targets = np.full((len(y), 3), 1 / 3)
    copies = X.copy(), targets.copy()
    seeded(SoftTargetClassifier(LogisticRegression()), 0).fit(X, targets)
    np.testing.assert_array_equal(X, copies[0])
    np.testing.assert_array_equal(targets, copies[1])
