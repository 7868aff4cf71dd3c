"""Which learners a forest may stand in for, on which rows, and how large it is."""

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array
from sklearn.ensemble import BaggingClassifier, ExtraTreesClassifier, HistGradientBoostingClassifier
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from softlabel.learners.contract import as_learner
from softlabel.learners.pipelines import last_step
from softlabel.methods.forest_teacher import N_TREES, forest_beside
from softlabel.methods.problem import Problem
from softlabel.tasks import Multiclass, Multilabel, Ordinal

BOOSTING = HistGradientBoostingClassifier(max_iter=20)
NUMBERS = np.arange(24.0).reshape(12, 2)
Y = np.arange(12) % 2
WORDS = np.array([f"{'good' if one else 'bad'} {i}" for i, one in enumerate(Y)], dtype=object)


def _problem(X, task=None, codes=Y, given=None):
    given = np.eye(2, dtype=np.float32)[codes] if given is None else given
    return Problem(X, task or Multiclass([0, 1]), codes, given, np.zeros(len(codes), dtype=bool))


def _forest(estimator, X=NUMBERS):
    found = forest_beside([as_learner(estimator)], _problem(X))
    return None if found is None else last_step(found.estimator)


@pytest.mark.parametrize("estimator", [BOOSTING, MLPClassifier(), make_pipeline(StandardScaler(), BOOSTING)])
def test_boosting_and_networks_have_one(estimator):
    forest = _forest(estimator)
    assert isinstance(forest, ExtraTreesClassifier)
    assert (forest.n_estimators, forest.min_samples_leaf) == (N_TREES, 1)


@pytest.mark.parametrize(
    "estimator",
    [LogisticRegression(), ExtraTreesClassifier(), BaggingClassifier(BOOSTING), MLPClassifier(solver="lbfgs")],
)
def test_learners_that_do_not_learn_by_steps_have_none(estimator):
    assert _forest(estimator) is None


def test_several_members_and_grades_as_numbers_have_none():
    member = as_learner(BOOSTING)
    assert forest_beside([member, member], _problem(NUMBERS)) is None
    grades = Ordinal.from_labels(Y, view="scalar")
    assert forest_beside([member], _problem(NUMBERS, grades, given=np.ones((12, 1), dtype=np.float32))) is None


def test_a_network_of_our_own_has_one_on_tables_and_none_on_pictures():
    pytest.importorskip("torch")
    from softlabel import TorchClassifier

    assert _forest(TorchClassifier("mlp", epochs=3)) is not None
    pictures = np.zeros((12, 8, 8, 3), dtype=np.uint8)
    assert _forest(TorchClassifier("small_cnn", epochs=3), pictures) is None


@pytest.mark.parametrize(
    ("X", "there"),
    [
        (NUMBERS.astype(np.int8), True),
        (csr_array(NUMBERS), True),
        (np.where(NUMBERS > 3, NUMBERS, np.nan), True),
        (pd.DataFrame(NUMBERS, columns=["a", "b"]), True),
        (pd.DataFrame({"a": NUMBERS[:, 0], "b": Y == 1}), True),
        (np.where(NUMBERS > 3, NUMBERS, np.inf), False),
        (NUMBERS * 1e38, False),
        (NUMBERS[:, 0], False),
        (NUMBERS[:, :, None], False),
        (NUMBERS.astype(object), False),
        (WORDS, False),
        (pd.DataFrame({"a": NUMBERS[:, 0], "b": pd.Categorical(Y)}), False),
        (pd.DataFrame({"a": pd.array(Y, dtype="Int64")}), True),
        (pd.DataFrame({"a": pd.arrays.SparseArray(NUMBERS[:, 0])}), False),
        (pd.DataFrame({"a": WORDS}), False),
        (pd.Series(WORDS), False),
        (pd.Series(NUMBERS[:, 0]), False),
        (csr_array(np.where(NUMBERS > 3, NUMBERS, np.nan)), False),
        (csr_array((12, 2)), True),
        (np.full((12, 2), np.nan), True),
        ([[0.0, 1.0]] * 12, False),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, bool) else str(value),
)
def test_rows_that_trees_can_learn_from_as_they_are(X, there):
    assert (_forest(BOOSTING, X) is not None) is there
    if there:  # and they do
        found = forest_beside([as_learner(BOOSTING)], _problem(X))
        said = found.fit(X, np.eye(2, dtype=np.float32)[Y]).predict_targets(X)
        assert said.shape == (12, 2)


def test_it_stands_behind_the_transformers_of_a_pipeline():
    dense = FunctionTransformer(lambda rows: rows.toarray(), accept_sparse=True)
    estimator = make_pipeline(CountVectorizer(), make_pipeline(dense, BOOSTING))
    found = forest_beside([as_learner(estimator)], _problem(WORDS))
    said = found.fit(WORDS, np.eye(2, dtype=np.float32)[Y]).predict_targets(WORDS)
    assert said.argmax(axis=1).tolist() == Y.tolist()
    assert not hasattr(estimator.steps[0][1], "vocabulary_")  # the user's own is not fitted


def test_what_a_search_hides_is_no_pipeline_of_its_own():
    search = GridSearchCV(
        make_pipeline(CountVectorizer(), BOOSTING), {"histgradientboostingclassifier__max_depth": [2]}
    )
    assert _forest(search, WORDS) is None
    assert _forest(GridSearchCV(BOOSTING, {"max_depth": [2]})) is not None


def test_of_several_labels_a_row():
    labels = np.column_stack([Y, 1 - Y])
    task = Multilabel(["a", "b"])
    learner = as_learner(BOOSTING, "independent")
    found = forest_beside([learner], _problem(NUMBERS, task, labels, labels.astype(np.float32)))
    assert found.fit(NUMBERS, labels.astype(np.float32)).predict_targets(NUMBERS).shape == (12, 2)


@pytest.mark.parametrize(
    ("n", "k", "rows_a_leaf"),
    [(200_000, 2, 1), (200_001, 2, 2), (4_000, 100, 1), (40_000, 100, 10), (10_000_000, 2, 50)],
)
def test_trees_of_many_rows_and_classes_hold_no_more_shares_than_others(n, k, rows_a_leaf):
    codes, given = np.zeros(n, dtype=int), np.broadcast_to(np.float32(0.5), (n, k))
    problem = _problem(np.broadcast_to(np.int8(0), (n, 1)), Multiclass(list(range(k))), codes, given)
    assert forest_beside([as_learner(BOOSTING)], problem).estimator.min_samples_leaf == rows_a_leaf


def test_of_more_than_a_hundred_classes_there_is_none():
    given = np.zeros((12, 101), dtype=np.float32)
    assert forest_beside([as_learner(BOOSTING)], _problem(NUMBERS, Multiclass(list(range(101))), Y, given)) is None


@pytest.mark.parametrize("step", ["passthrough", None])
def test_a_step_that_is_none_stays_so(step):
    found = forest_beside([as_learner(Pipeline([("scale", step), ("model", BOOSTING)]))], _problem(NUMBERS))
    assert found.fit(NUMBERS, np.eye(2, dtype=np.float32)[Y]).predict_targets(NUMBERS).shape == (12, 2)


def test_what_a_pipeline_keeps_is_kept_for_the_forest_as_well(tmp_path):
    estimator = Pipeline([("scale", StandardScaler()), ("model", BOOSTING)], memory=str(tmp_path))
    assert forest_beside([as_learner(estimator)], _problem(NUMBERS)).estimator.memory == str(tmp_path)


def test_a_network_that_reads_texts_behind_a_step_of_a_pipeline_has_none():
    pytest.importorskip("torch")
    from softlabel import TorchClassifier, TransformerClassifier

    def forest(network, X):
        return forest_beside([as_learner(make_pipeline(FunctionTransformer(), network))], _problem(X))

    assert forest(TransformerClassifier("model"), WORDS) is None
    assert forest(TorchClassifier("mlp"), NUMBERS) is not None
