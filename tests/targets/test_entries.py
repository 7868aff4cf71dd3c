"""Multi-label rows, entry by entry."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.testing import assert_allclose, assert_array_equal

from softlabel.errors import InputError
from softlabel.targets import quality, update
from softlabel.targets.entries import (
    check_entries,
    check_indicators,
    entry_change,
    entry_entropy,
    entry_quality,
    fill_unseen_entries,
    harden_entries,
    mark_unseen_entries,
    row_margin,
    row_quality,
    sharpen_entries,
    suggest_entries,
)

steady = settings(deadline=None, derandomize=True)
shapes = array_shapes(min_dims=2, max_dims=2, max_side=5)
# eighths, so that ties at a half come often, beside any float32
entries = arrays(np.float32, shapes, elements=st.one_of(st.sampled_from(np.arange(9) / 8), st.floats(0, 1, width=32)))
Q = np.array([[0.75, 0.25, 1.0], [0.5, 0.5, 0.0]], dtype=np.float32)
GIVEN = np.array([[1, 1, 1], [1, 0, 0]])


def as_pairs(table):
    """Each entry as a row of two classes."""
    p = np.asarray(table, dtype=np.float64).ravel()
    return np.stack([1 - p, p], axis=1)


def test_by_hand():
    before = Q.copy()
    assert entry_quality(Q, GIVEN).tolist() == [[0.75, 0.25, 1.0], [0.5, 0.5, 1.0]]
    assert entry_quality(Q, GIVEN).dtype == np.float64
    assert row_quality(Q, GIVEN).tolist() == [0.25, 0.5]
    assert row_margin(Q, GIVEN).tolist() == [-0.5, 0.0]
    assert harden_entries(Q).tolist() == [[1, 0, 1], [0, 0, 0]]
    assert harden_entries(Q).dtype == np.int64
    assert suggest_entries(Q, GIVEN).tolist() == [[1, 0, 1], [1, 0, 0]]
    assert_allclose(entry_entropy([[0.5, 0.5, 1, 0]]), 2 * np.log(2))
    assert entry_change(Q, Q[::-1]).tolist() == pytest.approx([(0.25 + 0.25 + 1) / 3] * 2)
    assert_array_equal(Q, before)


@steady
@given(entries, st.randoms(use_true_random=False))
def test_an_entry_is_a_question_of_two_classes(q, random):
    codes = np.array([random.randint(0, 1) for _ in range(q.size)]).reshape(q.shape)
    pairs, given_class = as_pairs(q), codes.ravel()
    assert_array_equal(entry_quality(q, codes).ravel(), quality.label_quality(pairs, given_class))
    assert_array_equal(suggest_entries(q, codes).ravel(), quality.harden_from(pairs, given_class))
    assert_array_equal(row_margin(q, codes), quality.margin(pairs, given_class).reshape(q.shape).min(axis=1))
    assert_allclose(entry_entropy(q), quality.entropy(pairs).reshape(q.shape).sum(axis=1), atol=1e-12)
    binary = scipy.stats.entropy(pairs, axis=1).reshape(q.shape)
    assert_allclose(entry_entropy(q), binary.sum(axis=1), atol=1e-6)
    # a row has a moved entry exactly where its margin is below 0
    assert_array_equal((suggest_entries(q, codes) != codes).any(axis=1), row_margin(q, codes) < 0)


@steady
@given(entries, st.floats(0.1, 10))
def test_sharpening_is_that_of_two_classes(q, temperature):
    sharpened = sharpen_entries(q, temperature)
    assert sharpened.dtype == np.float32
    expected = update.sharpen(as_pairs(q), temperature)[:, 1].reshape(q.shape)
    assert_allclose(sharpened, expected, rtol=1e-5, atol=1e-30)
    assert_array_equal(harden_entries(sharpened)[np.abs(q - 0.5) > 1e-3], harden_entries(q)[np.abs(q - 0.5) > 1e-3])


def test_the_ends_of_sharpening():
    q = [[0.0, 0.4, 0.5, 0.6, 1.0]]
    assert_array_equal(sharpen_entries(q, 1), np.array(q, dtype=np.float32))
    for tiny in (1e-6, 5e-324):  # the last overflows a logit, without a warning
        assert sharpen_entries(q, tiny).tolist() == [[0, 0, 0.5, 1, 1]]
    assert_allclose(sharpen_entries(q, 1e9), [[0, 0.5, 0.5, 0.5, 1]], atol=1e-6)


@pytest.mark.parametrize("temperature", [0, -1, np.nan, np.inf, "1"])
def test_bad_temperatures_are_refused(temperature):
    with pytest.raises(InputError, match=r"temperature is .*; give a number above 0"):
        sharpen_entries([[0.5]], temperature)


class TestChecks:
    @pytest.mark.parametrize("kind", [list, np.asarray, pd.DataFrame])
    def test_any_container(self, kind):
        checked = check_entries(kind([[0.5, 1], [0, 0]]))
        assert checked.dtype == np.float32
        assert checked.tolist() == [[0.5, 1], [0, 0]]

    def test_rows_need_not_sum_to_one_and_are_copied(self):
        rows = np.ones((2, 3), dtype=np.float32)
        checked = check_entries(rows)
        checked[:] = 0
        assert rows.all()

    def test_what_rounding_leaves_outside_is_set_to_the_end(self):
        assert check_entries([[-1e-7, 1 + 1e-7]]).tolist() == [[0, 1]]
        assert check_entries([[-0.04, 1.04]], tolerance=0.05).tolist() == [[0, 1]]

    @pytest.mark.parametrize(
        ("rows", "settings", "message"),
        [
            ([[0.5, 1.2]], {}, "targets: row 0 has 1.2 in column 1, and 1 of 2 entries are not from 0 to 1"),
            ([[0.5], [np.nan]], {}, "row 1 has nan in column 0"),
            ([[-0.1], [np.inf]], {}, "row 0 has -0.1 in column 0, and 2 of 2 entries"),
            ([[-0.06]], {"tolerance": 0.05, "name": "who"}, "who: row 0 has -0.06"),
            ([[0.5]], {"n_rows": 2}, "has 1 rows where 2 are needed"),
            ([[0.5]], {"n_columns": 3}, "has 1 columns where 3 are needed; give one column for each label"),
            ([0.5, 0.5], {}, "two-dimensional"),
        ],
    )
    def test_bad_entries_are_refused(self, rows, settings, message):
        with pytest.raises(InputError, match=message):
            check_entries(rows, **settings)

    @pytest.mark.parametrize("dtype", [bool, np.int8, float, object])
    def test_indicators_of_any_type(self, dtype):
        codes = np.array([[1, 0], [0, 0]], dtype=dtype)
        checked = check_indicators(codes)
        assert checked.dtype == np.int64
        assert checked.tolist() == [[1, 0], [0, 0]]
        checked[:] = 5
        assert codes[0, 1] == 0

    @pytest.mark.parametrize(
        ("codes", "settings", "message"),
        [
            ([[0, 2]], {}, "codes: row 0 has 2 in column 1; give 1 where a row has the label and 0"),
            ([[0.5]], {}, "row 0 has 0.5"),
            ([[0], [np.nan]], {}, "row 1 has nan"),
            ([0, 1], {}, "two-dimensional"),
            ([[0]], {"n_rows": 2}, "has 1 rows where 2"),
            ([[0]], {"n_columns": 2}, "has 1 columns where 2"),
        ],
    )
    def test_bad_indicators_are_refused(self, codes, settings, message):
        with pytest.raises(InputError, match=message):
            check_indicators(codes, **settings)

    @pytest.mark.parametrize("function", [entry_quality, row_quality, row_margin, suggest_entries])
    def test_codes_that_do_not_fit_are_refused(self, function):
        with pytest.raises(InputError, match="has 1 rows where 2"):
            function(Q, GIVEN[:1])
        with pytest.raises(InputError, match="has 2 columns where 3"):
            function(Q, GIVEN[:, :2])

    def test_changes_between_other_shapes_are_refused(self):
        with pytest.raises(InputError, match=r"after: has shape \(1, 3\) and before \(2, 3\)"):
            entry_change(Q, Q[:1])


class TestUnseen:
    predictions = np.array([[0.2, 0.3, 0.4, 0.5]])

    def test_a_label_that_no_row_has_or_every_row_has_is_unknown(self):
        train = np.array([[0, 1, 0, 0.5], [0, 1, 1, 0.5]], dtype=np.float32)
        marked = mark_unseen_entries(self.predictions, train)
        assert_array_equal(marked, [[np.nan, np.nan, 0.4, 0.5]])
        assert self.predictions.tolist() == [[0.2, 0.3, 0.4, 0.5]]

    def test_all_seen_is_the_array_itself(self):
        train = np.array([[0, 1, 0, 0.5], [1, 0, 1, 0.5]])
        assert mark_unseen_entries(self.predictions, train) is self.predictions

    def test_unknown_entries_keep_their_old_value(self):
        oof = np.array([[0.2, np.nan], [np.nan, np.nan]], dtype=np.float32)
        old = np.array([[1.0, 0.0], [0.5, 1.0]], dtype=np.float32)
        filled = fill_unseen_entries(oof, old)
        assert filled.dtype == np.float32
        assert_array_equal(filled, np.array([[0.2, 0.0], [0.5, 1.0]], dtype=np.float32))
        assert fill_unseen_entries(old, oof) is old
