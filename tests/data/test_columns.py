from __future__ import annotations

import pytest

from softlabel.data.columns import Columns
from softlabel.errors import InputError


def test_one_label_in_a_list_is_that_label():
    assert Columns(label=("a",)).label == "a"
    assert Columns(label=("a", "b")).labels == ("a", "b")
    assert Columns(label=()).label is None
    assert Columns(drop="ab", votes="v.csv").drop == ("ab",)


def test_votes_are_columns_or_one_file():
    columns = Columns(votes=("a", "b"))
    assert (columns.vote_file, columns.vote_columns) == (None, ("a", "b"))
    columns = Columns(votes=("v.Parquet",))
    assert (columns.vote_file, columns.vote_columns) == ("v.Parquet", ())
    with pytest.raises(InputError, match=r"the one column 'a'; give one column a class, or one \.csv"):
        Columns(votes=("a",)).check()


def test_the_votes_as_reference():
    columns = Columns(votes=("a", "b"), reference=("votes",))
    columns.check()
    assert columns.reference_is_votes
    assert columns.reference_columns == ()
    with pytest.raises(InputError, match=r"the one column 'votes'; .*and there are none"):
        Columns(label="y", reference=("votes",)).check()
    with pytest.raises(InputError, match=r"the one column 'r'; give one column a class$"):
        Columns(label="y", reference=("r",)).check()


def test_what_is_no_feature():
    columns = Columns(("a", "b"), "i", "g", ("d",), text="t", votes=("u", "v"), reference=("u", "w"))
    assert columns.exact == ["a", "b", "i", "g", "t"]
    assert columns.not_features == ["a", "b", "i", "g", "t", "u", "v", "w", "d"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"label": "a", "id": "a"}, "'a' is given as label and as id; a label column has that one role"),
        ({"label": ("a", "b"), "groups": "b"}, "'b' is given as label and as groups"),
        ({"label": "a", "drop": ("a",)}, "'a' is given as label and as drop"),
        ({"label": ("a", "b", "a")}, "'a' is given twice as label"),
        ({"label": "a", "text": "a"}, "'a' is given as text and as label"),
        ({"image": "a", "id": "a"}, "'a' is given as image and as id; an? image column"),
        ({"label": "a", "votes": ("a", "b")}, "'a' is given as label and as votes"),
        ({"label": "a", "reference": ("a", "b")}, "'a' is given as label and as reference"),
        ({"votes": ("a", "b"), "drop": ("b",)}, "'b' is given as votes and as drop"),
        ({"id": "a", "drop": ("a",)}, "'a' is to be dropped and is given another role"),
        ({"image": "a", "text": "b"}, "pictures of column 'a' and the texts of column 'b'; give one"),
        ({"several": True, "votes": ("a", "b")}, "votes are for exclusive classes"),
        ({"separator": "|", "label": "a"}, "separator='|' parts"),
        ({"separator": "|", "label": ("a", "b"), "several": True}, "there is no such column"),
        ({"separator": "", "label": "a", "several": True}, "separator=''"),
        ({"votes_as": "mean"}, "votes_as='mean'; give one of share, dawid-skene"),
    ],
)
def test_options_that_do_not_go_together(options, message):
    with pytest.raises(InputError, match=message.replace("|", "[|]")) as caught:
        Columns(**options).check()
    assert "\n" not in str(caught.value)


def test_ids_may_be_groups_and_votes_may_be_the_reference():
    Columns(id="a", groups="a", votes=("b", "c"), reference=("b", "c")).check()


def test_the_roles_of_further_rows():
    columns = Columns("y", "i", "g", ("d", "e"), votes=("u", "v"), reference=("r", "s"))
    part = columns.of_part(["x", "y", "e", "u", "v", "r"])
    assert part == Columns("y", drop=("e", "r", "u", "v"), whole=False)
    assert columns.of_part(["y", "r", "s"]).reference == ("r", "s")
    part = Columns(votes=("u", "v"), reference=("votes",)).of_part(["u", "v"])
    assert part.reference_is_votes
    assert Columns("y", votes=("u", "v"), reference=("votes",)).of_part(["y"]).reference == ()


def test_columns_of_noisy_labels_are_no_features_of_further_rows():
    columns = Columns(label="y", noisy=("crowd", "worse"), drop=("worse", "note"))
    columns.check()
    assert columns.not_features == ["y", "crowd", "worse", "note"]
    part = columns.of_part(["a", "y", "crowd", "worse"])
    assert (part.noisy, part.drop) == ((), ("worse", "crowd"))
    part.check()
