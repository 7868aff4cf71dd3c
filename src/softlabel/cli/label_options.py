"""The options of ``refine`` and ``compare`` that say what a label is, and where it stands."""

from __future__ import annotations

from typing import Annotated

from softlabel.cli.options import DATA, METHOD, option

Label = Annotated[
    list[str] | None,
    option(DATA, "Column of the given labels; given several times, a column of 0 and 1 for each class.", "COL"),
]
Separator = Annotated[
    str | None,
    option(DATA, "Stands between the labels of a cell, with --task multilabel [default: the first of | ; ,].", "TEXT"),
]
Votes = Annotated[
    list[str] | None,
    option(
        DATA,
        "Column that counts the votes for a class, given once a class; or a file with the columns id, annotator, label. They "
        "are the first targets.",
        "COL|FILE",
    ),
]
VotesAs = Annotated[
    str | None,
    option(
        DATA,
        "Votes become shares, or what a model of the annotators makes of them: share, dawid-skene [default: share].",
        "HOW",
    ),
]
Reference = Annotated[
    list[str] | None,
    option(
        DATA,
        "Column of a class in the true distribution, given once a class, or votes; it is only scored.",
        "COL|votes",
    ),
]
Trusted = Annotated[
    str | None,
    option(
        DATA,
        "Column of yes and no that says which labels are known to be right, or a file of the ids of such rows; its labels, where it has "
        "some, replace the given ones.",
        "COL|FILE",
    ),
]
Text = Annotated[str | None, option(DATA, "Column of texts; their words are then the features.", "COL")]
Format = Annotated[
    str | None,
    option(DATA, "SOURCE is a sheet of pictures as a challenge has it: deepdrid, plant-pathology.", "FORM"),
]
Task = Annotated[
    str | None,
    option(
        METHOD,
        "multiclass: one class of several; ordinal: grades with an order; multilabel: any number of labels a row "
        "[default: multiclass].",
        "TASK",
    ),
]
View = Annotated[
    str | None,
    option(
        METHOD,
        "Of grades. scalar: numbers, for regressors; distribution: one over the grades, for classifiers [default: scalar].",
        "VIEW",
    ),
]
Grades = Annotated[
    str | None,
    option(
        METHOD,
        "All grades from the lowest to the highest, joined by commas [default: the numbers there are].",
        "A,B,...",
    ),
]
Start = Annotated[
    str | None,
    option(
        METHOD,
        "First distribution of a grade: one_hot, or unimodal[:SPREAD], a bump around it [default: one_hot].",
        "START",
    ),
]
Thresholds = Annotated[
    str | None,
    option(
        METHOD,
        "Where numbers become grades. midpoints: halfway; fitted: on out-of-fold predictions [default: midpoints].",
        "WHERE",
    ),
]
