"""Refine labels with a scikit-learn classifier, let a guard choose the number of rounds, and look at suspicious rows.

python examples/scikit_learn.py
"""

import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.neighbors import KNeighborsClassifier

from softlabel import StochasticLabelRefinery


def main() -> None:
    X, true = load_digits(return_X_y=True)
    X, X_test, true, y_test = train_test_split(X, true, test_size=0.3, random_state=0, stratify=true)
    rng = np.random.default_rng(0)
    wrong = rng.permutation(len(true))[: 2 * len(true) // 5]
    y = true.copy()
    y[wrong] = (true[wrong] + rng.integers(1, 10, size=len(wrong))) % 10

    plain = StochasticLabelRefinery(KNeighborsClassifier(), n_rounds=0).fit(X, y)  # the same class, no refinement
    refinery = StochasticLabelRefinery(KNeighborsClassifier(), random_state=0).fit(X, y)
    print(f"test accuracy: plain {plain.score(X_test, y_test):.3f}, refined {refinery.score(X_test, y_test):.3f}")
    print(f"choice: {refinery.choice_['reason']}")
    print(f"the final model learnt from {refinery.final_weights_.mean():.0%} of the rows")

    worst = np.argsort(refinery.label_quality_)[:5]
    for row in worst:
        print(f"row {row}: given {y[row]}, suggested {refinery.suggested_labels_[row]}, truth {true[row]}")


if __name__ == "__main__":
    main()
