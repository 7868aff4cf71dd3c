"""Which options go with which task, and what a task's options mean where nothing is said."""

from __future__ import annotations

import math
from typing import Any, Protocol

from softlabel.errors import InputError
from softlabel.tasks.task import Kind

# Options that are None where nothing is said, and what None means.
SAID_BY_DEFAULT = {"view": "scalar", "start": "one_hot", "thresholds": "midpoints", "votes_as": "share"}

_ORDINAL = ("view", "grades", "start", "thresholds")


class TaskOptions(Protocol):
    """What of a configuration the task depends on."""

    @property
    def task(self) -> str: ...

    @property
    def label(self) -> str | tuple[str, ...] | None: ...

    @property
    def separator(self) -> str | None: ...

    @property
    def votes(self) -> tuple[str, ...] | None: ...

    @property
    def reference(self) -> tuple[str, ...] | None: ...


def target_kind(config: TaskOptions) -> Kind:
    """Return what the target rows of a run are; it is known before any data is read."""
    if config.task == "multilabel":
        return "independent"
    return "scalar" if config.task == "ordinal" and said(config, "view") == "scalar" else "distribution"


def said(config: TaskOptions, option: str) -> Any:
    """Return the value of an option of the task, or what holds where nothing is said."""
    value = getattr(config, option)
    return SAID_BY_DEFAULT[option] if value is None else value


def check_start(start: str | None) -> str | None:
    """Return how a grade becomes a first distribution, if it is one of the ways there are.

    Raises
    ------
    ValueError
        If it is none, or the spread is no number above 0.
    """
    if start is None or start in ("one_hot", "unimodal"):
        return start
    word, _, spread = start.partition(":")
    if word != "unimodal" or not 0 < float(spread) < math.inf:
        raise ValueError("no start")
    return start


def check_task_options(config: TaskOptions) -> None:
    """Refuse options that do not go with the task, or with each other.

    Raises
    ------
    InputError
        Naming the option, what it needs, and what to do.
    """
    kind = target_kind(config)
    for option in _ORDINAL:
        if config.task != "ordinal":
            _refuse_if_given(config, option, "is for grades", "give --task ordinal, or leave it out")
    if config.task == "ordinal":
        if kind == "scalar":
            _refuse_if_given(config, "start", "is for distributions over the grades", "give --view distribution too")
            _refuse_if_given(config, "sharpen", "is for probabilities, and the scalar view has none", "leave it out")
        else:
            _refuse_if_given(config, "thresholds", "is for grades as numbers", "give --view scalar, or leave it out")
        if said(config, "thresholds") == "fitted" and getattr(config, "rounds", None) == 0:
            raise InputError(
                "--thresholds fitted fits them on out-of-fold predictions, and with --rounds 0 there are none; give one "
                "round or more, or --thresholds midpoints"
            )
    if config.task != "multilabel":
        _refuse_if_given(config, "separator", "is for several labels in one cell", "give --task multilabel too")
    else:
        _refuse_if_given(config, "votes", "is for one label a row", "leave it out, or give another --task")
        if config.separator is not None and isinstance(config.label, tuple):
            raise InputError(
                f"--separator is for several labels in one cell, and {len(config.label)} columns are given as labels; "
                "leave it out, or name one column"
            )
    if config.votes is not None:
        _refuse_if_given(config, "start", "makes first targets of labels, and the votes are these", "leave it out")
    else:
        _refuse_if_given(config, "votes_as", "says how votes become targets", "give --votes, or leave it out")
        if config.reference == ("votes",):
            raise InputError("--reference votes takes the shares of the votes, and there are none; give --votes too")


def _refuse_if_given(config: TaskOptions, option: str, what: str, advice: str) -> None:
    value = getattr(config, option, None)  # not every command has each
    if value is None:
        return
    between = "," if option == "grades" else " "
    shown = between.join(map(str, value)) if isinstance(value, tuple) else value
    raise InputError(f"--{option.replace('_', '-')} {shown} {what} (this is --task {_task_text(config)}); {advice}")


def _task_text(config: TaskOptions) -> str:
    return f"{config.task} --view {said(config, 'view')}" if config.task == "ordinal" else config.task
