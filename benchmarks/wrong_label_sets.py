"""What the suite of wrong_labels.py learns, and with what: data sets split and scaled, labels made wrong, learners by name.

    problem = load_set("letter", seed=0)                  # features, true labels, test rows
    given = noisy(problem, "symmetric:0.4", seed=0)       # (n,) class numbers, 40% of them wrong
    learner("trees", seed=0).fit(problem.X, given)

digits, wine and breast_cancer come with scikit-learn; letter.csv, optdigits.csv and nursery.csv (UCI, last column ``label``),
trec_train.csv (columns ``text``, ``label``; Li and Roth 2002) and the pictures of wrong_label_pictures.py lie in the folder that
SOFTLABEL_DATA names. wrong_label_others.py has sets that no aim was set on, wrong_label_keel.py those that nothing was made on.

Features are numbers made without a look at a label, by the training rows alone, and scaled to mean 0 and deviation 1. So a learner
is a bare classifier whose ``fit`` takes ``sample_weight``, which cleanlab uses where it can. Texts are TF-IDF rows for the linear
learner and their 100 leading components for the others. Test rows have their right labels, and nothing is chosen by them.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, train_test_split
from sklearn.preprocessing import StandardScaler

from data_sets import BUILT_IN
from softlabel.learners.confusion import confusion
from softlabel.seeds import Seeds
from softlabel.targets.corrupt import parse_corruption
from wrong_label_keel import FEW_TEST_ROWS as FEW_OF_KEEL
from wrong_label_keel import KEEL, keel
from wrong_label_keel import TWO_CLASSES as TWO_OF_KEEL
from wrong_label_others import DRAWN, retina

SMALL = ("breast_cancer", "wine")  # too few rows for one test part: five-fold cross-validation, anew with each seed
TABLES = ("digits", "letter", "optdigits", "nursery", *SMALL)
TEXTS = ("trec", "sst5")
TWO_CLASSES = ("breast_cancer", "rare", "moons", *TWO_OF_KEEL)
PICTURES = {"cifar10": ("label_random1", "label_worse"), "imagenette96": ("label_noise25",)}  # and their noisy columns
FIRST = (*TABLES, "trec")
OTHERS = ("sst5", "lev", "retina", *DRAWN)  # on which no aim was set
SETS = (*FIRST, *PICTURES)
FEW_TEST_ROWS = (*SMALL, "lev", "retina", *FEW_OF_KEEL)
NOISES = ("none", "symmetric:0.2", "symmetric:0.4", "pair:0.2", "pair:0.4", "instance:0.3")
LEARNERS = ("linear", "boosting", "trees", "network")
FOLDS_OF_SMALL = 5
ROWS = 3000  # training rows at most
TEST_ROWS = 4000
FEATURES = Path("runs/wrong_labels/features")  # where those of pictures are kept


@dataclass(frozen=True)
class Problem:
    """One data set, split and scaled; its training labels are right, ``noisy`` makes them wrong."""

    name: str
    X: Any  # (n, d)
    true: np.ndarray  # (n,) class numbers
    X_test: Any
    y_test: np.ndarray
    n_classes: int
    fold: int = 0
    columns: dict[str, np.ndarray] = field(default_factory=dict)  # noisy labels (n,) that the data came with
    confused_by: Any = None  # (n, d) features by which instance-dependent noise is drawn, where those are not X


def noises_of(name: str) -> tuple[str, ...]:
    """Return the noises of a set: its own noisy columns where it has any, else those that are drawn."""
    if name in PICTURES:
        return "none", *(f"column:{column}" for column in PICTURES[name])
    # of two classes there is one other: pair noise is symmetric noise
    return tuple(noise for noise in NOISES if not (name in TWO_CLASSES and noise.startswith("pair")))


def folds_of(name: str) -> int:
    """Return how many splits one seed has."""
    return FOLDS_OF_SMALL if name in SMALL else 1


def load_set(
    name: str, seed: int = 0, *, fold: int = 0, rows: int = ROWS, sparse: bool = False, folder: Path = FEATURES
) -> Problem:
    """Return a set, split by the seed.

    Parameters
    ----------
    name : str
        One of ``SETS``, ``OTHERS`` or ``KEEL``.
    fold : int
        Which of ``folds_of(name)`` splits.
    rows : int
        Training rows at most; three fifths of the set where that is fewer, and the test part is the rest. Of a small set all but a fold.
    sparse : bool
        TF-IDF rows of texts, for the linear learner. Nothing else is sparse.
    folder : Path
        Where features of pictures are kept.
    """
    if name in PICTURES:
        return _pictures(name, seed, rows, folder)
    X, y = DRAWN[name](seed) if name in DRAWN else _read(name)
    train, test = _split(name, y, seed, fold, rows)
    k = int(y.max()) + 1
    if name in TEXTS:
        return _texts(name, X, y, train, test, sparse)
    return Problem(name, *_scaled(X[train], y[train], X[test], y[test]), n_classes=k, fold=fold)


def noisy(problem: Problem, noise: str, seed: int = 0) -> np.ndarray:
    """Return given labels (n,): the true ones, those of a noisy column, or drawn; exactly ``round(share n)`` rows move."""
    if noise == "none":
        return problem.true
    kind, _, rest = noise.partition(":")
    if kind == "column":
        return problem.columns[rest]
    seeds, chances = Seeds(seed), None
    if kind == "instance":
        X = problem.X if problem.confused_by is None else problem.confused_by
        split = seeds.integer("corrupt", round=1, fold=problem.fold)
        chances, _ = confusion(
            X, problem.true, problem.n_classes, seed=split
        )  # (n, k) by a model that knows the true labels
    draws = seeds.generator("corrupt", fold=problem.fold)
    return parse_corruption(noise).apply(problem.true, problem.n_classes, draws, chances)


def learner(name: str, seed: int = 0) -> Any:
    """Return an unfitted classifier, one of ``LEARNERS``; each takes one thread."""
    if name == "linear":
        return LogisticRegression(max_iter=1000)
    if name == "trees":
        from sklearn.ensemble import ExtraTreesClassifier

        return ExtraTreesClassifier(100, random_state=seed)
    if name == "boosting":
        from lightgbm import LGBMClassifier

        settings = {"n_estimators": 50, "learning_rate": 0.15, "num_leaves": 15}
        return LGBMClassifier(**settings, n_jobs=1, verbosity=-1, random_state=seed)
    if name == "network":
        from softlabel import TorchClassifier

        settings = {"epochs": 30, "batch_size": 256, "optimizer": "adamw", "lr": 1e-2}
        return TorchClassifier("mlp", **settings, device="cpu", random_state=seed)
    raise SystemExit(f"learner {name!r}; there are {', '.join(LEARNERS)}")


@lru_cache(maxsize=2)
def _read(name: str) -> tuple[np.ndarray, np.ndarray]:
    """Return rows (n, d) of numbers, or texts (n,), and class numbers (n,)."""
    import pandas as pd

    if name in BUILT_IN:
        from sklearn import datasets

        X, y = getattr(datasets, f"load_{name}")(return_X_y=True)
        return X.astype(np.float64), y
    if name in KEEL:
        return keel(name)
    if name == "retina":
        return retina(data_folder())
    table = pd.read_csv(data_folder() / f"{f'{name}_train' if name in TEXTS else name}.csv")
    labels = table["label"].astype(str)
    # nursery has one class of two rows, which neither a split nor five folds can share out
    table = table[labels.map(labels.value_counts()) >= 20]
    y = np.unique(table["label"].astype(str), return_inverse=True)[1]
    if name in TEXTS:
        return table["text"].to_numpy(dtype=object), y
    return pd.get_dummies(table.drop(columns="label")).to_numpy(np.float64), y  # nursery's columns are words


def data_folder() -> Path:
    """Return the folder of the files."""
    folder = os.environ.get("SOFTLABEL_DATA")
    if folder is None:
        raise SystemExit("set SOFTLABEL_DATA to the folder that holds the files (see benchmarks/wrong_label_sets.py)")
    return Path(folder)


def _split(name: str, y: np.ndarray, seed: int, fold: int, rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Return training and test rows, stratified."""
    if name in SMALL:
        folds = StratifiedKFold(FOLDS_OF_SMALL, shuffle=True, random_state=seed)
        return list(folds.split(y, y))[fold]
    n_train = min(rows, round(0.6 * len(y)))
    n_test = min(len(y) - n_train, TEST_ROWS)
    train, test = train_test_split(
        np.arange(len(y)), train_size=n_train, test_size=n_test, stratify=y, random_state=seed
    )
    return train, test


def _scaled(X: Any, y: np.ndarray, X_test: Any, y_test: np.ndarray) -> tuple[Any, np.ndarray, Any, np.ndarray]:
    scaler = StandardScaler().fit(X)
    return scaler.transform(X), y, scaler.transform(X_test), y_test


def _texts(name: str, texts: np.ndarray, y: np.ndarray, train: np.ndarray, test: np.ndarray, sparse: bool) -> Problem:
    from softlabel.data.text_features import TextFeatures

    words = TextFeatures()
    rows, k = words.fit_transform(texts[train]), int(y.max()) + 1
    if sparse:
        return Problem(name, rows, y[train], words.transform(texts[test]), y[test], k)
    leading = TextFeatures(dense=True)
    scaled = _scaled(leading.fit_transform(texts[train]), y[train], leading.transform(texts[test]), y[test])
    return Problem(name, *scaled, n_classes=k, confused_by=rows)  # all learners get the same wrong labels


def _pictures(name: str, seed: int, rows: int, folder: Path) -> Problem:
    from wrong_label_pictures import picture_features

    found = picture_features(name, folder)
    true = found["label"]
    train, _ = train_test_split(
        np.arange(len(true)), train_size=min(rows, len(true) - 1), stratify=true, random_state=seed
    )
    scaled = _scaled(found["X"][train], true[train], found["X_test"], found["label_test"])
    columns = {column: found[column][train] for column in PICTURES[name]}
    return Problem(name, *scaled, n_classes=int(true.max()) + 1, columns=columns)
