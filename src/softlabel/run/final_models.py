"""The end of a run: the final model is trained, stored, and scored where there is something to score it with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from softlabel.execution.executor import Executor
from softlabel.learners.contract import Learner
from softlabel.methods.final_fit import average_predictions, fit_folds, refit
from softlabel.methods.preparation import Preparation
from softlabel.run.config import RefineConfig
from softlabel.run.inputs import Inputs
from softlabel.run.progress import Progress
from softlabel.store.model_store import save_model
from softlabel.store.run_store import RunStore


def final_models(
    config: RefineConfig,
    inputs: Inputs,
    ready: Preparation,
    store: RunStore,
    progress: Progress,
    refinements: int,
    targets: np.ndarray,
    executor: Executor,
) -> dict[str, Any]:
    """Train and store the final model; where a test set was given, score it beside the plain one."""
    problem, settings = ready.problem, ready.settings
    fit_final = refit if config.final == "refit" else fit_folds
    learners = ready.learners if config.final_members == "all" else ready.learners[:1]
    progress.stage("training the final model")
    models = fit_final(problem, learners, targets, settings, executor)
    save_model(
        store.root / "model",
        {"features": inputs.features, "classes": np.asarray(problem.task.classes), "models": models},
    )
    _count(models, progress)
    if inputs.X_test is None:
        return {}
    final = problem.task.scores(problem.watch_codes["test"], average_predictions(models, inputs.X_test))
    if refinements == 0:
        return {"test": {"plain": final, "final": final}}
    progress.stage("training the plain model, to compare")
    plain_models = fit_final(problem, learners, problem.given, settings, executor)
    plain = problem.task.scores(problem.watch_codes["test"], average_predictions(plain_models, inputs.X_test))
    _count(plain_models, progress)
    return {"test": {"plain": plain, "final": final}}


def _count(models: Sequence[Learner], progress: Progress) -> None:
    for _ in models:
        progress.fitted(None, 0.0)
