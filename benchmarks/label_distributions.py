"""How far refined targets are from true label distributions, where one label a row is all that a method sees.

    python benchmarks/label_distributions.py             5 seeds, four data sets, two learners
    python benchmarks/label_distributions.py --toy       a trial run on data made up

Data: SJAFFE, Movie, Yeast-alpha and SBU-3DFE from the literature of label distribution learning (palm.seu.edu.cn/xgeng/LDL), .mat
files with ``features`` (n, d) and ``labels`` (n, k), in the folder ``ldl`` of the folder that SOFTLABEL_DATA names. A seed draws one
label a row from its true distribution, and all else: folds, learners. Compared are one-hot labels, label smoothing, one
out-of-fold pass (momentum 0), and SLR after 1 to 6 rounds, by the six distances of that literature (Geng 2016, table 1). No
round is chosen; all are listed. Features are standardised, and reduced to 50 principal components where there are more.
"""

from __future__ import annotations

import argparse
import os
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.decomposition import PCA
from sklearn.preprocessing import StandardScaler

from cells import machine, mean_sd, run_cells
from intervals import paired_interval
from softlabel import StochasticLabelRefinery, distribution_distances, smooth_uniform
from softlabel.learners.names import named_estimator
from softlabel.targets.encode import one_hot

SETS = ("sjaffe", "yeast_alpha", "sbu_3dfe", "movie")
LEARNERS = ("softmax", "extra_trees")
ROUNDS, COMPONENTS, SMOOTHING = 6, 50, 0.1
DISTANCES = ("chebyshev", "clark", "canberra", "kl", "cosine", "intersection")


def read_set(name: str) -> tuple[np.ndarray, np.ndarray]:
    """Return features (n, d) and true distributions (n, k)."""
    if name == "toy":
        rng = np.random.default_rng(0)
        X = rng.normal(size=(120, 4))
        true = np.exp(X @ rng.normal(size=(4, 3)))
        return X, true / true.sum(axis=1, keepdims=True)
    from scipy.io import loadmat

    content = loadmat(Path(os.environ["SOFTLABEL_DATA"]) / "ldl" / f"{name}.mat")
    X, true = content["features"].astype(np.float64), content["labels"].astype(np.float64)
    X = StandardScaler().fit_transform(X)
    if X.shape[1] > COMPONENTS:
        X = PCA(COMPONENTS, random_state=0).fit_transform(X)
    return X, true / true.sum(axis=1, keepdims=True)


def compute(data: str, learner: str, seed: int) -> dict[str, Any]:
    """Refine the labels of one draw; return the distances of each kind of targets."""
    X, true = read_set(data)
    k = true.shape[1]
    rng = np.random.default_rng(seed)
    y = (rng.random((len(X), 1)) > np.cumsum(true, axis=1)[:, :-1]).sum(axis=1)  # (n,) one label a row
    present, y = np.unique(y, return_inverse=True)  # a class that nobody drew has no mass in any target
    targets: dict[str, np.ndarray] = {"one-hot": one_hot(y, len(present))}
    targets["smoothing"] = smooth_uniform(targets["one-hot"], SMOOTHING)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # of rare classes
        once = _refinery(learner, seed, n_rounds=1, momentum=0.0).fit(X, y)
        refined = _refinery(learner, seed, n_rounds=ROUNDS).fit(X, y, reference=true[:, present])
    targets["one out-of-fold pass"] = once.label_distributions_
    found = {name: distribution_distances(true, _spread(rows, present, k)) for name, rows in targets.items()}
    for entry in refined.history_:  # the distances that a refinery told of its reference know the classes present only
        found[f"SLR {entry['round']}"] = {name: entry[f"reference_{name}"] for name in DISTANCES}
    return {"distances": found, "classes_without_a_row": k - len(present)}


def _refinery(learner: str, seed: int, **options: Any) -> StochasticLabelRefinery:
    return StochasticLabelRefinery(named_estimator(learner), final_targets="refined", random_state=seed, **options)


def _spread(rows: np.ndarray, present: np.ndarray, k: int) -> np.ndarray:
    whole = np.zeros((len(rows), k))
    whole[:, present] = rows
    return whole


def report(rows: list[dict[str, Any]]) -> str:
    """Return a table a data set and learner."""
    lines = [f"{machine()}; mean +- sd over seeds; smaller is better save for cosine and intersection"]
    for data, learner in dict.fromkeys((row["cell"]["data"], row["cell"]["learner"]) for row in rows):
        runs = [row["distances"] for row in rows if (row["cell"]["data"], row["cell"]["learner"]) == (data, learner)]
        lines += ["", f"**{data}, {learner}** ({len(runs)} seeds)", ""]
        lines += [
            f"| targets | {' | '.join(DISTANCES)} | KL less one pass's |",
            f"|---|{'---|' * (len(DISTANCES) + 1)}",
        ]
        for name in runs[0]:
            scores = [mean_sd(run[name][distance] for run in runs) for distance in DISTANCES]
            gap = paired_interval(
                [run[name]["kl"] for run in runs], [run["one out-of-fold pass"]["kl"] for run in runs]
            )
            lines.append(f"| {name} | {' | '.join(scores)} | {'' if name == 'one out-of-fold pass' else gap} |")
    return "\n".join(lines)


def main() -> None:
    """Measure what was not measured yet, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--sets", default=",".join(SETS))
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results" / "label_distributions.jsonl")
    parser.add_argument("--toy", action="store_true")
    chosen = parser.parse_args()
    sets, seeds = (["toy"], range(1)) if chosen.toy else (chosen.sets.split(","), range(chosen.seeds))
    cells = [
        {"data": data, "learner": learner, "seed": seed} for data in sets for learner in LEARNERS for seed in seeds
    ]
    print(report(run_cells(chosen.out, cells, compute)))


if __name__ == "__main__":
    main()
