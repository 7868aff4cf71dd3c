"""Crops of a source, labelled by the final models of finished runs."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from softlabel.data.images import Images
from softlabel.data.source import load_unlabelled
from softlabel.errors import InputError
from softlabel.learners.crop_labels import label_crops
from softlabel.learners.torch_classifier import TorchClassifier
from softlabel.run.finished import Run
from softlabel.run.label_config import LabelConfig
from softlabel.store.crop_store import CropStore


@dataclass(frozen=True)
class Labelled:
    """What a call of ``softlabel label`` left."""

    store: CropStore
    already: bool  # whether all was there before


def label_source(
    config: LabelConfig, *, trust: Sequence[str] = (), after_shard: Callable[[int, int], object] | None = None
) -> Labelled:
    """Label crops of the pictures that a configuration names; go on with a store that was begun.

    How pictures are read (column, size, form of the sheet) is said by the run of the first teacher where the configuration does not.
    Labels of the source are not read, so it needs none.

    Raises
    ------
    InputError
        If the rows are no pictures, or a teacher is no network, or has other classes.
    RunError
        If a teacher's run is none, or not finished; if ``out`` holds something else, or other labels.
    """
    runs = [Run(path, trust=trust, device=config.device) for path in config.teacher]
    teachers = [network for run in runs for network in teacher_networks(run)]
    made_from = runs[0].record.get("images") or {}
    data = load_unlabelled(
        config.source,
        image=config.image or made_from.get("column"),
        image_size=config.image_size or made_from.get("size"),
        format=config.format or runs[0].record["columns"].get("format"),
        cache=config.cache,
        training=True,
    )
    if not isinstance(data.X, Images):
        raise InputError(
            f"the rows of {config.source} are no pictures, of which crops could be cut; give a folder, a table with --image, or an "
            ".npz file of pictures"
        )
    already = CropStore.exists(config.out) and CropStore(config.out).done
    store = label_crops(
        teachers,
        data.X,
        config.out,
        n_crops=config.crops,
        top=config.top,
        recipe=config.augment,
        seed=config.seed,
        teacher_mode=config.teacher_mode,
        classes=runs[0].classes,
        batch_size=config.batch_size or 256,
        device=config.device or "auto",
        threads=config.threads,
        after_shard=after_shard,
    )
    return Labelled(store, already)


def teacher_networks(run: Run) -> list[Any]:
    """Return the networks of a run's final model, that know their classes by name. They teach at temperature 1, as papers do.

    Raises
    ------
    InputError
        If the model is something else, or its labels are no single classes.
    """
    models = run.final_models()
    if run.task.name != "multiclass" or not all(isinstance(one, TorchClassifier) for one in models):
        kinds = ", ".join(dict.fromkeys(type(one).__name__ for one in models))
        raise InputError(
            f"the model of {run.path} ({kinds}, {run.task.name}) is no network with a probability for each class; give a run on "
            "pictures with --estimator small_cnn, se_resnet20 or timm:NAME"
        )
    named = []
    for one in models:
        network = copy.copy(one)  # it was trained on rows whose columns have numbers
        network.classes_ = run.classes
        named.append(network)
    return named
