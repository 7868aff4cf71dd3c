from __future__ import annotations

import numpy as np
import pytest

from softlabel.data.dataset import Dataset
from softlabel.errors import InputError
from softlabel.run.config import make_config
from softlabel.run.task_making import first_targets, in_order_of, make_task, make_wrong, reference_of, voted_labels
from softlabel.tasks import Multiclass, Multilabel, Ordinal


def _config(**values):
    return make_config({"source": "s", "out": "x", **values})


def _data(y, **values):
    return Dataset(np.zeros((len(y), 1)), np.asarray(y), np.arange(len(y)), **values)


@pytest.mark.parametrize(
    ("values", "y", "name", "kind", "classes"),
    [
        ({}, ["b", "a", "b"], "multiclass", "distribution", ["a", "b"]),
        ({"task": "ordinal"}, [2, 1, 3], "ordinal", "scalar", [1, 2, 3]),
        ({"task": "ordinal", "view": "distribution"}, [2, 1, 3], "ordinal", "distribution", [1, 2, 3]),
        ({"task": "ordinal", "grades": "0,1,2,3"}, [2, 1, 3], "ordinal", "scalar", [0, 1, 2, 3]),
        ({"task": "ordinal", "grades": "low, high"}, ["high", "low"], "ordinal", "scalar", ["low", "high"]),
    ],
)
def test_the_task_that_a_configuration_names(values, y, name, kind, classes):
    task = make_task(_config(**values), _data(y))
    assert (task.name, task.kind, task.classes.tolist()) == (name, kind, classes)


@pytest.mark.parametrize("view", ["scalar", "distribution"])
def test_grades_that_only_columns_of_votes_name_need_their_order(view):
    data = _voted(["bad", "good", "middling"], np.eye(3))
    with pytest.raises(
        InputError, match=r"the grades are texts \('bad', 'good', 'middling'\).*--grades low,middle,high"
    ):
        make_task(_config(task="ordinal", view=view, votes=["bad", "good", "middling"]), data)
    config = _config(task="ordinal", view=view, votes=["bad", "good", "middling"], grades="bad,middling,good")
    assert make_task(config, data).classes.tolist() == ["bad", "middling", "good"]


@pytest.mark.parametrize("view", ["scalar", "distribution"])
def test_numbers_between_whole_grades_are_refused_as_grades(view):
    task = Ordinal.from_labels([0, 1, 2, 3, 4], view=view)
    message = (
        r"^the file has the grade 3\.5 \(2 of 4 are no whole numbers\), and .* are 0, 1, 2, 3, 4; round them, or refine"
    )
    with pytest.raises(InputError, match=message):
        voted_labels(_data([1.0, 3.5, 0.5, 4.0]), task)
    whole = _data([1.0, 3.0])
    assert voted_labels(whole, task) is whole.y
    with pytest.warns(UserWarning, match="not whole numbers"):
        between = Ordinal.from_labels([0.5, 4.0])
    assert voted_labels(_data([1.0, 3.5]), between).tolist() == [1.0, 3.5]
    assert voted_labels(_data([1.0, 3.5]), Multiclass(["a", "b"])).tolist() == [1.0, 3.5]


def test_several_labels_have_the_names_of_the_data():
    y = np.array([[1, 0], [1, 1]])
    task = make_task(_config(task="multilabel"), _data(y, label_names=np.array(["rust", "scab"])))
    assert (task.name, task.classes.tolist()) == ("multilabel", ["rust", "scab"])


@pytest.mark.parametrize(
    ("names", "message"),
    [(["rust"], "s has only one label .rust."), (["0", "1"], "column 'tags' of s holds 0 and 1, which are no names")],
)
def test_what_is_no_several_labels(names, message):
    data = _data(np.ones((2, len(names)), int), label_names=np.array(names), source="s")
    with pytest.raises(InputError, match=message):
        make_task(_config(task="multilabel", label="tags"), data)


def test_the_start_of_distributions():
    config = _config(task="ordinal", view="distribution", start="unimodal:0.4")
    rows = make_task(config, _data([0, 1, 2])).encode([1])
    assert rows[0, 0] == rows[0, 2] > 0


def _voted(names, targets, reference=None):
    return _data(
        np.asarray(names)[np.argmax(targets, axis=1)],
        label_names=np.asarray(names),
        targets=np.asarray(targets, np.float32),
        reference=reference,
    )


def test_classes_that_only_votes_name_are_classes():
    data = _voted(["ant", "bee", "cat"], [[0.6, 0.2, 0.2], [0.1, 0.5, 0.4]])
    task = make_task(_config(), data)
    assert task.classes.tolist() == ["ant", "bee", "cat"]
    assert np.array_equal(first_targets(data, task), data.targets)
    assert first_targets(_data(["ant", "bee"]), task) is None


def test_votes_stand_in_the_order_of_the_grades_and_become_their_mean_as_numbers():
    data = _voted(["high", "low", "mid"], [[0.6, 0.2, 0.2], [0.1, 0.5, 0.4]], reference=np.eye(3)[:2])
    ordinal = {"task": "ordinal", "grades": "low,mid,high", "votes": ["high", "low", "mid"]}
    task = make_task(_config(**ordinal, view="distribution"), data)
    assert np.allclose(first_targets(data, task), [[0.2, 0.2, 0.6], [0.5, 0.4, 0.1]])
    assert reference_of(data, task).tolist() == [[0, 0, 1], [1, 0, 0]]
    assert np.allclose(first_targets(data, make_task(_config(**ordinal), data)), [[1.4], [0.6]])


@pytest.mark.parametrize(
    ("view", "rows"),
    [("scalar", [[2.6], [2], [0]]), ("distribution", [[0, 0, 0.4, 0.6], [0, 0, 1, 0], [1, 0, 0, 0]])],
)
def test_rows_without_votes_start_at_their_labels(view, rows):
    targets = np.full((3, 3), np.nan, np.float32)
    targets[0] = [0.6, 0.4, 0]
    data = _data([3, 2, 0], label_names=np.array([3, 2, 1]), targets=targets)
    task = make_task(_config(task="ordinal", grades="0,1,2,3", view=view), data)
    found = first_targets(data, task)
    assert found.dtype == np.float32
    assert np.allclose(found, rows)


@pytest.mark.parametrize("view", ["scalar", "distribution"])
def test_no_grade_that_votes_gave_has_moved_before_any_refinement(view):
    counts = np.random.default_rng(0).multinomial(4, [0.3, 0.2, 0.2, 0.3], size=200)
    data = _voted([0, 1, 2, 3], counts / 4)
    task = make_task(_config(task="ordinal", view=view), data)
    labels, targets = voted_labels(data, task), first_targets(data, task)
    assert (labels != data.y).any()
    assert (task.margin(targets, task.codes(labels)) >= 0).all()
    assert np.array_equal(task.suggest(targets, task.codes(labels)), task.codes(labels))


def test_classes_that_votes_gave_are_those_with_most_of_them():
    counts = np.random.default_rng(0).multinomial(4, [0.3, 0.3, 0.4], size=50)
    data = _voted(["cat", "ant", "bee"], counts / 4)
    assert voted_labels(data, make_task(_config(), data)).tolist() == data.y.tolist()
    plain = _data(["ant", "bee"])
    assert voted_labels(plain, Multiclass(["ant", "bee"])) is plain.y


def test_columns_that_are_no_classes_are_refused():
    with pytest.raises(InputError, match=r"the columns of votes or of the reference are not the classes.*'c'"):
        in_order_of(Multiclass(["a", "b"]), np.zeros((1, 2)), np.array(["a", "c"]))


def test_rows_of_which_nothing_is_known_stay_so():
    rows = in_order_of(Multiclass(["a", "b", "c"]), np.array([[1.0, 0.0], [np.nan, np.nan]]), np.array(["c", "a"]))
    np.testing.assert_array_equal(rows, [[0, 0, 1], [np.nan] * 3])


def test_columns_of_several_labels_stay_as_they_are():
    rows = np.array([[0.2, 0.9]])
    assert in_order_of(Multilabel(["b", "a"]), rows, np.array(["b", "a"])) is rows


def _wrong(y, task, corruption="symmetric:0.2", seed=0, targets=None):
    return make_wrong(y, targets, task, corruption, np.random.default_rng(seed))


def test_labels_made_wrong_move_to_other_classes_and_repeat():
    y, task = np.array(["a", "b", "c"] * 10), Multiclass(["a", "b", "c"])
    wrong, targets = _wrong(y, task)
    assert targets is None
    assert (wrong != y).sum() == 6
    assert np.array_equal(y, ["a", "b", "c"] * 10)
    assert np.array_equal(wrong, _wrong(y, task)[0])
    assert not np.array_equal(wrong, _wrong(y, task, seed=1)[0])
    assert np.array_equal(_wrong(y, task, "pair:1.0")[0], ["b", "c", "a"] * 10)


def test_the_votes_of_a_label_made_wrong_are_made_wrong_with_it():
    y, task = np.array(["a", "b"] * 10), Multiclass(["a", "b"])
    votes = np.tile(np.float32([[0.75, 0.25], [0.25, 0.75]]), (10, 1))
    before = votes.copy()
    wrong, targets = _wrong(y, task, targets=votes)
    moved = wrong != y
    assert moved.sum() == 4
    assert np.array_equal(targets[moved], task.encode(wrong[moved]))
    assert np.array_equal(targets[~moved], before[~moved])
    assert targets.dtype == np.float32
    assert np.array_equal(votes, before)


def test_of_several_labels_entries_are_flipped():
    y = np.zeros((20, 3), dtype=np.int64)
    wrong, _ = _wrong(y, Multilabel(["a", "b", "c"]), "symmetric:0.1")
    assert wrong.sum() == 6


@pytest.mark.filterwarnings("ignore:.*not whole numbers")
def test_grades_between_others_are_kept_where_nothing_was_made_wrong():
    y = np.array([0.5, 1.0, 2.0, 3.0] * 5)
    task = Ordinal.from_labels(y)
    targets = np.float32(y[:, None] + 0.1)
    wrong, targets_wrong = _wrong(y, task, targets=targets)
    moved = wrong != y
    assert moved.sum() == 4
    assert np.array_equal(wrong[~moved], y[~moved])
    assert np.isin(wrong[moved], task.classes).all()
    assert np.array_equal(targets_wrong[~moved], targets[~moved])
    assert targets_wrong[moved, 0].tolist() == wrong[moved].tolist()


def test_what_is_no_corruption_is_refused():
    with pytest.raises(InputError, match="symmetric:SHARE"):
        _wrong(np.array(["a", "b"]), Multiclass(["a", "b"]), "noise:0.1")
