from __future__ import annotations

import pytest

from softlabel.errors import DamagedRunError, RunError
from softlabel.store.comparison_store import ComparisonPaths, ComparisonStore

CELL = ("symmetric:0.2", 3, "slr:n_rounds=6")


def test_what_is_put_comes_back(tmp_path):
    store = ComparisonStore.create(tmp_path / "c", {"identity": {"a": 1}})
    assert store.get_cell(*CELL) is None
    store.put_cell(*CELL, {"scores": {"accuracy": 0.5}}, {"seconds": 1.5})
    again = ComparisonStore.open(tmp_path / "c")
    assert again.record["identity"] == {"a": 1}
    assert again.get_cell(*CELL) == ({"scores": {"accuracy": 0.5}}, {"seconds": 1.5})
    assert again.get_cell("none", 3, "slr:n_rounds=6") is None


def test_times_do_not_change_the_bytes_of_a_cell(tmp_path):
    stores = [ComparisonStore.create(tmp_path / name, {}) for name in "ab"]
    for number, store in enumerate(stores):
        store.put_cell(*CELL, {"scores": {"accuracy": 0.5}}, {"seconds": float(number)})
    first, second = (store.paths.cell(*CELL).read_bytes() for store in stores)
    assert first == second


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("slr:a=1", "slr-a=1"),
        ("smoothing:share=0.1/0.2", "smoothing:share=0.1:0.2"),
        ("a b", "a:b"),
        ("A" * 61, "A" * 62),
    ],
)
def test_methods_of_similar_names_have_folders_of_their_own(tmp_path, one, other):
    paths = ComparisonPaths(tmp_path)
    assert paths.cell("none", 0, one) != paths.cell("none", 0, other)
    assert paths.cell("none", 0, one).is_relative_to(paths.cells)


@pytest.mark.parametrize("name", ["..", "/etc", "a/../../b"])
def test_no_name_leads_out_of_the_folder(tmp_path, name):
    paths = ComparisonPaths(tmp_path)
    assert ".." not in paths.cell(name, 0, name).relative_to(paths.cells).parts


def test_a_cell_changed_by_hand_is_told(tmp_path):
    store = ComparisonStore.create(tmp_path / "c", {})
    store.put_cell(*CELL, {"scores": {"accuracy": 0.5}}, {})
    path = store.paths.cell(*CELL)
    path.write_text(path.read_text().replace("0.5", "0.9"))
    with pytest.raises(DamagedRunError, match="delete it and start the same command again"):
        store.get_cell(*CELL)


def test_a_folder_with_something_else_is_refused(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(RunError, match="not empty and holds no comparison"):
        ComparisonStore.create(tmp_path, {})
    with pytest.raises(RunError, match="holds no comparison"):
        ComparisonStore.open(tmp_path)
    with pytest.raises(RunError, match="is a file"):
        ComparisonStore.create(tmp_path / "notes.txt", {})


def test_a_record_that_does_not_change_is_not_written(tmp_path):
    store = ComparisonStore.create(tmp_path / "c", {"a": 1})
    before = store.paths.record.stat().st_mtime_ns
    store.update_record(a=1)
    assert store.paths.record.stat().st_mtime_ns == before
    store.update_record(a=2)
    assert ComparisonStore.open(tmp_path / "c").record["a"] == 2
