"""A teacher labels crops once, for all trainings to come (Shen and Xing 2022, "A fast knowledge distillation framework", FKD)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from softlabel.data.images import Images, as_images, describe
from softlabel.errors import InputError
from softlabel.learners.augmentation.recipes import Recipe, parse
from softlabel.learners.class_columns import columns_by_name
from softlabel.learners.teacher_digest import teacher_digests
from softlabel.learners.torch_installed import require_torch
from softlabel.learners.torch_learner import TorchLearner
from softlabel.store.crop_store import CropStore
from softlabel.store.crop_writer import CropStoreWriter

MODES = ("eval", "train")


def label_crops(
    teacher: Any,
    X: Any,
    folder: str | Path,
    *,
    n_crops: int = 16,
    top: int = 5,
    recipe: str | None = "resized_crop+flip",
    seed: int = 0,
    teacher_mode: str = "eval",
    classes: Any = None,
    input_size: tuple[int, int] | None = None,
    batch_size: int = 256,
    images_per_shard: int = 256,
    device: str = "auto",
    threads: int | None = None,
    after_shard: Callable[[int, int], object] | None = None,
) -> CropStore:
    """Label crops of pictures with a teacher, and store them; on a store that was begun, go on where it stopped.

    Box and flip of crop c of picture i are drawn at the address (seed, i, c), so that fewer crops are the first of more. Killed at
    any instant and started again, it ends with the same bytes.

    Parameters
    ----------
    teacher : TorchClassifier, or several
        Fitted to pictures. The label is the mean of what they say. Each sees crops in its own input size and normalisation.
    X : Images, or (n, h, w) or (n, h, w, c) uint8
        Each picture is decoded once.
    folder : path
        New, empty, or a store with these very settings.
    n_crops : int, default=16
        Of each picture.
    top : int, default=5
        Classes that are kept of each label.
    recipe : str or None
        Words that say what is cut: ``crop`` or ``resized_crop``, ``flip``; joined by ``+``. None: the whole picture.
    seed : int
    teacher_mode : {"eval", "train"}
        "train": batch normalisation by the statistics of each batch, as Label Refinery's teachers have it.
    classes : (k,) labels, optional
        Of the columns; default: those of the (first) teacher, which knows them by the same names, in whatever order.
    input_size : (height, width), optional
        That crops are cut to; default: the (first) teacher's own.
    batch_size : int, default=256
        Crops that are answered at once. It is part of the store's settings, for it moves last bits, and in mode "train" the labels.
    images_per_shard : int, default=256
        What is lost at most when it is killed.
    device : str, default="auto"
    threads : int, optional
        Of the CPU; part of the store's settings as the batch size is. Default: torch's own setting.
    after_shard : callable, optional
        Told the pictures that are labelled by now and those in all, at first and after each shard.

    Returns
    -------
    CropStore

    Raises
    ------
    InputError
        If the teacher is none, has other classes, or takes other pictures; if the recipe has words that box and flip cannot repeat.
    RunConflictError, RunLockedError, RunError, StorageError
        As :class:`~softlabel.store.crop_writer.CropStoreWriter`.
    """
    require_torch()
    teachers = _checked_teachers(teacher)
    _check_settings(teacher_mode, seed, batch_size)
    images = as_images(X)
    size = input_size or teachers[0].preparation_.size or teachers[0].input_shape_[1:]
    cut = replayable_recipe(recipe)
    named = np.asarray(teachers[0].classes_ if classes is None else classes)
    columns = [_columns(one, named) for one in teachers]
    _check_colours(teachers, images)
    from softlabel.learners.training.crop_labelling import label_rows, shuffled_order
    from softlabel.learners.training.devices import bounded_threads, choose_device, memory_errors_told
    from softlabel.learners.training.input_rows import input_rows
    from softlabel.learners.training.labelling_networks import LabellingNetwork

    place = choose_device(device)
    about = {
        "recipe": recipe,
        "seed": seed,
        "teacher_mode": teacher_mode,
        "teachers": teacher_digests(teachers),
        "batch_size": batch_size,
        "threads": threads,
        "picture_shape": list(images.shape[1:]),
    }
    writer = CropStoreWriter(
        folder,
        pictures=images.digests(),
        classes=named,
        n_crops=n_crops,
        input_size=size,
        top=top,
        images_per_shard=images_per_shard,
        order=shuffled_order(len(images), seed),
        about=about,
    )
    with writer, bounded_threads(threads), memory_errors_told(place, batch_size):
        tell = after_shard or (lambda labelled, n: None)
        left = writer.n_missing
        tell(len(images) - left, len(images))
        if left:
            answers = [
                LabellingNetwork(one, teacher_mode, place, columns=own, double=True).of_stored
                for one, own in zip(teachers, columns, strict=True)
            ]
            pictures = input_rows(images, place)
        for rows in writer.missing():
            found = label_rows(
                rows, pictures, answers, recipe=cut, seed=seed, n_crops=n_crops, top=top, input_size=size, batch_size=batch_size
            )  # fmt: skip
            writer.write_top(rows, *found)
            left -= len(rows)
            tell(len(images) - left, len(images))
    return CropStore(folder)


def replayable_recipe(recipe: Any) -> Recipe:
    """Return a recipe of which box and flip are all that there is to know.

    Raises
    ------
    InputError
        If it has further words, or is a callable.
    """
    if callable(recipe):
        raise InputError(
            "recipe is a callable, and a store keeps box and flip of each crop alone; give crop, resized_crop, flip"
        )
    parts = parse(recipe, (32, 32))
    known = ("crop", "padding", "resized_crop", "flip", "magnitude")
    others = [
        field.name for field in fields(parts) if field.name not in known and getattr(parts, field.name) is not None
    ]
    if others:
        raise InputError(
            f"recipe={recipe!r} has {' and '.join(others)}, which box and flip of a crop cannot repeat; give crop or resized_crop, and flip"
        )
    return parts


def _checked_teachers(teacher: Any) -> list[Any]:
    teachers: Sequence[Any] = teacher if isinstance(teacher, (list, tuple)) else [teacher]
    if not teachers:
        raise InputError("no teacher is given; give a fitted TorchClassifier, or several")
    for one in teachers:
        if not isinstance(one, TorchLearner) or one.target_kind != "distribution":
            raise InputError(
                f"the teacher is a {type(one).__name__}; give a TorchClassifier that was fitted to pictures"
            )
        check_is_fitted(one, "network_")
        if not one.preparation_.pictures:
            raise InputError("the teacher was fitted to rows of numbers; give one that was fitted to pictures")
    return list(teachers)


def _check_settings(teacher_mode: Any, seed: Any, batch_size: Any) -> None:
    if teacher_mode not in MODES:
        raise InputError(f"teacher_mode={teacher_mode!r}; give one of {', '.join(MODES)}")
    if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)) or seed < 0:
        raise InputError(f"seed={seed!r}; give a whole number, 0 or more")
    if isinstance(batch_size, bool) or not isinstance(batch_size, (int, np.integer)) or batch_size < 1:
        raise InputError(f"batch_size={batch_size!r}; give a whole number, 1 or more")


def _columns(teacher: Any, named: np.ndarray) -> list[int] | None:
    """Return which of a teacher's columns are the named classes (k,); None where they are all of them as they stand."""
    found = columns_by_name(
        teacher.classes_, named, what="the teacher knows", advice=f"give a teacher of the same {len(named)} classes"
    ).tolist()  # (k,)
    return None if found == list(range(len(named))) else found


def _check_colours(teachers: Sequence[Any], images: Images) -> None:
    for one in teachers:
        if one.input_shape_[0] != images.shape[3]:
            raise InputError(
                f"the teacher was fitted to pictures with {one.input_shape_[0]} colours, and these are {describe(images.shape[1:])}; give "
                "pictures with as many colours"
            )
