"""Which features of texts, and which estimator on them? Out-of-fold accuracy against the right labels, with wrong ones put in.

    SOFTLABEL_DATA=... python benchmarks/texts.py [--out benchmarks/results/texts.jsonl] [--seeds 3]

trec_train.csv (5452 questions, 6 classes; Li and Roth 2002) and sst5_train.csv (8544 sentences of film reviews, 5 grades; Socher
et al. 2013), columns ``text`` and ``label``. Five stratified folds; features are fitted to the training folds alone; the test files
are not read. The estimator that is the default has all seeds and shares of wrong labels, the others one fit without any, and those
that are slow on the first data set only.
"""

from __future__ import annotations

import argparse
import itertools
import os
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.model_selection import StratifiedKFold

from cells import machine, mean_sd, run_cells
from softlabel.data.text_features import TextFeatures
from softlabel.learners.names import named_estimator
from softlabel.targets.corrupt import symmetric

# Name, settings of the estimator, settings of the features.
CANDIDATES = {
    "logistic": ("logistic", {}, {}),
    "logistic, C=3": ("logistic", {"C": 3.0}, {}),
    "logistic, C=10": ("logistic", {"C": 10.0}, {}),
    "logistic, terms of one text too": ("logistic", {}, {"min_df": 1}),
    "logistic, dense": ("logistic", {}, {"dense": True}),
    "softmax": ("softmax", {}, {}),
    "softmax, C=0.001": ("softmax", {"C": 0.001}, {}),
    "knn": ("knn", {}, {}),
    "extra_trees": ("extra_trees", {}, {}),
    "random_forest": ("random_forest", {}, {}),
    "extra_trees, dense": ("extra_trees", {}, {"dense": True}),
}
OFTEN = ("logistic", "logistic, C=3", "logistic, C=10")
ONLY_FIRST = ("softmax", "softmax, C=0.001", "knn", "extra_trees", "random_forest", "extra_trees, dense")
DATA = ("trec_train", "sst5_train")
NOISE = (0.0, 0.2, 0.4)  # share of the labels that another class takes


def compute(candidate: str, data: str, noise: float, seed: int) -> dict[str, float]:
    """Predict each row by a model that did not train on it."""
    name, settings, of_features = CANDIDATES[candidate]
    table = pd.read_csv(Path(os.environ["SOFTLABEL_DATA"]) / f"{data}.csv")
    texts, y = table["text"].to_numpy(dtype=object), table["label"].to_numpy()
    given = symmetric(y, noise, int(y.max()) + 1, np.random.default_rng(seed))
    predicted, seconds = np.empty_like(y), 0.0
    for train, held_out in StratifiedKFold(5, shuffle=True, random_state=seed).split(texts, given):
        features = TextFeatures(**of_features)
        X, X_held_out = features.fit_transform(texts[train]), features.transform(texts[held_out])
        estimator = named_estimator(name, settings, sparse=not features.dense)
        last = estimator.steps[-1][1] if hasattr(estimator, "steps") else estimator
        if "random_state" in last.get_params():
            last.set_params(random_state=seed)
        start = time.process_time()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            estimator.fit(X, given[train])
        seconds += time.process_time() - start
        predicted[held_out] = estimator.predict(X_held_out)
    return {"accuracy": float(np.mean(predicted == y)), "fit_seconds": seconds / 5}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/texts.jsonl"))
    parser.add_argument("--seeds", type=int, default=3)
    arguments = parser.parse_args()
    if "SOFTLABEL_DATA" not in os.environ:
        raise SystemExit("set SOFTLABEL_DATA to the folder that holds trec_train.csv and sst5_train.csv")
    cells = [
        {"candidate": candidate, "data": data, "noise": noise, "seed": seed}
        for seed, data, candidate, noise in itertools.product(range(arguments.seeds), DATA, CANDIDATES, NOISE)
        if candidate in OFTEN or (seed == 0 and noise == 0 and (data == DATA[0] or candidate not in ONLY_FIRST))
    ]
    rows = run_cells(arguments.out, cells, compute)
    print(machine())
    for data in DATA:
        print(
            f"\n| {data}: out-of-fold accuracy | no noise | 20% wrong | 40% wrong | CPU s a fit | n |\n|---|---|---|---|---|---|"
        )
        for candidate in CANDIDATES:
            chosen = [row for row in rows if (row["cell"]["candidate"], row["cell"]["data"]) == (candidate, data)]
            if not chosen:
                continue
            accuracy = [mean_sd(row["accuracy"] for row in chosen if row["cell"]["noise"] == noise) for noise in NOISE]
            seconds = [row["fit_seconds"] for row in chosen if row["cell"]["noise"] == 0]
            print(f"| {candidate} | {' | '.join(accuracy)} | {np.mean(seconds):.2f} | {len(seconds)} |")


if __name__ == "__main__":
    main()
