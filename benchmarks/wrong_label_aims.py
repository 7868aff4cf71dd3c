"""The aims of the suite of wrong_labels.py, one by one, checked on its cells.

A case is a set, a noise and a learner; its value is the mean over the seeds. An error is 1 - accuracy on test rows with right labels.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from wrong_label_sets import FEW_TEST_ROWS

HARM, LESS_ERROR, WON, FOUND_BETTER, PLAIN_FITS = 0.005, 0.30, 0.85, 0.03, 40.0  # the aims
OURS, PEER, PLAIN = "auto", "cleanlab", "plain"
_ROUNDING = 1e-9

Row = dict[str, Any]  # a cell: {"cell": {...}, "accuracy": ..., ...}
Case = tuple[str, str, str]  # set, noise, learner
BySeed = dict[Case, dict[str, dict[int, Row]]]  # of each case, method and seed


@dataclass(frozen=True)
class Aim:
    """One aim: what was wanted, what was found, and where it was missed."""

    name: str
    wanted: str
    found: str
    met: bool | None  # None where nothing was measured
    missed: tuple[str, ...] = ()

    def line(self) -> str:
        """Return a row of a Markdown table."""
        verdict = "not measured" if self.met is None else "met" if self.met else "missed"
        return f"| {self.name} | {self.wanted} | {self.found} | {verdict} |"


def by_case(rows: Iterable[Row]) -> BySeed:
    """Return cells by case, method and seed."""
    cases: BySeed = {}
    for row in rows:
        cell = row["cell"]
        methods = cases.setdefault((cell["set"], cell["noise"], cell["learner"]), {})
        methods.setdefault(cell["method"], {})[cell["seed"]] = row
    return cases


def aims(rows: Iterable[Row], ours: str = OURS) -> list[Aim]:
    """Return what became of each aim, over the seeds that both sides of a comparison have."""
    cases = by_case(rows)
    return [
        harm(cases, ours),
        error_ratio(cases, ours),
        share_won(cases, ours),
        found_better(cases, ours),
        cost(cases, ours),
    ]


def pairs(cases: BySeed, first: str, second: str, value: str) -> dict[Case, np.ndarray]:
    """Return for each case the values (seeds, 2) of two methods on the seeds that both have; None values are left out."""
    found: dict[Case, np.ndarray] = {}
    for case, methods in cases.items():
        one, other = methods.get(first, {}), methods.get(second, {})
        values = [(one[seed][value], other[seed][value]) for seed in sorted(one.keys() & other.keys())]
        values = [pair for pair in values if None not in pair]
        if values:
            found[case] = np.array(values, dtype=float)
    return found


def harm(cases: BySeed, ours: str = OURS) -> Aim:
    """Return whether the method is never worse than plain at clean labels: by .005, on small sets by a standard error if that is more."""
    excess: dict[Case, tuple[float, float]] = {}  # case: (difference, bound)
    for case, values in pairs(cases, ours, PLAIN, "accuracy").items():
        if case[1] == "none":
            gains = values[:, 0] - values[:, 1]
            excess[case] = float(gains.mean()), harm_bound(case[0], gains)
    wanted = f"accuracy at clean labels within {HARM} of plain in every case (small sets: or one standard error)"
    if not excess:
        return Aim("no harm", wanted, "-", None)
    missed = [case for case, (gain, bound) in excess.items() if gain < -bound - _ROUNDING]
    worst = min(excess, key=lambda case: excess[case][0] + excess[case][1])
    found = (
        f"worst {excess[worst][0]:+.4f} ({named(worst)}; bound {excess[worst][1]:.4f}); "
        f"{len(missed)} of {len(excess)} cases beyond, mean {np.mean([gain for gain, _ in excess.values()]):+.4f}"
    )
    return Aim("no harm", wanted, found, not missed, tuple(f"{named(case)} {excess[case][0]:+.4f}" for case in missed))


def harm_bound(name: str, gains: np.ndarray) -> float:
    """Return how much worse than plain counts as no harm on a set: .005; with few test rows one standard error if larger."""
    if name not in FEW_TEST_ROWS or len(gains) < 2:
        return HARM
    return max(HARM, float(gains.std(ddof=1) / np.sqrt(len(gains))))


def noisy_errors(cases: BySeed, ours: str, peer: str = PEER) -> dict[Case, np.ndarray]:
    """Return errors (seeds, 2) of two methods in the cases with wrong labels."""
    return {case: 1.0 - both for case, both in pairs(cases, ours, peer, "accuracy").items() if case[1] != "none"}


def error_ratio(cases: BySeed, ours: str = OURS) -> Aim:
    """Return our error over the peer's in noisy cases: of the means, and the mean of the ratios case by case."""
    of_seeds = noisy_errors(cases, ours)
    errors = {case: both.mean(axis=0) for case, both in of_seeds.items()}
    wanted = f"mean error at least {LESS_ERROR:.0%} below {PEER}'s over noisy cases"
    if not errors:
        return Aim("less error", wanted, "-", None)
    of_means = ratio_of_means(errors.values())
    each = {case: both[0] / both[1] for case, both in errors.items() if both[1] > 0}
    ratios = np.array(list(each.values()))
    left_out = len(errors) - len(each)
    found = (
        f"ratio of mean errors {of_means:.3f}{_over_seeds(list(of_seeds.values()))}; mean of ratios {ratios.mean():.3f}, geometric "
        f"{np.exp(np.log(np.maximum(ratios, 1e-3)).mean()):.3f}, {len(each)} cases"
        + (f" ({left_out} without an error of {PEER} left out)" if left_out else "")
    )
    worst = sorted(each, key=lambda case: -each[case])[:10]
    return Aim(
        "less error",
        wanted,
        found,
        bool(of_means <= 1 - LESS_ERROR + _ROUNDING),
        tuple(f"{named(case)} {each[case]:.2f}" for case in worst if each[case] > 1 - LESS_ERROR),
    )


def ratio_of_means(errors: Iterable[np.ndarray]) -> float:
    """Return the mean of the first errors over that of the second ones; of rows (2,)."""
    ours, theirs = np.array(list(errors)).mean(axis=0)
    return float(ours / theirs) if theirs > 0 else float("nan")


def _over_seeds(errors: list[np.ndarray]) -> str:
    """Return the ratio of mean errors seed by seed, where all cases have the same number of them."""
    numbers = {len(both) for both in errors}
    if len(numbers) != 1 or numbers == {1}:
        return ""
    ratios = [ratio_of_means(of_seed) for of_seed in np.stack(errors, axis=1)]
    return f" ({min(ratios):.3f} to {max(ratios):.3f} with one seed)"


def share_won(cases: BySeed, ours: str = OURS) -> Aim:
    """Return in how many noisy cases our error is the smaller one; a tie is not won."""
    errors = {case: both.mean(axis=0) for case, both in noisy_errors(cases, ours).items()}
    wanted = f"smaller error than {PEER} in {WON:.0%} of the noisy cases"
    if not errors:
        return Aim("cases won", wanted, "-", None)
    less = {case: both[1] - both[0] for case, both in errors.items()}
    lost = [case for case in less if less[case] < -_ROUNDING]
    ties = [case for case in less if abs(less[case]) <= _ROUNDING]
    won = len(less) - len(lost) - len(ties)
    by_seed = np.concatenate(list(noisy_errors(cases, ours).values()))
    single = np.mean(by_seed[:, 0] < by_seed[:, 1] - _ROUNDING)
    found = (
        f"{won / len(less):.0%} ({won} of {len(less)}; {len(ties)} ties, {len(lost)} lost); seed by seed {single:.0%}"
    )
    lost.sort(key=lambda case: less[case])
    return Aim(
        "cases won",
        wanted,
        found,
        won >= WON * len(less) - _ROUNDING,
        tuple(f"{named(case)} {-less[case]:+.4f}" for case in lost),
    )


def found_better(cases: BySeed, ours: str = OURS) -> Aim:
    """Return how much better wrong labels are ranked than by the peer."""
    both = {case: values.mean(axis=0) for case, values in pairs(cases, ours, PEER, "average_precision").items()}
    wanted = f"average precision for wrong labels at least {FOUND_BETTER} above {PEER}'s, mean over noisy cases"
    if not both:
        return Aim("wrong labels found", wanted, "-", None)
    gains = {case: float(values[0] - values[1]) for case, values in both.items()}
    f1 = [values.mean(axis=0) for values in pairs(cases, ours, PEER, "f1").values()]
    means = np.mean(list(both.values()), axis=0)
    found = f"{means[0]:.3f} against {means[1]:.3f}: {means[0] - means[1]:+.3f}; F1 " + " against ".join(
        f"{value:.3f}" for value in np.mean(f1, axis=0)
    )
    lost = sorted((case for case in gains if gains[case] < 0), key=lambda case: gains[case])
    return Aim(
        "wrong labels found",
        wanted,
        found,
        bool(means[0] - means[1] >= FOUND_BETTER - _ROUNDING),
        tuple(f"{named(case)} {gains[case]:+.3f}" for case in lost),
    )


def cost(cases: BySeed, ours: str = OURS) -> Aim:
    """Return the time in plain fits: CPU seconds over those of the plain method, mean over cases.

    Where a fit takes a hundredth of a second, what stands around the fits counts as much as they do.
    """
    times = {case: values.mean(axis=0) for case, values in pairs(cases, ours, PLAIN, "cpu_seconds").items()}
    wanted = f"at most {PLAIN_FITS:.0f} plain fits"
    if not times:
        return Aim("cost", wanted, "-", None)
    ratios = {case: float(one / other) for case, (one, other) in times.items() if other > 0}
    by_learner: dict[str, list[float]] = {}
    for case, ratio in ratios.items():
        by_learner.setdefault(case[2], []).append(ratio)
    mean = float(np.mean(list(ratios.values())))
    total = np.sum(list(times.values()), axis=0)
    fits = np.mean([values[:, 0].mean() for values in pairs(cases, ours, PLAIN, "fits_a_split").values()])
    each = ", ".join(f"{name} {np.mean(of):.1f}" for name, of in by_learner.items())
    found = (
        f"{mean:.1f} plain fits of CPU time ({each}; of all cases together {total[0] / total[1]:.1f}); {fits:.1f} fits"
    )
    over = sorted((case for case in ratios if ratios[case] > PLAIN_FITS), key=lambda case: -ratios[case])
    return Aim("cost", wanted, found, mean <= PLAIN_FITS, tuple(f"{named(case)} {ratios[case]:.0f}" for case in over))


def named(case: Case) -> str:
    """Return a case as it is read."""
    return " ".join(case)
