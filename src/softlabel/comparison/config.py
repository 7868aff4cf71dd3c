"""The configuration of a comparison: one model for the command line, a TOML file and Python."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import Field, ValidationInfo, field_validator

from softlabel.comparison.parts import NO_CORRUPTION
from softlabel.comparison.registry import ALL
from softlabel.errors import InputError
from softlabel.run.allowed_values import ALLOWED
from softlabel.run.config import RefineConfig
from softlabel.run.data_config import NEVER_IDENTITY, DataConfig
from softlabel.targets.corrupt import KINDS, noisy_columns_in, parse_corruption

_BEFORE_CORRUPTION = re.compile(rf",(?=\s*(?:{NO_CORRUPTION}\s*(?:,|$)|(?:{'|'.join(KINDS)}|column)\s*:|,|$))")
_OWN = {
    "out": "the path of the folder of the comparison",
    "methods": "all, or names of methods joined by commas, such as plain,smoothing,slr:n_rounds=6, or a list of them",
    "seeds": "a whole number, 1 or more",
    "test_share": "a share between 0 and 1",
    "corrupt": "none, symmetric:P, pair:P or instance:P, such as symmetric:0.4, column:NAME, or a list of them",
    "unsuited": "skip or refuse",
    "baseline": "the name of a method",
    "level": "a number between 0 and 1, such as 0.95",
}


class CompareConfig(DataConfig):
    """Everything that ``softlabel compare`` can be told.

    Attributes
    ----------
    methods : tuple of str
        As they were given, each once: ``("plain", "slr:n_rounds=6")``; ``("all",)`` is every method that there is.
    corrupt : tuple of str
        Each once, ``"none"`` among them where labels are also to be left as they are; never empty.
    """

    allowed: ClassVar[Mapping[str, str]] = ALLOWED | _OWN
    of_others: ClassVar[frozenset[str]] = frozenset(RefineConfig.model_fields)
    # More methods, seeds and corruptions extend a comparison, and stand in the address of a cell; the last three say what is
    # shown of it.
    not_identity: ClassVar[frozenset[str]] = NEVER_IDENTITY | {
        *("methods", "seed", "seeds", "corrupt"),
        *("unsuited", "baseline", "level"),
    }

    methods: tuple[str, ...] = Field((ALL,), description="names of methods, each with parameters of its own or none")
    seeds: int = Field(5, ge=1, description="independent repetitions: splits, wrong labels and fits of their own")
    test_share: float = Field(0.2, gt=0, lt=1, description="share of rows set apart to score with, in each repetition")
    corrupt: tuple[str, ...] = Field(
        (NO_CORRUPTION,),
        description="make labels wrong on purpose: none, symmetric:P, pair:P, instance:P, or column:NAME for those of a column",
    )
    unsuited: Literal["skip", "refuse"] | None = Field(
        None, description="what becomes of methods that cannot take the task or the estimator"
    )
    out: Path | None = Field(None, description="the folder of the comparison")
    baseline: str = Field("plain", min_length=1, description="the method that the others are compared with")
    level: float = Field(0.95, gt=0, lt=1, description="confidence level of the intervals")

    @field_validator("methods", mode="before")
    @classmethod
    def _names_of_methods(cls, methods: Any) -> Any:
        names = _each_once(methods)
        if not names and _is_said(methods):
            raise InputError("--methods names none; give names joined by commas, or all")
        return names or (ALL,)

    @field_validator("test_share")
    @classmethod
    def _share_of_the_source(cls, share: float, info: ValidationInfo) -> float:
        if info.data.get("test") is not None:  # a share that nobody gave is not asked about
            raise InputError("--test-share draws rows from SOURCE, and --test gives others; leave one out")
        return share

    @field_validator("corrupt", mode="before")
    @classmethod
    def _corruptions(cls, corruptions: Any) -> Any:
        return _each_once(corruptions, _between_corruptions) or (NO_CORRUPTION,)

    @field_validator("thresholds")
    @classmethod
    def _thresholds_of_methods(cls, thresholds: str | None) -> str | None:
        if thresholds == "fitted":
            raise InputError(
                "thresholds='fitted' fits them on out-of-fold predictions, which few methods make; ask a method for it: "
                "slr:thresholds=fitted"
            )
        return thresholds

    @field_validator("corrupt")
    @classmethod
    def _corruptions_that_there_are(cls, corruptions: tuple[str, ...]) -> tuple[str, ...]:
        written = (one if one == NO_CORRUPTION else str(parse_corruption(one)) for one in corruptions)
        return tuple(dict.fromkeys(written))  # symmetric:.2 is symmetric:0.2

    @property
    def noisy_columns(self) -> tuple[str, ...]:
        """The columns of labels that stand in for the true ones, each in tables of its own."""
        return noisy_columns_in(self.corrupt)

    @property
    def folder(self) -> Path:
        """The folder of the comparison: ``out``, or one beside whoever calls, named after the source."""
        return Path(f"compare-{Path(self.source).resolve().stem}") if self.out is None else self.out


def _each_once(values: Any, parted: Callable[[str], list[str]] | None = None) -> Any:
    """Return names from a text or a list of texts, each once, in the order given; what is neither is left to be refused."""
    values = [values] if isinstance(values, str) else values
    if not isinstance(values, (list, tuple)) or not all(isinstance(one, str) for one in values):
        return values
    names = (name.strip() for one in values for name in (parted or _between_commas)(one))
    return tuple(dict.fromkeys(name for name in names if name))


def _is_said(values: Any) -> bool:
    """Return whether there is a text, be it empty; a list of none is what stands for an option that was not given."""
    return isinstance(values, str) or (isinstance(values, (list, tuple)) and len(values) > 0)


def _between_corruptions(text: str) -> list[str]:
    """Split at commas, but not within the name of a column: only where a corruption begins, or nothing is left."""
    return _BEFORE_CORRUPTION.split(text)


def _between_commas(text: str) -> list[str]:
    """Split at commas, but not within brackets: such a comma belongs to a value, ``(50, 50)`` say."""
    parts, depth = [""], 0
    for sign in text:
        depth += (sign in "([{") - (sign in ")]}")
        if sign == "," and depth <= 0:
            parts.append("")
        else:
            parts[-1] += sign
    return parts
