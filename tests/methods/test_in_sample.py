"""Labels given in sample, and what both methods that learn from them share."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import BaseEstimator, clone
from sklearn.linear_model import LogisticRegression, Ridge

from simple_learners import Centroids, FailsInFold, blobs
from softlabel import FitError, InputError, StochasticLabelRefinery
from softlabel.learners.contract import seeded
from softlabel.methods.distillation import Distillation
from softlabel.methods.in_sample import label_in_sample
from softlabel.methods.preparation import prepare
from softlabel.methods.self_training import SelfTraining
from softlabel.tasks import Ordinal

X, Y = blobs(n_per_class=20, spread=1.5)
SEVERAL = np.c_[Y == 0, Y == 1, Y >= 1].astype(np.int64)


def _distilled(estimator=None, **options):
    return Distillation(Centroids() if estimator is None else estimator, **{"random_state": 0, **options})


def _trained(estimator=None, **options):
    return SelfTraining(Centroids() if estimator is None else estimator, **{"random_state": 0, **options})


both = pytest.mark.parametrize("method", [_distilled, _trained])


class Draws(BaseEstimator):
    """Predicts its seed, as a share of the largest, for every row; notes what it was asked."""

    seen = []

    def __init__(self, random_state=None):
        self.random_state = random_state

    def fit(self, X, targets, sample_weight=None):
        Draws.seen.append((self.random_state, np.asarray(targets).copy(), sample_weight))
        self.m_ = targets.shape[1]
        return self

    def predict_targets(self, X):
        share = self.random_state / 2**31
        return np.tile([share, *[(1 - share) / (self.m_ - 1)] * (self.m_ - 1)], (len(X), 1))


class Changes(Centroids):
    """Transforms in place the rows it is given."""

    def fit(self, X, targets, sample_weight=None):
        super().fit(X, targets, sample_weight)
        X *= 0
        return self

    def predict_targets(self, X):
        answers = super().predict_targets(X)
        X *= 0
        return answers


class TestLabelInSample:
    def test_each_generation_and_member_has_a_seed_of_its_own(self):
        ready = prepare(X, Y, estimator=[Draws(), Draws()], random_state=7)
        seen = {}
        for generation in (1, 2):
            found = label_in_sample(ready.problem, ready.learners, ready.problem.given, ready.settings, generation)
            seeds = [model.random_state for model in found.models]
            addresses = [ready.settings.seeds.integer("fit", round=generation, member=m) for m in (0, 1)]
            assert seeds == [seeded(Draws(), address).random_state for address in addresses]
            assert_allclose(found.predictions[:, 0], np.mean(seeds) / 2**31, rtol=1e-6)
            seen[generation] = seeds
        assert len({*seen[1], *seen[2]}) == 4

    def test_what_no_model_can_know_stays_as_it_was(self):
        # no row of any weight has class 2: the model says nothing of it
        weight = (Y != 2).astype(float)
        targets = (np.eye(3)[Y] * 0.5 + 0.5 / 3).astype(np.float32)
        targets[Y != 2] = np.eye(3, dtype=np.float32)[Y[Y != 2]]
        ready = prepare(X, Y, estimator=Centroids(), targets=targets, sample_weight=weight, random_state=0)
        found = label_in_sample(ready.problem, ready.learners, ready.problem.given, ready.settings, 1)
        assert np.isnan(found.predictions[:, 2]).all()
        assert_allclose(found.targets[:, 2], targets[:, 2], atol=1e-6)
        assert_allclose(found.targets.sum(axis=1), 1, atol=1e-6)
        assert found.targets.dtype == found.predictions.dtype == np.float32

    def test_a_failing_learner_is_named_with_its_generation(self):
        ready = prepare(X, Y, estimator=FailsInFold(), random_state=0)
        second = seeded(FailsInFold(), ready.settings.seeds.integer("fit", round=2))
        learners = (FailsInFold(failing_seed=second.random_state),)
        label_in_sample(ready.problem, learners, ready.problem.given, ready.settings, 1)
        with pytest.raises(
            FitError, match="the learner failed in generation 2, member 0: RuntimeError: the machine"
        ) as e:
            label_in_sample(ready.problem, learners, ready.problem.given, ready.settings, 2)
        assert (e.value.round, e.value.member) == (2, 0)


@both
def test_fitted_attributes_and_their_order(method):
    y = np.array(["cherry", "apple", "banana"])[Y]
    fitted = method().fit(X, y)
    assert fitted.classes_.tolist() == ["apple", "banana", "cherry"]
    assert fitted.label_distributions_.shape == (60, 3)
    assert fitted.label_distributions_.dtype == np.float32
    assert_array_equal(fitted.transduction_, fitted.classes_[fitted.label_distributions_.argmax(axis=1)])
    assert set(fitted.suggested_labels_) <= set(y)
    codes = fitted.task_.codes(y)
    assert_allclose(fitted.label_quality_, fitted.label_distributions_[np.arange(60), codes])
    assert fitted.estimators_ == [fitted.estimator_]
    assert fitted.predict_proba(X).shape == (60, 3)
    assert set(fitted.predict(X)) <= set(y)
    assert fitted.score(X, y) > 0.8
    assert fitted.random_state_ == 0
    assert not hasattr(fitted, "n_features_in_")  # as its model
    assert method(LogisticRegression()).fit(X, y).n_features_in_ == 2


@both
def test_the_final_model_is_one_fit_on_the_last_targets(method):
    fitted = method().fit(X, Y)
    by_hand = Centroids().fit(X, fitted.label_distributions_)
    assert_array_equal(fitted.predict_proba(X), by_hand.predict_targets(X))


@pytest.mark.parametrize("plain", [_distilled(Draws(), share=0), _trained(Draws(), n_generations=1)])
@pytest.mark.parametrize(("y", "task"), [(Y, None), (Y, "multiclass"), (SEVERAL, "multilabel")])
def test_nothing_learned_from_a_model_is_the_plain_method_to_the_byte(plain, y, task):
    plain = clone(plain).set_params(task=task).fit(X, y)
    refinery = StochasticLabelRefinery(Draws(), n_rounds=0, random_state=0, task=task).fit(X, y)
    assert plain.label_distributions_.tobytes() == refinery.label_distributions_.tobytes()
    assert plain.estimator_.random_state == refinery.estimator_.random_state
    assert_array_equal(plain.predict_targets(X), refinery.predict_targets(X))


@both
def test_grades_as_numbers(method):
    y = Y + 1
    fitted = method(Ridge(), task="ordinal").fit(X, y)
    assert fitted.label_distributions_.shape == (60, 1)
    assert ((fitted.label_distributions_ >= 1) & (fitted.label_distributions_ <= 3)).all()
    assert set(fitted.predict(X)) <= {1, 2, 3}
    assert set(fitted.transduction_) <= {1, 2, 3}
    assert "in_sample_qwk" in fitted.history_[0]
    assert not hasattr(fitted, "predict_proba")


@both
def test_grades_as_distributions(method):
    task = Ordinal.from_labels(Y, view="distribution", start="unimodal")
    fitted = method(task=task).fit(X, Y)
    assert_allclose(fitted.label_distributions_.sum(axis=1), 1, atol=1e-6)
    assert_array_equal(fitted.predict(X), fitted.task_.harden(fitted.predict_targets(X)))


@both
def test_several_labels_a_row(method):
    fitted = method(LogisticRegression()).fit(X, SEVERAL)
    assert fitted.label_distributions_.shape == (60, 3)
    assert fitted.label_distributions_[:, [1, 2]].max() <= 1
    assert fitted.transduction_.shape == fitted.suggested_labels_.shape == (60, 3)
    assert fitted.predict(X).shape == (60, 3)
    assert "in_sample_mean_ap" in fitted.history_[0]


@both
def test_a_label_that_every_row_has_stays(method):
    y = np.c_[Y == 0, np.ones(60), Y == 1].astype(np.int64)
    fitted = method(LogisticRegression()).fit(X, y)
    assert_array_equal(fitted.label_distributions_[:, 1], np.ones(60))


@both
def test_soft_first_targets_are_where_it_starts(method):
    votes = np.eye(3)[Y] * 0.7 + 0.1
    Draws.seen.clear()
    method(Draws()).fit(X, Y, targets=votes)
    assert_allclose(Draws.seen[0][1], votes, atol=1e-6)


@both
def test_weights_reach_every_fit_and_score(method):
    weight = np.linspace(0.5, 2, 60)
    Draws.seen.clear()
    method(Draws()).fit(X, Y, sample_weight=weight)
    assert len(Draws.seen) == (2 if method is _distilled else 3)
    assert all(np.array_equal(seen, weight) for _, _, seen in Draws.seen)
    given = np.where(np.arange(60) < 10, (Y + 1) % 3, Y)  # wrong labels, which no centroid agrees with
    fitted = method().fit(X, given, sample_weight=weight)
    answers = Centroids().fit(X, np.eye(3)[given], weight).predict_targets(X)
    expected = np.average(answers.argmax(axis=1) == given, weights=weight)
    assert fitted.history_[0]["in_sample_accuracy"] == pytest.approx(expected)


@both
def test_true_distributions_are_scored_and_change_nothing(method):
    plain = method().fit(X, Y)
    reference = np.eye(3)[Y] * 0.7 + 0.1
    scored = method().fit(X, Y, reference=reference)
    assert scored.label_distributions_.tobytes() == plain.label_distributions_.tobytes()
    assert any(name.startswith("reference_") for name in scored.history_[0])
    assert not any(name.startswith("reference_") for name in plain.history_[0])


@both
def test_permuting_rows_permutes_rows(method):
    order = np.random.default_rng(5).permutation(60)
    moved = method().fit(X[order], Y[order]).label_distributions_
    assert_allclose(moved, method().fit(X, Y).label_distributions_[order], atol=1e-5)


@both
def test_inputs_are_never_changed(method):
    given = {"X": X.copy(), "y": Y.copy(), "targets": np.eye(3)[Y], "sample_weight": np.ones(60)}
    before = {name: array.copy() for name, array in given.items()}
    rows = given.pop("X")
    labels = given.pop("y")
    fitted = method(Changes()).fit(rows, labels, **given)
    assert_array_equal(rows, before["X"])
    assert_array_equal(fitted.label_distributions_, method().fit(X, Y).label_distributions_)
    for name, array in given.items():
        assert_array_equal(array, before[name])


@both
def test_same_seed_same_bytes_and_the_global_generator_is_left_alone(method):
    np.random.seed(0)  # noqa: NPY002 - it is about this very generator
    state = np.random.get_state()[1].copy()  # noqa: NPY002
    first = method(Draws()).fit(X, Y)
    assert_array_equal(np.random.get_state()[1], state)  # noqa: NPY002
    again, other = method(Draws()).fit(X, Y), method(Draws(), random_state=1).fit(X, Y)
    assert first.label_distributions_.tobytes() == again.label_distributions_.tobytes()
    assert first.label_distributions_.tobytes() != other.label_distributions_.tobytes()


@both
def test_rare_classes_matter_to_folds_only(method, recwarn):
    y = Y.copy()
    y[0] = 3
    method().fit(X, y)
    assert not recwarn.list


@both
def test_a_second_fit_forgets_the_first(method):
    fitted = method(LogisticRegression()).fit(X, Y)
    fitted.set_params(estimator=Centroids()).fit(X, np.array(["a", "b", "c"])[Y])
    assert fitted.classes_.tolist() == ["a", "b", "c"]
    assert not hasattr(fitted, "n_features_in_")


@both
def test_what_cannot_be_used_is_refused(method):
    with pytest.raises(InputError, match=r"estimator is a list of 2; .* trains one student, give one estimator"):
        method([Centroids(), Centroids()]).fit(X, Y)
    with pytest.raises(InputError, match="X has 60 rows and y has 59"):
        method().fit(X, Y[1:])
    with pytest.raises(InputError, match="sample_weight has shape"):
        method().fit(X, Y, sample_weight=[1])
    with pytest.raises(InputError, match="threads=0"):
        method(threads=0).fit(X, Y)
    with pytest.raises(TypeError, match="groups"):
        method().fit(X, Y, groups=Y)
