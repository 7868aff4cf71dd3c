"""Data sets that need no file: scikit-learn's, and a toy mixture."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn import datasets

from softlabel.data.dataset import Dataset
from softlabel.data.toy import toy_mixture
from softlabel.errors import InputError

_LOADERS = {
    "digits": datasets.load_digits,
    "wine": datasets.load_wine,
    "breast_cancer": datasets.load_breast_cancer,
    "iris": datasets.load_iris,
}
BUILTIN_NAMES = (*_LOADERS, "toy")


def builtin_dataset(name: str) -> Dataset:
    """Load a data set that comes with scikit-learn, or the toy mixture.

    ===============  ======  ========  =========================
    name             rows    features  labels
    ===============  ======  ========  =========================
    digits           1797    64        0 .. 9
    wine             178     13        class_0, class_1, class_2
    breast_cancer    569     30        benign, malignant
    iris             150     4         setosa, versicolor, virginica
    toy              900     2         0, 1, 2
    ===============  ======  ========  =========================

    Returns
    -------
    Dataset
        ``X`` is a data frame of float32 columns; ids are row numbers.

    Raises
    ------
    InputError
        If there is none of that name.
    """
    import pandas as pd

    if name == "toy":
        X, y = toy_mixture()
        return Dataset(pd.DataFrame(X, columns=["x1", "x2"]), y, np.arange(len(y)), source=name)
    if name not in _LOADERS:
        raise InputError(f"there is no built-in data set {name!r}; there are {', '.join(BUILTIN_NAMES)}")
    bunch = _LOADERS[name]()
    frame = pd.DataFrame(
        bunch.data.astype(np.float32), columns=[str(column) for column in bunch.feature_names]
    )  # (n, d)
    return Dataset(frame, _labels(bunch), np.arange(len(frame)), source=name)


def _labels(bunch: Any) -> np.ndarray:
    names = np.asarray(bunch.target_names)
    return names[bunch.target].astype(np.int64 if names.dtype.kind in "iu" else str)  # (n,)
