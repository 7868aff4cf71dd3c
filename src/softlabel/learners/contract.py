"""What a learner is, how any estimator becomes one, and how it gets its seed."""

from __future__ import annotations

import copy
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.model_selection import StratifiedKFold

from softlabel.errors import InputError
from softlabel.learners.names import default_estimator
from softlabel.learners.nested import rebuilt
from softlabel.learners.pipelines import last_step
from softlabel.learners.soft_target import SoftTargetClassifier
from softlabel.learners.soft_target_multilabel import SoftTargetMultilabelClassifier
from softlabel.learners.soft_target_regressor import SoftTargetRegressor
from softlabel.learners.target_kinds import check_kind, refuse_other_kind, target_kind

Wrapper = SoftTargetClassifier | SoftTargetRegressor | SoftTargetMultilabelClassifier
_WRAPPERS: dict[str, type[Wrapper]] = {
    "distribution": SoftTargetClassifier,
    "scalar": SoftTargetRegressor,
    "independent": SoftTargetMultilabelClassifier,
}


@runtime_checkable
class Learner(Protocol):
    """What can be fitted to soft targets.

    A learner that says ``target_kind`` ("distribution", "scalar" or "independent") is refused where the task's rows are of
    another kind; one that says nothing is trusted.

    Law: a learner is cloneable and picklable before it is fitted, and ``predict_targets`` of a fitted one returns a
    valid row for each row of X, with the columns in the order of the targets'. A weight of 2 is the row given twice,
    a weight of 0 the row left out, as far as the learner is blind to the order of rows.

    A learner that is trained for a length says by which parameter (``training_length``), and one that can go on from a fitted one has
    ``fit_from(fitted, X, targets, sample_weight=None)``; see :mod:`~softlabel.learners.budget`, :mod:`~softlabel.learners.continued`.
    """

    def fit(self, X: Any, targets: NDArray[Any], sample_weight: NDArray[Any] | None = None) -> Learner:
        """Fit to target rows (n, m) and return the learner itself."""

    def predict_targets(self, X: Any) -> NDArray[Any]:
        """Return predicted target rows (n, m)."""


def as_learner(estimator: Any, kind: str = "distribution") -> Learner:
    """Return a learner that fits this estimator to target rows of a kind.

    Parameters
    ----------
    estimator : Learner, or scikit-learn classifier or regressor
        What has ``fit`` and ``predict_targets`` is returned as it is, unless it says (``target_kind``) that its rows are of
        another kind; anything else is wrapped.
    kind : {"distribution", "scalar", "independent"}
        What the target rows are, ``kind`` of the task. The wrapper is
        :class:`~softlabel.learners.soft_target.SoftTargetClassifier`,
        :class:`~softlabel.learners.soft_target_regressor.SoftTargetRegressor` or
        :class:`~softlabel.learners.soft_target_multilabel.SoftTargetMultilabelClassifier`.

    Raises
    ------
    InputError
        If the estimator cannot be fitted to such rows in any way; it says what is lacking for each. Nothing is fitted to
        find out.
    """
    check_kind(kind)
    if isinstance(estimator, type):
        raise InputError(f"got the class {estimator.__name__}; give an instance of it: {estimator.__name__}()")
    refuse_other_kind(last_step(estimator), kind)
    if _is_learner(estimator, kind) and not isinstance(estimator, Wrapper):
        if not (hasattr(estimator, "get_params") or hasattr(estimator, "__sklearn_clone__")):
            raise InputError(f"{type(estimator).__name__} cannot be cloned; derive it from sklearn.base.BaseEstimator")
        learner: Learner = estimator
        return learner
    wrapped = estimator if isinstance(estimator, Wrapper) else _WRAPPERS[kind](estimator)
    wrapped.chosen_strategy()
    return wrapped


def _is_learner(estimator: Any, kind: str) -> bool:
    """Return whether an estimator takes rows of a kind itself.

    A plain learner of rows of another kind is an estimator like others: a softmax regression can be fitted to each label.
    """
    takes_rows = hasattr(estimator, "fit") and hasattr(estimator, "predict_targets")
    return takes_rows and target_kind(estimator) in (None, kind)


def takes_images(estimator: Any) -> bool:
    """Return whether an estimator takes pictures as they are (``Images``); others take rows of numbers."""
    return bool(getattr(estimator, "takes_images", False))


def takes_texts(estimator: Any) -> bool:
    """Return whether an estimator takes texts as they are, an array (n,) of them; others take rows of numbers."""
    return bool(getattr(estimator, "takes_texts", False))


def seeded(learner: Learner, seed: int) -> Learner:
    """Return an unfitted clone in which each ``random_state``, nested ones too, is an integer derived from ``seed``.

    Integers that were set before are replaced, as scikit-learn's ensembles do with their members. A splitter among the
    parameters (the ``cv`` of a search, say) whose own ``random_state`` is None gets one as well, for it would draw from
    the global generator; a splitter with an integer is left as it is.

    Parameters
    ----------
    learner : Learner
    seed : int, 0 or more

    Returns
    -------
    learner : Learner
        The same seed gives the same integers. The learner that was given is not changed.
    """
    draws = np.random.default_rng(seed)
    fresh: Learner = rebuilt(clone(learner), lambda estimator: _with_seeds(estimator, draws))
    return fresh


def _with_seeds(estimator: Any, draws: np.random.Generator) -> Any:
    """Set the seeds of one estimator (those within it are set already), in place, and return it."""
    if isinstance(estimator, Wrapper) and estimator.estimator is None:
        # The default estimator is a parameter only once it stands there.
        return estimator.set_params(estimator=_with_seeds(default_estimator(estimator.target_kind), draws))
    settings = estimator.get_params(deep=False)
    chosen: dict[str, Any] = {}
    for name, value in sorted(settings.items()):
        if name == "random_state" and not isinstance(value, str):
            chosen[name] = _draw(draws)
        elif name == "random_state" and isinstance(settings.get("cv"), int):
            # TargetEncoder of scikit-learn 1.9 deprecates its own seed ("deprecated") in favour of a splitter's.
            chosen["cv"] = StratifiedKFold(settings["cv"], shuffle=True, random_state=_draw(draws))
        elif hasattr(value, "split") and getattr(value, "random_state", 0) is None:
            chosen[name] = copy.copy(value)
            chosen[name].random_state = _draw(draws)
    return estimator.set_params(**chosen) if chosen else estimator


def _draw(draws: np.random.Generator) -> int:
    return int(draws.integers(2**31 - 1))
