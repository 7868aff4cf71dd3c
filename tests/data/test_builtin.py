from __future__ import annotations

import numpy as np
import pytest
from sklearn.datasets import load_iris

from softlabel.data.builtin import BUILTIN_NAMES, builtin_dataset
from softlabel.errors import InputError


@pytest.mark.parametrize(
    ("name", "rows", "features", "labels"),
    [
        ("digits", 1797, 64, list(range(10))),
        ("wine", 178, 13, ["class_0", "class_1", "class_2"]),
        ("breast_cancer", 569, 30, ["benign", "malignant"]),
        ("iris", 150, 4, ["setosa", "versicolor", "virginica"]),
        ("toy", 900, 2, [0, 1, 2]),
    ],
)
def test_shapes_and_labels(name, rows, features, labels):
    data = builtin_dataset(name)
    assert data.X.shape == (rows, features)
    assert np.unique(data.y).tolist() == labels
    assert data.ids.tolist() == list(range(rows))
    assert (data.X.dtypes == np.float32).all()
    assert name in BUILTIN_NAMES


def test_labels_stand_at_their_rows():
    bunch = load_iris()
    data = builtin_dataset("iris")
    np.testing.assert_allclose(data.X.to_numpy(), bunch.data, rtol=1e-6)
    assert data.y.tolist() == [bunch.target_names[code] for code in bunch.target]


def test_another_name():
    with pytest.raises(InputError, match="digits, wine, breast_cancer, iris, toy"):
        builtin_dataset("mnist")
