"""Grades that have an order: numbers for a regressor, distributions for a classifier.

    python examples/grades.py

Ten measurements of diabetes patients, and how far the disease went a year later in five grades, some of them given wrongly.
"""

import numpy as np
from sklearn.datasets import load_diabetes
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from softlabel import Ordinal, StochasticLabelRefinery, quadratic_weighted_kappa


def main() -> None:
    X, progress = load_diabetes(return_X_y=True)
    right = np.digitize(progress, [80, 130, 180, 240])  # (442,) 0 to 4
    rng = np.random.default_rng(0)
    given = np.where(rng.random(442) < 0.3, rng.integers(5, size=442), right)
    train, test = np.arange(442) % 4 > 0, np.arange(442) % 4 == 0

    for name, estimator, task in (
        ("numbers", Ridge(alpha=1.0), "ordinal"),  # a regressor: grades as numbers
        ("distributions", LogisticRegression(), Ordinal.from_labels(given, view="distribution", start="unimodal")),
    ):
        print(f"\n{name}:")
        for rounds in (0, 3):
            refinery = StochasticLabelRefinery(
                make_pipeline(StandardScaler(), estimator),
                task=task,
                n_rounds=rounds,
                final_targets="refined",
                random_state=0,
            ).fit(X[train], given[train])
            kappa = quadratic_weighted_kappa(right[test], refinery.predict(X[test]), 5)
            print(f"  {rounds} rounds: QWK {kappa:.3f} on test rows, graded rightly")
        worst = np.argsort(refinery.label_quality_)[:20]  # far from what the models see
        wrong = (given[train] != right[train])[worst].mean()
        print(f"  of the 20 grades that moved furthest, {wrong:.0%} were given wrongly")


if __name__ == "__main__":
    main()
