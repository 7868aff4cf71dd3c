"""A fit of one learner: a copy with a seed of its own, given what it takes, and told of where it fails."""

import numpy as np
import pytest

from simple_learners import Centroids, Viewed, blobs
from softlabel.errors import FitError, FitTypeError, InputError
from softlabel.execution.executor import Failure
from softlabel.learners.contract import seeded
from softlabel.methods.learner_fits import continue_learner, fit_error, fit_learner, predict_checked
from softlabel.methods.units import Unit
from softlabel.tasks import Multiclass

X, Y = blobs(n_per_class=4, spread=1.0)
TARGETS = np.eye(3, dtype=np.float32)[Y]
TASK = Multiclass([0, 1, 2])


class Noting(Centroids):
    """Notes its seed and what it was given beside rows and targets."""

    def __init__(self, random_state=None):
        self.random_state = random_state

    def fit(self, X, targets, **beside):
        self.beside_ = beside
        return super().fit(X, targets, beside.get("sample_weight"))

    def fit_from(self, before, X, targets, **beside):
        self.before_ = before
        return self.fit(X, targets, **beside)


class Watching(Noting):
    def fit(self, X, targets, sample_weight=None, validation=None):
        self.validation_ = validation
        return super().fit(X, targets)


def test_a_fresh_copy_is_fitted_with_its_seed():
    learner = Noting()
    fitted = fit_learner(learner, X, TARGETS, None, 7)
    assert fitted is not learner
    assert not hasattr(learner, "centres_")
    assert (fitted.random_state, learner.random_state) == (seeded(Noting(), 7).random_state, None)


def test_weights_and_watched_rows_go_to_those_who_take_them():
    weight = np.arange(12.0)
    assert fit_learner(Noting(), X, TARGETS, None, 0).beside_ == {}
    assert fit_learner(Noting(), X, TARGETS, weight, 0).beside_["sample_weight"] is weight
    assert fit_learner(Noting(), X, TARGETS, None, 0, (X, TARGETS)).beside_ == {}
    assert fit_learner(Watching(), X, TARGETS, None, 0, (X, TARGETS)).validation_ == (X, TARGETS)


def test_going_on_is_a_fresh_copy_too():
    before = fit_learner(Noting(), X, TARGETS, None, 1)
    after = continue_learner(Noting(), before, X, TARGETS, np.ones(12), 2)
    assert after.before_ is before
    assert (after.random_state, before.random_state) == tuple(seeded(Noting(), seed).random_state for seed in (2, 1))
    assert list(after.beside_) == ["sample_weight"]


def test_predictions_are_checked_and_taken_from_views():
    model = Viewed().fit(X, TARGETS)
    assert np.allclose(predict_checked(model, X, TASK), model.predict_targets(X), atol=1e-6)
    assert np.allclose(predict_checked(model, X, TASK, "mirror"), model.predict_targets(X, tta="mirror"), atol=1e-6)
    with pytest.raises(InputError, match="Centroids"):
        predict_checked(Centroids().fit(X, TARGETS[:, :2]), X, TASK)


@pytest.mark.parametrize(
    ("error", "kind", "said"),
    [
        (RuntimeError("out of\n  paper"), FitError, "the learner failed in round 2: RuntimeError: out of paper"),
        (TypeError("cells"), FitTypeError, "the learner failed in round 2: TypeError: cells"),
        (InputError("X is empty"), FitError, "the learner failed in round 2: X is empty"),
    ],
)
def test_a_failure_is_one_line_with_its_address_and_its_traceback(error, kind, said):
    found = fit_error(Failure(error, "Traceback ..."), "round 2", Unit(2, 1, 3))
    assert type(found) is kind
    assert str(found) == said
    assert (found.round, found.member, found.fold) == (2, 1, 3)
    assert found.__notes__ == ["Traceback ..."]
    assert found.__cause__ is error
