from __future__ import annotations

import contextvars
from functools import partial

import numpy as np
import pytest

from simple_learners import Centroids, blobs
from softlabel import Distillation, Refinement, SelfTraining, StochasticLabelRefinery
from softlabel.methods import fit_count
from softlabel.methods.fit_count import counting_a_fit, fits_counted
from softlabel.methods.plain import Plain

X, Y = blobs(n_per_class=12)
_refinery = partial(StochasticLabelRefinery, final_targets="refined")


@pytest.fixture
def clock(monkeypatch):
    """A clock that moves on by one second whenever it is looked at."""
    seconds = iter(range(1000))
    monkeypatch.setattr(fit_count.time, "perf_counter", lambda: float(next(seconds)))


def test_fits_and_the_seconds_within_them(clock):
    with fits_counted() as count:
        for _ in range(3):
            with counting_a_fit():
                pass
    assert count.n_fits == 3
    assert count.seconds == 3.0


def test_inner_counts_are_part_of_outer_ones(clock):
    with fits_counted() as outer:
        with counting_a_fit():
            pass
        with fits_counted() as inner, counting_a_fit():
            pass
    assert (outer.n_fits, inner.n_fits) == (2, 1)
    with counting_a_fit():
        pass
    assert (outer.n_fits, inner.n_fits) == (2, 1)  # what comes afterwards is not theirs


def test_a_fit_that_fails_has_been_none():
    with fits_counted() as count, pytest.raises(RuntimeError), counting_a_fit():
        raise RuntimeError
    assert (count.n_fits, count.seconds) == (0, 0.0)


def test_nobody_needs_to_count():
    with counting_a_fit():
        pass


def test_another_context_counts_for_itself():
    def elsewhere():
        with fits_counted() as count, counting_a_fit():
            pass
        return count.n_fits

    with fits_counted() as here:
        assert contextvars.Context().run(elsewhere) == 1
    assert here.n_fits == 0


@pytest.mark.parametrize(
    ("method", "n_fits"),
    [
        (Plain(Centroids()), 1),
        (_refinery(Centroids(), n_rounds=0), 1),
        (_refinery(Centroids(), n_rounds=2, cv=3), 7),
        (_refinery([Centroids(), Centroids()], n_rounds=1, cv=3, final_members="all"), 8),
        (_refinery(Centroids(), n_rounds=1, cv=3, final="folds"), 6),
        (_refinery(Centroids(), n_rounds=1, cv=3, guard=0.3, refit_on="best"), 7),
        (Distillation(Centroids()), 2),
        (Distillation(Centroids(), [Centroids(), Centroids()]), 3),
        (Distillation(Centroids(), n_generations=3), 4),
        (SelfTraining(Centroids(), n_generations=4), 4),
    ],
    ids=[
        "plain",
        "no rounds",
        "two rounds",
        "ensemble",
        "folds",
        "best",
        "teacher",
        "two teachers",
        "born again",
        "self",
    ],
)
def test_every_fit_of_a_method_is_counted(method, n_fits):
    with fits_counted() as count:
        method.set_params(random_state=0).fit(X, Y)
    assert count.n_fits == n_fits
    assert count.seconds > 0


def test_fits_of_the_callers_own_loop_are_not_seen():
    with fits_counted() as count:
        for fold in Refinement(Y, n_rounds=1, cv=2, random_state=0):
            fold.tell(Centroids().fit(X[fold.train], np.asarray(fold.targets)).predict_targets(X[fold.held_out]))
    assert count.n_fits == 0
