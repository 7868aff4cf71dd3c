"""From annotators' votes to target rows: the share of each class, or the posterior of Dawid and Skene's model.

A. P. Dawid and A. M. Skene, Maximum Likelihood Estimation of Observer Error-Rates Using the EM Algorithm, Applied Statistics
28 (1979), 20-28. What they call the E step (the probability of each true class, equation 2.5) and the M step (error rates and
prior, equations 2.3 and 2.4) is meant here as they mean it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from softlabel.errors import InputError
from softlabel.targets.rows import normalise_rows


@dataclass(frozen=True)
class DawidSkene:
    """What was found about rows and annotators.

    Attributes
    ----------
    posterior : (n, k) float64
        Probability of each true class, given all votes on the row; rows sum to 1.
    confusion : (a, k, k) float64
        ``confusion[i, j, l]``: how probably annotator i answers l where the truth is j. Rows sum to 1.
    prior : (k,) float64
        Share of each true class.
    n_iterations : int
    objective : (n_iterations,) float64
        What each iteration increased: the log-likelihood of the votes plus the log-density of the smoothing (both up to a
        constant); the log-likelihood itself without smoothing.
    """

    posterior: NDArray[np.float64]
    confusion: NDArray[np.float64]
    prior: NDArray[np.float64]
    n_iterations: int
    objective: NDArray[np.float64]


def vote_shares(counts: ArrayLike) -> NDArray[np.float32]:
    """Return the share of each class among the votes on each row.

    Parameters
    ----------
    counts : (n, k)
        Votes, from 0 up; or shares already.

    Returns
    -------
    (n, k) float32
        ``counts / counts.sum(axis=1, keepdims=True)``.

    Raises
    ------
    InputError
        If a row has no votes, or a count is negative or not finite.

    Examples
    --------
    >>> vote_shares([[3, 1], [0, 2]])
    array([[0.75, 0.25],
           [0.  , 1.  ]], dtype=float32)
    """
    return normalise_rows(_checked(counts))


def dawid_skene(
    rows: ArrayLike,
    annotators: ArrayLike,
    labels: ArrayLike,
    n_rows: int,
    n_classes: int,
    *,
    smoothing: float = 1.0,
    tolerance: float = 1e-6,
    max_iterations: int = 1000,
) -> DawidSkene:
    """Estimate true classes and annotators' error rates from who voted what on which row.

    Each row has one true class j, drawn from the prior; annotator i then answers l with probability ``confusion[i, j, l]``,
    independently. EM starts from the shares of the votes, and alternates until no posterior moves by more than
    ``tolerance``. No iteration lowers the objective.

    Parameters
    ----------
    rows, annotators, labels : (v,) int
        Row, annotator and class of each vote, codes from 0. An annotator may vote on a row several times. Annotators may be
        names too; their matrices are then in the sorted order of the names.
    n_rows, n_classes : int
    smoothing : float
        Votes that each annotator is credited with beforehand, for each true class: half of them spread over all answers,
        half on the right one (a Dirichlet prior). Without it an annotator with few votes is taken for infallible, or for
        never giving a class; 0 is Dawid and Skene's own maximum likelihood.
    tolerance : float
        Largest change of a posterior at which to stop.
    max_iterations : int

    Returns
    -------
    DawidSkene

    Raises
    ------
    InputError
        If codes are out of range, a row has no votes, or an option is.

    Examples
    --------
    Two who agree on each row outvote a third:

    >>> found = dawid_skene([0, 0, 0, 1, 1, 1], [0, 1, 2, 0, 1, 2], [0, 0, 1, 1, 1, 0], n_rows=2, n_classes=2)
    >>> found.posterior.argmax(axis=1).tolist()
    [0, 1]
    """
    if n_rows < 1 or n_classes < 2:
        raise InputError(f"n_rows={n_rows}, n_classes={n_classes}; give at least one row and two classes")
    named = np.asarray(annotators)
    if named.dtype.kind in "OUS" and named.ndim == 1:
        annotators = np.unique(named.astype(str), return_inverse=True)[1].ravel()
    codes = [_codes(values, name) for values, name in ((rows, "rows"), (annotators, "annotators"), (labels, "labels"))]
    row, annotator, label = codes  # (v,) each
    if not len(row) == len(annotator) == len(label):
        raise InputError(
            f"rows, annotators and labels have {len(row)}, {len(annotator)} and {len(label)} entries; give one of each a vote"
        )
    for values, name, end in ((row, "rows", n_rows), (label, "labels", n_classes)):
        if len(values) and values.max() >= end:
            raise InputError(f"{name} holds the code {values.max()}; give codes from 0 to {end - 1}")
    _refuse_silent(np.bincount(row, minlength=n_rows))
    n_annotators = int(annotator.max()) + 1
    counts = np.ones(len(row))
    shape = (n_rows, n_annotators * n_classes)
    votes = sparse.csr_matrix((counts, (row, annotator * n_classes + label)), shape=shape)  # (n, a k)
    return _em(votes, n_annotators, n_classes, smoothing, tolerance, max_iterations)


def dawid_skene_counts(
    counts: ArrayLike, *, smoothing: float = 1.0, tolerance: float = 1e-6, max_iterations: int = 1000
) -> DawidSkene:
    """Estimate true classes where only the number of votes is known: all annotators share one confusion matrix.

    Parameters
    ----------
    counts : (n, k)
        Votes, whole numbers from 0 up.
    smoothing, tolerance, max_iterations
        As for ``dawid_skene``.

    Returns
    -------
    DawidSkene
        ``confusion`` is (1, k, k). Equivalent to ``dawid_skene`` with one annotator who gave all votes.

    Raises
    ------
    InputError
        If a count is no whole number from 0 up, or a row has no votes.
    """
    table = _checked(counts)  # (n, k)
    if (table != np.floor(table)).any():
        raise InputError("counts hold numbers that are not whole; give numbers of votes, or take their shares")
    _refuse_silent(table.sum(axis=1))
    return _em(sparse.csr_matrix(table), 1, table.shape[1], smoothing, tolerance, max_iterations)


def _em(
    votes: sparse.csr_matrix, n_annotators: int, k: int, smoothing: float, tolerance: float, max_iterations: int
) -> DawidSkene:
    """Run EM on votes (n, a k), of which column i k + l counts the answers l of annotator i."""
    if not (0 <= smoothing < np.inf and 0 <= tolerance < np.inf and max_iterations >= 1):
        raise InputError(
            f"smoothing={smoothing}, tolerance={tolerance}, max_iterations={max_iterations}; give numbers from 0 up, and at "
            "least one iteration"
        )
    credit = 0.5 * smoothing * (np.full((k, k), 1.0 / k) + np.eye(k))  # (k, k) pseudo-votes
    per_class = votes @ sparse.csr_matrix(np.tile(np.eye(k), (n_annotators, 1)))  # (n, k)
    posterior = normalise_rows(per_class.toarray()).astype(np.float64)  # (n, k) shares
    objective = []
    for _ in range(max_iterations):
        prior, confusion = _rates(votes, posterior, n_annotators, credit)  # (k,), (a, k, k)
        # A class that no row has, or an answer never given, has probability 0, and 0 log 0 is 0 here.
        with np.errstate(divide="ignore"):
            log_rates = np.log(confusion).transpose(0, 2, 1).reshape(n_annotators * k, k)  # (a k, k)
            log_prior = np.log(prior)  # (k,)
        joint = votes @ np.maximum(log_rates, _NEVER) + np.maximum(log_prior, _NEVER)  # (n, k)
        top = joint.max(axis=1, keepdims=True)  # (n, 1)
        mass = np.exp(joint - top)  # (n, k)
        total = mass.sum(axis=1, keepdims=True)  # (n, 1)
        # The credit is a Dirichlet density of the confusion, of which a never-credited answer has no part.
        density = np.sum(np.where(credit > 0, credit * np.log(np.maximum(confusion, np.finfo(float).tiny)), 0.0))
        objective.append(float(np.sum(top + np.log(total)) + density))
        before, posterior = posterior, mass / total
        if np.abs(posterior - before).max() <= tolerance:
            break
    return DawidSkene(posterior, confusion, prior, len(objective), np.array(objective))


_NEVER = -1e4  # instead of -inf, which times no votes would be NaN; exp of it is 0


def _rates(
    votes: sparse.csr_matrix, posterior: np.ndarray, n_annotators: int, credit: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the prior (k,) and confusion (a, k, k) that posteriors (n, k) imply."""
    k = posterior.shape[1]
    prior = posterior.mean(axis=0)  # (k,)
    given = np.asarray(votes.T @ posterior).reshape(n_annotators, k, k).transpose(0, 2, 1)  # (a, k true, k given)
    weighed = given + credit  # (a, k, k)
    sums = weighed.sum(axis=2, keepdims=True)  # (a, k, 1)
    even = np.full_like(weighed, 1.0 / k)  # where an annotator met no row of a class, nothing is known
    return prior, np.divide(weighed, sums, out=even, where=sums > 0)


def _checked(counts: ArrayLike) -> NDArray[np.float64]:
    try:
        table = np.asarray(counts, dtype=np.float64)  # (n, k)
    except (TypeError, ValueError) as error:
        raise InputError(f"counts are no numbers ({error}); give votes, one column a class") from error
    if table.ndim != 2 or table.shape[1] < 2:
        raise InputError(f"counts have shape {table.shape}; give one row an example and one column a class")
    if not np.isfinite(table).all() or (table < 0).any():
        raise InputError("counts hold negative, infinite or missing numbers; give votes from 0 up")
    _refuse_silent(table.sum(axis=1))
    return table


def _codes(values: ArrayLike, name: str) -> NDArray[np.int64]:
    codes = np.asarray(values)
    if codes.ndim != 1 or (codes.size and (codes.dtype.kind not in "iu" or codes.min() < 0)):
        raise InputError(
            f"{name} are {codes.dtype} of shape {codes.shape}; give codes, whole numbers from 0 up, one a vote "
            f"(of names: codes, names = pandas.factorize({name}, sort=True))"
        )
    return codes.astype(np.int64)


def _refuse_silent(totals: np.ndarray) -> None:
    silent = np.flatnonzero(totals == 0)
    if len(silent):
        raise InputError(
            f"{len(silent)} of {len(totals)} rows have no votes (the first is row {silent[0]}); leave these rows out"
        )
