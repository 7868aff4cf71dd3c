"""From a configuration to the method whose teachers label for its students."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator

from softlabel.data.rows import n_rows
from softlabel.data.source import load_unlabelled
from softlabel.errors import InputError
from softlabel.learners.names import named_estimator
from softlabel.methods.answering import AnswersByTask
from softlabel.methods.distribution_learning import LabelDistributionLearning
from softlabel.methods.generation_method import TaughtByTeachers
from softlabel.methods.label_refinery import LabelRefinery
from softlabel.run.config import RefineConfig
from softlabel.run.estimators import made_estimators
from softlabel.run.finished import Run
from softlabel.run.generation_options import FOLDS
from softlabel.run.inputs import Inputs
from softlabel.run.opening import images_record
from softlabel.run.reading import columns_record, unlabelled_reading
from softlabel.store.crop_store import CropStore
from softlabel.store.run_store import RunStore
from softlabel.tasks import Task


class RunTeacher(AnswersByTask, BaseEstimator):
    """The final models of a run as a teacher: fitted, and asked as they are."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.estimators_, self.classes_, self.task_ = run.final_models(), run.classes, run.task
        self.temperature_ = run.temperature()

    def fit(self, X: Any, y: Any) -> Self:
        """Refuse: it is trained."""
        raise InputError(f"the run {self.run.path} is trained already; give it as it is")


@dataclass(frozen=True)
class RunAnswers:
    """What the final model of a run says of the rows of another: it makes features of a table in its own way."""

    path: Path
    classes_: np.ndarray  # (k,)
    rows: np.ndarray  # (n, m)

    def predict_targets(self, X: Any) -> np.ndarray:
        """Return these answers."""
        if n_rows(X) != len(self.rows):
            raise InputError(
                f"the teacher {self.path} makes features of a table in its own way, and labels the rows of the source alone; leave "
                "--unlabelled out, or give the name of an estimator as teacher"
            )
        return self.rows


def made_method(config: RefineConfig, inputs: Inputs) -> TaughtByTeachers:
    """Return the method that a configuration asks for, unfitted.

    Raises
    ------
    InputError
        If a teacher is neither a run nor an estimator, or was trained on other classes.
    """
    teacher = _teacher(config, inputs)
    estimator: Any = inputs.estimators if len(inputs.estimators) > 1 else inputs.estimators[0]
    shared: dict[str, Any] = {
        "cv": config.folds,
        "task": inputs.task,
        "threads": config.threads,
        "random_state": config.seed,
    }
    if config.method == "ldl":
        return LabelDistributionLearning(
            estimator, teacher, **_given(config, "mix", "length", "teacher_mode"), **shared
        )
    options = _given(config, "labels", "loss", "adversarial", "taxonomy_temperature", "teacher_mode")
    if config.taxonomy is not None:
        options["taxonomy"] = _taxonomy(config.taxonomy, inputs.task)
    return LabelRefinery(estimator, teacher, n_generations=config.n_steps, **options, **shared)


def read_unlabelled(config: RefineConfig, inputs: Inputs) -> Any:
    """Return the further rows that teachers label, in the form that the learners take; None where there are none."""
    if config.unlabelled is None:
        return None
    record = {"columns": columns_record(config), "images": images_record(config, inputs)}
    rows = load_unlabelled(config.unlabelled, **unlabelled_reading(record)).X
    return rows if inputs.features is None else inputs.features.transform(rows)


def _given(config: RefineConfig, *names: str) -> dict[str, Any]:
    return {name: value for name in names if (value := getattr(config, name)) is not None}


def _teacher(config: RefineConfig, inputs: Inputs) -> Any:
    if config.teacher is None:
        return None
    if FOLDS in config.teacher:
        if len(config.teacher) > 1:
            raise InputError("--teacher folds takes no other teacher beside it; leave one of them out")
        return FOLDS
    return [_one_teacher(name, config, inputs) for name in config.teacher]


def _one_teacher(name: str, config: RefineConfig, inputs: Inputs) -> Any:
    if CropStore.exists(name):
        return CropStore(name)
    if RunStore.exists(name):
        run = Run(name, device=config.device)
        if inputs.features is None and not run.has_features():
            return RunTeacher(run)
        rows = load_unlabelled(config.source, **unlabelled_reading(run.record))
        return RunAnswers(run.path, run.classes, run.predict_targets(rows.X))
    if "/" in name or Path(name).exists():
        raise InputError(
            f"--teacher {name} is neither a run nor a store of crops; give the folder of one, an estimator's name, or folds"
        )
    settings: dict[str, Any] = {}
    named_estimator(name, settings, kind=inputs.task.kind)  # refuses an unknown name
    made: Any = made_estimators(config.model_copy(update={"estimator": (name,), "set": {}}), [(name, settings)])[0]
    return made


def _taxonomy(name: str, task: Task) -> Any:
    from softlabel.data.taxonomy_file import read_taxonomy
    from softlabel.data.wordnet import wordnet_similarity

    if name == "wordnet":
        return wordnet_similarity([str(one) for one in np.asarray(task.classes).tolist()])
    return read_taxonomy(name)
