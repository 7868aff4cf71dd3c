"""The configuration of a run: one model for the command line, a TOML file and Python."""

from __future__ import annotations

import difflib
import tomllib
import warnings
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, ClassVar, Literal, TypeVar, overload

from pydantic import Field, ValidationError, field_validator

from softlabel.errors import InputError
from softlabel.learners.augmentation.tta_names import check_tta
from softlabel.run.data_config import NEVER_IDENTITY, DataConfig
from softlabel.run.generation_options import FOLDS, GENERATIONS, GenerationOptions, options_of_others, refuse_others
from softlabel.run.recipes import recipe_file
from softlabel.run.task_options import check_task_options
from softlabel.targets.corrupt import noisy_columns_in, parse_corruption

AnyConfig = TypeVar("AnyConfig", bound=DataConfig)


class RefineConfig(GenerationOptions, DataConfig):
    """Everything that ``softlabel refine`` can be told."""

    not_identity: ClassVar[frozenset[str]] = NEVER_IDENTITY | {"rounds", "generations", "student", "unlabelled"}

    out: Path = Field(description="the run directory")
    method: Literal["slr", "label-refinery", "ldl"] = "slr"
    rounds: int = Field(3, ge=0, description="rounds of refinement")
    folds: int = Field(5, ge=2, description="folds of each round")
    momentum: float | Literal["average", "bayes", "auto"] = Field(
        "auto", description="weight of the old targets, 0 to 1, or average, bayes, auto"
    )
    sharpen: float | None = Field(None, gt=0, description="temperature for out-of-fold probabilities")
    tta: str | None = Field(None, description="views averaged for out-of-fold predictions: words joined by +")
    teacher_targets: Literal["auto", "refined", "sharpened", "pruned", "corrected", "weighted"] = Field(
        "auto", description="what fold models take of the targets"
    )
    teacher_budget: float | None = Field(
        None, gt=0, le=1, description="share of the final fit's training of fold models"
    )
    fixed_folds: bool = Field(False, description="whether all rounds keep the folds of the first")
    warm_start: bool = Field(False, description="whether fold models go on with their training from round to round")
    guard: float | str | None = Field(None, description="share of rows that are never refined, or a file of such rows")
    refit_on: Literal["last", "best"] = Field("last", description="targets of the final fit")
    final: Literal["refit", "folds"] = Field("refit", description="one final fit, or one a fold")
    final_targets: Literal["auto", "refined", "sharpened", "pruned", "corrected", "weighted"] = Field(
        "auto", description="what the final fit takes of the refined targets"
    )
    final_members: Literal["first", "all"] = Field("first", description="which estimators the final fit trains")
    corrupt: str | None = Field(
        None,
        description="make labels wrong on purpose: symmetric:P, pair:P, instance:P, or column:NAME for those of a column",
    )

    @field_validator("teacher", "student", mode="before")
    @classmethod
    def _name_or_names(cls, names: Any) -> Any:
        return (names,) if isinstance(names, str) else tuple(names) or None if names is not None else None

    @field_validator("momentum", "guard", mode="before")
    @classmethod
    def _number_where_it_is_one(cls, value: Any) -> Any:
        if isinstance(value, bool):  # which no option is: refused after this
            return value
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

    @field_validator("corrupt")
    @classmethod
    def _corruption_that_there_is(cls, corruption: str | None) -> str | None:
        if corruption is not None:
            parse_corruption(corruption)  # refuses what is none before anything is read
        return corruption

    @field_validator("tta")
    @classmethod
    def _views(cls, name: str | None) -> str | None:
        return name if check_tta(name) else None  # "none" is what is done where nothing is said

    @property
    def n_steps(self) -> int:
        """How long the run is: its rounds, or its generations (3, or one an estimator, where nothing is said); more extend it."""
        if self.method == "slr":
            return self.rounds
        if self.method == "ldl":  # a teacher that is trained here, and its student
            return 1 if self.teacher not in (None, (FOLDS,)) else 2
        if self.labels == "taxonomy":
            return 1
        return self.generations or (len(self.estimator) if len(self.estimator) > 1 else GENERATIONS)

    @property
    def noisy_columns(self) -> tuple[str, ...]:
        """The column of labels to refine in place of the true ones, where ``corrupt`` names one."""
        return noisy_columns_in(() if self.corrupt is None else (self.corrupt,))

    def identity(self) -> dict[str, Any]:
        """Return what makes this run this run, as plain values; rounds are apart, since they may grow."""
        plain = super().identity()
        if isinstance(self.guard, str):
            plain["guard"] = "file"  # its content is part of the data's fingerprint, its path is not
        # To say what holds anyway makes nothing else of it, and runs of earlier versions could not say it.
        for option, default in (("teacher_budget", 1.0), ("fixed_folds", False), ("warm_start", False)):
            plain[option] = None if plain[option] == default else plain[option]
        if self.final_targets == "auto":  # it tries short teachers where nothing is said, and none where anything is
            plain["teacher_budget"] = self.teacher_budget
        if self.final_targets != "auto":  # "auto" means the same whatever the data, and what earlier versions did
            from softlabel.methods.auto_settings import USUAL_MOMENTUM  # here: --help should not wait for it

            plain["momentum"] = USUAL_MOMENTUM if self.momentum == "auto" else self.momentum
            plain["teacher_targets"] = "refined" if self.teacher_targets == "auto" else self.teacher_targets
        for option in ("teacher_targets", "final_targets"):
            plain[option] = None if plain[option] == "refined" else plain[option]  # all that earlier versions made
        if self.method == "slr":
            from softlabel.methods.auto_settings import AUTO_RULE, RULE, goes_by_rule

            if goes_by_rule(self.final_targets, self.momentum):
                plain[RULE] = AUTO_RULE  # stored rounds were made by it
        if self.adversarial is not None:  # of the last generation alone: another one would be the last of a longer run
            plain["generations"] = self.n_steps
        return {name: value for name, value in plain.items() if name not in options_of_others(self.method)}


@overload
def make_config(values: dict[str, Any], file: str | Path | None = None) -> RefineConfig: ...


@overload
def make_config(values: dict[str, Any], file: str | Path | None = None, *, kind: type[AnyConfig]) -> AnyConfig: ...


def make_config(
    values: dict[str, Any], file: str | Path | None = None, *, kind: type[DataConfig] = RefineConfig
) -> DataConfig:
    """Put a TOML file and the values given beside it into one configuration; the latter win.

    Parameters
    ----------
    values : dict
        By the names of the fields; None is not given. Parameters of estimators (``set``) stand beside those of the file, and
        win where both have one.
    file : path or name, optional
        A TOML file; or, where there is no file of that name, a recipe that comes with the package.
    kind : class
        Of the configuration; that of a refinement by default. What a file says to other commands is passed over, with a warning.

    Raises
    ------
    InputError
        For an unknown key (the valid ones are named), a value out of range, options that do not go together, a missing or
        broken file.
    """
    merged = _read_toml(recipe_file(file)) if file is not None else {}
    merged = _passed_over({key.replace("-", "_"): value for key, value in merged.items()}, file, kind)
    parameters = merged.get("set")
    merged |= {key: value for key, value in values.items() if value is not None}
    if isinstance(parameters, dict) and isinstance(merged["set"], dict):
        merged["set"] = parameters | merged["set"]
    try:
        config = kind(**merged)
    except ValidationError as error:
        sentences = dict.fromkeys(_explain(problem, merged, file, kind) for problem in error.errors())  # one an option
        raise InputError("; ".join(sentences)) from None
    check_task_options(config)
    if isinstance(config, RefineConfig):
        refuse_others(config)
        if config.student:
            config = config.model_copy(update={"estimator": config.student, "student": None})
    return config


def _passed_over(said: dict[str, Any], file: Any, kind: type[DataConfig]) -> dict[str, Any]:
    others = [key for key in said if key in kind.of_others and key not in kind.model_fields]
    if others:
        names = ", ".join(key.replace("_", "-") for key in others)
        warnings.warn(f"{file} also gives {names}, which no option here is: passed over", stacklevel=3)
    return {key: value for key, value in said.items() if key not in others}


def _read_toml(path: Path | Traversable) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"the configuration {path} cannot be read: {error.strerror or error}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"the configuration {path} is no TOML: {error}") from None


def _explain(problem: Any, merged: dict[str, Any], file: Any, kind: type[DataConfig]) -> str:
    key = str(problem["loc"][0])
    valid = [name for name in kind.allowed if name in kind.model_fields]
    if problem["type"] == "extra_forbidden":
        close = difflib.get_close_matches(key, valid, n=1)
        hint = f" (did you mean {close[0]}?)" if close else ""
        return f"unknown key {key!r}{f' in {file}' if file else ''}{hint}; valid keys: {', '.join(valid)}"
    if problem["type"] == "missing":
        return f"{key} is missing; give {kind.model_fields[key].description}"
    told = problem.get("ctx", {}).get("error")
    if isinstance(told, InputError):  # which knows better what is wrong
        return str(told)
    return f"{key.replace('_', '-')}={merged[key]!r}: give {kind.allowed[key]}"
