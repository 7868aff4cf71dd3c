"""The memoriser: a learner that knows rows it has seen and nothing else. Out of fold its refinement has a closed form."""

from __future__ import annotations

import numpy as np
import pytest

from simple_learners import Memoriser
from softlabel import Refinement, StochasticLabelRefinery, update_targets
from softlabel.tasks import Multilabel, Ordinal

N, K = 60, 4
X = np.arange(N, dtype=np.float64)[:, None]  # distinct rows
Y = np.arange(N) % K


def _refinery(**options):
    """The paper's method, which hands the refined rows to the final fit as they are."""
    return StochasticLabelRefinery(Memoriser(), final_targets="refined", random_state=0, **options)


def _expected(momentum, rounds):
    """m^r onehot + (1 - m^r) / k: each held-out prediction is uniform, for the row was never seen."""
    kept = momentum**rounds
    return kept * np.eye(K)[Y] + (1 - kept) / K


@pytest.mark.parametrize("momentum", [0.0, 0.3, 0.75, 0.9])
@pytest.mark.parametrize("rounds", [1, 2, 5])
def test_refined_rows_follow_the_closed_form(momentum, rounds):
    refinery = _refinery(n_rounds=rounds, momentum=momentum).fit(X, Y)
    assert np.allclose(refinery.label_distributions_, _expected(momentum, rounds), atol=1e-6)


def test_the_running_average_weighs_the_label_and_each_prediction_alike():
    refinery = _refinery(n_rounds=4, momentum="average").fit(X, Y)
    assert np.allclose(refinery.label_distributions_, np.eye(K)[Y] / 5 + 4 / 5 / K, atol=1e-6)


def test_by_hand_too():
    refinement = Refinement(Y, n_rounds=3, random_state=0)
    for fold in refinement:
        fold.tell(Memoriser().fit(X[fold.train], fold.targets).predict_targets(X[fold.held_out]))
    assert np.allclose(refinement.targets, _expected(0.75, 3), atol=1e-6)


def test_the_guard_takes_no_part_and_is_not_seen():
    refinery = _refinery(n_rounds=3, guard=0.25).fit(X, Y)
    untouched = (refinery.label_distributions_ == np.eye(K)[Y]).all(axis=1)
    assert untouched.sum() == 15
    assert np.allclose(refinery.label_distributions_[~untouched], _expected(0.75, 3)[~untouched], atol=1e-6)
    # no fold model ever saw a guard row: each predicts it uniformly, so that its quality falls like any other's
    assert np.allclose(refinery.label_quality_, _expected(0.75, 3)[np.arange(N), Y], atol=1e-6)


def test_an_in_sample_loop_fails_the_law():
    targets = np.eye(K, dtype=np.float32)[Y]
    for r in range(1, 4):  # what a careless loop does: predict the rows that the model was trained on
        targets = update_targets(targets, Memoriser().fit(X, targets).predict_targets(X), 0.75, round=r)
    assert np.array_equal(targets, np.eye(K)[Y])  # the memoriser hands every label back: nothing is refined
    assert not np.allclose(targets, _expected(0.75, 3))


ENTRIES = (np.arange(N)[:, None] >> np.arange(K)) % 2  # (N, K): every combination of labels occurs


@pytest.mark.parametrize(
    ("task", "y"),
    [
        (Ordinal.from_labels(Y), Y),
        (Ordinal.from_labels(Y, view="distribution"), Y),
        (Ordinal.from_labels(Y, view="distribution", start="unimodal"), Y),
        (Multilabel.from_labels(ENTRIES), ENTRIES),
    ],
    ids=["scalar", "distribution", "unimodal", "multilabel"],
)
@pytest.mark.filterwarnings("ignore:4 of 60 rows have no label")
@pytest.mark.parametrize("rounds", [1, 4])
def test_every_kind_of_row_follows_the_closed_form(task, y, rounds):
    refinery = _refinery(task=task, n_rounds=rounds, momentum=0.6).fit(X, y)
    kept = 0.6**rounds
    expected = (
        kept * task.encode(y) + (1 - kept) / task.n_columns
    )  # the memoriser answers 1/m to rows that it never saw
    assert np.allclose(refinery.label_distributions_, expected, atol=1e-6)
