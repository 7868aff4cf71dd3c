from __future__ import annotations

import numpy as np
import pytest

import labelled_tables
from softlabel.data.dataset import Dataset
from softlabel.data.source import load
from softlabel.errors import InputError
from softlabel.run.config import make_config
from softlabel.run.guard_rows import guarded, labels_of, refuse_unknown_labels
from softlabel.run.reading import reading_of


@pytest.fixture
def read(tmp_path):
    """Write a table and a guard beside it; return the rows of both, the mask, and the guard's alone."""

    def both(train, guard, **values):
        train.to_csv(tmp_path / "train.csv", index=False)
        guard.to_csv(tmp_path / "guard.csv", index=False)
        config = make_config({"source": str(tmp_path / "train.csv"), "out": "x", "id": "key", **values})
        reading = reading_of(config, None)
        return guarded(str(tmp_path / "guard.csv"), load(config.source, **reading), reading)

    return both


def _guard(make, n=10):
    frame = make(n, seed=5)
    return frame.assign(key=[f"g{row}" for row in range(n)])


def test_rows_of_several_labels_stand_behind(read):
    train, guard = labelled_tables.several(20), _guard(labelled_tables.several)
    data, mask, part = read(train, guard, task="multilabel", label=list(labelled_tables.LABELS))
    assert mask.tolist() == [False] * 20 + [True] * 10
    assert data.label_names.tolist() == list(labelled_tables.LABELS)
    assert np.array_equal(data.y[20:], guard[list(labelled_tables.LABELS)])
    assert data.ids[20] == "g0"
    assert len(part.ids) == 10


def test_a_label_that_the_guard_lacks_is_still_a_column(read):
    train, guard = labelled_tables.several(20), _guard(labelled_tables.several).assign(rust=0)
    data, *_ = read(labelled_tables.joined(train), labelled_tables.joined(guard), task="multilabel", label="tags")
    assert data.label_names.tolist() == sorted(labelled_tables.LABELS)
    assert data.y.shape == (30, 3)
    assert not data.y[20:, 1].any()


def test_votes_of_both_become_targets(read):
    train, guard = labelled_tables.votes(20), _guard(labelled_tables.votes)
    data, *_ = read(train, guard, votes=list(labelled_tables.ANIMALS), reference="votes")
    shares = guard[list(labelled_tables.ANIMALS)].to_numpy() / 5
    assert np.allclose(data.targets[20:], shares)
    assert np.allclose(data.reference[20:], shares)
    assert data.targets.dtype == np.float32


def test_row_numbers_of_two_files_are_told_apart(read):
    train, guard = (
        make(n).drop(columns="key") for make, n in ((labelled_tables.grades, 8), (labelled_tables.grades, 4))
    )
    data, *_ = read(train, guard, task="ordinal", label="grade", id=None)
    assert data.ids[[0, 8]].tolist() == ["0", "guard-0"]


def test_labels_that_the_source_has_not_are_refused(read):
    guard = _guard(labelled_tables.grades).assign(grade=9)
    with pytest.raises(InputError, match="the guard file has labels that the source has not: 9; known: 0, 1, 2, 3"):
        read(labelled_tables.grades(20), guard, task="ordinal", label="grade")


def test_grades_between_others_are_none_that_the_source_lacks():
    train, other = (Dataset(np.zeros((2, 1)), np.array(y), np.arange(2)) for y in ([0.5, 2.0], [1.5, 0.0]))
    refuse_unknown_labels(train, other, "test")


def test_rows_without_labels_are_refused():
    with pytest.raises(InputError, match=r"rows\.csv has no labels"):
        labels_of(Dataset(np.zeros((2, 1)), None, np.arange(2), source="rows.csv"))
