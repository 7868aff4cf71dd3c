"""Units in memory: fitted learners are held as long as the next round needs them, and nothing else is."""

import numpy as np

from softlabel.methods.units import Memory, Unit, UnitResult


def _result(model=None):
    return UnitResult(np.zeros((2, 3), dtype=np.float32), model=model)


def test_addresses_sort_by_round_member_and_fold():
    units = [Unit(2, 0, 0), Unit(1, 1, 0), Unit(1, 0, 3)]
    assert sorted(units) == [Unit(1, 0, 3), Unit(1, 1, 0), Unit(2, 0, 0)]


def test_memory_holds_models_until_their_round_is_forgotten():
    memory = Memory()
    memory.put(Unit(1, 0, 0), _result("first"))
    memory.put(Unit(2, 0, 0), _result("second"))
    memory.put(Unit(2, 0, 1), _result())
    assert [memory.model(unit) for unit in (Unit(1, 0, 0), Unit(2, 0, 0), Unit(2, 0, 1))] == ["first", "second", None]
    memory.forget(1)
    assert memory.model(Unit(1, 0, 0)) is None
    assert memory.model(Unit(2, 0, 0)) == "second"


def test_memory_gives_no_results_back():
    memory = Memory()
    memory.put(Unit(1, 0, 0), _result("first"))
    assert memory.get(Unit(1, 0, 0)) is None
