"""One refinement in one directory: planned, refined round by round, finished; stored at each step, so that it can be resumed.

A run that is killed at any instant and started again ends with the same bytes as one that was not: every unit is written whole
or not at all, every seed is an address, and what is read back takes the same way through the code as what was just computed.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Protocol

import numpy as np

from softlabel.data.folds import folds_of_matrix, split_matrix
from softlabel.errors import InputError, SoftlabelError
from softlabel.execution.executor import Executor
from softlabel.execution.local import local_executor
from softlabel.methods.final_choice import choose_plan, final_choice
from softlabel.methods.history import History
from softlabel.methods.preparation import Preparation, check_refit_on, prepare
from softlabel.methods.rounds import Round, closing_pass, first_noise, refinement_rounds, split_round
from softlabel.run.config import RefineConfig
from softlabel.run.final_models import final_models
from softlabel.run.image_cache import image_cache
from softlabel.run.inputs import Inputs, read_inputs
from softlabel.run.network_trial import try_networks
from softlabel.run.opening import open_run
from softlabel.run.plan import make_plan
from softlabel.run.progress import Progress, Silent
from softlabel.run.refine_generations import GenerationWork
from softlabel.run.thresholds import Thresholds
from softlabel.run.trusted_rows import noise_summary
from softlabel.run.truth import against_truth
from softlabel.run.units import StoredUnits
from softlabel.run.written_labels import write_labels
from softlabel.store.evidence_files import EvidenceFiles
from softlabel.store.lock import RunLock
from softlabel.store.paths import RunPaths
from softlabel.store.run_store import RunStore


@dataclass(frozen=True)
class Finished:
    """A run that is done."""

    store: RunStore
    metrics: dict[str, Any]
    already: bool  # it was done before, and nothing was changed


def refine(config: RefineConfig, progress: Progress | None = None) -> Finished:
    """Refine the labels of a data set into a run directory, or go on with the run that is there.

    Raises
    ------
    InputError
        For data or options that cannot be used.
    MissingExtraError
        If pictures or an estimator need a package that is not installed.
    RunError
        If the directory is owned by another process, holds another run, is damaged or of a newer format.
    FitError
        If a learner fails; it names round, member and fold. Everything computed before stays, and the same command goes on.
    TimeLimitReached
        After ``config.time_limit`` seconds.
    StorageError
        If the disk refuses.
    """
    progress = progress or Silent()
    _refuse_launchers()
    with image_cache(config.out) as cache_folder:
        progress.stage("reading the data")
        return _refine(config, read_inputs(config, cache_folder), progress)


def _refuse_launchers() -> None:
    """A launcher of one training in several processes would start as many runs in one directory."""
    if (world := os.environ.get("WORLD_SIZE", "1")) not in ("", "1"):
        raise InputError(
            f"this is one of {world} processes that a launcher (accelerate, torchrun) started; softlabel refine starts its own: "
            "give --jobs auto, or launch a script that fits a TorchClassifier"
        )


def _refine(config: RefineConfig, inputs: Inputs, progress: Progress) -> Finished:
    work: Work = RoundWork(config, inputs) if config.method == "slr" else GenerationWork(config, inputs)
    ready, steps = work.ready, config.n_steps
    if not RunStore.exists(config.out):
        try_networks(inputs.members, inputs.estimators, inputs.X, ready.problem.task.n_columns)
    with RunLock(RunPaths(config.out).lock):
        store = open_run(config, inputs, ready)
        if _is_whole(store, steps) and work.is_whole(store):
            return Finished(store, store.read_json("metrics"), already=True)
        store.update_record(state="running", rounds=steps, error=None)
        try:
            metrics = work.done(store, progress)
        except KeyboardInterrupt:
            store.update_record(state="stopped")
            raise
        except SoftlabelError as error:
            store.update_record(state="stopped", error=str(error))
            raise
        store.update_record(state="done")
        return Finished(store, metrics, already=False)


class Work(Protocol):
    """What a method does in a run directory; made before anything is written, so that it refuses what cannot be."""

    ready: Preparation

    def is_whole(self, store: RunStore) -> bool:
        """Return whether all that it computes step by step is there."""

    def done(self, store: RunStore, progress: Progress) -> dict[str, Any]:
        """Do what was not done yet, and return the metrics."""


class RoundWork:
    """Stochastic Label Refinery: round by round."""

    def __init__(self, config: RefineConfig, inputs: Inputs) -> None:
        self._config, self._inputs, self.ready = config, inputs, _prepare(config, inputs)
        check_refit_on(config.refit_on, self.ready.problem)
        if config.rounds > 0 or config.final == "folds":
            split_round(self.ready.problem, self.ready.settings, 1)  # refuses rows that cannot be split so

    def is_whole(self, store: RunStore) -> bool:
        return len(store.rounds()) >= self._config.rounds

    def done(self, store: RunStore, progress: Progress) -> dict[str, Any]:
        return _work(self._config, self._inputs, self.ready, store, progress)


def _is_whole(store: RunStore, rounds: int) -> bool:
    """Return whether a run is done and all that it made is still there; what was deleted is made anew."""
    return (
        store.record["state"] == "done"
        and store.record["rounds"] == rounds
        and all(store.has(name) for name in ("labels.parquet", "metrics.json"))
        and store.paths.model.is_dir()
    )


def _prepare(config: RefineConfig, inputs: Inputs) -> Preparation:
    return prepare(
        inputs.X,
        inputs.y,
        task=inputs.task,
        targets=inputs.targets,
        reference=inputs.reference,
        trusted=inputs.trusted,
        estimator=inputs.estimators,
        groups=inputs.groups,
        guard=inputs.guard,
        cv=config.folds,
        momentum=config.momentum,
        teacher_targets=config.teacher_targets,
        final_targets=config.final_targets,
        sharpen=config.sharpen,
        tta=config.tta,
        teacher_budget=config.teacher_budget,
        fixed_folds=config.fixed_folds,
        warm_start=config.warm_start,
        threads=config.threads,
        random_state=config.seed,
        watch={} if inputs.X_test is None else {"test": inputs.X_test},
        watch_labels={} if inputs.y_test is None else {"test": inputs.y_test},
    )


def _work(
    config: RefineConfig, inputs: Inputs, ready: Preparation, store: RunStore, progress: Progress
) -> dict[str, Any]:
    executor = local_executor(config.jobs, config.device)
    started = time.monotonic()
    progress.planned(make_plan(config, inputs, ready, store))
    fits = partial(
        StoredUnits, progress=progress, time_limit=config.time_limit, learners=ready.learners, started=started
    )
    chosen = choose_plan(
        config.final_targets,
        ready.problem,
        ready.learners,
        ready.students(config.final_members),
        ready.settings,
        config.rounds,
        executor=executor,
        units_of=lambda name: fits(EvidenceFiles(store.paths, name)),
    )
    if chosen.choice is not None:
        progress.chose(chosen.choice, make_plan(config, inputs, ready, store, chosen=True))
    teaching = replace(ready, settings=chosen.settings, learners=tuple(chosen.teachers))
    ready = replace(ready, settings=chosen.of_students(ready.settings))
    history = History(ready.problem, ready.settings)
    thresholds = Thresholds(config, ready.problem, history)
    entries = []
    for entry in _rounds(config, inputs, teaching, history, store, progress, executor, fits(store)):
        entries.append(entry)
        thresholds.see()
    # Labels before the model: one that cannot be stored must not cost them.
    progress.stage("writing the labels")
    labels = write_labels(inputs, ready.problem, history.assess(), store)
    refinements, targets = history.best() if config.refit_on == "best" else history.last()
    final = final_choice(chosen, ready.problem, targets, refinements, history.ends(config.refit_on))
    thresholds.taken(final.refinements)
    scores = final_models(config, inputs, ready, store, progress, final, executor, thresholds)
    metrics = {
        "task": ready.problem.task.record(),
        "rounds": entries,
        "closing": history.closing,
        **noise_summary(history.trusted_noise),
        "refinements": final.refinements,
        "final_targets": final.policy,
        "left_out": final.taken.left_out,
        "choice": None if final.choice is None else final.choice.record(),
        **labels,
        **thresholds.told(),
        **_reference(ready, final.taken.targets),
        **scores,
    }
    store.write_json("metrics", metrics)
    return metrics


def _rounds(
    config: RefineConfig,
    inputs: Inputs,
    ready: Preparation,
    history: History,
    store: RunStore,
    progress: Progress,
    executor: Executor,
    units: StoredUnits,
) -> Iterator[dict[str, Any]]:
    """Yield the entry of each round, stored ones first; add all to the history, and store those that are made."""
    for done in _stored_rounds(store, ready):
        yield _take_in(done, history, ready, inputs, progress)
    complaints = set[tuple[str, str]]()
    for done in refinement_rounds(
        ready.problem,
        ready.learners,
        ready.settings,
        n_rounds=config.rounds,
        first=len(history.rounds) + 1,
        targets=history.targets,
        noise=history.noise,
        executor=executor,
        units=units,
    ):
        entry = _take_in(done, history, ready, inputs, progress)
        for complaint in dict.fromkeys(done.warnings):
            if complaint not in complaints:
                progress.complained(*complaint)
        complaints.update(done.warnings)
        arrays = {"split": split_matrix(done.folds, len(inputs.y)), "oof": done.oof, "refined": done.refined}
        store.put_round(done.round, {**arrays, **done.watched}, entry)
        yield entry
    if config.refit_on == "best" and config.rounds > 0:
        progress.stage("scoring the last targets on the guard")
        problem, settings = ready.problem, ready.settings
        history.close(closing_pass(problem, ready.learners, settings, history.targets, config.rounds, executor, units))


def _stored_rounds(store: RunStore, ready: Preparation) -> Iterator[Round]:
    """Read back the rounds that are whole, one by one, as if they had just been done."""
    targets, noise = ready.problem.given, None
    for r in store.rounds():  # 1, 2, ... up to the first that is not whole: what follows a gap was not made from it
        found = store.get_round(r)
        if found is None:
            return
        arrays = dict(found.arrays)
        split, oof, refined = arrays.pop("split"), arrays.pop("oof"), arrays.pop("refined")
        folds = folds_of_matrix(split)
        noise = first_noise(ready.problem, ready.learners, ready.settings, oof, folds) if r == 1 else noise
        yield Round(r, targets, folds, oof, refined, arrays, noise)
        targets = refined


def _take_in(done: Round, history: History, ready: Preparation, inputs: Inputs, progress: Progress) -> dict[str, Any]:
    entry = history.add(done)
    if inputs.true_label is not None:
        entry = entry | against_truth(ready.problem, inputs.true_label, done)
    progress.round_done(entry)
    return entry


def _reference(ready: Preparation, targets: np.ndarray) -> dict[str, Any]:
    """Return how far the given and the final targets are from true distributions, where these are known."""
    if ready.problem.reference is None:
        return {}
    given, refined = (ready.problem.reference_scores(rows) for rows in (ready.problem.given, targets))
    return {"reference": {"given": given, "refined": refined}}
