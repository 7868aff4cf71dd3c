"""What methods have in common in which teachers label for a student, generation after generation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, Self

import numpy as np

from softlabel.data.folds import check_cv_unread
from softlabel.data.pictures import pictures_in
from softlabel.data.rows import as_rows
from softlabel.errors import InputError
from softlabel.execution.executor import Executor
from softlabel.execution.local import local_executor
from softlabel.learners.contract import Learner
from softlabel.learners.teacher_labels import MODES
from softlabel.methods.fitted_teacher import is_fitted_teacher
from softlabel.methods.generations import Generation, ModelStore, trained_generations, trained_teachers
from softlabel.methods.history import prefixed
from softlabel.methods.options import check_choice
from softlabel.methods.preparation import Preparation, members
from softlabel.methods.stored_teacher import as_stored_teacher
from softlabel.methods.student import StudentMethod
from softlabel.methods.taught_student import Teaching
from softlabel.methods.teacher_networks import Teachers
from softlabel.tasks import Kind

FOLDS = "folds"  # a teacher that is one model a fold


class TaughtByTeachers(StudentMethod):
    """A method whose students learn from teachers; a derived class says how they label (``_teaching``) and who learns when.

    Parameters ``estimator``, ``teacher``, ``teacher_mode``, ``cv``, ``n_jobs`` mean the same in each.
    """

    teacher: Any
    teacher_mode: str
    cv: Any
    n_jobs: int | str | None

    def _teaching(self, kind: Kind, learners: Sequence[Learner], pictures: bool | None) -> Teaching:
        """Return how teachers label, but for rows of the classes; parameters are those of ``check_suited``."""
        raise NotImplementedError  # said by each method

    def _categories(self, classes: np.ndarray) -> np.ndarray | None:
        """Return the row (k, k) of each class (k,), where labels are those of classes that no teacher is asked for."""
        return None

    def _students(self, learners: Sequence[Learner]) -> Sequence[Learner]:
        """Return who learns in each generation; the last is the student that answers."""
        raise NotImplementedError  # said by each method

    def check_suited(self, kind: Kind, learners: Sequence[Learner], pictures: bool | None = None) -> None:
        check_choice("teacher_mode", self.teacher_mode, MODES)
        if isinstance(self.teacher, str) and not self._by_folds:
            raise InputError(f"teacher={self.teacher!r}; give 'folds', an estimator or several, fitted or not, or None")
        if isinstance(self.teacher, (list, tuple)) and not self.teacher:
            raise InputError("teacher is an empty list; give one estimator or more, or None")
        if self._by_folds:
            check_cv_unread(self.cv)
        teaching, students = self._teaching(kind, learners, pictures), self._students(learners)
        given = self._has_teachers
        for number, student in enumerate(students[0 if given else 1 :], start=1 if given else 2):
            teaching.check_student(student, last=number == len(students))

    def fit(
        self,
        X: Any,
        y: Any,
        *,
        targets: Any = None,
        groups: Any = None,
        sample_weight: Any = None,
        reference: Any = None,
        validation: Any = None,
        unlabelled: Any = None,
    ) -> Self:
        """Train teachers and students.

        Parameters
        ----------
        X : n rows
        y : (n,) or (n, k)
            Given labels; two dimensions are 0 and 1 of several labels a row.
        targets : (n, m) or None
            First targets where they are soft already; whoever learns from no teacher trains on them.
        groups : (n,) or None
            Rows of one group are never on both sides of a split, where there are folds.
        sample_weight : (n,) or None
            Weights of fits and scores.
        reference : (n, k) or None
            True distributions: ``history_`` says how far the answers are from them. They change nothing.
        validation : (X, y) or None
            Rows that the last student scores after each epoch, where it is a network (``epochs_``). They choose nothing.
        unlabelled : rows or None
            Further rows without labels, of the same kind as X: teachers label them, and students learn them too.
        """
        ready = self.prepared(X, y, targets, sample_weight, reference, groups=groups, unlabelled=unlabelled is not None)
        found, history = list[Generation](), list[dict[str, Any]]()
        for done in self.trained(
            ready,
            unlabelled=None if unlabelled is None else as_rows(unlabelled),
            validation=validation,
            executor=local_executor(self.n_jobs),
        ):
            history.append(generation_entry(ready, done, found[-1] if found else None))
            found.append(done)
        last = found[-1]
        self.generations_ = found
        self.teachers_ = [] if last.taught_by is None else list(last.taught_by.models)
        said = last.learned if len(found) > 1 or self._has_teachers else None
        return self._hand_over(ready, last.learned, said, history, list(last.teachers.models))

    def prepared(
        self,
        X: Any,
        y: Any,
        targets: Any = None,
        sample_weight: Any = None,
        reference: Any = None,
        *,
        groups: Any = None,
        unlabelled: bool = False,
    ) -> Preparation:
        """Check all that was given, before anything is trained; ``unlabelled`` says whether there are further rows. See ``fit``."""
        cv = self.cv if self._by_folds else None
        ready = self._prepared(X, y, targets, sample_weight, reference, groups=groups, cv=cv)
        teaching = self._teaching_of(ready)
        taught = len(self._students(ready.learners)) > 1 or self._has_teachers
        if unlabelled and (not taught or teaching.labels == "taxonomy"):
            raise InputError(
                "unlabelled rows are labelled by teachers, and nobody teaches here; leave them out, or give a teacher or n_generations=2"
            )
        return ready

    def trained(
        self,
        ready: Preparation,
        *,
        unlabelled: Any = None,
        validation: Any = None,
        executor: Executor | None = None,
        models: ModelStore | None = None,
    ) -> Iterator[Generation]:
        """Train generation after generation, and yield each; parameters are those of ``trained_generations``."""
        yield from trained_generations(
            ready.problem,
            self._students(ready.learners),
            self._teaching_of(ready),
            ready.settings,
            teachers=self._first_teachers(ready, models),
            folds=self._by_folds,
            unlabelled=unlabelled,
            validation=validation,
            executor=executor,
            models=models,
        )

    def _teaching_of(self, ready: Preparation) -> Teaching:
        task = ready.problem.task
        teaching = self._teaching(task.kind, ready.learners, pictures_in(ready.problem.X))
        return replace(teaching, categories=self._categories(task.classes))

    @property
    def _by_folds(self) -> bool:
        return isinstance(self.teacher, str) and self.teacher == FOLDS

    @property
    def _has_teachers(self) -> bool:
        return self.teacher is not None and not self._by_folds

    def _first_teachers(self, ready: Preparation, models: ModelStore | None) -> Teachers | None:
        """Return who labels for the first generation: those that were given, trained where they are not; None where nobody was."""
        if not self._has_teachers:
            return None
        given = list(self.teacher) if isinstance(self.teacher, (list, tuple)) else [self.teacher]
        asked = [as_stored_teacher(one) or one for one in given]
        unfitted = [one for one in asked if not is_fitted_teacher(one)]
        learners = members(unfitted, ready.problem.task.kind) if unfitted else ()
        trained = iter(trained_teachers(ready.problem, learners, ready.settings, models))
        return Teachers([one if is_fitted_teacher(one) else next(trained) for one in asked])


def generation_entry(ready: Preparation, done: Generation, before: Generation | None) -> dict[str, Any]:
    """Return one entry of a history: what a generation says of the rows, and how that agrees with the given labels.

    ``in_sample_*`` are scores of models on rows that they were trained on, ``oof_*`` of models that did not see them.
    """
    problem, task = ready.problem, ready.problem.task
    now = task.suggest(done.answers, problem.codes, problem.given)
    was = problem.codes if before is None else task.suggest(before.answers, problem.codes, problem.given)
    entropy = task.entropy(done.answers)  # (n,)
    scores = task.scores(problem.codes, task.known(done.answers), problem.sample_weight)
    return {
        "generation": done.number,
        "moved": int(np.count_nonzero(task.differs(now, problem.codes))),
        "newly_moved": int(np.count_nonzero(task.differs(now, was))),
        "change": float(np.mean(task.change(done.learned, done.answers))),
        **({} if np.isnan(entropy).all() else {"entropy": float(np.nanmean(entropy))}),
        **prefixed("in_sample" if done.teachers.folds is None else "oof", scores),
        **prefixed("reference", problem.reference_scores(done.answers)),
    }


def one_each(estimators: Sequence[Learner], n_generations: int) -> list[Learner]:
    """Return the learner of each generation: one that is given serves all."""
    return list(estimators) * n_generations if len(estimators) == 1 else list(estimators)
