"""Who labels the next generation: fitted models, what they say of rows as these are stored, and the networks that see augmented ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from softlabel.data.rows import n_rows, take
from softlabel.learners.torch_learner import TorchLearner
from softlabel.methods.answering import AnswersByTask
from softlabel.methods.cross_fit import mean_prediction
from softlabel.methods.fitted_teacher import column_order, fitted_answers
from softlabel.seeds import Seeds
from softlabel.tasks import Task


@dataclass(frozen=True)
class Teachers:
    """Fitted models that label.

    Attributes
    ----------
    models : list
        Fitted learners, methods or classifiers.
    folds : (n,) int or None
        For each row the position of the model that labels it, where each labels those that it did not train on, -1 for a row that all
        of them trained on; None: the mean of all.
    """

    models: Sequence[Any]
    folds: np.ndarray | None = None

    def answers(self, X: Any, task: Task) -> np.ndarray:
        """Return what they say of rows as they are stored, (n, m) float32, by learned statistics of batch normalisation.

        NaN in rows that every model trained on.
        """

        def said(model: Any, rows: Any, fold: int) -> np.ndarray:
            networks = networks_within(model)
            if networks is None:
                return fitted_answers(model, rows, task)
            if not _of_another_size(networks, rows):
                if getattr(model, "temperature_", 1.0) == 1.0:
                    return fitted_answers(model, rows, task)
                return _of_networks(model, [network.predict_targets(rows) for network in networks], task)
            from softlabel.learners.training.teacher_batches import answers_resized

            return _of_networks(model, [answers_resized(network, rows) for network in networks], task)

        return self._mean_or_by_fold(X, said)

    def answers_by_batches(self, X: Any, task: Task, seeds: Seeds, generation: int) -> np.ndarray:
        """Return the same, but by the statistics of batches, as networks have them while they train.

        Batches are drawn anew, since rows that lie side by side may all be of one class. Models without batch normalisation, and those
        that are no networks, say what they always say.
        """

        def said(model: Any, rows: Any, fold: int) -> np.ndarray:
            networks = networks_within(model)
            if networks is None:
                return fitted_answers(model, rows, task)
            from softlabel.learners.training.teacher_batches import answers_by_batches

            found = [
                answers_by_batches(network, rows, seeds.integer("augment", round=generation, member=member, fold=fold))
                for member, network in enumerate(networks)
            ]
            return _of_networks(model, found, task)

        return self._mean_or_by_fold(X, said)

    @property
    def alike_by_batches(self) -> bool:
        """Whether ``answers_by_batches`` are ``answers`` to the byte: no model is a network."""
        return all(networks_within(model) is None for model in self.models)

    def networks(self, task: Task) -> tuple[list[TorchLearner], list[list[int] | None]] | None:
        """Return the networks that answer, and which columns of each are the task's; None where a model is more than its networks."""
        networks, columns = list[TorchLearner](), list[list[int] | None]()
        for model in self.models:
            within = networks_within(model)
            if within is None or (self.folds is not None and len(within) != 1):
                return None
            networks += within
            order = column_order(model, within[0].n_outputs_, task) if task.kind != "scalar" else None
            columns += [order] * len(within)
        return networks, columns

    def _mean_or_by_fold(self, X: Any, said: Callable[[Any, Any, int], np.ndarray]) -> np.ndarray:
        if self.folds is None:  # of an ensemble of networks each counts as one, as when they label a training
            found = [(said(model, X, number), networks_within(model)) for number, model in enumerate(self.models)]
            return mean_prediction([answers for answers, within in found for _ in within or (None,)])
        rows: np.ndarray | None = None
        for fold, model in enumerate(self.models):
            mine = np.flatnonzero(self.folds == fold)  # (n_fold,)
            if not len(mine):
                continue
            part = said(model, take(X, mine), fold)  # (n_fold, m)
            rows = np.full((n_rows(X), part.shape[1]), np.nan, np.float32) if rows is None else rows  # (n, m)
            rows[mine] = part
        assert rows is not None  # some fold held some row out
        return rows


def networks_within(model: Any) -> list[TorchLearner] | None:
    """Return the networks whose mean answer is that of a fitted model: a network, or a method whose final models are networks.

    None for anything else: what is done to rows before a network sees them (in a pipeline), or to answers after it (by
    ``TemperatureScaling``), is part of the answer. A temperature by which a refinement softens its probabilities is not: its networks
    teach at temperature 1, as those of the papers do, whether they see examples live or as they are stored.
    """
    if isinstance(model, TorchLearner):
        return [model]
    inside = getattr(model, "estimators_", None)
    plain = getattr(type(model), "predict_targets", None) is AnswersByTask.predict_targets and model.networks_teach
    if inside and plain and all(isinstance(one, TorchLearner) for one in inside):
        return list(inside)
    return None


def _of_another_size(networks: Sequence[TorchLearner], X: Any) -> bool:
    from softlabel.learners.training.teacher_batches import of_another_size

    return any(of_another_size(network, X) for network in networks)


def _of_networks(model: Any, found: Sequence[np.ndarray], task: Task) -> np.ndarray:
    """Return the mean (n, m) of what a model's networks say, its columns in the order of the task's classes."""
    mean = mean_prediction(found)  # (n, m)
    order = column_order(model, mean.shape[1], task) if task.kind != "scalar" else None
    name = f"the teacher {type(model).__name__}"
    return task.check_predictions(mean if order is None else mean[:, order], len(mean), name)
