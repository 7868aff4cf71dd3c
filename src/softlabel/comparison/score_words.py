"""What tables and figures call each number, and which numbers a short table shows."""

from __future__ import annotations

from softlabel.targets.corrupt import NoisyColumn, parse_corruption
from softlabel.tasks.task import Kind

_SHORT = {
    "qwk": "QWK",
    "top5_accuracy": "top-5 accuracy",
    "nll": "NLL",
    "ece": "ECE",
    "classwise_ece": "classwise ECE",
    "adaptive_ece": "adaptive ECE",
    "aurc": "AURC",
    "mae": "MAE",
    "macro_mae": "macro MAE",
    "macro_f1": "macro F1",
    "micro_f1": "micro F1",
    "mean_ap": "mean AP",
    "mean_auc": "mean AUC",
    "brier": "Brier score",
    "posterior_tv": "TV to posterior",
    "share_corrected": "suggested right",
    "share_kept": "left alone",
    "n_fits": "fits",
}
# Where a line of a terminal has to hold all columns.
_SHORTEST = {
    "top5_accuracy": "top-5",
    "classwise_ece": "cw. ECE",
    "posterior_tv": "TV",
    "share_corrected": "sugg. right",
    "seconds": "s",
}
# How far two values of a score can lie apart. Others (NLL, MAE) have no such bound.
_WIDEST = {
    **dict.fromkeys(
        ("accuracy", "top5_accuracy", "balanced_accuracy", "macro_f1", "micro_f1", "mean_ap", "mean_auc"), 1.0
    ),
    **dict.fromkeys(("ece", "classwise_ece", "adaptive_ece", "aurc", "posterior_tv"), 1.0),
    **dict.fromkeys(("share_corrected", "share_kept"), 1.0),
    "qwk": 2.0,
    "brier": 2.0,
}
_BESIDE: dict[Kind, tuple[str, ...]] = {
    "distribution": ("top5_accuracy", "nll", "ece", "classwise_ece", "aurc"),
    "scalar": ("mae", "macro_mae", "accuracy"),
    "independent": ("mean_auc", "macro_f1", "nll", "classwise_ece"),
}


def heading(name: str) -> str:
    """Return what a column or an axis is called.

    Examples
    --------
    >>> heading("nll"), heading("balanced_accuracy")
    ('NLL', 'balanced accuracy')
    """
    return _SHORT.get(name, name.replace("_", " "))


def short_heading(name: str) -> str:
    """Return what a column of a terminal is called, where lines are short.

    Examples
    --------
    >>> short_heading("classwise_ece"), short_heading("nll")
    ('cw. ECE', 'NLL')
    """
    return _SHORTEST.get(name, heading(name))


def widest_difference(name: str) -> float | None:
    """Return how far two values of a score can lie apart; None where there is no such bound, or none is known.

    Examples
    --------
    >>> widest_difference("accuracy"), widest_difference("nll")
    (1.0, None)
    """
    return _WIDEST.get(name)


def beside_main(kind: Kind) -> tuple[str, ...]:
    """Return the scores that a short table shows beside the main one."""
    return _BESIDE[kind]


def labels_text(corruption: str, kind: Kind = "distribution") -> str:
    """Return what was done to the training labels. Where a row has an entry for each label, entries are made wrong.

    Examples
    --------
    >>> labels_text("none"), labels_text("symmetric:0.2")
    ('labels as given', '20% of labels made wrong (symmetric)')
    >>> labels_text("symmetric:0.2", "independent")
    '20% of entries made wrong (symmetric)'
    >>> labels_text("column:crowd")
    'labels of column crowd'
    """
    if corruption == "none":
        return "labels as given"
    known = parse_corruption(corruption)
    if isinstance(known, NoisyColumn):
        return f"labels of column {known.name}"
    return f"{100 * known.share:.3g}% of {'entries' if kind == 'independent' else 'labels'} made wrong ({known.kind})"


def number_text(value: float | None, digits: int = 3) -> str:
    """Return a number as tables show it; ``-`` where there is none.

    Examples
    --------
    >>> number_text(0.91234), number_text(None)
    ('0.912', '-')
    """
    return "-" if value is None else f"{value:.{digits}f}"


def amount_text(value: float | None) -> str:
    """Return a count or a time with three digits that tell; ``-`` where there is none.

    Examples
    --------
    >>> amount_text(16.0), amount_text(3.7), amount_text(12.34), amount_text(12345.6), amount_text(None)
    ('16', '3.70', '12.3', '12346', '-')
    """
    if value is None:
        return "-"
    if value == round(value) or abs(value) >= 100:
        return f"{value:.0f}"
    return f"{value:.{1 if abs(value) >= 10 else 2 if abs(value) >= 0.1 else 4}f}"
