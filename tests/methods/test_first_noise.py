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
from softlabel.targets import noise_estimate
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


def _flat(rows):
    """Return a second view that knows something of every other row, and nothing of the others."""
    shares = np.full((len(rows), 3), np.nan)
    shares[::2] = 0.2
    shares[::2, 1] = 0.6
    return shares


def test_two_views_are_pooled_where_both_know_the_row():
    said, shares = np.asarray(SAID, dtype=np.float64), _flat(ALL)
    both = np.sqrt((said + 0.001) * (shares + 0.001))
    pooled = np.where(np.isnan(shares), said, both / both.sum(axis=1, keepdims=True))
    found = FirstNoise(TASK, CODES, SAID, ALL, second=_flat).matrix()
    np.testing.assert_allclose(found, estimate_noise(pooled, CODES).matrix, atol=1e-6)
    assert not np.allclose(found, estimate_noise(SAID, CODES).matrix, atol=1e-3)
    assert np.array_equal(
        FirstNoise(TASK, CODES, SAID, ALL, second=lambda rows: None).matrix(), estimate_noise(SAID, CODES).matrix
    )


def test_the_second_view_of_several_labels_is_asked_for_once_and_read_by_label(monkeypatch):
    asked, read = [], []
    shares = np.random.default_rng(1).random((N, 2))
    monkeypatch.setattr(
        first_noise, "estimate_noise", lambda q, *_, **__: read.append(q) or estimate_noise(q, *_, **__)
    )
    task, codes = Multilabel(["a", "b"]), np.column_stack([CODES == 0, CODES == 1]).astype(int)
    noise = FirstNoise(task, codes, SAID[:, :2], ALL, second=lambda rows: asked.append(len(rows)) or shares[rows])
    for label in (0, 1):
        noise.matrix(label)
        views = [np.column_stack([1.0 - view[:, label], view[:, label]]) + 0.001 for view in (SAID, shares)]
        both = np.sqrt(views[0] * views[1])
        np.testing.assert_allclose(read[label], both / both.sum(axis=1, keepdims=True), atol=1e-5)
    assert asked == [N]


def test_no_more_rows_are_asked_than_are_fitted_on(monkeypatch, estimates):
    monkeypatch.setattr(noise_estimate, "_MOST_ROWS", 50)
    asked = []
    FirstNoise(TASK, CODES, SAID, ALL, second=lambda rows: asked.append(rows)).matrix()
    assert [len(rows) for rows in asked] == estimates == [50]


def test_rows_of_weight_0_say_nothing_of_the_noise_and_are_judged_all_the_same():
    X, y = blobs(40, spread=0.5)
    rng = np.random.default_rng(0)
    codes, weight = y.copy(), np.ones(120)
    of_none = rng.permutation(120)[:60]
    weight[of_none] = 0.0
    codes[of_none] = (codes[of_none] + 1) % 3  # all wrong
    given = np.eye(3, dtype=np.float32)[codes]
    problem = Problem(X, TASK, codes, given, np.zeros(120, dtype=bool), sample_weight=weight)
    settings = Settings(cv=3, momentum="bayes", seeds=Seeds(0))
    (done,) = refinement_rounds(problem, [Centroids()], settings, n_rounds=1)
    used = weight > 0
    expected = FirstNoise(TASK, codes, done.oof, used, second=done.noise._second).matrix()
    assert np.array_equal(done.noise.matrix(), expected)
    assert (np.diagonal(done.noise.matrix()) > 0.99).all()  # with the others it would be a third to a half
    assert np.array_equal(done.refined[used].argmax(axis=1), codes[used])
    assert not np.array_equal(done.refined[of_none], given[of_none])
