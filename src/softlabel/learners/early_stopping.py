"""Early stopping inside an estimator, made to keep the copies of a row together.

scikit-learn's estimators that stop early set rows aside with ``train_test_split``, deep inside ``fit``, and take no
splitter. While an expanded data set is fitted, that name in the estimator's module leads to a version that splits
rows, not copies. Other fits in other threads at the same time are passed through.
"""

from __future__ import annotations

import functools
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from types import ModuleType
from typing import Any

import joblib
import numpy as np

from softlabel.data.rows import take
from softlabel.learners.nested import nested_estimators, searched_settings
from softlabel.learners.row_identity import groups_of

_NAME = "train_test_split"
# From this many rows on, HistGradientBoosting's early_stopping="auto" means True.
AUTO_EARLY_STOPPING_ROWS = 10_000

_keeps_rows: ContextVar[bool] = ContextVar("softlabel_keeps_rows", default=False)
_lock = threading.Lock()
_users: dict[ModuleType, int] = {}  # how many fits need the module's name replaced just now
_originals: dict[ModuleType, Callable[..., Any]] = {}


def early_stoppers(estimator: Any, n: int) -> list[Any]:
    """Return the estimators in here that may set rows aside on their own when fitted to n rows."""
    searched = list(searched_settings(estimator))
    found = []
    for part in nested_estimators(estimator):
        settings = part.get_params(deep=False)
        if "early_stopping" in settings:
            switch = "early_stopping"
        elif "validation_fraction" in settings and "n_iter_no_change" in settings:
            switch = "n_iter_no_change"
        else:
            continue
        tried = [candidate for name, candidate in searched if name == switch]
        if any(n > AUTO_EARLY_STOPPING_ROWS if value == "auto" else value for value in [settings[switch], *tried]):
            found.append(part)
    return found


def splitting_modules(estimator: Any) -> list[ModuleType]:
    """Return the modules of an estimator's class and its bases that split by scikit-learn's ``train_test_split``."""
    modules = (sys.modules.get(kind.__module__) for kind in type(estimator).__mro__)
    return list(dict.fromkeys(module for module in modules if module is not None and hasattr(module, _NAME)))


@contextmanager
def rows_kept_together(estimators: Sequence[Any]) -> Iterator[None]:
    """Keep copies of a row on one side of any early-stopping split of these estimators.

    Parallel work within is done in sequence, for the replaced name would not reach other processes or threads.
    """
    modules = list(dict.fromkeys(module for estimator in estimators for module in splitting_modules(estimator)))
    for module in modules:
        _replace(module)
    token = _keeps_rows.set(True)
    try:
        with joblib.parallel_config(backend="sequential") if modules else nullcontext():
            yield
    finally:
        _keeps_rows.reset(token)
        for module in modules:
            _restore(module)


def _replace(module: ModuleType) -> None:
    with _lock:
        _users[module] = _users.get(module, 0) + 1
        if _users[module] == 1:
            _originals[module] = getattr(module, _NAME)
            setattr(module, _NAME, _of_rows(_originals[module]))


def _restore(module: ModuleType) -> None:
    with _lock:
        _users[module] -= 1
        if _users[module] == 0:
            setattr(module, _NAME, _originals.pop(module))
            del _users[module]


def _of_rows(split: Callable[..., list[Any]]) -> Callable[..., list[Any]]:
    """Return ``train_test_split`` that divides rows, each represented by its first copy."""

    @functools.wraps(split)
    def split_rows(*arrays: Any, stratify: Any = None, **options: Any) -> list[Any]:
        if not _keeps_rows.get():
            return split(*arrays, stratify=stratify, **options)
        rows = groups_of(arrays[0], arrays[1] if len(arrays) > 1 else None)
        numbers = np.arange(len(rows.first))  # (g,)
        try:
            labels = None if stratify is None else np.asarray(stratify)[rows.first]  # (g,)
            train, test = split(numbers, stratify=labels, **options)
        except ValueError:
            if stratify is None:
                raise
            # A class that is the largest of one row only cannot be stratified; it is there in other rows' copies.
            train, test = split(numbers, **options)
        sides = rows.members(train), rows.members(test)
        return [take(array, side) for array in arrays for side in sides]

    return split_rows
