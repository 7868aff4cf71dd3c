"""What happened, round by round: scores, the judgement of each label, and which targets the final model takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from softlabel.methods.assessment import Assessment, Assessor
from softlabel.methods.first_noise import FirstNoise
from softlabel.methods.guard import best_refinement
from softlabel.methods.problem import Problem
from softlabel.methods.rounds import Round, Settings
from softlabel.methods.trusted_evidence import chooses_by, evidence_scores, trusted_noise
from softlabel.targets.trusted_noise import TrustedNoise


class History:
    """Takes in rounds as they are done, or as they are read back, and answers what they amount to.

    Attributes
    ----------
    rounds : list of dict
        One entry a round, plain numbers: ``round``; ``refinements`` (behind the models that are scored, round - 1); ``moved``
        (rows that speak for another label than the given one); ``newly_moved`` (rows that changed what they speak for in this
        round); ``change`` (mean distance between the targets before and after; for classes the total variation); ``oof_*``, the
        scores of the out-of-fold predictions against the given labels, and ``guard_*``, ``test_*``, ... those of the mean fold
        model on watched rows; ``trusted_*``, those of the out-of-fold predictions of trusted rows, and ``evidence_*``, those of guard
        rows and trusted rows together, by which rounds are then chosen; ``reference_*``, how far the refined targets are from true
        distributions, where these are known.
    closing : dict
        Scores on watched rows of models trained on the last targets, where a closing pass was made.
    trusted_noise : TrustedNoise, list of them (one a label of several), or None
        How labels become wrong, estimated from the first round's predictions as trusted rows teach to read them; None where there
        are none, or where grades are numbers.
    """

    def __init__(self, problem: Problem, settings: Settings) -> None:
        self._problem = problem
        self._assessor = Assessor(problem.task, problem.codes, problem.given, problem.guard, settings, problem.trusted)
        self._best_score, self._best_targets = -np.inf, problem.given
        self._best_oof: np.ndarray | None = None
        self.targets = problem.given  # (n, m) float32: L(r) after r rounds
        self.first_oof: np.ndarray | None = None  # (n, m) float32: P(1)
        self.noise: FirstNoise | None = None  # what round 1 says of it, where rounds go by Bayes' rule
        self.last_oof: np.ndarray | None = None  # (n, m) float32: P(r) of the last round
        self.trusted_noise: TrustedNoise | list[TrustedNoise | None] | None = None
        self.rounds: list[dict[str, Any]] = []
        self.closing: dict[str, float] = {}

    def add(self, done: Round) -> dict[str, Any]:
        """Take in the next round; return its entry."""
        problem, task = self._problem, self._problem.task
        codes, used = problem.codes, ~problem.guard
        given = problem.given[used]
        before, after = (task.suggest(targets[used], codes[used], given) for targets in (done.targets, done.refined))
        entry: dict[str, Any] = {
            "round": done.round,
            "refinements": done.round - 1,
            "moved": int(np.count_nonzero(task.differs(after, codes[used]))),
            "newly_moved": int(np.count_nonzero(task.differs(after, before))),
            "change": float(np.mean(task.change(done.targets[used], done.refined[used]))),
        }
        # A row whose class no model knew can only be wrong, or right by its own label: it is left out, and counted.
        judged = used & task.judged(done.oof, codes)
        entry["unjudged"] = int(np.count_nonzero(used & ~judged))
        if judged.any():
            weight = None if problem.sample_weight is None else problem.sample_weight[judged]
            scores = task.scores(codes[judged], task.known(done.oof[judged]), weight)
            entry |= prefixed("oof", scores)
        entry |= self._watched_scores(done.watched) | prefixed("reference", problem.reference_scores(done.refined))
        self._keep_best(entry, done.targets, done.oof)
        self._assessor.add(done)
        if done.round == 1:  # whose models learnt from the labels as they were given
            self.trusted_noise = trusted_noise(problem, done.oof)
        self.rounds.append(entry)
        self.targets, self.last_oof = done.refined, done.oof
        if done.round == 1:
            self.first_oof, self.noise = done.oof, done.noise
        return entry

    def close(self, watched: dict[str, np.ndarray]) -> dict[str, float]:
        """Take in what models trained on the last targets predict for the watched rows; return the scores."""
        self.closing = self._watched_scores(watched)
        self._keep_best(self.closing, self.targets, self.last_oof)
        return self.closing

    @property
    def guard_scores(self) -> list[float]:
        """The main score of the guard (or of trusted rows with it, or alone) after 0, 1, ... refinements, as far as it was measured."""
        entries, name = [*self.rounds, self.closing] if self.closing else self.rounds, self._guard_score
        return [entry[name] for entry in entries if name in entry]

    def last(self) -> tuple[int, np.ndarray]:
        """Return the number of rounds and their last targets."""
        return len(self.rounds), self.targets

    def best(self) -> tuple[int, np.ndarray]:
        """Return the number of refinements that the guard likes best, and the targets after them; it may be 0."""
        return best_refinement(self.guard_scores) if self.guard_scores else 0, self._best_targets

    def oof_of(self, refit_on: str, *, given: bool = False) -> np.ndarray | None:
        """Return out-of-fold predictions (n, m) of models like the final one; None where no round was made.

        Those of models that learnt from the very targets that the guard likes best; of the last targets there are none, and the last
        round's are the nearest. Where the final model learns the ``given`` labels they are the first round's.
        """
        if given:
            return self.first_oof
        return self._best_oof if refit_on == "best" and self._best_oof is not None else self.last_oof

    def ends(self, refit_on: str) -> tuple[np.ndarray, np.ndarray] | None:
        """Return P(1) and P(r) (n, m), by which the rounds may be judged; None where there are none.

        Nor are there any where a guard chooses among rounds: it has seen what they are worth.
        """
        if refit_on == "best" or self.first_oof is None or self.last_oof is None:
            return None
        return self.first_oof, self.last_oof

    def assess(self) -> Assessment:
        """Judge every label by all rounds so far."""
        return self._assessor.assess()

    def _watched_scores(self, watched: dict[str, np.ndarray]) -> dict[str, float]:
        scores: dict[str, float] = {}
        for name, predictions in watched.items():
            scores |= prefixed(name, self._problem.watched_score(name, predictions))
        return scores | prefixed("evidence", evidence_scores(self._problem, watched))

    @property
    def _guard_score(self) -> str:
        # Accuracy on the noisy labels is a usable guide, their NLL is not: it punishes whoever doubts a wrong label.
        return f"{chooses_by(self._problem) or 'guard'}_{self._problem.task.main_score}"

    def _keep_best(self, scores: dict[str, Any], targets: np.ndarray, oof: np.ndarray | None) -> None:
        if scores.get(self._guard_score, -np.inf) > self._best_score:  # ties stay with the fewer refinements
            self._best_score, self._best_targets, self._best_oof = scores[self._guard_score], targets, oof


def prefixed(what: str, scores: Mapping[str, float]) -> dict[str, float]:
    """Return scores under the names of an entry: ``oof_accuracy``, ``reference_kl``."""
    return {f"{what}_{name}": value for name, value in scores.items()}
