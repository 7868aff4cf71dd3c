from __future__ import annotations

import numpy as np
import pytest

from simple_learners import blobs
from softlabel.data.dataset import Dataset
from softlabel.errors import InputError
from softlabel.learners.confusion import confusion
from softlabel.run.wrong_labels import asks_model, confused_rows, is_column, wrong_labels
from softlabel.seeds import Seeds
from softlabel.targets.corrupt import pair, symmetric
from softlabel.targets.instance_noise import instance
from softlabel.tasks import Multiclass, Multilabel, Ordinal

X, Y = blobs(n_per_class=40, spread=1.5)
TASK = Multiclass.from_labels(Y)


def _rows(y=Y, **values):
    return Dataset(X[: len(y)], np.asarray(y), np.arange(len(y)), **values)


def _wrong(corruption, rows=None, task=TASK, seed=3, **options):
    rows = _rows() if rows is None else rows
    return wrong_labels(corruption, rows, rows.y, None, task, Seeds(seed), **options)[0]


@pytest.mark.parametrize(("kind", "function"), [("symmetric", symmetric), ("pair", pair)])
@pytest.mark.parametrize(("test", "address"), [(False, 0), (True, 1)])
def test_draws_have_the_address_that_they_always_had(kind, function, test, address):
    expected = function(Y, 0.3, 3, Seeds(3).generator("corrupt", round=address))
    assert np.array_equal(_wrong(f"{kind}:0.3", test=test), expected)


def test_instance_noise_is_drawn_by_the_fixed_model():
    groups = np.arange(len(Y)) // 2
    rows = _rows(groups=groups)
    p, p_new = confused_rows(rows, Y, TASK, Seeds(3), X[:5])
    expected = confusion(X, Y, 3, seed=Seeds(3).integer("corrupt", round=2), groups=groups, X_new=X[:5])
    assert np.array_equal(p, expected[0])
    assert np.array_equal(p_new, expected[1])
    wrong = _wrong("instance:0.3", rows)
    assert np.array_equal(wrong, instance(Y, 0.3, p, Seeds(3).generator("corrupt")))
    assert np.array_equal(wrong, _wrong("instance:0.3", rows, probabilities=p))
    assert (wrong != Y).sum() == 36
    assert not np.array_equal(wrong, _wrong("instance:0.3", rows, seed=4))


def test_rows_that_are_not_spared_are_drawn_by_their_own_probabilities():
    spared = np.arange(len(Y)) % 3 == 0
    p, _ = confused_rows(_rows(), Y, TASK, Seeds(3))
    expected = instance(Y[~spared], 0.25, p[~spared], Seeds(3).generator("corrupt"))
    assert np.array_equal(_wrong("instance:0.25", spared=spared)[~spared], expected)


@pytest.mark.parametrize("corruption", ["symmetric:0.25", "pair:0.25", "instance:0.25"])
def test_rows_that_are_spared_keep_their_labels_and_the_share_is_of_the_others(corruption):
    spared = np.arange(len(Y)) % 3 == 0
    wrong = _wrong(corruption, spared=spared)
    assert np.array_equal(wrong[spared], Y[spared])
    assert (wrong != Y).sum() == round(0.25 * (~spared).sum())
    assert np.array_equal(_wrong(corruption, spared=np.zeros(len(Y), bool)), _wrong(corruption))


def test_grades_and_several_labels_take_instance_noise():
    ordinal = Ordinal.from_labels(Y)
    assert (_wrong("instance:0.2", task=ordinal) != Y).sum() == 24
    several = np.stack([Y == 0, Y > 0, Y == 2], axis=1).astype(int)
    rows = _rows(several, label_names=np.array(["a", "b", "c"]))
    assert (_wrong("instance:0.1", rows, Multilabel(["a", "b", "c"])) != several).sum() == 36
    spared = np.arange(len(Y)) < 60
    some = _wrong("instance:0.1", rows, Multilabel(["a", "b", "c"]), spared=spared)
    assert np.array_equal(some[spared], several[spared])
    assert (some != several).sum() == 18
    with pytest.raises(
        InputError, match=r"pair:0\.2 moves a row to another class, and rows of several labels have none"
    ):
        _wrong("pair:0.2", rows, Multilabel(["a", "b", "c"]))


def test_a_column_has_the_labels():
    crowd = np.roll(Y, 5)
    rows = _rows(noisy_labels={"crowd": crowd, "worse": Y})
    wrong = _wrong("column:crowd", rows)
    assert np.array_equal(wrong, crowd)
    assert wrong is not crowd
    assert np.array_equal(_wrong("column:crowd", rows, seed=9), crowd)
    spared = np.arange(len(Y)) < 60
    assert np.array_equal(_wrong("column:crowd", rows, spared=spared), np.where(spared, Y, crowd))
    several = np.stack([Y == 0, Y == 1], axis=1).astype(int)
    both = _rows(several, label_names=np.array(["a", "b"]), noisy_labels={"crowd": 1 - several})
    found = _wrong("column:crowd", both, Multilabel(["a", "b"]), spared=spared)
    assert np.array_equal(found, np.where(spared[:, None], several, 1 - several))


@pytest.mark.parametrize("corruption", ["column:crowd", "symmetric:0.3"])
def test_votes_of_a_label_that_moved_go_with_it(corruption):
    targets = np.full((len(Y), 3), 1 / 3, np.float32)
    rows, seeds = _rows(noisy_labels={"crowd": np.roll(Y, 5)}), Seeds(0)
    for spared in (None, np.arange(len(Y)) < 30):
        y, made = wrong_labels(corruption, rows, Y, targets, TASK, seeds, spared=spared)
        moved = y != Y
        assert 0 < moved.sum() < len(Y)
        assert np.array_equal(made[moved], np.eye(3, dtype=np.float32)[y[moved]])
        assert (made[~moved] == np.float32(1 / 3)).all()
    assert (targets == np.float32(1 / 3)).all()


@pytest.mark.parametrize(
    ("labels", "y", "task", "message"),
    [
        (
            [0, 4, 5, 4],
            [0, 1, 2, 1],
            Multiclass([0, 1, 2]),
            r"column 'crowd' has labels .* has not: 4, 5; known: 0, 1, 2",
        ),
        (
            ["a", "x"],
            ["a", "b"],
            Multiclass(["a", "b"]),
            "has not: x; known: a, b; correct them, or leave their rows out",
        ),
        ([0, 1.5], [0, 1], Ordinal.from_labels([0, 1, 2]), r"column 'crowd' has the grade 1\.5 \(1 of 2"),
        ([0, 7], [0, 1], Ordinal.from_labels([0, 1, 2]), "has not: 7"),
    ],
)
def test_labels_that_are_none_are_named(labels, y, task, message):
    rows = _rows(y, noisy_labels={"crowd": np.array(labels)})
    with pytest.raises(InputError, match=message):
        _wrong("column:crowd", rows, task)


def test_a_column_that_nobody_read():
    with pytest.raises(InputError, match=r"column:mob: there are no labels of that name \(.*: crowd\)"):
        _wrong("column:mob", _rows(noisy_labels={"crowd": Y}))


def test_what_a_corruption_asks():
    assert asks_model("instance:0.1")
    assert not asks_model("pair:0.1")
    assert not asks_model("column:instance")
    assert is_column("column:instance")
    assert not is_column("instance:0.1")
