"""Label Refinery: each generation is trained on the labels that its predecessor gives to every augmented crop."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from softlabel.errors import InputError
from softlabel.learners.contract import Learner
from softlabel.methods.generation_method import FOLDS, TaughtByTeachers, one_each
from softlabel.methods.options import check_choice, check_positive
from softlabel.methods.self_training import check_generations
from softlabel.methods.suitability import trained_network
from softlabel.methods.taught_student import LABELS, Teaching
from softlabel.targets.taxonomy import Taxonomy, similarity_rows
from softlabel.tasks import Kind

LOSSES = ("kl", "reverse_kl", "l2")
_GENERATIONS = 3


class LabelRefinery(TaughtByTeachers):
    """Train generation after generation, each on the labels that its predecessor gives to the same augmented crop.

    Generation 1 is trained on the given labels. Generation g sees a crop f(x) and learns ``q = p_{g-1}(f(x))``, what generation g - 1
    answers to that very crop at temperature 1: the loss is ``KL(q || p_g(f(x)))``, whose entropy of q is a constant, so cross entropy.
    The given labels are not looked at again. Rows that no augmentation changes (tables, texts) have one label each, and are labelled
    once: there it is self-training.

    Parameters
    ----------
    estimator : estimator, list of estimators, or None
        The student; a list is one a generation, the last of which answers (cross-architecture refinement). Pictures need a
        ``TorchClassifier`` or its like; its ``augment`` says how they are cropped. None takes the default, for tables.
    teacher : estimator, list of estimators, "folds", CropStore, StoredCrops, or None
        Who labels for the first generation. One that is fitted is asked as it is, another is trained on the given labels first; of several
        the mean answer is taken. None: nobody does. "folds": every generation but the last is one model a fold, and a
        row's crops are labelled by the model that did not train on it (ours: cross-fitted dynamic labels).
    n_generations : int or None
        Students that are trained one after the other; the last is the one that answers. None is 3, or as many as there are estimators.
        1 without a teacher is the plain method, to the byte.
    labels : str, default="soft_dynamic"
        - "soft_dynamic": the teacher's answer to each crop; "hard_dynamic": the one-hot row of its largest entry
        - "soft_static", "hard_static": its answer to the whole picture (the paper's centre crop), once
        - "visual_category": the mean of its answers over the rows of a class, one row a class; asked by learned statistics, as in the paper
        - "taxonomy": softmax(s / temperature) of the Wu-Palmer similarities s of a class to all; no teacher takes part
    teacher_mode : {"train", "eval"}, default="train"
        Whether the teacher's batch normalisation takes the statistics of the batch, as the paper has it, or those that it learned. The
        teacher itself does not change.
    loss : {"kl", "reverse_kl", "l2"} or None
        From the labels q to the outputs p: KL(q || p), KL(p || q), or sum (p - q)^2. None is what the estimator has, cross entropy
        by default, which is KL(q || p) but for a constant.
    adversarial : float or None
        eta of adversarial jitter: the last generation is trained once more from its own weights, each batch doubled by examples
        ``x + eta dKL/dx``, one step towards where teacher and student disagree. x has mean 0 and deviation 1; the paper's eta is 1.
    taxonomy : Taxonomy, dict, pairs, (k, k) array of floats, or None
        For labels="taxonomy": the parent of each class and inner node, as {child: parent} or (child, parent) pairs; or similarities,
        in the order of the classes.
    taxonomy_temperature : float, default=0.1
        What similarities are divided by. The paper does not say how they become labels: ours.
    cv : int, splitter or iterable, default=5
        The folds of teacher="folds"; each generation is split anew, but by a splitter with a seed of its own.
    task : {"multiclass", "ordinal", "multilabel"}, Task or None
        What a label is, as for ``StochasticLabelRefinery``. Of grades as numbers the teacher's number takes the label's place.
    threads : int, default=1
        Threads of one fit. They change the last bits of sums: part of the configuration.
    n_jobs : int, "auto" or None
        Processes for the models of folds; they change nothing but the time.
    random_state : int, generator or None
        Each fit has its own seed made from this.

    Attributes
    ----------
    classes_ : (k,)
        Labels in sorted order, the order of all columns.
    task_ : Task
        What a label is.
    label_distributions_ : (n, m) float32
        The labels that the last generation learned, of rows as they are stored; those of crops differ from crop to crop.
    transduction_, suggested_labels_ : (n,) or (n, k)
        The label that each of these speaks for.
    label_quality_ : (n,) float
        How well these agree with the given labels, 0 to 1.
    history_ : list of dict
        One entry a generation: ``generation``, ``moved`` (rows of which it does not predict the given label), ``newly_moved``, ``change``
        (between what it learned and what it says), ``entropy`` of its answers in nats, and ``in_sample_*``, with folds ``oof_*``, scores
        of its answers against the given labels; ``reference_*`` where true distributions are known.
    generations_ : list of Generation
        The models of each generation (``teachers.models``), what they say of the rows (``answers``, (n, m)) and what they learned.
    teachers_ : list of fitted learners
        Who labelled for the last generation.
    epochs_ : list of dict
        One entry an epoch of the last student, where it is a network: its losses.
    estimator_, estimators_ : fitted learner, and a list that holds it
        The last generation.
    random_state_ : int
        The seed behind all seeds.
    n_features_in_, feature_names_in_
        As the last generation has them.

    Raises
    ------
    InputError
        For input that cannot be used, a teacher with other classes or for other rows (a ``ValueError``).
    FitError
        If an estimator fails; it names generation and fold (a ``ValueError``).

    References
    ----------
    Bagherinezhad, Horton, Rastegari and Farhadi, Label Refinery: Improving ImageNet Classification through Label Progression, 2018:
    section 3 (generations, equations 1 and 2), 3.1 (jitter, equation 3), 4.1 (the other labels and losses).

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from softlabel import LabelRefinery, TorchClassifier
    >>> X, y = load_digits(return_X_y=True)
    >>> pictures = (X[:400].reshape(-1, 8, 8) * 15).astype("uint8")
    >>> network = TorchClassifier("small_cnn", epochs=3, batch_size=64, augment="resized_crop:0.4", device="cpu")
    >>> refinery = LabelRefinery(network, n_generations=2, random_state=0).fit(pictures, y[:400])
    >>> refinery.label_distributions_.shape, len(refinery.history_)
    ((400, 10), 2)
    """

    one_student: ClassVar[bool] = False

    def __init__(
        self,
        estimator: Any = None,
        teacher: Any = None,
        *,
        n_generations: int | None = None,
        labels: str = "soft_dynamic",
        teacher_mode: str = "train",
        loss: str | None = None,
        adversarial: float | None = None,
        taxonomy: Any = None,
        taxonomy_temperature: float = 0.1,
        cv: Any = 5,
        task: Any = None,
        threads: int = 1,
        n_jobs: int | str | None = None,
        random_state: Any = None,
    ) -> None:
        self.estimator = estimator
        self.teacher = teacher
        self.n_generations = n_generations
        self.labels = labels
        self.teacher_mode = teacher_mode
        self.loss = loss
        self.adversarial = adversarial
        self.taxonomy = taxonomy
        self.taxonomy_temperature = taxonomy_temperature
        self.cv = cv
        self.task = task
        self.threads = threads
        self.n_jobs = n_jobs
        self.random_state = random_state

    def _teaching(self, kind: Kind, learners: Sequence[Learner], pictures: bool | None) -> Teaching:
        check_choice("labels", self.labels, LABELS)
        if self.loss is not None:
            check_choice("loss", self.loss, LOSSES)
        if kind != "distribution":
            self._refuse_for_classes_only()
        eta = self.adversarial
        if eta is not None:
            eta = check_positive("adversarial", eta, "eta, a number above 0 (the paper's is 1), or None for no jitter")
        if self.labels == "taxonomy" and (self.teacher is not None or eta is not None):
            raise InputError(
                "labels='taxonomy' has no teacher, whom teacher and adversarial are about; leave them out, or give other labels"
            )
        if eta is not None and self.teacher in (None, FOLDS) and len(self._students(learners)) == 1:
            raise InputError(
                f"adversarial={eta:g} moves examples by what a teacher says of them, and one generation has none; give a teacher, or "
                "n_generations=2"
            )
        if self.loss is not None and trained_network(learners[-1]) is None:
            raise InputError(
                f"loss={self.loss!r} is how a network is trained, and the student is none; leave it out, or give a network"
            )
        self._check_taxonomy()
        settings = {} if self.loss is None else {"loss": self.loss}
        return Teaching(self.labels, self.teacher_mode, eta, settings=settings)

    def _refuse_for_classes_only(self) -> None:
        only = {
            "labels": self.labels if self.labels in ("visual_category", "taxonomy", "hard_dynamic") else None,
            "loss": self.loss,
            "adversarial": self.adversarial,
        }
        for name, value in only.items():
            if value is not None:
                raise InputError(
                    f"{name}={value!r} is for one of several classes a row, and labels here are others; leave it out"
                )

    def _check_taxonomy(self) -> None:
        if self.labels != "taxonomy":
            if self.taxonomy is not None:
                raise InputError(
                    f"taxonomy is for labels='taxonomy', and labels={self.labels!r}; leave one of them out"
                )
            return
        if self.taxonomy is None:
            raise InputError(
                "labels='taxonomy' needs the tree: give taxonomy={child: parent, ...}, pairs, or similarities (k, k)"
            )
        check_positive("taxonomy_temperature", self.taxonomy_temperature, "a number above 0; 0.1 is usual")
        _tree_or_similarities(self.taxonomy)

    def _categories(self, classes: np.ndarray) -> np.ndarray | None:
        if self.labels != "taxonomy":
            return None
        found = _tree_or_similarities(self.taxonomy)
        similarity = found.wu_palmer(classes) if isinstance(found, Taxonomy) else found
        if similarity.shape != (len(classes), len(classes)):
            raise InputError(
                f"taxonomy has similarities {similarity.shape} for {len(classes)} classes; give a row and a column for each"
            )
        return similarity_rows(similarity, float(self.taxonomy_temperature))

    def _students(self, learners: Sequence[Learner]) -> Sequence[Learner]:
        if self.labels == "taxonomy":
            return learners[-1:]  # the labels stay the same from generation to generation
        wanted = self.n_generations
        if wanted is None:
            wanted = len(learners) if len(learners) > 1 else _GENERATIONS
        wanted = check_generations(wanted)
        if len(learners) not in (1, wanted):
            raise InputError(
                f"n_generations={wanted} and {len(learners)} estimators; give one estimator, or one a generation"
            )
        return one_each(learners, wanted)


def _tree_or_similarities(taxonomy: Any) -> Taxonomy | np.ndarray:
    """Return a class tree of what it can be made from, or the similarities (k, k) that were given in its place."""
    if isinstance(taxonomy, Taxonomy):
        return taxonomy
    if getattr(taxonomy, "ndim", 0) == 2 and np.asarray(taxonomy).dtype.kind == "f":
        return np.asarray(taxonomy, dtype=np.float64)
    try:
        pairs = list(taxonomy.items() if hasattr(taxonomy, "items") else taxonomy)
        if isinstance(taxonomy, str) or any(len(pair) != 2 or isinstance(pair, str) for pair in pairs):
            raise TypeError
    except TypeError:
        raise InputError(
            f"taxonomy is a {type(taxonomy).__name__}; give {{child: parent, ...}}, (child, parent) pairs, or similarities (k, k)"
        ) from None
    return Taxonomy(pairs)
