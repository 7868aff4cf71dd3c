"""The methods of the suite of wrong_labels.py, and what one of them is worth on one data set.

Ours and cleanlab's ``CleanLearning`` get the same unfitted classifier, the same rows and labels, five folds and the same seed. All that is
measured comes from the outside: predictions for test rows, which labels are taken for wrong, and a number that ranks them.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from softlabel import LabelSmoothing, Plain, StochasticLabelRefinery
from softlabel.learners.budget import learns_by_steps
from softlabel.methods.fit_count import fits_counted
from softlabel.methods.plans import SHORT
from softlabel.metrics.calibration import ece
from softlabel.metrics.scores import accuracy, nll
from wrong_label_sets import FEATURES, Problem, folds_of, learner, load_set, noisy

Found = tuple[np.ndarray, np.ndarray]  # (n,) bool: taken for wrong; (n,) float: the larger, the sooner wrong


@dataclass(frozen=True)
class Method:
    """How a method is made and asked."""

    make: Callable[..., Any]  # (classifier, seed, **settings) -> what has fit(X, y) and predict_proba(X)
    settings: dict[str, Any] = field(default_factory=dict)
    finds: Callable[[Any, np.ndarray], Found] | None = None  # (fitted method, given labels)
    fits: int | None = None  # where they cannot be counted from here
    told: bool = False  # whether it is told which labels are right, and learns these alone


def _plain(classifier: Any, seed: int) -> Plain:
    return Plain(classifier, random_state=seed)


def _smoothing(classifier: Any, seed: int, **settings: Any) -> LabelSmoothing:
    return LabelSmoothing(classifier, random_state=seed, **settings)


def _refinery(classifier: Any, seed: int, **settings: Any) -> StochasticLabelRefinery:
    return StochasticLabelRefinery(classifier, random_state=seed, **settings)


def _plan(classifier: Any, seed: int, **settings: Any) -> StochasticLabelRefinery:
    """Return one of the plans that "auto" tries, followed whatever evidence says."""
    short = {"teacher_budget": SHORT} if learns_by_steps(classifier) else {}
    return StochasticLabelRefinery(
        classifier, teacher_targets="pruned", final_targets="pruned", random_state=seed, **short, **settings
    )


def _cleanlab(classifier: Any, seed: int, **settings: Any) -> Any:
    from cleanlab.classification import CleanLearning

    return CleanLearning(classifier, seed=seed, find_label_issues_kwargs={"n_jobs": 1}, **settings)


def _found_by_cleanlab(model: Any, given: np.ndarray) -> Found:
    table = model.get_label_issues()
    return table["is_label_issue"].to_numpy(dtype=bool), 1.0 - table["label_quality"].to_numpy(dtype=float)


def _found_by_refinery(model: Any, given: np.ndarray) -> Found:
    judged = getattr(model, "label_issues_", None)
    if judged is not None:
        return judged.is_issue, judged.wrong_probability
    return model.suggested_labels_ != given, 1.0 - np.asarray(model.label_quality_, dtype=float)


# The settings of the paper, whatever the defaults may be.
_PAPER = {"cv": 5, "momentum": 0.75, "guard": None, "refit_on": "last", "final": "refit", "final_targets": "refined"}

METHODS: dict[str, Method] = {
    "plain": Method(_plain),
    "oracle": Method(_plain, told=True),  # what pruning could come to at best
    "smoothing": Method(_smoothing, {"share": 0.1}),
    "cleanlab": Method(_cleanlab, {"cv_n_folds": 5}, _found_by_cleanlab, fits=6),
    "slr": Method(_refinery, {"n_rounds": 3, **_PAPER}, _found_by_refinery),
    "slr6": Method(_refinery, {"n_rounds": 6, **_PAPER}, _found_by_refinery),
    "auto": Method(_refinery, {"final_targets": "auto"}, _found_by_refinery),
    "bayes": Method(_plan, {"momentum": "bayes"}, _found_by_refinery),
    "momentum0": Method(_plan, {"momentum": 0.0}, _found_by_refinery),
}
USUAL = ("plain", "smoothing", "cleanlab", "slr", "auto")
PLANS = ("plain", "bayes", "momentum0")  # what "auto" chooses among, each by itself
_CHOSEN = ("final_targets_", "best_round_", "choice_")  # what a fitted method says of its choice


def measured(
    name: str, noise: str, learner_name: str, seed: int, method: str, *, rows: int, folder: Path = FEATURES
) -> dict[str, Any]:
    """Fit a method on every split of a set, and return what it is worth.

    Returns
    -------
    dict
        ``accuracy``, ``nll``, ``ece`` of all test rows together, ``errors`` and ``n_test``; ``f1``, ``precision``, ``recall`` and
        ``average_precision`` of finding wrong labels, means over the splits, None where there are none or the method finds none;
        ``flagged``, the share of labels that it takes for wrong; ``wrong``, the share that is; ``seconds`` and ``cpu_seconds`` of
        fits and search together, ``fits`` and ``fits_a_split``; ``chosen``, a list of what it says of its choice.
    """
    splits = []
    for fold in range(folds_of(name)):
        problem = load_set(name, seed, fold=fold, rows=rows, sparse=learner_name == "linear", folder=folder)
        splits.append(_on_split(problem, noisy(problem, noise, seed), learner_name, seed, METHODS[method]))
    y, probabilities = np.concatenate([one["y"] for one in splits]), np.concatenate([one["p"] for one in splits])
    finding = [one["finding"] for one in splits]
    return {
        "accuracy": accuracy(y, probabilities),
        "nll": nll(y, probabilities),
        "ece": ece(y, probabilities),
        "errors": int(np.count_nonzero(probabilities.argmax(axis=1) != y)),
        "n_test": len(y),
        **{key: _mean([found[key] for found in finding]) for key in finding[0]},
        **{key: sum(one[key] for one in splits) for key in ("fits", "seconds", "cpu_seconds")},
        "fits_a_split": sum(one["fits"] for one in splits) / len(splits),
        "chosen": [one["chosen"] for one in splits],
    }


def _on_split(problem: Problem, given: np.ndarray, learner_name: str, seed: int, method: Method) -> dict[str, Any]:
    model = method.make(learner(learner_name, seed), seed, **method.settings)
    rows = np.flatnonzero(given == problem.true) if method.told else np.arange(len(given))
    start, start_cpu = time.perf_counter(), time.process_time()
    with warnings.catch_warnings(), fits_counted() as count:
        warnings.simplefilter("ignore")
        model.fit(problem.X[rows], given[rows])
        found = None if method.finds is None else method.finds(model, given)
    seconds, cpu_seconds = time.perf_counter() - start, time.process_time() - start_cpu
    fitted = getattr(model, "clf", model)  # of cleanlab's
    return {
        "y": problem.y_test,
        "p": aligned(fitted.predict_proba(problem.X_test), fitted.classes_, problem.n_classes),
        "finding": finding(found, given != problem.true),
        "fits": count.n_fits if method.fits is None else method.fits,
        "seconds": seconds,
        "cpu_seconds": cpu_seconds,
        "chosen": {name: _plainly(getattr(model, name)) for name in _CHOSEN if hasattr(model, name)},
    }


def aligned(probabilities: Any, classes: Any, n_classes: int) -> np.ndarray:
    """Return probabilities (n, n_classes) of a model that may not have met every class."""
    rows = np.zeros((len(probabilities), n_classes))
    rows[:, np.asarray(classes, dtype=int)] = probabilities
    return rows


def finding(found: Found | None, wrong: np.ndarray) -> dict[str, float | None]:
    """Return how well wrong labels (n,) bool are found.

    The F1 of the labels that are taken for wrong, and the average precision of the ranking (scikit-learn's: the sum over its thresholds
    of the precision times the gain in recall). None where no label is wrong, or nothing looks for them.
    """
    scores: dict[str, float | None] = dict.fromkeys(("f1", "precision", "recall", "average_precision", "flagged"))
    scores["wrong"] = float(wrong.mean())
    if found is None:
        return scores
    from sklearn.metrics import average_precision_score

    taken, rank = found
    scores["flagged"] = float(taken.mean())
    if wrong.any():
        hits = float(np.count_nonzero(taken & wrong))
        scores["precision"] = hits / max(np.count_nonzero(taken), 1)
        scores["recall"] = hits / np.count_nonzero(wrong)
        scores["f1"] = 2 * hits / (np.count_nonzero(taken) + np.count_nonzero(wrong))
        scores["average_precision"] = float(average_precision_score(wrong, rank))
    return scores


def _mean(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if known else None


def _plainly(value: Any) -> Any:
    """Return what JSON can hold."""
    if isinstance(value, (str, bool, int, float, type(None))):
        return value
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, dict):
        return {str(key): _plainly(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plainly(one) for one in value]
    return str(value)
