"""The plan that a run states before it starts: rows, classes, fits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from softlabel.methods.auto_settings import AUTO
from softlabel.methods.guard_evidence import evidence_fits
from softlabel.methods.preparation import Preparation
from softlabel.run.config import RefineConfig
from softlabel.run.inputs import Inputs
from softlabel.store.evidence_files import evidence_units
from softlabel.store.run_store import RunStore
from softlabel.tasks import Task


@dataclass(frozen=True)
class Plan:
    """The size of the work, known before the first fit."""

    n_rows: int
    n_features: int | None  # None where learners take rows as they are, such as texts
    image_shape: tuple[int, int, int] | None  # (h, w, c) where the rows came as pictures
    task: Task
    classes: dict[str, int]  # label -> rows that carry it
    n_rounds: int
    n_folds: int
    members: tuple[str, ...]
    n_guard: int
    n_corrupted: int
    n_evidence: int  # fits behind a choice, at most; those that were made, once it is made
    n_fits: int  # all fits of the run
    n_done: int  # of them, those that are stored already
    work: str | None = None  # what there is to do, where it is not rounds

    @property
    def n_missing(self) -> int:
        """Fits still to do."""
        return self.n_fits - self.n_done


def make_plan(
    config: RefineConfig, inputs: Inputs, ready: Preparation, store: RunStore, *, chosen: bool = False
) -> Plan:
    """Return the plan of a run: what is to be fitted, and what of it is stored already; ``chosen`` says that the choice is made."""
    n_members = len(ready.learners)
    per_round = config.folds * n_members
    passes = config.rounds + (1 if config.refit_on == "best" and config.rounds > 0 else 0)
    n_final = len(ready.students(config.final_members)) * (1 if config.final == "refit" else config.folds)
    n_final *= 2 if inputs.X_test is not None and config.rounds > 0 else 1  # the plain model, to compare with
    made = evidence_units(store.paths)
    n_evidence = made if chosen else _evidence_fits(config, ready)
    return plan_of_rows(
        inputs,
        ready,
        n_rounds=config.rounds,
        n_folds=config.folds,
        n_evidence=n_evidence,
        n_fits=passes * per_round + n_final + n_evidence,
        n_done=_done_units(store, passes, len(ready.learners), config.folds) + min(made, n_evidence),
    )


def plan_of_rows(
    inputs: Inputs,
    ready: Preparation,
    *,
    n_fits: int,
    n_done: int,
    n_rounds: int = 0,
    n_folds: int = 0,
    n_evidence: int = 0,
    work: str | None = None,
) -> Plan:
    """Return the plan of fits on the rows of a run."""
    problem = ready.problem
    codes, n_classes = problem.codes, len(problem.task.classes)
    counts = codes.sum(axis=0) if codes.ndim == 2 else np.bincount(codes, minlength=n_classes)  # (k,)
    return Plan(
        n_rows=len(inputs.y),
        image_shape=inputs.image_shape,
        n_features=int(np.prod(np.shape(inputs.X)[1:])) if len(np.shape(inputs.X)) > 1 else None,
        task=problem.task,
        classes={str(label): int(count) for label, count in zip(problem.task.classes, counts, strict=True)},
        n_rounds=n_rounds,
        n_folds=n_folds,
        members=tuple(name for name, _ in inputs.members),
        n_guard=int(problem.guard.sum()),
        n_corrupted=0
        if inputs.true_label is None
        else int(np.count_nonzero(inputs.y != inputs.true_label)),  # or entries
        n_evidence=n_evidence,
        n_fits=n_fits,
        n_done=n_done,
        work=work,
    )


def _evidence_fits(config: RefineConfig, ready: Preparation) -> int:
    if config.final_targets != AUTO or config.rounds == 0:
        return 0
    return evidence_fits(ready.problem, ready.learners, ready.settings, len(ready.students(config.final_members)))


def _done_units(store: RunStore, passes: int, n_members: int, n_folds: int) -> int:
    addresses = ((r, m, f) for r in range(1, passes + 1) for m in range(n_members) for f in range(n_folds))
    return sum(store.paths.unit(*address).exists() for address in addresses)
