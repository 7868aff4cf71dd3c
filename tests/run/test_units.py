from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from softlabel.methods.cross_fit import Unit, UnitResult
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
