"""Data sets from tables: columns of any kind as features, or one column of texts."""

from __future__ import annotations

from pathlib import Path

from softlabel.data.columns import Columns
from softlabel.data.dataset import Dataset
from softlabel.data.table import listed, read_table
from softlabel.data.table_answers import table_answers
from softlabel.data.text_column import texts
from softlabel.errors import InputError


def table_dataset(path: str | Path, columns: Columns) -> Dataset:
    """Load a table; all columns that have no other role are features, or the column of texts is the only one.

    Parameters
    ----------
    path : path
        A .csv or .parquet file.
    columns : Columns
        Without labels and votes there is no ``y`` (rows to be predicted); without ``id`` rows are numbered from 0.

    Raises
    ------
    InputError
        If a column does not exist (names those that do), has two roles, has missing values, an id occurs twice, a text is
        empty, or no feature is left.
    """
    columns.check()
    frame = read_table(path, exact=columns.exact)
    values = table_answers(frame, path, columns)
    if columns.text is not None:
        cells = frame[columns.text].to_numpy(dtype=object)  # (n,)
        X = texts(cells, name=columns.text, ids=None if columns.id is None else values.ids)  # (n,)
        return Dataset(X, source=str(path), **vars(values))
    features = frame.drop(columns=columns.not_features)
    if len(features.columns) == 0:
        raise InputError(
            f"no column of {path} is left as a feature; its columns are {listed(frame.columns)}; drop fewer"
        )
    return Dataset(features, source=str(path), **vars(values))
