"""Which loss a training takes: by its name, as a maker with settings of its own, or a callable."""

from __future__ import annotations

from typing import Any

from softlabel.errors import InputError
from softlabel.learners.loss_settings import LOSS_NAMES
from softlabel.learners.training.focal_losses import BinaryFocalRows, FocalRows
from softlabel.learners.training.losses import (
    HardestLoss,
    MeanLoss,
    RowLosses,
    binary_cross_entropy,
    cross_entropy,
    kl_divergence,
    reverse_kl,
    smooth_l1,
    squared_emd,
    squared_error,
    squared_gap,
)

_GAMMA = 2.0  # of the focal loss, where it is asked for by name: the paper's
_LOSSES: dict[str, dict[str, RowLosses]] = {
    "distribution": {
        "cross_entropy": cross_entropy,
        "kl": kl_divergence,
        "reverse_kl": reverse_kl,
        "l2": squared_gap,
        "emd": squared_emd,
        "focal": FocalRows(_GAMMA),
    },
    "independent": {"bce": binary_cross_entropy, "focal": BinaryFocalRows(_GAMMA)},
    "scalar": {"smooth_l1": smooth_l1, "squared_error": squared_error},
}


def row_losses(loss: Any, kind: str) -> RowLosses:
    """Return the loss of each row by a name, None for the first of the kind, or of a maker that has one for ``rows``."""
    if hasattr(loss, "rows"):
        own: RowLosses = loss.rows(kind)
        return own
    names = LOSS_NAMES[kind]
    chosen = names[0] if loss is None else loss
    if not isinstance(chosen, str) or chosen not in names:
        raise InputError(f"loss={loss!r}; give one of {', '.join(names)}, or a callable of (output, targets, weight)")
    return _LOSSES[kind][chosen]


def make_loss(loss: Any, kind: str, hardest: float | None = None) -> Any:
    """Return the loss of a batch.

    Parameters
    ----------
    loss : str, maker, callable or None
        None is the first that the kind names. A callable gets outputs (b, m), target rows (b, m) and row weights (b,) or None. A maker
        returns the loss of ``rows(kind)``, or ``make(kind, hardest)`` makes all of it.
    kind : str
        Of the target rows.
    hardest : float or None
        The share of each batch that counts; None and 1 are all of it.
    """
    if callable(loss):
        return loss
    if hasattr(loss, "make"):
        return loss.make(kind, hardest)
    rows = row_losses(loss, kind)
    return MeanLoss(rows) if hardest in (None, 1) else HardestLoss(rows, float(hardest))
