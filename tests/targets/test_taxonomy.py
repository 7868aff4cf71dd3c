from __future__ import annotations

import numpy as np
import pytest

from softlabel.errors import InputError
from softlabel.targets.taxonomy import Taxonomy, similarity_rows

PAIRS = [("dog", "animal"), ("cat", "animal"), ("tabby", "cat"), ("animal", "thing"), ("car", "thing")]


def test_depths_and_ancestors():
    tree = Taxonomy(PAIRS)
    assert tree.nodes == ("dog", "animal", "cat", "tabby", "thing", "car")
    assert tree.roots == ("thing",)
    assert [tree.depth(node) for node in tree.nodes] == [3, 2, 3, 4, 1, 2]
    assert tree.ancestors("tabby") == ("thing", "animal", "cat")
    assert tree.ancestors("thing") == ()
    assert repr(tree) == "Taxonomy(6 nodes, depth 4)"


@pytest.mark.parametrize(
    ("a", "b", "above"),
    [
        ("dog", "tabby", "animal"),
        ("dog", "car", "thing"),
        ("cat", "tabby", "cat"),
        ("tabby", "cat", "cat"),
        ("dog", "dog", "dog"),
    ],
)
def test_lowest_common_ancestors(a, b, above):
    assert Taxonomy(PAIRS).lowest_common_ancestor(a, b) == above


def test_wu_palmer_by_hand():
    found = Taxonomy(PAIRS).wu_palmer(["dog", "tabby", "car", "animal", "thing"])
    expected = [
        [1, 4 / 7, 2 / 5, 4 / 5, 2 / 4],
        [4 / 7, 1, 2 / 6, 4 / 6, 2 / 5],
        [2 / 5, 2 / 6, 1, 2 / 4, 2 / 3],
        [4 / 5, 4 / 6, 2 / 4, 1, 2 / 3],
        [2 / 4, 2 / 5, 2 / 3, 2 / 3, 1],
    ]
    np.testing.assert_allclose(found, expected)
    assert (found == found.T).all()


def test_a_mapping_pairs_twice_and_named_roots_are_the_same_tree():
    names = ["dog", "tabby", "car"]
    expected = Taxonomy(PAIRS).wu_palmer(names)
    for pairs in (dict(PAIRS), PAIRS + PAIRS, [*PAIRS, ("thing", None)], [("thing", ""), *PAIRS], iter(PAIRS)):
        assert (Taxonomy(pairs).wu_palmer(names) == expected).all()


def test_several_roots_stand_below_one_without_a_name():
    tree = Taxonomy([*PAIRS, ("idea", None)])
    assert tree.roots == ("thing", "idea")
    assert (tree.depth("idea"), tree.depth("thing"), tree.depth("tabby")) == (2, 2, 5)
    assert tree.lowest_common_ancestor("idea", "dog") is None
    named = Taxonomy([*PAIRS, ("thing", "all"), ("idea", "all")])
    names = ["dog", "idea", "car", "thing"]
    assert (tree.wu_palmer(names) == named.wu_palmer(names)).all()
    assert tree.wu_palmer(names)[0, 1] == pytest.approx(2 / 6)


def test_a_flat_tree_tells_nothing_apart():
    found = Taxonomy({"a": "root", "b": "root", "c": "root"}).wu_palmer("abc")
    np.testing.assert_allclose(found, np.where(np.eye(3) == 1, 1, 0.5))


def test_names_are_compared_as_text():
    tree = Taxonomy({1: "odd", 3: "odd", 2: "even"})
    assert tree.wu_palmer(np.array([1, 2])).shape == (2, 2)
    assert tree.lowest_common_ancestor(1, "3") == "odd"


def test_the_order_of_lines_does_not_matter():
    names = ["dog", "tabby", "car", "animal"]
    assert (Taxonomy(PAIRS[::-1]).wu_palmer(names) == Taxonomy(PAIRS).wu_palmer(names)).all()


@pytest.mark.parametrize(
    ("pairs", "says"),
    [
        ([], r"^the taxonomy is empty; give pairs \(child, parent\)$"),
        ([("a", "b"), ("b", "c"), ("c", "a")], r"^the taxonomy goes in a circle: 'a' < 'b' < 'c' < 'a'; correct one"),
        ([("x", "a"), ("a", "b"), ("b", "a")], r"goes in a circle: 'a' < 'b' < 'a'"),
        ([("a", "a")], r"goes in a circle: 'a' < 'a'"),
        ([("a", "b"), ("a", "c")], r"^the taxonomy has two parents of 'a': 'b' and 'c'; keep one of these lines$"),
        ([("", "b")], r"a node without a name"),
    ],
)
def test_what_is_no_tree(pairs, says):
    with pytest.raises(InputError, match=says):
        Taxonomy(pairs)


def test_classes_that_it_misses_are_named():
    with pytest.raises(
        InputError,
        match=r"^the taxonomy misses 2 of 3 classes: 'snark', 'boojum'; its nodes are 'dog', 'animal', .*; add a line \(child, parent\)",
    ):
        Taxonomy(PAIRS).wu_palmer(["dog", "snark", "boojum", "snark"])
    with pytest.raises(InputError, match="misses 1 of 1 classes: 'snark'"):
        Taxonomy(PAIRS).depth("snark")
    with pytest.raises(InputError, match="and 92 more; its nodes"):
        Taxonomy(PAIRS).check_classes(range(100))


def test_similarities_become_distributions():
    rows = similarity_rows([[1.0, 0.5, 0.0], [0.5, 1.0, 0.5], [0.0, 0.5, 1.0]], 0.25)
    e = np.exp(1.0)
    assert rows[0] == pytest.approx(np.array([e**4, e**2, 1]) / (e**4 + e**2 + 1))
    assert rows.sum(axis=1) == pytest.approx(np.ones(3))
    assert (rows.argmax(axis=1) == np.arange(3)).all()
    np.testing.assert_allclose(similarity_rows(np.eye(3), 0.001), np.eye(3), atol=1e-12)
    np.testing.assert_allclose(similarity_rows(np.eye(3), 1e6), np.full((3, 3), 1 / 3), rtol=1e-5)


@pytest.mark.parametrize(
    ("similarity", "temperature", "says"),
    [
        (
            np.ones((2, 3)),
            0.1,
            r"^similarity has shape \(2, 3\); give finite numbers, a row and a column for each class$",
        ),
        ([[1.0, np.nan], [0.0, 1.0]], 0.1, "give finite numbers"),
        (np.eye(2), 0.0, r"^temperature is 0.0; give a number above 0"),
        (np.eye(2), "warm", r"^temperature is 'warm'; give"),
        (np.eye(2), np.nan, r"^temperature is nan; give"),
    ],
)
def test_what_is_no_similarity(similarity, temperature, says):
    with pytest.raises(InputError, match=says):
        similarity_rows(similarity, temperature)
