"""A task from the plain values that it was stored as."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from softlabel.errors import InputError
from softlabel.tasks.grade_scale import GradeScale
from softlabel.tasks.multiclass import Multiclass
from softlabel.tasks.multilabel import Multilabel
from softlabel.tasks.ordinal_distribution import OrdinalDistribution
from softlabel.tasks.ordinal_scalar import OrdinalScalar
from softlabel.tasks.task import Task


def task_from_record(record: Mapping[str, Any]) -> Task:
    """Return the task whose ``record()`` this is.

    Raises
    ------
    InputError
        If it is the record of no task that is known here.
    """
    kind = (record.get("name"), record.get("view"))
    if kind == ("multiclass", None):
        return Multiclass(record["classes"])
    if kind == ("multilabel", None):
        return Multilabel(record["classes"])
    if kind == ("ordinal", "scalar"):
        return OrdinalScalar(GradeScale(record["classes"], fractional=record["fractional"]), record["thresholds"])
    if kind == ("ordinal", "distribution"):
        return OrdinalDistribution(GradeScale(record["classes"]), record["start"])
    raise InputError(f"task {record.get('name')!r} is unknown here; it was stored by another version of softlabel")
