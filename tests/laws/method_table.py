"""The table of all methods: how each is called, what its labels are, and which laws it is exempt from, with the reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.linear_model import LogisticRegression, Ridge

from simple_learners import Centroids
from softlabel import (
    ILS,
    ILS1,
    ILS2,
    ConfidentLearning,
    Distillation,
    LabelDistributionLearning,
    LabelRefinery,
    LabelSmoothing,
    Plain,
    Refinement,
    SelfTraining,
    StochasticLabelRefinery,
    TemperatureScaling,
    TorchClassifier,
)
from softlabel.methods.focal import FocalTraining
from softlabel.methods.hard_examples import HardExampleMining
from softlabel.methods.online_smoothing import OnlineLabelSmoothing
from softlabel.methods.progressive_distillation import ProgressiveDistillation
from softlabel.methods.self_adaptive import SelfAdaptiveTraining
from softlabel.methods.weight_averaging import WeightAveraging
from softlabel.tasks import Multiclass, Multilabel, Ordinal, Task

ORDER_OF_ROWS = "a network is no order-blind learner: its batches are drawn by the positions of rows"
ORDER_OF_CLASSES = "nor is it blind to the order of classes: first weights are drawn column by column"
ONE_TRAINING = "one training, in this process"
NO_MOMENTUM = "it has no momentum, and an end of its own that is the plain method"
GIVEN_WHATEVER_THE_SEED = "its targets are the given labels, whatever the seed; tests/methods looks at its models"
TEACHER_FIRST = "its two fits follow each other"
GENERATIONS_FOLLOW = "its generations follow each other"
GRADES_HAVE_AN_ORDER = "the order of grades is what the task is about: to permute them is another problem"

SMALL_CNN = TorchClassifier(
    "small_cnn", network_options={"width": 8}, epochs=6, batch_size=20, lr=0.1, augment="flip", device="cpu"
)


def by_estimator(X, y, **options):
    """The paper's targets."""
    paper = {"estimator": Centroids(), "n_rounds": 3, "cv": 3, "random_state": 0, "final_targets": "refined"}
    return _fitted(X, y, paper | options).label_distributions_


def _by_choice(X, y, **options):
    """The refined targets of the default, which chooses how to refine."""
    return _fitted(X, y, {"estimator": Centroids(), "cv": 3, "random_state": 0} | options).refined_targets_


def _fitted(X, y, options):
    fit_options = {key: options.pop(key) for key in ("targets", "groups", "sample_weight") if key in options}
    return StochasticLabelRefinery(**options).fit(X, y, **fit_options)


def _by_network(X, y, **options):
    network = TorchClassifier(
        "mlp", network_options={"hidden": (16,), "dropout": 0.2}, epochs=6, batch_size=16, device="cpu"
    )
    return by_estimator(X, y, **({"estimator": network, "n_rounds": 2} | options))


def _pixels(X):
    """The same points as the colours of pictures."""
    pixels = np.full((len(X), 8, 8, 3), 128, dtype=np.uint8)
    pixels[..., :2] = np.clip(128 + 25 * np.asarray(X), 0, 255).astype(np.uint8)[:, None, None, :2]
    pixels.flags.writeable = X.flags.writeable
    return pixels


def _by_pictures(X, y, **options):
    """With augmentation and test-time augmentation."""
    pixels = _pixels(X)
    small = {"network_options": {"width": 4}, "epochs": 5, "batch_size": 8, "lr": 0.05, "augment": "flip"}
    network = TorchClassifier("small_cnn", **small, device="cpu")
    return by_estimator(pixels, y, **({"estimator": network, "tta": "flip", "n_rounds": 2} | options))


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


def _by_one_student(kind, estimator=None, **plain):
    """The targets of a method that trains one student on labels of its own; no rounds are its parameters of ``plain``."""

    def refine(X, y, **options):
        if options.pop("n_rounds", 1) == 0:
            options |= plain
        options.pop("cv", None)  # there are no folds
        groups = {"groups": options.pop("groups", None)} if kind is TemperatureScaling else {}
        options.pop("groups", None)
        fit_options = {key: options.pop(key) for key in ("targets", "sample_weight") if key in options} | groups
        made = kind(Centroids() if estimator is None else estimator, **({"random_state": 0} | options))
        return made.fit(X, y, **fit_options).label_distributions_

    return refine


def _taught(kind, estimator=None, **always):
    """The targets of the last student of a method in which teachers label; without an estimator a network that learns pictures.

    No rounds are one generation of Label Refinery.
    """

    def refine(X, y, **options):
        n_rounds = options.pop("n_rounds", 2)
        if kind is LabelRefinery:
            options = {"n_generations": 1 if n_rounds == 0 else 2} | options
        if always.get("teacher") != "folds":
            options.pop("cv", None)
        fit_options = {key: options.pop(key) for key in ("targets", "groups", "sample_weight") if key in options}
        made = kind(estimator or SMALL_CNN, **({"random_state": 0} | always | options))
        return made.fit(X if estimator is not None else _pixels(X), y, **fit_options).label_distributions_

    return refine


def _judged(X, y, **options):
    """What confident learning says of each row: its out-of-fold probabilities where it would prune, else the given target."""
    options.pop("n_rounds", None)
    fit_options = {key: options.pop(key) for key in ("targets", "groups", "sample_weight") if key in options}
    made = ConfidentLearning(Centroids(), **({"cv": 3, "random_state": 0} | options)).fit(X, y, **fit_options)
    return np.where(made.issues_[:, None], made.out_of_fold_, made.label_distributions_)


def _trained_by(kind, **plain):
    """The targets of a method that is a way of training a network; no rounds are its parameters of ``plain``."""

    def refine(X, y, **options):
        if options.pop("n_rounds", 1) == 0:
            options |= plain
        for unused in ("cv", "groups"):  # there are no folds
            options.pop(unused, None)
        fit_options = {key: options.pop(key) for key in ("targets", "sample_weight") if key in options}
        network = TorchClassifier(
            "mlp", network_options={"hidden": (16,)}, epochs=8, batch_size=16, optimizer="adamw", lr=0.02, device="cpu"
        )
        made = kind(network, **({"random_state": 0} | options))
        return made.fit(X, y, **fit_options).label_distributions_

    return refine


def _smoothed_by_a_teacher(kind, **plain):
    """The targets of instance-based smoothing; no rounds are its parameters of ``plain``.

    Where folds are fixed no rows are set apart by chance: all train the teacher.
    """

    def refine(X, y, **options):
        if options.pop("n_rounds", 1) == 0:
            options |= plain
        if options.pop("cv", None) is not None:
            options["held_out"] = 0
        fit_options = {key: options.pop(key) for key in ("targets", "groups", "sample_weight") if key in options}
        made = kind(Centroids(), **({"random_state": 0} | options))
        return made.fit(X, y, **fit_options).label_distributions_

    return refine


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
    "slr-auto": Method(
        _by_choice,
        StochasticLabelRefinery(),
        options=({}, {"momentum": "average"}, {"guard": 0.2}, {"final_targets": "pruned", "momentum": "bayes"}),
    ),
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
    "plain": Method(
        _by_one_student(Plain),
        Plain(LogisticRegression()),
        options=({},),
        exempt={
            "momentum_one": NO_MOMENTUM,
            "serial_equals_processes": ONE_TRAINING,
            "seed_matters": GIVEN_WHATEVER_THE_SEED,
        },
    ),
    "plain-longer": Method(
        _by_one_student(Plain, ExtraTreesClassifier(4), length=1.0),
        Plain(ExtraTreesClassifier(4), length=2.0),
        options=({"length": 2.0}, {"length": 0.5}),
        exempt={
            "momentum_one": NO_MOMENTUM,
            "serial_equals_processes": ONE_TRAINING,
            "seed_matters": GIVEN_WHATEVER_THE_SEED,
        },
    ),
    "temperature": Method(
        _by_one_student(TemperatureScaling),
        TemperatureScaling(LogisticRegression()),
        options=({}, {"share": 0.5}),
        exempt={
            "momentum_one": NO_MOMENTUM,
            "serial_equals_processes": "its two fits follow each other",
            "seed_matters": GIVEN_WHATEVER_THE_SEED,
            "clean_data_keep_argmax": "its targets are the given labels, and a temperature at its bound is warned of",
        },
    ),
    "smoothing": Method(
        _by_one_student(LabelSmoothing, share=0.0),
        LabelSmoothing(LogisticRegression()),
        options=({}, {"share": 0.5}, {"spread": "others"}),
        exempt={
            "momentum_one": NO_MOMENTUM,
            "serial_equals_processes": ONE_TRAINING,
            "seed_matters": "what a label gives away is no matter of chance",
        },
    ),
    "smoothing-multilabel": Method(
        _by_one_student(LabelSmoothing, LogisticRegression(max_iter=1000), share=0.0),
        LabelSmoothing(LogisticRegression(), task="multilabel"),
        labels=_entries,
        task=Multilabel.from_labels,
        options=({}, {"spread": "others"}),
        exempt={
            "momentum_one": NO_MOMENTUM,
            "serial_equals_processes": ONE_TRAINING,
            "seed_matters": "as for smoothing",
            "names_do_not_matter": "labels are columns of 0 and 1: their names do not come in",
        },
    ),
    "confident-learning": Method(
        _judged,
        ConfidentLearning(LogisticRegression(), cv=2),
        options=({}, {"filter_by": "both"}, {"min_examples_per_class": 0, "reweigh": False}),
        exempt={
            "no_rounds": "its one round of folds is the method",
            "momentum_one": NO_MOMENTUM,
        },
    ),
    "distillation": Method(
        _distilled,
        Distillation(LogisticRegression()),
        options=({}, {"share": 1.0}, {"n_generations": 3}),
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
            "serial_equals_processes": GENERATIONS_FOLLOW,
            "seed_matters": "as for distillation",
        },
    ),
    "label-refinery": Method(
        _taught(LabelRefinery),
        LabelRefinery(TorchClassifier("small_cnn")),
        options=({}, {"labels": "hard_dynamic"}, {"adversarial": 1.0, "loss": "l2"}, {"labels": "visual_category"}),
        exempt={
            "momentum_one": NO_MOMENTUM,
            "rows_permute": ORDER_OF_ROWS,
            "classes_permute": ORDER_OF_CLASSES,
            "serial_equals_processes": GENERATIONS_FOLLOW,
        },
    ),
    "label-refinery-table": Method(
        _taught(LabelRefinery, Centroids()),
        LabelRefinery(LogisticRegression()),
        options=({}, {"n_generations": 4}, {"labels": "hard_static"}, {"labels": "visual_category"}),
        exempt={
            "momentum_one": NO_MOMENTUM,
            "serial_equals_processes": GENERATIONS_FOLLOW,
            "seed_matters": "as for distillation",
        },
    ),
    "label-refinery-folds": Method(
        _taught(LabelRefinery, Centroids(), teacher="folds", cv=3),
        LabelRefinery(LogisticRegression(), "folds", cv=2),
        options=({}, {"n_generations": 3}),
        exempt={"momentum_one": NO_MOMENTUM},
    ),
    "ldl": Method(
        _taught(LabelDistributionLearning),
        LabelDistributionLearning(TorchClassifier("small_cnn"), mix="cutmix"),
        options=({}, {"mix": "cutmix"}),
        exempt={
            "no_rounds": "a teacher is what it is; tests/methods holds it against Label Refinery's second generation",
            "momentum_one": NO_MOMENTUM,
            "rows_permute": ORDER_OF_ROWS,
            "classes_permute": ORDER_OF_CLASSES,
            "serial_equals_processes": GENERATIONS_FOLLOW,
        },
    ),
    "focal": Method(
        _trained_by(FocalTraining, gamma=0.0),
        FocalTraining(TorchClassifier("mlp")),
        options=({},),
        exempt={
            "momentum_one": NO_MOMENTUM,
            "serial_equals_processes": ONE_TRAINING,
            "seed_matters": GIVEN_WHATEVER_THE_SEED,
        },
    ),
    "ohem": Method(
        _trained_by(HardExampleMining, share=1.0),
        HardExampleMining(TorchClassifier("mlp")),
        options=({},),
        exempt={
            "momentum_one": NO_MOMENTUM,
            "serial_equals_processes": ONE_TRAINING,
            "seed_matters": GIVEN_WHATEVER_THE_SEED,
        },
    ),
    "swa": Method(
        _trained_by(WeightAveraging, start=0.9),
        WeightAveraging(TorchClassifier("mlp")),
        options=({},),
        exempt={
            "momentum_one": NO_MOMENTUM,
            "serial_equals_processes": ONE_TRAINING,
            "seed_matters": GIVEN_WHATEVER_THE_SEED,
        },
    ),
    "online-smoothing": Method(
        _trained_by(OnlineLabelSmoothing, share=1.0),
        OnlineLabelSmoothing(TorchClassifier("mlp")),
        options=({}, {"share": 0.0}),
        exempt={
            "momentum_one": NO_MOMENTUM,
            "rows_permute": ORDER_OF_ROWS,
            "classes_permute": ORDER_OF_CLASSES,
            "serial_equals_processes": ONE_TRAINING,
        },
    ),
    "self-adaptive": Method(
        _trained_by(SelfAdaptiveTraining, start=1.0),
        SelfAdaptiveTraining(TorchClassifier("mlp")),
        options=({}, {"start": 0.0, "momentum": 0.0}),
        exempt={
            "rows_permute": ORDER_OF_ROWS,
            "classes_permute": ORDER_OF_CLASSES,
            "serial_equals_processes": ONE_TRAINING,
        },
    ),
    "pskd": Method(
        _trained_by(ProgressiveDistillation, share=0.0),
        ProgressiveDistillation(TorchClassifier("mlp")),
        options=({}, {"share": 1.0}),
        exempt={
            "momentum_one": NO_MOMENTUM,
            "rows_permute": ORDER_OF_ROWS,
            "classes_permute": ORDER_OF_CLASSES,
            "serial_equals_processes": ONE_TRAINING,
        },
    ),
    "ils1": Method(
        _smoothed_by_a_teacher(ILS1, slope=0.0),
        ILS1(LogisticRegression()),
        options=({}, {"slope": 2.0, "shift": 0.85}, {"form": "proportional"}, {"form": "complement", "eps": 1.0}),
        exempt={"momentum_one": NO_MOMENTUM, "serial_equals_processes": TEACHER_FIRST},
    ),
    "ils2": Method(
        _smoothed_by_a_teacher(ILS2, eps=0.0),
        ILS2(LogisticRegression()),
        options=({}, {"temperature": 16.0, "eps": 0.2}, {"similarity": "class"}),
        exempt={"momentum_one": NO_MOMENTUM, "serial_equals_processes": TEACHER_FIRST},
    ),
    "ils": Method(
        _smoothed_by_a_teacher(ILS, slope=0.0),
        ILS(LogisticRegression()),
        options=({}, {"slope": 2.0, "shift": 0.85, "temperature": 1.0}),
        exempt={"momentum_one": NO_MOMENTUM, "serial_equals_processes": TEACHER_FIRST},
    ),
}
