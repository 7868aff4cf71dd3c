"""What ``info --noise`` says: how many labels are wrong, and which become which."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from softlabel.cli.wording import share_text
from softlabel.methods.wrong_labels import LabelIssues
from softlabel.run.label_issues import find_label_issues

if TYPE_CHECKING:
    from softlabel.run.finished import Run

_SHOWN = 5
_PRECISIONS = (0.95, 0.9, 0.75)


class Noise(NamedTuple):
    """How many labels are wrong, as far as labels and predictions can tell."""

    issues: LabelIssues
    least: float  # expected number of wrong labels where ambiguous rows have right ones (ambiguity 0)
    most: float  # where they have wrong ones (ambiguity 1)
    as_numbers: bool = False  # grades, whose chances are made of distances


def noise_of(run: Run) -> Noise:
    """Estimate the noise of a finished run by half of either reading of ambiguous rows, and by each alone."""
    least, most = (find_label_issues(run, ambiguity=end).expected_wrong for end in (0.0, 1.0))
    return Noise(find_label_issues(run), least, most, as_numbers=run.task.kind == "scalar")


def noise_record(noise: Noise) -> dict[str, Any]:
    """Return the estimate as plain values; entries of a matrix that nobody judged are None."""
    issues = noise.issues
    return {
        "expected_wrong": issues.expected_wrong,
        "expected_wrong_range": [noise.least, noise.most],
        "noise_rate": issues.noise_rate,
        "n_issues": int(issues.is_issue.sum()),
        "noise_matrix": _known(issues.noise_matrix.tolist()),
        "thresholds": [
            {"wanted": precision, "threshold": found.threshold if found.n_rows else None, "n_rows": found.n_rows}
            for precision in _PRECISIONS
            for found in [issues.threshold_for(precision)]
        ],
    }


def _known(values: Any) -> Any:
    """Return nested lists of numbers with None for NaN, which JSON does not have."""
    if isinstance(values, list):
        return [_known(value) for value in values]
    return None if np.isnan(values) else values


def noise_lines(noise: Noise) -> list[str]:
    """Return lines for people."""
    issues = noise.issues
    n, least, most = len(issues.is_issue), round(noise.least), round(noise.most)
    lines = [
        f"estimated: {issues.expected_wrong:.0f} of {n} rows have a wrong label ({share_text(issues.noise_rate)} of those that a model "
        "judged and nobody vouched for)"
    ]
    if least != most:
        lines.append(
            f"           between {least}, if whoever labelled knew more than the features show where models are unsure, and {most}, if not"
        )
    if least == 0 < most:
        lines.append("           no noise by class was found: these rows have wrong labels, or are hard to tell apart")
    if noise.as_numbers:
        lines.append("           rough, as grades are numbers here: one spread stands for the errors of all rows")
    found = [(precision, issues.threshold_for(precision).n_rows) for precision in _PRECISIONS]
    lines.append("rows to look at: " + ", ".join(f"{rows} at a precision of {share:g}" for share, rows in found))
    often = _most_frequent(issues)
    if often:
        lines.append("wrong most often (true -> given): " + ", ".join(often))
    return lines


def _most_frequent(issues: LabelIssues) -> list[str]:
    """Return the largest shares of a class that are given as another, rarest ones left out."""
    T, names = issues.noise_matrix, [str(name) for name in issues.classes]
    if T.ndim == 3:  # several labels: each is missed, or given where it is not
        shares = [(T[j, 1, 0], f"{name} -> no {name}") for j, name in enumerate(names)]
        shares += [(T[j, 0, 1], f"no {name} -> {name}") for j, name in enumerate(names)]
    else:
        shares = [(T[c, j], f"{names[c]} -> {names[j]}") for c in range(len(T)) for j in range(len(T)) if c != j]
    worst = sorted((one for one in shares if one[0] >= 0.01), key=lambda one: -one[0])[:_SHOWN]
    return [f"{text} {share_text(float(share))}" for share, text in worst]
