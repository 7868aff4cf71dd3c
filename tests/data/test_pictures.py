from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch
from scipy import sparse

from softlabel.data.images import Images
from softlabel.data.pictures import pictures_in
from softlabel.learners.training.input_rows import input_rows

PICTURES = np.random.default_rng(0).integers(0, 256, (5, 4, 4, 3), dtype=np.uint8)
NUMBERS = np.random.default_rng(0).normal(size=(5, 3))


class Held:
    """Rows that answer len and take, and count those that were taken."""

    def __init__(self, values):
        self.values, self.n_taken = values, 0

    def __len__(self):
        return len(self.values)

    def take(self, rows):
        self.n_taken += len(rows)
        return self.values[rows]


@pytest.mark.parametrize(
    ("X", "pictures"),
    [
        (PICTURES, True),
        (PICTURES[..., 0], True),
        (Images.from_array(PICTURES), True),
        (Held(PICTURES), True),
        (Held(PICTURES[..., 0]), True),
        (PICTURES[:, 0, :, 0], False),
        (PICTURES.astype(np.float32), False),
        (NUMBERS, False),
        (NUMBERS.tolist(), False),
        (pd.DataFrame(NUMBERS), False),
        (Held(NUMBERS), False),
    ],
    ids=["colours", "grey", "images", "held", "held grey", "bytes", "floats", "table", "lists", "frame", "held table"],
)
def test_what_a_network_takes_as_pictures_is_pictures(X, pictures):
    assert pictures_in(X) is pictures
    assert input_rows(X, torch.device("cpu")).pictures is pictures


class Ragged(Held):
    """Rows of several lists each, for a learner of somebody's own."""

    def take(self, rows):
        return [([0.0] * row, [1.0]) for row in rows + 2]


@pytest.mark.parametrize("X", [["a text", "another"], sparse.csr_matrix(NUMBERS), Held(NUMBERS[:0]), Ragged(NUMBERS)])
def test_what_no_network_takes_is_no_pictures(X):
    assert pictures_in(X) is False


def test_no_more_than_one_row_is_read():
    rows = Held(PICTURES)
    assert pictures_in(rows)
    assert rows.n_taken == 1
