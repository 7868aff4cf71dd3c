"""What the command line calls things, which differs by the kind of label."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from softlabel.tasks import Task


@dataclass(frozen=True)
class Words:
    """The words for one kind of label."""

    score: str  # the name of the main score in the entries of rounds
    short: str  # what heads a column of it
    long: str  # what that stands for
    classes: str  # what the columns of a target are, where they are many
    labels: str  # what moves
    wrong: str  # what was made wrong on purpose


_WORDS = {
    "multiclass": Words("accuracy", "acc.", "accuracy", "classes", "labels", "labels"),
    "ordinal": Words("qwk", "QWK", "quadratic weighted kappa", "grades", "labels", "labels"),
    "multilabel": Words("mean_ap", "mAP", "mean average precision", "labels", "rows", "entries"),
}


def words_for(task: Task | dict[str, Any] | None) -> Words:
    """Return the words for a task, or for the record of one; runs of earlier versions have none and are multiclass."""
    name = (task or {}).get("name", "multiclass") if task is None or isinstance(task, dict) else task.name
    return _WORDS[name]


def classes_text(task: Task, rows_a_class: dict[str, int], n_rows: int) -> str:
    """Return "3 classes of 10 to 50 rows", "5 grades of 20 rows, as numbers", "6 labels, 1.4 a row on average"."""
    words, sizes = words_for(task), rows_a_class.values()
    if task.name == "multilabel":
        return f"{len(sizes)} {words.classes}, {sum(sizes) / n_rows:.1f} a row on average"
    rarest, commonest = min(sizes), max(sizes)
    text = f"{len(sizes)} {words.classes} of {rarest if rarest == commonest else f'{rarest} to {commonest}'} rows"
    if task.name != "ordinal":
        return text
    return f"{text}, as {'numbers' if task.kind == 'scalar' else 'distributions'}"
