"""A run directory read back: its record, its labels, its model."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from softlabel.data.feature_columns import as_frame, as_numbers
from softlabel.data.precision import narrow
from softlabel.data.rows import n_rows
from softlabel.data.source import label_kind, load_labelled_part, load_unlabelled
from softlabel.errors import InputError, RunError
from softlabel.methods.final_fit import average_predictions
from softlabel.metrics.calibration import adaptive_ece, classwise_ece
from softlabel.metrics.scores import aurc, macro_f1
from softlabel.run.label_table import suspicious
from softlabel.store.model_store import load_model
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

    def __init__(self, path: str | Path, *, trust: Sequence[str] = ()) -> None:
        self.path = Path(path)
        self._store = RunStore.open(self.path)
        self._trust = tuple(trust)
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

    def predict_proba(self, X: Any) -> np.ndarray:
        """Return class probabilities (n, k) of the final model; X has the columns that the run was made from.

        Raises
        ------
        InputError
            If X has other columns than the run's data, or another number of them.
        """
        model = self._load_model()
        features = model["features"]
        rows = self._as_made_from(X) if features is None else features.transform(X)
        return average_predictions(model["models"], rows)

    def predict(self, source: str) -> pd.DataFrame:
        """Predict the rows of a file: its id (or row number), the label, and a probability for each class."""
        import pandas as pd

        columns = self.record["columns"]
        no_features = [name for name in (columns["label"], columns["groups"], *columns["drop"]) if name]
        rows = load_unlabelled(source, id=columns["id"], drop=no_features)
        probabilities = self._predict_source(rows.X, source)
        table = pd.DataFrame({"id": rows.ids, "predicted_label": self.classes[harden(probabilities)]})
        for column, label in enumerate(self.classes):
            table[f"p_{label}"] = probabilities[:, column].astype(np.float32)
        return table

    def evaluate(self, source: str) -> dict[str, float]:
        """Score the final model on a file that has labels."""
        columns = self.record["columns"]
        data = load_labelled_part(source, **columns, label_kind=label_kind(self.classes))
        task = Multiclass(self.classes)
        try:
            codes = task.codes(data.y)
        except InputError as error:
            raise InputError(f"{source} cannot be scored: {error}") from None
        P = self._predict_source(data.X, source)
        return {
            "n_rows": n_rows(data.X),
            **task.scores(codes, P),
            "macro_f1": macro_f1(codes, P),
            "adaptive_ece": adaptive_ece(codes, P),
            "classwise_ece": classwise_ece(codes, P),
            "aurc": aurc(codes, P),
        }

    def _predict_source(self, X: Any, source: str) -> np.ndarray:
        try:
            return self.predict_proba(X)
        except InputError as error:
            raise InputError(f"{source} does not fit the model of {self.path}: {error}") from None

    def _as_made_from(self, X: Any) -> Any:
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
            self._model = load_model(self.path / "model", trust=self._trust)
        return self._model

    def _require(self, file: str, what: str) -> None:
        """Refuse where a file was not written yet. A finished run that is being extended still has what it had."""
        if not (self.path / file).exists():
            raise RunError(
                f"{self.path} is {self.record['state']} and has no {what}; run the same refine command to go on"
            )
