"""softlabel: turn the labels a data set came with into better training targets, and find the wrong ones.

The public names are loaded when they are first used: importing this package loads no scikit-learn, pandas, torch, ray
or matplotlib.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    __version__: str
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
    from softlabel.learners.softmax_regression import SoftmaxRegression
    from softlabel.learners.torch_classifier import TorchClassifier
    from softlabel.methods.refinement import Refinement
    from softlabel.methods.stochastic import StochasticLabelRefinery
    from softlabel.metrics.recovery import label_recovery
    from softlabel.run.finished import Run
    from softlabel.run.python import refine
    from softlabel.targets.smooth import smooth_others, smooth_uniform
    from softlabel.targets.update import sharpen, update_targets

_HOME = {
    "StochasticLabelRefinery": "softlabel.methods.stochastic",
    "Refinement": "softlabel.methods.refinement",
    "SoftTargetClassifier": "softlabel.learners.soft_target",
    "SoftmaxRegression": "softlabel.learners.softmax_regression",
    "TorchClassifier": "softlabel.learners.torch_classifier",
    "Run": "softlabel.run.finished",
    "refine": "softlabel.run.python",
    "label_recovery": "softlabel.metrics.recovery",
    "sharpen": "softlabel.targets.update",
    "smooth_others": "softlabel.targets.smooth",
    "smooth_uniform": "softlabel.targets.smooth",
    "update_targets": "softlabel.targets.update",
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
    "FitError",
    "InputError",
    "MissingExtraError",
    "NewerFormatError",
    "Refinement",
    "Run",
    "RunConflictError",
    "RunError",
    "RunLockedError",
    "SoftTargetClassifier",
    "SoftlabelError",
    "SoftmaxRegression",
    "StochasticLabelRefinery",
    "StorageError",
    "TorchClassifier",
    "__version__",
    "label_recovery",
    "refine",
    "sharpen",
    "smooth_others",
    "smooth_uniform",
    "update_targets",
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
