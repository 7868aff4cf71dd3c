"""How the teachers of a refinement are trained: how long, on which folds, and whether they go on from round to round."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from softlabel.data.folds import stays_fixed
from softlabel.errors import InputError
from softlabel.learners.budget import check_budget
from softlabel.learners.continued import can_continue, carried
from softlabel.learners.contract import Learner


def check_teachers(
    learners: Sequence[Learner],
    cv: Any,
    *,
    teacher_budget: Any = None,
    fixed_folds: Any = False,
    warm_start: Any = False,
) -> dict[str, Any]:
    """Return the three options as ``Settings`` takes them.

    Parameters
    ----------
    learners : sequence of Learner
        The members; each must be able to go on, where ``warm_start`` asks for it, and one must have a length of training, where
        ``teacher_budget`` shortens it.
    cv : int, splitter or list of pairs
        As ``check_cv`` returns it.
    teacher_budget, fixed_folds, warm_start
        As for ``StochasticLabelRefinery``.

    Raises
    ------
    InputError
        For a value that none of them takes, a warm start on folds that are drawn anew, and learners that cannot do what is asked.
    """
    fixed = check_switch("fixed_folds", fixed_folds)
    if check_switch("warm_start", warm_start):
        if not fixed and not stays_fixed(cv):
            raise InputError(
                "warm_start=True goes on with the model of each fold, and with new folds in each round it would label rows that it was "
                "trained on; give fixed_folds=True, or a splitter with a seed of its own"
            )
        if unable := [type(carried(one)).__name__ for one in learners if not can_continue(one)]:
            raise InputError(
                f"warm_start=True trains on from round to round, and {', '.join(unable)} cannot go on with its training (networks and "
                "boosting can); leave it out"
            )
    return {
        "teacher_budget": check_budget(teacher_budget, learners),
        "fixed_folds": fixed,
        "warm_start": warm_start,
    }


def check_switch(name: str, value: Any) -> bool:
    """Return a value that is True or False; raise ``InputError`` for any other."""
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    raise InputError(f"{name}={value!r}; give True or False")
