"""softlabel: turn the labels a data set came with into better training targets, and find the wrong ones.

The public names are loaded when they are first used: importing this package loads no scikit-learn, pandas, torch, ray
or matplotlib.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    __version__: str
    from softlabel.data.text_features import TextFeatures
    from softlabel.errors import (
        DamagedRunError,
        FitError,
        InputError,
        MissingExtraError,
        NewerFormatError,
        RunConflictError,
        RunError,
        RunLockedError,
        SoftlabelError,
        StorageError,
    )
    from softlabel.learners.soft_target import SoftTargetClassifier
    from softlabel.learners.soft_target_multilabel import SoftTargetMultilabelClassifier
    from softlabel.learners.soft_target_regressor import SoftTargetRegressor
    from softlabel.learners.softmax_regression import SoftmaxRegression
    from softlabel.learners.torch_classifier import TorchClassifier
    from softlabel.learners.torch_multilabel import TorchMultilabelClassifier
    from softlabel.learners.torch_regressor import TorchRegressor
    from softlabel.learners.transformer_classifier import TransformerClassifier
    from softlabel.methods.distillation import Distillation
    from softlabel.methods.refinement import Refinement
    from softlabel.methods.self_training import SelfTraining
    from softlabel.methods.stochastic import StochasticLabelRefinery
    from softlabel.metrics.distributions import distribution_distances
    from softlabel.metrics.ordinal import quadratic_weighted_kappa
    from softlabel.metrics.recovery import label_recovery
    from softlabel.metrics.thresholds import fit_thresholds
    from softlabel.run.finished import Run
    from softlabel.run.python import refine
    from softlabel.targets.smooth import smooth_others, smooth_uniform
    from softlabel.targets.unimodal import unimodal
    from softlabel.targets.update import sharpen, update_targets
    from softlabel.targets.votes import dawid_skene, dawid_skene_counts, vote_shares
    from softlabel.tasks import Multiclass, Multilabel, Ordinal

_HOME = {
    "StochasticLabelRefinery": "softlabel.methods.stochastic",
    "Refinement": "softlabel.methods.refinement",
    "Distillation": "softlabel.methods.distillation",
    "SelfTraining": "softlabel.methods.self_training",
    "SoftTargetClassifier": "softlabel.learners.soft_target",
    "SoftmaxRegression": "softlabel.learners.softmax_regression",
    "SoftTargetMultilabelClassifier": "softlabel.learners.soft_target_multilabel",
    "SoftTargetRegressor": "softlabel.learners.soft_target_regressor",
    "TorchClassifier": "softlabel.learners.torch_classifier",
    "TorchMultilabelClassifier": "softlabel.learners.torch_multilabel",
    "TorchRegressor": "softlabel.learners.torch_regressor",
    "TextFeatures": "softlabel.data.text_features",
    "TransformerClassifier": "softlabel.learners.transformer_classifier",
    "Multiclass": "softlabel.tasks",
    "Multilabel": "softlabel.tasks",
    "Ordinal": "softlabel.tasks",
    "Run": "softlabel.run.finished",
    "refine": "softlabel.run.python",
    "distribution_distances": "softlabel.metrics.distributions",
    "quadratic_weighted_kappa": "softlabel.metrics.ordinal",
    "label_recovery": "softlabel.metrics.recovery",
    "fit_thresholds": "softlabel.metrics.thresholds",
    "sharpen": "softlabel.targets.update",
    "smooth_others": "softlabel.targets.smooth",
    "smooth_uniform": "softlabel.targets.smooth",
    "unimodal": "softlabel.targets.unimodal",
    "update_targets": "softlabel.targets.update",
    "dawid_skene": "softlabel.targets.votes",
    "dawid_skene_counts": "softlabel.targets.votes",
    "vote_shares": "softlabel.targets.votes",
    "SoftlabelError": "softlabel.errors",
    "InputError": "softlabel.errors",
    "FitError": "softlabel.errors",
    "RunError": "softlabel.errors",
    "RunLockedError": "softlabel.errors",
    "RunConflictError": "softlabel.errors",
    "NewerFormatError": "softlabel.errors",
    "DamagedRunError": "softlabel.errors",
    "StorageError": "softlabel.errors",
    "MissingExtraError": "softlabel.errors",
}

__all__ = [
    "DamagedRunError",
    "Distillation",
    "FitError",
    "InputError",
    "MissingExtraError",
    "Multiclass",
    "Multilabel",
    "NewerFormatError",
    "Ordinal",
    "Refinement",
    "Run",
    "RunConflictError",
    "RunError",
    "RunLockedError",
    "SelfTraining",
    "SoftTargetClassifier",
    "SoftTargetMultilabelClassifier",
    "SoftTargetRegressor",
    "SoftlabelError",
    "SoftmaxRegression",
    "StochasticLabelRefinery",
    "StorageError",
    "TextFeatures",
    "TorchClassifier",
    "TorchMultilabelClassifier",
    "TorchRegressor",
    "TransformerClassifier",
    "__version__",
    "dawid_skene",
    "dawid_skene_counts",
    "distribution_distances",
    "fit_thresholds",
    "label_recovery",
    "quadratic_weighted_kappa",
    "refine",
    "sharpen",
    "smooth_others",
    "smooth_uniform",
    "unimodal",
    "update_targets",
    "vote_shares",
]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version  # costs more than everything else here: only for who asks

        return version("softlabel")
    if name not in _HOME:
        raise AttributeError(f"module 'softlabel' has no attribute {name!r}")
    value = getattr(import_module(_HOME[name]), name)
    globals()[name] = value  # looked up once
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
