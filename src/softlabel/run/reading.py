"""How data are read: as a configuration says, and again as the record of a run says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from softlabel.data.exact_columns import Kind
from softlabel.data.source import label_kind
from softlabel.errors import InputError
from softlabel.run.data_config import DataConfig
from softlabel.run.task_options import said

_NEW = ("separator", "votes", "reference", "text", "format")  # which runs of earlier versions have none of


def reading_of(config: DataConfig, cache_folder: Path | None) -> dict[str, Any]:
    """Return the options of ``load`` that a configuration gives; those of the labels' kind are apart.

    Raises
    ------
    InputError
        If both texts and pictures are to be the features: said here, before estimators are asked what they take.
    """
    if config.text is not None and config.image is not None:
        raise InputError(
            f"--text and --image: features are to be the pictures of column {config.image!r} and the texts of column "
            f"{config.text!r}; give one of them"
        )
    columns = {name: getattr(config, name) for name in ("label", "id", "groups", "drop", "separator", "text", "image")}
    voted = config.votes is not None or config.reference is not None
    return columns | {
        "label_names": grades_of(config) if voted else None,  # by which columns of votes find their class
        "part": False,
        "several": config.task == "multilabel",
        "votes": config.votes or (),
        "votes_as": said(config, "votes_as"),
        "reference": config.reference or (),
        "noisy": config.noisy_columns,
        "trusted": config.trusted_column,
        "image_size": config.image_size,
        "format": config.format,
        "cache": config.cache,
        "cache_folder": cache_folder,
    }


def columns_record(config: DataConfig) -> dict[str, Any]:
    """Return the roles of columns for the record of a run; those that earlier versions did not know only where given."""
    known = {"label": config.label, "id": config.id, "groups": config.groups, "drop": list(config.drop)}
    new = {name: getattr(config, name) for name in _NEW} | {"noisy": list(config.noisy_columns) or None}
    new |= {"trusted": config.trusted_column}
    return known | {name: value for name, value in new.items() if value is not None}


def label_kind_of(config: DataConfig) -> Kind | None:
    """Return how the labels of the source are to be read: grades as numbers, unless they are named and no numbers."""
    if config.task != "ordinal":
        return None
    grades = grades_of(config)
    return "text" if grades is not None and isinstance(grades[0], str) else "number"


def grades_of(config: DataConfig) -> list[Any] | None:
    """Return the grades that a configuration names, lowest first: as numbers where all are, whole ones as integers."""
    if config.grades is None:
        return None
    try:
        numbers = [float(grade) for grade in config.grades]
    except ValueError:
        return list(config.grades)
    return [int(number) if number.is_integer() else number for number in numbers]


def unlabelled_reading(record: dict[str, Any]) -> dict[str, Any]:
    """Return the options of ``load_unlabelled`` for rows that the model of a run is to predict."""
    columns = record["columns"]
    answers = [*_names(columns["label"]), *_columns_of(columns, "votes"), *_columns_of(columns, "reference")]
    no_features = [*answers, *_names(columns["groups"]), *columns["drop"], *_unread(columns)]
    return {"id": columns["id"], "drop": list(dict.fromkeys(no_features)), **_rows_options(record)}


def labelled_reading(record: dict[str, Any], classes: np.ndarray) -> dict[str, Any]:
    """Return the options of ``load_labelled_part`` for rows that the model of a run is to be scored on."""
    columns, task = record["columns"], record.get("task") or {}
    several = task.get("name") == "multilabel"
    votes_as = (record.get("identity") or {}).get("votes_as")  # None: shares
    kind = None if several else label_kind(classes)
    if kind == "integer" and task.get("name") == "ordinal":
        kind = "number"  # so that grades between others are known as such, be they refused
    return {
        **{name: columns[name] for name in ("label", "id", "groups")},
        "drop": list(dict.fromkeys([*columns["drop"], *_unread(columns)])),
        **{name: columns[name] for name in ("separator", "votes", "reference") if name in columns},
        **({"votes_as": votes_as} if votes_as else {}),
        **({"several": True} if several else {}),
        **({"label_names": classes} if several or columns.get("votes") or columns.get("reference") else {}),
        "label_kind": kind,
        **_rows_options(record),
    }


def _rows_options(record: dict[str, Any]) -> dict[str, Any]:
    """Return how pictures or texts were read when the run was made; runs of earlier versions knew none."""
    images, columns = record.get("images") or {}, record["columns"]
    options = {"image": images.get("column"), "image_size": images.get("size")}
    return options | {name: columns[name] for name in ("text", "format") if name in columns}


def _unread(columns: dict[str, Any]) -> list[str]:
    """Return columns that say something of the rows of a run alone: noisy labels, and which are trusted."""
    return [*columns.get("noisy", ()), *_names(columns.get("trusted"))]


def _columns_of(columns: dict[str, Any], name: str) -> list[str]:
    names = list(columns.get(name) or ())
    return [] if names == ["votes"] and name == "reference" else names


def _names(names: Any) -> list[str]:
    return [names] if isinstance(names, str) else list(names or ())
