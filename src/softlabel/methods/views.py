"""Test-time augmentation: predictions averaged over views of each row, the paper's SLR-a (section III, table I).

It acts on out-of-fold predictions, guard rows included, and so on the targets. What a model is scored by on other rows, and
what a final model predicts, takes one view unless that is asked for on its own.
"""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any

from softlabel.errors import InputError
from softlabel.learners.augmentation.tta_names import check_tta as check_words
from softlabel.learners.torch_learner import TorchLearner


def check_tta(tta: Any, learners: Sequence[Any]) -> str | None:
    """Return the views to average, None for one view ("none" says the same), before anything is fitted.

    Parameters
    ----------
    tta : str or None
        As the learners' ``predict_targets(X, tta=...)`` takes it: flip, shift, flip+shift for networks.
    learners : sequence of Learner
        Fitted or not.

    Raises
    ------
    InputError
        If it is no text, names views that networks do not have, or a learner cannot average views at all.
    """
    if tta is None or (isinstance(tta, str) and tta == "none"):
        return None
    if not isinstance(tta, str) or not tta:
        raise InputError(f"tta={tta!r}; give the views to average (flip, shift, flip+shift), or None for one view")
    for learner in learners:
        if not _takes_tta(learner):
            name = type(getattr(learner, "estimator", learner)).__name__
            raise InputError(
                f"tta={tta!r} averages views of pictures, and {name} makes none (its predict_targets takes no tta); "
                "leave tta out, or give a network (TorchClassifier, TorchRegressor, TorchMultilabelClassifier)"
            )
        if isinstance(learner, TorchLearner):
            check_words(tta)
    return tta


def predict_views(model: Any, X: Any, tta: str | None) -> Any:
    """Return predicted target rows (n, m), averaged over views where that is asked for."""
    return model.predict_targets(X) if tta is None else model.predict_targets(X, tta=tta)


def _takes_tta(learner: Any) -> bool:
    parameters = inspect.signature(learner.predict_targets).parameters
    return "tta" in parameters or any(one.kind is one.VAR_KEYWORD for one in parameters.values())
