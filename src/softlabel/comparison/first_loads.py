"""Libraries are loaded before the clock of a cell starts: what the first network of a process has to load is no method's cost."""

from __future__ import annotations

import logging
import warnings
from functools import cache
from typing import Any

import numpy as np

from softlabel.learners.network_parts import networks_in


def load_libraries(estimator: Any, method: str = "") -> None:
    """Load what a learner, and a method of this name, needs for its first fit, once in each process.

    An optimiser of torch loads more at its first step than the package does when it is imported, seconds in all; so a network of a
    few weights is trained on two rows. Other learners have loaded what they need by the time that they are there.
    """
    if networks_in(estimator):
        _train_a_tiny_network()
    if method == "confident_learning":
        import cleanlab.count
        import cleanlab.filter  # noqa: F401 - seconds, that its first cell would pay for


@cache
def _train_a_tiny_network() -> None:
    from softlabel.learners.torch_classifier import TorchClassifier

    tiny = TorchClassifier("mlp", network_options={"hidden": (2,)}, epochs=1, device="cpu", random_state=0)
    epochs = logging.getLogger("softlabel.epochs")
    was_disabled, epochs.disabled = epochs.disabled, True  # its epoch is none of a cell
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tiny.fit(np.array([[0.0], [1.0]], dtype=np.float32), np.array([0, 1]))
    finally:
        epochs.disabled = was_disabled
