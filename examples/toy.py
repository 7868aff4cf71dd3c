"""Three Gaussians in the plane, 30% of the labels wrong: what methods answer, beside what is true.

    python examples/toy.py [FOLDER]

A nearest-neighbour rule learns wrong labels by heart. The tables say how far each method's answers are from the posterior, which is
known here; the figures show areas and targets. `softlabel compare toy` does the same with a network, more noise and 20 seeds.
"""

import sys

from softlabel import compare


def main(folder: str = "toy-study") -> None:
    results = compare(
        "toy",
        folder,
        methods=["smoothing", "self_training", "slr:n_rounds=8:final_targets=refined"],
        corrupt=["symmetric:0.3"],
        estimator="knn",
        set={"n_neighbors": 5},
        seeds=3,
    )
    for method in results.methods:
        right, away = (results.spread("symmetric:0.3", method, name) for name in ("accuracy", "posterior_tv"))
        print(f"{method}: accuracy {right.mean:.3f}, {away.mean:.3f} from the posterior")
    print(f"what they answer: {folder}/decision_areas.png; targets over 8 rounds: {folder}/targets_by_round.png")


if __name__ == "__main__":
    main(*sys.argv[1:])
