"""Each network is built once before a run begins, so that what cannot be is told before anything is decoded twice or written."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from softlabel.data.images import Images
from softlabel.errors import InputError
from softlabel.learners.network_settings import build_options, check_settings
from softlabel.learners.torch_classifier import TorchClassifier, require_torch
from softlabel.run.estimators import Members


def try_networks(members: Members, estimators: list[Any], X: Any, n_classes: int) -> None:
    """Check the settings of all networks and build them as a training would, without training anything.

    Parameters
    ----------
    members : list
        Names of the estimators, for the message.
    estimators : list
        Those that are no networks are passed over.
    X : n rows
        As the estimators will get them.
    n_classes : int

    Raises
    ------
    InputError
        If a setting is out of range, an option or a timm model unknown, weights cannot be had or do not fit, or a network
        does not take rows of this shape. It names the estimator.
    MissingExtraError
        If torch, torchvision or timm is not installed.
    """
    for (name, _), estimator in zip(members, estimators, strict=True):
        if not isinstance(estimator, TorchClassifier):
            continue
        require_torch()
        from softlabel.learners.networks.build import build_network

        try:
            check_settings(estimator)
            if not isinstance(X, Images) and estimator.augment not in (None, "none", "auto"):
                raise InputError(f"augment={estimator.augment!r} is for pictures, and the rows are none; leave it out")
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # the first training says the same
                build_network(
                    estimator.network,
                    _input_shape(X, estimator.image_size),
                    n_classes,
                    weights=estimator.weights,
                    options=build_options(estimator),
                )
        except InputError as error:
            raise InputError(f"estimator {name}: {error}") from None


def _input_shape(X: Any, image_size: int | None) -> tuple[int, ...]:
    """Return (c, h, w) of pictures, (d,) of other rows."""
    if not isinstance(X, Images):
        return tuple(np.shape(X)[1:])
    _, height, width, channels = X.shape
    return (channels, height, width) if image_size is None else (channels, image_size, image_size)
