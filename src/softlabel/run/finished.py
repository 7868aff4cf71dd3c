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
from softlabel.data.source import label_kind, load_labelled_part, load_unlabelled
from softlabel.errors import InputError, RunError
from softlabel.learners.stored_networks import attach
from softlabel.learners.torch_classifier import require_torch
from softlabel.methods.final_fit import average_predictions
from softlabel.metrics.calibration import adaptive_ece, classwise_ece
from softlabel.metrics.scores import aurc, macro_f1
from softlabel.run.estimators import place_networks
from softlabel.run.label_table import suspicious
from softlabel.store.model_store import load_model, load_weights
from softlabel.store.run_store import RunStore
from softlabel.targets.encode import harden
from softlabel.tasks import Multiclass

if TYPE_CHECKING:
    import pandas as pd


class Run:
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

    @property
    def done(self) -> bool:
        """Whether the run has finished."""
        return self.record["state"] == "done"

    def labels(self) -> pd.DataFrame:
        """Return labels.parquet: one row a label, in the order of the source."""
        self._require("labels.parquet", "labels")
        return self._store.read_table("labels")

    def issues(self) -> pd.DataFrame:
        """Return the suspicious rows: the models suggest another label, or the refined argmax has moved; worst first."""
        return suspicious(self.labels())

    def targets(self, round: int | None = None) -> np.ndarray:
        """Return the targets (n, m) after a round: 0 the given ones, None the last that is whole."""
        whole = self._store.rounds()
        round = (whole[-1] if whole else 0) if round is None else round
        if round == 0:
            return self._store.read_array("given")
        found = self._store.get_round(round)
        if found is None:
            raise RunError(f"round {round} is not whole in {self.path}; whole rounds: {whole or 'none'}")
        return found[0]["refined"]

    def scores(self) -> list[dict[str, Any]]:
        """Return the scores of each whole round."""
        return [found[1] for r in self._store.rounds() if (found := self._store.get_round(r)) is not None]

    def metrics(self) -> dict[str, Any]:
        """Return metrics.json: scores by round, labels moved, the most confused pairs, the test set's scores."""
        self._require("metrics.json", "metrics")
        return self._store.read_json("metrics")

    def predict_proba(self, X: Any, tta: str | None = None) -> np.ndarray:
        """Return class probabilities (n, k) of the final model.

        Parameters
        ----------
        X : n rows
            With the columns that the run was made from; pictures of the same shape, as ``Images`` or (n, h, w[, c]) uint8.
        tta : str or None
            Views of each picture to average: flip, shift, vflip, rotate, joined by ``+``. One view by default.

        Raises
        ------
        InputError
            If X has other columns than the run's data, another number of them, or pictures of another shape; if views
            are asked of a model that makes none.
        """
        model = self._load_model()
        return average_predictions(model["models"], self._as_made_from(X, model["features"]), tta)

    def predict(self, source: str, tta: str | None = None) -> pd.DataFrame:
        """Predict the rows of a source: its id (or row number, or path), the label, and a probability for each class."""
        import pandas as pd

        columns = self.record["columns"]
        no_features = [name for name in (columns["label"], columns["groups"], *columns["drop"]) if name]
        rows = load_unlabelled(source, id=columns["id"], drop=no_features, **self._image_options())
        probabilities = self._predict_source(rows.X, source, tta)
        table = pd.DataFrame({"id": rows.ids, "predicted_label": self.classes[harden(probabilities)]})
        for column, label in enumerate(self.classes):
            table[f"p_{label}"] = probabilities[:, column].astype(np.float32)
        return table

    def evaluate(self, source: str, tta: str | None = None) -> dict[str, float]:
        """Score the final model on a source that has labels."""
        columns = self.record["columns"] | self._image_options()
        data = load_labelled_part(source, **columns, label_kind=label_kind(self.classes))
        task = Multiclass(self.classes)
        try:
            codes = task.codes(data.y)
        except InputError as error:
            raise InputError(f"{source} cannot be scored: {error}") from None
        P = self._predict_source(data.X, source, tta)
        return {
            "n_rows": n_rows(data.X),
            **task.scores(codes, P),
            "macro_f1": macro_f1(codes, P),
            "adaptive_ece": adaptive_ece(codes, P),
            "classwise_ece": classwise_ece(codes, P),
            "aurc": aurc(codes, P),
        }

    def _predict_source(self, X: Any, source: str, tta: str | None) -> np.ndarray:
        model = self._load_model()
        try:
            rows = self._as_made_from(X, model["features"])
        except InputError as error:
            raise InputError(f"{source} does not fit the model of {self.path}: {error}") from None
        return average_predictions(model["models"], rows, tta)

    def _image_options(self) -> dict[str, Any]:
        """Return how pictures were read when the run was made; runs of earlier versions knew none."""
        images = self.record.get("images") or {}
        return {"image": images.get("column"), "image_size": images.get("size")}

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
