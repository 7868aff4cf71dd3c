"""A comparison started from Python: of a file, as on the command line, or of rows in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from softlabel.comparison.comparison import compare_rows, run_comparison, source_of
from softlabel.comparison.config import CompareConfig
from softlabel.comparison.described import described
from softlabel.comparison.method_specs import parse_method
from softlabel.comparison.progress import Silent
from softlabel.comparison.results import Results
from softlabel.comparison.toy import run_toy
from softlabel.comparison.toy_config import is_toy
from softlabel.data.dataset import Dataset
from softlabel.data.exact_columns import exact_values
from softlabel.data.noisy_columns import kind_like
from softlabel.data.rows import as_rows, n_rows
from softlabel.errors import InputError
from softlabel.learners.names import DEFAULT_NAME, default_estimator
from softlabel.methods.row_facts import as_given_labels, check_groups, check_trusted
from softlabel.methods.task_choice import choose_task
from softlabel.run.config import make_config
from softlabel.run.data_reading import DataRead, print_of, prints_of_columns
from softlabel.run.trusted_rows import print_of_trust


def compare(source: str | Path, out: str | Path | None = None, *, curves: bool = False, **options: Any) -> Results:
    """Compare methods on a data set; equivalent to ``softlabel compare SOURCE --out OUT ...``.

    Parameters
    ----------
    source : str or path
        A .csv, .parquet or .npz file, a folder with one folder of pictures a class, or a built-in data set; "toy" is a study of its own
        (docs/toy.md).
    out : str, path or None
        The folder of the comparison, ``compare-`` and the source's name by default; one that was interrupted there goes on.
    curves : bool
        Whether networks score the test rows after each epoch of their last fit, for the figure of losses.
    **options
        The long options of the command line, with ``_`` for ``-``: ``label="grade"``, ``methods=["plain", "slr:n_rounds=6"]``,
        ``seeds=5``, ``corrupt=["none", "symmetric:0.2"]``, ``set={"C": 0.1}``.

    Returns
    -------
    Results
        ``results.table()`` is a data frame; ``print(results.text())`` what the command line prints.

    Examples
    --------
    >>> results = compare("train.csv", label="grade", methods=["smoothing", "slr"])  # doctest: +SKIP
    >>> results.table()  # doctest: +SKIP
    """
    chosen: dict[str, Any] = {**options, "source": str(source)} | ({} if out is None else {"out": Path(out)})
    config = make_config(chosen, kind=CompareConfig)
    return (run_toy if is_toy(config) else run_comparison)(config, curves=curves)


def compare_methods(
    X: Any,
    y: Any,
    *,
    estimator: Any = None,
    methods: Sequence[str] | Mapping[str, Any] = ("all",),
    test: tuple[Any, Any] | None = None,
    groups: Any = None,
    task: Any = None,
    trusted: Any = None,
    curves: bool = False,
    out: str | Path | None = None,
    **options: Any,
) -> Results:
    """Compare methods on rows in memory.

    Parameters
    ----------
    X : n rows
    y : (n,) or (n, k)
        Given labels, as every method takes them.
    estimator : estimator or None
        What all methods train; None takes the default.
    methods : sequence of str, or mapping of labels to methods
        Names as on the command line, ``"slr:n_rounds=6"``; in a mapping a value is such a name, or an unfitted method of your own:
        anything with ``fit(X, y)`` and ``predict_targets(X)`` that scikit-learn can clone. It is given the seed, the task and the
        threads where it has parameters of these names.
    test : (X, y) or None
        Rows to score on; None: each seed splits a share off (``test_share``).
    groups : (n,) or None
        Rows of one group are never on both sides of a split.
    task : {"multiclass", "ordinal", "multilabel"}, Task or None
        As for ``StochasticLabelRefinery``.
    trusted : (n,) bool or None
        Rows whose labels are known to be right: never made wrong, and told to the methods that ask for them (slr); the others train on
        them as on all rows.
    curves : bool
        Whether networks score the test rows after each epoch of their last fit.
    out : str, path or None
        A folder to keep cells, tables and figures in; None keeps nothing.
    **options
        ``seeds``, ``seed``, ``test_share``, ``corrupt``, ``unsuited``, ``baseline``, ``level``, ``threads``, ``jobs``,
        ``time_limit``, as on the command line. ``corrupt="column:NAME"`` takes the labels to learn from out of a column of X,
        which is then no feature.

    Returns
    -------
    Results

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.linear_model import LogisticRegression
    >>> X, y = load_iris(return_X_y=True)
    >>> results = compare_methods(X, y, estimator=LogisticRegression(max_iter=200), methods=["smoothing"], seeds=2)
    >>> results.methods
    ('plain', 'temperature', 'smoothing')
    """
    names, labelled = _named_and_labelled(methods)
    unknown = sorted(options.keys() - _OPTIONS)
    if unknown:
        raise InputError(
            f"compare_methods has no option {unknown[0]!r}; beside those of its own it takes {', '.join(sorted(_OPTIONS))}"
        )
    config = make_config(
        {**options, "methods": names or ["plain"], "source": "rows", **({} if out is None else {"out": Path(out)})},
        kind=CompareConfig,
    )
    data = _read(X, y, estimator, test, groups, task, config.noisy_columns, trusted)
    rows = source_of(config, data)
    return compare_rows(config, data, rows, Silent(), curves=curves, keep=out is not None, labelled=labelled)


_OPTIONS = frozenset(
    {"seeds", "seed", "test_share", "corrupt", "unsuited", "baseline", "level", "threads", "jobs", "time_limit"}
)


def _named_and_labelled(methods: Any) -> tuple[list[str], dict[str, Any]]:
    """Return methods by their names, and those that have labels of the caller's."""
    if isinstance(methods, str):
        return [methods], {}
    if isinstance(methods, Mapping):
        return [], {
            str(label): replace(parse_method(one), label=str(label)) if isinstance(one, str) else one
            for label, one in methods.items()
        }
    if not all(isinstance(one, str) for one in methods):
        raise InputError("methods holds a method that has no label; give a mapping: {'mine': MyMethod(), 'slr': 'slr'}")
    return list(methods), {}


def _read(
    X: Any, y: Any, estimator: Any, test: Any, groups: Any, task: Any, noisy: tuple[str, ...], trusted: Any = None
) -> DataRead:
    if isinstance(estimator, (list, tuple)):
        kinds = ", ".join(type(one).__name__ for one in estimator)
        raise InputError(f"compare trains the same learner for all methods, and there are several ({kinds}); give one")
    X, y = as_rows(X), as_given_labels(np.asarray(y), task)
    X, noisy_labels = _without_labels(X, y, noisy)
    if n_rows(X) != len(y):
        raise InputError(f"X has {n_rows(X)} rows and y has {len(y)}; give one label a row")
    chosen = choose_task(task, y, estimator)
    names = np.asarray(chosen.classes) if y.ndim == 2 else None
    groups = None if groups is None else check_groups(groups, len(y))
    known_right = None if trusted is None else check_trusted(trusted, len(y))
    train = Dataset(
        X,
        y,
        np.arange(len(y)),
        groups,
        source="rows",
        label_names=names,
        noisy_labels=noisy_labels or None,
        trusted=known_right,
    )
    further, prints = None, {"source": print_of(train)} | prints_of_columns(train)
    if known_right is not None:
        prints["trusted"] = print_of_trust(known_right, None)
    if test is not None:
        if not isinstance(test, tuple) or len(test) != 2:
            raise InputError("test is no pair; give a tuple (X, y) of rows to score on")
        X_test, y_test = as_rows(test[0]), as_given_labels(np.asarray(test[1]), task)
        if noisy and hasattr(X_test, "columns"):
            X_test = X_test.drop(columns=[name for name in noisy if name in X_test.columns])
        _refuse_other_columns(X, X_test)
        chosen.codes(y_test)  # refuses labels that the training rows do not have
        further = Dataset(X_test, y_test, np.arange(len(y_test)), source="test rows", label_names=names)
        prints["test"] = print_of(further)
    learner = default_estimator(chosen.kind) if estimator is None else estimator
    name = DEFAULT_NAME if estimator is None else type(estimator).__name__
    settings = {} if estimator is None else {"is": described(estimator)}
    return DataRead(train, further, chosen, [(name, settings)], [learner], prints, None, None)


def _without_labels(X: Any, y: np.ndarray, noisy: tuple[str, ...]) -> tuple[Any, dict[str, np.ndarray]]:
    """Return a data frame without its columns of noisy labels, and these; other rows have none."""
    if not noisy:
        return X, {}
    if y.ndim == 2:
        raise InputError(
            f"column:{noisy[0]} gives one label a row, and rows of y have several; give symmetric:P or instance:P"
        )
    columns = [str(name) for name in getattr(X, "columns", ())]
    missing = [name for name in noisy if name not in columns]
    if missing:
        has = f"its columns are {', '.join(columns[:20])}" if columns else f"a {type(X).__name__} has no named columns"
        raise InputError(
            f"column:{missing[0]} is a column of X that holds labels, and {has}; give a data frame that has it"
        )
    labels = {
        name: exact_values(
            X[name], name=name, role="label", kind=kind_like(y, "number" if y.dtype.kind == "f" else None)
        )
        for name in noisy
    }
    return X.drop(columns=list(noisy)), labels


def _refuse_other_columns(X: Any, X_test: Any) -> None:
    """Refuse test rows that are no rows of the same columns, before anything is fitted."""
    names, others = (getattr(rows, "columns", None) for rows in (X, X_test))
    if names is not None and others is not None and list(names) != list(others):
        missing, more = (
            [str(one) for one in names if one not in others],
            [str(one) for one in others if one not in names],
        )
        told = (
            f"lacks {', '.join(missing)}"
            if missing
            else f"also has {', '.join(more)}"
            if more
            else "has them in another order"
        )
        raise InputError(f"the test rows have other columns than the training rows: it {told}; give the same columns")
    if np.ndim(X) > 1 and np.shape(X)[1:] != np.shape(X_test)[1:]:
        raise InputError(
            f"the test rows are of shape {np.shape(X_test)[1:]} and the training rows of {np.shape(X)[1:]}; give rows of the same columns"
        )
