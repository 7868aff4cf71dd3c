from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from simple_learners import Centroids, Viewed, blobs
from softlabel import SoftTargetClassifier, TorchClassifier
from softlabel.errors import InputError
from softlabel.methods.views import check_tta, predict_views

X, Y = blobs(n_per_class=10, spread=1.0)


def test_one_view_is_asked_of_any_learner():
    assert check_tta(None, [Centroids()]) is None
    assert check_tta("none", [Centroids()]) is None


def test_views_are_asked_of_those_that_make_them():
    assert check_tta("mirror", [Viewed()]) == "mirror"
    assert check_tta("flip+shift", [TorchClassifier(), TorchClassifier()]) == "flip+shift"


@pytest.mark.parametrize(
    ("learner", "name"),
    [(Centroids(), "Centroids"), (SoftTargetClassifier(LogisticRegression()), "LogisticRegression")],
)
def test_a_learner_without_views_is_named(learner, name):
    with pytest.raises(InputError, match=f"tta='flip' averages views of pictures, and {name} makes none"):
        check_tta("flip", [TorchClassifier(), learner])


def test_a_view_that_networks_do_not_have_is_told_before_they_train():
    with pytest.raises(InputError, match=r"unknown word 'flop'; did you mean 'flip'"):
        check_tta("flop", [TorchClassifier()])


@pytest.mark.parametrize("tta", [True, 2, "", ["flip"]])
def test_what_is_no_text_is_refused(tta):
    with pytest.raises(InputError, match="give the views to average"):
        check_tta(tta, [Viewed()])


def test_predictions_of_one_view_and_of_several():
    model = Viewed().fit(X, np.eye(3)[Y])
    one, mirrored = (Centroids.predict_targets(model, rows) for rows in (X, X * [-1, 1]))
    assert np.array_equal(predict_views(model, X, None), one)
    assert np.allclose(predict_views(model, X, "mirror"), (one + mirrored) / 2)
