"""The settings of a network learner, checked before anything is computed; torch is not needed for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from softlabel.errors import InputError
from softlabel.learners.augmentation.tta_names import check_tta
from softlabel.learners.labeler_settings import check_labeler, check_pair
from softlabel.learners.loss_settings import LOSS_NAMES, check_loss, is_one_number
from softlabel.learners.networks.names import TIMM_PREFIX
from softlabel.learners.number_settings import check_number, check_whole

DEFAULT_RATES = {"sgd": 0.1, "adamw": 1e-3}  # optimisers, and their learning rate where none is given
SCHEDULES = ("one_cycle", "cosine", "steps", "constant")
_CHOICES = {
    "optimizer": tuple(DEFAULT_RATES),
    "schedule": SCHEDULES,
    "precision": ("float32", "bf16"),
    "average": (None, "ema", "swa"),
}


def check_settings(learner: Any) -> None:
    """Refuse settings that no training can have; names of networks and recipes are checked where they are read.

    Raises
    ------
    InputError
        Naming the setting, its value and what it may be.
    """
    check_whole(learner, "epochs", 1)
    check_whole(learner, "batch_size", 1)
    check_whole(learner, "workers", 0)
    for name in ("early_stopping", "image_size"):
        if getattr(learner, name) is not None:
            check_whole(learner, name, 1)
    for name in ("lr", "clip_norm"):
        if getattr(learner, name) is not None:
            check_number(learner, name, above=0.0)
    check_number(learner, "weight_decay", least=0.0)
    check_number(learner, "momentum", least=0.0, below=1.0)
    check_number(learner, "gamma", above=0.0)
    for name in ("validation_share", "warmup", "swa_start"):
        check_number(learner, name, least=0.0, below=1.0)
    check_number(learner, "ema_decay", above=0.0, below=1.0)
    for name, allowed in _CHOICES.items():
        if getattr(learner, name) not in allowed:
            raise InputError(f"{name}={getattr(learner, name)!r}; give one of {', '.join(map(str, allowed))}")
    check_labeler(learner.labeler, learner.target_kind)
    _check_loss(learner)
    options = learner.network_options
    if options is not None and not isinstance(options, Mapping):
        raise InputError(f"network_options={options!r}; give a dictionary of the network's arguments, or None")
    check_tta(learner.tta)
    if learner.average is not None and learner.early_stopping is not None:
        raise InputError(
            f"average={learner.average!r} and early_stopping={learner.early_stopping!r} are two ways to choose the "
            "weights; give one of them"
        )


def _check_loss(learner: Any) -> None:
    check_loss(learner.loss, learner.target_kind)
    check_pair(learner.labeler, learner.loss)
    if learner.hardest is None:
        return
    check_number(learner, "hardest", above=0.0, most=1.0)
    if is_one_number(learner.loss):
        raise InputError(
            f"hardest={learner.hardest!r} chooses rows by the loss of each, and a callable loss gives one number for a "
            f"batch; name the loss ({', '.join(LOSS_NAMES[learner.target_kind])}), or let the callable choose the rows"
        )


def check_augment(augment: Any, *, pictures: bool) -> None:
    """Refuse augmentation of rows that are no pictures."""
    if not pictures and augment not in (None, "none", "auto"):
        raise InputError(f"augment={augment!r} is for pictures, and these rows are none; leave it out")


def built_shape(learner: Any, shape: tuple[int, ...], *, pictures: bool) -> tuple[int, ...]:
    """Return the shape of rows, (c, h, w) or (d,), that a learner's network is built for: pictures of ``image_size``."""
    size = learner.image_size
    return shape if size is None or not pictures else (shape[0], size, size)


def build_options(learner: Any) -> dict[str, Any]:
    """Return the options to build a learner's network with: its own, and for timm's models the size of pictures.

    Other networks take any size, or learn it from the shape of their inputs.
    """
    options = dict(learner.network_options or {})
    named = isinstance(learner.network, str) and learner.network.startswith(TIMM_PREFIX)
    if named and learner.image_size is not None and not {"input_size", "img_size"} & options.keys():
        options["input_size"] = int(learner.image_size)
    return options
