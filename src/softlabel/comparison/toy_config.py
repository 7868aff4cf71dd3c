"""What the toy study does where nothing else is said, and what stands for its rows."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import numpy as np

from softlabel.comparison.config import CompareConfig
from softlabel.comparison.registry import METHODS
from softlabel.comparison.toy_rows import ToyRows
from softlabel.data.dataset import Dataset
from softlabel.data.source_kinds import source_kind
from softlabel.errors import InputError
from softlabel.learners.names import DEFAULT_NAME
from softlabel.run.data_reading import DataRead, print_of
from softlabel.run.estimators import made_estimators, members_of

TOY = "toy"
SEEDS = 20
CORRUPTIONS = ("none", "symmetric:0.1", "symmetric:0.3", "symmetric:0.5")
SLR = "slr:n_rounds=8:final_targets=refined"  # the paper's method, and as many rounds as in its figures
# A network that learns by heart part of what is wrong among 300 rows, in a quarter of a second. Ours: the paper does not tell its own.
_NETWORK: dict[str, Any] = {"optimizer": "adamw", "network_options": {"hidden": [64, 64, 64]}}
_TRAINING: dict[str, Any] = {"epochs": 100, "batch_size": 300, "lr": 0.03}
_OF_FILES = (
    *("test", "test_share", "label", "id", "groups", "drop", "separator", "votes", "votes_as", "reference", "trusted"),
    *("text", "image", "image_size", "format", "augment", "weights", "view", "grades", "start", "thresholds"),
)


def is_toy(config: CompareConfig) -> bool:
    """Return whether a configuration asks for the toy study: its source is the built-in mixture, not a file of that name."""
    return config.source == TOY and source_kind(config.source) == "builtin"


def toy_config(config: CompareConfig) -> CompareConfig:
    """Return the configuration with what the study does where nothing is said.

    20 seeds; labels as drawn, and 10, 30 and 50% of them wrong; all methods, the paper's refinery with 8 rounds; a network with three
    layers of 64 units where torch is installed, else the default estimator. Options of training are those of whoever names an estimator.

    Raises
    ------
    InputError
        For options that say how a file is read.
    """
    unused = [name for name in _OF_FILES if name in config.model_fields_set and getattr(config, name) not in (None, ())]
    if unused:
        named = " and ".join("--" + name.replace("_", "-") for name in unused)
        raise InputError(f"the toy study draws its own rows and fresh points to score on; leave {named} out")
    if config.task != "multiclass":
        raise InputError(f"--task {config.task}: the toy study has three classes without an order; leave it out")
    if config.noisy_columns:
        raise InputError(
            f"--corrupt column:{config.noisy_columns[0]}: the toy study draws its own rows, which have no columns of labels; give "
            "symmetric:P, pair:P or instance:P"
        )
    changes: dict[str, Any] = {}
    if "seeds" not in config.model_fields_set:
        changes["seeds"] = SEEDS
    if "corrupt" not in config.model_fields_set:
        changes["corrupt"] = CORRUPTIONS
    if "methods" not in config.model_fields_set:
        changes["methods"] = tuple(SLR if name == "slr" else name for name in METHODS)
        changes["unsuited"] = config.unsuited or "skip"  # nobody has named them
    if not config.estimator:
        changes |= _default_network(config) if _has_torch() else {"estimator": (DEFAULT_NAME,)}
    return config.model_copy(update=changes)


def toy_data(config: CompareConfig, rows: ToyRows) -> DataRead:
    """Return what stands for the rows of the study in a comparison: their sizes, task and fingerprint, and the estimator.

    The fingerprint is that of the rows of seed 0, which all other seeds draw in the same way.
    """
    members = members_of(config)
    parts = rows.parts(0, "none")
    train = Dataset(parts.X, parts.y, np.arange(rows.n), source=TOY)
    test = Dataset(parts.X_test, parts.y_test, np.arange(rows.n_fresh), source="fresh points")
    prints = {"source": print_of(train), "test": print_of(test)}
    return DataRead(train, test, rows.task, members, made_estimators(config, members), prints, None, None)


def _default_network(config: CompareConfig) -> dict[str, Any]:
    training = {name: value for name, value in _TRAINING.items() if getattr(config, name) is None}
    return {"estimator": ("torch_mlp",), "set": {**_NETWORK, **config.set}, **training}


def _has_torch() -> bool:
    return all(find_spec(package) is not None for package in ("torch", "safetensors"))
