"""Tables that a network is given: checked as scikit-learn's own estimators check them; pictures pass."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.utils.validation import validate_data


def check_table(classifier: Any, X: Any, *, reset: bool) -> Any:
    """Return a table as a float array (n, d), its features counted and compared; anything else as it is.

    A table is a data frame, a sparse matrix (refused with scikit-learn's words), or an array that is not one of pictures
    or of rows with a shape of their own.
    """
    if hasattr(X, "iloc") or hasattr(X, "tocsr"):
        return validate_data(classifier, X, reset=reset, dtype=np.float32)
    if isinstance(X, np.ndarray) and X.ndim < 3:
        return validate_data(classifier, X, reset=reset, dtype=np.float32)
    if reset:
        for name in ("n_features_in_", "feature_names_in_"):
            vars(classifier).pop(name, None)  # of an earlier fit, to a table
    return X
