from __future__ import annotations

import numpy as np
import pytest
from sklearn.preprocessing import StandardScaler

from simple_learners import blobs
from softlabel.comparison.parts import LabelledRows, SplitRows
from softlabel.errors import InputError
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
