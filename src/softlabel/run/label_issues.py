"""Find wrong labels: in a run, or by labels and out-of-fold predictions of one's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from softlabel.errors import InputError
from softlabel.methods.issue_finding import as_rounds, issues_of, task_of_labels
from softlabel.methods.row_facts import as_given_labels
from softlabel.methods.wrong_labels import LabelIssues
from softlabel.run.finished import Run


def find_label_issues(
    labels: Any,
    oof_proba: Any = None,
    *,
    task: Any = None,
    trusted: Any = None,
    ambiguity: float = 0.5,
    plain_rounds: int = 1,
) -> LabelIssues:
    """Say of each given label with what chance it is wrong, what it should be, and how labels become wrong.

    The given label is taken for a draw from a mixture over the true class, ``p(given = j | x) = sum_c p_c(x) T[c, j]``; T and the way
    from out-of-fold predictions to ``p_c`` are found by the likelihood of the given labels, without a true one. Then
    ``p(wrong) = 1 - (1 - r) p_y T[y, y] / sum_c p_c T[c, y] - r p_y``, with r the ``ambiguity``. ``docs/label-issues.md`` has the
    whole of it.

    Parameters
    ----------
    labels : Run, path, or array-like (n,) or (n, k)
        A finished run or its directory, which has everything; or given labels. Two dimensions are 0 and 1 of several labels a row.
    oof_proba : array-like (n, m), (R, n, m), or list of R times (n, m)
        With labels: predictions of models that did not train on the row, columns in sorted order of the labels (as the task has them);
        those of a data frame by name, where they bear the names of the labels.
        m = k; of grades as numbers (n,), or m = 1. NaN where no model says anything. Repeated rounds find more than one: those of
        repeated cross-validation, or of a refinement.
    task : {"multiclass", "ordinal", "multilabel"}, Task or None
        With labels: what a label is, as for ``StochasticLabelRefinery``. "ordinal" is grades as numbers where predictions have one
        column, distributions over the grades where they have k. Classes that no row has need a task: ``Multiclass(classes)``.
    trusted : (n,) bool or None
        Rows that are known to be right: their chance of being wrong is 0. Of a run None takes those that it was told.
    ambiguity : float from 0 to 1, default=0.5
        The chance, r, that labels are wrong where rows are ambiguous: 0 where whoever gave them knew more than the features tell, 1
        where people or rules took rows for their neighbours. Labels and predictions cannot tell; a half is to say so. It moves
        chances and their sum; the ranking changes little between 0.1 and 0.6.
    plain_rounds : int, default=1
        How many rounds, the first ones, are of models that learnt from the given labels. From these T is estimated: in later rounds
        of a refinement each label has reached its own row's predictions by way of others' targets, and wrong labels look rarer than
        they are. Of repeated cross-validation give R.

    Returns
    -------
    LabelIssues

    Raises
    ------
    InputError
        For labels or predictions that cannot be used.
    RunError
        If there is no run, it is not done, or no round was made.

    Notes
    -----
    Where a model is surely mistaken (too simple for the classes, or for some kind of row), nothing in labels and predictions tells its
    mistakes from wrong labels, and it will call some right labels wrong.

    References
    ----------
    Dawid and Skene, Maximum Likelihood Estimation of Observer Error-Rates Using the EM Algorithm, Applied Statistics 1979, section 3,
    for T by expectation maximisation; the mixture with class probabilities is that of Sukhbaatar et al., Training Convolutional Networks
    with Noisy Labels, 2014, section 3, with the predictions held fixed.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.model_selection import cross_val_predict
    >>> X, y = load_iris(return_X_y=True)
    >>> wrong = np.arange(0, 150, 10)
    >>> y[wrong] = (y[wrong] + 1) % 3
    >>> proba = cross_val_predict(LogisticRegression(max_iter=1000), X, y, cv=5, method="predict_proba")
    >>> issues = find_label_issues(y, proba)
    >>> bool(issues.is_issue[wrong].mean() > 0.8), round(issues.noise_rate, 1)
    (True, 0.1)
    >>> issues.to_frame().sort_values("wrong_probability", ascending=False).head()  # doctest: +SKIP
    >>> find_label_issues("runs/digits").threshold_for(precision=0.9)  # doctest: +SKIP
    """
    if isinstance(labels, (Run, str, Path)):
        if oof_proba is not None or task is not None:
            raise InputError(
                "a run has its own predictions and its own task; leave oof_proba and task out, or give labels"
            )
        return _of_run(labels if isinstance(labels, Run) else Run(labels), trusted, ambiguity, plain_rounds)
    if oof_proba is None:
        raise InputError("labels alone cannot be judged; give oof_proba, predictions out of fold, or a run")
    y = as_given_labels(np.asarray(labels), task)
    kind = task_of_labels(task, y, oof_proba)
    codes = kind.codes(y)
    return issues_of(
        kind,
        codes,
        as_rounds(oof_proba, kind, len(codes)),
        plain_rounds=plain_rounds,
        ambiguity=ambiguity,
        trusted=_as_mask(trusted, len(codes)),
        given_label=y if y.ndim == 1 else None,
    )


def _of_run(run: Run, trusted: Any, ambiguity: float, plain_rounds: int) -> LabelIssues:
    table, given = run.labels(), run.targets(0)
    rounds = run.out_of_fold()
    if trusted is None and "trusted" in table:
        trusted = table["trusted"].to_numpy(dtype=bool)
    several = run.task.kind == "independent"
    # Several labels of a row are read from where they stand as numbers: a name may hold the sign that joins names.
    codes = (given > 0.5).astype(np.int64) if several else run.task.codes(table["given_label"])
    return issues_of(
        run.task,
        codes,
        rounds.astype(np.float64),
        plain_rounds=plain_rounds,
        ambiguity=ambiguity,
        trusted=_as_mask(trusted, len(codes)),
        given_label=table["given_label"].to_numpy(),
        ids=table["id"].to_numpy(),
    )


def _as_mask(trusted: Any, n: int) -> np.ndarray | None:
    if trusted is None:
        return None
    mask = np.asarray(trusted)
    if mask.shape != (n,) or mask.dtype != bool:
        raise InputError(f"trusted has shape {mask.shape} of {mask.dtype}; give True or False for each of {n} rows")
    return mask if mask.any() else None
