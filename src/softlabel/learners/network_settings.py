"""The settings of a network classifier, checked before anything is computed; torch is not needed for it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from numbers import Integral, Real
from typing import Any

from softlabel.errors import InputError
from softlabel.learners.augmentation.tta_names import check_tta
from softlabel.learners.networks.names import TIMM_PREFIX

DEFAULT_RATES = {"sgd": 0.1, "adamw": 1e-3}  # optimisers, and their learning rate where none is given
SCHEDULES = ("one_cycle", "cosine", "steps", "constant")
_CHOICES = {
    "optimizer": tuple(DEFAULT_RATES),
    "schedule": SCHEDULES,
    "precision": ("float32", "bf16"),
    "average": (None, "ema", "swa"),
}


def check_settings(classifier: Any) -> None:
    """Refuse settings that no training can have; names of networks and recipes are checked where they are read.

    Raises
    ------
    InputError
        Naming the setting, its value and what it may be.
    """
    _whole(classifier, "epochs", 1)
    _whole(classifier, "batch_size", 1)
    _whole(classifier, "workers", 0)
    for name in ("early_stopping", "image_size"):
        if getattr(classifier, name) is not None:
            _whole(classifier, name, 1)
    for name in ("lr", "clip_norm"):
        if getattr(classifier, name) is not None:
            _number(classifier, name, above=0.0)
    _number(classifier, "weight_decay", least=0.0)
    _number(classifier, "momentum", least=0.0, below=1.0)
    _number(classifier, "gamma", above=0.0)
    for name in ("validation_share", "warmup", "swa_start"):
        _number(classifier, name, least=0.0, below=1.0)
    _number(classifier, "ema_decay", above=0.0, below=1.0)
    for name, allowed in _CHOICES.items():
        if getattr(classifier, name) not in allowed:
            raise InputError(f"{name}={getattr(classifier, name)!r}; give one of {', '.join(map(str, allowed))}")
    options = classifier.network_options
    if options is not None and not isinstance(options, Mapping):
        raise InputError(f"network_options={options!r}; give a dictionary of the network's arguments, or None")
    check_tta(classifier.tta)
    if classifier.average is not None and classifier.early_stopping is not None:
        raise InputError(
            f"average={classifier.average!r} and early_stopping={classifier.early_stopping!r} are two ways to choose the "
            "weights; give one of them"
        )


def check_augment(augment: Any, *, pictures: bool) -> None:
    """Refuse augmentation of rows that are no pictures."""
    if not pictures and augment not in (None, "none", "auto"):
        raise InputError(f"augment={augment!r} is for pictures, and these rows are none; leave it out")


def built_shape(classifier: Any, shape: tuple[int, ...], *, pictures: bool) -> tuple[int, ...]:
    """Return the shape of rows, (c, h, w) or (d,), that a classifier's network is built for: pictures of ``image_size``."""
    size = classifier.image_size
    return shape if size is None or not pictures else (shape[0], size, size)


def build_options(classifier: Any) -> dict[str, Any]:
    """Return the options to build a classifier's network with: its own, and for timm's models the size of pictures.

    Other networks take any size, or learn it from the shape of their inputs.
    """
    options = dict(classifier.network_options or {})
    named = isinstance(classifier.network, str) and classifier.network.startswith(TIMM_PREFIX)
    if named and classifier.image_size is not None and not {"input_size", "img_size"} & options.keys():
        options["input_size"] = int(classifier.image_size)
    return options


def _whole(classifier: Any, name: str, least: int) -> None:
    value = getattr(classifier, name)
    if not isinstance(value, Integral) or isinstance(value, bool) or value < least:
        raise InputError(f"{name}={value!r}; give a whole number, {least} or more")


def _number(
    classifier: Any, name: str, *, least: float | None = None, above: float | None = None, below: float | None = None
) -> None:
    value = getattr(classifier, name)
    fits = isinstance(value, Real) and not isinstance(value, bool) and math.isfinite(value)
    fits = fits and (least is None or value >= least) and (above is None or value > above)
    if not (fits and (below is None or value < below)):
        bounds = [f"{least:g} or more"] if least is not None else []
        bounds += [f"above {above:g}"] if above is not None else []
        bounds += [f"below {below:g}"] if below is not None else []
        raise InputError(f"{name}={value!r}; give a number {' and '.join(bounds)}")
