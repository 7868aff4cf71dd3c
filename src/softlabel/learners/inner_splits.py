"""Splits inside an estimator that keep the copies of a row together.

Cross-validation that trains on one copy of a row and scores on another would see its own answers. Every ``cv`` in an
expanded estimator is therefore wrapped: the original splitter divides the rows, each represented by its first copy (its
largest class), and the copies follow.
"""

from __future__ import annotations

import copy
import numbers
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import is_classifier
from sklearn.model_selection import PredefinedSplit, StratifiedKFold, check_cv

from softlabel.data.rows import take
from softlabel.errors import InputError
from softlabel.learners.nested import is_estimator
from softlabel.learners.row_identity import RowGroups, groups_of, known_groups


class RowSplitter:
    """A splitter of rows, made to work on their copies.

    Parameters
    ----------
    cv : int, None, splitter, or list of (train, test)
        As scikit-learn's ``cv``; None is five folds. A list and a ``PredefinedSplit`` speak of the rows of the data set
        that ``SoftTargetClassifier.fit`` was given, and therefore only work on the whole of it.
    stratified : bool
        Whether an int is stratified on the largest class of each row, as scikit-learn does for classifiers.
    """

    def __init__(self, cv: Any = None, stratified: bool = True) -> None:
        self.cv = cv
        self.stratified = stratified

    def split(self, X: Any, y: Any = None, groups: Any = None) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
        """Yield positions of training and test copies."""
        rows = self._rows(X, y)
        splitter, X_rows, y_rows = self._of_rows(rows, X, y)
        groups_rows = None if groups is None else np.asarray(groups)[rows.first]
        for train, test in splitter.split(X_rows, y_rows, groups_rows):
            yield rows.members(train), rows.members(test)

    def get_n_splits(self, X: Any = None, y: Any = None, groups: Any = None) -> int:
        """Return the number of splits."""
        if X is None:
            return int(check_cv(self.cv).get_n_splits())
        rows = self._rows(X, y)
        splitter, X_rows, y_rows = self._of_rows(rows, X, y)
        groups_rows = None if groups is None else np.asarray(groups)[rows.first]
        return int(splitter.get_n_splits(X_rows, y_rows, groups_rows))

    @property
    def n_splits(self) -> int:
        """Number of splits, where the splitter states it (some estimators compare it with the rarest class)."""
        return int(self.cv if isinstance(self.cv, numbers.Integral) else 5 if self.cv is None else self.cv.n_splits)

    @property
    def shuffle(self) -> bool:
        """Whether rows are shuffled, where the splitter states it."""
        return bool(False if self.cv is None or isinstance(self.cv, numbers.Integral) else self.cv.shuffle)

    @property
    def random_state(self) -> Any:
        """The splitter's seed, where it has one. Some estimators set it, to split alike several times."""
        return self.cv.random_state

    @random_state.setter
    def random_state(self, value: Any) -> None:
        self.cv = copy.copy(self.cv)
        self.cv.random_state = value

    def __repr__(self) -> str:
        return f"RowSplitter({self.cv!r})"

    def _rows(self, X: Any, y: Any) -> RowGroups:
        by_position = isinstance(self.cv, (list, PredefinedSplit))
        rows = known_groups(X, y) if by_position else groups_of(X, y)
        if rows is None:
            raise InputError(
                "a cv that lists row numbers was asked to split a part of the rows; give an int or a splitter there"
            )
        return rows

    def _of_rows(self, rows: RowGroups, X: Any, y: Any) -> tuple[Any, Any, Any]:
        if rows.single:
            X_rows, y_rows = X, y
        else:
            X_rows, y_rows = take(X, rows.first), None if y is None else np.asarray(y)[rows.first]
        return check_cv(self.cv, y_rows, classifier=self.stratified), X_rows, y_rows


def with_row_splitters(estimator: Any) -> Any:
    """Replace the ``cv`` of one estimator (not of those in it) by a :class:`RowSplitter`, in place, and return it.

    Texts ("prefit") and shares are left, for they are no splits of rows.
    """
    settings = estimator.get_params(deep=False)
    if "cv" not in settings:
        return estimator
    cv = settings["cv"]
    if isinstance(cv, (str, float, RowSplitter)) or is_estimator(cv):
        return estimator
    if "cv_object" not in getattr(type(estimator), "_parameter_constraints", {}).get("cv", ["cv_object"]):
        return estimator  # a transformer that takes an int only; the pipeline shows it each row once
    if isinstance(cv, numbers.Integral) and "shuffle" in settings:  # TargetEncoder shuffles what an int stands for
        seed = settings["random_state"] if isinstance(settings["random_state"], numbers.Integral) else None
        cv = (
            StratifiedKFold(int(cv), shuffle=True, random_state=seed)
            if settings["shuffle"]
            else StratifiedKFold(int(cv))
        )
    elif cv is not None and not isinstance(cv, numbers.Integral) and not hasattr(cv, "split"):
        cv = list(cv)
    judged = getattr(estimator, "estimator", None)
    return estimator.set_params(cv=RowSplitter(cv, stratified=is_classifier(estimator if judged is None else judged)))
