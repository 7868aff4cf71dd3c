from __future__ import annotations

import numpy as np
import pytest
from sklearn.exceptions import DataConversionWarning

from simple_learners import Centroids, Viewed, blobs
from softlabel.errors import InputError
from softlabel.learners.soft_target import SoftTargetClassifier
from softlabel.methods.preparation import check_refit_on, members, prepare
from softlabel.tasks import Multiclass, Multilabel

X, Y = blobs(n_per_class=10)


def test_all_that_was_given_is_put_in_place():
    ready = prepare(
        X, Y, estimator=Centroids(), guard=0.2, groups=np.arange(30), sample_weight=np.ones(30), random_state=4
    )
    assert ready.problem.guard.sum() == 6
    assert ready.settings.seeds.random_state == 4
    assert ready.n_given == 30
    assert np.array_equal(ready.problem.given, np.eye(3)[Y])


def test_watched_labels_become_codes_and_unknown_ones_are_refused():
    y = np.array(["a", "b", "c"])[Y]
    ready = prepare(X, y, estimator=Centroids(), watch={"test": X[:2]}, watch_labels={"test": ["c", "a"]})
    assert ready.problem.watch_codes["test"].tolist() == [2, 0]
    with pytest.raises(InputError, match="zebra"):
        prepare(X, y, estimator=Centroids(), watch={"test": X[:1]}, watch_labels={"test": ["zebra"]})


def test_a_validation_set_stands_behind_the_rows():
    ready = prepare(X, Y, estimator=Centroids(), guard=(X[:4] + 1, Y[:4]), sample_weight=np.full(30, 2.0))
    assert ready.problem.guard.tolist() == [False] * 30 + [True] * 4
    assert ready.problem.X.shape == (34, 2)
    assert ready.problem.sample_weight[-4:].tolist() == [1, 1, 1, 1]
    assert ready.n_given == 30
    with pytest.raises(InputError, match="no groups"):
        prepare(X, Y, estimator=Centroids(), guard=(X[:4], Y[:4]), groups=np.arange(30))


def test_members_become_learners_and_learners_stay():
    centroids = Centroids()
    assert members(centroids)[0] is centroids
    assert isinstance(members(None)[0], SoftTargetClassifier)
    assert len(members([centroids, centroids])) == 2


def test_a_column_is_read_as_labels_with_a_warning():
    with pytest.warns(DataConversionWarning, match=r"shape \(30, 1\)"):
        prepare(X, Y[:, None], estimator=Centroids())


def test_a_single_label_that_rows_have_or_not_stays_a_column():
    y = (Y == 1).astype(int)[:, None]
    for task in ("multilabel", Multilabel(["one"])):
        assert prepare(X, y, task=task).problem.codes.shape == (30, 1)


def test_a_guard_without_weight_is_refused_before_anything_is_fitted():
    weight = np.r_[np.zeros(10), np.ones(20)]
    with pytest.raises(InputError, match="all rows of the guard have sample_weight 0"):
        prepare(X, Y, estimator=Centroids(), guard=np.arange(30) < 10, sample_weight=weight)


def test_classes_may_be_more_than_those_that_are_given():
    ready = prepare(X, Y, estimator=Centroids(), task=Multiclass([0, 1, 2, 3]))
    assert ready.problem.given.shape == (30, 4)


def test_best_needs_a_guard():
    ready = prepare(X, Y, estimator=Centroids())
    check_refit_on("last", ready.problem)
    with pytest.raises(InputError, match="chooses by the guard, and there is none"):
        check_refit_on("best", ready.problem)


def test_views_are_a_setting_that_each_member_must_have():
    assert prepare(X, Y, estimator=Centroids()).settings.tta is None
    assert prepare(X, Y, estimator=Centroids(), tta="none").settings.tta is None
    assert prepare(X, Y, estimator=Viewed(), tta="mirror").settings.tta == "mirror"
    with pytest.raises(InputError, match=r"tta='mirror' .* Centroids makes none"):
        prepare(X, Y, estimator=[Viewed(), Centroids()], tta="mirror")


def test_trusted_rows_stand_before_a_validation_set():
    trusted = np.arange(30) < 4
    ready = prepare(X, Y, estimator=Centroids(), trusted=trusted, guard=(X[:4] + 1, Y[:4]))
    assert ready.problem.trusted.tolist() == [True] * 4 + [False] * 30
    assert ready.problem.refined.tolist() == [False] * 4 + [True] * 26 + [False] * 4


def test_a_guard_is_drawn_without_trusted_rows_where_no_group_is_cut():
    trusted = np.arange(30) % 2 == 0
    plain = prepare(X, Y, estimator=Centroids(), guard=0.4, random_state=0).problem.guard
    ready = prepare(X, Y, estimator=Centroids(), guard=0.4, random_state=0, trusted=trusted)
    assert np.array_equal(ready.problem.guard, plain & ~trusted)
    assert (plain & trusted).any()
    groups = np.arange(30) // 3
    whole = prepare(
        X, Y, estimator=Centroids(), guard=0.4, random_state=0, trusted=trusted, groups=groups
    ).problem.guard
    assert np.array_equal(
        whole, prepare(X, Y, estimator=Centroids(), guard=0.4, random_state=0, groups=groups).problem.guard
    )
    mask = np.arange(30) < 6
    assert np.array_equal(prepare(X, Y, estimator=Centroids(), guard=mask, trusted=trusted).problem.guard, mask)


def test_some_row_has_to_be_left_to_refine():
    guard = np.arange(30) < 20
    with pytest.raises(InputError, match="every row is trusted or of the guard"):
        prepare(X, Y, estimator=Centroids(), guard=guard, trusted=~guard)


def test_best_may_go_by_enough_trusted_rows():
    X, y = blobs(n_per_class=20)
    check_refit_on("best", prepare(X, y, estimator=Centroids(), trusted=np.arange(60) < 30).problem)
    check_refit_on("best", prepare(X, y, estimator=Centroids(), trusted=np.arange(60) < 3, guard=0.2).problem)
    few = prepare(X, y, estimator=Centroids(), trusted=np.arange(60) < 29).problem
    with pytest.raises(InputError, match=r"there is none \(and 29 trusted rows, 30 would do\)"):
        check_refit_on("best", few)
