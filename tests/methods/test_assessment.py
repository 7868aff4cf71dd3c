from __future__ import annotations

import numpy as np

from softlabel.methods.assessment import Assessor
from softlabel.methods.rounds import Round, Settings
from softlabel.tasks import Multiclass, Multilabel

TASK = Multiclass([0, 1])
Y = np.array([0, 0, 1])
GIVEN = np.eye(2, dtype=np.float32)[Y]
NO_GUARD = np.zeros(3, dtype=bool)


def _round(r, oof, refined):
    return Round(r, GIVEN, [], np.array(oof, dtype=np.float32), np.array(refined, dtype=np.float32), {})


def test_a_label_has_moved_since_the_round_it_stays_away_from():
    assessor = Assessor(TASK, Y, GIVEN, NO_GUARD, Settings())
    away, back = [0.3, 0.7], [0.8, 0.2]
    for r, second in enumerate([away, back, away, away], start=1):
        assessor.add(_round(r, GIVEN, [[1, 0], second, [0, 1]]))
    assert assessor.assess().moved_in_round.tolist() == [0, 3, 0]
    assessor.add(_round(5, GIVEN, [[1, 0], back, [0, 1]]))
    assert assessor.assess().moved_in_round.tolist() == [0, 0, 0]


def test_the_suggestion_is_the_argmax_of_the_mean_prediction():
    assessor = Assessor(TASK, Y, GIVEN, NO_GUARD, Settings())
    assessor.add(_round(1, [[0.9, 0.1], [0.4, 0.6], [np.nan, np.nan]], GIVEN))
    assessor.add(_round(2, [[0.2, 0.8], [0.3, 0.7], [np.nan, np.nan]], GIVEN))
    found = assessor.assess()
    assert found.suggested.tolist() == [0, 1, 1]  # the last row was never held out: its own label


def test_quality_margin_and_entropy_are_those_of_the_refined_row():
    assessor = Assessor(TASK, Y, GIVEN, NO_GUARD, Settings())
    assessor.add(_round(1, GIVEN, [[0.8, 0.2], [0.25, 0.75], [0.5, 0.5]]))
    found = assessor.assess()
    assert np.allclose(found.quality, [0.8, 0.25, 0.5])
    assert np.allclose(found.margin, [0.6, -0.5, 0.0])
    assert np.allclose(found.entropy[2], np.log(2))


def test_a_guard_row_is_judged_by_what_the_update_would_have_made_of_it():
    guard = np.array([False, False, True])
    assessor = Assessor(TASK, Y, GIVEN, guard, Settings(momentum=0.5))
    for r in (1, 2):
        assessor.add(_round(r, [[1, 0], [1, 0], [1, 0]], GIVEN))  # the models see class 0 in the guard's row of class 1
    found = assessor.assess()
    assert np.allclose(found.distribution[2], [0.75, 0.25])
    assert found.moved_in_round.tolist() == [0, 0, 2]
    assert found.suggested[2] == 0


def test_without_rounds_the_given_labels_stand():
    found = Assessor(TASK, Y, GIVEN, NO_GUARD, Settings()).assess()
    assert found.quality.tolist() == [1, 1, 1]
    assert found.suggested.tolist() == Y.tolist()


def test_a_round_whose_models_did_not_know_the_class_suggests_nothing():
    assessor = Assessor(TASK, Y, GIVEN, NO_GUARD, Settings())
    assessor.add(_round(1, [[0.1, 0.9], [0.4, 0.6], [1.0, np.nan]], GIVEN))
    assert assessor.assess().suggested.tolist() == [1, 1, 1]  # the last: nobody could have confirmed class 1
    assessor.add(_round(2, [[0.1, 0.9], [0.4, 0.6], [0.9, 0.1]], GIVEN))
    assert assessor.assess().suggested.tolist() == [1, 1, 0]


def test_nothing_is_held_against_a_trusted_row():
    trusted, guard = np.array([False, True, True]), np.array([False, False, True])
    soft = np.array([[1, 0], [0.4, 0.6], [0, 1]], dtype=np.float32)  # votes speak against the label of the second
    assessor = Assessor(TASK, Y, soft, guard, Settings(momentum=0.5), trusted)
    assessor.add(_round(1, [[0.2, 0.8], [0.1, 0.9], [0.9, 0.1]], soft))
    found = assessor.assess()
    assert found.quality.tolist() == [1, 1, 1]
    assert found.suggested.tolist() == [1, 0, 1]
    assert found.moved_in_round.tolist() == [0, 0, 0]
    assert np.array_equal(found.distribution, soft)  # that of the guard's row too


def test_several_labels_of_a_trusted_row_stay():
    codes = np.array([[1, 0], [1, 0]])
    given = codes.astype(np.float32)
    assessor = Assessor(Multilabel(["a", "b"]), codes, given, np.zeros(2, bool), Settings(), np.array([True, False]))
    assessor.add(_round(1, [[0.1, 0.9], [0.1, 0.9]], np.array([[1, 0], [0.2, 0.8]])))
    found = assessor.assess()
    assert found.suggested.tolist() == [[1, 0], [0, 1]]
    assert found.quality.tolist()[0] == 1
    assert found.moved_in_round.tolist() == [0, 1]
