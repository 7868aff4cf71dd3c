"""A store of labels of crops in a teacher's place: who labelled ran once, and trainings repeat what was said."""

from __future__ import annotations

from typing import Any

import numpy as np

from softlabel.data.images import as_images
from softlabel.data.picture_digests import found_rows
from softlabel.errors import InputError
from softlabel.learners.stored_crops import StoredCrops
from softlabel.store.crop_store import CropStore

_AT_ONCE = 256  # pictures whose crops are read together


class StoredTeacher:
    """What a store says of pictures, in the words of a fitted teacher.

    Attributes
    ----------
    classes_ : (k,)
    labeler : StoredCrops
        Who labels a training: its stored crops are repeated.
    """

    def __init__(self, labeler: StoredCrops) -> None:
        self.labeler, self._store = labeler, CropStore(labeler.store)
        self.classes_ = self._store.classes

    def predict_targets(self, X: Any) -> np.ndarray:
        """Return the mean label (n, k) of the crops of each picture.

        Raises
        ------
        InputError
            For pictures that the store has no labels of.
        """
        places = found_rows(as_images(X).digests(), self._store.pictures)  # (n,)
        labelled = self._store.labelled()
        if (missing := int(np.count_nonzero((places < 0) | ~labelled[np.maximum(places, 0)]))) > 0:
            raise InputError(
                f"{missing} of {len(places)} pictures have no labels in {self.labeler.store}; label these pictures (softlabel label), or "
                "give those that were labelled"
            )
        parts = np.split(places, range(_AT_ONCE, len(places), _AT_ONCE))
        return np.concatenate([self._store.read(part).targets().mean(axis=1) for part in parts])  # (n, k)


def as_stored_teacher(teacher: Any) -> StoredTeacher | None:
    """Return the teacher that a store, or a setting that repeats one, is; None for anything else."""
    if isinstance(teacher, CropStore):
        return StoredTeacher(StoredCrops(teacher))
    return StoredTeacher(teacher) if isinstance(teacher, StoredCrops) else None
