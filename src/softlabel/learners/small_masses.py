"""Targets that spread a little mass over many classes, and learners that drop little masses."""

from __future__ import annotations

import numpy as np
from sklearn.base import clone

from softlabel.learners.contract import Learner
from softlabel.learners.soft_target import SoftTargetClassifier
from softlabel.learners.soft_target_multilabel import SoftTargetMultilabelClassifier


def keeping_masses(learner: Learner, targets: np.ndarray) -> Learner:
    """Return a learner that drops no mass of these targets.

    ``SoftTargetClassifier`` makes no row copy for a mass below ``min_mass``, 0.01 unless it is told otherwise: predictions have many such
    masses that mean nothing. Smoothing by .1 over 11 classes or more consists of nothing else, and all of it would be lost; so would
    smoothing by less than .02 of several labels a row, each of which ``SoftTargetMultilabelClassifier`` gives two masses, t and 1 - t.

    Parameters
    ----------
    learner : Learner
        One whose ``min_mass`` is low enough already, or that has none, is returned as it is.
    targets : (n, k)

    Returns
    -------
    learner : Learner
        A row is then copied for each class that it has mass on, which is what these targets cost.
    """
    if not isinstance(learner, SoftTargetClassifier | SoftTargetMultilabelClassifier):
        return learner
    # A float32 of 0.01 is a little less than 0.01: compared as what it is.
    least = _least_mass(targets)
    if isinstance(learner, SoftTargetMultilabelClassifier):
        least = min(least, _least_mass(1.0 - targets))
    if learner.min_mass <= least:
        return learner
    lowered: Learner = clone(learner).set_params(min_mass=least / 2)
    return lowered


def _least_mass(masses: np.ndarray) -> float:
    return float(masses.min(where=masses > 0, initial=np.inf))
