"""Several annotators a row: their votes as the first targets, or only as a reference to score against.

    python examples/votes.py

Five annotators label each iris; the first two are careless. Shares of votes believe everyone alike; Dawid-Skene finds out whom to
believe. A third way keeps one label a row and asks how near its refinement comes to the shares of all five.
"""

import numpy as np
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression

from softlabel import StochasticLabelRefinery, dawid_skene, vote_shares


def main() -> None:
    X, right = load_iris(return_X_y=True)
    rng = np.random.default_rng(0)
    reliable = np.array([0.4, 0.4, 0.8, 0.9, 0.9])  # how often each annotator is right
    told = np.where(rng.random((150, 5)) < reliable, right[:, None], rng.integers(3, size=(150, 5)))  # (150, 5)

    rows, annotators = (values.ravel() for values in np.indices(told.shape))
    counts = np.eye(3, dtype=int)[told].sum(axis=1)  # (150, 3)
    shares = vote_shares(counts)
    posterior = dawid_skene(rows, annotators, told.ravel(), n_rows=150, n_classes=3).posterior

    for name, targets in (("shares of votes", shares), ("Dawid-Skene", posterior)):
        refinery = StochasticLabelRefinery(
            LogisticRegression(max_iter=1000), n_rounds=3, final_targets="refined", random_state=0
        )
        refinery.fit(X, targets.argmax(axis=1), targets=targets)
        before, after = ((rows.argmax(axis=1) == right).mean() for rows in (targets, refinery.label_distributions_))
        print(f"{name}: {before:.1%} of the rows right as first targets, {after:.1%} refined")

    one_label = told[np.arange(150), rng.integers(5, size=150)]  # what most data sets come with
    refinery = StochasticLabelRefinery(
        LogisticRegression(max_iter=1000), n_rounds=6, final_targets="refined", random_state=0
    )
    refinery.fit(X, one_label, reference=counts)
    for entry in refinery.history_[::5]:
        print(f"one label a row, round {entry['round']}: {entry['reference_kl']:.3f} nats from the shares of all votes")


if __name__ == "__main__":
    main()
