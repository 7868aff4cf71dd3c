"""The plain method with its probabilities scaled: the cheap rival of every method that softens labels."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any, ClassVar, Self

import numpy as np

from softlabel.data.folds import Fold
from softlabel.errors import InputError
from softlabel.execution.processes import InProcess
from softlabel.learners.contract import Learner
from softlabel.methods.answer_temperature import softened
from softlabel.methods.cross_fit import out_of_fold
from softlabel.methods.guard import set_apart
from softlabel.methods.preparation import Preparation
from softlabel.methods.student import StudentMethod
from softlabel.methods.units import Memory
from softlabel.metrics.temperature import BOUNDS, fit_temperature
from softlabel.tasks import Kind


class TemperatureScaling(StudentMethod):
    """Train a model on the given labels, and divide the logits of its answers by a temperature.

    A share of the rows is set apart. A first model is trained on the others, and T is what makes its answers for the rows set
    apart fit their given labels best (``fit_temperature``). The final model is trained on all rows, with the seed of the plain
    method's; its answers become ``p^(1/T) / sum p^(1/T)``. No class overtakes another, so that labels are the plain method's, and
    only how sure they are changes. (The median of a distribution over grades may move.)

    Parameters
    ----------
    estimator : estimator or None
        Whatever ``StochasticLabelRefinery`` takes. None takes the default.
    share : float between 0 and 1, default=0.2
        Of the rows, set apart to fit T: stratified on the labels, groups whole.
    task : {"multiclass", "ordinal", "multilabel"}, Task or None
        What a label is, as for ``StochasticLabelRefinery``; grades as distributions only.
    threads : int, default=1
        Threads of one fit. They change the last bits of sums: part of the configuration.
    random_state : int, generator or None
        Both fits and the draw of rows have their own seeds made from this.

    Attributes
    ----------
    classes_ : (k,)
        Labels in sorted order, the order of all columns.
    task_ : Task
        What a label is.
    temperature_ : float
        T, from 0.05 to 20; a warning says where it is one of these.
    set_apart_ : (n,) bool
        Rows that T was fitted on.
    label_distributions_ : (n, k) float32
        The encoded given labels.
    transduction_ : (n,) or (n, k)
        The given labels.
    label_quality_ : (n,) float
        1 for every row whose first target is its label.
    history_ : list of dict
        One entry: ``temperature``, ``n_set_apart``, and the NLL of the first model on these rows before and after,
        ``set_apart_nll`` and ``scaled_nll``.
    epochs_ : list of dict
        One entry an epoch of the final model, where it is a network: its losses.
    estimator_, estimators_ : fitted learner, and a list that holds it
        The final model; its own answers are not scaled.
    random_state_ : int
        The seed behind all seeds.
    n_features_in_, feature_names_in_
        As the model has them.

    Raises
    ------
    InputError
        For input that cannot be used (a ``ValueError``).
    FitError
        If the estimator fails (a ``ValueError``).

    Notes
    -----
    Zeros among probabilities count as 2.2e-16, in the fit of T and in answers: a forest whose trees all agree says 0, of which no
    power is anything else, and one such row that is wrong would outweigh all others.

    References
    ----------
    Guo, Pleiss, Sun and Weinberger, On Calibration of Modern Neural Networks, ICML 2017, section 4.2.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.naive_bayes import GaussianNB
    >>> X, y = load_digits(return_X_y=True)
    >>> scaled = TemperatureScaling(GaussianNB(var_smoothing=1e-3), random_state=0).fit(X, y)
    >>> bool(scaled.temperature_ > 2)  # its answers are too sure: it takes pixels for independent
    True
    """

    networks_teach: ClassVar[bool] = False  # what it scales is what it is for
    kinds: ClassVar[tuple[Kind, ...]] = ("distribution", "independent")
    why_these_kinds: ClassVar[str] = (
        "a number is no probability, and no temperature acts on it; take grades as distributions (view distribution), "
        "or another method"
    )

    def __init__(
        self,
        estimator: Any = None,
        *,
        share: float = 0.2,
        task: Any = None,
        threads: int = 1,
        random_state: Any = None,
    ) -> None:
        self.estimator = estimator
        self.share = share
        self.task = task
        self.threads = threads
        self.random_state = random_state

    def check_suited(self, kind: Kind, learners: Sequence[Learner], pictures: bool | None = None) -> None:
        _check_share(self.share)

    def fit(
        self,
        X: Any,
        y: Any,
        *,
        targets: Any = None,
        groups: Any = None,
        sample_weight: Any = None,
        reference: Any = None,
        validation: Any = None,
    ) -> Self:
        """Fit T, then train the final model.

        Parameters
        ----------
        X : n rows
        y : (n,) or (n, k)
            Given labels; two dimensions are 0 and 1 of several labels a row.
        targets : (n, k) or None
            First targets L(0) where they are soft already; models train on them, T is fitted to ``y``.
        groups : (n,) or None
            Rows of one group are set apart together.
        sample_weight : (n,) or None
            Weights of the fits, that of T included.
        reference : (n, k) or None
            True distributions; taken for the sake of one interface, nothing is scored by them here.
        validation : (X, y) or None
            Rows that the final model scores after each epoch, where it is a network (``epochs_``). They choose nothing.
        """
        share = _check_share(self.share)
        ready = self._prepared(X, y, targets, sample_weight, reference, groups=groups)
        apart = self._rows_apart(ready, share)  # (n,)
        answers = _first_answers(ready, apart)  # (n_apart, k)
        temperature, entry = _fitted(ready, apart, answers)
        models = self._student(ready, ready.problem.given, validation)
        self.temperature_, self.set_apart_ = temperature, apart
        return self._hand_over(ready, ready.problem.given, None, [entry], models)

    def _rows_apart(self, ready: Preparation, share: float) -> np.ndarray:
        problem = ready.problem
        apart = set_apart(share, problem.codes, problem.groups, ready.settings.seeds, "calibrate")
        if not apart.any() or apart.all():
            raise InputError(
                f"share={self.share!r} sets {apart.sum()} of {len(apart)} rows apart; some must be left to train on, and at least one to "
                "fit the temperature: give another share, or more rows"
            )
        if problem.sample_weight is not None and not (problem.sample_weight[apart].any()):
            raise InputError("all rows set apart have sample_weight 0; give more rows weight, or a larger share")
        return apart


def _first_answers(ready: Preparation, apart: np.ndarray) -> np.ndarray:
    """Return what a model trained on the other rows says of the rows set apart, (n_apart, k)."""
    problem, settings = ready.problem, ready.settings
    # Round 0 of a refinement trains no fold model, so its address is free.
    found = out_of_fold(
        problem,
        ready.learners,
        problem.given,
        [Fold(np.flatnonzero(~apart), np.flatnonzero(apart))],
        round=0,
        seeds=settings.seeds,
        executor=InProcess(),
        resources=settings.resources,
        units=Memory(),
    )
    for category, text in found.warnings:
        warnings.warn(f"while fitting the temperature, {category}: {text}", UserWarning, stacklevel=4)
    return found.oof[apart]


def _fitted(ready: Preparation, apart: np.ndarray, answers: np.ndarray) -> tuple[float, dict[str, Any]]:
    """Return the temperature and the entry of the history."""
    problem, task = ready.problem, ready.problem.task
    codes = problem.codes[apart]
    weight = np.ones(len(codes)) if problem.sample_weight is None else problem.sample_weight[apart]
    weight = np.where(task.judged(answers, codes), weight, 0.0)  # (n_apart,) 0 where no class of the row was trained on
    if not weight.any():
        raise InputError(
            f"none of the {len(codes)} rows set apart has a class that the other rows have too; give more rows, or another share"
        )
    known = task.known(answers)
    temperature = fit_temperature(known, codes, weight)
    if temperature in BOUNDS:
        warnings.warn(
            f"the temperature is {temperature:g}, the {'least' if temperature < 1 else 'largest'} that is tried: the {len(codes)} rows "
            "set apart are too few, or all right, or no better than chance",
            UserWarning,
            stacklevel=3,
        )
    scaled = softened(task, np.nan_to_num(known, nan=0.5), temperature)
    scaled[np.isnan(known)] = np.nan  # entries that the first model could not know
    return temperature, {
        "temperature": temperature,
        "n_set_apart": len(codes),
        "set_apart_nll": task.scores(codes, known, weight)["nll"],
        "scaled_nll": task.scores(codes, scaled, weight)["nll"],
    }


def _check_share(share: Any) -> float:
    """Return the share of the rows that are set apart."""
    if isinstance(share, (int, float, np.number)) and not isinstance(share, bool) and 0 < share < 1:
        return float(share)
    raise InputError(f"share={share!r}; give the share of the rows to fit the temperature on, between 0 and 1 (0.2)")
