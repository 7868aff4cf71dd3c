from __future__ import annotations

import numpy as np
import pytest

from simple_learners import Centroids, FailsInFold, Viewed, blobs
from softlabel.data.folds import Fold, stochastic_folds
from softlabel.errors import FitError, FitTypeError, InputError
from softlabel.execution.executor import Resources
from softlabel.execution.local import InProcess
from softlabel.learners.contract import seeded
from softlabel.methods.cross_fit import out_of_fold
from softlabel.methods.problem import Problem
from softlabel.methods.units import Memory, Unit, UnitResult
from softlabel.seeds import Seeds
from softlabel.tasks import Multiclass

X, Y = blobs(n_per_class=10, spread=1.0)
GIVEN = np.eye(3, dtype=np.float32)[Y]
FOLDS = stochastic_folds(Y, 3, seed=0)


def _problem(**changes):
    return Problem(
        **({"X": X, "task": Multiclass([0, 1, 2]), "codes": Y, "given": GIVEN, "guard": np.zeros(30, bool)} | changes)
    )


def _run(learners=None, problem=None, folds=FOLDS, targets=GIVEN, units=None, **options):
    return out_of_fold(
        problem or _problem(),
        learners or [Centroids()],
        targets,
        folds,
        round=1,
        seeds=Seeds(0),
        executor=InProcess(),
        resources=Resources(),
        units=units or Memory(),
        **options,
    )


class Dictionary:
    """A store of units in memory that counts what is put."""

    def __init__(self):
        self.units, self.puts = {}, []

    def get(self, unit):
        return self.units.get(unit)

    def put(self, unit, result):
        self.units[unit] = result
        self.puts.append(unit)


def test_each_row_is_predicted_by_the_model_that_did_not_see_it():
    found = _run()
    for fold in FOLDS:
        expected = Centroids().fit(X[fold.train], GIVEN[fold.train]).predict_targets(X[fold.held_out])
        assert np.allclose(found.oof[fold.held_out], expected, atol=1e-6)
    assert not np.isnan(found.oof).any()
    assert found.oof.dtype == np.float32


def test_stored_units_are_not_fitted_again():
    units = Dictionary()
    first = _run(units=units)
    assert units.puts == [Unit(1, 0, 0), Unit(1, 0, 1), Unit(1, 0, 2)]
    del units.units[Unit(1, 0, 1)]
    units.puts.clear()
    second = _run(units=units)
    assert units.puts == [Unit(1, 0, 1)]
    assert second.oof.tobytes() == first.oof.tobytes()


def test_watched_rows_get_the_mean_of_the_fold_models():
    rows = np.array([[0.0, 1.0], [3.0, 3.0]])
    found = _run(problem=_problem(watch={"test": rows}))
    models = [Centroids().fit(X[fold.train], GIVEN[fold.train]) for fold in FOLDS]
    assert np.allclose(
        found.watched["test"], np.mean([model.predict_targets(rows) for model in models], axis=0), atol=1e-6
    )


def test_watched_rows_keep_nothing_of_an_unseen_class():
    y = np.array([0, 0, 1, 1, 2, 2])
    guard = np.array([False] * 5 + [True])
    problem = Problem(X[:6], Multiclass([0, 1, 2]), y, np.eye(3, dtype=np.float32)[y], guard)
    found = _run(problem=problem, folds=[Fold(np.arange(4), np.array([4]))], targets=problem.given)
    assert np.isnan(found.oof[4]).tolist() == [False, False, True]  # no model said anything about the class
    assert found.watched["guard"][0, 2] == 0  # scored: its own label must not help it


def test_a_failure_names_its_address_and_the_others_are_stored_first():
    seeds = [seeded(FailsInFold(), Seeds(0).integer("fit", round=1, fold=fold)).random_state for fold in range(3)]
    units = Dictionary()
    with pytest.raises(FitError, match="round 1, member 0, fold 1: RuntimeError: the machine") as caught:
        _run([FailsInFold(seeds[1])], units=units)
    assert sorted(units.puts) == [Unit(1, 0, 0), Unit(1, 0, 2)]
    assert "in fit" in caught.value.__notes__[0]


@pytest.mark.parametrize(
    ("predictions", "message"),
    [
        (lambda n: np.full((n, 3), np.nan), "not finite"),
        (lambda n: np.full((n, 2), 0.5), "columns"),
        (lambda n: np.full((n + 1, 3), 1 / 3), "rows"),
        (lambda n: np.tile([1.5, -0.5, 0.0], (n, 1)), "negative"),
    ],
)
def test_predictions_that_are_none_stop_the_round(predictions, message):
    class Broken(Centroids):
        def predict_targets(self, X):
            return predictions(len(X))

    with pytest.raises(FitError, match=f"round 1, member 0, fold 0 .*Broken: .*{message}"):
        _run([Broken()])


def test_a_type_error_stays_a_type_error():
    class Typed(Centroids):
        def fit(self, X, targets, sample_weight=None):
            raise TypeError("cells are dictionaries")

    with pytest.raises(FitTypeError, match="TypeError: cells are dictionaries"):
        _run([Typed()])
    assert issubclass(FitTypeError, TypeError)
    assert issubclass(FitError, ValueError)
    assert issubclass(InputError, ValueError)


def test_members_are_averaged_with_equal_weight():
    class Always(Centroids):
        def __init__(self, column=0):
            self.column = column

        def predict_targets(self, X):
            return np.eye(3)[np.full(len(X), self.column)]

    found = _run([Always(0), Always(1), Always(1)])
    assert np.allclose(found.oof, [1 / 3, 2 / 3, 0], atol=1e-6)


def test_what_learners_complain_of_is_told_once():
    class Complaining(Centroids):
        def fit(self, X, targets, sample_weight=None):
            import warnings

            warnings.warn("this did not converge", RuntimeWarning, stacklevel=1)
            return super().fit(X, targets, sample_weight)

    assert _run([Complaining()]).warnings == (("RuntimeWarning", "this did not converge"),)


def test_a_unit_result_is_plain_arrays():
    units = Dictionary()
    _run(units=units, problem=_problem(watch={"test": X[:4]}))
    for result in units.units.values():
        assert isinstance(result, UnitResult)
        assert result.held_out.dtype == np.float32
        assert result.watched["test"].shape == (4, 3)


def test_a_learner_that_works_in_place_changes_nothing_for_the_others():
    class InPlace(Centroids):
        def fit(self, X, targets, sample_weight=None):
            X -= 100
            return super().fit(X, targets, sample_weight)

        def predict_targets(self, X):
            X -= 100
            return super().predict_targets(X)

    guard = np.arange(30) % 5 == 0
    rows, test = X.copy(), X[:4].copy()
    rows.flags.writeable = test.flags.writeable = False
    folds = stochastic_folds(Y, 3, seed=0, rows=np.flatnonzero(~guard))
    found = [
        _run([learner], _problem(X=rows, guard=guard, watch={"test": test}), folds)
        for learner in (Centroids(), InPlace())
    ]
    for name in ("guard", "test"):
        assert np.allclose(found[0].watched[name], found[1].watched[name], atol=1e-6)
    assert np.allclose(found[0].oof[~guard], found[1].oof[~guard], atol=1e-6)


def test_views_are_averaged_for_held_out_rows_and_the_guard_alone():
    guard = np.arange(30) % 5 == 0
    problem = _problem(guard=guard, watch={"test": X[:4]})
    folds = stochastic_folds(Y, 3, seed=0, rows=np.flatnonzero(~guard))
    found = _run([Viewed()], problem, folds, tta="mirror")
    models = [Viewed().fit(X[fold.train], GIVEN[fold.train]) for fold in folds]
    for model, fold in zip(models, folds, strict=True):
        expected = model.predict_targets(X[fold.held_out], tta="mirror")
        assert np.allclose(found.oof[fold.held_out], expected, atol=1e-6)
    for name, rows, tta in (("guard", X[guard], "mirror"), ("test", X[:4], None)):
        expected = np.mean([model.predict_targets(rows, tta=tta) for model in models], axis=0)
        assert np.allclose(found.watched[name], expected, atol=1e-6)
    assert not np.allclose(found.oof[~guard], _run([Viewed()], problem, folds).oof[~guard], atol=1e-3)


def test_a_unit_has_the_history_of_its_epochs():
    class Epochs(Centroids):
        def fit(self, X, targets, sample_weight=None):
            self.history_ = [{"epoch": 1, "train_loss": len(X), "seconds": 3.0}]
            return super().fit(X, targets, sample_weight)

    units = Dictionary()
    _run([Epochs(), Centroids()], units=units)
    assert units.units[Unit(1, 0, 2)].history == ({"epoch": 1, "train_loss": 20},)
    assert units.units[Unit(1, 1, 2)].history == ()
