"""Methods in which teachers label for students, in one run directory: each model is stored when it is trained, and so is what it says."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from softlabel.data.rows import n_rows
from softlabel.execution.executor import within
from softlabel.execution.local import local_executor
from softlabel.methods.assessment import Assessment
from softlabel.methods.fitted_teacher import is_fitted_teacher
from softlabel.methods.generation_method import TaughtByTeachers, generation_entry
from softlabel.methods.generations import Generation
from softlabel.methods.history import prefixed
from softlabel.methods.preparation import Preparation
from softlabel.methods.stored_teacher import as_stored_teacher
from softlabel.run.config import RefineConfig
from softlabel.run.final_models import store_model
from softlabel.run.generation_method import made_method, read_unlabelled
from softlabel.run.generation_models import StoredModels
from softlabel.run.generation_options import FOLDS
from softlabel.run.inputs import Inputs
from softlabel.run.plan import Plan, plan_of_rows
from softlabel.run.progress import Progress
from softlabel.run.written_labels import write_labels
from softlabel.store.paths import GenerationPaths
from softlabel.store.round_files import RoundFiles
from softlabel.store.run_store import RunStore


class GenerationWork:
    """One run of Label Refinery or of label distribution learning.

    Parameters
    ----------
    config : RefineConfig
    inputs : Inputs

    Raises
    ------
    InputError
        For options, teachers or rows that cannot be used, before anything is written.
    """

    def __init__(self, config: RefineConfig, inputs: Inputs) -> None:
        self._config, self._inputs = config, inputs
        self._method: TaughtByTeachers = made_method(config, inputs)
        self.ready: Preparation = self._method.prepared(
            inputs.X,
            inputs.y,
            inputs.targets,
            None,
            inputs.reference,
            groups=inputs.groups,
            unlabelled=config.unlabelled is not None,
        )
        if inputs.X_test is not None:
            codes = self.ready.problem.task.codes(inputs.y_test)
            problem = replace(self.ready.problem, watch={"test": inputs.X_test}, watch_codes={"test": codes})
            self.ready = replace(self.ready, problem=problem)
        self._unlabelled = read_unlabelled(config, inputs)

    def is_whole(self, store: RunStore) -> bool:
        """Return whether all generations are there."""
        return len(_files(store).rounds()) >= self._config.n_steps

    def done(self, store: RunStore, progress: Progress) -> dict[str, Any]:
        """Train what was not trained yet; return the metrics."""
        config, ready, files = self._config, self.ready, _files(store)
        progress.planned(self._plan(store))
        models = StoredModels(files, store, progress, config.time_limit, ready.learners)
        entries = list[dict[str, Any]]()
        before: Generation | None = None
        moved = np.zeros(len(ready.problem.given), dtype=np.int64)  # (n,)
        for done in self._method.trained(
            ready, unlabelled=self._unlabelled, executor=local_executor(config.jobs, config.device), models=models
        ):
            entry, arrays = self._told(done, before)
            files.put_round(done.number, arrays, entry)
            progress.generation_done(entry)
            entries.append(entry)
            moved = _moved_since(moved, done, ready)
            before = done
        assert before is not None  # there is one generation at least
        progress.stage("writing the labels")
        assessment = self._assessed(before.learned, moved)
        labels = write_labels(self._inputs, ready.problem, assessment, store)
        progress.stage("storing the final model")
        classes = np.asarray(ready.problem.task.classes)
        store_model(store.paths.model, self._inputs, classes, list(before.teachers.models), None)
        metrics = {
            "task": ready.problem.task.record(),
            "method": config.method,
            "rounds": [],
            "generations": entries,
            **labels,
        }
        store.write_json("metrics", metrics)
        return metrics

    def _told(self, done: Generation, before: Generation | None) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
        """Return scores of a generation, and what it says of the rows and of the test rows."""
        ready = self.ready
        entry, arrays = generation_entry(ready, done, before), {"answers": done.answers, "learned": done.learned}
        if done.teachers.folds is not None:
            arrays["folds"] = done.teachers.folds
        test = ready.problem.watch.get("test")
        if test is not None:
            whole = replace(done.teachers, folds=None)  # rows of the test are new to all of them
            with within(ready.settings.resources):  # threads change the last bits
                arrays["test"] = whole.answers(test, ready.problem.task)
            arrays["test_codes"] = ready.problem.watch_codes["test"]
            entry |= prefixed("test", ready.problem.watched_score("test", arrays["test"]))
        if self._inputs.true_label is not None:
            codes = ready.problem.task.codes(self._inputs.true_label)
            entry |= prefixed("true", ready.problem.task.scores(codes, done.answers))
        return entry, arrays

    def _assessed(self, learned: np.ndarray, moved: np.ndarray) -> Assessment:
        """Return what the labels (n, m) that the last generation learned say of the given ones."""
        task, codes, given = self.ready.problem.task, self.ready.problem.codes, self.ready.problem.given
        return Assessment(
            distribution=learned,
            suggested=task.suggest(learned, codes, given),
            quality=task.quality(learned, codes, given),
            margin=task.margin(learned, codes, given),
            entropy=task.entropy(learned),
            mean=learned,
            moved_in_round=moved,
        )

    def _plan(self, store: RunStore) -> Plan:
        config, ready = self._config, self.ready
        by_folds, n = config.teacher == (FOLDS,), config.n_steps
        named = self._method.teacher if isinstance(self._method.teacher, list) else []
        trained = [one for one in named if not (is_fitted_teacher(one) or as_stored_teacher(one))]
        fits = len(trained) + ((n - 1) * config.folds + 1 if by_folds else n)
        paths = GenerationPaths(store.root)
        done = len(list(paths.rounds.glob("*/units/m*-f*/unit.json"))) if paths.rounds.is_dir() else 0
        who = f" labelled by {', '.join(config.teacher)}" if config.teacher else ""
        names = ", ".join(name for name, _ in self._inputs.members)
        work = f"{n} generation{'s' if n > 1 else ''}{who} ({names})"
        if self._unlabelled is not None:
            work += f", with {n_rows(self._unlabelled)} further rows"
        return plan_of_rows(self._inputs, ready, n_fits=fits, n_done=min(done, fits), work=work)


def _moved_since(moved: np.ndarray, done: Generation, ready: Preparation) -> np.ndarray:
    """Return since which generation (n,) the labels that were learned speak for another label than the given one; 0: they do not."""
    task, codes, given = ready.problem.task, ready.problem.codes, ready.problem.given
    away = task.differs(task.suggest(done.learned, codes, given), codes)
    return np.where(away, np.where(moved == 0, done.number, moved), 0)


def _files(store: RunStore) -> RoundFiles:
    return RoundFiles(GenerationPaths(store.root))
