"""Training on labels that were stored per crop, as a setting of ``TorchClassifier``; torch is not needed for it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from softlabel.data.images import Images, as_images, describe
from softlabel.data.picture_digests import found_rows
from softlabel.errors import InputError
from softlabel.learners.augmentation.recipes import parse
from softlabel.learners.class_columns import columns_by_name
from softlabel.learners.labeler_settings import Beside
from softlabel.learners.number_settings import check_whole
from softlabel.learners.teacher_digest import teacher_digests
from softlabel.store.crop_store import CropStore

if TYPE_CHECKING:
    from softlabel.learners.training.batches import ShuffledBatches


@dataclass(frozen=True, init=False)
class StoredCrops:
    """Train on crops of a store and their labels, several crops of each decoded picture.

    The given labels say which classes there are, and nothing else: each crop has the label of the store. Pictures are found in it by
    their content, so any selection of them, in any order, can be trained on. An epoch shows as many crops as there are rows, and so
    costs as many steps as a plain one: with m crops of a picture at a time a part of 1/m of the pictures, each decoded once; over m
    epochs each picture comes once, and at its next time it shows its next m crops. Augmentation is that of the store.

    Shen and Xing 2022, "A fast knowledge distillation framework for visual recognition", section 3.

    Parameters
    ----------
    store : path or CropStore
    crops_per_image : int, default=4
        m, from 1 to the crops that are stored of each, and to the batch size. Crops of one picture are alike: more of them save
        decoding, and batches see fewer pictures.
    teacher : fitted TorchClassifier, several, or digests of such; optional
        Who must have made the labels; others are refused.

    Examples
    --------
    >>> from softlabel import TorchClassifier
    >>> model = TorchClassifier("small_cnn", labeler=StoredCrops("labels", crops_per_image=4))
    """

    store: str
    crops_per_image: int = 4
    teacher: tuple[str, ...] | None = None

    kinds: ClassVar[tuple[str, ...]] = ("distribution",)
    observes: ClassVar[bool] = False
    beside: ClassVar[Beside | None] = None

    def __init__(self, store: str | Path | CropStore, crops_per_image: int = 4, teacher: Any = None) -> None:
        # Plain values: it is copied and stored with its learner.
        root = store.paths.root if isinstance(store, CropStore) else store
        object.__setattr__(self, "store", str(root))
        object.__setattr__(self, "crops_per_image", crops_per_image)
        object.__setattr__(self, "teacher", None if teacher is None else tuple(teacher_digests(teacher)))

    def check(self) -> None:
        """Refuse a number of crops that is none, and a store that is none or of another teacher."""
        check_whole(self, "crops_per_image", 1)
        made_by = CropStore(self.store).record.get("teachers")
        if self.teacher is not None and made_by != list(self.teacher):
            raise InputError(
                f"the labels in {self.store} were made by another teacher ({_short(made_by)}, not {_short(self.teacher)}); label anew into "
                "another folder, or leave teacher out"
            )

    def begin_batches(self, settings: Any, X: Any, batches: ShuffledBatches, size: tuple[int, int]) -> ShuffledBatches:
        """Return batches of stored crops, and their labels with them.

        Parameters
        ----------
        settings : TorchClassifier
        X : n pictures
            The rows that are trained on.
        batches : ShuffledBatches
            Of the same rows, without augmentation.
        size : (height, width)
            That the network takes.

        Raises
        ------
        InputError
            If the rows are no pictures, or others than those of the store; if some have no labels yet; if classes, augmentation or
            batch size do not go with the store.
        DamagedRunError
            If a shard is damaged.
        """
        from softlabel.learners.training.crop_batches import CropBatches, CropLabels

        store = CropStore(self.store)
        if not batches.rows.pictures or not isinstance(X, (Images, np.ndarray)):
            raise InputError(
                f"the labels in {self.store} are of pictures, and X is a {type(X).__name__} of none; give pictures"
            )
        images, m = as_images(X), self.crops_per_image
        self._check_fit(store, settings, images)
        if m > min(settings.batch_size, len(images), store.n_crops):
            raise InputError(
                f"crops_per_image={m} for {store.n_crops} stored crops a picture, {len(images)} pictures and batches of "
                f"{settings.batch_size}; give a number up to each of them"
            )
        crops = store.read(self._places(store, images))
        labeler = CropLabels(crops, _columns(store.classes, settings.classes_))
        made = {name: getattr(batches, name) for name in batches.__dataclass_fields__}
        return CropBatches(**made, crops=crops, crops_per_image=m, size=size, labeler=labeler)

    def _check_fit(self, store: CropStore, settings: Any, images: Images) -> None:
        shape = store.record.get("picture_shape")
        if shape is not None and list(images.shape[1:]) != shape:
            raise InputError(
                f"the boxes in {self.store} are of pictures of {describe(tuple(shape))}, and these are {describe(images.shape[1:])}; give "
                "pictures as they were labelled (the same image size)"
            )
        recipe, augment = store.record.get("recipe"), settings.augment
        if augment in ("auto", None, "none") or (isinstance(augment, str) and _same_recipe(augment, recipe)):
            return
        raise InputError(
            f"augment={augment!r}, and the labels in {self.store} are of crops by {recipe!r}: what is done beyond would not be what was "
            "labelled; leave augment out"
        )

    def _places(self, store: CropStore, images: Images) -> np.ndarray:
        places = found_rows(images.digests(), store.pictures)  # (n,)
        if (others := int((places < 0).sum())) > 0:
            raise InputError(
                f"{others} of {len(images)} pictures are not among the {len(store)} that {self.store} has labels of; label these pictures "
                "(softlabel label), or give those that were labelled"
            )
        if (bare := int((~store.labelled()[places]).sum())) > 0:
            raise InputError(
                f"{bare} of {len(images)} pictures have no labels in {self.store} yet; {store.how_to_finish()}, or train on those of "
                "labelled()"
            )
        return places


def _columns(stored: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Return which stored class is each column of a learner: by name, or by position where it was given target rows."""
    positions = np.arange(len(stored))
    if np.array_equal(wanted, positions) and set(wanted.tolist()) != set(stored.tolist()):
        return positions
    return columns_by_name(
        stored, wanted, what="the stored labels are of", advice=f"label with a teacher of these {len(wanted)} classes"
    )


def _same_recipe(augment: str, recipe: Any) -> bool:
    return isinstance(recipe, str) and parse(augment, (32, 32)) == parse(recipe, (32, 32))


def _short(digests: Any) -> str:
    return ", ".join(str(one)[:12] for one in digests or ()) or "unknown"
