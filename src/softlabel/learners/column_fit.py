"""Columns of numbers, fitted by any regressor or learner: pipelines step by step, weights wherever they can act."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.neighbors import RadiusNeighborsRegressor
from sklearn.pipeline import Pipeline
from sklearn.utils import get_tags

from softlabel.errors import InputError
from softlabel.learners.continued import booster_beside, going_on
from softlabel.learners.neighbour_means import NEIGHBOURS, NeighbourMeans
from softlabel.learners.nested import has_tags
from softlabel.learners.pipelines import fit_front, fit_throughout, steps_of
from softlabel.learners.weight_support import fit_weighted


def fit_columns(
    estimator: Any,
    X: Any,
    rows: NDArray[np.float64],
    sample_weight: NDArray[np.float64] | None,
    *,
    last: Any = None,
    front_rows: NDArray[Any] | None = None,
    before: Any = None,
) -> Any:
    """Fit a clone of an estimator to target rows and return it, its pipeline opened.

    Parameters
    ----------
    estimator : regressor, learner, or a pipeline that ends in one
        May be changed. What has ``predict_targets`` is given float32 rows (n, m); a regressor gets a single column as (n,).
    X : n rows
    rows : (n, m) float64
    sample_weight : (n,), optional
    last : estimator, optional
        Fitted in place of the last step.
    front_rows : (n,) or (n, m), optional
        What supervised transformers of the pipeline see in place of ``rows``.
    before : fitted estimator, optional
        What an earlier call returned, to go on from: its transformers are kept, its last step trains further.

    Raises
    ------
    InputError
        If rows have different weights and the estimator, or a part of it, takes none.
    """
    *front_steps, (name, own) = steps_of(estimator) or [("estimator", estimator)]
    last = own if last is None else last
    if before is not None:
        *fitted_front, (_, fitted_last) = steps_of(before) or [("estimator", before)]
        inputs = before[:-1].transform(X) if fitted_front else X
        fitted = _fit_last(last, inputs, rows, sample_weight, fitted_last)
        return Pipeline([*fitted_front, (name, fitted)]) if fitted_front else fitted
    seen = _flat(rows) if front_rows is None else front_rows
    front, inputs = fit_front(front_steps, X, seen, sample_weight, getattr(estimator, "memory", None))
    fitted = _fit_last(last, inputs, rows, sample_weight)
    return fitted if front is None else Pipeline([*front.steps, (name, fitted)])


def predict_columns(fitted: Any, X: Any, unknown: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return predicted rows (n, m) of what :func:`fit_columns` returned.

    Parameters
    ----------
    fitted : estimator
    X : n rows
    unknown : (m,)
        Predicted for rows of which neighbours say nothing.

    Raises
    ------
    InputError
        If the prediction has another shape.
    """
    steps = steps_of(fitted)
    last = steps[-1][1] if steps else fitted
    inputs = fitted[:-1].transform(X) if steps else X
    answer = last.predict_targets(inputs) if hasattr(last, "predict_targets") else last.predict(inputs)
    rows = np.asarray(answer, dtype=np.float64)
    if rows.ndim == 1 and len(unknown) == 1:
        rows = rows[:, None]
    if rows.ndim != 2 or rows.shape[1] != len(unknown):
        raise InputError(
            f"{type(last).__name__} predicted shape {rows.shape}; (n, {len(unknown)}) is needed, a column for each column of "
            "the targets it was fitted to"
        )
    if isinstance(last, (NeighbourMeans, RadiusNeighborsRegressor)):  # NaN of other regressors is a mistake to be seen
        return np.where(np.isnan(rows), unknown, rows)
    return rows


def column_means(rows: NDArray[np.float64], sample_weight: NDArray[np.float64] | None) -> NDArray[np.float64]:
    """Return the weighted mean (m,) of rows (n, m)."""
    return np.average(rows, axis=0, weights=sample_weight)


def _fit_last(
    last: Any, X: Any, rows: NDArray[np.float64], sample_weight: NDArray[np.float64] | None, before: Any = None
) -> Any:
    if before is not None and hasattr(last, "fit_from"):
        return last.fit_from(before, X, rows.astype(np.float32), sample_weight)
    if before is not None and (beside := booster_beside(before)):
        return last.fit(X, _flat(rows), sample_weight=sample_weight, **beside)
    if before is not None:
        last = going_on(last, before)
    if hasattr(last, "predict_targets"):
        return fit_weighted(last, X, rows.astype(np.float32), sample_weight)
    # A regressor that takes several outputs only has to be given a table; others would warn of one with one column.
    table_only = has_tags(last) and not get_tags(last).target_tags.single_output
    y = rows if table_only else _flat(rows)
    if sample_weight is not None and type(last) in NEIGHBOURS:
        return NeighbourMeans(last).fit(X, y, sample_weight)
    return fit_throughout(last, X, y, sample_weight)


def _flat(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a single column as (n,), what scikit-learn fits one output to."""
    return rows[:, 0] if rows.shape[1] == 1 else rows
