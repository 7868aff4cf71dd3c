from __future__ import annotations

import pytest

from softlabel.errors import InputError
from softlabel.learners.names import DEFAULT_NAME
from softlabel.run.config import make_config
from softlabel.run.estimators import members_of


def _config(**values):
    return make_config({"source": "iris", "out": "x", **values})


def test_none_named_is_the_default():
    assert members_of(_config()) == [(DEFAULT_NAME, {})]


def test_parameters_belong_to_the_one_estimator():
    assert members_of(_config(estimator=("softmax",), set={"C": 2})) == [("softmax", {"C": 2})]


def test_with_several_each_parameter_names_its_owner():
    config = _config(estimator=("softmax", "knn"), set={"knn.n_neighbors": 3, "softmax.C": 2})
    assert members_of(config) == [("softmax", {"C": 2}), ("knn", {"n_neighbors": 3})]
    with pytest.raises(InputError, match=r"say whose it is: softmax.C=2"):
        members_of(_config(estimator=("softmax", "knn"), set={"C": 2}))


def test_a_class_by_its_path_may_own_parameters():
    name = "sklearn.linear_model:LogisticRegression"
    assert members_of(_config(estimator=(name, "knn"), set={f"{name}.C": 2}))[0] == (name, {"C": 2})
