"""What a learner's ``labeler`` is, and whether it suits its target rows and its loss; torch is not needed for it."""

from __future__ import annotations

from typing import Any, Literal

from softlabel.errors import InputError
from softlabel.learners.target_kinds import ROWS

Beside = Literal["trust", "teacher"]  # what may stand beside a target row: a weight (b, 1), or a teacher's row (b, m)


def check_labeler(labeler: Any, kind: str) -> None:
    """Refuse what makes no labeler for this kind of target rows.

    Raises
    ------
    InputError
    """
    if labeler is None:
        return
    begins = any(callable(getattr(labeler, name, None)) for name in ("begin", "begin_on", "begin_batches"))
    if isinstance(labeler, type) or not begins:
        raise InputError(
            f"labeler={labeler!r}; give OnlineSmoothing(), SelfAdaptive(), Progressive(), TeacherBeside(rows), "
            "TeacherLabels(teachers), StoredCrops(store), an object with begin(targets, rows, epochs, kind), or None"
        )
    own = getattr(labeler, "kinds", (kind,))
    if kind not in own:
        raise InputError(
            f"labeler={labeler!r} is for {' or '.join(ROWS[one] for one in own)}, and the targets here are {ROWS[kind]}; "
            "give SelfAdaptive() or Progressive()"
        )
    if hasattr(labeler, "check"):
        labeler.check()


def check_pair(labeler: Any, loss: Any) -> None:
    """Refuse a loss that reads beside the target rows what the labeler does not hand out, or the other way round.

    A callable reads what it likes.
    """
    handed, read = getattr(labeler, "beside", None), getattr(loss, "beside", None)
    if handed == read or callable(loss):
        return
    if handed is not None:
        wanted = {"trust": f"TrustWeighted({'' if loss is None else repr(loss)})", "teacher": "DistillationLoss()"}
        raise InputError(
            f"labeler={labeler!r} hands out what stands beside each target row, its {handed}; "
            f"give loss={wanted.get(handed, 'one that reads it')}, not {loss!r}"
        )
    givers = {"trust": "SelfAdaptive()", "teacher": "TeacherBeside(rows)"}
    raise InputError(
        f"loss={loss!r} reads what stands beside each target row, its {read}; "
        f"give labeler={givers.get(str(read), 'one that hands it out')}, not {labeler!r}"
    )
