"""The teacher: which rows train it, what scales it, and what may be given in its place."""

from __future__ import annotations

import pickle
import warnings

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.optimize import minimize_scalar
from sklearn.base import BaseEstimator, clone
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression, Ridge

from simple_learners import Centroids, Memoriser, blobs
from softlabel import FitError, InputError, SoftmaxRegression
from softlabel.methods.fit_count import fits_counted
from softlabel.methods.ils1 import ILS1
from softlabel.methods.instance_teacher import InstanceTeacher, ask
from softlabel.methods.preparation import prepare

X, Y = blobs(n_per_class=20, spread=3.0)
HARD = np.eye(3, dtype=np.float32)[Y]


class Recorder(Centroids):
    """Remembers what it was fitted to."""

    def fit(self, X, targets, sample_weight=None):
        self.given_ = (np.asarray(X).copy(), targets.copy(), sample_weight)
        return super().fit(X, targets, sample_weight)


def ready(**options):
    return prepare(X, Y, **({"estimator": Recorder(), "random_state": 0} | options))


def test_a_trained_teacher_sees_the_hard_labels_of_the_rows_that_are_not_set_apart():
    weight = np.arange(60) / 60 + 1
    problem = ready(targets=0.5 * HARD + 0.5 / 3, sample_weight=weight)
    answers = ask(None, 0.2, problem)
    rows, targets, weights = answers.teacher.estimator.given_
    train = ~answers.held_out
    assert answers.held_out.sum() == 12
    assert_array_equal(np.bincount(Y[answers.held_out]), [4, 4, 4])
    assert_array_equal(rows, X[train])
    assert_array_equal(targets, HARD[train])
    assert_array_equal(weights, weight[train])
    assert_allclose(
        answers.probabilities, Centroids().fit(X[train], HARD[train], weight[train]).predict_targets(X), atol=1e-6
    )


@pytest.mark.parametrize("weight", [None, (np.arange(60) % 5) ** 2.0], ids=["alike", "weighted"])
def test_its_temperature_has_the_least_nll_on_the_rows_set_apart(weight):
    answers = ask(SoftmaxRegression(), 0.3, ready(sample_weight=weight))
    apart = answers.held_out
    p, codes = answers.probabilities[apart].astype(float), Y[apart]

    def loss(log_temperature):
        logs = np.log(p) / np.exp(log_temperature)
        losses = np.log(np.exp(logs).sum(axis=1)) - logs[np.arange(len(codes)), codes]
        return np.average(losses, weights=None if weight is None else weight[apart])

    best = np.exp(minimize_scalar(loss, bounds=(-3, 3), method="bounded", options={"xatol": 1e-8}).x)
    assert answers.temperature == pytest.approx(best, rel=1e-4)
    assert abs(answers.temperature - 1) > 0.05
    assert answers.teacher.temperature == answers.temperature


def test_without_rows_set_apart_all_train_and_nothing_is_scaled():
    answers = ask(None, 0.0, ready())
    assert not answers.held_out.any()
    assert answers.temperature == 1
    assert len(answers.teacher.estimator.given_[0]) == 60


def test_another_estimator_is_trained_in_its_place_with_a_seed():
    class Seeded(Centroids):
        def __init__(self, random_state=None):
            self.random_state = random_state

    problem = ready()
    answers = ask(Seeded(), 0.2, problem)
    assert isinstance(answers.teacher.estimator, Seeded)
    expected = ask(Seeded(), 0.2, problem).teacher.estimator.random_state
    assert answers.teacher.estimator.random_state == expected is not None


def test_groups_are_set_apart_whole():
    groups = np.arange(60) // 3
    answers = ask(None, 0.2, ready(groups=groups))
    assert answers.held_out.any()
    assert not np.intersect1d(groups[answers.held_out], groups[~answers.held_out]).size


@pytest.mark.filterwarnings("ignore:classes with fewer rows", "ignore:The least populated class")
def test_a_rare_class_is_kept_for_the_training():
    y = np.where(np.arange(60) == 7, 3, Y)
    for seed in range(20):
        problem = prepare(X, y, estimator=Centroids(), random_state=seed)
        assert not ask(None, 0.4, problem).held_out[7]
        grouped = prepare(X, y, estimator=Centroids(), random_state=seed, groups=np.arange(60) // 10)
        assert not ask(None, 0.4, grouped).held_out[:10].any()


@pytest.mark.filterwarnings("ignore:the teacher's temperature")
def test_a_class_without_a_row_that_counts_is_unknown_to_the_teacher():
    answers = ask(None, 0.2, ready(sample_weight=(Y != 2) * 1.0))
    assert np.isnan(answers.probabilities[:, 2]).all()
    assert_allclose(answers.probabilities[:, :2].sum(axis=1), 1, atol=1e-6)


def test_a_fitted_classifier_is_asked_and_costs_no_fit():
    fitted = LogisticRegression().fit(X, Y)
    with fits_counted() as count:
        answers = ask(fitted, 0.2, ready())
    assert count.n_fits == 0
    assert answers.teacher is fitted
    assert answers.temperature == 1
    assert not answers.held_out.any()
    assert_allclose(answers.probabilities, fitted.predict_proba(X), atol=1e-6)


@pytest.mark.parametrize("kind", ["learner", "rows", "frozen", "no fit"])
def test_what_counts_as_fitted(kind):
    class Function:
        def predict_targets(self, X):
            return Centroids().fit(X, HARD).predict_targets(X)

    teachers = {
        "learner": Centroids().fit(X, HARD),
        "rows": SoftmaxRegression().fit(X, HARD),
        "frozen": clone(FrozenEstimator(LogisticRegression().fit(X, Y))),
        "no fit": Function(),
    }
    with fits_counted() as count:
        assert ask(teachers[kind], 0.2, ready()).probabilities.shape == (60, 3)
    assert count.n_fits == 0


def test_columns_of_a_fitted_classifier_are_put_in_order():
    names = np.array(["c", "a", "b"])[Y]  # class a is column 0
    fitted = LogisticRegression().fit(X, Y)
    problem = prepare(X, names, estimator=Centroids())

    class Backwards(BaseEstimator):
        classes_ = np.array(["b", "a", "c"])

        def fit(self, X, y):
            return self

        def predict_proba(self, X):
            return fitted.predict_proba(X)[:, [2, 1, 0]]

        def __sklearn_is_fitted__(self):
            return True

    # Its columns are what it calls b, a, c; the classes here are a, b, c.
    assert_allclose(ask(Backwards(), 0, problem).probabilities, fitted.predict_proba(X)[:, [1, 2, 0]], atol=1e-6)
    # One that was fitted to target rows knows positions, which are taken as they are.
    by_position = SoftmaxRegression().fit(X, HARD)
    assert_allclose(ask(by_position, 0, problem).probabilities, by_position.predict_targets(X), atol=1e-6)


def test_probabilities_stand_for_a_teacher():
    table = np.random.default_rng(0).dirichlet(np.ones(3), 60)
    for given in (table, table.tolist()):
        answers = ask(given, 0.2, ready())
        assert_allclose(answers.probabilities, table, atol=1e-6)
        assert answers.temperature == 1
        assert answers.teacher is given


def test_a_teacher_is_reused_with_its_temperature_and_survives_clone_and_pickle():
    problem = ready(estimator=Centroids())
    first = ask(None, 0.2, problem)
    for teacher in (first.teacher, clone(first.teacher, safe=False), pickle.loads(pickle.dumps(first.teacher))):
        again = ask(teacher, 0.2, problem)
        assert again.temperature == first.temperature
        assert_array_equal(again.probabilities, first.probabilities)
    assert isinstance(first.teacher, InstanceTeacher)
    assert clone(ILS1(Centroids(), first.teacher)).teacher is first.teacher


@pytest.mark.filterwarnings("ignore:the teacher's temperature")
def test_rows_are_not_changed_by_a_teacher_that_works_in_place():
    class InPlace(Centroids):
        def predict_targets(self, X):
            X *= 0
            return super().predict_targets(X)

    before = X.copy()
    ask(InPlace().fit(X, HARD), 0.2, ready())
    ask(InPlace(), 0.2, ready())
    assert_array_equal(X, before)


@pytest.mark.parametrize(
    ("teacher", "message"),
    [
        (np.ones((60, 2)) / 2, "teacher: has 2 columns where 3 are needed"),
        (np.ones((9, 3)) / 3, "teacher: has 9 rows where 60 are needed"),
        (np.ones((60, 3)), "teacher: row 0 sums to 3"),
        ([Centroids(), Centroids()], "teacher is a list of 2; give one estimator"),
        (Ridge().fit(X, Y), "the teacher Ridge is fitted and has neither predict_targets nor predict_proba"),
        (LogisticRegression().fit(X, Y + 5), r"knows the classes \[5, 6, 7\], and the labels here are \[0, 1, 2\]"),
        (LogisticRegression().fit(X, Y > 0), r"knows the classes \[False, True\]"),
        (LogisticRegression, "teacher: got the class LogisticRegression; give an instance"),
        ("best", "teacher: estimator is 'best'; give an instance"),
    ],
    ids=["columns", "rows", "sums", "list", "regressor", "other classes", "fewer classes", "class", "text"],
)
def test_teachers_that_cannot_be_used_are_refused(teacher, message):
    with pytest.raises(InputError, match=message):
        ask(teacher, 0.2, ready())


@pytest.mark.filterwarnings("ignore:classes with fewer rows")
def test_too_few_rows_to_set_any_apart_are_refused():
    problem = prepare(X[:3], [0, 1, 2], estimator=Centroids(), random_state=0)
    with pytest.raises(InputError, match=r"held_out=0.2 sets none of 3 rows apart .* or held_out=0"):
        ask(None, 0.2, problem)


def test_a_teacher_that_fails_says_so():
    class Fails(Centroids):
        def fit(self, X, targets, sample_weight=None):
            raise RuntimeError("no chalk")

    with pytest.raises(FitError, match="the learner failed in the teacher's fit: RuntimeError: no chalk"):
        ask(Fails(), 0.2, ready())


def test_a_teacher_that_memorises_is_told_by_the_rows_set_apart():
    answers = ask(Memoriser(), 0.2, ready())
    assert_array_equal(answers.probabilities[~answers.held_out], HARD[~answers.held_out])
    assert_allclose(answers.probabilities[answers.held_out], 1 / 3, atol=1e-6)


def _again(teacher, X=X, y=Y, **options):
    return ask(teacher, 0.2, prepare(X, y, estimator=Centroids(), random_state=5, **options)).held_out


def test_a_reused_teacher_knows_which_of_the_same_rows_it_did_not_see():
    first = ask(None, 0.2, ready(estimator=Centroids()))
    for teacher in (first.teacher, clone(first.teacher, safe=False), pickle.loads(pickle.dumps(first.teacher))):
        assert_array_equal(_again(teacher), first.held_out)
    assert_array_equal(_again(first.teacher, y=(Y + 1) % 3), first.held_out)  # other labels, the same rows
    assert_array_equal(_again(first.teacher, X.copy(), sample_weight=np.ones(60)), first.held_out)
    kept = first.held_out.copy()
    _again(first.teacher)[:] = True  # of an answer; the teacher keeps its own
    assert_array_equal(first.teacher.held_out, kept)


def test_of_other_rows_it_knows_nothing():
    teacher = ask(None, 0.2, ready(estimator=Centroids())).teacher
    order = np.r_[1:60, 0]
    moved = X.copy()
    moved[0, 0] += 1e-9
    assert not _again(teacher, X[order], Y[order]).any()
    assert not _again(teacher, moved).any()
    assert not _again(teacher, X[:45], Y[:45]).any()
    assert ask(None, 0, ready()).teacher.held_out is None


def test_rows_without_a_fingerprint_are_not_recognised():
    class Rows:
        def __init__(self, X):
            self.X = X

        def __len__(self):
            return len(self.X)

        def take(self, rows):
            return Rows(self.X[rows])

    class Reader(Centroids):
        def fit(self, X, targets, sample_weight=None):
            return super().fit(X.X, targets, sample_weight)

        def predict_targets(self, X):
            return super().predict_targets(X.X)

    first = ask(None, 0.2, prepare(Rows(X), Y, estimator=Reader(), random_state=0))
    assert first.held_out.any()
    assert first.teacher.held_out is None
    assert not _again(first.teacher, Rows(X)).any()


@pytest.mark.parametrize(("sure", "words"), [(True, "is 0.05, the least"), (False, "is 20, the largest")])
def test_a_temperature_at_its_bound_is_told_of(sure, words):
    class Half(Memoriser):
        def predict_targets(self, X):
            right = np.argmin(np.abs(X[:, None] - means).sum(axis=2), axis=1)
            return np.eye(3)[right if sure else (right + 1) % 3] * 0.4 + 0.2

    x, y = blobs(n_per_class=20, spread=0.1)
    means = np.stack([x[y == c].mean(axis=0) for c in range(3)])
    with pytest.warns(UserWarning, match=rf"the teacher's temperature {words} that is tried: the 12 rows set apart"):
        ask(None, 0.2, prepare(x, y, estimator=Half(), random_state=0))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ask(None, 0.2, ready(estimator=SoftmaxRegression()))
