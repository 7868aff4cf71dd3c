from __future__ import annotations

import numpy as np
import pytest

from softlabel.methods.history import History
from softlabel.methods.problem import Problem
from softlabel.methods.rounds import Round, Settings
from softlabel.methods.trusted_evidence import ENOUGH_TRUSTED, chooses_by, evidence_scores, trusted_noise
from softlabel.tasks import Multiclass, Multilabel, Ordinal

N = 40
CODES = np.arange(N) % 2
GIVEN = np.eye(2, dtype=np.float32)[CODES]


def _mask(*rows):
    return np.isin(np.arange(N), rows)


def _problem(guard=None, trusted=None, **beside):
    none = np.zeros(N, dtype=bool)
    return Problem(
        np.zeros((N, 1)), Multiclass([0, 1]), CODES, GIVEN, none if guard is None else guard, trusted=trusted, **beside
    )


def test_who_chooses():
    few, many = np.arange(N) < ENOUGH_TRUSTED - 1, np.arange(N) < ENOUGH_TRUSTED
    assert chooses_by(_problem()) is None
    assert chooses_by(_problem(guard=_mask(0))) == "guard"
    assert chooses_by(_problem(guard=_mask(0), trusted=_mask(1))) == "evidence"
    assert chooses_by(_problem(guard=_mask(0), trusted=_mask())) == "guard"
    assert chooses_by(_problem(trusted=few)) is None
    assert chooses_by(_problem(trusted=many)) == "trusted"


def test_a_row_of_both_counts_once():
    problem = _problem(guard=_mask(0, 1, 2), trusted=_mask(2, 3))
    watched = {
        "guard": np.array([[1, 0], [1, 0], [1, 0]], dtype=np.float32),  # right, wrong, right
        "trusted": np.array([[1, 0], [0, 1]], dtype=np.float32),  # row 2, and 3: right
    }
    assert evidence_scores(problem, watched)["accuracy"] == pytest.approx(3 / 4)
    weighted = _problem(guard=_mask(0, 1, 2), trusted=_mask(2, 3), sample_weight=np.where(_mask(1), 3.0, 1.0))
    assert evidence_scores(weighted, watched)["accuracy"] == pytest.approx(3 / 6)
    assert evidence_scores(_problem(guard=_mask(0, 1, 2)), watched) == {}
    assert evidence_scores(problem, {"guard": watched["guard"]}) == {}


def _round(r, targets, trusted_rows, refined=GIVEN, guard_rows=None):
    oof = np.full((N, 2), 0.5, dtype=np.float32)
    watched = {"trusted": np.array(trusted_rows, dtype=np.float32)}
    if guard_rows is not None:
        watched["guard"] = np.array(guard_rows, dtype=np.float32)
    return Round(r, targets, [], oof, refined, watched)


def test_trusted_rows_choose_with_the_guard():
    problem = _problem(guard=_mask(0, 1), trusted=_mask(2, 3))
    history = History(problem, Settings())
    right, wrong = GIVEN[:2], GIVEN[1::-1]
    other = GIVEN * np.float32(0.9) + np.float32(0.05)
    entry = history.add(_round(1, GIVEN, wrong, other, right))  # the guard is content, what is known to be right is not
    assert (entry["guard_accuracy"], entry["trusted_accuracy"], entry["evidence_accuracy"]) == (1, 0, 0.5)
    assert history.best() == (0, GIVEN)
    history.close({"guard": np.array([[1, 0], [1, 0]], np.float32), "trusted": right})
    assert history.guard_scores == [0.5, 0.75]
    assert history.best() == (1, other)


def test_enough_trusted_rows_choose_alone_and_few_do_not():
    for n_trusted, chosen in ((ENOUGH_TRUSTED, 1), (ENOUGH_TRUSTED - 1, 0)):
        trusted = np.arange(N) < n_trusted
        history = History(_problem(trusted=trusted), Settings())
        history.add(_round(1, GIVEN, 1 - GIVEN[trusted]))
        history.close({"trusted": GIVEN[trusted]})
        assert history.best()[0] == chosen


def test_a_trusted_row_that_no_model_could_judge_is_not_scored():
    history = History(_problem(trusted=_mask(0, 1)), Settings())
    entry = history.add(_round(1, GIVEN, [[np.nan, 1], [0, 1]]))
    assert entry["trusted_accuracy"] == 1
    entry = history.add(_round(2, GIVEN, [[np.nan, np.nan], [np.nan, np.nan]]))
    assert "trusted_accuracy" not in entry


def test_the_noise_of_classes_and_of_each_label():
    rng = np.random.default_rng(0)
    n, rate = 3000, 0.3
    true = rng.integers(2, size=n)
    trusted = np.arange(n) < 100
    given = np.where((rng.random(n) < rate) & ~trusted, 1 - true, true)
    shares = np.clip(
        (1 - rate) + 0.1 * rng.normal(size=n), 0.05, 0.95
    )  # what a model of noisy labels says of the true class
    oof = np.where(true[:, None] == np.arange(2), shares[:, None], 1 - shares[:, None]).astype(np.float32)
    none = np.zeros(n, dtype=bool)
    problem = Problem(
        np.zeros((n, 1)), Multiclass([0, 1]), given, np.eye(2, dtype=np.float32)[given], none, trusted=trusted
    )
    found = trusted_noise(problem, oof)
    assert found.rate() == pytest.approx(rate, abs=0.03)
    several = np.stack([given, true], axis=1)  # the second label is never wrong
    chances = np.stack([oof[:, 1], true * 0.9 + 0.05], axis=1).astype(np.float32)
    problem = Problem(
        np.zeros((n, 1)), Multilabel(["a", "b"]), several, several.astype(np.float32), none, trusted=trusted
    )
    rates = [one.rate() for one in trusted_noise(problem, chances)]
    assert rates == pytest.approx([rate, 0], abs=0.03)
    unknown = chances.copy()
    unknown[:, 0] = np.nan
    assert trusted_noise(problem, unknown)[0] is None


def test_numbers_and_rows_without_trust_tell_of_no_noise():
    grades = Ordinal.from_labels(CODES)
    scalar = Problem(np.zeros((N, 1)), grades, CODES, grades.encode(CODES), _mask(), trusted=_mask(0))
    assert grades.kind == "scalar"
    assert trusted_noise(scalar, scalar.given) is None
    assert trusted_noise(_problem(), GIVEN) is None
    assert trusted_noise(_problem(trusted=_mask()), GIVEN) is None
