from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from softlabel.data.vote_columns import plain, shortened, vote_columns, without_prefix
from softlabel.errors import InputError


def test_counts_and_shares():
    frame = pd.DataFrame({"a": [3, 0], "b": [1, 0]})
    votes = vote_columns(frame, ["b", "a"])
    assert (votes.names, votes.counts.tolist(), votes.whole) == (("b", "a"), [[1, 3], [0, 0]], True)
    votes = vote_columns(frame / 4, ["a", "b"])
    assert (votes.counts.tolist(), votes.whole) == ([[0.75, 0.25], [0, 0]], False)
    assert vote_columns(pd.DataFrame({"a": [0.33], "b": [0.33], "c": [0.33]}), ["a", "b", "c"]).whole is False


def test_a_reference_may_be_unknown_for_a_row():
    frame = pd.DataFrame({"a": [0.5, np.nan], "b": [0.5, np.nan]})
    np.testing.assert_array_equal(vote_columns(frame, ["a", "b"], role="reference").counts, frame)
    with pytest.raises(InputError, match=r"votes columns a, b are empty in 1 of 2 rows \(row numbers.*: 1\); give 0"):
        vote_columns(frame, ["a", "b"])


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"a": [1, -1], "b": [0, 2]}, r"hold negative numbers in 1 of 2 rows \(ids y\)"),
        ({"a": [1, np.inf], "b": [0, 2]}, r"hold infinite numbers in 1 of 2 rows \(ids y\)"),
        (
            {"a": [0.5, 0.2], "b": [0.5, 0.2]},
            r"neither whole numbers nor shares that sum to 1 in 1 of 2 rows \(ids y\)",
        ),
        ({"a": [50.5, 20], "b": [49.5, 80]}, "neither whole numbers nor shares that sum to 1 in 2 of 2"),
        ({"a": [1, np.nan], "b": [0, 2]}, r"are empty in 1 of 2 rows \(ids y\)"),
        ({"a": ["1", "two"], "b": [0, 2]}, r"'a' holds 'two' \(1 of 2 cells are no numbers\)"),
    ],
)
@pytest.mark.parametrize("role", ["votes", "reference"])
def test_cells_that_are_no_votes(columns, message, role):
    with pytest.raises(InputError, match=f"the {role} column.*{message}") as caught:
        vote_columns(pd.DataFrame(columns), ["a", "b"], role=role, ids=np.array(["x", "y"]))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("columns", "labels", "names"),
    [
        (["votes_cat", "votes_dog"], ["cat", "dog"], ("cat", "dog")),
        (["votes_cat", "votes_dog"], ["cat"], ("cat", "dog")),
        (["votes_cat", "votes_dog"], ["votes_cat"], ("votes_cat", "votes_dog")),
        (["votes_cat", "votes_dog"], ["x"], ("votes_cat", "votes_dog")),
        (["votes_cat", "votes_dog"], [], ("cat", "dog")),
        (["NUM:cat", "NUM:dog"], [], ("cat", "dog")),
        (["n_big_cat", "n_big_dog"], [], ("big_cat", "big_dog")),
        (["count_big_cat", "count_big_dog"], ["big_cat"], ("big_cat", "big_dog")),
        (["vote_cat", "votes_dog"], [], ("vote_cat", "votes_dog")),
        (["votes_", "votes_dog"], [], ("votes_", "votes_dog")),
        (["voted_cat", "voted_dog"], [], ("voted_cat", "voted_dog")),
        (["v:a:1", "v:a:2"], [], ("1", "2")),
        (["v_1", "v_1.5"], [], ("1", "1.5")),
        (["v_0", "v_10"], [0, 10], ("0", "10")),
        (["v_0", "v_10"], [0.0, 1.5], ("0", "10")),
        (["0", "1"], [0, 1], ("0", "1")),
        (["cat", "car"], ["t"], ("cat", "car")),
        (["a_", "a_b"], ["b"], ("a_", "a_b")),
    ],
)
def test_names_of_classes(columns, labels, names):
    assert without_prefix(columns, labels) == names


def test_what_names_begin_with():
    assert shortened(["a_b_1", "a_b_12", "a_b_c_3"]) == ("1", "12", "c_3")
    assert shortened(["one"]) == ("one",)


def test_plain_names():
    assert [plain(name) for name in ("1", "1.0", 1, 1.0, "+1")] == [1.0] * 5
    assert [plain(name) for name in ("nan", "1e3", "1_0", "a", "inf")] == ["nan", "1e3", "1_0", "a", "inf"]
