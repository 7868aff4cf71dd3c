from __future__ import annotations

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from softlabel.errors import InputError
from softlabel.learners.class_weights import tilted, with_code_weights
from softlabel.learners.soft_target import SoftTargetClassifier

X, y = load_iris(return_X_y=True)
KEEP = (y != 2) | (np.arange(len(y)) % 5 == 0)  # a rare class
X, y = X[KEEP], y[KEEP]
NAMES = np.array(["c", "a", "b"])[y]
CLASSES = np.array(["a", "b", "c"])


def test_labels_become_codes_of_the_classes_with_mass():
    estimator = LogisticRegression(class_weight={"a": 2.0, "c": 5.0})
    changed = with_code_weights(estimator, CLASSES, np.array([0.0, 3.0, 7.0]))
    assert changed.class_weight == {0: 1.0, 1: 5.0}


def test_balanced_means_masses():
    changed = with_code_weights(LogisticRegression(class_weight="balanced"), CLASSES, np.array([1.0, 3.0, 2.0]))
    assert changed.class_weight == pytest.approx({0: 2.0, 1: 2 / 3, 2: 1.0})


def test_weights_inside_searches_and_their_candidates():
    search = GridSearchCV(
        make_pipeline(StandardScaler(), LinearSVC(class_weight={"b": 4.0})),
        [{"linearsvc__class_weight": [None, {"c": 9.0}], "linearsvc__C": [1.0]}],
    )
    changed = with_code_weights(search, CLASSES, np.ones(3))
    assert changed.estimator[-1].class_weight == {0: 1.0, 1: 4.0, 2: 1.0}
    assert changed.param_grid[0]["linearsvc__class_weight"] == [None, {0: 1.0, 1: 1.0, 2: 9.0}]
    assert changed.param_grid[0]["linearsvc__C"] == [1.0]


def test_unknown_labels_are_named():
    with pytest.raises(InputError, match=r"\['z'\].*\['a', 'b', 'c'\]"):
        SoftTargetClassifier(LogisticRegression(class_weight={"z": 1.0})).fit(X, NAMES)


@pytest.mark.parametrize("class_weight", ["balanced", {"a": 3.0, "b": 0.2, "c": 1.0}], ids=["balanced", "given"])
def test_on_labels_it_acts_as_in_the_estimator(class_weight):
    estimator = LogisticRegression(class_weight=class_weight, tol=1e-9, max_iter=5000)
    model = SoftTargetClassifier(estimator).fit(X, NAMES)
    np.testing.assert_allclose(model.predict_proba(X), estimator.fit(X, NAMES).predict_proba(X), atol=1e-6)


def test_balanced_on_soft_targets_is_balanced_by_mass_not_by_copies():
    soft = 0.8 * np.eye(3)[y] + 0.2 / 3
    balanced = LogisticRegression(class_weight="balanced", tol=1e-9, max_iter=5000)
    given = LogisticRegression(class_weight=dict(enumerate(len(y) / (3 * soft.sum(axis=0)))), tol=1e-9, max_iter=5000)
    first, second = (SoftTargetClassifier(each).fit(X, soft).predict_proba(X) for each in (balanced, given))
    np.testing.assert_allclose(first, second, atol=1e-5)


def test_tilting_does_what_weighted_copies_do():
    rng = np.random.default_rng(0)
    q, w, v = rng.dirichlet(np.ones(3), 50), rng.uniform(size=50), {0: 2.0, 1: 0.1, 2: 1.0}
    rows, weights = tilted(q, w, v)
    np.testing.assert_allclose(rows.sum(axis=1), 1.0)
    np.testing.assert_allclose(rows * weights[:, None], q * w[:, None] * np.array([2.0, 0.1, 1.0]))
    assert tilted(q, w, None) == (q, w)
    certain, nothing = tilted(np.array([[1.0, 0.0]]), None, {0: 0.0, 1: 1.0})
    assert certain.tolist() == [[1.0, 0.0]]
    assert nothing.tolist() == [0.0]
