from __future__ import annotations

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
