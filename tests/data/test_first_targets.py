from __future__ import annotations

import warnings

import numpy as np
import pytest

from softlabel.data.columns import Columns
from softlabel.data.first_targets import answers, several_reference
from softlabel.data.vote_columns import Votes
from softlabel.errors import InputError
from softlabel.targets.votes import dawid_skene, dawid_skene_counts

COUNTS = np.array([[2.0, 0, 1], [0, 1, 1], [0, 3, 0]])
VOTES = Votes(("b", "a", "c"), COUNTS, True)
IDS = np.array(["r0", "r1", "r2"])


def made(y=None, votes=None, reference=None, **options):
    if votes is not None:
        options = {"votes": votes.names, **options}
    return answers(y, votes, reference, Columns(**options), IDS[: len(IDS)])


def test_without_votes_labels_stay_what_they_are():
    y = np.array([1, 2, 1])
    found = made(y)
    assert found.y is y
    assert found.label_names is None
    assert found.targets is None


def test_shares_in_the_order_of_sorted_classes_and_the_first_of_equal_ones():
    found = made(votes=VOTES)
    assert found.label_names.tolist() == ["a", "b", "c"]
    assert found.targets.dtype == np.float32
    np.testing.assert_array_equal(found.targets, np.float32([[0, 2 / 3, 1 / 3], [0.5, 0, 0.5], [1, 0, 0]]))
    assert found.y.tolist() == ["b", "a", "a"]
    assert found.reference is None


def test_classes_are_integers_where_all_are_and_sorted_so():
    found = made(votes=Votes(("10", "9", "2"), COUNTS, True))
    assert found.label_names.tolist() == [2, 9, 10]
    assert found.y.tolist() == [10, 2, 9]
    assert made(votes=Votes(("10", "9", "b"), COUNTS, True)).label_names.tolist() == ["10", "9", "b"]
    assert made(votes=Votes(("1.5", "1", "2"), COUNTS, True), label_kind="number").label_names.tolist() == [1, 1.5, 2]


def _listed(names):
    """COUNTS as a file of votes has them."""
    return Votes(names, COUNTS, True, np.array([[0, 0, 0], [1, 0, 1], [2, 0, 1]]))


def test_given_labels_stay_and_classes_are_the_union():
    found = made(np.array(["a", "d", "a"]), _listed(VOTES.names))
    assert found.y.tolist() == ["a", "d", "a"]
    assert found.label_names.tolist() == ["a", "b", "c", "d"]
    np.testing.assert_array_equal(found.targets[:, 3], 0)
    mixed = made(np.array([7, 8, 7]), _listed(("7", "b", "c")))
    assert mixed.label_names.tolist() == ["7", "8", "b", "c"]
    assert mixed.y.tolist() == ["7", "8", "7"]
    numbers = made(np.array([1.0, 1.5, 1.0]), Votes(("1", "2", "1.5"), COUNTS, True), label_kind="number")
    assert numbers.label_names.tolist() == [1.0, 1.5, 2.0]
    np.testing.assert_allclose(numbers.targets[0], [2 / 3, 1 / 3, 0])


@pytest.mark.parametrize(
    ("y", "names", "message"),
    [
        (["cat", "fox", "cat"], ("cat", "dog", "cow"), "columns cat, dog, cow are none for fox, which the labels have"),
        (["cat", "fox", "yak"], ("v_cat", "v_dog", "v_cow"), "columns v_cat, v_dog, v_cow are none for fox, yak,"),
        ([0, 3, 7], ("n_0", "n_3", "n_4"), "are none for 7, which"),
    ],
)
def test_each_class_of_the_labels_has_its_column_of_votes(y, names, message):
    with pytest.raises(InputError, match=message) as caught:
        made(np.array(y), Votes(names, COUNTS, True))
    assert "\n" not in str(caught.value)


def test_columns_of_votes_may_have_a_prefix_and_labels_in_a_file_have_none():
    votes = Votes(("n_b", "n_a", "n_c"), COUNTS, True)
    assert made(np.array(["a", "b", "c"]), votes).label_names.tolist() == ["a", "b", "c"]
    assert made(votes=votes).label_names.tolist() == ["a", "b", "c"]
    other = Votes(("saw_b", "saw_a", "saw_c"), COUNTS, True)
    assert made(votes=other).label_names.tolist() == ["saw_a", "saw_b", "saw_c"]
    assert made(votes=votes, reference=votes).label_names.tolist() == ["a", "b", "c"]
    reference = Votes(("true_a", "true_b"), np.array([[1.0, 0], [0, 1], [0, 1]]), True)
    found = made(votes=other, reference=reference)
    assert found.label_names.tolist() == ["a", "b", "c"]
    assert found.reference.tolist() == [[1, 0, 0], [0, 1, 0], [0, 1, 0]]
    listed = Votes(("g_1", "g_2"), COUNTS[:, 1:], True, np.array([[0, 0, 0], [1, 0, 0], [2, 0, 1]]))
    assert made(np.array(["g_1"] * 3), listed).label_names.tolist() == ["g_1", "g_2"]


def test_rows_without_votes():
    silent = Votes(VOTES.names, COUNTS * [[1], [0], [1]], True)
    with pytest.raises(InputError, match=r"1 of 3 rows have no votes \(ids r1\); remove these rows, or name a column"):
        made(votes=silent)
    with pytest.warns(UserWarning, match=r"1 of 3 rows have no votes \(ids r1\); their given labels stand in") as told:
        found = made(np.array(["a", "c", "a"]), silent, reference=None)
    assert len(told) == 1
    assert found.targets[1].tolist() == [0, 0, 1]
    with pytest.raises(InputError, match="no row has any votes"):
        made(np.array(["a", "c", "a"]), Votes(VOTES.names, 0 * COUNTS, True))


def test_the_votes_as_reference():
    silent = Votes(VOTES.names, COUNTS * [[1], [0], [1]], True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        found = made(np.array(["a", "c", "a"]), silent, reference=None)
        assert found.reference is None
        found = answers(np.array(["a", "c", "a"]), silent, None, Columns(votes=silent.names, reference=("votes",)), IDS)
    assert found.reference.dtype == np.float64
    np.testing.assert_allclose(found.reference, [[0, 2 / 3, 1 / 3], [np.nan] * 3, [1, 0, 0]])


def test_a_posterior_of_annotators():
    rows, people, labels = [0, 0, 0, 2, 2, 2], [0, 1, 2, 0, 1, 2], [0, 0, 1, 1, 1, 1]
    counts = np.array([[2.0, 1], [0, 0], [0, 3]])
    listed = Votes(("b", "a"), counts, True, np.stack([rows, people, labels], axis=1))
    with pytest.warns(UserWarning, match="1 of 3 rows"):
        found = made(np.array(["a", "b", "b"]), listed, votes_as="dawid-skene")
    expected = dawid_skene([0, 0, 0, 1, 1, 1], people, [1, 1, 0, 0, 0, 0], 2, 2).posterior
    np.testing.assert_array_equal(found.targets[[0, 2]], expected.astype(np.float32))
    assert found.targets[1].tolist() == [0, 1]
    found = made(votes=VOTES, votes_as="dawid-skene")
    np.testing.assert_array_equal(found.targets, dawid_skene_counts(COUNTS[:, [1, 0, 2]]).posterior.astype(np.float32))
    with pytest.raises(InputError, match="votes are shares, and votes_as='dawid-skene' counts them"):
        made(votes=Votes(VOTES.names, COUNTS / 3, False), votes_as="dawid-skene")


def test_a_reference_beside_labels():
    shares = Votes(("b", "a"), np.array([[0.5, 0.5], [np.nan, np.nan], [3, 1]]), False)
    found = made(np.array(["a", "b", "a"]), reference=shares)
    assert found.targets is None
    assert found.label_names.tolist() == ["a", "b"]
    np.testing.assert_array_equal(found.reference, [[0.5, 0.5], [np.nan, np.nan], [0.25, 0.75]])
    with pytest.raises(InputError, match="b, a name none of the classes x, y"):
        made(np.array(["x", "y", "x"]), reference=shares)
    zero = Votes(("b", "a"), np.array([[0.0, 0], [1, 0], [1, 0]]), True)
    with pytest.raises(InputError, match=r"all zero in 1 of 3 rows \(ids r0\)"):
        made(np.array(["a", "b", "a"]), reference=zero)


def test_further_rows_have_the_classes_of_the_training_data():
    found = made(votes=VOTES, label_names=np.array(["a", "b", "c", "d"]))
    assert found.targets.shape == (3, 4)
    with pytest.raises(InputError, match="name the classes c, which the training data does not have; it has a, b"):
        made(votes=VOTES, label_names=np.array(["a", "b"]))
    silent = Votes(("a", "b"), np.array([[1.0, 0], [0, 0], [0, 0]]), True)
    with pytest.raises(InputError, match="labels z are not among the classes"):
        made(np.array(["a", "z", "a"]), silent, label_names=np.array(["a", "b"]))


def test_the_reference_of_several_labels():
    names = np.array(["p", "q"])
    shares = Votes(("t_q", "t_p"), np.array([[0.2, 0.9], [0, 1]]), False)
    assert several_reference(shares, names, IDS).tolist() == [[0.9, 0.2], [1, 0]]
    with pytest.raises(InputError, match="the reference columns are for q and the labels are p, q"):
        several_reference(Votes(("q",), shares.counts[:, :1], False), names, IDS)
    with pytest.raises(InputError, match=r"above 1 in 1 of 2 rows \(ids r1\)"):
        several_reference(Votes(("p", "q"), np.array([[0.5, 1], [2, 0]]), False), names, IDS)


@pytest.mark.parametrize("votes_as", ["share", "dawid-skene"])
def test_labels_stand_in_where_no_row_of_a_part_has_votes(votes_as):
    silent, y = Votes(VOTES.names, 0 * COUNTS, True), np.array(["a", "c", "a"])
    with pytest.warns(UserWarning, match="3 of 3 rows have no votes"):
        found = made(y, silent, label_names=np.array(["a", "b", "c"]), whole=False, votes_as=votes_as)
    assert found.targets.tolist() == [[1, 0, 0], [0, 0, 1], [1, 0, 0]]
