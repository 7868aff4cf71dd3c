"""The table of all methods: how each is called, what its labels are, and which laws it is exempt from, with the reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression, Ridge

from simple_learners import Centroids
from softlabel import Distillation, Refinement, SelfTraining, StochasticLabelRefinery, TorchClassifier
from softlabel.tasks import Multiclass, Multilabel, Ordinal, Task

ORDER_OF_ROWS = "a network is no order-blind learner: its batches are drawn by the positions of rows"
ORDER_OF_CLASSES = "nor is it blind to the order of classes: first weights are drawn column by column"
GRADES_HAVE_AN_ORDER = "the order of grades is what the task is about: to permute them is another problem"


def by_estimator(X, y, **options):
    options = {"estimator": Centroids(), "n_rounds": 3, "cv": 3, "random_state": 0} | options
    fit_options = {key: options.pop(key) for key in ("targets", "groups", "sample_weight") if key in options}
    return StochasticLabelRefinery(**options).fit(X, y, **fit_options).label_distributions_


def _by_network(X, y, **options):
    network = TorchClassifier(
        "mlp", network_options={"hidden": (16,), "dropout": 0.2}, epochs=6, batch_size=16, device="cpu"
    )
    return by_estimator(X, y, **({"estimator": network} | options))


def _by_pictures(X, y, **options):
    """The same points as the colours of pictures, with augmentation and test-time augmentation."""
    pixels = np.full((len(X), 8, 8, 3), 128, dtype=np.uint8)
    pixels[..., :2] = np.clip(128 + 25 * np.asarray(X), 0, 255).astype(np.uint8)[:, None, None, :2]
    pixels.flags.writeable = X.flags.writeable
    network = TorchClassifier("small_cnn", epochs=5, batch_size=8, lr=0.05, augment="flip", device="cpu")
    return by_estimator(pixels, y, **({"estimator": network, "tta": "flip"} | options))


def by_hand(X, y, estimator=None, n_jobs=None, **options):
    refinement = Refinement(y, **({"n_rounds": 3, "cv": 3, "random_state": 0} | options))
    for fold in refinement:
        model = clone(estimator or Centroids()).fit(X[fold.train], fold.targets)
        fold.tell(model.predict_targets(X[fold.held_out]))
    return refinement.targets


def _by_regression(X, y, **options):
    # The angle of a point on its circle would be no linear grade; its squares and products are.
    squares = np.c_[X, X**2, X[:, :1] * X[:, 1:]]
    return by_estimator(squares, y, **({"estimator": Ridge(alpha=1e-3), "task": _grades(y)} | options))


def _by_distribution(X, y, **options):
    return by_estimator(X, y, **({"task": _grades(y, view="distribution")} | options))


def _by_entries(X, y, **options):
    return by_estimator(X, y, **({"estimator": LogisticRegression(max_iter=1000)} | options))


def _distilled(X, y, **options):
    """The targets of a student; no rounds are no share of the teacher's."""
    if options.pop("n_rounds", 1) == 0:
        options["share"] = 0.0
    return _in_sample(Distillation, X, y, options)


def _self_trained(X, y, **options):
    """The targets of the last generation; no rounds are one generation."""
    if options.pop("n_rounds", 1) == 0:
        options["n_generations"] = 1
    return _in_sample(SelfTraining, X, y, options)


def _in_sample(kind, X, y, options):
    for unused in ("cv", "groups"):  # there are no folds
        options.pop(unused, None)
    fit_options = {key: options.pop(key) for key in ("targets", "sample_weight") if key in options}
    made = kind(Centroids(), **({"random_state": 0} | options))
    return made.fit(X, y, **fit_options).label_distributions_


def _grades(y, **options):
    names = sorted(set(np.asarray(y).tolist()))
    return Ordinal.from_labels(y, grades=names, **options)


def _same(y):
    return y


def _entries(y):
    """Several labels a row made of one: that of its class, and one that two classes share."""
    y = np.asarray(y)
    return np.c_[y == 0, y == 1, y >= 1].astype(np.int64)


@dataclass(frozen=True)
class Method:
    """One row of the table."""

    refine: Callable[..., np.ndarray]  # (X, y, **options) -> targets (n, m)
    estimator: Any = None  # a scikit-learn estimator, where the method is one
    labels: Callable[[Any], Any] = _same  # from classes 0, 1, 2 (n,) to labels as the method takes them
    task: Callable[[Any], Task] = Multiclass.from_labels  # of these labels
    options: tuple[dict[str, Any], ...] = ({}, {"momentum": "average"}, {"sharpen": 0.3}, {"momentum": 0.0})
    exempt: dict[str, str] = field(default_factory=dict)  # law -> reason


METHODS = {
    "slr": Method(by_estimator, StochasticLabelRefinery(LogisticRegression(), n_rounds=1, cv=2)),
    "slr-network": Method(
        _by_network,
        StochasticLabelRefinery(TorchClassifier("mlp"), n_rounds=1, cv=2),
        exempt={"rows_permute": ORDER_OF_ROWS, "classes_permute": ORDER_OF_CLASSES},
    ),
    "slr-pictures": Method(
        _by_pictures,
        StochasticLabelRefinery(TorchClassifier("small_cnn"), n_rounds=1, cv=2, tta="flip"),
        exempt={"rows_permute": ORDER_OF_ROWS, "classes_permute": ORDER_OF_CLASSES},
    ),
    "slr-by-hand": Method(
        by_hand,
        exempt={
            "serial_equals_processes": "the caller's own loop does the fits",
            "clone_and_parameters": "it is a loop, not an estimator",
        },
    ),
    "slr-grades-as-numbers": Method(
        _by_regression,
        StochasticLabelRefinery(Ridge(), task="ordinal", n_rounds=1, cv=2),
        task=_grades,
        options=({}, {"momentum": "average"}, {"momentum": 0.0}),
        exempt={"classes_permute": GRADES_HAVE_AN_ORDER},
    ),
    "slr-grades-as-distributions": Method(
        _by_distribution,
        StochasticLabelRefinery(LogisticRegression(), task="ordinal", n_rounds=1, cv=2),
        task=lambda y: _grades(y, view="distribution"),
    ),
    "slr-multilabel": Method(
        _by_entries,
        StochasticLabelRefinery(LogisticRegression(), task="multilabel", n_rounds=1, cv=2),
        labels=_entries,
        task=Multilabel.from_labels,
        exempt={"names_do_not_matter": "labels are columns of 0 and 1: their names do not come in"},
    ),
    "distillation": Method(
        _distilled,
        Distillation(LogisticRegression()),
        options=({}, {"share": 1.0}),
        exempt={
            "momentum_one": "it has no momentum; a share of 0 stands for it",
            "serial_equals_processes": "its two fits follow each other",
            "seed_matters": "there are no folds: with a learner without chance there is nothing to draw",
        },
    ),
    "self-training": Method(
        _self_trained,
        SelfTraining(LogisticRegression()),
        options=({}, {"n_generations": 5}),
        exempt={
            "momentum_one": "it has no momentum: the answers replace the labels",
            "serial_equals_processes": "its generations follow each other",
            "seed_matters": "as for distillation",
        },
    ),
}
