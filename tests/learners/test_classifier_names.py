from __future__ import annotations

import pytest
from sklearn.base import is_classifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from softlabel.learners.classifier_names import CLASSIFIERS, scaled


@pytest.mark.parametrize("sparse", [False, True])
@pytest.mark.parametrize("name", CLASSIFIERS)
def test_every_name_is_a_classifier_and_only_dense_rows_are_scaled(name, sparse):
    if name in ("lightgbm", "xgboost"):
        pytest.importorskip(name)
    made = CLASSIFIERS[name](sparse)
    assert is_classifier(made)
    assert isinstance(made, Pipeline) == (name in ("logistic", "mlp", "knn") and not sparse)
    assert made is not CLASSIFIERS[name](sparse)


def test_a_scaler_stands_before():
    last = LogisticRegression()
    assert scaled(last, sparse=True) is last
    front, behind = scaled(last, sparse=False)
    assert isinstance(front, StandardScaler)
    assert behind is last


def test_boosting_takes_one_core():
    for name in ("lightgbm", "xgboost"):
        pytest.importorskip(name)
        assert CLASSIFIERS[name](False).n_jobs == 1
