"""What the cells of wrong_labels.py amount to: the aims, summaries, and the whole table."""

from __future__ import annotations

import itertools
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from cells import machine, mean_sd
from wrong_label_aims import OURS, PEER, PLAIN, BySeed, Row, aims, by_case
from wrong_label_choices import agreement


def write_report(rows: list[dict[str, Any]], results: Path) -> str:
    """Write the aims, the whole table and the cells into a folder; return the aims."""
    import pandas as pd

    codes = sorted(
        {f"{row['cell']['method']} {row['code']}" for row in rows if row["cell"]["method"] not in ("plain", "cleanlab")}
    )
    commits = ", ".join(sorted({row["commit"] for row in rows}))
    text = f"{report(rows)}\n{machine()}; commits {commits}; code {', '.join(codes)}.\n"
    results.mkdir(parents=True, exist_ok=True)
    (results / "wrong_labels.md").write_text(text)
    (results / "wrong_labels-table.md").write_text(whole_table(rows))
    columns = ("set", "noise", "learner", "seed", "method", "rows")
    flat = [
        {key: row["cell"][key] for key in columns}
        | {
            key: json.dumps(value) if isinstance(value, (list, dict)) else value
            for key, value in row.items()
            if key != "cell"
        }
        for row in rows
    ]
    pd.DataFrame(flat).drop(columns="versions").to_csv(
        results / "wrong_labels-cells.csv", index=False, float_format="%.6g"
    )
    return text


def report(rows: Sequence[Row]) -> str:
    """Return the aims, where they were missed, and summaries by noise and learner, as Markdown."""
    cases = by_case(rows)
    found = aims(rows)
    seeds = {row["cell"]["seed"] for row in rows}
    parts = [
        f"{len(rows)} cells: {len({case[0] for case in cases})} sets, {len(cases)} cases, {len(seeds)} seeds.",
        "| aim | wanted | found | |\n|---|---|---|---|\n" + "\n".join(aim.line() for aim in found),
    ]
    for aim in found:
        if aim.missed:
            parts.append(f"Where {aim.name} falls short, the farthest first: " + "; ".join(aim.missed[:40]) + ".")
    for title, place in (("noise", 1), ("learner", 2), ("set", 0)):
        parts.append(f"### By {title}\n\n{summary(cases, place, title)}")
    parts.append(f"### What {OURS} chose\n\n{choices(cases)}")
    if agreed := agreement(cases):
        parts.append(f"### What the right labels of test rows would have chosen\n\n{agreed}")
    return "\n\n".join(parts) + "\n"


def summary(cases: BySeed, place: int, title: str) -> str:
    """Return mean accuracy of each method over the cases of each noise (or learner, or set) that all methods have."""
    methods = methods_of(cases)
    whole = {case: found for case, found in cases.items() if all(method in found for method in methods)}
    noisy = place != 1
    lines = [
        f"| {title} | labels | {' | '.join(methods)} | {OURS} / {PEER} error | cases |\n|{'---|' * (len(methods) + 4)}"
    ]
    for value, clean in itertools.product(dict.fromkeys(case[place] for case in whole), (True, False)):
        some = {case: found for case, found in whole.items() if case[place] == value and (case[1] == "none") == clean}
        if not some:
            continue
        means = {method: np.mean([mean_of(found[method], "accuracy") for found in some.values()]) for method in methods}
        ratio = (
            f"{(1 - means[OURS]) / (1 - means[PEER]):.3f}"
            if OURS in means and PEER in means and means[PEER] < 1
            else "-"
        )
        kind = ("clean" if clean else "noisy") if noisy else ""
        columns = " | ".join(f"{means[method]:.4f}" for method in methods)
        lines.append(f"| {value} | {kind} | {columns} | {ratio} | {len(some)} |")
    return "\n".join(lines)


def choices(cases: BySeed) -> str:
    """Return how often each choice was made, by noise."""
    counts: dict[str, Counter[str]] = {}
    for case, methods in cases.items():
        for row in methods.get(OURS, {}).values():
            counts.setdefault(case[1], Counter()).update(map(chosen, row["chosen"]))
    if not counts:
        return "-"
    lines = ["| noise | final targets and refinements behind them, times |\n|---|---|"]
    for noise, count in counts.items():
        lines.append(f"| {noise} | {'; '.join(f'{what} {times}' for what, times in count.most_common(12))} |")
    return "\n".join(lines)


def chosen(said: dict[str, Any]) -> str:
    """Return a choice in short: the plan where one was chosen, else what the final fit took."""
    plan = (said.get("choice_") or {}).get("name", said.get("final_targets_", "?"))
    return f"{plan}, {said.get('best_round_', '?')}:"


def whole_table(rows: Sequence[Row]) -> str:
    """Return every number, a table for each noise and learner: mean +- sd over the seeds."""
    cases, parts = by_case(rows), []
    methods = methods_of(cases)
    for noise, learner in dict.fromkeys((case[1], case[2]) for case in cases):
        lines = [
            f"### {noise}, {learner}\n\n| set | method | accuracy | NLL | ECE | F1 | average precision | CPU s | plain fits | n |"
            f"\n|{'---|' * 10}"
        ]
        for case, found in cases.items():
            if case[1:] != (noise, learner):
                continue
            for method in (method for method in methods if method in found):
                mine = list(found[method].values())
                scores = " | ".join(
                    mean_sd(row[name] for row in mine) for name in ("accuracy", "nll", "ece", "f1", "average_precision")
                )
                seconds = mean_of(found[method], "cpu_seconds")
                plain = mean_of(found[PLAIN], "cpu_seconds") if PLAIN in found else 0.0
                fits = f"{seconds / plain:.1f}" if plain else "-"
                lines.append(f"| {case[0]} | {method} | {scores} | {seconds:.2f} | {fits} | {len(mine)} |")
        parts.append("\n".join(lines))
    return "\n\n".join(parts) + "\n"


def methods_of(cases: BySeed) -> list[str]:
    """Return the methods there are, in the order in which they came."""
    return list(dict.fromkeys(method for found in cases.values() for method in found))


def mean_of(of_seeds: dict[int, Row], name: str) -> float:
    """Return the mean of a value over the seeds."""
    return float(np.mean([row[name] for row in of_seeds.values()]))
