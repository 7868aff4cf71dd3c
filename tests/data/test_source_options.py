from __future__ import annotations

import pandas as pd
import pytest

from softlabel.data.columns import Columns
from softlabel.data.source_options import refuse_beside_format, refuse_columns, refuse_several, refuse_size
from softlabel.errors import InputError


@pytest.fixture
def table(tmp_path):
    pd.DataFrame({"image_id": ["a"]}).to_csv(tmp_path / "t.csv", index=False)
    return tmp_path / "t.csv"


def test_columns_of_what_is_no_table():
    refuse_columns("iris", Columns())
    refuse_columns("iris", Columns(votes=("v.csv",), reference=("votes",)))
    columns = Columns("y", text="t", votes=("a", "b"), reference=("r", "s"))
    with pytest.raises(InputError, match="no table, so --label, --text, --votes, --reference cannot name its columns"):
        refuse_columns("iris", columns)


def test_a_format_says_all_itself(table):
    refuse_beside_format("deepdrid", table, Columns())
    with pytest.raises(
        InputError, match="says itself what --label, --groups would say; leave --label and --groups out"
    ):
        refuse_beside_format("deepdrid", table, Columns("y", groups="g"))
    with pytest.raises(InputError, match="what --task multilabel would say"):
        refuse_beside_format("plant-pathology", table, Columns(several=True))
    with pytest.raises(InputError, match="there is no format 'coco'; there are deepdrid, plant-pathology"):
        refuse_beside_format("coco", table, Columns())
    with pytest.raises(InputError, match="the format deepdrid is that of a table, and iris is none"):
        refuse_beside_format("deepdrid", "iris", Columns())


def test_several_labels_of_what_has_one():
    refuse_several("iris", False)
    with pytest.raises(InputError, match="each row of iris has one label, so --task multilabel does not go with it"):
        refuse_several("iris", True)


def test_a_size_without_pictures():
    refuse_size("t.csv", "table", pictures_named=True)
    refuse_size("folder", "folder", pictures_named=False)
    with pytest.raises(InputError, match=r"name its column of pictures with --image$"):
        refuse_size("t.csv", "table", pictures_named=False)
    with pytest.raises(InputError, match=r"leave it out$"):
        refuse_size("a.npz", "array", pictures_named=False)
