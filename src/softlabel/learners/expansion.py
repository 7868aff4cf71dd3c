"""Strategy ``expand``: weighted row copies, for every classifier that takes ``sample_weight``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import sklearn
from numpy.typing import NDArray
from sklearn.base import is_classifier
from sklearn.ensemble import HistGradientBoostingClassifier, StackingClassifier
from sklearn.model_selection._search import BaseSearchCV
from sklearn.utils import get_tags

from softlabel.data.rows import take
from softlabel.learners.continued import going_on
from softlabel.learners.early_stopping import (
    AUTO_EARLY_STOPPING_ROWS,
    early_stoppers,
    rows_kept_together,
    splitting_modules,
)
from softlabel.learners.inner_splits import with_row_splitters
from softlabel.learners.nested import has_tags, nested_estimators, rebuilt
from softlabel.learners.pipelines import CopiesPipeline, taking_weights
from softlabel.learners.row_copies import copy_rows
from softlabel.learners.row_identity import known_rows
from softlabel.learners.weight_support import is_plain_pipeline, weightless_part


@dataclass(frozen=True)
class Expand:
    """Give each row once for each class with mass, weighted by the mass.

    Exact for every loss that is linear in the target (cross entropy, Gini, hinge). What counts rows rather than weights
    (``min_samples_leaf``, bootstrap samples) counts copies. On hard targets without weights the fit is the estimator's
    own, to the byte.

    Parameters
    ----------
    min_mass : float
        Masses below are dropped, see :func:`~softlabel.learners.row_copies.copy_rows`.
    """

    min_mass: float = 0.01
    name: str = "expand"

    def lacks(self, estimator: Any) -> str | None:
        if not has_tags(estimator) or not is_classifier(estimator):
            return "it is no classifier (derive it from sklearn.base: class C(ClassifierMixin, BaseEstimator))"
        if not _gives_probabilities(estimator):
            return "it has no predict_proba (wrap it: CalibratedClassifierCV(estimator))"
        if (weightless := weightless_part(estimator)) is not None:
            return f"fit of {weightless} takes no sample_weight"
        if get_tags(estimator).input_tags.pairwise:
            return "its input is a matrix of all pairs of rows, which copies would change"
        for part in early_stoppers(estimator, n=AUTO_EARLY_STOPPING_ROWS + 1):
            if not splitting_modules(part):
                return (
                    f"{type(part).__name__} sets rows aside for early stopping where copies of a row cannot be kept "
                    "together (set early_stopping=False)"
                )
        return next((lack for part in nested_estimators(estimator) if (lack := _divides_copies(part))), None)

    def fit(
        self,
        estimator: Any,
        X: Any,
        targets: NDArray[np.float32],
        sample_weight: NDArray[np.float64] | None,
        before: Any = None,
    ) -> Any:
        copies = copy_rows(targets, self.min_mass)
        if before is not None:
            estimator = going_on(
                estimator, before
            )  # no class disappears among copies: they are those of the fit before
        if isinstance(estimator, HistGradientBoostingClassifier) and estimator.early_stopping == "auto":
            # A number of rows, not of copies, decides.
            estimator.set_params(early_stopping=len(targets) > AUTO_EARLY_STOPPING_ROWS)
        if copies.single and sample_weight is None:
            return estimator.fit(X, copies.codes)
        weights = copies.masses if sample_weight is None else copies.masses * sample_weight[copies.rows]  # (c,)
        # Weights are passed in the plain way, whatever is set outside.
        with sklearn.config_context(enable_metadata_routing=False):
            if copies.single:
                return rebuilt(estimator, taking_weights).fit(X, copies.codes, sample_weight=weights)
            prepared = rebuilt(estimator, _keeping_copies_together)
            stoppers = early_stoppers(prepared, len(copies.rows))
            with known_rows(copies.groups, copies.codes), rows_kept_together(stoppers):
                return prepared.fit(take(X, copies.rows), copies.codes, sample_weight=weights)

    def predict(self, fitted: Any, X: Any) -> NDArray[Any]:
        return np.asarray(fitted.predict_proba(X))


def _gives_probabilities(estimator: Any) -> bool:
    """As ``hasattr(estimator, "predict_proba")``, which is false for stacking by its default before it is fitted."""
    if isinstance(estimator, StackingClassifier) and estimator.final_estimator is None:
        return True
    if isinstance(estimator, BaseSearchCV) and estimator.refit:
        return _gives_probabilities(estimator.estimator)
    if is_plain_pipeline(estimator):
        return _gives_probabilities(estimator.steps[-1][1])
    return hasattr(estimator, "predict_proba")


def _divides_copies(part: Any) -> str | None:
    """Say how an estimator sets copies of a row apart in a way that cannot be mended from outside."""
    kind, settings = type(part).__name__, part.get_params(deep=False)
    if settings.get("probability") is True and type(part).__module__.startswith("sklearn.svm"):
        return f"{kind}(probability=True) cross-validates copies (give CalibratedClassifierCV({kind}()) instead)"
    if settings.get("oob_score"):
        return f"oob_score of {kind} would score copies by trees that saw their siblings (set oob_score=False)"
    return None


def _keeping_copies_together(estimator: Any) -> Any:
    """Make one estimator of an expanded fit take weights by that name, and split rows where it would split copies."""
    estimator = with_row_splitters(estimator)
    return CopiesPipeline(**estimator.get_params(deep=False)) if is_plain_pipeline(estimator) else estimator
