"""The noise that the first round shows: estimated once, from rows that were learnt, of each label by itself."""

import numpy as np
import pytest

from simple_learners import Centroids, blobs
from softlabel.methods import first_noise
from softlabel.methods.first_noise import FirstNoise
from softlabel.methods.history import History
from softlabel.methods.problem import Problem
from softlabel.methods.rounds import Settings, refinement_rounds
from softlabel.seeds import Seeds
from softlabel.targets.noise_estimate import estimate_noise
from softlabel.tasks import Multiclass, Multilabel

TASK = Multiclass([0, 1, 2])
N = 300
ALL = np.ones(N, dtype=bool)


def _said(seed=0):
    """Return predictions (n, 3), and labels of which a fifth are given as the next class."""
    rng = np.random.default_rng(seed)
    true = rng.integers(3, size=N)
    said = 0.9 * (0.8 * np.eye(3)[true] + 0.2 * np.eye(3)[(true + 1) % 3]) + 0.1 * rng.dirichlet([1.0] * 3, size=N)
    return said.astype(np.float32), (true + (rng.random(N) < 0.2)) % 3


SAID, CODES = _said()


@pytest.fixture
def estimates(monkeypatch):
    """Count the estimates."""
    made = []

    def counted(*arguments, **options):
        made.append(len(arguments[1]))
        return estimate_noise(*arguments, **options)

    monkeypatch.setattr(first_noise, "estimate_noise", counted)
    return made


def test_it_is_estimated_when_it_is_asked_for_and_once(estimates):
    noise = FirstNoise(TASK, CODES, SAID, ALL)
    assert not estimates
    assert noise.matrix() is noise.matrix()
    assert estimates == [N]
    assert np.array_equal(noise.matrix(), estimate_noise(SAID, CODES).matrix)


def test_rows_that_are_not_learnt_or_not_judged_say_nothing():
    learnt, said, codes = ALL.copy(), SAID.copy(), CODES.copy()
    learnt[:50] = False
    codes[:50] = (codes[:50] + 1) % 3
    said[50:60] = np.nan
    said[np.arange(60, 70), codes[60:70]] = np.nan
    noise = FirstNoise(TASK, codes, said, learnt)
    assert np.array_equal(noise.matrix(), estimate_noise(SAID[70:], CODES[70:]).matrix)
    assert np.flatnonzero(~noise.judged()).tolist() == list(range(50, 70))


def test_trusted_rows_say_nothing_of_noise():
    trusted = np.arange(N) % 3 == 0
    assert np.array_equal(
        FirstNoise(TASK, CODES, SAID, ALL, trusted).matrix(), estimate_noise(SAID, CODES, trusted=trusted).matrix
    )
    assert FirstNoise(TASK, CODES, SAID, ALL, ALL).matrix() is None


@pytest.mark.parametrize("codes", [np.zeros(N, dtype=int), CODES], ids=["one class", "nothing judged"])
def test_where_nothing_can_be_estimated_there_is_none(codes):
    said = SAID if not codes.any() else np.full_like(SAID, np.nan)
    assert FirstNoise(TASK, codes, said, ALL).matrix() is None


def test_each_of_several_labels_has_its_own(estimates):
    codes = np.column_stack([CODES == 0, CODES == 1]).astype(int)
    noise = FirstNoise(Multilabel(["a", "b"]), codes, SAID[:, :2], ALL)
    for label in (1, 0, 1):
        pairs = np.column_stack([1 - SAID[:, label], SAID[:, label]])
        assert np.array_equal(noise.matrix(label), estimate_noise(pairs, codes[:, label]).matrix)
    assert len(estimates) == 2


@pytest.mark.parametrize("share", [0.0, 0.25], ids=["no guard", "guard"])
def test_a_refinement_estimates_once_and_its_judgement_with_it(estimates, share):
    X, y = blobs(20, spread=1.0)
    y = np.where(np.arange(60) % 5 == 0, (y + 1) % 3, y)
    guard = np.random.default_rng(0).random(60) < share
    problem = Problem(X, TASK, y, np.eye(3, dtype=np.float32)[y], guard)
    settings = Settings(cv=3, momentum="bayes", seeds=Seeds(0))
    history = History(problem, settings)
    for done in refinement_rounds(problem, [Centroids()], settings, n_rounds=3):
        history.add(done)
    assert estimates == [int((~guard).sum())]
    again = refinement_rounds(
        problem, [Centroids()], settings, n_rounds=4, first=4, targets=history.targets, noise=history.noise
    )
    assert next(again).noise is history.noise
    assert len(estimates) == 1
