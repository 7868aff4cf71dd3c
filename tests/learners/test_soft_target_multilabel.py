from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from scipy import sparse
from sklearn.base import clone
from sklearn.datasets import make_multilabel_classification
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier
from sklearn.feature_selection import SelectKBest
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV, cross_val_predict
from sklearn.multiclass import OneVsRestClassifier
from sklearn.multioutput import MultiOutputClassifier, MultiOutputRegressor
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier, RadiusNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVR
from sklearn.tree import DecisionTreeClassifier, ExtraTreeClassifier

from simple_learners import Memoriser
from softlabel import SoftmaxRegression
from softlabel.errors import InputError
from softlabel.learners.soft_target import SoftTargetClassifier
from softlabel.learners.soft_target_multilabel import SoftTargetMultilabelClassifier

X, Y = make_multilabel_classification(200, 6, n_classes=4, n_labels=2, random_state=0)
X = X + np.random.default_rng(3).normal(size=X.shape) / 10  # no two features equal
NEW = X[::3] + 0.3
# In 64ths, which float32 holds.
SOFT = np.round(64 * (0.8 * Y + 0.2 * np.random.default_rng(0).random(Y.shape))) / 64
WEIGHTS = np.random.default_rng(1).integers(1, 4, len(X)).astype(float)
ESTIMATORS = {
    "trees": ExtraTreesClassifier(10, random_state=0),
    "forest": RandomForestClassifier(10, random_state=0),
    "neighbours": KNeighborsClassifier(),
    "linear": Ridge(),
    "vectors": MultiOutputRegressor(SVR()),
    "native": Memoriser(),
    "logistic": LogisticRegression(max_iter=1000),
    "softmax": SoftmaxRegression(),
    "pipeline": make_pipeline(StandardScaler(), LogisticRegression()),
    "search": GridSearchCV(make_pipeline(StandardScaler(), GaussianNB()), {"gaussiannb__var_smoothing": [1e-9, 1e-2]}),
}
try:
    from lightgbm import LGBMClassifier
except ImportError:
    pass
else:
    ESTIMATORS["lightgbm"] = LGBMClassifier(n_estimators=5, n_jobs=1, verbose=-1)

each_estimator = pytest.mark.parametrize("name", ESTIMATORS)


def _fitted(name, targets=SOFT, weights=None):
    return SoftTargetMultilabelClassifier(ESTIMATORS[name]).fit(X, targets, weights)


def _of_hard(estimator, X, Y, new):
    """Return what scikit-learn's own multi-label fit says of each label, (n, k)."""
    return np.stack([rows[:, 1] for rows in clone(estimator).fit(X, Y).predict_proba(new)], axis=1)


@each_estimator
def test_entries_are_valid_and_learned(name):
    model = _fitted(name)
    rows = model.predict_targets(X)
    assert (rows.shape, rows.dtype) == ((len(X), 4), np.float64)
    assert rows.min() >= 0
    assert rows.max() <= 1
    assert not np.allclose(rows.sum(axis=1), 1)
    np.testing.assert_array_equal(rows, model.predict_proba(X))
    predicted = model.predict(X)
    np.testing.assert_array_equal(predicted, rows > 0.5)
    assert predicted.dtype == np.int64
    assert np.mean(predicted == Y) > 0.75
    assert model.classes_.tolist() == [0, 1, 2, 3]
    assert model.n_features_in_ == 6


@pytest.mark.parametrize(
    "estimator",
    [
        DecisionTreeClassifier(random_state=0),
        DecisionTreeClassifier(max_depth=3, random_state=0),
        DecisionTreeClassifier(min_impurity_decrease=0.01, random_state=0),
        DecisionTreeClassifier(ccp_alpha=0.01, random_state=0),
        ExtraTreeClassifier(min_samples_leaf=5, random_state=2),
        ExtraTreesClassifier(10, max_depth=4, random_state=0),
        ExtraTreesClassifier(10, min_samples_leaf=5, bootstrap=True, random_state=1),
        RandomForestClassifier(10, max_leaf_nodes=12, random_state=0),
        RandomForestClassifier(10, min_impurity_decrease=0.01, random_state=1),
        RandomForestClassifier(10, ccp_alpha=0.005, min_samples_leaf=5, random_state=1),
        KNeighborsClassifier(7),
        KNeighborsClassifier(7, weights="distance"),
        RadiusNeighborsClassifier(30.0),
    ],
    ids=str,
)
@pytest.mark.parametrize("constant", [False, True])
def test_joint_is_scikit_learns_own_multilabel_fit_on_hard_targets(estimator, constant):
    hard = np.insert(Y, 2, 1, axis=1) if constant else Y
    model = SoftTargetMultilabelClassifier(estimator).fit(X, hard)
    assert model.strategy_ == "joint"
    assert len(model.estimators_) == 1
    varying = [0, 1, 3, 4] if constant else [0, 1, 2, 3]
    answer = clone(estimator).fit(X, hard).predict_proba(NEW)
    own = np.stack([answer[column][:, 1] for column in varying], axis=1)
    np.testing.assert_allclose(model.predict_proba(NEW)[:, varying], own, atol=1e-12)
    if constant:
        assert np.all(model.predict_proba(NEW)[:, 2] == 1)


def test_the_settings_in_units_of_impurity_act():
    # Else the test above could not tell whether they are translated.
    for setting in ({"min_impurity_decrease": 0.01}, {"ccp_alpha": 0.01}):
        plain = DecisionTreeClassifier(random_state=0).fit(X, Y)
        assert clone(plain).set_params(**setting).fit(X, Y).tree_.node_count < plain.tree_.node_count


def test_grown_to_the_end_trees_say_the_same_of_all_but_a_few_rows():
    # Splits of a handful of rows are often exactly as good as each other, and rounding tells them apart.
    forest = ExtraTreesClassifier(10, random_state=0)
    model = SoftTargetMultilabelClassifier(forest).fit(X, Y)
    np.testing.assert_array_equal(model.predict_proba(X), Y)
    own = np.stack([rows[:, 1] for rows in clone(forest).fit(X, Y).predict_proba(NEW)], axis=1)
    assert np.mean(np.abs(model.predict_proba(NEW) - own)) < 0.02


@pytest.mark.parametrize("name", ["trees", "forest"])
def test_weights_of_joint_trees_are_the_estimators_own(name):
    estimator = clone(ESTIMATORS[name]).set_params(min_samples_leaf=5)
    own = clone(estimator).fit(X, Y, sample_weight=WEIGHTS).predict_proba(NEW)
    rows = SoftTargetMultilabelClassifier(estimator).fit(X, Y, WEIGHTS).predict_proba(NEW)
    np.testing.assert_allclose(rows, np.stack([part[:, 1] for part in own], axis=1), atol=1e-12)


@pytest.mark.parametrize("name", ["logistic", "pipeline", "search", "trees"])
def test_per_class_is_one_fit_for_each_label_as_scikit_learn_has_it(name):
    estimator = ESTIMATORS[name]
    model = SoftTargetMultilabelClassifier(estimator, strategy="per_class").fit(X, Y)
    assert model.strategy_ == "per_class"
    assert len(model.estimators_) == 4
    rows = model.predict_proba(NEW)
    np.testing.assert_allclose(rows, _of_hard(MultiOutputClassifier(estimator), X, Y, NEW), atol=1e-12)
    one_against_rest = OneVsRestClassifier(estimator).fit(X, Y)
    np.testing.assert_allclose(rows, one_against_rest.predict_proba(NEW), atol=1e-12)
    np.testing.assert_array_equal(model.predict(NEW), one_against_rest.predict(NEW))


def test_per_class_of_soft_targets_is_a_classifier_of_with_and_without():
    rows = _fitted("logistic", SOFT, WEIGHTS).predict_proba(NEW)
    for j in range(4):
        pair = np.stack([1 - SOFT[:, j], SOFT[:, j]], axis=1)
        alone = SoftTargetClassifier(ESTIMATORS["logistic"]).fit(X, pair, WEIGHTS)
        np.testing.assert_array_equal(rows[:, j], alone.predict_proba(NEW)[:, 1])


def test_the_gradient_of_a_label_vanishes_where_logistic_regression_says_so():
    # Without a penalty the weighted residuals t - p are orthogonal to the features (Bernoulli likelihood of shares).
    estimator = LogisticRegression(C=np.inf, tol=1e-10, max_iter=5000)
    scaled = StandardScaler().fit_transform(X)
    rows = SoftTargetMultilabelClassifier(estimator).fit(scaled, SOFT, WEIGHTS).predict_proba(scaled)
    residuals = WEIGHTS[:, None] * (SOFT - rows)  # (n, k)
    np.testing.assert_allclose(scaled.T @ residuals, 0, atol=0.02)
    np.testing.assert_allclose(residuals.sum(axis=0), 0, atol=0.02)


def test_the_mean_of_entries_in_a_leaf():
    x = np.array([[0.0], [0.0], [1.0], [1.0]])
    targets = np.array([[0.25, 1.0], [0.75, 0.5], [1.0, 0.0], [1.0, 0.0]])
    model = SoftTargetMultilabelClassifier(DecisionTreeClassifier()).fit(x, targets)
    np.testing.assert_allclose(model.predict_proba([[0.0], [1.0]]), [[0.5, 0.75], [1, 0]])
    assert model.predict([[0.0]]).tolist() == [[0, 1]]  # one half is not more likely than not
    weighted = SoftTargetMultilabelClassifier(DecisionTreeClassifier()).fit(x, targets, [3, 1, 1, 1])
    np.testing.assert_allclose(weighted.predict_proba([[0.0]]), [[0.375, 0.875]])


def test_neighbours_vote_with_the_weight_of_their_row():
    model = SoftTargetMultilabelClassifier(KNeighborsClassifier(len(X))).fit(X, SOFT, WEIGHTS)
    np.testing.assert_allclose(model.predict_proba(X[:1]), [np.average(SOFT, axis=0, weights=WEIGHTS)])


@pytest.mark.filterwarnings("ignore:One or more samples have no neighbors")
def test_a_row_out_of_every_neighbours_reach_gets_the_mean():
    model = SoftTargetMultilabelClassifier(RadiusNeighborsClassifier(1e-3)).fit(X, SOFT)
    np.testing.assert_allclose(model.predict_proba([[1e3] * 6]), [SOFT.mean(axis=0)])


def test_regressors_are_clipped():
    targets = [[0, 1], [1, 0.5]]
    model = SoftTargetMultilabelClassifier(LinearRegression()).fit([[0.0], [1.0]], targets)
    np.testing.assert_allclose(model.predict_proba([[-3.0], [0.5], [3.0]]), [[0, 1], [0.5, 0.75], [1, 0]])


@each_estimator
def test_a_label_of_one_value_is_answered_with_it_and_never_shown(name):
    wider = np.insert(np.insert(SOFT, 4, 0.0, axis=1), 1, 0.375, axis=1)  # (n, 6)
    model, without = _fitted(name, wider), _fitted(name)
    rows = model.predict_proba(NEW)
    assert np.all(rows[:, 1] == 0.375)
    assert np.all(rows[:, 5] == 0)
    np.testing.assert_allclose(rows[:, [0, 2, 3, 4]], without.predict_proba(NEW), atol=1e-12)


def test_rows_without_weight_do_not_count_as_values():
    weights = (Y[:, 0] == 1).astype(float)
    rows = _fitted("logistic", Y, weights).predict_proba(NEW)
    assert np.all(rows[:, 0] == 1)


def test_where_no_label_varies_nothing_is_fitted():
    model = SoftTargetMultilabelClassifier(LogisticRegression()).fit(X, np.tile([1, 0, 0.5], (len(X), 1)))
    assert (model.strategy_, model.estimators_) == ("constant", [])
    assert model.predict_proba(X[:2]).tolist() == [[1, 0, 0.5]] * 2


@each_estimator
@pytest.mark.filterwarnings("error::sklearn.exceptions.DataConversionWarning")
def test_one_label_alone(name):
    model = _fitted(name, SOFT[:, :1])
    assert model.predict_proba(NEW).shape == (len(NEW), 1)
    assert np.mean(model.predict(X)[:, 0] == Y[:, 0]) > 0.75


@pytest.mark.parametrize("name", ["linear", "pipeline", "softmax"])
def test_a_weight_of_two_is_the_row_twice_and_of_zero_the_row_left_out(name):
    times = np.random.default_rng(0).integers(0, 3, len(X))
    weighted = _fitted(name, SOFT, times).predict_proba(NEW)
    repeated = SoftTargetMultilabelClassifier(ESTIMATORS[name])
    repeated.fit(np.repeat(X, times, axis=0), np.repeat(SOFT, times, axis=0))
    np.testing.assert_allclose(weighted, repeated.predict_proba(NEW), atol=1e-4)


def test_each_label_has_class_weights_of_its_own():
    estimator = LogisticRegression(class_weight="balanced", max_iter=1000)
    rows = SoftTargetMultilabelClassifier(estimator).fit(X, Y).predict_proba(NEW)
    np.testing.assert_allclose(rows, _of_hard(MultiOutputClassifier(estimator), X, Y, NEW), atol=1e-6)
    trees = SoftTargetMultilabelClassifier(ExtraTreesClassifier(3, class_weight={1: 5.0}, random_state=0)).fit(X, Y)
    assert trees.strategy_ == "per_class"


def test_supervised_transformers_see_whether_a_label_is_there():
    # Feature 0 tells label 0 and feature 3 label 3: each label's own fit selects its own feature.
    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 4))
    targets = np.stack([0.5 + 0.4 * np.sign(x[:, 0]), 0.5 + 0.4 * np.sign(x[:, 3])], axis=1)
    model = SoftTargetMultilabelClassifier(make_pipeline(SelectKBest(k=1), LogisticRegression())).fit(x, targets)
    selected = [one.estimator_[0].get_support(indices=True).tolist() for one in model.estimators_]
    assert selected == [[0], [3]]


class SeesLabels(StandardScaler):
    def fit(self, X, y=None, sample_weight=None):
        self.seen_ = y
        return super().fit(X)


@pytest.mark.parametrize(
    ("last", "seen"),
    [(KNeighborsClassifier(), (SOFT > 0.5).astype(int)), (Ridge(), SOFT), (Memoriser(), SOFT > 0.5)],
    ids=str,
)
def test_transformers_before_a_joint_fit_see_every_label(last, seen):
    model = SoftTargetMultilabelClassifier(make_pipeline(SeesLabels(), last)).fit(X, SOFT)
    np.testing.assert_array_equal(model.estimators_[0][0].seen_, seen)
    assert model.predict_proba(NEW).shape == (len(NEW), 4)


@pytest.mark.parametrize(
    ("y", "says"),
    [
        (Y[:, 0], r"y has shape \(200,\), one class a row at most; several labels are rows \(n, k\)"),
        (Y * 2, r"y: row \d+ has 2 in column"),
        (np.where(Y == 1, np.nan, 0), "y: row .* has nan"),
        (Y[:-1], "y: has 199 rows where 200 are needed"),
        ([["cat", "dog"]] * 200, "y: must be a table of numbers"),
        ([[1, 0]] * 199 + [[1]], "all of one length"),
        (None, "the target y is None"),
    ],
    ids=["classes", "range", "nan", "rows", "words", "ragged", "none"],
)
def test_targets_that_are_no_entries_are_refused(y, says):
    with pytest.raises(InputError, match=says):
        SoftTargetMultilabelClassifier(LogisticRegression()).fit(X, y)


def test_no_rows_are_refused():
    with pytest.raises(InputError, match="X has no row"):
        SoftTargetMultilabelClassifier(LogisticRegression()).fit(X[:0], Y[:0])


def test_estimators_that_are_none_are_refused():
    for wrong in (LogisticRegression, "logistic"):
        with pytest.raises(InputError, match="give an instance of a classifier or regressor"):
            SoftTargetMultilabelClassifier(wrong).fit(X, Y)


def test_indicators_may_be_sparse_or_a_frame_and_rows_too():
    dense = _fitted("trees", Y).predict_proba(X)
    np.testing.assert_array_equal(_fitted("trees", sparse.csr_array(Y)).predict_proba(X), dense)
    np.testing.assert_array_equal(_fitted("trees", pd.DataFrame(Y)).predict_proba(X), dense)
    for name in ("trees", "neighbours", "linear", "logistic"):
        rows = SoftTargetMultilabelClassifier(ESTIMATORS[name]).fit(sparse.csr_array(X), SOFT)
        assert np.mean(rows.predict(sparse.csr_array(X)) == Y) > 0.75
    frame = pd.DataFrame(X, columns=list("abcdef"))
    model = SoftTargetMultilabelClassifier(ESTIMATORS["logistic"]).fit(frame, SOFT)
    with pytest.raises(ValueError, match="feature names"):
        model.predict(frame[list("fedcba")])


def test_the_default_is_deterministic_trees():
    first, second = (SoftTargetMultilabelClassifier().fit(X, SOFT) for _ in range(2))
    assert first.strategy_ == "joint"
    assert first.predict_proba(X).tobytes() == second.predict_proba(X).tobytes()


def test_inputs_and_the_estimator_given_are_left_alone():
    copies = X.copy(), SOFT.copy()
    for name in ("trees", "pipeline", "linear"):
        estimator = clone(ESTIMATORS[name])
        SoftTargetMultilabelClassifier(estimator).fit(X, SOFT, WEIGHTS)
        last = estimator[-1] if name == "pipeline" else estimator
        assert not hasattr(last, "n_features_in_")
    np.testing.assert_array_equal(X, copies[0])
    np.testing.assert_array_equal(SOFT, copies[1])


@each_estimator
def test_survives_storage_before_and_after_the_fit(name):
    model = pickle.loads(pickle.dumps(clone(SoftTargetMultilabelClassifier(ESTIMATORS[name])))).fit(X, SOFT)
    again = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(model.predict_proba(X), again.predict_proba(X))


@pytest.mark.parametrize("name", sorted(ESTIMATORS.keys() - {"native"}))
def test_can_be_stored_without_pickle(name):
    skops = pytest.importorskip("skops.io")
    model = _fitted(name)
    stored = skops.dumps(model)
    untrusted = skops.get_untrusted_types(data=stored)
    known = ("softlabel.", "sklearn.", "lightgbm.", "numpy.", "collections.")
    assert [kind for kind in untrusted if not kind.startswith(known)] == []
    np.testing.assert_array_equal(model.predict_proba(X), skops.loads(stored, trusted=untrusted).predict_proba(X))


def test_works_inside_scikit_learn():
    model = SoftTargetMultilabelClassifier(LogisticRegression(max_iter=1000))
    search = GridSearchCV(model, {"estimator__C": [1e-6, 1.0]}, scoring="f1_macro", cv=3).fit(X, Y)
    assert search.best_params_ == {"estimator__C": 1.0}
    held_out = cross_val_predict(model, X, Y, cv=3, method="predict_proba")
    assert held_out.shape == Y.shape
    assert model.score(X, model.fit(X, Y).predict(X)) == 1.0


def test_targets_nearer_than_min_mass_to_a_side_count_as_on_it():
    near, on_it = (np.where(Y == 1, 1 - mass, mass) for mass in (0.2, 0.0))
    rows = [
        SoftTargetMultilabelClassifier(LogisticRegression(), min_mass=low).fit(X, targets).predict_proba(NEW)
        for low, targets in ((0.3, near), (0.1, near), (0.1, on_it))
    ]
    assert_allclose(rows[0], rows[2], atol=1e-6)
    assert np.abs(rows[1] - rows[2]).max() > 0.02
    for wrong in (1.0, -0.1):
        with pytest.raises(InputError, match=r"min_mass=.*; give a number from 0"):
            SoftTargetMultilabelClassifier(LogisticRegression(), min_mass=wrong).fit(X, Y)
