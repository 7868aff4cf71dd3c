from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier

from simple_learners import Centroids
from softlabel.errors import DamagedRunError, RunError
from softlabel.learners.soft_target import SoftTargetClassifier
from softlabel.methods.units import Unit, UnitResult
from softlabel.run.progress import Silent
from softlabel.run.units import StoredUnits, TimeLimitReached
from softlabel.store.run_store import RunStore

UNIT = Unit(2, 0, 1)
RESULT = UnitResult(
    np.full((3, 2), 0.5, dtype=np.float32),
    {"test": np.zeros((1, 2), dtype=np.float32)},
    loss_history=(1.0, 0.5),
    history=({"epoch": 1, "lr": 0.1, "train_loss": 1.0}, {"epoch": 2, "lr": 0.05, "train_loss": 1 / 3}),
    seconds=3.5,
    warnings=(("RuntimeWarning", "hot"),),
)


@pytest.fixture
def store(tmp_path):
    return RunStore.create(tmp_path / "run", {"state": "running"})


def test_a_unit_comes_back_as_it_was_but_for_its_time(store):
    units = StoredUnits(store, Silent())
    assert units.get(UNIT) is None
    units.put(UNIT, RESULT)
    found = units.get(UNIT)
    assert np.array_equal(found.held_out, RESULT.held_out)
    assert np.array_equal(found.watched["test"], RESULT.watched["test"])
    assert (found.loss_history, found.warnings) == (RESULT.loss_history, RESULT.warnings)
    assert found.history == RESULT.history
    assert [type(value) for value in found.history[0].values()] == [int, float, float]
    assert found.seconds == 0
    assert store.timings() == [{"round": 2, "member": 0, "fold": 1, "seconds": 3.5}]


def test_each_new_fit_is_reported(store):
    seen = []

    class Watching(Silent):
        def fitted(self, unit, seconds):
            seen.append((unit, seconds))

    StoredUnits(store, Watching()).put(UNIT, RESULT)
    assert seen == [(UNIT, 3.5)]


def test_at_the_time_limit_the_unit_is_stored_first(store):
    with pytest.raises(TimeLimitReached):
        StoredUnits(store, Silent(), time_limit=1e-9).put(UNIT, RESULT)
    assert StoredUnits(store, Silent()).get(UNIT) is not None


def test_a_learner_without_epochs_leaves_no_word_of_them(store):
    """Its files are those of versions that knew no epochs, and theirs are read."""
    units = StoredUnits(store, Silent())
    units.put(UNIT, replace(RESULT, history=()))
    assert "history" not in store.get_unit(*UNIT).info
    assert units.get(UNIT).history == ()


def _fitted(learner):
    X = np.random.default_rng(0).normal(size=(30, 2)).astype(np.float32)
    return learner.fit(X, np.eye(2, dtype=np.float32)[(X[:, 0] > 0).astype(int)]), X


def test_a_model_is_kept_until_it_is_forgotten(store):
    units = StoredUnits(store, Silent())
    model, X = _fitted(SoftTargetClassifier(HistGradientBoostingClassifier(max_iter=3)))
    for unit in (UNIT, UNIT._replace(fold=2), UNIT._replace(round=3)):
        units.put(unit, replace(RESULT, model=model))
    found = units.model(UNIT)
    assert found.predict_targets(X).tobytes() == model.predict_targets(X).tobytes()
    assert units.model(UNIT._replace(fold=3)) is None
    units.forget(2)
    assert units.model(UNIT) is None
    assert units.model(UNIT._replace(fold=2)) is None
    assert units.model(UNIT._replace(round=3)) is not None
    assert np.array_equal(units.get(UNIT).held_out, RESULT.held_out)  # what it predicted stays
    units.forget(1)


def test_without_a_model_nothing_of_one_is_stored(store):
    units = StoredUnits(store, Silent())
    units.put(UNIT, RESULT)
    assert units.model(UNIT) is None
    assert sorted(path.name for path in store.paths.unit(*UNIT).iterdir()) == ["held_out.npy", "test.npy", "unit.json"]


def test_weights_of_networks_are_kept_without_the_device_that_trained_them(store):
    softlabel = pytest.importorskip("torch") and pytest.importorskip("softlabel")
    model, X = _fitted(softlabel.TorchClassifier("mlp", epochs=1, device="cpu", random_state=0))
    units = StoredUnits(store, Silent())
    units.put(UNIT, replace(RESULT, model=model))
    found = units.model(UNIT)
    assert (found.device, model.device) == ("auto", "cpu")
    assert found.predict_targets(X).tobytes() == model.predict_targets(X).tobytes()
    assert (store.paths.unit_model(*UNIT) / "network-0.safetensors").exists()


def test_models_of_ones_own_classes_are_read_where_the_run_names_them(store):
    model, X = _fitted(Centroids())
    StoredUnits(store, Silent()).put(UNIT, replace(RESULT, model=model))
    with pytest.raises(RunError, match=r"simple_learners\.Centroids"):
        StoredUnits(store, Silent()).model(UNIT)
    found = StoredUnits(store, Silent(), learners=(Centroids(),)).model(UNIT)
    assert np.array_equal(found.predict_targets(X), model.predict_targets(X))


def test_a_model_that_was_changed_is_refused_by_name(store):
    model, _ = _fitted(Centroids())
    StoredUnits(store, Silent()).put(UNIT, replace(RESULT, model=model))
    path = store.paths.unit_model(*UNIT) / "model.skops"
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(DamagedRunError, match=r"model\.skops"):
        StoredUnits(store, Silent(), learners=(Centroids(),)).model(UNIT)
