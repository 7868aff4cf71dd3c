"""What a few rows of trust say of the noise among all others, beside the model that knows none.

For each noise, learner and number of trusted rows: the share of wrong labels as estimated (gold loss correction; ours), the distance
of our noise matrix from the true one, and how often the likeliest class is right among rows that nobody vouches for, by the largest
probability and by ours. Run as ``python benchmarks/trusted_labels.py digits letter`` (the latter from SOFTLABEL_DATA).
"""

from __future__ import annotations

import sys
from itertools import product

import numpy as np
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from data_sets import read
from softlabel.seeds import Seeds
from softlabel.targets.corrupt import parse_corruption
from softlabel.targets.trusted_chances import trusted_chances
from softlabel.targets.trusted_noise import noise_from_chances, noise_from_predictions

NOISES = ("none", "symmetric:0.2", "symmetric:0.4", "pair:0.2", "pair:0.4")
N_TRUSTED = (30, 100)
N_SEEDS = 3
AT_MOST = 3000
LEARNERS = {
    "logistic": lambda seed: make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=500)),
    "extra trees": lambda seed: ExtraTreesClassifier(100, random_state=seed),
}
COLUMNS = ("wrong", "by gold", "by ours", "off by", "right by p", "right by ours")


def measured(name: str, noise: str, learner: str, n_trusted: int, seed: int) -> list[float]:
    """Return the numbers of one case, in the order of ``COLUMNS``."""
    X, y = read(name)
    rng = np.random.default_rng(seed)
    rows = rng.permutation(len(y))[:AT_MOST]
    X, y, k = X[rows], y[rows], int(y.max()) + 1
    trusted = np.arange(len(y)) < n_trusted  # of shuffled rows
    wrong = y if noise == "none" else parse_corruption(noise).apply(y, k, Seeds(seed).generator("corrupt"))
    given = np.where(trusted, y, wrong)
    folds = StratifiedKFold(5, shuffle=True, random_state=seed)
    oof = cross_val_predict(LEARNERS[learner](seed), X, given, cv=folds, method="predict_proba")  # (n, k)
    matrix = np.zeros((k, k))
    np.add.at(matrix, (y, wrong), 1)
    matrix /= matrix.sum(axis=1, keepdims=True)
    shares = np.bincount(y, minlength=k)
    gold = noise_from_predictions(oof[trusted], y[trusted], trusted_share=trusted.mean())
    chances = trusted_chances(oof, trusted, given)
    ours = noise_from_chances(chances[~trusted], given[~trusted])
    right = [(rows[~trusted].argmax(axis=1) == y[~trusted]).mean() for rows in (oof, chances)]
    off_by = np.abs(ours.matrix - matrix).sum(axis=1).mean() / 2  # total variation of a row
    return [float((wrong != y).mean()), gold.rate(shares), ours.rate(shares), off_by, *right]


def main(names: list[str]) -> None:
    print(f"| data | noise | learner | trusted | {' | '.join(COLUMNS)} |")
    print(f"|{'---|' * (4 + len(COLUMNS))}")
    for name, noise, learner, n_trusted in product(names, NOISES, LEARNERS, N_TRUSTED):
        found = np.mean([measured(name, noise, learner, n_trusted, seed) for seed in range(N_SEEDS)], axis=0)
        print(
            f"| {name} | {noise} | {learner} | {n_trusted} | {' | '.join(f'{one:.3f}' for one in found)} |", flush=True
        )


if __name__ == "__main__":
    main(sys.argv[1:] or ["digits"])
