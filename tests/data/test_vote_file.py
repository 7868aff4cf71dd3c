from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from softlabel.data.vote_file import vote_file
from softlabel.errors import InputError

IDS = np.array(["r3", "r1", "r2"])


@pytest.fixture
def write(tmp_path):
    def write_votes(rows, name="v.csv", columns=("id", "annotator", "label")):
        frame = pd.DataFrame(rows, columns=list(columns))
        (frame.to_parquet if name.endswith(".parquet") else frame.to_csv)(tmp_path / name, index=False)
        return tmp_path / name

    return write_votes


@pytest.mark.parametrize("name", ["v.csv", "v.parquet"])
def test_votes_are_counted_by_row_and_class(write, name):
    path = write([("r1", "ann", "x"), ("r2", "ann", "y"), ("r1", "ben", "y"), ("r1", "cem", "x")], name)
    votes = vote_file(path, IDS)
    assert votes.names == ("x", "y")
    assert votes.counts.tolist() == [[0, 0], [2, 1], [0, 1]]
    assert votes.whole
    assert votes.answers.tolist() == [[1, 0, 0], [2, 0, 1], [1, 1, 1], [1, 2, 0]]


@pytest.mark.parametrize("name", ["v.csv", "v.parquet"])
def test_ids_are_numbers_of_rows_or_any_numbers(write, name):
    path = write([(0, 7, 1), (2, 7, 3), (2, 8, 1)], name)
    votes = vote_file(path, np.arange(3))
    assert (votes.names, votes.counts.tolist()) == (("1", "3"), [[1, 0], [0, 0], [1, 1]])
    votes = vote_file(path, np.array([2, 0, 10]))
    assert votes.counts.tolist() == [[1, 1], [1, 0], [0, 0]]
    assert vote_file(path, np.array(["2", "0", "b"])).counts.tolist() == [[1, 1], [1, 0], [0, 0]]


def test_unknown_ids(write):
    path = write([("r1", "a", "x"), ("r9", "a", "y"), ("r8", "a", "y"), ("r9", "b", "y")])
    with pytest.raises(InputError, match=r"votes on 2 ids that no row has: r9, r8; rows are r3, r1, r2; .*--id"):
        vote_file(path, IDS)
    assert vote_file(path, IDS, whole=False).counts.tolist() == [[0, 0], [1, 0], [0, 0]]


def test_files_that_cannot_be_used(write):
    with pytest.raises(InputError, match=r"no column 'annotator'; its columns are 'id', 'worker', 'label'"):
        vote_file(write([("r1", "a", "x")], columns=("id", "worker", "label")), IDS)
    with pytest.raises(InputError, match=r"more than one vote of one annotator on 1 rows \(ids r1\); keep one each"):
        vote_file(write([("r1", "a", "x"), ("r1", "a", "y"), ("r2", "a", "y")]), IDS)
    with pytest.raises(InputError, match="the label of votes column 'label' is empty in 1 of 2"):
        vote_file(write([("r1", "a", "x"), ("r2", "a", None)]), IDS)
    with pytest.raises(InputError, match="does not exist"):
        vote_file("no.csv", IDS)
