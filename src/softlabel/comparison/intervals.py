"""What a few independent seeds allow to be said: means with their spread, paired differences with their interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from softlabel.errors import InputError

Verdict = Literal["better", "worse", "tie", "one seed"]

_MARKS: dict[Verdict, str] = {"better": "+", "worse": "-", "tie": "=", "one seed": ""}
_ROUNDING = 1e-9  # values nearer than this differ by the order of their sums only
_ALIKE = 0.01  # differences that vary by less than this share of their mean have no spread worth the name


@dataclass(frozen=True)
class Spread:
    """Values of several seeds.

    Attributes
    ----------
    mean : float
    sd : float or None
        With n - 1 in the denominator; None for one value.
    low, high : float or None
        Ends of the interval of the mean, by Student's t; None for one value.
    n : int
    """

    mean: float
    sd: float | None
    low: float | None
    high: float | None
    n: int


@dataclass(frozen=True)
class Difference:
    """A method's score less another's, seed by seed.

    Attributes
    ----------
    mean : float
        Of ours less theirs: above 0 where our numbers are larger, whichever is better.
    low, high : float or None
        Ends of its interval; None for one seed, and where the difference is not 0 but the same in all seeds (to a
        hundredth).
    n : int
        Seeds that both have.
    verdict : str
        ``"better"`` or ``"worse"`` where the seeds decide it; ``"tie"`` where they do not; ``"one seed"``, which cannot.
    identical : bool
        Whether the two are equal on every seed (to 1e-9, which is rounding). They are a tie without any doubt.
    """

    mean: float
    low: float | None
    high: float | None
    n: int
    verdict: Verdict
    identical: bool = False

    @property
    def mark(self) -> str:
        """``+`` better, ``-`` worse, ``=`` tie, nothing for one seed."""
        return _MARKS[self.verdict]

    @property
    def without_spread(self) -> bool:
        """Whether it has no interval because it is the same in every seed, and not 0."""
        return self.n > 1 and self.low is None

    def text(self, digits: int = 3) -> str:
        """Return "mean [low, high] mark", "mean mark" where there is no interval; "identical =" where nothing differs."""
        if self.identical:
            return "identical ="
        mean = f"{self.mean:+.{digits}f}"
        if self.low is None or self.high is None:
            return f"{mean} {self.mark}".rstrip()
        return f"{mean} [{self.low:+.{digits}f}, {self.high:+.{digits}f}] {self.mark}"


def spread(values: Sequence[float], level: float = 0.95) -> Spread:
    """Return mean, standard deviation and the interval of the mean over independent seeds.

    ``mean +- t sd / sqrt(n)``, t the quantile ``(1 + level) / 2`` of Student's distribution with n - 1 degrees of freedom.

    Parameters
    ----------
    values : sequence of float (n,)
        At least one.
    level : float
        Above 0 and below 1.

    Raises
    ------
    InputError
        If there is no value, one is not finite, or the level is none.

    Examples
    --------
    >>> spread([0.8, 0.9]).mean.__round__(3)
    0.85
    """
    found = _checked(values, "values")  # (n,)
    half = _half_width(found, level)
    mean = float(found.mean())
    if half is None:
        return Spread(mean, None, None, None, 1)
    return Spread(mean, float(found.std(ddof=1)), mean - half, mean + half, len(found))


def paired_difference(
    ours: Sequence[float], theirs: Sequence[float], level: float = 0.95, *, higher_is_better: bool = True
) -> Difference:
    """Return the mean of ``ours - theirs`` over seeds, its interval, and what that decides.

    The interval is Student's t on the n differences: what the seeds share (the split, the wrong labels) falls out of them. It
    is narrower than the truth where the seeds are not independent: splits of one table share rows. "better" and "worse" are
    said where it leaves out 0.

    Scores of few test rows are coarse, and may differ by the same amount in all seeds: three rows more are right in each, say.
    Such differences (equal to a hundredth of them, for test sets differ by a row) have no spread to judge by, and Student's interval
    would be a point that decides everything. There is none then, and the sign test decides: n equal signs come by chance with
    probability ``2^(1-n)``, so that 95% takes six seeds. Where neither side changes from seed to seed (the same test rows, a learner
    without chance), all seeds are one, and nothing is decided.

    Parameters
    ----------
    ours, theirs : sequence of float (n,)
        One value a seed, in the same order.
    level : float
        Above 0 and below 1.
    higher_is_better : bool
        Which side of 0 is the better one.

    Raises
    ------
    InputError
        If the two differ in length, there is no seed, a value is not finite, or the level is none.

    Examples
    --------
    >>> paired_difference([0.81, 0.84, 0.86], [0.80, 0.82, 0.85]).text()
    '+0.013 [-0.001, +0.028] ='
    >>> paired_difference([0.2, 0.2], [0.2, 0.2]).text()
    'identical ='
    """
    a, b = _checked(ours, "ours"), _checked(theirs, "theirs")  # (n,) each
    if len(a) != len(b):
        raise InputError(f"ours has {len(a)} values and theirs {len(b)}; give one of each for every seed")
    gap = np.where(np.abs(a - b) <= _ROUNDING, 0.0, a - b)  # (n,)
    n, mean, half = len(gap), float(gap.mean()), _half_width(gap, level)
    if half is None:
        return Difference(mean, None, None, n, "one seed", not gap.any())
    side: Verdict = "better" if (mean > 0) == higher_is_better else "worse"
    if not gap.any():
        return Difference(0.0, 0.0, 0.0, n, "tie", identical=True)
    if np.ptp(a) <= _ROUNDING and np.ptp(b) <= _ROUNDING:  # the same number n times is no evidence n times
        return Difference(mean, None, None, n, "tie")
    if np.ptp(gap) <= _ALIKE * abs(mean):
        return Difference(mean, None, None, n, side if 2.0 ** (1 - n) <= 1 - level else "tie")
    low, high = mean - half, mean + half
    return Difference(mean, low, high, n, "tie" if low <= 0 <= high else side)


def standard_errors(n: int, level: float = 0.95) -> float:
    """Return how many standard errors the interval of n seeds, 2 or more, reaches to either side.

    Examples
    --------
    >>> [round(standard_errors(n), 1) for n in (2, 5, 10)]
    [12.7, 2.8, 2.3]
    """
    return _quantile(level, n - 1)


def _half_width(values: NDArray[np.float64], level: float) -> float | None:
    if not 0 < level < 1:
        raise InputError(f"level is {level!r}; give the confidence of intervals, above 0 and below 1 (0.95, say)")
    if len(values) < 2:
        return None
    return float(_quantile(level, len(values) - 1) * values.std(ddof=1) / np.sqrt(len(values)))


@lru_cache(maxsize=128)  # a table asks for the same few many times
def _quantile(level: float, degrees: int) -> float:
    from scipy import stats

    return float(stats.t.ppf((1 + level) / 2, degrees))


def _checked(values: Sequence[float], name: str) -> NDArray[np.float64]:
    found = np.asarray(values, dtype=np.float64)
    if found.ndim != 1 or len(found) == 0 or not np.isfinite(found).all():
        raise InputError(
            f"{name} is {np.array2string(found, threshold=8)}; give one finite number a seed, for at least one seed"
        )
    return found
