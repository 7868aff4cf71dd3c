from __future__ import annotations

import json

import numpy as np
import pytest
from sklearn.base import BaseEstimator

import labelled_tables
from softlabel import FitError, refine
from softlabel.execution.executor import current_resources


class Telling(BaseEstimator):
    """Predicts the first class with a mass that says how many threads it may use; warns, or fails, while predicting."""

    asked: list = []
    fails = False

    def fit(self, X, targets, sample_weight=None):
        self.k_ = targets.shape[1]
        return self

    def predict_targets(self, X):
        Telling.asked.append(current_resources().threads)
        if Telling.fails and len(Telling.asked) > 3:  # three folds
            raise ValueError("no more")
        return np.full((len(X), self.k_), 1 / self.k_)


@pytest.fixture
def telling(monkeypatch):
    monkeypatch.setattr("softlabel.run.estimators.named_estimator", lambda name, settings, **_: Telling())
    monkeypatch.setattr("softlabel.run.final_models.store_model", lambda *_: None)
    monkeypatch.setattr(Telling, "asked", [])
    monkeypatch.setattr(Telling, "fails", False)
    return Telling


OPTIONS = {"label": "kind", "id": "key", "estimator": "telling", "rounds": 1, "folds": 3, "threads": 2}
PAPER = {"final_targets": "refined"}  # nothing is fitted to choose
OPTIONS |= PAPER


def test_test_rows_are_predicted_under_the_threads_of_the_configuration(telling, table, tmp_path):
    refine(table, tmp_path / "run", **OPTIONS, test=str(table.with_name("test.csv")))
    assert len(telling.asked) == 2 * 3 + 2  # held-out and test rows of each fold; the final model and the plain one
    assert set(telling.asked) == {2}


def test_a_model_that_cannot_predict_the_test_rows_is_told_as_a_failure_to_fit_is(telling, table, tmp_path):
    telling.fails = True
    guard = {"rounds": 0, "test": str(table.with_name("test.csv"))}
    telling.asked.extend([2, 2, 2])
    with pytest.raises(FitError, match="the learner failed in the prediction of the test rows: ValueError: no more"):
        refine(table, tmp_path / "run", **OPTIONS | guard)


def test_weights_lie_beside_the_model_and_the_device_is_forgotten(photos, network_options, tmp_path):
    run = refine(photos / "train", tmp_path / "run", **network_options, rounds=0, final="folds", device="cpu")
    names = sorted(path.name for path in (run.path / "model").iterdir())
    assert names == ["model.json", "model.skops", *(f"network-{number}.safetensors" for number in range(3))]
    assert set(json.loads((run.path / "model" / "model.json").read_text())["weights"]) == {
        f"network-{number}" for number in range(3)
    }
    assert {model.device for model in run._load_model()["models"]} == {"auto"}


@pytest.mark.parametrize("rounds", [1, 2])
def test_where_thresholds_are_fitted_both_models_are_scored_at_the_midpoints_too(tmp_path, rounds):
    labelled_tables.grades().to_csv(tmp_path / "train.csv", index=False)
    labelled_tables.grades(seed=9).to_csv(tmp_path / "test.csv", index=False)
    options = {
        "label": "grade",
        "id": "key",
        "task": "ordinal",
        "estimator": "ridge",
        "rounds": rounds,
        "folds": 3,
        **PAPER,
    }
    test = {"test": str(tmp_path / "test.csv")}
    fitted = refine(tmp_path / "train.csv", tmp_path / "run", **options, **test, thresholds="fitted").metrics()["test"]
    halfway = refine(tmp_path / "train.csv", tmp_path / "half", **options, **test).metrics()["test"]
    assert {"plain": fitted["plain_midpoints"], "final": fitted["final_midpoints"]} == halfway
    assert list(fitted) == ["plain", "plain_midpoints", "final", "final_midpoints"]
    assert fitted["final"] != fitted["final_midpoints"]


def test_thresholds_are_stored_with_the_model_only_where_they_were_fitted(tmp_path):
    labelled_tables.grades().to_csv(tmp_path / "train.csv", index=False)
    options = {"label": "grade", "id": "key", "task": "ordinal", "estimator": "ridge", "rounds": 1, "folds": 3, **PAPER}
    run = refine(tmp_path / "train.csv", tmp_path / "run", **options, thresholds="fitted")
    assert run._load_model()["thresholds"].tolist() == run.metrics()["thresholds"]["fitted"]
    assert "thresholds" not in refine(tmp_path / "train.csv", tmp_path / "half", **options)._load_model()
