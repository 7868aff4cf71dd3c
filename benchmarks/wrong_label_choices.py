"""Does "auto" choose as right labels of test rows would? On the cells of wrong_labels.py that also hold each plan by itself.

    SOFTLABEL_DATA=... python benchmarks/wrong_labels.py --first --seeds 0 --methods plain bayes momentum0 auto

The choice is made on given labels, before the rounds, beside guards; here it is held against what each plan came to on the test rows.
"""

from __future__ import annotations

import numpy as np

from wrong_label_aims import HARM, OURS, PLAIN, BySeed, Case, named
from wrong_label_methods import PLANS


def agreement(cases: BySeed) -> str:
    """Return by noise how accurate the choice is beside each plan and the best of them, as Markdown; empty where nothing can be said.

    What is lost is the accuracy of the best plan, chosen by test rows, less that of ``auto``: never less than a best of three draws
    would be ahead of one by chance, so that a small loss is none. Right is a choice that loses at most .005.
    """
    found = accuracies(cases)
    if not found:
        return ""
    lines = [
        f"| noise | {' | '.join(PLANS)} | {OURS} | best of the plans | lost | lost if {PLAIN} always | right | n |\n|{'---|' * 9}"
    ]
    for noise in (*dict.fromkeys(case[1] for case, _ in found), "all"):
        some = np.array([values for (case, _), values in found.items() if noise in (case[1], "all")])  # (n, plans + 1)
        *plans, ours = some.mean(axis=0)
        best = some[:, :-1].max(axis=1)
        right = np.mean(best - some[:, -1] <= HARM + 1e-9)
        numbers = (*plans, ours, best.mean(), best.mean() - ours, best.mean() - plans[PLANS.index(PLAIN)])
        lines.append(f"| {noise} | {' | '.join(f'{number:.4f}' for number in numbers)} | {right:.0%} | {len(some)} |")
    worst = sorted(found, key=lambda one: found[one][-1] - found[one][:-1].max())[:8]
    told = (
        f"{named(case)}, seed {seed}: {found[case, seed][:-1].max() - found[case, seed][-1]:.4f}"
        for case, seed in worst
    )
    return "\n".join(lines) + f"\n\nMost was lost in {'; '.join(told)}."


def accuracies(cases: BySeed) -> dict[tuple[Case, int], np.ndarray]:
    """Return the accuracies (plans + 1,) of each plan and of ``auto``, by case and seed, where all are there."""
    wanted = (*PLANS, OURS)
    return {
        (case, seed): np.array([methods[name][seed]["accuracy"] for name in wanted])
        for case, methods in cases.items()
        if all(name in methods for name in wanted)
        for seed in sorted(set.intersection(*(set(methods[name]) for name in wanted)))
    }
