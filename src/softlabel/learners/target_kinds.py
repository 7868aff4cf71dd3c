"""Which kind of target rows a learner answers, and what is said where the task's rows are of another kind."""

from __future__ import annotations

from typing import Any, get_args

from softlabel.errors import InputError
from softlabel.tasks.task import Kind

KINDS: tuple[str, ...] = get_args(Kind)
ROWS: dict[str, str] = {
    "distribution": "distributions over classes",
    "scalar": "grades as numbers",
    "independent": "an entry from 0 to 1 for each label",
}
# Classes that do the same for rows of other kinds, by name: networks are not imported to find out.
_FAMILIES: tuple[dict[str, str], ...] = (
    {
        "distribution": "SoftTargetClassifier",
        "scalar": "SoftTargetRegressor",
        "independent": "SoftTargetMultilabelClassifier",
    },
    {"distribution": "TorchClassifier", "scalar": "TorchRegressor", "independent": "TorchMultilabelClassifier"},
    {"distribution": "TransformerClassifier"},
)


def check_kind(kind: str) -> None:
    """Refuse a kind of target rows that there is not."""
    if kind not in KINDS:
        raise InputError(f"kind={kind!r}; give one of {', '.join(KINDS)}")


def target_kind(learner: Any) -> str | None:
    """Return the kind of target rows that a learner says it answers, None where it says nothing."""
    return getattr(learner, "target_kind", None)


def refuse_other_kind(learner: Any, kind: str) -> None:
    """Refuse a learner of a family of classes whose rows are of another kind, and name the class for rows of this kind.

    A learner of no such family, or one that does not say what it answers, passes.

    Raises
    ------
    InputError
    """
    own = target_kind(learner)
    if own is None or own == kind:
        return
    for name in (one.__name__ for one in type(learner).__mro__):
        for family in _FAMILIES:
            if name in family.values():
                right = family.get(kind)
                give = f"give {right}" if right else "give features and an estimator for these"
                raise InputError(
                    f"{type(learner).__name__} is fitted to {ROWS.get(own, own)}, and the targets here are {ROWS[kind]}; {give}"
                )
