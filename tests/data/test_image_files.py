from __future__ import annotations

import os
import warnings

import pytest

from made_pictures import class_folder
from softlabel.data.image_files import all_pictures, pictures_by_class
from softlabel.errors import InputError, StorageError


@pytest.fixture
def folder(tmp_path):
    return class_folder(tmp_path / "set", {"dog": 2, "cat": 1, "Ärger": 1})


def touch(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"")


def test_one_folder_a_class(folder):
    found = pictures_by_class(folder)
    assert found.ids.tolist() == ["cat/0.png", "dog/0.png", "dog/1.png", "Ärger/0.png"]
    assert found.labels.tolist() == ["cat", "dog", "dog", "Ärger"]
    assert found.paths == [folder / name for name in found.ids]
    assert all(path.is_file() for path in found.paths)


def test_any_depth_any_case_each_suffix(folder):
    for name in ("deep/er/X.JPG", "y.JPeG", "a.bmp", "b.gif", "c.webp", "d.tif", "e.TIFF", "f.ppm", "g.pgm"):
        touch(folder / "dog" / name)
    (folder / "cat" / "folder.jpg").mkdir()
    touch(folder / "cat" / "folder.jpg" / "in.png")
    found = pictures_by_class(folder)
    assert len(found.paths) == 4 + 9 + 1
    assert found.labels[found.ids == "dog/deep/er/X.JPG"] == "dog"
    assert "cat/folder.jpg/in.png" in found.ids
    assert found.ids.tolist() == sorted(found.ids.tolist())


def test_the_order_is_not_that_of_the_disk(folder, monkeypatch):
    before = pictures_by_class(folder)
    walk = os.walk

    def other_way_round(*args, **kwargs):
        for where, names, files in walk(*args, **kwargs):
            names.sort(reverse=True)
            yield where, names, files[::-1]

    monkeypatch.setattr(os, "walk", other_way_round)
    assert pictures_by_class(folder).ids.tolist() == before.ids.tolist()


def test_hidden_files_are_passed_over_in_silence_others_with_a_warning(folder):
    for name in (".hidden.png", ".git/x.png", "dog/.DS_Store", "dog/._0.png", "__MACOSX/dog/0.png"):
        touch(folder / name)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(pictures_by_class(folder).paths) == 4
        assert len(all_pictures(folder).paths) == 4
    touch(folder / "labels.csv")
    with pytest.warns(UserWarning, match=r"^1 file is no picture and is passed over in .*: labels\.csv$"):
        pictures_by_class(folder)
    touch(folder / "dog" / "0.txt")
    with pytest.warns(
        UserWarning, match=r"^2 files are no pictures and are passed over in .*: dog/0\.txt, labels\.csv$"
    ):
        all_pictures(folder)


def test_links_are_followed_but_not_in_a_circle(folder, tmp_path):
    elsewhere = class_folder(tmp_path / "elsewhere", {"in": 2})
    (folder / "linked").symlink_to(elsewhere / "in")
    (folder / "cat" / "link.png").symlink_to(elsewhere / "in" / "0.png")
    (folder / "cat" / "gone.png").symlink_to(elsewhere / "none.png")
    (folder / "cat" / "up").symlink_to(folder)
    (folder / "cat" / "higher").symlink_to(tmp_path)
    (folder / "cat" / "self").symlink_to(folder / "cat")
    (folder / "cat" / "dogs").symlink_to(folder / "dog")
    (folder / "dog" / "cats").symlink_to(folder / "cat")
    found = pictures_by_class(folder)
    assert {"linked/0.png", "linked/1.png", "cat/link.png", "cat/gone.png", "cat/dogs/0.png", "dog/cats/0.png"} <= set(
        found.ids
    )
    assert len(found.ids) == 4 + 2 + 2 + 2 + 3


@pytest.mark.parametrize(
    ("classes", "message"),
    [
        (
            {"train": 1, "test": 1},
            r"are splits, not classes: test, train; give .*/train as source, and --test .*/test$",
        ),
        ({"Train": 1, "Val": 1}, r"give .*/Train as source, and --test .*/Val$"),
        ({"training": 1, "test": 1, "validation": 1}, r"give .*/training as source, and --test .*/test$"),
        ({"train": 2}, r"give .*/train as source$"),
        ({"dog": 1}, r"has 1 class folders \(dog\); give a folder with one folder a class, at least 2$"),
        ({}, "has 0 class folders; give"),
        ({"dog": 2, "cat": 0, "cow": 0}, r"2 of 3 class folders of .* have no picture: cat, cow; put pictures \(jpg"),
    ],
)
def test_folders_that_are_not_built_like_that(tmp_path, classes, message):
    (tmp_path / "set").mkdir()
    with pytest.raises(InputError, match=message) as caught:
        pictures_by_class(class_folder(tmp_path / "set", classes))
    assert "\n" not in str(caught.value)


def test_train_may_be_a_class_among_others(tmp_path):
    assert set(pictures_by_class(class_folder(tmp_path / "set", {"train": 1, "bus": 1})).labels) == {"train", "bus"}


def test_a_folder_too_high(tmp_path):
    class_folder(tmp_path / "set" / "images", {"dog": 1, "cat": 1})
    with pytest.raises(InputError, match=r"did you mean .*/set/images\?$"):
        pictures_by_class(tmp_path / "set")


def test_pictures_in_no_class(folder):
    touch(folder / "loose.png")
    with pytest.raises(InputError, match=r"^1 pictures of .* are in no class folder: loose\.png; put each"):
        pictures_by_class(folder)


def test_rows_to_be_scored_may_lack_classes(tmp_path):
    found = pictures_by_class(class_folder(tmp_path / "set", {"dog": 2, "cat": 0}), least_classes=1)
    assert found.labels.tolist() == ["dog", "dog"]
    with pytest.raises(InputError, match=r"1 of 1 class folders of .* have no picture: dog"):
        pictures_by_class(class_folder(tmp_path / "empty", {"dog": 0}), least_classes=1)


def test_all_pictures_without_labels(folder):
    touch(folder / "loose.png")
    found = all_pictures(folder)
    assert found.labels is None
    assert found.ids.tolist() == ["cat/0.png", "dog/0.png", "dog/1.png", "loose.png", "Ärger/0.png"]
    (folder / "empty").mkdir()
    with pytest.raises(InputError, match="has no picture in it; give a folder with files that end in jpg jpeg png"):
        all_pictures(folder / "empty")


def test_a_name_that_no_table_could_hold(folder):
    try:
        touch(folder / "dog" / os.fsdecode(b"\xff.png"))
    except OSError:
        pytest.skip("this file system knows only UTF-8")
    with pytest.raises(
        InputError, match=r"^1 names of files in .* are no UTF-8 text: dog/.*\.png; rename them$"
    ) as caught:
        pictures_by_class(folder)
    str(caught.value).encode("utf-8")


def test_a_folder_that_may_not_be_read(folder, monkeypatch):
    scan = os.scandir

    def locked(path):
        if os.path.basename(path) == "dog":
            raise PermissionError(13, "Permission denied", str(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", locked)  # the superuser may read everything
    with pytest.raises(StorageError, match=r"dog cannot be read \(Permission denied\); check its permissions"):
        all_pictures(folder)
