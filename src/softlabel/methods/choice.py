"""``final_targets="auto"``: which way of using the refined targets is chosen, on rows that nothing of it has seen.

Pure: from predictions of rows by models that never met them, and their given labels, to a choice and the reason for it.

The score of a row is whether a model is right about its *given* label. Where labels are wrong by chance, whatever the row, and as often
one way as another, the model that is right more often about the truth is right more often about such labels too: of two models that
differ by a gain g on right labels, at noise rates that take the share a of all signal, the given labels show (1 - a) g. So such noise
shrinks the difference and does not turn it, while NLL and calibration it would turn. Where a class is mostly taken for one other (pair
noise), a model that has learnt the confusion is right about the labels that share it, and the gain shown is smaller still; it can be
turned only where the better model also errs often against the noise. What given labels cannot show is harm that looks like them: labels
that are wrong in the same way as a model errs. Scores corrected by an estimated noise matrix chose worse than these (docs/design/0007).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from softlabel.tasks import OrdinalDistribution, OrdinalScalar, Task

GIVEN = "given"  # the plain fit, on the given labels: always a candidate, and chosen where nothing is clearly better
SURELY = 3.0  # standard errors after which no further evidence is asked for
ENOUGH = 2000  # scored rows that are evidence enough, whatever they say

# What is expected before any row is scored. To most models some labels look wrong that are right, a twentieth, say. Of the share beyond
# that accuracy gains a quarter on right labels, give or take as much, and a hundredth whatever the share: in the pilot (see
# benchmarks/results.md) it was a sixth to a half of the wrong labels, and harm at clean labels a hundredth.
_USUALLY_DISPUTED = 0.05
_PRIOR_SHARE = 0.25
_PRIOR_SPREAD = 0.01

# Where labels are wrong, whoever looks for them comes to a similar share; where classes overlap, a model contradicts many labels that
# Bayes' rule leaves alone. So a plan that disputes less than this share of what another does has to show that it is ahead.
_ALIKE = 0.5
# More labels than these are hardly ever wrong. Where more look so, classes overlap, and nothing is known before the evidence.
_MOST = 0.5

# What more rows do not remove: where wrong labels follow the errors of one of two models (its confusions, most of all under pair noise),
# the given labels speak for it in rows in which it is wrong. Of the rows about which the two disagree at most the wrong ones can do so, of
# which a plan knows those that it disputes; an eighth of these, give or take as much, is taken for that.
_HIDDEN = 0.125


@dataclass(frozen=True)
class _Signs:
    """What says that models err rather than labels."""

    least: float = 0.0  # share that a plan disputes at least, unless another disputes more than twice as many labels
    hard: bool = False  # whether more than half of all labels look wrong


@dataclass(frozen=True)
class Candidate:
    """One way to refine and to use what comes of it, and what the evidence says of it."""

    name: str  # "given", or that of a plan
    disputed: float  # share of the rows that it learnt from whose label looked wrong to it
    score: float  # mean over the scored rows: the share whose given label it predicts, for grades 1 less the squared distance
    gain: float  # over the plain fit, in the same rows
    error: float  # standard error of the gain
    expected: float  # the gain on right labels, from this and from what was expected before
    expected_error: float

    @property
    def decided(self) -> bool:
        """Whether it is ahead or behind beyond doubt."""
        return abs(self.expected) > SURELY * self.expected_error


@dataclass(frozen=True)
class Choice:
    """What was chosen, and on what grounds."""

    name: str  # "given", or that of a plan
    candidates: tuple[Candidate, ...]  # the plain fit first
    n_scored: int  # rows that the evidence is made of
    reason: str
    temperature: float = 1.0  # T, from 1: by which the final model's probabilities are softened, p^(1/T) / sum

    @property
    def chosen(self) -> Candidate:
        """What is known of the one that was chosen."""
        return next(one for one in self.candidates if one.name == self.name)

    @property
    def sure(self) -> bool:
        """Whether more evidence would hardly change it: that the best is better than the plain fit, or that none is."""
        others = self.candidates[1:]
        settled = self.chosen.decided if self.name != GIVEN else all(one.decided for one in others)
        return self.n_scored >= ENOUGH or settled

    def record(self) -> dict[str, object]:
        """Return it as plain values."""
        return {
            "name": self.name,
            "reason": self.reason,
            "n_scored": self.n_scored,
            "temperature": self.temperature,
            "candidates": [vars(one) for one in self.candidates],
        }


def choose(
    task: Task,
    codes: np.ndarray,
    predictions: Mapping[str, np.ndarray],
    *,
    disputed: Mapping[str, float],
    trusted: np.ndarray | None = None,
    sample_weight: np.ndarray | None = None,
) -> Choice:
    """Choose among candidates by how often they are right about the given labels of rows that none of them has seen.

    How many labels are wrong is one number, whoever asks: the share p that looks wrong, half way between the plan that disputes least and
    the one that disputes most. By it the gain g over the plain fit in these rows, of standard error s, is evidence of a gain g / (1 - a) on
    right labels (see ``share_left``), with an error of sqrt(s^2 + (p d / 8)^2) / (1 - a). Here p is the share that the plan disputes, where
    it is less, and d, the mean squared difference of the two models' scores, the share of rows in which one of them alone is right: an
    eighth of the wrong labels among these may follow the errors of one of the two. Before it, a gain of e = (p - .05) / 4 was expected (0
    where fewer look wrong), with a variance of e^2 + .01^2; of a plan that disputes fewer labels than p, by these. The two are put together
    as normal estimates of one number, and the candidate with the highest result is chosen, ties to the first; the plain fit where none is
    above 0. So much evidence weighs most, and where rows are few and labels bad, that they are bad counts.

    A plan is a candidate only where its result is above its standard deviation, if fewer than .05 of the labels look wrong to it, or less
    than half of what looks wrong to another plan. So is every plan where p is above a half: then labels are hard rather than wrong, and
    nothing is expected before the evidence but a gain or a loss of p / 4. The plan that disputes most is not held back by the first sign:
    labels that are wrong as a model errs look the same, and it alone finds them. Of several labels a row any one may make it look wrong,
    so that neither sign means anything there.

    A trusted row shows the whole gain and another only the share 1 - a, so that rows are weighted by these shares (the estimate with the
    least variance).

    Parameters
    ----------
    task : Task
    codes : (n,) or (n, k) int
        Given labels of the scored rows.
    predictions : dict of (n, m)
        By candidate, among them ``"given"``, the plain fit.
    disputed : dict of float
        By candidate, the share of labels that look wrong to it.
    trusted : (n,) bool or None
        Scored rows whose label is known to be right.
    sample_weight : (n,) or None

    Returns
    -------
    Choice
    """
    plain = row_scores(task, codes, predictions[GIVEN])  # (n,)
    plans = [name for name in predictions if name != GIVEN]
    shares = [disputed[name] for name in plans] or [0.0]
    wrong = (min(shares) + max(shares)) / 2
    signs = _Signs() if task.kind == "independent" else _Signs(_ALIKE * max(shares), wrong > _MOST)
    candidates = []
    for name in (GIVEN, *plans):
        own = disputed.get(name, 0.0)
        left = share_left(wrong, task)
        share = np.full(len(codes), left)  # (n,) of a true gain that the row shows
        if trusted is not None:
            share[trusted] = 1.0
        weight = share if sample_weight is None else share * sample_weight
        scores = row_scores(task, codes, predictions[name])
        gain, error = mean_and_error(scores - plain, weight)
        seen = float(np.sum(weight * share) / np.sum(weight))  # of a true gain, in the weighted mean
        doubtful = np.ones(len(codes)) if trusted is None else (~trusted).astype(float)  # (n,)
        hidden = _HIDDEN * min(own, wrong) * float(np.sum(weight * doubtful * (scores - plain) ** 2) / np.sum(weight))
        doubt = float(np.hypot(error, hidden)) / seen
        after = (
            (0.0, 0.0) if name == GIVEN else _together(gain / seen, doubt, *_before(min(own, wrong), signs.hard, wrong))
        )
        candidates.append(Candidate(name, own, mean_and_error(scores, weight)[0], gain, error, *after))
    # The plain fit, of gain 0, is the first.
    best = max(
        (one for one in candidates if one.name == GIVEN or _may_be_chosen(one, signs)), key=lambda one: one.expected
    )
    return Choice(best.name, tuple(candidates), len(codes), _reason(best, candidates, signs))


def row_scores(task: Task, codes: np.ndarray, predictions: np.ndarray) -> np.ndarray:
    """Return how right each prediction is about a given label, (n,) from 0 to 1.

    For classes 1 where the label is predicted; of several labels the share of them; for grades 1 less the squared distance between the
    predicted and the given grade, as a share of the scale's: what QWK counts.
    """
    said = task.harden_codes(task.known(predictions))  # (n,) or (n, k)
    if isinstance(task, (OrdinalScalar, OrdinalDistribution)):
        values = np.asarray(task.values, dtype=np.float64)  # (k,)
        scale = values[-1] - values[0]
        return 1.0 - ((values[said] - values[codes]) / scale) ** 2
    hit = (said == codes).astype(np.float64)
    return hit if hit.ndim == 1 else hit.mean(axis=1)


def share_left(noise_rate: float, task: Task) -> float:
    """Return how much of a gain in accuracy is left where labels are wrong, uniformly over the other classes: 1 - p k / (k - 1).

    At least a tenth: where hardly anything is left, hardly anything is known of the rate either.
    """
    k = 2 if task.kind == "independent" else len(task.classes)
    return float(max(0.1, 1.0 - noise_rate * k / (k - 1)))


def _before(noise_rate: float, hard: bool, wrong: float) -> tuple[float, float]:
    """Return the gain that is expected before the evidence, and its variance, where the share ``wrong`` of all labels looks wrong."""
    if hard:
        return 0.0, (_PRIOR_SHARE * wrong) ** 2
    expected = _PRIOR_SHARE * max(0.0, noise_rate - _USUALLY_DISPUTED)
    return expected, expected**2 + _PRIOR_SPREAD**2


def _together(gain: float, error: float, before: float, variance: float) -> tuple[float, float]:
    """Return the gain that is expected after the evidence, and its standard deviation."""
    precisions = np.array([1.0 / variance, 1.0 / error**2])
    return float(np.average([before, gain], weights=precisions)), float(precisions.sum() ** -0.5)


def _may_be_chosen(plan: Candidate, signs: _Signs) -> bool:
    """Return whether a plan may be chosen that is ahead at all: by a standard deviation, or where labels rather than models look wrong."""
    found_alike = plan.disputed >= max(_USUALLY_DISPUTED, signs.least) and not signs.hard
    return found_alike or plan.expected > plan.expected_error


def mean_and_error(values: np.ndarray, weight: np.ndarray) -> tuple[float, float]:
    """Return the weighted mean and its standard error.

    The error is that of one more row that differs: where two models agree in all rows that were scored, they need not in others.
    """
    total = weight.sum()
    mean = float(np.sum(weight * values) / total)
    return mean, float(np.sqrt(np.sum((weight * (values - mean)) ** 2) + weight.max() ** 2) / total)


def _reason(best: Candidate, candidates: list[Candidate], signs: _Signs) -> str:
    others = [one for one in candidates if one.name != GIVEN]
    if not others:
        return "there is nothing else to choose"
    shown = best if best.name != GIVEN else max(others, key=lambda one: one.expected)
    looks = f"{shown.disputed:.0%} of the labels look wrong to it"
    if shown.gain == 0:
        level = f"{shown.name} is level with the given labels"
        return level if best.name == GIVEN else f"{level} in rows that nothing of it had seen, but {looks}"
    ahead = "ahead of" if shown.gain > 0 else "behind"
    found = f"{shown.name} is {ahead} the given labels by {abs(shown.gain):.4f} +- {shown.error:.4f} in rows that nothing of it had seen"
    if (best.name != GIVEN) == (shown.gain > 0):
        return found
    if best.name != GIVEN:
        return f"{found}, but {looks}"
    if signs.hard:
        return f"{found}, too little to count where more than half of the labels look wrong: they are hard as likely as not"
    if signs.least > shown.disputed >= _USUALLY_DISPUTED:
        return f"{found}, too little to count where {looks} and more than twice as many to another: models err there"
    return f"{found}, too little to count where {looks}"
