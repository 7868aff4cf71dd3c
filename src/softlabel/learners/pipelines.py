"""Pipelines: the transformers see each row once, only the last step sees soft targets.

A transformer that saw row copies would count uncertain rows several times. So the steps before the last one are
fitted to the rows as they are, each with its largest class (which only supervised transformers look at), and any
strategy serves for the last step.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import sklearn
from numpy.typing import NDArray
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import has_fit_parameter

from softlabel.data.rows import take
from softlabel.errors import InputError
from softlabel.learners.nested import rebuilt
from softlabel.learners.row_identity import RowGroups, known_groups, known_rows
from softlabel.learners.row_keys import row_keys
from softlabel.learners.weight_support import fit_weighted, is_plain_pipeline, weightless_part

Step = tuple[str, Any]


def steps_of(estimator: Any) -> list[Step]:
    """Return the steps of a pipeline, those of a pipeline in last place included; no step for any other estimator."""
    if not is_plain_pipeline(estimator):
        return []
    *front, (name, last) = estimator.steps
    inner = steps_of(last)
    return [*front, *((f"{name}__{part}", step) for part, step in inner)] if inner else [*front, (name, last)]


def last_step(estimator: Any) -> Any:
    """Return what a pipeline ends in, or the estimator itself."""
    steps = steps_of(estimator)
    return steps[-1][1] if steps else estimator


def fit_front(
    steps: Sequence[Step], X: Any, y: Any, sample_weight: NDArray[np.float64] | None, memory: Any = None
) -> tuple[Pipeline | None, Any]:
    """Fit transformers and return them with the transformed rows.

    Weights reach those transformers that take them (a scaler, say), so that a weight of 2 is the row given twice.
    """
    if not steps:
        return None, X
    front = Pipeline([(name.replace("__", "."), step) for name, step in steps], memory=memory)
    weighted = [name for name, step in front.steps if has_fit_parameter(step, "sample_weight")]
    weights = {} if sample_weight is None else {f"{name}__sample_weight": sample_weight for name in weighted}
    with sklearn.config_context(enable_metadata_routing=False):  # weights are named by step, whatever is set outside
        return front, front.fit_transform(X, y, **weights)


class WeightedPipeline(Pipeline):
    """A pipeline inside another estimator that takes one weight for each row, in whatever it is wrapped."""

    def fit(self, X: Any, y: Any = None, sample_weight: NDArray[np.float64] | None = None) -> WeightedPipeline:
        """Fit every step that takes weights to the weighted rows, and the others to the rows."""
        front, transformed = self._fit_front(X, y, sample_weight)
        return self._fit_last(front, transformed, y, sample_weight)

    def _fit_front(self, X: Any, y: Any, sample_weight: NDArray[np.float64] | None) -> tuple[Pipeline | None, Any]:
        steps: list[Step] = self.get_params(deep=False)["steps"]
        return fit_front(steps[:-1], X, y, sample_weight, self.memory)

    def _fit_last(self, front: Pipeline | None, transformed: Any, y: Any, sample_weight: Any) -> WeightedPipeline:
        name, last = self.get_params(deep=False)["steps"][-1]
        fit_weighted(last, transformed, y, sample_weight)
        self.steps = [*(front.steps if front is not None else []), (name, last)]
        return self


def fit_throughout(estimator: Any, X: Any, y: Any, sample_weight: NDArray[np.float64] | None) -> Any:
    """Fit and return an estimator whose weights reach every predictor in it, in pipelines and searches too.

    Raises
    ------
    InputError
        If rows have different weights and a part of it takes none.
    """
    if sample_weight is None:
        return estimator.fit(X, y)
    if (weightless := weightless_part(estimator)) is not None:
        if np.ptp(sample_weight) == 0:
            return estimator.fit(X, y)
        raise InputError(f"{weightless} takes no sample_weight; leave the weights out or choose another estimator")
    with sklearn.config_context(enable_metadata_routing=False):  # weights are passed in the plain way
        return rebuilt(estimator, taking_weights).fit(X, y, sample_weight=sample_weight)


def taking_weights(estimator: Any) -> Any:
    """Make one estimator of a weighted fit take weights by that name."""
    return WeightedPipeline(**estimator.get_params(deep=False)) if is_plain_pipeline(estimator) else estimator


class CopiesPipeline(WeightedPipeline):
    """A pipeline inside another estimator that is given row copies: the transformers see each row once."""

    def fit(self, X: Any, y: Any = None, sample_weight: NDArray[np.float64] | None = None) -> CopiesPipeline:
        """Fit the transformers to each row with its largest class, and the last step to the weighted copies."""
        copies = _copies(X, y)
        rows = copies.rows
        weights = np.ones(len(rows.group_of)) if sample_weight is None else sample_weight  # (c,)
        heaviest = _heaviest(rows, weights)  # (g,)
        labels = np.asarray(y)[heaviest]  # (g,)
        row_weights = np.bincount(rows.group_of, weights).astype(np.float64)  # (g,)
        with known_rows(RowGroups.of(copies.kept_together.group_of[heaviest]), labels):
            front, transformed = self._fit_front(take(X, heaviest), labels, row_weights)
        with known_rows(copies.kept_together, y):
            self._fit_last(front, take(transformed, rows.group_of), y, sample_weight)
        return self


class _Copies(NamedTuple):
    rows: RowGroups  # what counts as one row for the transformers
    kept_together: RowGroups  # what must not be split apart


def _copies(X: Any, y: Any) -> _Copies:
    if (known := known_groups(X, y)) is not None:
        return _Copies(known, known)
    # Within a fold only the rows themselves tell. Splits leave copies side by side, so equal rows further apart are
    # taken for rows of their own; but as a search may have shuffled, those are not split apart either.
    keys = row_keys(X)
    return _Copies(_runs(keys), RowGroups.of(keys))


def _runs(keys: NDArray[np.uint64]) -> RowGroups:
    """Group neighbours with equal keys."""
    starts = np.concatenate([[True], keys[1:] != keys[:-1]])  # (n,)
    return RowGroups(np.cumsum(starts) - 1, np.flatnonzero(starts))


def _heaviest(groups: RowGroups, weights: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return the position (g,) of the heaviest copy of each row, the first of ties: the one with its largest class."""
    order = np.lexsort((np.arange(len(weights)), -weights, groups.group_of))  # (n,)
    return order[np.searchsorted(groups.group_of[order], np.arange(len(groups.first)))]
