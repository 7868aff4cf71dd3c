"""The options of ``refine`` that say how the models of the folds, the teachers, are trained."""

from __future__ import annotations

from typing import Annotated

from softlabel.cli.options import METHOD, option

TeacherBudget = Annotated[
    str | None,
    option(
        METHOD,
        "Share of the final fit's epochs, trees or iterations that fold models train for [default: 1; --final-targets auto tries .3 for "
        "networks and boosting].",
        "SHARE",
    ),
]
FixedFolds = Annotated[
    bool | None,
    option(METHOD, "Keep the folds of the first round in all rounds.", None, ("--fixed-folds/--no-fixed-folds",)),
]
WarmStart = Annotated[
    bool | None,
    option(
        METHOD,
        "Fold models go on with their training from round to round, with --fixed-folds; networks and boosting can.",
        None,
        ("--warm-start/--no-warm-start",),
    ),
]
