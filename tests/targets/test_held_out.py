from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from softlabel.targets.held_out import average_held_out, keep_unseen_mass


def test_parts_are_put_in_their_rows_and_repeated_ones_averaged():
    parts = [(np.array([2, 0]), np.array([[0.2, 0.8], [1.0, 0.0]])), (np.array([0]), np.array([[0.0, 1.0]]))]
    oof, held_out = average_held_out(parts, 3, 2)
    assert oof.dtype == np.float32
    assert np.allclose(oof[[0, 2]], [[0.5, 0.5], [0.2, 0.8]])
    assert np.isnan(oof[1]).all()
    assert held_out.tolist() == [True, False, True]


def test_an_unseen_class_keeps_its_mass_and_the_rest_is_shared():
    predictions = np.array([[0.5, 0.5, 0.0]])
    old = np.array([[0.1, 0.5, 0.4]])
    filled = keep_unseen_mass(predictions, old, seen=np.array([True, True, False]))
    assert np.allclose(filled, [[0.3, 0.3, 0.4]])


def test_a_row_whose_whole_mass_is_unseen_keeps_its_target():
    old = np.array([[0.0, 0.0, 1.0]])
    assert np.allclose(keep_unseen_mass(np.array([[0.9, 0.1, 0.0]]), old, np.array([True, True, False])), old)


def test_mass_that_a_model_made_up_for_an_unseen_class_is_taken_away():
    old = np.array([[1.0, 0.0, 0.0]])
    filled = keep_unseen_mass(np.array([[0.2, 0.3, 0.5]]), old, np.array([True, True, False]))
    assert np.allclose(filled, [[0.4, 0.6, 0.0]])


def test_predictions_pass_as_they_are_where_every_class_was_seen():
    predictions = np.array([[0.2, 0.8]])
    assert keep_unseen_mass(predictions, np.array([[1.0, 0.0]]), np.array([True, True])) is predictions


@given(
    arrays(float, (5, 4), elements=st.floats(0.0, 1.0)), arrays(float, (5, 4), elements=st.floats(0.01, 1.0)), st.data()
)
def test_rows_stay_valid(raw, old, data):
    predictions = raw + 1e-12
    predictions /= predictions.sum(axis=1, keepdims=True)
    old = old / old.sum(axis=1, keepdims=True)
    seen = np.array(data.draw(st.lists(st.booleans(), min_size=4, max_size=4).filter(any)))
    filled = keep_unseen_mass(predictions, old, seen)
    assert (filled >= 0).all()
    assert np.allclose(filled.sum(axis=1), 1)
    assert np.allclose(filled[:, ~seen], old[:, ~seen])
