"""What a comparison leaves in its folder."""

from __future__ import annotations

import io
import re
import warnings

import pandas as pd
import pytest

from made_results import ACCURACY, epochs_of, results_of
from softlabel.comparison.cells import Cell, CellResult
from softlabel.comparison.results import Results
from softlabel.comparison.writing import cells_table, markdown_page, write_figures, write_results, write_tables
from softlabel.errors import StorageError


def test_tables_hold_what_the_results_hold(tmp_path):
    results = results_of(corruptions=("none", "pair:0.2"))
    paths = write_tables(results, tmp_path)
    assert [path.name for path in paths] == ["table.md", "table.csv", "cells.csv", "results.json", "times.json"]
    assert sorted(tmp_path.iterdir()) == sorted(paths)
    table = pd.read_csv(tmp_path / "table.csv", keep_default_na=False, na_values=[""])
    pd.testing.assert_frame_equal(table, results.table(), check_dtype=False)
    cells = pd.read_csv(tmp_path / "cells.csv", keep_default_na=False, na_values=[""])
    assert len(cells) == 2 * 5 * 4
    up = cells.query("corruption == 'pair:0.2' and method == 'up'")
    assert up["seed"].tolist() == [0, 1, 2, 3]
    assert up["accuracy"].tolist() == ACCURACY["up"]  # to the last digit
    assert set(up["state"]) == {"done"}


def test_a_failed_cell_is_a_row_with_its_reason():
    results = results_of({"plain": [0.8, 0.9]}, failures={Cell("none", 1, "slr"): 'it said "no", twice'})
    table = cells_table(results)
    assert table["state"].tolist() == ["done", "done", "failed"]  # what was not tried has no row
    again = pd.read_csv(io.StringIO(table.to_csv(index=False)))
    assert again["reason"].iloc[2] == 'it said "no", twice'
    assert pd.isna(again["accuracy"].iloc[2])


def test_what_was_chosen_and_complained_of():
    cell = CellResult({"accuracy": 0.5}, chosen={"share": 0.1}, warnings=(("UserWarning", "odd"),))
    table = cells_table(Results({Cell("none", 0, "smoothing"): cell}, {}, {}, results_of().task))
    assert table["chosen"].tolist() == ['{"share": 0.1}']
    assert table["n_warnings"].tolist() == [1]


def test_the_page_says_what_was_measured_on_what():
    page = markdown_page(
        results_of(about={"source": "train.csv", "test": None, "versions": {"numpy": "2.0", "scipy": "1.1"}})
    )
    assert page.startswith(
        "# Comparison\n\n- source: train.csv\n- versions: numpy 2.0, scipy 1.1\n- intervals: 95%, n = 4 seeds\n\n## "
    )
    assert "| up | 0.855 ± 0.013 |" in page


def test_the_same_results_are_the_same_bytes(tmp_path):
    results = results_of()
    for folder in ("a", "b"):
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # a sign that the font does not have, say
            write_results(results, tmp_path / folder)
    names = sorted(path.name for path in (tmp_path / "a").iterdir())
    assert "table.png" in names
    assert "table.svg" in names
    for name in names:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes(), name


def test_only_what_there_is_is_drawn(tmp_path):
    assert write_figures(results_of({"plain": [0.8, 0.9]}), tmp_path) == []
    told = CellResult({"accuracy": 0.5}, epochs=epochs_of((1.0, 1.0), (0.5, 0.8)))
    cells = {Cell(c, s, "plain"): told for c in ("none", "pair:0.25") for s in (0, 1)}
    cells |= {
        Cell("none", s, f"slr:n_rounds={r}"): CellResult({"accuracy": 0.5 + r / 10}) for s in (0, 1) for r in (1, 2)
    }
    names = {path.name for path in write_figures(Results(cells, {}, {}, results_of().task), tmp_path)}
    stems = {"table", "losses-none", "losses-pair-0.25", "rounds"}
    assert names == {f"{stem}.{ending}" for stem in stems for ending in ("png", "svg")}
    assert names == {path.name for path in tmp_path.iterdir()}


def test_files_are_named_after_corruptions_by_signs_that_any_disk_takes(tmp_path):
    told = CellResult({"accuracy": 0.5}, epochs=epochs_of((1.0, 1.0), (0.5, 0.8)))
    corruptions = ("instance:0.3", "column:label_worse", "column:../a b", "column:../a-b", f"column:{'x' * 300}")
    cells = {Cell(corruption, 0, "plain"): told for corruption in corruptions}
    stems = [path.stem for path in write_figures(Results(cells, {}, {}, results_of().task), tmp_path)][::2]
    assert stems[:2] == ["losses-instance-0.3", "losses-column-label_worse"]
    assert all(re.fullmatch(r"losses-column-[A-Za-z0-9_.=-]+", stem) for stem in stems[1:])
    assert len(set(stems)) == 5
    assert max(len(stem) for stem in stems) < 90
    assert {path.parent for path in tmp_path.rglob("*.png")} == {tmp_path}


def test_a_disk_that_refuses(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StorageError, match="a file stands where a folder is needed"):
        write_tables(results_of(), tmp_path / "file")
