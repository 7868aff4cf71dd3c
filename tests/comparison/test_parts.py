from __future__ import annotations

import numpy as np
import pytest
from sklearn.preprocessing import StandardScaler

from simple_learners import blobs
from softlabel.comparison import parts as parts_module
from softlabel.comparison.parts import LabelledRows, SplitRows
from softlabel.errors import InputError
from softlabel.run.wrong_labels import confused_rows
from softlabel.tasks import Multiclass


def _source(n_per_class=40, **options):
    X, y = blobs(n_per_class=n_per_class)
    options = {"groups": None} | options
    rows = LabelledRows(X, y, groups=options.pop("groups"))
    return SplitRows(rows, Multiclass.from_labels(y), **options)


def _row_set(X):
    return {row.tobytes() for row in X}


def test_a_seed_splits_off_its_share_and_all_corruptions_see_the_same_rows():
    source = _source(test_share=0.25)
    clean, wrong = source.parts(3, "none"), source.parts(3, "symmetric:0.2")
    assert len(clean.y_test) == 30
    assert np.bincount(clean.y_test).tolist() == [10, 10, 10]
    assert np.array_equal(clean.X, wrong.X)
    assert np.array_equal(clean.X_test, wrong.X_test)
    assert not _row_set(clean.X) & _row_set(clean.X_test)
    assert _row_set(clean.X) | _row_set(clean.X_test) == _row_set(source.rows.X)
    assert _row_set(source.parts(4, "none").X_test) != _row_set(clean.X_test)


def test_only_training_labels_are_made_wrong():
    parts = _source().parts(0, "symmetric:0.25")
    assert np.count_nonzero(parts.y != parts.true_label) == round(0.25 * len(parts.y))
    assert np.array_equal(parts.y_test, _source().parts(0, "none").y_test)
    assert np.count_nonzero(parts.y_watch != parts.y_test) == round(0.25 * len(parts.y_test))
    assert _source().parts(0, "none").true_label is None


def test_instance_noise_is_drawn_by_one_model_a_seed_whatever_was_asked_before(monkeypatch):
    asked = []

    def counted(rows, y, task, seeds, X_new):
        asked.append(seeds.random_state)
        return confused_rows(rows, y, task, seeds, X_new)

    monkeypatch.setattr(parts_module, "confused_rows", counted)
    source = _source()
    first = [source.parts(seed, corruption) for seed in (0, 1) for corruption in ("instance:0.25", "instance:0.5")]
    assert asked == [0, 1]
    again = _source()
    backwards = [again.parts(seed, corruption) for seed in (1, 0) for corruption in ("instance:0.5", "instance:0.25")]
    assert asked == [0, 1, 1, 0]
    for one, other in zip(first, backwards[::-1], strict=True):
        assert np.array_equal(one.y, other.y)
        assert np.array_equal(one.y_watch, other.y_watch)
    assert [np.count_nonzero(one.y != one.true_label) for one in first[:2]] == [24, 48]
    assert np.count_nonzero(first[0].y_watch != first[0].y_test) == 6
    assert np.array_equal(first[0].true_label, source.parts(0, "none").y)


def test_instance_noise_is_the_same_whatever_features_a_learner_takes():
    plain, scaled = (_source(features=features).parts(0, "instance:0.3") for features in (None, StandardScaler()))
    assert not np.array_equal(plain.X, scaled.X)
    assert np.array_equal(plain.y, scaled.y)


def test_labels_of_a_column_are_learnt_from_and_the_true_ones_scored():
    X, y = blobs(n_per_class=40)
    crowd = np.roll(y, 3)
    rows = LabelledRows(X, y, noisy_labels={"crowd": crowd})
    place = {row.tobytes(): number for number, row in enumerate(X)}
    source = SplitRows(rows, Multiclass.from_labels(y))
    parts, clean = source.parts(2, "column:crowd"), source.parts(2, "none")
    at, at_test = ([place[row.tobytes()] for row in part] for part in (parts.X, parts.X_test))
    assert np.array_equal(parts.y, crowd[at])
    assert np.array_equal(parts.true_label, y[at])
    assert np.array_equal(parts.y_test, y[at_test])
    assert np.array_equal(parts.y_watch, crowd[at_test])
    assert np.array_equal(clean.X, parts.X)
    assert np.array_equal(clean.y, y[at])
    apart = SplitRows(rows, Multiclass.from_labels(y), LabelledRows(X[:9], y[:9])).parts(0, "column:crowd")
    assert np.array_equal(apart.y, crowd)
    assert np.array_equal(apart.y_watch, y[:9])  # of which there is no such column


def test_groups_stay_whole():
    X, y = blobs(n_per_class=40)
    groups = np.arange(len(y)) // 4
    source = SplitRows(LabelledRows(X, y, groups=groups), Multiclass.from_labels(y))
    place = {row.tobytes(): group for row, group in zip(X, groups, strict=True)}
    parts = source.parts(0, "none")
    tested = {place[row.tobytes()] for row in parts.X_test}
    assert tested
    assert not tested & set(parts.groups.tolist())


def test_a_test_set_of_its_own_is_the_same_for_all_seeds():
    X, y = blobs(n_per_class=10, seed=1)
    source = _source(test=LabelledRows(X, y))
    assert np.array_equal(source.parts(0, "none").X_test, X)
    assert len(source.parts(1, "none").X) == 120


def test_features_are_learnt_from_the_training_rows_of_the_seed():
    source = _source(features=StandardScaler())
    parts = source.parts(0, "none")
    assert np.allclose(parts.X.mean(axis=0), 0)
    assert not np.allclose(parts.X_test.mean(axis=0), 0)
    assert not hasattr(source.features, "mean_")  # the source itself is not changed


def test_too_few_rows_to_test_on_are_refused():
    X, y = np.zeros((3, 1)), np.array([0, 1, 0])
    source = SplitRows(LabelledRows(X, y), Multiclass.from_labels(y), test_share=0.01)
    with pytest.raises(InputError, match="leaves 0 rows to test on and 3 to train on"):
        source.parts(0, "none")


def test_features_of_a_seed_are_learnt_once_and_are_nobodys_to_change():
    class Counting(StandardScaler):
        n_fits = 0

        def fit(self, *args, **options):
            Counting.n_fits += 1
            return super().fit(*args, **options)

    source = _source(features=Counting())
    first = source.parts(0, "none").X
    kept = first.copy()
    first += 1
    assert np.array_equal(source.parts(0, "symmetric:0.2").X, kept)
    assert Counting.n_fits == 1
    source.parts(1, "none")
    assert Counting.n_fits == 2
    assert not np.array_equal(_source(features=Counting(), test_share=0.3).parts(1, "none").X.shape, kept.shape)
    assert Counting.n_fits == 3


def test_a_learner_is_given_pictures_unless_they_become_features():
    pictures = np.zeros((6, 4, 4), dtype=np.uint8)
    task = Multiclass.from_labels([0, 1])
    rows = LabelledRows(pictures, np.arange(6) % 2)
    assert SplitRows(rows, task).pictures is True
    assert SplitRows(rows, task, features=StandardScaler()).pictures is False
    assert _source().pictures is False
