"""Methods whose targets change while the network trains: what its labeler ended with is found, and told of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import numpy as np

from softlabel.learners.contract import Learner
from softlabel.learners.network_parts import networks_in
from softlabel.learners.pipelines import last_step
from softlabel.learners.torch_learner import TorchLearner
from softlabel.methods.history import prefixed
from softlabel.methods.learnable_columns import learnable_columns
from softlabel.methods.network_student import NetworkMethod
from softlabel.methods.preparation import Preparation
from softlabel.methods.problem import Problem


class LabelsWhileTraining(NetworkMethod):
    """A method whose network is trained with a labeler that learns: its targets are those that the training ended with."""

    def _end(self, ready: Preparation, models: list[Learner], own: dict[str, Any]) -> Self:
        learned = take_learned_rows(models[0], ready.problem, own)  # (n, m)
        said = self._said(ready.problem, learned, models[0])
        return self._hand_over(ready, learned, said, [change_entry(ready.problem, learned)], models)

    def _said(self, problem: Problem, learned: np.ndarray, model: Learner) -> np.ndarray | None:
        """Return the rows (n, m) that speak for the labels that the method suggests; None where it suggests none."""
        return None


def take_learned_rows(model: Any, problem: Problem, own: dict[str, Any]) -> np.ndarray:
    """Take from a fitted model the rows that its network's training ended with, and give it back the settings it had.

    Rows of the training must not be stored or sent with the model.

    Parameters
    ----------
    model : fitted learner
        A network, or the wrapper of a pipeline that ends in one. Changed in place.
    problem : Problem
        What it was fitted to.
    own : dict
        Settings of the network as they were before the method.

    Returns
    -------
    targets : (n, m) float32
        Rows that did not train (weight 0, or set apart by an inner split) and columns that there was nothing to learn of have
        their given value; grades as numbers are brought to the ends of the scale.
    """
    own_settings_back(model, own)
    network = fitted_network(model)
    if network is None:
        return problem.given
    learned = network.learned_targets_  # (n, m'), NaN in rows that did not train
    del network.learned_targets_
    rows = problem.given.astype(np.float64)  # (n, m) a copy
    trained = np.flatnonzero(np.isfinite(learned).all(axis=1))
    rows[np.ix_(trained, _columns(problem, learned.shape[1]))] = learned[trained]
    return problem.task.check_predictions(rows, len(rows), "the training")


def own_settings_back(model: Any, own: Mapping[str, Any]) -> None:
    """Give a fitted model's network the settings back that it had before a method trained it in its own way; in place."""
    model.set_params(
        **{f"{where}__{name}" if where else name: own[name] for where in networks_in(model) for name in own}
    )
    network = fitted_network(model)
    if network is not None:
        network.set_params(**own)


def change_entry(problem: Problem, learned: np.ndarray) -> dict[str, Any]:
    """Return the one entry of a history: how rows (n, m) that a training ended with differ from the given ones."""
    task = problem.task
    now = task.suggest(learned, problem.codes, problem.given)
    return {
        "moved": int(np.count_nonzero(task.differs(now, problem.codes))),
        "change": float(np.mean(task.change(problem.given, learned))),
        **prefixed("reference", problem.reference_scores(learned)),
    }


def fitted_network(model: Any) -> TorchLearner | None:
    """Return the network that a fitted model answers by; None where a wrapper had nothing to fit."""
    if isinstance(model, TorchLearner):
        return model
    fitted = [getattr(model, "estimator_", None), *getattr(model, "estimators_", [])]  # of a wrapper
    networks = [last_step(one) for one in fitted if one is not None]
    return next((one for one in networks if isinstance(one, TorchLearner)), None)


def _columns(problem: Problem, n_learned: int) -> np.ndarray:
    """Return which columns of the targets a network saw: a wrapper leaves out those that hold nothing to learn."""
    if n_learned == problem.given.shape[1]:
        return np.arange(n_learned)
    return learnable_columns(problem)
