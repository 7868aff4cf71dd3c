import numpy as np
import pytest

from softlabel.errors import InputError
from softlabel.targets.top_classes import check_top, class_id_type, spread_rest, top_classes


@pytest.mark.parametrize(
    ("k", "name"), [(1, "uint8"), (256, "uint8"), (257, "uint16"), (65_536, "uint16"), (65_537, "uint32")]
)
def test_ids_are_as_wide_as_the_classes_need(k, name):
    assert class_id_type(k).name == name
    assert np.iinfo(class_id_type(k)).max >= k - 1


@pytest.mark.parametrize("k", [2049, 4097, 65_536, 70_000])
def test_large_class_ids_come_back_exactly(k):
    # float16 has no integer 2049: ids stored so would name another class.
    chosen = [k - 1, k - 2, 2048 if k > 2049 else 1]
    P = np.zeros((1, k))
    P[0, chosen] = 0.5, 0.3, 0.2
    ids, probabilities = top_classes(P, 3)
    assert ids.tolist() == [chosen]
    assert np.allclose(spread_rest(ids, probabilities, k), P, atol=2**-12)


def test_the_rest_of_the_mass_by_hand():
    ids, probabilities = top_classes(np.array([[0.125, 0.5, 0.0625, 0.25, 0.0625]]), 2)
    assert ids.tolist() == [[1, 3]]
    assert probabilities.dtype == np.float16
    assert spread_rest(ids, probabilities, 5).tolist() == [
        [np.float32(0.25 / 3), 0.5, np.float32(0.25 / 3), 0.25, np.float32(0.25 / 3)]
    ]


def test_of_equal_probabilities_the_lower_id_is_kept():
    ids, _ = top_classes(np.full((2, 6), 1 / 6), 3)
    assert ids.tolist() == [[0, 1, 2]] * 2


@pytest.mark.parametrize("k", [1, 2, 5, 6, 100])
@pytest.mark.parametrize("top", [1, 5])
def test_rows_stay_rows(k, top):
    P = np.random.default_rng(k).dirichlet(np.full(k, 0.2), (40, 3))  # (40, 3, k)
    before = P.copy()
    ids, probabilities = top_classes(P, top)
    rows = spread_rest(ids, probabilities, k)
    assert rows.shape == P.shape
    assert ids.shape == (40, 3, min(top, k))
    assert np.abs(rows.sum(axis=-1, dtype=np.float64) - 1).max() < 1e-6
    assert rows.min() >= 0
    assert np.array_equal(P, before)
    kept = np.take_along_axis(rows, ids.astype(int), axis=-1)
    assert (
        np.abs(kept - np.take_along_axis(P, ids.astype(int), axis=-1)).max() < 2**-11
    )  # rounding, and division where all are kept
    assert (rows.max(axis=-1) == kept[..., 0]).all()


def test_a_sure_row_stays_a_row_where_rounding_makes_it_more_than_one():
    ids, probabilities = top_classes(np.array([[0.9999, 0.00005, 0.00005]]), 2)
    assert probabilities.astype(float).sum() > 1
    assert spread_rest(ids, probabilities, 3).sum() == pytest.approx(1, abs=1e-7)


@pytest.mark.parametrize(
    ("P", "said"),
    [
        (np.array([[0.5, 0.6]]), "sum to"),
        (np.array([[1.5, -0.5]]), "negative"),
        (np.array([[np.nan, 1.0]]), "finite"),
        (np.array([[1, 0]]), "floats"),
    ],
)
def test_what_are_no_rows_is_refused(P, said):
    with pytest.raises(InputError, match=said):
        top_classes(P, 1)


@pytest.mark.parametrize(
    ("ids", "probabilities", "said"),
    [
        ([[0, 3]], [[0.5, 0.5]], "ids from 0 to 2"),
        ([[1, 1]], [[0.5, 0.5]], "twice"),
        ([[0, 1]], [[0.9, 0.9]], "more than 1"),
        ([[0, 1]], [[0.9, -0.1]], "negative"),
        ([[0.0, 1.0]], [[0.5, 0.5]], "whole numbers"),
        ([[0, 1]], [[0.5]], "one for one"),
    ],
)
def test_what_are_no_top_classes_is_refused(ids, probabilities, said):
    with pytest.raises(InputError, match=said):
        check_top(np.array(ids), np.array(probabilities), 3)


def test_no_class_is_too_few():
    with pytest.raises(InputError, match="top=0"):
        top_classes(np.array([[1.0]]), 0)
