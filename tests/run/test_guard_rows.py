from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import labelled_tables
from softlabel.data.dataset import Dataset
from softlabel.data.source import load
from softlabel.errors import InputError
from softlabel.run.config import make_config
from softlabel.run.guard_rows import guarded, labels_of, refuse_unknown_labels
from softlabel.run.reading import label_kind_of, reading_of
from softlabel.run.task_making import make_task
from softlabel.tasks import Multilabel, Ordinal


@pytest.fixture
def read(tmp_path):
    """Write a table and a guard beside it; return the rows of both, the mask, and the guard's alone."""

    def both(train, guard, **values):
        train.to_csv(tmp_path / "train.csv", index=False)
        guard.to_csv(tmp_path / "guard.csv", index=False)
        config = make_config({"source": str(tmp_path / "train.csv"), "out": "x", "id": "key", **values})
        return _guarded(config, str(tmp_path / "guard.csv"))

    return both


def _guarded(config, guard):
    reading = reading_of(config, None)
    train = load(config.source, **reading, label_kind=label_kind_of(config))
    return guarded(guard, train, reading, make_task(config, train))


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
        make(n).drop(columns="key") for make, n in ((labelled_tables.grades, 20), (labelled_tables.grades, 4))
    )
    data, *_ = read(train, guard, task="ordinal", label="grade", id=None)
    assert data.ids[[0, 20]].tolist() == ["0", "guard-0"]


def test_labels_that_the_source_has_not_are_refused(read):
    guard = _guard(labelled_tables.grades).assign(grade=9)
    with pytest.raises(InputError, match="the guard file has labels that the source has not: 9; known: 0, 1, 2, 3"):
        read(labelled_tables.grades(20), guard, task="ordinal", label="grade")


def test_grades_that_were_named_are_known_though_no_row_of_the_source_has_them(read):
    guard = _guard(labelled_tables.grades).assign(grade=4)
    data, *_ = read(labelled_tables.grades(20), guard, task="ordinal", label="grade", grades="0,1,2,3,4")
    assert data.y[20:].tolist() == [4] * 10


def _labelled(y, **values):
    return Dataset(np.zeros((len(y), 1)), np.array(y), np.arange(len(y)), **values)


@pytest.mark.filterwarnings("ignore:.*not whole numbers")
def test_grades_between_others_are_none_that_the_source_lacks():
    task = Ordinal.from_labels([0.5, 2.0])
    refuse_unknown_labels(task, _labelled([1.5, 0.0]), "test")
    with pytest.raises(
        InputError, match=r"the test file has labels that the source has not: 2\.5, 7\.0; known: 0, 1, 2$"
    ):
        refuse_unknown_labels(task, _labelled([1.5, 7.0, 2.5]), "test")


def test_several_labels_are_known_by_the_names_of_their_columns():
    names = np.array(["a", "b"])
    refuse_unknown_labels(Multilabel(names), _labelled([[0, 1]], label_names=names), "test")


@pytest.fixture
def archives(tmp_path):
    """Write a source and a guard of arrays."""

    def write(n=4, n_guard=2, train=None, guard=None):
        np.savez(tmp_path / "train.npz", X=np.eye(n), y=np.arange(n) % 2, **(train or {}))
        np.savez(tmp_path / "guard.npz", X=np.ones((n_guard, n)), y=np.ones(n_guard, int), **(guard or {}))
        return str(tmp_path / "train.npz"), str(tmp_path / "guard.npz")

    return write


def test_a_guard_without_groups_cannot_stand_behind_rows_that_have_some(archives):
    source, guard = archives(train={"groups": [0, 0, 1, 1]})
    message = r"^the source has groups and the guard file .*guard\.npz has none; give groups in both[^\n]*$"
    with pytest.raises(InputError, match=message):
        _guarded(make_config({"source": source, "out": "x"}), guard)
    source, guard = archives(train={"groups": [0, 0, 1, 1]}, guard={"groups": [5, 6]})
    assert _guarded(make_config({"source": source, "out": "x"}), guard)[0].groups.tolist() == [0, 0, 1, 1, 5, 6]
    source, guard = archives(guard={"groups": [5, 6]})
    assert _guarded(make_config({"source": source, "out": "x"}), guard)[0].groups is None


def _vote_file(tmp_path, ids, labels):
    path = tmp_path / "votes.csv"
    pd.DataFrame({"id": ids, "annotator": "p", "label": labels}).to_csv(path, index=False)
    return str(path)


def test_votes_by_row_number_are_on_rows_of_the_source_and_stay_theirs(archives, tmp_path):
    source, guard = archives()
    votes = _vote_file(tmp_path, range(4), [1, 1, 1, 2])
    data, mask, part = _guarded(
        make_config({"source": source, "out": "x", "votes": votes, "reference": "votes"}), guard
    )
    assert part.targets is None
    assert data.label_names.tolist() == [0, 1, 2]
    assert data.targets.dtype == np.float32
    for rows in (data.targets, data.reference):
        assert rows[~mask].tolist() == [[0, 1, 0], [0, 1, 0], [0, 1, 0], [0, 0, 1]]
        assert np.isnan(rows[mask]).all()


def test_votes_by_row_number_stay_those_of_a_table_too(tmp_path, read):
    votes = _vote_file(tmp_path, range(8), [0, 1, 2, 3] * 2)
    train, guard = (labelled_tables.grades(n).drop(columns="key") for n in (8, 4))
    options = {"task": "ordinal", "grades": "0,1,2,3", "label": "grade", "id": None, "votes": votes}
    data, mask, _ = read(train, guard, **options)
    assert np.array_equal(data.targets[~mask], np.eye(4)[[0, 1, 2, 3] * 2])
    assert np.isnan(data.targets[mask]).all()


def test_votes_by_ids_that_both_have_are_refused(archives, tmp_path):
    source, guard = archives(train={"ids": list("abcd")}, guard={"ids": list("ax")})
    config = make_config({"source": source, "out": "x", "votes": _vote_file(tmp_path, list("abcd"), [0, 1, 0, 1])})
    with pytest.warns(UserWarning, match="1 of 2 rows"), pytest.raises(InputError, match=r"source does \(a\)") as told:
        _guarded(config, guard)
    assert "\n" not in str(told.value)


def test_what_only_the_guard_has_is_nan_in_the_source(monkeypatch):
    shares = np.array([[0.2, 0.8]])
    part = _labelled([1], label_names=np.array([0, 1]), targets=shares, reference=shares)
    monkeypatch.setattr("softlabel.run.guard_rows.load", lambda *args, **options: part)
    data, *_ = guarded("g", _labelled([0, 1]), {"votes": ()}, Ordinal.from_labels([0, 1]))
    assert data.label_names.tolist() == [0, 1]
    for rows in (data.targets, data.reference):
        assert np.isnan(rows[:2]).all()
        assert rows[2:].tolist() == shares.tolist()


def test_rows_without_labels_are_refused():
    with pytest.raises(InputError, match=r"rows\.csv has no labels"):
        labels_of(Dataset(np.zeros((2, 1)), None, np.arange(2), source="rows.csv"))
