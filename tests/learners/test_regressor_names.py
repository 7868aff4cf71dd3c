from __future__ import annotations

import pytest
from sklearn.base import is_regressor
from sklearn.pipeline import Pipeline

from softlabel.learners.classifier_names import CLASSIFIERS
from softlabel.learners.regressor_names import REGRESSORS


@pytest.mark.parametrize("sparse", [False, True])
@pytest.mark.parametrize("name", REGRESSORS)
def test_every_name_is_a_regressor_and_only_dense_rows_are_scaled(name, sparse):
    if name in ("lightgbm", "xgboost"):
        pytest.importorskip(name)
    made = REGRESSORS[name](sparse)
    assert is_regressor(made)
    assert isinstance(made, Pipeline) == (name in ("ridge", "mlp", "knn") and not sparse)
    assert made is not REGRESSORS[name](sparse)


def test_names_are_those_of_the_classifiers_but_for_linear_models():
    assert CLASSIFIERS.keys() - REGRESSORS.keys() == {"softmax", "logistic"}
    assert REGRESSORS.keys() - CLASSIFIERS.keys() == {"ridge"}


def test_boosting_takes_one_core():
    for name in ("lightgbm", "xgboost"):
        pytest.importorskip(name)
        assert REGRESSORS[name](False).n_jobs == 1
