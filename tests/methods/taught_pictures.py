"""Few small pictures, some with wrong labels, and networks that learn them in a moment: what teachers and students are tested on."""

from __future__ import annotations

from contextlib import contextmanager

import numpy as np
import pytest

from coloured_pictures import coloured
from softlabel import TorchClassifier
from softlabel.learners.training.teachers import TeacherLabeler
from softlabel.methods.preparation import prepare

PICTURES, CLEAN = coloured(20, side=8)
_WRONG = np.random.default_rng(2).choice(40, 8, replace=False)
KINDS = CLEAN.copy()
KINDS[_WRONG] = np.where(CLEAN[_WRONG] == "red", "blue", "red")
MORE, _ = coloured(6, side=8, seed=9)  # 12 further pictures
SMALL = {"network_options": {"width": 4}, "batch_size": 16, "device": "cpu"}


def network(**options):
    return TorchClassifier("small_cnn", **({"epochs": 2, "lr": 0.05, "augment": "resized_crop:0.4", **SMALL} | options))


def ready(estimator=None, X=PICTURES, y=KINDS, **options):
    """Return a preparation of the pictures, or of other rows."""
    return prepare(X, y, estimator=network() if estimator is None else estimator, **({"random_state": 0} | options))


def same_bytes(one, other):
    return one.tobytes() == other.tobytes()


@contextmanager
def labels_watched(watch):
    """Call ``watch(labeler, index, view, x, rows)`` whenever teachers label a batch."""
    labelling = TeacherLabeler.targets

    def watched(self, index, view, x, epoch):
        rows = labelling(self, index, view, x, epoch)
        watch(self, index, view, x, rows)
        return rows

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TeacherLabeler, "targets", watched)
        yield
