from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from softlabel.data.columns import Columns
from softlabel.data.further_rows import array_test, load_tables
from softlabel.data.source import load
from softlabel.data.table_datasets import table_dataset
from softlabel.errors import InputError


@pytest.fixture
def write(tmp_path):
    def write_table(name, **columns):
        pd.DataFrame(columns).to_csv(tmp_path / name, index=False)
        return tmp_path / name

    return write_table


def test_test_rows_have_the_label_names_of_the_training_rows(write):
    train = write("train.csv", x=[1, 2, 3], tags=["a, b|c", "c", ""])
    test = write("test.csv", x=[1, 2], tags=["a, b", "c"])
    data = load_tables(table_dataset, train, Columns("tags", several=True), test)
    assert data.label_names.tolist() == data.test.label_names.tolist() == ["a, b", "c"]
    assert data.test.y.tolist() == [[1, 0], [0, 1]]
    with pytest.raises(InputError, match="does not have: d"):
        load_tables(table_dataset, train, Columns("tags", several=True), write("other.csv", x=[1], tags=["d"]))


def test_test_rows_need_no_votes_where_they_have_labels(write):
    train = write("train.csv", x=[1, 2], y=["a", "b"], n_a=[1, 0], n_b=[1, 2])
    columns = Columns("y", votes=("n_a", "n_b"), reference=("votes",))
    test = load_tables(table_dataset, train, columns, write("test.csv", x=[1], y=["b"])).test
    assert (test.y.tolist(), test.targets, test.reference) == (["b"], None, None)
    test = load_tables(table_dataset, train, columns, write("test.csv", x=[1], y=["b"], n_a=[1], n_b=[0])).test
    assert list(test.X.columns) == ["x"]
    assert test.targets is None


def test_test_rows_whose_labels_are_votes(write):
    train = write("train.csv", x=[1, 2], n_1=[1, 0], n_2=[1, 2])
    test = write("test.csv", x=[1], n_1=[0], n_2=[3])
    data = load_tables(table_dataset, train, Columns(votes=("n_1", "n_2")), test)
    assert data.y.tolist() == [1, 2]
    assert data.test.y.tolist() == [2]
    with pytest.raises(InputError, match=r"short.csv has no column 'n_2'"):
        load_tables(table_dataset, train, Columns(votes=("n_1", "n_2")), write("short.csv", x=[1], n_1=[0]))


def test_the_reference_of_test_rows(write):
    train = write("train.csv", x=[1, 2], y=["a", "b"], p_a=[0.9, 0.5], p_b=[0.1, 0.5])
    columns = Columns("y", reference=("p_a", "p_b"))
    test = write("test.csv", x=[1], y=["b"], p_a=[0.25], p_b=[0.75])
    data = load_tables(table_dataset, train, columns, test)
    assert data.test.reference.tolist() == [[0.25, 0.75]]


def test_test_texts(write):
    train = write("train.csv", t=["a b", "c"], y=[0, 1])
    test = write("test.csv", t=["NA"], y=[1], more=[3])
    data = load_tables(table_dataset, train, Columns("y", text="t"), test)
    assert data.test.X.tolist() == ["NA"]
    with pytest.raises(InputError, match="no column 't'"):
        load_tables(table_dataset, train, Columns("y", text="t"), write("other.csv", y=[1], more=[3]))


def test_the_test_file_of_an_array_with_several_labels(tmp_path):
    np.savez(tmp_path / "a.npz", X=np.eye(3), y=[[1, 0], [1, 1], [0, 0]], label_names=["p", "q"])
    np.savez(tmp_path / "b.npz", X=np.eye(3), y=[[0, 0], [0, 1], [0, 0]])
    train = load(tmp_path / "a.npz", several=True)
    part = array_test(tmp_path / "b.npz", train, True)
    assert part.label_names.tolist() == ["p", "q"]
    assert part.y[1].tolist() == [0, 1]
    np.savez(tmp_path / "c.npz", X=np.eye(3), y=np.zeros((3, 3), int))
    with pytest.raises(InputError, match="label_names are p, q for the 3 columns"):
        array_test(tmp_path / "c.npz", train, True)
