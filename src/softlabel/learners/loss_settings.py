"""Which losses a learner may be given, for each kind of target rows; torch is not needed for it."""

from __future__ import annotations

from typing import Any

from softlabel.errors import InputError

# What a learner of each kind of target rows may name as its loss; the first is taken where none is given.
LOSS_NAMES = {
    "distribution": ("cross_entropy", "kl", "reverse_kl", "l2", "emd", "focal"),
    "independent": ("bce", "focal"),
    "scalar": ("smooth_l1", "squared_error"),
}
_LEARNERS = {
    "distribution": "TorchClassifier",
    "independent": "TorchMultilabelClassifier",
    "scalar": "TorchRegressor",
}


def is_one_number(loss: Any) -> bool:
    """Return whether a loss tells one number for a batch, so that nothing can be chosen by the loss of each row."""
    return callable(loss) or callable(getattr(loss, "loss", None))


def check_loss(loss: Any, kind: str) -> None:
    """Refuse what is no loss for this kind of target rows.

    Raises
    ------
    InputError
        Says which there are, and for which learner a loss of that name is.
    """
    names = LOSS_NAMES[kind]
    if isinstance(loss, type) and hasattr(loss, "check"):
        raise InputError(f"loss is the class {loss.__name__}; give {loss.__name__}() with its settings")
    if callable(loss) or loss is None or (isinstance(loss, str) and loss in names):
        return
    if hasattr(loss, "rows") or hasattr(loss, "make"):
        own = getattr(loss, "kinds", (kind,))
        if kind not in own:
            raise InputError(
                f"loss={loss!r} is for {_named(own)}; give one of {', '.join(names)}, or a callable of (output, targets, weight)"
            )
        if hasattr(loss, "check"):
            loss.check(kind)
        return
    others = [other for other, known in LOSS_NAMES.items() if loss in known]
    hint = f" ({loss} is for {_named(others)})" if others else ""
    raise InputError(f"loss={loss!r}; give one of {', '.join(names)}, or a callable of (output, targets, weight){hint}")


def _named(kinds: Any) -> str:
    return " and ".join(_LEARNERS[kind] for kind in kinds)
