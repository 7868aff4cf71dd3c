"""A run directory read back: its record, its labels, its model."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from softlabel.data.feature_columns import as_frame, as_numbers
from softlabel.data.features import TableFeatures
from softlabel.data.images import Images, describe
from softlabel.data.pixels import PixelFeatures
from softlabel.data.precision import narrow
from softlabel.data.rows import n_rows
from softlabel.data.source import load_labelled_part, load_unlabelled
from softlabel.errors import InputError, RunError
from softlabel.learners.stored_networks import attach
from softlabel.learners.torch_installed import require_torch
from softlabel.methods.answer_temperature import softened
from softlabel.methods.final_fit import average_predictions
from softlabel.run.estimators import place_networks
from softlabel.run.label_table import suspicious
from softlabel.run.predictions import further_scores, prediction_table
from softlabel.run.reading import labelled_reading, unlabelled_reading
from softlabel.run.stored_steps import StoredSteps
from softlabel.run.task_making import voted_labels
from softlabel.run.thresholds import with_thresholds
from softlabel.store.model_store import load_model, load_weights
from softlabel.store.run_store import RunStore
from softlabel.tasks import Multiclass, OrdinalScalar, Task, task_from_record

if TYPE_CHECKING:
    import pandas as pd


class Run(StoredSteps):
    """What a refinement left behind.

    Parameters
    ----------
    path : path
        The run directory.
    trust : sequence of str
        Types in the stored model that are loaded although they come from other packages, as ``package.module.Class``.
    device : str or None
        Where networks predict: auto, cpu, cuda, cuda:N, mps; None is auto.

    Attributes
    ----------
    path : Path
    record : dict
        run.json: configuration, classes, seeds, versions, state.
    classes : (k,) ndarray
        Labels in the order of all columns.
    task : Task
        What a label is; of ordinal tasks with thresholds halfway between grades.

    Raises
    ------
    RunError
        If there is no run, or it is damaged or of a newer format.

    Examples
    --------
    >>> run = Run("runs/digits")  # doctest: +SKIP
    >>> run.issues().head()  # doctest: +SKIP
    """

    def __init__(self, path: str | Path, *, trust: Sequence[str] = (), device: str | None = None) -> None:
        self.path = Path(path)
        self._store = RunStore.open(self.path)
        self._trust, self._device = tuple(trust), device
        self._model: dict[str, Any] | None = None
        self.record = self._store.record
        self.classes = np.asarray(self.record["classes"])
        # Runs of earlier versions knew one task.
        self.task: Task = task_from_record(self.record["task"]) if "task" in self.record else Multiclass(self.classes)

    @property
    def done(self) -> bool:
        """Whether the run has finished."""
        return self.record["state"] == "done"

    def labels(self) -> pd.DataFrame:
        """Return labels.parquet: one row a label, in the order of the source."""
        self._require("labels.parquet", "labels")
        return self._store.read_table("labels")

    def issues(self) -> pd.DataFrame:
        """Return the suspicious rows: the models suggest another label, or the refined argmax has moved; worst first.

        Raises
        ------
        RunError
            For a run without rounds: nobody judged its labels, and none found would look like none wrong.
        """
        if self.record["rounds"] == 0:
            raise RunError(
                f"{self.path} was made with --rounds 0: no model judged its labels, and there is no list of issues; refine with "
                "--rounds 1 or more"
            )
        return suspicious(self.labels())

    def metrics(self) -> dict[str, Any]:
        """Return metrics.json: scores by round, labels moved, the most confused pairs, the test set's scores."""
        self._require("metrics.json", "metrics")
        return self._store.read_json("metrics")

    def has_features(self) -> bool:
        """Return whether rows are made features of before the models see them."""
        return self._load_model()["features"] is not None

    def predict_proba(self, X: Any, tta: str | None = None) -> np.ndarray:
        """Return class probabilities (n, k) of the final model; of several labels the chance of each.

        Parameters and errors are those of :meth:`predict_targets`; a model of grades as numbers has no probabilities.
        """
        if self.task.kind == "scalar":
            raise InputError(
                f"{self.path} predicts grades as numbers, which have no probabilities; call predict_targets, or make a run with "
                "view='distribution'"
            )
        return self.predict_targets(X, tta)

    def predict_targets(self, X: Any, tta: str | None = None) -> np.ndarray:
        """Return target rows (n, m) as the final model predicts them: probabilities (n, k), or grades (n, 1).

        Parameters
        ----------
        X : n rows
            With the columns that the run was made from; pictures of the same shape, as ``Images`` or (n, h, w[, c]) uint8; texts
            as an array of str.
        tta : str or None
            Views of each picture to average: flip, shift, vflip, rotate, joined by ``+``. One view by default.

        Raises
        ------
        InputError
            If X has other columns than the run's data, another number of them, or pictures of another shape; if views
            are asked of a model that makes none.
        """
        return self._answers(self._as_made_from(X, self._load_model()["features"]), tta)

    def predict(self, source: str, tta: str | None = None) -> pd.DataFrame:
        """Predict the rows of a source: its id (or row number, or path), the label, and what it was made of.

        That is a probability for each class, ``p_`` and its name; for grades as numbers the number, ``grade``. Several labels of
        a row are joined by ``|``.
        """
        rows = load_unlabelled(source, **unlabelled_reading(self.record))
        predicted = self._predict_source(rows.X, source, tta)  # (n, m)
        return prediction_table(rows.ids, predicted, self.final_task())

    def evaluate(self, source: str, tta: str | None = None) -> dict[str, float]:
        """Score the final model on a source that has labels."""
        data, task = load_labelled_part(source, **labelled_reading(self.record, self.classes)), self.final_task()
        try:
            codes = task.codes(voted_labels(data, self.task))  # targets are there where no column of labels was named
        except InputError as error:
            raise InputError(f"{source} cannot be scored: {error}") from None
        P = self._predict_source(data.X, source, tta)
        further = further_scores(codes, P) if task.name == "multiclass" else {}
        return {"n_rows": n_rows(data.X), **task.scores(codes, P), **further}

    def final_models(self) -> list[Any]:
        """Return the fitted learners of the final model; predictions are their mean, softened by :meth:`temperature`."""
        return list(self._load_model()["models"])

    def temperature(self) -> float:
        """Return T, by which probabilities of the final model are softened, p^(1/T) / sum; 1 leaves them as they are."""
        return float(self._load_model().get("temperature", 1.0))

    def final_task(self) -> Task:
        """Return the task with the thresholds between grades that were fitted for the final model, where they were."""
        return with_thresholds(self.task, self._load_model().get("thresholds"))

    def _predict_source(self, X: Any, source: str, tta: str | None) -> np.ndarray:
        model = self._load_model()
        try:
            rows = self._as_made_from(X, model["features"])
        except InputError as error:
            raise InputError(f"{source} does not fit the model of {self.path}: {error}") from None
        return self._answers(rows, tta)

    def _answers(self, rows: Any, tta: str | None) -> np.ndarray:
        """Return what the final models predict, (n, m); numbers beyond the lowest and the highest grade mean these."""
        model = self._load_model()
        answers = average_predictions(model["models"], rows, tta)
        if isinstance(self.task, OrdinalScalar):
            return np.clip(answers, self.task.values[0], self.task.values[-1])
        return softened(self.task, answers, self.temperature())

    def _as_made_from(self, X: Any, features: Any) -> Any:
        """Return rows in the form that the models take, if they are like those that the run was made from."""
        images = self.record.get("images")
        if images is not None and not isinstance(X, Images):
            X = _as_images(X)
        if isinstance(X, Images):
            if images is None:
                return self._as_numbers(_flat(X, features))
            height, width, channels = images["shape"]
            if X.shape[1:] != (height, width, channels):
                raise InputError(
                    f"the pictures are {describe(X.shape[1:])}, and those that the run was made from were "
                    f"{describe((height, width, channels))}; give pictures of that shape (a run with --image-size resizes "
                    "files by itself)"
                )
        if features is not None:
            return features.transform(X)
        return X if images is not None else self._as_numbers(X)

    def _as_numbers(self, X: Any) -> Any:
        """Return rows for a model that was made from arrays: as many columns as then, all of them numbers."""
        if hasattr(X, "columns"):
            X = narrow(as_numbers(as_frame(X), [str(name) for name in X.columns]))  # (n, d)
        shape = np.shape(X)  # sparse matrices have one too; rows that are no rows of numbers, (n,)
        width = self.record["fingerprint"]["source"]["n_columns"]
        if width is not None and shape[1:] != (width,):
            got = f"{shape[1]} columns" if len(shape) == 2 else f"the shape {shape}"
            raise InputError(
                f"the rows have {got}, and those that the run was made from had {width}; give these columns"
            )
        return X

    def _load_model(self) -> dict[str, Any]:
        self._require("model/model.json", "model")
        if self._model is None:
            folder = self._store.paths.model
            weights = load_weights(folder)
            if weights:
                require_torch()  # told in one line, before the model asks for it in its own way
            model = load_model(folder, trust=self._trust)
            attach(model["models"], weights)
            if self._device is not None:
                place_networks(model["models"], self._device)
            self._model = model
        return self._model

    def _require(self, file: str, what: str) -> None:
        """Refuse where a file was not written yet. A finished run that is being extended still has what it had."""
        if not (self.path / file).exists():
            raise RunError(
                f"{self.path} is {self.record['state']} and has no {what}; run the same refine command to go on"
            )


def _as_images(X: Any) -> Images:
    if not isinstance(X, np.ndarray) or X.ndim not in (3, 4):
        raise InputError("the run was made from pictures, and these rows are none; give pictures")
    return Images.from_array(X)


def _flat(X: Images, features: Any) -> np.ndarray:
    """Return pictures as the rows of numbers that earlier versions made of them; a table has never been any."""
    if isinstance(features, TableFeatures):
        raise InputError("they are pictures, and the run was made from a table; give a table with its columns")
    return PixelFeatures().fit_transform(X)
