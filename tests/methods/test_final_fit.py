from __future__ import annotations

import numpy as np
import pytest

from simple_learners import Centroids, Viewed, blobs
from softlabel.errors import FitError, InputError
from softlabel.methods.final_fit import average_predictions, fit_folds, left_for, refit
from softlabel.methods.final_targets import FinalTargets
from softlabel.methods.problem import Problem
from softlabel.methods.rounds import Settings
from softlabel.seeds import Seeds
from softlabel.tasks import Multiclass

X, Y = blobs(n_per_class=8)
GIVEN = np.eye(3, dtype=np.float32)[Y]
GUARD = np.arange(24) % 4 == 0
PROBLEM = Problem(X, Multiclass([0, 1, 2]), Y, GIVEN, GUARD, sample_weight=np.linspace(1, 2, 24))
SETTINGS = Settings(cv=4, seeds=Seeds(0))


class Sized(Centroids):
    def __init__(self, random_state=None):
        self.random_state = random_state

    def fit(self, X, targets, sample_weight=None):
        self.n_rows_, self.weight_ = len(X), sample_weight
        return super().fit(X, targets, sample_weight)


def test_a_refit_takes_all_rows_and_their_weights():
    (model,) = refit(PROBLEM, [Sized()], GIVEN, SETTINGS)
    assert model.n_rows_ == 24
    assert np.array_equal(model.weight_, PROBLEM.sample_weight)


class Watching(Centroids):
    """Remembers which rows it was given to watch."""

    def fit(self, X, targets, sample_weight=None, validation=None):
        self.validation_ = validation
        return super().fit(X, targets, sample_weight)


def test_rows_to_watch_come_with_the_target_rows_of_their_labels():
    watched = X[:3] + 1, [2, 0, 1]
    (model,) = refit(PROBLEM, [Watching()], GIVEN, SETTINGS, validation=watched)
    rows, targets = model.validation_
    assert np.array_equal(rows, watched[0])
    assert np.array_equal(targets, np.eye(3)[[2, 0, 1]])
    assert targets.dtype == np.float32
    (alone,) = refit(PROBLEM, [Watching()], GIVEN, SETTINGS)
    assert alone.validation_ is None
    assert np.array_equal(model.predict_targets(X), alone.predict_targets(X))


def test_who_watches_nothing_is_fitted_without_such_rows():
    (model,) = refit(PROBLEM, [Sized()], GIVEN, SETTINGS, validation=(X[:3], Y[:3]))
    assert model.n_rows_ == 24


@pytest.mark.parametrize("validation", [X, [X, Y], (X, Y, Y), (X,)], ids=["rows", "list", "three", "one"])
def test_what_is_no_pair_cannot_be_watched(validation):
    with pytest.raises(InputError, match="validation is no pair; give a tuple"):
        refit(PROBLEM, [Sized()], GIVEN, SETTINGS, validation=validation)


def test_labels_to_watch_are_those_of_the_task():
    with pytest.raises(InputError, match="7"):
        refit(PROBLEM, [Watching()], GIVEN, SETTINGS, validation=(X[:1], [7]))


def test_folds_take_the_guard_along_and_have_seeds_of_their_own():
    models = fit_folds(PROBLEM, [Sized(), Sized()], GIVEN, SETTINGS)
    assert [model.n_rows_ for model in models] == [18] * 8
    assert len({model.random_state for model in models}) == 8
    (refitted,) = refit(PROBLEM, [Sized()], GIVEN, SETTINGS)
    fold_seeds = {SETTINGS.seeds.integer("fit", round=1, fold=fold) for fold in range(4)}
    assert refitted.random_state not in fold_seeds


def test_a_failure_says_that_it_was_the_final_fit():
    class Broken(Centroids):
        def fit(self, X, targets, sample_weight=None):
            raise RuntimeError("out of\npaper")

    with pytest.raises(FitError, match=r"the final fit, member 0, fold 0: RuntimeError: out of paper") as caught:
        refit(PROBLEM, [Broken()], GIVEN, SETTINGS)
    assert caught.value.round is None


def test_what_the_final_fit_complains_of_is_warned():
    class Complaining(Centroids):
        def fit(self, X, targets, sample_weight=None):
            import warnings

            warnings.warn("not converged", RuntimeWarning, stacklevel=1)
            return super().fit(X, targets, sample_weight)

    with pytest.warns(RuntimeWarning, match="not converged"):
        refit(PROBLEM, [Complaining()], GIVEN, SETTINGS)


def test_predictions_are_averaged_over_models_and_views():
    models = [Viewed().fit(X[part], GIVEN[part]) for part in (slice(0, 16), slice(8, 24))]
    for tta, name in ((None, None), ("none", None), ("mirror", "mirror")):
        mean = np.mean([model.predict_targets(X, tta=name) for model in models], axis=0)
        assert np.allclose(average_predictions(models, X, tta), mean)
        assert np.array_equal(average_predictions(models[:1], X, tta), models[0].predict_targets(X, tta=name))
    with pytest.raises(InputError, match="Centroids makes none"):
        average_predictions([models[0], Centroids().fit(X, GIVEN)], X, "mirror")


N = 24
TWO_CODES = np.arange(N) % 2
TWO_GIVEN = np.eye(2, dtype=np.float32)[TWO_CODES]
TWO_REFINED = 0.9 * TWO_GIVEN + np.float32(0.05)


def _of_two(**beside):
    X = np.arange(N, dtype=float)[:, None]
    guard = beside.pop("guard", np.zeros(N, dtype=bool))
    return Problem(X, Multiclass(["a", "b"]), TWO_CODES, TWO_GIVEN, guard, **beside)


def test_all_rows_at_weight_1_are_the_problem_itself():
    problem = _of_two()
    left, targets = left_for(problem, FinalTargets(TWO_REFINED))
    assert left is problem
    assert targets is TWO_REFINED


def test_rows_of_weight_0_are_left_out_with_all_that_is_known_of_them():
    flags = np.arange(N) % 3 == 0
    problem = _of_two(
        guard=flags, groups=np.arange(N), trusted=~flags, sample_weight=np.arange(N) + 1.0, reference=TWO_GIVEN
    )
    weight = np.where(np.arange(N) < 3, 0.0, 1.0)
    left, targets = left_for(problem, FinalTargets(TWO_REFINED, weight))
    assert left.X[:, 0].tolist() == left.groups.tolist() == list(range(3, N))
    assert np.array_equal(left.codes, TWO_CODES[3:])
    assert np.array_equal(left.given, TWO_GIVEN[3:])
    assert np.array_equal(left.guard, flags[3:])
    assert np.array_equal(left.trusted, ~flags[3:])
    assert left.sample_weight.tolist() == (np.arange(3, N) + 1.0).tolist()
    assert left.reference is None
    assert np.array_equal(targets, TWO_REFINED[3:])


def test_without_sample_weights_pruning_makes_none():
    left, _ = left_for(_of_two(), FinalTargets(TWO_GIVEN, np.where(np.arange(N) < 3, 0.0, 1.0)))
    assert left.sample_weight is None
    assert left.groups is left.trusted is None


def test_weights_of_all_rows_multiply_those_of_samples():
    weight = np.linspace(0.5, 1.5, N)
    left, targets = left_for(_of_two(sample_weight=np.full(N, 2.0)), FinalTargets(TWO_GIVEN, weight))
    assert left.sample_weight == pytest.approx(2 * weight)
    assert len(left.X) == N
    assert np.array_equal(targets, TWO_GIVEN)
