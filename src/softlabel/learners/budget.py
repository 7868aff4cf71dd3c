"""How long a learner trains, and the same learner trained for a share of that, or for longer.

Shares are for teachers that cost less than the student.

A teacher that is not trained to the end has not yet learned the wrong labels, which a flexible learner learns last (Arpit et al.,
"A Closer Look at Memorization in Deep Networks", ICML 2017, section 4): it is cheaper, and what it says of held-out rows is often
better.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning

from softlabel.errors import InputError
from softlabel.learners.names import default_estimator
from softlabel.learners.nested import is_estimator, rebuilt, searched_settings
from softlabel.learners.pipelines import steps_of

_KINDS = ("Classifier", "Regressor")
# (package, class) -> the parameter that is its length of training, in epochs, trees or iterations. A class derived from one of
# these has the same. ``max_iter`` of solvers that stop where they have converged (logistic regression, SVC, SGDClassifier, MLP by
# lbfgs) is a limit and no length. Learners of softlabel's own kind, a user's too, name theirs as ``training_length``.
TRAINING_LENGTHS: Mapping[tuple[str, str], str] = {
    ("sklearn", "MLPClassifier"): "max_iter",
    ("sklearn", "MLPRegressor"): "max_iter",
    ("sklearn", "HistGradientBoostingClassifier"): "max_iter",
    ("sklearn", "HistGradientBoostingRegressor"): "max_iter",
    ("sklearn", "GradientBoostingClassifier"): "n_estimators",
    ("sklearn", "GradientBoostingRegressor"): "n_estimators",
    ("sklearn", "AdaBoostClassifier"): "n_estimators",
    ("sklearn", "AdaBoostRegressor"): "n_estimators",
    ("sklearn", "RandomForestClassifier"): "n_estimators",
    ("sklearn", "RandomForestRegressor"): "n_estimators",
    ("sklearn", "ExtraTreesClassifier"): "n_estimators",
    ("sklearn", "ExtraTreesRegressor"): "n_estimators",
    ("sklearn", "BaggingClassifier"): "n_estimators",
    ("sklearn", "BaggingRegressor"): "n_estimators",
    ("lightgbm", "LGBMModel"): "n_estimators",
    ("xgboost", "XGBModel"): "n_estimators",
}
# Those of which are averages of models that are trained apart, whose number is their length. A class derived from one of these is, too.
_AVERAGES = frozenset(
    {
        *(("sklearn", f"{name}{kind}") for name in ("RandomForest", "ExtraTrees", "Bagging") for kind in _KINDS),
        *(("xgboost", f"XGBRF{kind}") for kind in _KINDS),
    }
)
# Names by which LightGBM is told what it trains, and those of a forest.
_LIGHTGBM_KINDS = ("boosting_type", "boosting", "boost")
_LIGHTGBM_FORESTS = ("rf", "random_forest")
# Names by which LightGBM takes the same number; where one is given, it wins.
_LIGHTGBM_ALIASES = (
    *("num_iterations", "num_iteration", "n_iter", "num_tree", "num_trees", "num_round", "num_rounds"),
    *("nrounds", "num_boost_round", "max_iter"),
)
_WHERE_NONE = {"xgboost": 100}  # what a length of None stands for
ADVICE = "networks (epochs), forests (trees) and boosting (iterations) have one"


def length_parameter(estimator: Any) -> str | None:
    """Return the name of the parameter that is the length of an estimator's own training; None where it has none.

    Parameters
    ----------
    estimator : estimator
        Itself; what stands within it is not looked at.

    Examples
    --------
    >>> from sklearn.ensemble import ExtraTreesClassifier
    >>> from sklearn.linear_model import LogisticRegression
    >>> length_parameter(ExtraTreesClassifier()), length_parameter(LogisticRegression())
    ('n_estimators', None)
    """
    own = getattr(estimator, "training_length", None)
    if isinstance(own, str):
        return own
    for kind in type(estimator).__mro__:  # by name, so that no package is imported to find out
        name = TRAINING_LENGTHS.get((kind.__module__.partition(".")[0], kind.__name__))
        if name is None:
            continue
        settings = estimator.get_params(deep=False)
        if kind.__name__.startswith("MLP") and settings["solver"] == "lbfgs":
            return None
        return next((alias for alias in _LIGHTGBM_ALIASES if kind.__name__ == "LGBMModel" and alias in settings), name)
    return None


def can_shorten(learner: Any) -> bool:
    """Return whether a share of a learner's training is less than all of it: whether :func:`shortened` changes anything.

    Parameters
    ----------
    learner : Learner or estimator
        Unfitted. Pipelines are asked for their last step, wrappers and other estimators of estimators for what is in them.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> from softlabel import SoftTargetClassifier
    >>> can_shorten(SoftTargetClassifier()), can_shorten(SoftTargetClassifier(LogisticRegression()))
    (True, False)
    """
    return any(_length(part, name) > 1 for part, name in _trained(_with_default(clone(learner))))


def learns_by_steps(learner: Any) -> bool:
    """Return whether a shorter training has learned less: that of networks and boosting.

    A forest or another average of models that are trained apart has then fewer of them, each of which has learned as much: what it says
    is not less sure of wrong labels, only less steady.

    Parameters
    ----------
    learner : Learner or estimator
        Unfitted, as for :func:`can_shorten`.

    Examples
    --------
    >>> from sklearn.ensemble import ExtraTreesClassifier, HistGradientBoostingClassifier
    >>> learns_by_steps(HistGradientBoostingClassifier()), learns_by_steps(ExtraTreesClassifier())
    (True, False)
    """
    trained = _trained(_with_default(clone(learner)))
    return any(_length(part, name) > 1 and not _is_average(part) for part, name in trained)


def _is_average(estimator: Any) -> bool:
    kinds = {(kind.__module__.partition(".")[0], kind.__name__) for kind in type(estimator).__mro__}
    if ("lightgbm", "LGBMModel") in kinds:
        settings = estimator.get_params(deep=False)
        return any(settings.get(name) in _LIGHTGBM_FORESTS for name in _LIGHTGBM_KINDS)
    return bool(kinds & _AVERAGES)


def has_length(learner: Any) -> bool:
    """Return whether a learner's training has a length: whether :func:`with_length` can change it.

    Parameters
    ----------
    learner : Learner or estimator
        Unfitted. Pipelines are asked for their last step, wrappers and other estimators of estimators for what is in them.
    """
    return next(_trained(_with_default(clone(learner))), None) is not None


def with_length(learner: Any, factor: float) -> Any:
    """Return an unfitted copy that trains ``factor`` times as long.

    The length L (epochs, trees or iterations) becomes max(1, floor(factor L + 1/2)). Learning rates that follow a schedule end it
    with the training; those that do not, as in boosting, stay. What has no length is copied as it is. scikit-learn's perceptrons, and
    whatever stops early, may end before their length.

    Parameters
    ----------
    learner : Learner or estimator
        Unfitted; not changed.
    factor : float
        Above 0; below 1 shortens.

    Examples
    --------
    >>> from sklearn.ensemble import ExtraTreesClassifier
    >>> with_length(ExtraTreesClassifier(200), 3)
    ExtraTreesClassifier(n_estimators=600)
    """
    copy = _with_default(clone(learner))
    for part, name in list(_trained(copy)):
        part.set_params(**{name: max(1, math.floor(factor * _length(part, name) + 0.5))})
    return copy


def shortened(learner: Any, share: float) -> Any:
    """Return an unfitted copy that trains for a share of the length.

    :func:`with_length` of a share: the length L (epochs, trees or iterations) becomes max(1, floor(share L + 1/2)).

    Parameters
    ----------
    learner : Learner or estimator
        Unfitted; not changed.
    share : float
        Above 0, up to 1.

    Raises
    ------
    InputError
        If the share is out of range.

    Examples
    --------
    >>> from sklearn.ensemble import ExtraTreesClassifier
    >>> shortened(ExtraTreesClassifier(200), 0.3)
    ExtraTreesClassifier(n_estimators=60)
    """
    return with_length(learner, check_share("share", share))


def teachers_of(learners: Sequence[Any], budget: float | None) -> tuple[Any, ...]:
    """Return the learners as they train in the folds: for a share of their length, or as they are where there is no budget."""
    if budget is None or budget == 1:
        return tuple(learners)
    return tuple(shortened(learner, budget) for learner in learners)


@contextmanager
def short_on_purpose() -> Iterator[None]:
    """Keep silent what scikit-learn's perceptrons say where they reach the end of a training that was shortened to end there."""
    with warnings.catch_warnings():
        warnings.filterwarnings(
            "ignore", message="Stochastic Optimizer: Maximum iterations", category=ConvergenceWarning
        )
        yield


def check_budget(budget: Any, learners: Sequence[Any]) -> float | None:
    """Return the share that ``teacher_budget`` gives, or None.

    Raises
    ------
    InputError
        If it is no share, or less than 1 where no learner has a length.
    """
    if budget is None:
        return None
    share = check_share("teacher_budget", budget)
    if share < 1 and not any(can_shorten(learner) for learner in learners):
        names = ", ".join(learner_name(learner) for learner in learners)
        raise InputError(
            f"teacher_budget={budget!r} shortens a training, and {names} has no length to shorten ({ADVICE}); leave it out"
        )
    return share


def check_share(name: str, value: Any) -> float:
    """Return a share above 0 and up to 1; raise ``InputError`` for anything else."""
    if isinstance(value, (int, float, np.number)) and not isinstance(value, bool) and 0 < value <= 1:
        return float(value)
    raise InputError(f"{name}={value!r}; give a share above 0 and up to 1 of the final fit's training, or leave it out")


def _trained(estimator: Any) -> Iterator[tuple[Any, str]]:
    """Yield each part whose training has a length, with that length's parameter; what is within such a part is its own matter."""
    if not is_estimator(estimator):
        return
    if (name := length_parameter(estimator)) is not None:
        yield estimator, name
        return
    if steps := steps_of(estimator):
        yield from _trained(steps[-1][1])  # transformers are no teachers
        return
    searched = {tried for tried, _ in searched_settings(estimator)}
    for value in estimator.get_params(deep=False).values():
        for part in _outermost(value):
            # A search that tries lengths chooses one itself.
            yield from ((found, name) for found, name in _trained(part) if name not in searched)


def _outermost(value: Any) -> Iterator[Any]:
    if is_estimator(value):
        yield value
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from _outermost(part)
    elif isinstance(value, (list, tuple)):
        for part in value:
            yield from _outermost(part)


def _length(part: Any, name: str) -> int:
    value = part.get_params(deep=False).get(name)
    if value is None:
        value = _WHERE_NONE.get(type(part).__module__.partition(".")[0], 1)
    return int(value)


def _with_default(learner: Any) -> Any:
    """Return a clone in which each wrapper of nothing holds the default estimator that it stands for."""

    def named(estimator: Any) -> Any:
        kind = getattr(estimator, "target_kind", None)
        if kind is not None and estimator.get_params(deep=False).get("estimator", estimator) is None:
            return estimator.set_params(estimator=default_estimator(kind))
        return estimator

    return rebuilt(learner, named)


def learner_name(learner: Any) -> str:
    """Return the name of the estimator that a learner stands for: what is in its wrapper, and ends its pipeline.

    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> learner_name(make_pipeline(StandardScaler(), LogisticRegression()))
    'LogisticRegression'
    """
    if steps := steps_of(learner):
        return learner_name(steps[-1][1])
    wrapped = learner.get_params(deep=False).get("estimator") if hasattr(learner, "target_kind") else None
    return learner_name(wrapped) if is_estimator(wrapped) else type(learner).__name__
