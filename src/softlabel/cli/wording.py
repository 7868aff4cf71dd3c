"""Numbers as the command line writes them, in progress and summary alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def count(number: int, noun: str) -> str:
    """Return "1 round", "2 rounds"."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def counted(number: int, plural: str) -> str:
    """Return "1 label", "2 labels", "1 entry", from the plural."""
    singular = plural[:-3] + "y" if plural.endswith("ies") else plural.removesuffix("s")
    return f"{number} {singular if number == 1 else plural}"


def distance_text(entry: dict[str, Any]) -> str:
    """Return how far the targets of a round are from the reference, after what else is told; "" where there is none."""
    for name in ("kl", "mae"):  # of distributions, of numbers and entries
        if f"reference_{name}" in entry:
            return f"; {name.upper()} to the reference {score_text(entry, f'reference_{name}')}"
    return ""


def rows_text(
    n_rows: int,
    n_columns: int | None,
    image_shape: Sequence[int] | None,
    *,
    texts: bool = False,
    what: str = "features",
) -> str:
    """Return "150 rows, 4 features", "500 texts, 812 features", or "400 images of 32 x 48, 3 colours" (width first).

    Columns of rows are called ``what`` they are.
    """
    if image_shape is not None:
        height, width, channels = image_shape
        return f"{count(n_rows, 'image')} of {width} x {height}, {count(channels, 'colour')}"
    if texts:
        return count(n_rows, "text") + (f", {n_columns} features" if n_columns else "")
    return f"{count(n_rows, 'row')}, {counted(n_columns, what) if n_columns else 'features of any kind'}"


def score_text(entry: dict[str, Any], name: str) -> str:
    """Return a score of a round as text; "-" where no row could be scored."""
    value = entry.get(name)
    return "-" if value is None else f"{value:.3f}"


def share_text(value: float | None) -> str:
    """Return a share as a percentage; "-" where there is none."""
    return "-" if value is None else f"{100 * value:.1f}%"


def time_text(seconds: float) -> str:
    """Return a length of time: "89 s", "12 min", "1.5 h"."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"


def choice_line(choice: dict[str, Any]) -> str:
    """Say what "auto" chose, why, and what that is expected to bring."""
    found = {one["name"]: one for one in choice["candidates"]}[choice["name"]]
    gain = (
        ""
        if choice["name"] == "given"
        else (f"; expected on right labels: {found['expected']:+.3f} +- {found['expected_error']:.3f}")
    )
    temperature = choice.get("temperature", 1.0)  # which runs of earlier versions lack
    softer = (
        ""
        if temperature < 1.05
        else f"; its models are too sure: probabilities are softened by a temperature of {temperature:.1f}"
    )
    what = "the given labels; " if choice["name"] == "given" else ""
    return f"choice: {what}{choice['reason']} ({choice['n_scored']:,} {'row' if choice['n_scored'] == 1 else 'rows'} scored{gain}{softer})"
