"""Options of methods in which teachers label for students, and which options belong to which method."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import BaseModel, Field

from softlabel.errors import InputError

FOLDS, GENERATIONS = "folds", 3  # a teacher of one model a fold; students where nothing is said
METHOD_NAMES = ("slr", "label-refinery", "ldl")
# Options of one method or of some; all others are shared.
_OF_REFINERY = ("generations", "labels", "loss", "adversarial", "taxonomy", "taxonomy_temperature")
_OF_LDL = ("mix", "length")
_OF_BOTH = ("teacher", "student", "teacher_mode", "unlabelled")
_OF_SLR = (
    *("rounds", "momentum", "sharpen", "tta", "teacher_targets", "teacher_budget", "fixed_folds", "warm_start"),
    *("guard", "refit_on", "final", "final_targets", "final_members", "thresholds", "trusted"),
)
_BELONGING = {
    "slr": (*_OF_REFINERY, *_OF_LDL, *_OF_BOTH),
    "label-refinery": (*_OF_SLR, *_OF_LDL),
    "ldl": (*_OF_SLR, *_OF_REFINERY),
}  # method -> options that are others'


class GenerationOptions(BaseModel):
    """What ``softlabel refine --method label-refinery`` and ``ldl`` can be told; None is what the method itself takes."""

    several: ClassVar[tuple[str, ...]] = ("teacher", "student")

    teacher: tuple[str, ...] | None = Field(None, description="who labels: a run, an estimator's name, or folds")
    student: tuple[str, ...] | None = Field(None, description="who learns: names of estimators, one a generation")
    teacher_mode: Literal["train", "eval"] | None = Field(None, description="the teacher's batch statistics")
    unlabelled: str | None = Field(None, description="further rows without labels, that teachers label")
    generations: int | None = Field(None, ge=1, description="students trained one after the other")
    labels: (
        Literal["soft_dynamic", "hard_dynamic", "soft_static", "hard_static", "visual_category", "taxonomy"] | None
    ) = Field(None, description="what a teacher gives each example")
    loss: Literal["kl", "reverse_kl", "l2"] | None = Field(None, description="from labels to outputs")
    adversarial: float | None = Field(None, gt=0, description="eta of adversarial jitter")
    taxonomy: str | None = Field(None, description="a .csv or .tsv file of child, parent; or wordnet")
    taxonomy_temperature: float | None = Field(None, gt=0, description="what similarities are divided by")
    mix: str | None = Field(None, description="mixup, cutmix, ricap, randaugment, joined by +")
    length: float | None = Field(None, gt=0, description="the student's epochs, in those of its estimator")


def options_of_others(method: str) -> tuple[str, ...]:
    """Return the options that a method does not have."""
    return _BELONGING[method]


def refuse_others(config: Any) -> None:
    """Refuse options that another method has.

    Raises
    ------
    InputError
        Naming them, and the methods that they belong to.
    """
    given = [
        name
        for name in _BELONGING[config.method]
        if name in config.model_fields_set and getattr(config, name) is not None
    ]
    given = [name for name in given if getattr(config, name) != type(config).model_fields[name].default]
    if given:
        names = ", ".join(f"--{name.replace('_', '-')}" for name in given)
        owners = [method for method in METHOD_NAMES if not set(given) & set(_BELONGING[method])]
        advice = f"give --method {' or '.join(owners)}, or leave it out" if owners else "leave them out"
        raise InputError(f"{names}: no option of --method {config.method}; {advice}")
    if getattr(config, "student", None) and config.estimator:
        raise InputError("--student and --estimator both say who learns; give one of them")
