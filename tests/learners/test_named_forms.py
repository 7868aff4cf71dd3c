from __future__ import annotations

import sys

import pytest
from sklearn.base import is_classifier, is_regressor
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from softlabel import MissingExtraError
from softlabel.learners.named_forms import CLASSIFIERS, REGRESSORS, scaled

EVERY = [(forms, name) for forms in (CLASSIFIERS, REGRESSORS) for name in forms]


@pytest.mark.parametrize("sparse", [False, True])
@pytest.mark.parametrize(("forms", "name"), EVERY, ids=lambda value: value if isinstance(value, str) else "")
def test_every_name_is_what_it_is_called_and_only_dense_rows_are_scaled(forms, name, sparse):
    if name in ("lightgbm", "xgboost"):
        pytest.importorskip(name)
    made = forms[name](sparse)
    assert (is_classifier if forms is CLASSIFIERS else is_regressor)(made)
    assert isinstance(made, Pipeline) == (name in ("logistic", "ridge", "mlp", "knn") and not sparse)
    assert made is not forms[name](sparse)


def test_names_are_the_same_but_for_linear_models():
    assert CLASSIFIERS.keys() - REGRESSORS.keys() == {"softmax", "logistic"}
    assert REGRESSORS.keys() - CLASSIFIERS.keys() == {"ridge"}


def test_a_scaler_stands_before():
    last = LogisticRegression()
    front, behind = scaled(last)
    assert isinstance(front, StandardScaler)
    assert behind is last


@pytest.mark.parametrize("name", ["lightgbm", "xgboost"])
def test_boosting_takes_one_core_and_is_an_extra(name, monkeypatch):
    pytest.importorskip(name)
    assert CLASSIFIERS[name](False).n_jobs == REGRESSORS[name](False).n_jobs == 1
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(MissingExtraError, match=r"softlabel\[boost\]"):
        REGRESSORS[name](False)
