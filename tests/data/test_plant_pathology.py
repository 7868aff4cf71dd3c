from __future__ import annotations

import pandas as pd
import pytest

from made_pictures import encoded, pixels
from softlabel.data.plant_pathology import CLASSES, plant_pathology_sheet
from softlabel.errors import InputError


@pytest.fixture
def write(tmp_path):
    def write_sheet(ids=("Train_0", "Train_1"), labels=((0, 0, 0, 1), (1, 0, 0, 0)), folder="images"):
        (tmp_path / folder).mkdir(exist_ok=True)
        for at, name in enumerate(ids):
            (tmp_path / folder / f"{name}.jpg").write_bytes(encoded(pixels(at)))
        frame = pd.DataFrame({"image_id": ids})
        if labels is not None:
            frame[list(CLASSES)] = labels
        frame.to_csv(tmp_path / "train.csv", index=False)
        return tmp_path / "train.csv"

    return write_sheet


@pytest.mark.parametrize("folder", ["images", "."])
def test_a_picture_has_the_class_whose_column_holds_one(write, folder):
    sheet = plant_pathology_sheet(write(folder=folder))
    assert sheet.values.ids.tolist() == ["Train_0", "Train_1"]
    assert sheet.values.y.tolist() == ["scab", "healthy"]
    assert sheet.values.groups is None
    assert [sheet.images.read(row) for row in range(2)] == [encoded(pixels(at)) for at in range(2)]


def test_ids_are_names_of_files_even_where_they_are_numbers(write):
    assert plant_pathology_sheet(write(ids=("7", "8"))).values.ids.tolist() == ["7", "8"]


def test_the_sheet_of_the_test_pictures_has_no_classes(write):
    path = write(labels=None)
    assert plant_pathology_sheet(path, labelled=False).values.y is None
    with pytest.raises(InputError, match="no column 'healthy'"):
        plant_pathology_sheet(path)


def test_sheets_that_cannot_be_used(write, tmp_path):
    with pytest.raises(
        InputError, match=r"1 of 2 rows have none or several .the first is the row of id Train_0, with 2"
    ):
        plant_pathology_sheet(write(labels=((1, 0, 0, 1), (1, 0, 0, 0))))
    with pytest.raises(InputError, match=r"image_id in .* is not unique: a occur"):
        plant_pathology_sheet(write(ids=("a", "a")))
    path = write()
    (tmp_path / "images" / "Train_1.jpg").unlink()
    with pytest.raises(InputError, match=r"1 of 2 pictures of .* do not exist: Train_1.jpg; put them into .*images"):
        plant_pathology_sheet(path)
