from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from softlabel.targets.held_out import (
    average_held_out,
    fill_unseen,
    held_out_rows,
    judged_rows,
    known_mass,
    mark_unseen,
)

NAN = np.nan


def test_parts_are_put_in_their_rows_and_repeated_ones_averaged():
    parts = [(np.array([2, 0]), np.array([[0.2, 0.8], [1.0, 0.0]])), (np.array([0]), np.array([[0.0, 1.0]]))]
    oof = average_held_out(parts, 3, 2)
    assert oof.dtype == np.float32
    assert np.allclose(oof[[0, 2]], [[0.5, 0.5], [0.2, 0.8]])
    assert np.isnan(oof[1]).all()
    assert held_out_rows(oof).tolist() == [True, False, True]


def test_an_entry_is_the_mean_of_the_parts_that_know_its_class():
    parts = [(np.array([0]), np.array([[0.5, 0.3, 0.2]])), (np.array([0]), np.array([[0.5, 0.5, NAN]]))]
    means = np.array([0.5, 0.4, 0.2])
    assert np.allclose(average_held_out(parts, 1, 3), means / means.sum())


def test_the_order_of_classes_that_all_parts_know_is_left_to_the_bit():
    rows = np.random.default_rng(0).dirichlet(np.ones(4), size=9)
    assert np.array_equal(average_held_out([(np.arange(9), rows)], 9, 4), rows.astype(np.float32))


def test_what_a_model_never_saw_is_nan_and_the_rest_sums_to_one():
    seen = np.array([True, True, False])
    marked = mark_unseen(np.array([[0.2, 0.3, 0.5], [0.0, 0.0, 1.0]]), seen)
    assert np.allclose(marked[:, :2], [[0.4, 0.6], [0.5, 0.5]])
    assert np.isnan(marked[:, 2]).all()
    rows = np.array([[0.2, 0.3, 0.5]])
    assert mark_unseen(rows, np.ones(3, dtype=bool)) is rows


def test_an_unseen_class_keeps_its_mass_and_the_rest_is_shared():
    assert np.allclose(fill_unseen(np.array([[0.5, 0.5, NAN]]), np.array([[0.1, 0.5, 0.4]])), [[0.3, 0.3, 0.4]])


def test_a_row_whose_whole_mass_is_unseen_keeps_its_target_and_so_does_one_without_prediction():
    old = np.array([[0.0, 0.0, 1.0], [0.2, 0.8, 0.0]])
    assert np.allclose(fill_unseen(np.array([[0.9, 0.1, NAN], [NAN, NAN, NAN]]), old), old)


def test_predictions_pass_as_they_are_where_nothing_is_missing():
    oof = np.array([[0.2, 0.8]])
    assert fill_unseen(oof, np.array([[1.0, 0.0]])) is oof


def test_a_row_is_judged_by_models_that_know_its_class():
    oof = np.array([[0.5, 0.5, NAN], [0.5, 0.5, NAN], [NAN, NAN, NAN]])
    assert judged_rows(oof, np.array([0, 2, 1])).tolist() == [True, False, False]
    assert known_mass(oof)[1].tolist() == [0.5, 0.5, 0.0]


@given(
    arrays(float, (5, 4), elements=st.floats(0.0, 1.0)), arrays(float, (5, 4), elements=st.floats(0.01, 1.0)), st.data()
)
def test_rows_stay_valid(raw, old, data):
    predictions = raw + 1e-12
    predictions /= predictions.sum(axis=1, keepdims=True)
    old = old / old.sum(axis=1, keepdims=True)
    seen = np.array(data.draw(st.lists(st.booleans(), min_size=4, max_size=4).filter(any)))
    filled = fill_unseen(mark_unseen(predictions, seen), old)
    assert (filled >= 0).all()
    assert np.allclose(filled.sum(axis=1), 1)
    assert np.allclose(filled[:, ~seen], old[:, ~seen])
