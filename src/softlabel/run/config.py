"""The configuration of a run: one model for the command line, a TOML file and Python."""

from __future__ import annotations

import difflib
import re
import tomllib
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from softlabel.errors import InputError
from softlabel.learners.augmentation.recipes import check_recipe
from softlabel.learners.augmentation.tta_names import check_tta
from softlabel.run.allowed_values import ALLOWED
from softlabel.run.duration import parse_duration
from softlabel.run.recipes import recipe_file
from softlabel.run.task_options import SAID_BY_DEFAULT, check_start, check_task_options

# What may differ between a run and its resumption: where and how fast, never what.
NOT_IDENTITY = frozenset({"source", "out", "test", "cache", "jobs", "device", "time_limit", "rounds"})

# Options of a training, given to every member that has a parameter of that name.
TRAINING = ("epochs", "batch_size", "lr", "augment", "weights")

_DEVICE = re.compile(r"auto|cpu|mps|cuda(:[0-9]+)?")


class RefineConfig(BaseModel):
    """Everything that ``softlabel refine`` can be told. Field names are the long options, with ``_`` for ``-``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    source: str = Field(description="a .csv, .parquet or .npz file, an image folder, or a built-in data set")
    out: Path = Field(description="the run directory")
    label: str | tuple[str, ...] | None = Field(None, description="column of the given labels, or one a class")
    id: str | None = Field(None, description="column that names the rows; row numbers by default")
    groups: str | None = Field(None, description="column of groups that no split cuts in two")
    drop: tuple[str, ...] = Field((), description="columns that are no features")
    separator: str | None = Field(None, min_length=1, description="what stands between two labels in one cell")
    votes: tuple[str, ...] | None = Field(None, description="columns that count annotators' votes, or a file of votes")
    votes_as: Literal["share", "dawid-skene"] | None = Field(None, description="how votes become first targets")
    reference: tuple[str, ...] | None = Field(None, description="columns of true distributions, or votes; only scored")
    text: str | None = Field(None, description="column of texts, which are then the only feature")
    image: str | None = Field(None, description="column of a table that holds pictures: paths, or encoded bytes")
    image_size: int | None = Field(None, ge=8, description="side in pixels to which image files are brought")
    format: Literal["deepdrid", "plant-pathology"] | None = Field(None, description="form of a sheet of pictures")
    cache: Literal["auto", "memory", "disk", "none"] = Field("auto", description="where decoded pictures are kept")
    test: str | None = Field(None, description="file or folder with right labels, to score with; it chooses nothing")
    task: Literal["multiclass", "ordinal", "multilabel"] = "multiclass"
    view: Literal["scalar", "distribution"] | None = Field(None, description="what a grade is trained as")
    grades: tuple[str, ...] | None = Field(None, min_length=2, description="all grades, lowest first")
    start: str | None = Field(None, description="how a grade becomes a first distribution")
    thresholds: Literal["midpoints", "fitted"] | None = Field(None, description="where a number becomes a grade")
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

    @field_validator("drop", "estimator", "votes", "reference", mode="before")
    @classmethod
    def _one_or_several(cls, names: Any) -> Any:
        return (names,) if isinstance(names, str) else names

    @field_validator("votes", "reference", mode="after")
    @classmethod
    def _none_of_them(cls, names: tuple[str, ...] | None) -> tuple[str, ...] | None:
        return names or None

    @field_validator("label", mode="before")
    @classmethod
    def _label_or_several(cls, names: Any) -> Any:
        if isinstance(names, (list, tuple)):  # one is the column of labels, as it always was
            return names[0] if len(names) == 1 else tuple(names) or None
        return names

    @field_validator("grades", mode="before")
    @classmethod
    def _grades_in_order(cls, grades: Any) -> Any:
        if isinstance(grades, str):
            grades = grades.split(",")
        return tuple(str(grade).strip() for grade in grades) if isinstance(grades, (list, tuple)) else grades

    @field_validator("start")
    @classmethod
    def _start(cls, start: str | None) -> str | None:
        return check_start(start)

    @field_validator("weights")
    @classmethod
    def _no_weights(cls, weights: str | None) -> str | None:
        return None if weights == "none" else weights  # which a recipe's weights are replaced by

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
        for option, default in SAID_BY_DEFAULT.items():
            if plain[option] == default:
                plain[option] = None  # to say what holds anyway makes no other run
        return {key: value for key, value in plain.items() if key not in NOT_IDENTITY}


def make_config(values: dict[str, Any], file: str | Path | None = None) -> RefineConfig:
    """Put a TOML file and the values given beside it into one configuration; the latter win.

    Parameters
    ----------
    values : dict
        By the names of the fields; None is not given. Parameters of estimators (``set``) stand beside those of the file, and
        win where both have one.
    file : path or name, optional
        A TOML file; or, where there is no file of that name, a recipe that comes with the package.

    Raises
    ------
    InputError
        For an unknown key (the valid ones are named), a value out of range, options that do not go together, a missing or
        broken file.
    """
    merged = _read_toml(recipe_file(file)) if file is not None else {}
    merged = {key.replace("-", "_"): value for key, value in merged.items()}
    parameters = merged.get("set")
    merged |= {key: value for key, value in values.items() if value is not None}
    if isinstance(parameters, dict) and isinstance(merged["set"], dict):
        merged["set"] = parameters | merged["set"]
    try:
        config = RefineConfig(**merged)
    except ValidationError as error:
        sentences = dict.fromkeys(_explain(problem, merged, file) for problem in error.errors())  # one an option
        raise InputError("; ".join(sentences)) from None
    check_task_options(config)
    return config


def _read_toml(path: Path | Traversable) -> dict[str, Any]:
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
