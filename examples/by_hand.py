"""Refine labels around a training loop of your own: here a softmax regression by gradient descent in plain NumPy.

python examples/by_hand.py
"""

import numpy as np
from sklearn.datasets import load_digits

from softlabel import Refinement, label_recovery


def my_train(X: np.ndarray, targets: np.ndarray, steps: int = 100) -> np.ndarray:
    """Train on soft targets: the gradient of the cross entropy is prediction minus target, whatever the target."""
    weights = np.zeros((X.shape[1], targets.shape[1]))  # (d, k)
    for _ in range(steps):
        weights -= 0.5 * X.T @ (my_predict(weights, X) - targets) / len(X)
    return weights


def my_predict(weights: np.ndarray, X: np.ndarray) -> np.ndarray:
    """Return class probabilities (n, k)."""
    scores = np.exp(X @ weights)
    return scores / scores.sum(axis=1, keepdims=True)


def main() -> None:
    X, true = load_digits(return_X_y=True)
    X = np.c_[X / 16, np.ones(len(X))]
    rng = np.random.default_rng(0)
    wrong = rng.permutation(len(true))[: len(true) // 4]  # a quarter of the labels is made wrong
    y = true.copy()
    y[wrong] = (true[wrong] + rng.integers(1, 10, size=len(wrong))) % 10

    refinement = Refinement(y, n_rounds=6, cv=5, random_state=0)
    for fold in refinement:  # 6 rounds x 5 folds
        model = my_train(X[fold.train], fold.targets)  # targets: (n_train, k)
        fold.tell(my_predict(model, X[fold.held_out]))  # (n_held_out, k)
    refined = refinement.targets  # (n, k)

    found = label_recovery(y, true, refinement.classes_[refined.argmax(axis=1)])
    print(f"{found.n_wrong} labels wrong: {found.n_corrected} corrected, {found.n_spoiled} right ones spoiled")


if __name__ == "__main__":
    main()
