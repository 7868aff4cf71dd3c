"""What methods that train one student have in common: how they begin, and what they hand over.

Each is an estimator of the same shape as ``StochasticLabelRefinery``: it makes targets of labels in its own way, trains one
student on them, and answers by it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import get_tags

from softlabel.data.pictures import pictures_in
from softlabel.errors import InputError
from softlabel.learners.contract import Learner
from softlabel.learners.names import default_estimator
from softlabel.methods.answering import AnswersByTask, labels_of
from softlabel.methods.epoch_rows import epoch_rows
from softlabel.methods.final_fit import refit
from softlabel.methods.preparation import Preparation, prepare
from softlabel.methods.suitability import refuse_unsuited
from softlabel.tasks import Kind


class _NoFolds:
    """The splitter of a method that splits nothing: no class has fewer rows than its 0 folds."""

    n_splits = 0

    def split(self, X: Any, y: Any = None, groups: Any = None) -> list[Any]:
        return []


class StudentMethod(AnswersByTask, ClassifierMixin, BaseEstimator):
    """A method of one student.

    A derived class has the parameters ``estimator``, ``task``, ``threads`` and ``random_state`` beside its own, says on which kinds
    of target rows it works and whether it needs a network, says which values of its parameters cannot work (``check_suited``), and
    writes ``fit`` of three steps: ``_prepared``, its own, ``_hand_over``.
    """

    estimator: Any
    task: Any
    threads: int
    random_state: Any

    kinds: ClassVar[tuple[Kind, ...]] = ("distribution", "scalar", "independent")  # of target rows that it works on
    why_these_kinds: ClassVar[str] = ""  # ends the message that refuses others
    one_student: ClassVar[bool] = True  # whether a list of estimators is refused
    needs_network: ClassVar[bool] = False  # whether the student has to be trained epoch by epoch, by gradients

    def check_suited(self, kind: Kind, learners: Sequence[Learner], pictures: bool | None = None) -> None:
        """Refuse values of the parameters that cannot work, whatever the rows and their labels are.

        It is asked by ``fit``, and by whoever plans fits: nothing is trained. A derived class says more.

        Parameters
        ----------
        kind : "distribution", "scalar" or "independent"
            Of the target rows.
        learners : sequence of Learner
            Unfitted: the student, or several.
        pictures : bool or None
            Whether the rows are pictures; None where that is not known, and nothing is refused for it.

        Raises
        ------
        InputError
        """

    def _prepared(
        self,
        X: Any,
        y: Any,
        targets: Any = None,
        sample_weight: Any = None,
        reference: Any = None,
        *,
        groups: Any = None,
        cv: Any = None,
    ) -> Preparation:
        """Check all that was given; ``cv`` where the method splits rows into folds.

        Raises
        ------
        InputError
            For input that cannot be used, or a task or learner that the method cannot work with.
        """
        if self.one_student and isinstance(self.estimator, (list, tuple)):
            raise InputError(
                f"estimator is a list of {len(self.estimator)}; {type(self).__name__} trains one student, give one estimator"
            )
        ready = prepare(
            X,
            y,
            estimator=self.estimator,
            targets=targets,
            groups=groups,
            sample_weight=sample_weight,
            cv=_NoFolds() if cv is None else cv,
            threads=self.threads,
            random_state=self.random_state,
            task=self.task,
            reference=reference,
        )
        refuse_unsuited(self, ready.problem.task.kind, ready.learners, pictures_in(ready.problem.X))
        return ready

    def _student(self, ready: Preparation, targets: np.ndarray, validation: Any = None) -> list[Learner]:
        """Train the student on targets (n, m), on all rows; ``validation`` (X, y) is watched after each epoch of a network."""
        return refit(ready.problem, ready.learners, targets, ready.settings, validation=validation)

    def _hand_over(
        self,
        ready: Preparation,
        targets: np.ndarray,
        said: np.ndarray | None,
        history: list[dict[str, Any]],
        models: list[Any],
    ) -> Self:
        """Set the fitted attributes.

        Parameters
        ----------
        targets : (n, m) float32
            What the final models were trained on.
        said : (n, m) float32 or None
            What speaks for the labels that the method suggests; None where it suggests none.
        history : list of dict
        models : list of fitted learners
        """
        task, codes, given = ready.problem.task, ready.problem.codes, ready.problem.given
        for name in ("suggested_labels_", "n_features_in_", "feature_names_in_"):
            self.__dict__.pop(name, None)  # an earlier fit's
        self.task_ = task
        self.classes_ = np.asarray(task.classes)
        self.label_distributions_ = targets
        self.transduction_ = labels_of(task, task.suggest(targets, codes, given))
        self.label_quality_ = task.quality(targets, codes, given)
        if said is not None:
            self.suggested_labels_ = labels_of(task, task.suggest(said, codes, given))
        self.history_ = history
        self.epochs_ = list(epoch_rows(getattr(models[0], "history_", None)))
        self.random_state_ = ready.settings.seeds.random_state
        self.estimators_ = models
        self.estimator_ = models[0]
        for name in ("n_features_in_", "feature_names_in_"):
            if hasattr(models[0], name):
                setattr(self, name, getattr(models[0], name))
        return self

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        single = self.estimator is not None and not isinstance(self.estimator, (list, tuple))
        inner = get_tags(self.estimator if single else default_estimator())
        tags.input_tags.sparse = inner.input_tags.sparse
        tags.input_tags.allow_nan = inner.input_tags.allow_nan
        return tags
