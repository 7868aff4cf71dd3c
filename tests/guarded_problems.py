"""Problems of three blobs with wrong labels, and learners that note what they were fitted on: for tests of choices beside guards."""

import numpy as np

from simple_learners import Centroids, blobs
from softlabel.methods.plans import plans_of
from softlabel.methods.problem import Problem
from softlabel.methods.rounds import Settings
from softlabel.seeds import Seeds
from softlabel.tasks import Multiclass

SETTINGS = Settings(cv=3, momentum="bayes", teacher_targets="pruned", seeds=Seeds(0))
PLANS = plans_of(SETTINGS, [Centroids()])
GUARD = np.arange(60) % 4 == 0
FITS = []  # [rows fitted on, [rows predicted, ...]] of each model, in order


class Recorder(Centroids):
    """Notes which rows it was fitted on and asked for; the last column of X is the row's number."""

    def fit(self, X, targets, sample_weight=None):
        self.note_ = [X[:, -1].astype(int), []]
        FITS.append(self.note_)
        return super().fit(X[:, :-1], targets, sample_weight)

    def predict_targets(self, X):
        self.note_[1].append(X[:, -1].astype(int))
        return super().predict_targets(X[:, :-1])


def problem_of(n_per_class=20, wrong=0.0, numbered=True, guard=None, **beside):
    """Return three blobs, a share of whose labels are moved to the next class."""
    X, y = blobs(n_per_class, spread=0.5)
    n, rng = len(y), np.random.default_rng(1)
    moved = rng.permutation(n)[: round(wrong * n)]
    y = y.copy()
    y[moved] = (y[moved] + 1) % 3
    X = np.column_stack([X, np.arange(n)]) if numbered else X
    guard = np.zeros(n, dtype=bool) if guard is None else guard
    return Problem(X, Multiclass([0, 1, 2]), y, np.eye(3, dtype=np.float32)[y], guard, **beside)
