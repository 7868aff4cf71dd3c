"""Which classes a plain model confuses, row by row: what labels made wrong "as a model confuses them" are drawn by.

The model is always the same and none that anybody compares, so that all learners of a study get the same wrong labels: logistic
regression on standardised features. It is trained on the labels as they are before any is made wrong.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from threadpoolctl import threadpool_limits

from softlabel.data.features import TableFeatures
from softlabel.data.folds import stochastic_folds
from softlabel.data.images import Images
from softlabel.data.rows import as_rows, n_rows
from softlabel.data.text_features import TextFeatures
from softlabel.errors import InputError

N_FOLDS = 5
_WIDE, _COMPONENTS = 200, 100  # more columns than the first are brought to so many principal components
_SIDE = 16  # pictures are averaged over blocks to at most so many pixels a side
_CHUNK = 1024  # pictures that are read together
_STEPS = 200  # of the solver; one that stops there has got far enough to be unsure in the right places


def confusion(
    X: Any,
    codes: NDArray[np.int64],
    n_columns: int,
    *,
    seed: int,
    groups: NDArray[Any] | None = None,
    X_new: Any = None,
) -> tuple[NDArray[np.float64], NDArray[np.float64] | None]:
    """Return out-of-fold class probabilities of a fixed model, and its probabilities for further rows.

    Multinomial logistic regression (C = 1), fitted on four of five stratified folds to predict the fifth, groups whole; further
    rows are predicted by the mean of the five. Rows of numbers and tables become ``TableFeatures``, pictures the means over
    blocks of pixels, at most 16 x 16 of them; these are standardised, and where there are more than 200 columns brought to
    their first 100 principal components. Texts become ``TextFeatures``; rows of texts and sparse rows, whose mean length is
    brought to 1, take C = 10. Where a row may have several labels, each has a regression of its own.

    Parameters
    ----------
    X : n rows
        Of numbers, a table, pictures, texts, or a sparse matrix.
    codes : (n,) or (n, k) int
        Labels: class numbers, or 0 and 1 of several labels a row.
    n_columns : int
        k, the classes that there are; of one that no row of a fold's training part has, the probability is 0.
    seed : int
        Of the split.
    groups : (n,) or None
        Rows of one group are predicted by a model that was trained on none of them.
    X_new : v rows or None

    Returns
    -------
    held_out : (n, k) float64
    new : (v, k) float64, or None without ``X_new``

    Raises
    ------
    InputError
        If the rows can be brought into no columns of numbers, or are too few to split.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> X, y = load_iris(return_X_y=True)
    >>> held_out, _ = confusion(X, y, 3, seed=0)
    >>> held_out.shape, bool(held_out[y == 0, 0].min() > held_out[y == 1, 1].min())
    ((150, 3), True)
    """
    with threadpool_limits(1), warnings.catch_warnings():  # sums must not depend on the machine's cores
        # Of a solver that stops early, of classes with few rows: both are as said above.
        warnings.simplefilter("ignore")
        made, made_new = _columns(X, X_new)
        n_folds = _fold_count(len(codes), groups)
        held_out = np.zeros((len(codes), n_columns))  # (n, k)
        new = None if made_new is None else np.zeros((made_new.shape[0], n_columns))  # (v, k)
        for fold in stochastic_folds(codes, n_folds, groups=groups, seed=seed):
            several = made[fold.held_out] if made_new is None else _below(made[fold.held_out], made_new)
            answers = _answers(made[fold.train], codes[fold.train], several, n_columns)  # (n_held_out + v, k)
            held_out[fold.held_out] = answers[: len(fold.held_out)]
            if new is not None:
                new += answers[len(fold.held_out) :] / n_folds
    return held_out, new


def _fold_count(n: int, groups: NDArray[Any] | None) -> int:
    """Return into how many folds n rows are split; refuse what cannot be split at all."""
    n_folds = min(N_FOLDS, n if groups is None else len(np.unique(groups)))
    if n_folds < 2:
        what = "row" if groups is None else "group"
        raise InputError(
            f"instance noise is drawn by a model's predictions for rows that it did not train on, and there is 1 {what}; give "
            "more, or symmetric:P"
        )
    return n_folds


def _answers(X: Any, codes: NDArray[np.int64], others: Any, n_columns: int) -> NDArray[np.float64]:
    if codes.ndim == 1:
        return _regressed(X, codes, others, n_columns)
    each = [_regressed(X, codes[:, column], others, 2)[:, 1] for column in range(n_columns)]
    return np.stack(each, axis=1)  # (v, k)


def _regressed(X: Any, codes: NDArray[np.int64], others: Any, n_classes: int) -> NDArray[np.float64]:
    """Return the probabilities (v, k) that a regression on (n,) class numbers gives to other rows."""
    from sklearn.linear_model import LogisticRegression

    probabilities = np.zeros((others.shape[0], n_classes))  # (v, k)
    present = np.unique(codes)
    if len(present) == 1:
        probabilities[:, present[0]] = 1.0
        return probabilities
    model = LogisticRegression(C=10.0 if sparse.issparse(X) else 1.0, max_iter=_STEPS).fit(X, codes)
    probabilities[:, model.classes_] = model.predict_proba(others)
    return probabilities


def _columns(X: Any, X_new: Any) -> tuple[Any, Any]:
    """Return rows, and further rows where there are any, as columns of numbers that a linear model can take, float64."""
    X, X_new = _as_pictures(X), _as_pictures(X_new)
    if isinstance(X, Images):
        return _standardised(_block_means(X), None if X_new is None else _block_means(X_new))
    if sparse.issparse(X):
        return _unit_rows(X, X_new)
    shape = np.shape(X)
    if len(shape) == 1:
        features = TextFeatures()
        return _unit_rows(features.fit_transform(X), None if X_new is None else features.transform(X_new))
    if len(shape) > 2 and not hasattr(X, "iloc"):
        X, X_new = (None if rows is None else np.reshape(rows, (n_rows(rows), -1)) for rows in (X, X_new))
    if len(np.shape(X)) != 2:
        raise InputError(
            f"instance noise is drawn by a model on numbers, tables, texts or pictures, and X is a {type(X).__name__}; give "
            "symmetric:P or pair:P"
        )
    table = TableFeatures()
    return _standardised(table.fit_transform(X), None if X_new is None else table.transform(X_new))


def _as_pictures(X: Any) -> Any:
    if X is None or isinstance(X, Images):
        return X
    X = as_rows(X)
    if isinstance(X, np.ndarray) and X.dtype == np.uint8 and X.ndim in (3, 4):
        return Images.from_array(X)
    return X


def _standardised(
    X: NDArray[Any], X_new: NDArray[Any] | None
) -> tuple[NDArray[np.float64], NDArray[np.float64] | None]:
    from sklearn.decomposition import PCA
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    steps: list[Any] = [StandardScaler()]
    if X.shape[1] > _WIDE:
        steps.append(PCA(min(_COMPONENTS, len(X)), svd_solver="randomized", random_state=0))
    scale = make_pipeline(*steps)
    made = scale.fit_transform(X.astype(np.float64))  # (n, d)
    return made, None if X_new is None else scale.transform(X_new.astype(np.float64))


def _unit_rows(X: Any, X_new: Any) -> tuple[Any, Any]:
    matrix = sparse.csr_matrix(X, dtype=np.float64)  # (n, d)
    length = float(np.sqrt(matrix.multiply(matrix).sum() / matrix.shape[0])) or 1.0
    return matrix / length, None if X_new is None else sparse.csr_matrix(X_new, dtype=np.float64) / length


def _block_means(X: Images) -> NDArray[np.float32]:
    """Return pictures as the means over blocks of their pixels, (n, d) with d = 16 * 16 * colours or less."""
    _, height, width, colours = X.shape
    edges = [np.linspace(0, side, min(side, _SIDE), endpoint=False).astype(int) for side in (height, width)]
    sizes = [np.diff([*starts, side]) for starts, side in zip(edges, (height, width), strict=True)]
    area = np.multiply.outer(*sizes)[:, :, None]  # (rows, columns, 1) pixels of each block
    means = np.empty((len(X), area.size * colours), dtype=np.float32)  # (n, d)
    for start in range(0, len(X), _CHUNK):
        rows = np.arange(start, min(start + _CHUNK, len(X)))
        pixels = X.read(rows).astype(np.float32)  # (r, h, w, c)
        sums = np.add.reduceat(np.add.reduceat(pixels, edges[0], axis=1), edges[1], axis=2)
        means[rows] = (sums / area).reshape(len(rows), -1)
    return means


def _below(A: Any, B: Any) -> Any:
    return sparse.vstack([A, B], format="csr") if sparse.issparse(A) else np.vstack([A, B])
