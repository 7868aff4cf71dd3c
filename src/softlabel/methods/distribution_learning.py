"""Label distribution learning: a teacher labels augmented and mixed images; what it says of the mixture is the label."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from softlabel.errors import InputError
from softlabel.learners.augmentation.recipes import parse
from softlabel.learners.contract import Learner
from softlabel.learners.torch_learner import TorchLearner
from softlabel.methods.generation_method import TaughtByTeachers
from softlabel.methods.options import check_positive
from softlabel.methods.plain import trained_for
from softlabel.methods.taught_student import Teaching
from softlabel.tasks import Kind

MIXING = ("mixup", "cutmix", "ricap")
MIXES = (*MIXING, "randaugment")


class LabelDistributionLearning(TaughtByTeachers):
    """Train a student on the distributions that a teacher answers to the very examples that the student sees.

    ``q = mean_t softmax(teacher_t(x'))`` at temperature 1, without the given label; the loss is the cross entropy to q. Offline
    (``mix=None``) x' is a picture cropped and mirrored as ever. Online two pictures or more are mixed first, or recoloured (mixup,
    CutMix, RICAP, RandAugment), and the teacher labels *the mixed picture*: the mixture of hard labels is thrown away.

    Parameters
    ----------
    estimator : estimator or None
        The student, a ``TorchClassifier`` or its like for pictures; tables have no augmentation, and are labelled once.
    teacher : estimator, list of estimators, "folds", CropStore, StoredCrops, or None
        None: another training of the student's estimator on the given labels, without mixing. One that is fitted is asked as it is, another
        is trained first; of several the mean of their probabilities is taken. "folds": a model a fold, and each row is
        labelled by the one that did not train on it (ours); pictures are then mixed with others of their own fold.
    mix : str or None
        Words joined by ``+``: mixup, cutmix, ricap, randaugment, each with its number (``cutmix:1``); added to the estimator's ``augment``.
    length : float, default=1.0
        The student's epochs, in those of its estimator: the long training of the paper's "online+".
    teacher_mode : {"eval", "train"}, default="eval"
        Whether the teacher's batch normalisation takes statistics that it learned, or those of the batch.
    cv : int, splitter or iterable, default=5
        The folds of teacher="folds".
    task : {"multiclass", "ordinal", "multilabel"}, Task or None
        What a label is, as for ``StochasticLabelRefinery``.
    threads : int, default=1
        Threads of one fit. They change the last bits of sums: part of the configuration.
    n_jobs : int, "auto" or None
        Processes for the models of folds; they change nothing but the time.
    random_state : int, generator or None
        Each fit has its own seed made from this.

    Attributes
    ----------
    classes_, task_, label_distributions_, transduction_, suggested_labels_, label_quality_, history_, generations_, teachers_
        As those of ``LabelRefinery``; where the teacher was trained here it is the first of two generations.
    epochs_ : list of dict
        One entry an epoch of the student, where it is a network: its losses.
    estimator_, estimators_ : fitted learner, and a list that holds it
        The student.
    random_state_ : int
        The seed behind all seeds.
    n_features_in_, feature_names_in_
        As the student has them.

    Raises
    ------
    InputError
        For input that cannot be used, a teacher with other classes or for other rows (a ``ValueError``).
    FitError
        If an estimator fails (a ``ValueError``).

    Notes
    -----
    The abstract alone is at hand; definitions are inferred from a repository that appears to be the authors'. See
    docs/methods/label-distribution-learning.md.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from softlabel import LabelDistributionLearning, TorchClassifier
    >>> X, y = load_digits(return_X_y=True)
    >>> pictures = (X[:400].reshape(-1, 8, 8) * 15).astype("uint8")
    >>> network = TorchClassifier("small_cnn", epochs=3, batch_size=64, device="cpu")
    >>> student = LabelDistributionLearning(network, mix="cutmix", random_state=0).fit(pictures, y[:400])
    >>> student.label_distributions_.shape, len(student.teachers_)
    ((400, 10), 1)
    """

    def __init__(
        self,
        estimator: Any = None,
        teacher: Any = None,
        *,
        mix: str | None = None,
        length: float = 1.0,
        teacher_mode: str = "eval",
        cv: Any = 5,
        task: Any = None,
        threads: int = 1,
        n_jobs: int | str | None = None,
        random_state: Any = None,
    ) -> None:
        self.estimator = estimator
        self.teacher = teacher
        self.mix = mix
        self.length = length
        self.teacher_mode = teacher_mode
        self.cv = cv
        self.task = task
        self.threads = threads
        self.n_jobs = n_jobs
        self.random_state = random_state

    def _teaching(self, kind: Kind, learners: Sequence[Learner], pictures: bool | None) -> Teaching:
        settings = {}
        if self.mix not in (None, "none"):
            settings["augment"] = mixed_recipe(self.mix, learners[0], pictures)
        return Teaching("soft_dynamic", self.teacher_mode, settings=settings)

    def _students(self, learners: Sequence[Learner]) -> Sequence[Learner]:
        length = check_positive(
            "length", self.length, "the student's epochs in those of its estimator, a number above 0"
        )
        student = learners[0]
        longer = student if length == 1 else trained_for(student, length)
        return [longer] if self._has_teachers else [student, longer]


def mixed_recipe(mix: Any, student: Learner, pictures: bool | None = None) -> str:
    """Return the augmentation of the student: that of its estimator, and the words of ``mix``.

    Parameters
    ----------
    mix : str
    student : Learner
        A network itself: in a pipeline it would see mixed pictures, and a teacher would not.
    pictures : bool or None
        Whether rows are pictures; None where that is not known yet.

    Raises
    ------
    InputError
        For unknown words, rows that are no pictures, or an estimator whose augmentation mixes already or is a function.
    """
    if not isinstance(mix, str):
        raise InputError(f"mix={mix!r}; give words joined by +: {', '.join(MIXES)}, or None")
    if unknown := [word for word in _words(mix) if word not in MIXES]:
        raise InputError(
            f"mix={mix!r} has {', '.join(map(repr, unknown))}; give words joined by +: {', '.join(MIXES)}, or None"
        )
    if not isinstance(student, TorchLearner) or pictures is False:
        raise InputError(
            f"mix={mix!r} mixes pictures on their way into a network; give pictures and a TorchClassifier, or leave it out"
        )
    own = student.augment
    if callable(own):
        raise InputError(
            f"mix={mix!r} is added to an augmentation of words, and the estimator's is a function; give words joined by +"
        )
    recipe = {"auto": "crop", None: "", "none": ""}.get(own, own)
    if mixes := [word for word in _words(recipe) if word in MIXING]:
        raise InputError(
            f"mix={mix!r} is for the student alone, and augment={own!r} of the estimator mixes already; leave {', '.join(mixes)} out there"
        )
    joined = "+".join(part for part in (recipe, mix) if part)
    parse(joined, (32, 32))  # words that are named twice, or exclude each other
    return joined


def _words(recipe: str) -> list[str]:
    return [part.strip().partition(":")[0] for part in recipe.split("+")]
