"""How teachers label: what a student is trained on, as settings of its network and as rows that are labelled once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from softlabel.data.pictures import pictures_in
from softlabel.data.rows import concatenate, n_rows
from softlabel.errors import InputError
from softlabel.learners.contract import Learner
from softlabel.learners.network_parts import with_network_settings
from softlabel.learners.network_settings import check_settings
from softlabel.learners.pipelines import last_step
from softlabel.learners.stored_crops import StoredCrops
from softlabel.learners.teacher_labels import TeacherLabels
from softlabel.learners.torch_learner import TorchLearner
from softlabel.methods.answering import labels_of
from softlabel.methods.learned_targets import own_settings_back
from softlabel.methods.problem import Problem
from softlabel.methods.stored_teacher import StoredTeacher
from softlabel.methods.suitability import trained_network, unwrapped
from softlabel.methods.teacher_networks import Teachers, networks_within
from softlabel.seeds import Seeds
from softlabel.targets.categories import mean_by_class

DYNAMIC = ("soft_dynamic", "hard_dynamic")  # labelled anew each time an example is seen
STATIC = ("soft_static", "hard_static")  # labelled once, as rows are stored: of pictures the whole of each
CATEGORIES = ("visual_category", "taxonomy")  # one row a class
LABELS = (*DYNAMIC, *STATIC, *CATEGORIES)


@dataclass(frozen=True)
class Taught:
    """What a generation is trained on."""

    learner: Learner  # with its settings for this training, but without who labels
    X: Any  # N rows: the given ones, and below them further ones without labels
    targets: np.ndarray  # (N, m) float32: what rows are labelled as they are stored
    weight: np.ndarray | None  # (N,)
    own: Mapping[str, Any]  # settings that the network has when it is not taught
    labels: TeacherLabels | StoredCrops | None = None  # who labels as it trains; None: the rows above
    further: TeacherLabels | None = None  # who labels a second training, from the weights of the first

    def among(self, rows: np.ndarray, further: TeacherLabels | None = None) -> Learner:
        """Return the learner for a training on some rows, (r,) positions; ``further`` labels a second one."""
        labels: TeacherLabels | StoredCrops | None = self.labels if further is None else further
        if labels is None:
            return self.learner
        if isinstance(labels, TeacherLabels) and labels.folds is not None:
            labels = replace(labels, folds=np.asarray(labels.folds)[rows])
        taught: Learner = with_network_settings(self.learner, labeler=labels)
        return taught


@dataclass(frozen=True)
class Teaching:
    """How teachers label.

    Attributes
    ----------
    labels : str
        One of ``LABELS``.
    mode : {"train", "eval"}
        Statistics of the teachers' batch normalisation.
    eta : float or None
        Of adversarial jitter, in a second training of the last generation that has teachers.
    categories : (k, k) or None
        Rows of the classes, for "taxonomy".
    settings : dict
        Of the student's network where teachers label: loss, augment.
    """

    labels: str = "soft_dynamic"
    mode: str = "train"
    eta: float | None = None
    categories: np.ndarray | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)

    def taught(
        self,
        problem: Problem,
        learner: Learner,
        teachers: Teachers | None,
        seeds: Seeds,
        generation: int,
        unlabelled: Any = None,
        *,
        last: bool = True,
        said: np.ndarray | None = None,
    ) -> Taught:
        """Return what a generation is trained on: the given labels where nobody teaches it.

        ``said`` (n, m) is what ``teachers.answers`` returned for the given rows, where they were asked before: they are not asked again
        where the stored labels are these answers. It stays as it is.

        Raises
        ------
        InputError
            If student or teachers cannot take part in this way of labelling.
        """
        if teachers is None and self.labels != "taxonomy":
            return Taught(learner, problem.X, problem.given, problem.sample_weight, {})
        network = trained_network(learner)
        settings = dict(self.settings) if network is not None else {}
        own = {name: getattr(network, name) for name in (*settings, "labeler")} if network is not None else {}
        student = with_network_settings(learner, **settings) if settings else learner
        if teachers is None or self.labels == "taxonomy":
            assert self.categories is not None  # made with them
            return Taught(student, problem.X, _of_classes(problem, self.categories), problem.sample_weight, own)
        X, weight = _with_further(problem, unlabelled)
        answers = self._stored_answers(problem, teachers, X, seeds, generation, said if unlabelled is None else None)
        targets = self._stored_labels(problem, answers)  # (N, m)
        taught = Taught(student, X, targets, weight, own)
        if (store := _store_of(teachers)) is not None:
            self._check_store(store, learner)
            return replace(taught, labels=store.labeler)
        if self.labels in DYNAMIC and _augmented(problem.X, learner):
            taught = replace(taught, labels=self._live(problem, learner, teachers, n_rows(X)))
        if self.eta is not None and last:
            taught = replace(taught, further=replace(self._live(problem, learner, teachers, n_rows(X)), eta=self.eta))
        return taught

    def _check_store(self, store: StoredTeacher, learner: Learner) -> None:
        """Refuse what stored labels cannot do."""
        asked = "adversarial jitter moves" if self.eta is not None else None
        if self.labels != "soft_dynamic":
            asked = f"labels={self.labels!r} asks for"
        if asked is not None:
            raise InputError(
                f"{asked} what {store.labeler.store} does not hold: soft labels of crops; give a teacher itself, or leave it out"
            )
        if not isinstance(learner, TorchLearner):
            raise InputError(
                f"stored crops are shown to a network, and {_name_of(learner)} is none; give a TorchClassifier"
            )

    def check_student(self, learner: Learner, last: bool = False) -> None:
        """Refuse, before anything is trained, a student whose network has a labeler of its own, or that cannot learn in this way."""
        if self.eta is not None and last and not isinstance(learner, TorchLearner):
            raise self._no_network(learner)
        network = trained_network(learner)
        if network is None:
            return
        if network.labeler is not None:
            raise InputError(
                f"{type(network).__name__} has labeler={network.labeler!r}, and its teachers would take that place; leave it out"
            )
        check_settings(with_network_settings(network, **self.settings))

    def _stored_answers(
        self, problem: Problem, teachers: Teachers, X: Any, seeds: Seeds, generation: int, said: np.ndarray | None
    ) -> np.ndarray:
        """Return what teachers say (N, m) of each row as it is stored; ``said`` is that by learned statistics, where it is known."""
        # Of categories the paper fixes the statistics.
        by_batches = self.mode == "train" and self.labels not in CATEGORIES
        if said is not None and (not by_batches or teachers.alike_by_batches):
            return said.copy()
        teachers = _for_all(teachers, n_rows(X))
        if by_batches:
            return teachers.answers_by_batches(X, problem.task, seeds, generation)
        return teachers.answers(X, problem.task)

    def _stored_labels(self, problem: Problem, answers: np.ndarray) -> np.ndarray:
        """Return the label (N, m) of each row by answers (N, m), which are overwritten; a row that no fold held out keeps its given one."""
        task = problem.task
        n = len(problem.given)
        known = np.isfinite(answers[:n]).all(axis=1, keepdims=True)
        answers[:n] = np.where(known, answers[:n], problem.given)
        if self.labels == "visual_category":
            taking_part = slice(None) if problem.sample_weight is None else problem.sample_weight > 0
            table = mean_by_class(answers[:n][taking_part], problem.codes[taking_part], len(task.classes))  # (k, k)
            answers[:n] = table[problem.codes]
        elif self.labels.startswith("hard"):
            answers = task.encode(labels_of(task, task.harden_codes(answers)))
        return np.asarray(answers, dtype=np.float32)

    def _live(self, problem: Problem, learner: Learner, teachers: Teachers, n: int) -> TeacherLabels:
        found = teachers.networks(problem.task)
        if found is None or not isinstance(learner, TorchLearner):
            others = [one for one in teachers.models if networks_within(one) is None] if found is None else [learner]
            raise self._no_network(others[0])
        networks, columns = found
        hard = self.labels == "hard_dynamic"
        folds = _for_all(teachers, n).folds
        return TeacherLabels(networks, hard=hard, mode=self.mode, folds=folds, columns=columns)

    def _no_network(self, other: Any) -> InputError:
        what, way_out = "each crop that the student sees", "LabelRefinery with labels='soft_static'"
        if self.eta is not None:
            what, way_out = "an example that is moved by its gradient", "no adversarial jitter"
        return InputError(
            f"{what} has to go through the networks themselves, and {_name_of(other)} is no TorchClassifier or its like; give networks, "
            f"or {way_out}"
        )


def _store_of(teachers: Teachers) -> StoredTeacher | None:
    """Return the store that labels, where one does.

    Raises
    ------
    InputError
        If it is to label together with others: it holds no picture that these could be asked of.
    """
    stores = [one for one in teachers.models if isinstance(one, StoredTeacher)]
    if stores and len(teachers.models) > 1:
        raise InputError(
            f"teacher is a store of crops ({stores[0].labeler.store}) and others; give the store alone: several teachers are averaged "
            "when it is written"
        )
    return stores[0] if stores else None


def untaught(model: Any, own: Mapping[str, Any]) -> Any:
    """Return a fitted model without who taught it: teachers must not be stored or sent with it."""
    if own:
        own_settings_back(model, own)
    return model


def _augmented(X: Any, learner: Learner) -> bool:
    """Return whether a learner sees rows otherwise than they are stored; a table stays as it is."""
    return isinstance(learner, TorchLearner) and pictures_in(X)


def _name_of(model: Any) -> str:
    return type(last_step(unwrapped(model))).__name__


def _of_classes(problem: Problem, table: np.ndarray) -> np.ndarray:
    return np.asarray(table[problem.codes], dtype=np.float32)  # (n, k)


def _with_further(problem: Problem, unlabelled: Any) -> tuple[Any, np.ndarray | None]:
    """Return the given rows with further ones below, and their weights: 1 each where the given ones have any."""
    if unlabelled is None:
        return problem.X, problem.sample_weight
    weight = problem.sample_weight
    return concatenate(problem.X, unlabelled), None if weight is None else np.r_[weight, np.ones(n_rows(unlabelled))]


def _for_all(teachers: Teachers, n: int) -> Teachers:
    """Return teachers of n rows: further ones, which no fold knows, are shared out among its models in turn."""
    if teachers.folds is None or len(teachers.folds) == n:
        return teachers
    further = np.arange(n - len(teachers.folds)) % len(teachers.models)
    return replace(teachers, folds=np.r_[teachers.folds, further])
