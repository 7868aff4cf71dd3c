"""What the toy study stores comes back, each cell from a place of its own."""

from __future__ import annotations

import numpy as np
import pytest

from softlabel.comparison.cells import Cell
from softlabel.comparison.toy_files import ToyFiles
from softlabel.errors import DamagedRunError

ROWS = np.random.default_rng(0).dirichlet(np.ones(3), size=4)


def test_answers_come_back_as_float32(tmp_path):
    files = ToyFiles(tmp_path)
    cells = [
        Cell("none", 0, "slr"),
        Cell("none", 1, "slr"),
        Cell("symmetric:0.3", 0, "slr"),
        Cell("none", 0, "slr:n_rounds=8"),
        Cell("none", 0, "slr:n_rounds 8"),
    ]
    assert files.areas(cells[0]) is None
    for number, cell in enumerate(cells):
        files.put_areas(cell, ROWS + number)
    for number, cell in enumerate(cells):
        np.testing.assert_array_equal(ToyFiles(tmp_path).areas(cell), (ROWS + number).astype(np.float32))


def test_targets_come_back(tmp_path):
    files = ToyFiles(tmp_path)
    assert files.targets("symmetric:0.3", 2) is None
    files.put_targets("symmetric:0.3", 2, ROWS[None])
    np.testing.assert_array_equal(files.targets("symmetric:0.3", 2), ROWS[None])
    assert files.targets("none", 2) is None
    assert files.targets("symmetric:0.3", 3) is None


def test_a_damaged_file_is_named(tmp_path):
    files, cell = ToyFiles(tmp_path), Cell("none", 0, "slr")
    files.put_areas(cell, ROWS)
    (stored,) = (tmp_path / "toy").rglob("*.npy")
    stored.write_bytes(b"nothing")
    with pytest.raises(DamagedRunError, match=r"seed-0\.npy .*computed anew"):
        files.areas(cell)
