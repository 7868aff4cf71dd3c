"""What soft targets cost: the time of a soft fit over that of a hard fit, for each strategy, on letter.csv.

    SOFTLABEL_DATA=... python benchmarks/soft_against_hard.py [--pairs 5] [--rows 4000]

The hard fit is the estimator itself on the labels. Soft targets are of two kinds: those that one round of refinement makes (each row has
mass on several classes), and nearly certain ones (0.97 on the label). One thread a fit; pairs alternate within this process.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
import warnings
from pathlib import Path

import numpy as np
from sklearn.ensemble import ExtraTreesClassifier, HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from cells import commit, machine
from data_sets import problem
from softlabel import SoftmaxRegression, SoftTargetClassifier, StochasticLabelRefinery


def estimators() -> dict[str, object]:
    """Return an estimator or several for each strategy."""
    found = {
        "native: SoftmaxRegression (hard: LogisticRegression)": (
            LogisticRegression(max_iter=200),
            SoftmaxRegression(max_iter=200),
        ),
        "regress: ExtraTreesClassifier(100)": ExtraTreesClassifier(100, random_state=0),
        "regress: RandomForestClassifier(100)": RandomForestClassifier(100, random_state=0),
        "regress: KNeighborsClassifier": KNeighborsClassifier(),
        "expand: LogisticRegression": LogisticRegression(max_iter=200),
        "expand: GaussianNB": GaussianNB(),
        "expand: MLPClassifier, 20 epochs": MLPClassifier(max_iter=20, random_state=0),
        "expand: HistGradientBoostingClassifier, 20 trees": HistGradientBoostingClassifier(max_iter=20, random_state=0),
    }
    try:
        from lightgbm import LGBMClassifier
        from xgboost import XGBClassifier

        found["objective: LGBMClassifier, 20 trees"] = LGBMClassifier(
            n_estimators=20, n_jobs=1, verbosity=-1, random_state=0
        )
        found["objective: XGBClassifier, 20 trees"] = XGBClassifier(n_estimators=20, n_jobs=1, random_state=0)
    except ImportError:
        print("the boost extra is not installed: LightGBM and XGBoost are left out")
    return found


def seconds_of(fit: object, *arguments: object) -> float:
    """Return how long a fit took."""
    start = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fit(*arguments)
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--rows", type=int, default=4000)
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/soft_against_hard.json"))
    arguments = parser.parse_args()
    task = problem("letter", "symmetric:0.2", 0, arguments.rows)
    X, y, k = StandardScaler().fit_transform(task.X), task.given, task.n_classes
    refined = (
        StochasticLabelRefinery(n_rounds=1, final_targets="refined", random_state=0).fit(X, y).label_distributions_
    )
    certain = (0.97 * np.eye(k)[y] + 0.03 / k).astype(np.float32)
    rows = {}
    with threadpool_limits(1):
        for name, estimator in estimators().items():
            hard, soft = estimator if isinstance(estimator, tuple) else (estimator, SoftTargetClassifier(estimator))
            times: dict[str, list[float]] = {"hard": [], "refined": [], "certain": []}
            for number in range(arguments.pairs + 1):
                runs = [("hard", hard, y), ("refined", soft, refined), ("certain", soft, certain)]
                for kind, fitted, targets in runs if number % 2 else reversed(runs):
                    times[kind].append(seconds_of(fitted.fit, X, targets))
            for kind in times:
                del times[kind][0]
            ratios = {
                kind: statistics.median(soft / hard for soft, hard in zip(times[kind], times["hard"], strict=True))
                for kind in ("refined", "certain")
            }
            rows[name] = {
                "hard_seconds": statistics.median(times["hard"]),
                **{f"{kind}_ratio": r for kind, r in ratios.items()},
            }
            print(
                f"| {name} | {rows[name]['hard_seconds']:.2f} | {ratios['refined']:.2f} | {ratios['certain']:.2f} |",
                flush=True,
            )
    result = {"machine": machine(), "commit": commit(), "rows": len(y), "pairs": arguments.pairs, "strategies": rows}
    result["classes_a_row_above_0.01"] = float((refined > 0.01).sum(axis=1).mean())
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
