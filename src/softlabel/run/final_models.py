"""The end of a run: the final model is trained, stored, and scored where there is something to score it with."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from softlabel.execution.executor import Executor, Failure
from softlabel.execution.processes import InProcess
from softlabel.learners.contract import Learner
from softlabel.learners.stored_networks import detach
from softlabel.methods.answer_temperature import softened
from softlabel.methods.final_choice import FinalChoice
from softlabel.methods.final_fit import average_predictions, fit_folds, left_for, refit
from softlabel.methods.learner_fits import fit_error
from softlabel.methods.preparation import Preparation
from softlabel.methods.units import Unit
from softlabel.run.config import RefineConfig
from softlabel.run.estimators import place_networks
from softlabel.run.inputs import Inputs
from softlabel.run.progress import Progress
from softlabel.run.thresholds import Thresholds, with_thresholds
from softlabel.store.model_store import save_model
from softlabel.store.run_store import RunStore


def final_models(
    config: RefineConfig,
    inputs: Inputs,
    ready: Preparation,
    store: RunStore,
    progress: Progress,
    final: FinalChoice,
    executor: Executor,
    thresholds: Thresholds,
) -> dict[str, Any]:
    """Train and store the final model; where a test set was given, score it beside the plain one.

    Where thresholds between grades were fitted, both models are also scored at the midpoints.
    """
    problem, settings = ready.problem, ready.settings
    fit_final = refit if config.final == "refit" else fit_folds
    learners = ready.students(config.final_members)
    progress.stage("training the final model")
    left, targets = left_for(problem, final.taken)
    models = fit_final(left, learners, targets, settings, executor)
    store_model(
        store.paths.model, inputs, np.asarray(problem.task.classes), models, thresholds.final, final.temperature
    )
    _count(models, progress)
    if inputs.X_test is None:
        return {}
    scored = _test_scores("final", models, inputs, ready, thresholds.final, final.temperature)
    if final.refinements == 0:  # it is the plain model
        return {"test": {name.replace("final", "plain"): scores for name, scores in scored.items()} | scored}
    progress.stage("training the plain model, to compare")
    plain_models = fit_final(problem, learners, problem.given, settings, executor)
    plain = _test_scores("plain", plain_models, inputs, ready, thresholds.plain)
    _count(plain_models, progress)
    return {"test": plain | scored}


def store_model(
    folder: Path,
    inputs: Inputs,
    classes: np.ndarray,
    models: list[Learner],
    thresholds: np.ndarray | None,
    temperature: float = 1.0,
) -> None:
    without, weights = detach(models)
    if weights:
        # The device was this machine's. These are copies: the models at hand stay where they are.
        place_networks(without, "auto")
    model = {"features": inputs.features, "classes": classes, "models": without}
    further = ({} if thresholds is None else {"thresholds": thresholds}) | (
        {} if temperature == 1.0 else {"temperature": temperature}
    )
    save_model(folder, model | further, weights)


def _test_scores(
    name: str,
    models: Sequence[Learner],
    inputs: Inputs,
    ready: Preparation,
    thresholds: np.ndarray | None,
    temperature: float = 1.0,
) -> dict[str, dict[str, float]]:
    """Score on the test rows, one view each; under the threads of the configuration, which change the last bits."""
    predict = partial(_predict, models=models)
    ((_, outcome),) = InProcess().run(predict, [inputs.X_test], resources=ready.settings.resources)
    if isinstance(outcome, Failure):
        raise fit_error(outcome, "the prediction of the test rows", Unit(0, 0, 0))
    for category, text in outcome.warnings:
        warnings.warn(text, category, stacklevel=3)
    task, codes = ready.problem.task, ready.problem.watch_codes["test"]
    answers = softened(task, outcome.value, temperature)
    scores = {name: with_thresholds(task, thresholds).scores(codes, answers)}
    return scores if thresholds is None else scores | {f"{name}_midpoints": task.scores(codes, answers)}


def _predict(X: Any, models: Sequence[Learner]) -> np.ndarray:
    return average_predictions(models, X)


def _count(models: Sequence[Learner], progress: Progress) -> None:
    for _ in models:
        progress.fitted(None, 0.0)
