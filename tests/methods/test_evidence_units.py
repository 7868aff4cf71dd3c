"""Where fits behind a choice are kept: what is done is not done again, and the first round is one for all."""

import numpy as np

from softlabel.methods.evidence_units import FirstRoundShared, Kept
from softlabel.methods.units import Unit, UnitResult

FIRST, SECOND = Unit(1, 0, 0), Unit(2, 0, 0)


def _result(value, model=None):
    return UnitResult(np.full((1, 2), value, dtype=np.float32), model=model)


def test_what_was_put_is_got():
    kept, result = Kept(), _result(0.5)
    assert kept.get(FIRST) is None
    kept.put(FIRST, result)
    assert kept.get(FIRST) is result
    assert kept.get(SECOND) is None


def test_models_go_with_their_round_and_predictions_stay():
    kept = Kept()
    kept.put(FIRST, _result(0.5, model="fitted"))
    assert kept.model(FIRST) == "fitted"
    kept.forget(1)
    assert kept.model(FIRST) is None
    assert kept.get(FIRST) is not None
    assert kept.get(FIRST).model is None  # nothing else holds it


def test_round_1_is_kept_with_the_first_and_others_with_the_later():
    first, later = Kept(), Kept()
    units = FirstRoundShared(first, later)
    units.put(FIRST, _result(0.1, "one"))
    units.put(SECOND, _result(0.2, "two"))
    assert first.get(FIRST) is units.get(FIRST) is not None
    assert later.get(SECOND) is units.get(SECOND) is not None
    assert first.get(SECOND) is later.get(FIRST) is None
    assert (units.model(FIRST), units.model(SECOND)) == ("one", "two")


def test_another_refinement_finds_round_1_done_and_no_other():
    first = Kept()
    one, other = FirstRoundShared(first, Kept()), FirstRoundShared(first, Kept())
    one.put(FIRST, _result(0.1))
    one.put(SECOND, _result(0.2))
    assert other.get(FIRST) is one.get(FIRST)
    assert other.get(SECOND) is None


def test_models_of_round_1_stay_for_the_others():
    first, later = Kept(), Kept()
    units = FirstRoundShared(first, later)
    units.put(FIRST, _result(0.1, "one"))
    units.put(SECOND, _result(0.2, "two"))
    units.forget(1)
    units.forget(2)
    assert units.model(FIRST) == "one"
    assert units.model(SECOND) is None
