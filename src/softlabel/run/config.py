"""The configuration of a run: one model for the command line, a TOML file and Python."""

from __future__ import annotations

import difflib
import re
import tomllib
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from softlabel.errors import InputError
from softlabel.learners.augmentation.recipes import check_recipe
from softlabel.learners.augmentation.tta_names import check_tta
from softlabel.run.duration import parse_duration

# What may differ between a run and its resumption: where and how fast, never what.
NOT_IDENTITY = frozenset({"source", "out", "test", "cache", "jobs", "device", "time_limit", "rounds"})

# Options of a training, given to every member that has a parameter of that name.
TRAINING = ("epochs", "batch_size", "lr", "augment", "weights")

_DEVICE = re.compile(r"auto|cpu|mps|cuda(:[0-9]+)?")

# What each option may be, for the one sentence that answers a value that it may not be.
ALLOWED = {
    "source": "a .csv, .parquet or .npz file, an image folder, or a built-in data set",
    "out": "the path of the run directory",
    "label": "the name of a column",
    "id": "the name of a column",
    "groups": "the name of a column",
    "drop": "the name of a column, or a list of names",
    "image": "the name of a column",
    "image_size": "a whole number of pixels, 8 or more",
    "cache": "auto, memory, disk or none",
    "test": "the path of a file or of an image folder",
    "task": "multiclass",
    "method": "slr",
    "estimator": "the name of an estimator, or a list of names",
    "set": "a table of parameters and their values",
    "epochs": "a whole number, 1 or more",
    "batch_size": "a whole number, 1 or more",
    "lr": "a number above 0",
    "augment": "auto, none, or words joined by +, such as crop+flip or autoaugment",
    "weights": "the path of a .safetensors or .pt file, or pretrained",
    "rounds": "a whole number, 0 or more",
    "folds": "a whole number, 2 or more",
    "momentum": "a number from 0 to 1, or average",
    "sharpen": "a number above 0",
    "tta": "none, or words joined by +: flip, shift, vflip, rotate",
    "guard": "a share between 0 and 1, or a file",
    "refit_on": "last or best",
    "final": "refit or folds",
    "final_members": "first or all",
    "corrupt": "symmetric:P or pair:P, such as symmetric:0.4",
    "seed": "a whole number, 0 or more",
    "threads": "a whole number, 1 or more",
    "jobs": "a number of processes, -1 for one a core, or auto",
    "device": "auto, cpu, cuda, cuda:N or mps",
    "time_limit": "seconds, or a number with s, m or h, such as 30m",
}


class RefineConfig(BaseModel):
    """Everything that ``softlabel refine`` can be told. Field names are the long options, with ``_`` for ``-``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    source: str = Field(description="a .csv, .parquet or .npz file, an image folder, or a built-in data set")
    out: Path = Field(description="the run directory")
    label: str | None = Field(None, description="column of the given labels")
    id: str | None = Field(None, description="column that names the rows; row numbers by default")
    groups: str | None = Field(None, description="column of groups that no split cuts in two")
    drop: tuple[str, ...] = Field((), description="columns that are no features")
    image: str | None = Field(None, description="column of a table that holds pictures: paths, or encoded bytes")
    image_size: int | None = Field(None, ge=8, description="side in pixels to which image files are brought")
    cache: Literal["auto", "memory", "disk", "none"] = Field("auto", description="where decoded pictures are kept")
    test: str | None = Field(None, description="file or folder with right labels, to score with; it chooses nothing")
    task: Literal["multiclass"] = "multiclass"
    method: Literal["slr"] = "slr"
    estimator: tuple[str, ...] = Field((), description="names or package.module:Class; several label together")
    set: dict[str, Any] = Field(default_factory=dict, description="parameters of the estimator")
    epochs: int | None = Field(None, ge=1, description="epochs of each training of a network")
    batch_size: int | None = Field(None, ge=1, description="rows a step of a network")
    lr: float | None = Field(None, gt=0, allow_inf_nan=False, description="largest learning rate of a network")
    augment: str | None = Field(None, description="augmentation of pictures: words joined by +")
    weights: str | None = Field(None, description="weights that networks start from: a file, or pretrained")
    rounds: int = Field(3, ge=0, description="rounds of refinement")
    folds: int = Field(5, ge=2, description="folds of each round")
    momentum: float | Literal["average"] = Field(0.75, description="weight of the old targets, 0 to 1, or average")
    sharpen: float | None = Field(None, gt=0, description="temperature for out-of-fold probabilities")
    tta: str | None = Field(None, description="views averaged for out-of-fold predictions: words joined by +")
    guard: float | str | None = Field(None, description="share of rows that are never refined, or a file of such rows")
    refit_on: Literal["last", "best"] = Field("last", description="targets of the final fit")
    final: Literal["refit", "folds"] = Field("refit", description="one final fit, or one a fold")
    final_members: Literal["first", "all"] = Field("first", description="which estimators the final fit trains")
    corrupt: str | None = Field(None, description="make labels wrong on purpose: symmetric:P or pair:P")
    seed: int = Field(0, ge=0, description="seed of everything random")
    threads: int = Field(1, ge=1, description="threads of one fit; changes the last bits")
    jobs: int | Literal["auto"] = Field(1, description="processes that fit at the same time")
    device: str | None = Field(None, description="where networks compute; each member's own setting by default")
    time_limit: float | None = Field(None, gt=0, description="seconds after which the run stops, to be resumed")

    @field_validator("drop", "estimator", mode="before")
    @classmethod
    def _one_or_several(cls, names: Any) -> Any:
        return (names,) if isinstance(names, str) else names

    @field_validator("momentum", "guard", mode="before")
    @classmethod
    def _number_where_it_is_one(cls, value: Any) -> Any:
        try:
            return float(value)
        except (TypeError, ValueError):  # a word, a file
            return value

    @field_validator("momentum")
    @classmethod
    def _momentum_in_range(cls, momentum: float | str) -> float | str:
        if isinstance(momentum, float) and not 0 <= momentum <= 1:
            raise ValueError("out of range")
        return momentum

    @field_validator("guard")
    @classmethod
    def _guard_share(cls, guard: float | str | None) -> float | str | None:
        if isinstance(guard, float) and not 0 < guard < 1:
            raise ValueError("out of range")
        return guard

    @field_validator("jobs")
    @classmethod
    def _jobs_not_zero(cls, jobs: int | str) -> int | str:
        if jobs == 0:
            raise ValueError("out of range")
        return jobs

    @field_validator("device")
    @classmethod
    def _device_name(cls, device: str | None) -> str | None:
        if device is not None and not _DEVICE.fullmatch(device):
            raise ValueError("no device")
        return device

    @field_validator("augment")
    @classmethod
    def _augmentation(cls, recipe: str | None) -> str | None:
        if recipe != "auto":  # which leaves it to the network
            check_recipe(recipe)
        return recipe

    @field_validator("tta")
    @classmethod
    def _views(cls, name: str | None) -> str | None:
        return name if check_tta(name) else None  # "none" is what is done where nothing is said

    @field_validator("time_limit", mode="before")
    @classmethod
    def _duration(cls, limit: Any) -> Any:
        return None if limit is None else parse_duration(limit)

    @field_validator("*", mode="before")  # the last one is asked first
    @classmethod
    def _no_booleans(cls, value: Any) -> Any:
        if isinstance(value, bool):  # which Python would take for 0 or 1
            raise ValueError("no option is true or false")
        return value

    def identity(self) -> dict[str, Any]:
        """Return what makes this run this run, as plain values; rounds are apart, since they may grow."""
        plain = self.model_dump(mode="json")
        if isinstance(self.guard, str):
            plain["guard"] = "file"  # its content is part of the data's fingerprint, its path is not
        return {key: value for key, value in plain.items() if key not in NOT_IDENTITY}


def make_config(values: dict[str, Any], file: str | Path | None = None) -> RefineConfig:
    """Put a TOML file and the values given beside it into one configuration; the latter win.

    Raises
    ------
    InputError
        For an unknown key (the valid ones are named), a value out of range, a missing or broken file.
    """
    merged = _read_toml(Path(file)) if file is not None else {}
    merged = {key.replace("-", "_"): value for key, value in merged.items()}
    merged |= {key: value for key, value in values.items() if value is not None}
    try:
        return RefineConfig(**merged)
    except ValidationError as error:
        sentences = dict.fromkeys(_explain(problem, merged, file) for problem in error.errors())  # one an option
        raise InputError("; ".join(sentences)) from None


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"the configuration {path} cannot be read: {error.strerror or error}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"the configuration {path} is no TOML: {error}") from None


def _explain(problem: Any, merged: dict[str, Any], file: Any) -> str:
    key = str(problem["loc"][0])
    valid = list(RefineConfig.model_fields)
    if problem["type"] == "extra_forbidden":
        close = difflib.get_close_matches(key, valid, n=1)
        hint = f" (did you mean {close[0]}?)" if close else ""
        return f"unknown key {key!r}{f' in {file}' if file else ''}{hint}; valid keys: {', '.join(valid)}"
    if problem["type"] == "missing":
        return f"{key} is missing; give {RefineConfig.model_fields[key].description}"
    told = problem.get("ctx", {}).get("error")
    if isinstance(told, InputError):  # which knows better what is wrong
        return str(told)
    return f"{key.replace('_', '-')}={merged[key]!r}: give {ALLOWED[key]}"
