"""The scores of several labels a row, where models may not know every label."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from softlabel.metrics.multilabel import (
    class_scores,
    classwise_ece,
    entry_nll,
    exact_match,
    macro_f1,
    mean_auc,
    mean_average_precision,
    micro_f1,
)

_WHOLE = {
    "mean_ap": mean_average_precision,
    "mean_auc": mean_auc,
    "macro_f1": macro_f1,
    "micro_f1": micro_f1,
    "accuracy": exact_match,
    "nll": entry_nll,
    "classwise_ece": classwise_ece,
}
_PER_LABEL = {
    "mean_ap": "average_precision",
    "mean_auc": "auc",
    "macro_f1": "f1",
    "nll": "nll",
    "classwise_ece": "ece",
}


def entry_scores(codes: ArrayLike, predictions: ArrayLike, sample_weight: ArrayLike | None = None) -> dict[str, float]:
    """Return mean average precision, mean AUC, F1 (macro and micro), accuracy, NLL and classwise ECE, in this order.

    Parameters
    ----------
    codes : (n, k) of 0 and 1
    predictions : (n, k) from 0 to 1
        NaN for entries that no model knows: they are no "absent", and are left out of every score. Each label is then scored
        on the rows where it is known, and a row is right where all that is known of it is.
    sample_weight : (n,) or None

    Returns
    -------
    dict
        A score that is not defined is left out: AUC needs a label that some rows have and others have not.
    """
    known = ~np.isnan(np.asarray(predictions, dtype=np.float64))  # (n, k)
    if known.all():
        found = {name: score(codes, predictions, sample_weight) for name, score in _WHOLE.items()}
    else:
        found = _of_known(np.asarray(codes), np.asarray(predictions), known, sample_weight)
    return {name: found[name] for name in _WHOLE if not np.isnan(found[name])}


def _of_known(
    codes: NDArray, predictions: NDArray, known: NDArray[np.bool_], sample_weight: ArrayLike | None
) -> dict[str, float]:
    weight = np.ones(len(codes)) if sample_weight is None else np.asarray(sample_weight, dtype=np.float64)  # (n,)
    scored, masses = list[dict[str, float]](), list[float]()
    for label, rows in enumerate(known.T):  # rows: (n,) bool
        if not weight[rows].any():
            continue
        one = class_scores(codes[rows, label, None], predictions[rows, label, None], weight[rows])
        scored.append({name: float(one[key][0]) for name, key in _PER_LABEL.items()})
        masses.append(float(weight[rows].sum()))
    if not scored:
        return dict.fromkeys(_WHOLE, np.nan)
    found = {name: _mean([one[name] for one in scored]) for name in _PER_LABEL}
    found["nll"] = float(np.average([one["nll"] for one in scored], weights=masses))  # every known entry counts alike
    # An entry that is neither given nor said touches no F1, and one that is said as it is given spoils no row.
    found["micro_f1"] = micro_f1(np.where(known, codes, 0), np.where(known, predictions, 0.0), sample_weight)
    found["accuracy"] = exact_match(codes, np.where(known, predictions, codes), sample_weight)
    return found


def _mean(values: list[float]) -> float:
    defined = [value for value in values if not np.isnan(value)]
    return float(np.mean(defined)) if defined else float("nan")
