from __future__ import annotations

import pandas as pd
import pytest

from made_pictures import encoded, pixels
from softlabel.data.deepdrid import deepdrid_sheet
from softlabel.errors import InputError

NAMES = ("1_l1", "1_l2", "1_r1", "1_r2", "2_l1", "2_r1")


@pytest.fixture
def write(tmp_path):
    """A sheet of two patients below regular_fundus_images, its paths from the folder above it, as in the challenge."""
    root = tmp_path / "regular-fundus-training"
    for at, name in enumerate(NAMES):
        folder = root / "Images" / name.split("_")[0]
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.jpg").write_bytes(encoded(pixels(at)))

    def write_sheet(*, folder="regular-fundus-training", drop=(), **columns):
        frame = pd.DataFrame(
            {
                "patient_id": [1, 1, 1, 1, 2, 2],
                "image_id": NAMES,
                "image_path": [rf"\regular-fundus-training\Images\{name[0]}\{name}.jpg" for name in NAMES],
                "left_eye_DR_Level": [0, 0, None, None, 3, None],
                "right_eye_DR_Level": [None, None, 2, 2, None, None],
                "patient_DR_Level": [2, 2, 2, 2, 4, 4],
            }
            | columns
        )
        path = tmp_path / folder / "labels.csv"
        frame.drop(columns=list(drop)).to_csv(path, index=False)
        return path

    return write_sheet


@pytest.mark.parametrize("folder", ["regular-fundus-training", ".", "regular-fundus-training/Images"])
def test_a_picture_has_the_grade_of_its_eye_and_the_group_of_its_patient(write, folder):
    sheet = deepdrid_sheet(write(folder=folder))
    assert sheet.values.ids.tolist() == list(NAMES)
    assert sheet.values.y.tolist() == [0, 0, 2, 2, 3, 4]  # the last eye has no grade: the patient's stands in
    assert sheet.values.groups.tolist() == [1, 1, 1, 1, 2, 2]
    assert [sheet.images.read(row) for row in range(6)] == [encoded(pixels(at)) for at in range(6)]


def test_without_patients_their_number_is_in_the_name(write):
    assert deepdrid_sheet(write(drop=["patient_id"])).values.groups.tolist() == [1, 1, 1, 1, 2, 2]


def test_paths_in_other_forms(write):
    paths = [f"/regular-fundus-training/Images/{name[0]}/{name}.jpg" for name in NAMES]
    assert len(deepdrid_sheet(write(image_path=paths)).images) == 6
    paths = [f"Images/{name[0]}/{name}.jpg" for name in NAMES]
    assert len(deepdrid_sheet(write(image_path=paths)).images) == 6


def test_both_eyes_may_be_graded_in_each_line(write):
    sheet = deepdrid_sheet(write(left_eye_DR_Level=[1] * 6, right_eye_DR_Level=[4] * 6))
    assert sheet.values.y.tolist() == [1, 1, 4, 4, 1, 4]
    names = [name.replace("l", "L") for name in NAMES]
    path = write(image_id=names, left_eye_DR_Level=[1] * 6, right_eye_DR_Level=[None, None, 2, 2, None, 4])
    assert deepdrid_sheet(path).values.y.tolist() == [1, 1, 2, 2, 1, 4]


def test_pictures_that_cannot_be_graded_are_left_out(write):
    path = write(left_eye_DR_Level=[0, 5, None, None, 5, None])
    with pytest.warns(UserWarning, match=r"2 of 6 pictures of .* have grade 5.* are left out"):
        sheet = deepdrid_sheet(path)
    assert sheet.values.ids.tolist() == ["1_l1", "1_r1", "1_r2", "2_r1"]
    assert sheet.values.y.tolist() == [0, 2, 2, 4]
    assert sheet.values.groups.tolist() == [1, 1, 1, 2]
    assert sheet.images.read(1) == encoded(pixels(2))
    assert len(deepdrid_sheet(path, labelled=False).images) == 6
    with pytest.raises(InputError, match=r"all 6 pictures of .* have grade 5"):
        deepdrid_sheet(write(left_eye_DR_Level=[5] * 6, right_eye_DR_Level=[5] * 6))


def test_a_sheet_without_grades_can_be_predicted(write):
    path = write(drop=["left_eye_DR_Level", "right_eye_DR_Level", "patient_DR_Level"])
    assert deepdrid_sheet(path, labelled=False).values.y is None
    with pytest.raises(InputError, match="no column 'left_eye_DR_Level'"):
        deepdrid_sheet(path)


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"image_id": ["1_l1"] * 6}, "image_id in .* is not unique: 1_l1"),
        ({"image_id": ["a", *NAMES[1:]]}, r"names no eye in 1 of 6 rows \(a\)"),
        ({"right_eye_DR_Level": [None] * 6, "patient_DR_Level": [None] * 6},
         r"3 of 6 pictures have no grade.*\(ids 1_r1, 1_r2, 2_r1\)"),
        ({"left_eye_DR_Level": [0, 1.5, None, None, 7, None]}, "grade of id 1_l2 is 1.5, and 2 of 6 grades"),
        ({"left_eye_DR_Level": ["bad", 0, 0, 0, 0, 0]}, "'left_eye_DR_Level' holds what is no grade"),
        ({"image_path": ["x.jpg", *[f"Images/{name[0]}/{name}.jpg" for name in NAMES[1:]]]},
         r"1 of 6 pictures of .* do not exist: x.jpg; paths are relative"),
        ({"image_path": [None, *NAMES[1:]]}, r"path column 'image_path' is empty in 1 of 6 rows \(ids 1_l1\)"),
    ],
)  # fmt: skip
def test_sheets_that_cannot_be_used(write, columns, message):
    with pytest.raises(InputError, match=message) as caught:
        deepdrid_sheet(write(**columns))
    assert "\n" not in str(caught.value)


@pytest.fixture
def official(tmp_path):
    """The layout of the challenge: the sheet beside the folder Images, which its paths leave out."""
    folder = tmp_path / "regular-fundus-training"
    for at, name in enumerate(NAMES):
        (folder / "Images" / name[0]).mkdir(parents=True, exist_ok=True)
        (folder / "Images" / name[0] / f"{name}.jpg").write_bytes(encoded(pixels(at)))
    frame = pd.DataFrame(
        {
            "patient_id": [1, 1, 1, 1, 2, 2],
            "image_id": NAMES,
            "image_path": [rf"\regular-fundus-training\{name[0]}\{name}.jpg" for name in NAMES],
            "left_eye_DR_Level": [0, 0, None, None, 3, None],
            "right_eye_DR_Level": [None, None, 2, 2, None, 1],
            "patient_DR_Level": [2, 2, 2, 2, 3, 3],
        }
    )
    frame.to_csv(folder / "regular-fundus-training.csv", index=False)
    return folder


def test_the_official_sheet_leaves_out_the_folder_of_its_pictures(official):
    sheet = deepdrid_sheet(official / "regular-fundus-training.csv")
    assert [sheet.images.read(row) for row in range(6)] == [encoded(pixels(at)) for at in range(6)]
    above = (official / "regular-fundus-training.csv").rename(official.with_name("sheet.csv"))
    assert deepdrid_sheet(above).images.read(5) == encoded(pixels(5))
    above.rename(official / "regular-fundus-training.csv")
    renamed = official.rename(official.with_name("training"))  # so that the first part of a path is no folder
    sheet = deepdrid_sheet(renamed / "regular-fundus-training.csv")
    assert [sheet.images.read(row) for row in range(6)] == [encoded(pixels(at)) for at in range(6)]


def test_what_a_path_says_comes_before_what_it_may_mean(official):
    (official / "1").mkdir()
    (official / "1" / "1_l1.jpg").write_bytes(encoded(pixels(9)))
    assert deepdrid_sheet(official / "regular-fundus-training.csv").images.read(0) == encoded(pixels(9))


def test_a_grade_of_the_other_eye_alone_comes_before_that_of_the_patient(write):
    path = write(left_eye_DR_Level=[None, 0, 1, None, 3, None], right_eye_DR_Level=[0, None, None, 2, None, None])
    with pytest.warns(UserWarning, match=r"2 of 6 rows of .* of the other alone \(ids 1_l1, 1_r1\)") as caught:
        sheet = deepdrid_sheet(path)
    assert len(caught) == 1
    assert sheet.values.y.tolist() == [0, 0, 1, 2, 3, 4]
