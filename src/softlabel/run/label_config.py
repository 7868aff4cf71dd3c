"""The configuration of labelling crops: one model for the command line and a TOML file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import Field, field_validator

from softlabel.learners.crop_labels import replayable_recipe
from softlabel.run.allowed_values import ALLOWED
from softlabel.run.config import RefineConfig
from softlabel.run.data_config import DataConfig

_OWN = {
    "out": "the path of the folder of the labels",
    "teacher": "the path of a run directory, or a list of them",
    "crops": "a whole number, 1 or more",
    "top": "a whole number, 1 or more",
    "teacher_mode": "eval or train",
    "augment": "none, or words joined by +: crop or resized_crop, flip",
}


class LabelConfig(DataConfig):
    """Everything that ``softlabel label`` can be told."""

    allowed: ClassVar[Mapping[str, str]] = ALLOWED | _OWN
    of_others: ClassVar[frozenset[str]] = frozenset(RefineConfig.model_fields)

    out: Path = Field(description="the folder of the labels")
    teacher: tuple[str, ...] = Field(min_length=1, description="run directories whose models are networks")
    crops: int = Field(16, ge=1, description="crops of each picture")
    top: int = Field(5, ge=1, description="classes that are kept of each crop")
    teacher_mode: Literal["eval", "train"] = Field("eval", description="statistics of batch normalisation")
    batch_size: int | None = Field(256, ge=1, description="crops that are answered at once")
    augment: str | None = Field("resized_crop+flip", description="what is cut: crop or resized_crop, flip")

    @field_validator("teacher", mode="before")
    @classmethod
    def _one_or_several_teachers(cls, paths: Any) -> Any:
        return (paths,) if isinstance(paths, str) else paths

    @field_validator("augment")
    @classmethod
    def _recipe_that_can_be_repeated(cls, recipe: str | None) -> str | None:
        replayable_recipe(recipe)
        return recipe
