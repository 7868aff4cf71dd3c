"""Each network is built once before a run begins, so that what cannot be is told before anything is decoded twice or written."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from softlabel.data.images import Images
from softlabel.errors import InputError
from softlabel.learners.network_settings import build_options, built_shape, check_augment, check_settings
from softlabel.learners.torch_installed import require_torch
from softlabel.learners.torch_learner import TorchLearner
from softlabel.run.estimators import Members


def try_networks(members: Members, estimators: list[Any], X: Any, n_columns: int) -> None:
    """Check the settings of all networks and build them as a training would, without training anything.

    Parameters
    ----------
    members : list
        Names of the estimators, for the message.
    estimators : list
        Those that are no networks are passed over.
    X : n rows
        As the estimators will get them.
    n_columns : int
        Columns of a target row, which are the outputs of a network.

    Raises
    ------
    InputError
        If a setting is out of range, an option or a timm model unknown, weights cannot be had or do not fit, or a network
        does not take rows of this shape. It names the estimator.
    MissingExtraError
        If torch, torchvision or timm is not installed.
    """
    pictures = isinstance(X, Images)
    size = tuple(np.shape(X)[1:])  # (h, w, c) of pictures, (d,) of other rows
    shape = (size[2], size[0], size[1]) if pictures else size
    for (name, _), estimator in zip(members, estimators, strict=True):
        if not isinstance(estimator, TorchLearner):
            continue
        require_torch()
        from softlabel.learners.networks.build import build_network

        try:
            check_settings(estimator)
            check_augment(estimator.augment, pictures=pictures)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # the first training says the same
                build_network(
                    estimator.network,
                    built_shape(estimator, shape, pictures=pictures),
                    n_columns,
                    weights=estimator.weights,
                    options=build_options(estimator),
                )
        except InputError as error:
            raise InputError(f"estimator {name}: {error}") from None
