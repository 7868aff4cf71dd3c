"""Each network is built once before a run begins, so that what cannot be is told before anything is decoded twice or written."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from softlabel.data.images import Images
from softlabel.errors import InputError
from softlabel.learners.network_settings import build_options, built_shape, check_augment, check_settings
from softlabel.learners.torch_installed import require_torch
from softlabel.learners.torch_learner import TorchLearner
from softlabel.learners.transformer_classifier import TransformerClassifier
from softlabel.learners.transformer_source import read_source, require_text
from softlabel.run.estimators import Members

# Loggers of single files: their packages set levels of their own when they are first imported, which may be later.
_DOWNLOADERS = (
    "huggingface_hub.utils._http",
    "huggingface_hub.file_download",
    "timm.models._builder",
    "timm.models._hub",
)


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
        If a setting is out of range, an option or a timm model unknown, weights cannot be had or do not fit, a network does
        not take rows of this shape, or a transformer is not on this machine. It names the estimator.
    MissingExtraError
        If torch, torchvision, timm or transformers is not installed.
    """
    pictures = isinstance(X, Images)
    size = tuple(np.shape(X)[1:])  # (h, w, c) of pictures, (d,) of other rows
    shape = (size[2], size[0], size[1]) if pictures else size
    for (name, _), estimator in zip(members, estimators, strict=True):
        if isinstance(estimator, TransformerClassifier):
            _try_transformer(name, estimator)
        if not isinstance(estimator, TorchLearner):
            continue
        require_torch()
        from softlabel.learners.networks.build import build_network

        try:
            check_settings(estimator)
            check_augment(estimator.augment, pictures=pictures)
            with warnings.catch_warnings(), _no_retries_told():
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


def _try_transformer(name: str, estimator: TransformerClassifier) -> None:
    """Read configuration and tokenizer; the weights are read by the first training."""
    require_text()
    try:
        read_source(estimator.model)
    except InputError as error:
        raise InputError(f"estimator {name}: {error}") from None


@contextmanager
def _no_retries_told() -> Iterator[None]:
    """Keep the library that downloads from telling of each attempt: what cannot be had is told once, by the error."""
    loggers = [logging.getLogger(name) for name in _DOWNLOADERS]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
