"""What any configuration says of the data, the task, the estimators and the machine; the commands add what is theirs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from softlabel.learners.augmentation.recipes import check_recipe
from softlabel.run.allowed_values import ALLOWED
from softlabel.run.duration import parse_duration
from softlabel.run.task_options import SAID_BY_DEFAULT, check_start

# Where and how fast, never what: these may differ between what was begun and what goes on with it.
NEVER_IDENTITY = frozenset({"source", "out", "test", "trusted", "cache", "jobs", "device", "time_limit"})

# Options of a training, given to every estimator that has a parameter of that name.
TRAINING = ("epochs", "batch_size", "lr", "augment", "weights")

_TABLE = re.compile(r"\.(csv|parquet)$", re.IGNORECASE)
_DEVICE = re.compile(r"auto|cpu|mps|cuda(:[0-9]+)?")


class DataConfig(BaseModel):
    """What there is to learn from, and with what. Field names are the long options, with ``_`` for ``-``.

    Attributes
    ----------
    allowed : mapping, of the class
        What each option may be, in the order in which options are listed and recorded.
    not_identity : set, of the class
        The options that may change between two calls of the same work.
    of_others : set, of the class
        Options of other commands that a file which is shared with them may say; they are passed over.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    allowed: ClassVar[Mapping[str, str]] = ALLOWED
    not_identity: ClassVar[frozenset[str]] = NEVER_IDENTITY
    of_others: ClassVar[frozenset[str]] = frozenset()

    source: str = Field(description="a .csv, .parquet or .npz file, an image folder, or a built-in data set")
    label: str | tuple[str, ...] | None = Field(None, description="column of the given labels, or one a class")
    id: str | None = Field(None, description="column that names the rows; row numbers by default")
    groups: str | None = Field(None, description="column of groups that no split cuts in two")
    drop: tuple[str, ...] = Field((), description="columns that are no features")
    separator: str | None = Field(None, min_length=1, description="what stands between two labels in one cell")
    votes: tuple[str, ...] | None = Field(None, description="columns that count annotators' votes, or a file of votes")
    votes_as: Literal["share", "dawid-skene"] | None = Field(None, description="how votes become first targets")
    reference: tuple[str, ...] | None = Field(None, description="columns of true distributions, or votes; only scored")
    trusted: str | None = Field(
        None, min_length=1, description="column that says which labels are right, or a file of ids"
    )
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
    estimator: tuple[str, ...] = Field((), description="names or package.module:Class; several label together")
    set: dict[str, Any] = Field(default_factory=dict, description="parameters of the estimator")
    epochs: int | None = Field(None, ge=1, description="epochs of each training of a network")
    batch_size: int | None = Field(None, ge=1, description="rows a step of a network")
    lr: float | None = Field(None, gt=0, allow_inf_nan=False, description="largest learning rate of a network")
    augment: str | None = Field(None, description="augmentation of pictures: words joined by +")
    weights: str | None = Field(None, description="weights that networks start from: a file, or pretrained")
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

    @field_validator("time_limit", mode="before")
    @classmethod
    def _duration(cls, limit: Any) -> Any:
        return None if limit is None else parse_duration(limit)

    @field_validator("*", mode="before")  # the last one is asked first
    @classmethod
    def _no_other_booleans(cls, value: Any, info: ValidationInfo) -> Any:
        # Python would take a boolean for 0 or 1, and pydantic a number for a boolean.
        switch = info.field_name is not None and cls.model_fields[info.field_name].annotation is bool
        if isinstance(value, bool) is not switch:
            raise ValueError("true and false, or neither")
        return value

    @property
    def trusted_file(self) -> str | None:
        """The file of trusted rows, where ``trusted`` names one."""
        return self.trusted if self.trusted is not None and _TABLE.search(self.trusted) else None

    @property
    def trusted_column(self) -> str | None:
        """The column of trust, where ``trusted`` names one."""
        return self.trusted if self.trusted_file is None else None

    @property
    def noisy_columns(self) -> tuple[str, ...]:
        """Columns whose labels stand in for the true ones; commands that know wrong labels name them."""
        return ()

    def identity(self) -> dict[str, Any]:
        """Return what makes this the same work, as plain values in the order of ``allowed``."""
        plain = self.model_dump(mode="json")
        for option, default in SAID_BY_DEFAULT.items():
            if plain[option] == default:
                plain[option] = None  # to say what holds anyway makes nothing else of it
        return {key: plain[key] for key in self.allowed if key in plain and key not in self.not_identity}
