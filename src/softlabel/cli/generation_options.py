"""The options of ``refine`` for methods in which teachers label for students."""

from __future__ import annotations

from typing import Annotated

from softlabel.cli.options import option

TEACHING = "Teachers and students (--method label-refinery, ldl)"  # a panel of the help

Teacher = Annotated[
    list[str] | None,
    option(
        TEACHING,
        "Who labels: the folder of a run, an estimator's name (trained first), or folds (a model a fold labels the rows that it did "
        "not see); repeatable: the mean [default: nobody for the first generation; ldl: the student's kind].",
        "RUN|NAME|folds",
    ),
]
Student = Annotated[
    list[str] | None,
    option(TEACHING, "Who learns, in place of --estimator; given several times, one a generation.", "NAME"),
]
Generations = Annotated[
    str | None,
    option(TEACHING, "label-refinery: students, one after the other [default: 3]; more extend a run.", "N"),
]
Labels = Annotated[
    str | None,
    option(
        TEACHING,
        "label-refinery: soft_dynamic, hard_dynamic (each crop anew), soft_static, hard_static (the whole picture once), visual_category, "
        "taxonomy (a row a class) [default: soft_dynamic].",
        "WORD",
    ),
]
TeacherMode = Annotated[
    str | None,
    option(
        TEACHING,
        "Statistics of the teacher's batch normalisation: train (of the batch) or eval (learned) [default: train; ldl: eval].",
        "train|eval",
    ),
]
Loss = Annotated[
    str | None, option(TEACHING, "label-refinery: from labels to outputs: kl, reverse_kl, l2 [default: kl].", "WORD")
]
Adversarial = Annotated[
    str | None,
    option(TEACHING, "label-refinery: eta of adversarial jitter, in deviations of a pixel; the paper's is 1.", "ETA"),
]
Taxonomy = Annotated[
    str | None,
    option(TEACHING, "For --labels taxonomy: a file of child, parent; or wordnet.", "FILE|wordnet"),
]
TaxonomyTemperature = Annotated[
    str | None, option(TEACHING, "What its similarities are divided by [default: 0.1].", "T")
]
Mix = Annotated[
    str | None,
    option(
        TEACHING,
        "ldl: pictures are mixed before they are labelled: mixup, cutmix, ricap, randaugment, joined by +.",
        "WORDS",
    ),
]
Length = Annotated[
    str | None, option(TEACHING, "ldl: the student's epochs, in those of --epochs [default: 1].", "FACTOR")
]
Unlabelled = Annotated[
    str | None, option(TEACHING, "Further rows or pictures without labels, which teachers label.", "FILE|DIR")
]
