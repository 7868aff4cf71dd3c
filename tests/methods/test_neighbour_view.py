"""What the neighbours of a row were given: never its own label, by distances that units do not change, where rows can be compared."""

import itertools
import warnings

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.kernel_approximation import RBFSampler
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

from softlabel.data.folds import Fold, stochastic_folds
from softlabel.learners.contract import as_learner
from softlabel.methods import neighbour_view
from softlabel.methods.neighbour_view import N_NEIGHBOURS, NeighbourView, n_neighbours
from softlabel.methods.problem import Problem
from softlabel.methods.rounds import Settings, first_noise
from softlabel.seeds import Seeds
from softlabel.tasks import Multiclass, Multilabel

LINEAR = LogisticRegression()


def _view(X, codes, *, folds=None, estimator=LINEAR, weight=None, k=2, task=None, given=None):
    given = np.eye(k, dtype=np.float32)[codes] if given is None else given
    task = task or Multiclass(list(range(k)))
    problem = Problem(X, task, codes, given, np.zeros(len(codes), dtype=bool), sample_weight=weight)
    folds = stochastic_folds(codes, 2, seed=0) if folds is None else folds
    return NeighbourView(problem, [as_learner(estimator, task.kind)], folds, seed=0)


def _two_heaps(n=60, seed=0):
    """Return rows (2 n, 2) in two heaps far apart, and their heap."""
    rng = np.random.default_rng(seed)
    heap = np.repeat([0, 1], n)
    return rng.normal(size=(2 * n, 2)) + 20.0 * heap[:, None], heap


def test_shares_of_five_neighbours_by_hand():
    X = np.array([0.0, 1.0, 2.0, 3.0, 4.0, 100.0, 101.0, 102.0, 2.2])[:, None]
    codes = np.array([0, 0, 1, 0, 0, 1, 1, 1, 1])
    shares = _view(X, codes, folds=[Fold(np.arange(8), np.array([8]))]).shares(np.array([8, 0]))
    assert shares[0].tolist() == [0.8, 0.2]  # 0, 1, 2, 3 and 4, of which one is of the second class
    assert np.isnan(shares[1]).all()  # held out by no fold


def test_no_label_reaches_its_own_row():
    X, codes = _two_heaps()
    folds = stochastic_folds(codes, 3, seed=1)
    before = _view(X, codes, folds=folds).shares(np.arange(len(codes)))
    for row in (0, 17, 80):
        changed = codes.copy()
        changed[row] = 1 - changed[row]
        after = _view(X, changed, folds=folds).shares(np.arange(len(codes)))
        assert np.array_equal(after[row], before[row])
        assert not np.array_equal(after, before)


def test_a_row_that_several_folds_hold_out_has_the_mean_whatever_their_order():
    X, codes = np.zeros((11, 1)), np.array([0] * 5 + [1] * 6)
    folds = [Fold(np.arange(5), np.array([10])), Fold(np.arange(5, 10), np.array([10]))]
    assert _view(X, codes, folds=folds).shares(np.array([10])).tolist() == [[0.5, 0.5]]
    X, codes = _two_heaps()
    fold = stochastic_folds(codes, 2, seed=0)[0]
    turned = Fold(fold.train[::-1], fold.held_out[::-1])
    rows = fold.held_out
    assert np.array_equal(
        _view(X * 0, codes, folds=[fold]).shares(rows), _view(X * 0, codes, folds=[turned]).shares(rows)
    )


def test_the_guard_is_neither_searched_nor_read():
    X, codes = _two_heaps()
    others = np.arange(len(codes)) % 4 != 0
    folds = stochastic_folds(codes, 3, seed=0, rows=np.flatnonzero(others))
    before = _view(X, codes, folds=folds).shares(np.flatnonzero(others))
    changed, moved = np.where(others, codes, 1 - codes), np.where(others[:, None], X, -50.0)
    assert np.array_equal(_view(moved, changed, folds=folds).shares(np.flatnonzero(others)), before)


def test_no_more_rows_are_searched_than_that(monkeypatch):
    X, codes = _two_heaps()
    monkeypatch.setattr(neighbour_view, "MOST_ROWS", 7)
    searched = []
    monkeypatch.setattr(
        neighbour_view,
        "_nearest",
        lambda rows, there, number: searched.append(len(rows)) or np.zeros((len(there), number), int),
    )
    _view(X, codes).shares(np.arange(len(codes)))
    assert searched == [7, 7]


def test_units_and_unknown_numbers():
    X, codes = _two_heaps()
    rows = np.arange(len(codes))
    assert np.array_equal(_view(X * [1.0, 1e6], codes).shares(rows), _view(X, codes).shares(rows))
    X[::7, 0] = np.nan
    X = np.column_stack([X, np.full(len(X), np.nan), np.ones(len(X))])
    assert (_view(X, codes).shares(rows)[rows, codes] > 0.9).all()  # the other column tells the heaps apart


def test_numbers_of_half_precision(recwarn):
    X, codes = _two_heaps()
    assert (_view(X.astype(np.float16), codes).shares(np.arange(120))[np.arange(120), codes] > 0.9).all()
    assert not list(recwarn)


def test_sparse_rows_are_compared_by_their_direction():
    rng = np.random.default_rng(0)
    codes = np.repeat([0, 1], 50)
    X = csr_array(np.eye(2)[codes] * rng.uniform(0.1, 30.0, size=(100, 1)))
    assert (_view(X, codes).shares(np.arange(100))[np.arange(100), codes] == 1.0).all()


def test_of_equally_near_rows_the_first_of_a_sorted_table_do_not_count_more():
    codes = np.repeat([0, 1], 500)  # sorted by class, and nothing tells the rows apart
    share = _view(np.ones((1000, 2)), codes).shares(np.arange(1000))[:, 0]
    assert 0.2 < share.mean() < 0.8


def test_weights_are_votes_and_rows_of_weight_0_have_none():
    X = np.zeros((7, 1))
    codes, weight = np.array([0, 0, 0, 1, 1, 1, 0]), np.array([1.0, 1, 1, 1, 4, 0, 1])
    shares = _view(X, codes, weight=weight, folds=[Fold(np.arange(6), np.array([6]))]).shares(np.array([6]))
    assert shares.tolist() == [[3 / 8, 5 / 8]]
    only_zero = np.array([0.0, 0, 0, 0, 0, 0, 1])
    shares = _view(X, codes, weight=only_zero, folds=[Fold(np.arange(6), np.array([6]))]).shares(np.array([6]))
    assert np.isfinite(shares).all()


def test_several_labels():
    X, heap = _two_heaps()
    codes = np.column_stack([heap, 1 - heap, np.ones_like(heap)])
    task = Multilabel(["a", "b", "c"])
    view = _view(X, codes, task=task, given=codes.astype(np.float32), folds=stochastic_folds(heap, 2, seed=0))
    assert np.array_equal(view.shares(np.arange(len(heap))), codes)


@pytest.mark.parametrize(("n", "number"), [(3, 3), (60, 5), (200, 10), (400, 20), (10**6, N_NEIGHBOURS)])
def test_how_many_are_asked(n, number):
    assert n_neighbours(n) == number


WORDS = np.array([f"{'good fine' if i % 2 else 'bad poor'} {i}" for i in range(60)], dtype=object)


def test_rows_behind_the_pipeline_of_the_learner():
    codes = np.arange(60) % 2
    view = _view(WORDS, codes, estimator=make_pipeline(CountVectorizer(), LINEAR))
    assert (view.shares(np.arange(60))[np.arange(60), codes] == 1.0).all()
    frame = pd.DataFrame({"a": codes * 9.0, "b": np.ones(60)})
    assert (_view(frame, codes).shares(np.arange(60))[np.arange(60), codes] == 1.0).all()


def test_transformers_that_draw_draw_the_same_and_nothing_of_the_callers(recwarn):
    X, codes = _two_heaps()

    def shares():
        return _view(X, codes, estimator=make_pipeline(RBFSampler(n_components=2), LINEAR)).shares(np.arange(120))

    # The global generator is what must stay as it is: it has no other interface.
    before, found = np.random.get_state()[1].copy(), shares()  # noqa: NPY002
    assert np.array_equal(np.random.get_state()[1], before)  # noqa: NPY002
    np.random.seed(2)  # noqa: NPY002
    assert np.array_equal(shares(), found)


def test_transformers_meet_the_rows_that_the_learner_meets():
    """Of weight 0, too: a kind that only such rows have is known."""
    frame = pd.DataFrame({"kind": ["a", "b"] * 30 + ["c"] * 4})
    codes, weight = np.arange(64) % 2, np.repeat([1.0, 0.0], [60, 4])
    view = _view(frame, codes, estimator=make_pipeline(OneHotEncoder(), LINEAR), weight=weight)
    shares = view.shares(np.arange(64))
    assert (shares[np.arange(60), codes[:60]] == 1.0).all()


def test_what_transformers_complain_of_is_told_by_the_fits():
    def complain(rows):
        warnings.warn("odd rows", UserWarning, stacklevel=2)
        return rows

    X, codes = _two_heaps()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = _view(X, codes, estimator=make_pipeline(FunctionTransformer(complain), LINEAR)).shares(np.arange(120))
    assert found is not None


class Rows:
    """A collection of a user's own, with columns that are no frame's."""

    columns = ("a",)

    def __len__(self):
        return 60

    def take(self, rows):
        return self


CALLS = itertools.count()


def _other_columns(rows):
    """Return one column and two in turn, of rows that had two."""
    return rows[:, next(CALLS) % 2 :]


def _broken(rows):
    raise KeyError("cat_z")


@pytest.mark.parametrize(
    ("X", "estimator"),
    [
        (WORDS, LINEAR),
        (np.zeros((60, 0)), LINEAR),
        (Rows(), LINEAR),
        (np.zeros((60, 2)), make_pipeline(FunctionTransformer(_broken), LINEAR)),
        (np.zeros((60, 2)), make_pipeline(FunctionTransformer(_other_columns), LINEAR)),
        (np.zeros((60, 2, 2)), LINEAR),
        (pd.DataFrame({"a": WORDS}), LINEAR),
        (WORDS, make_pipeline(StandardScaler(), LINEAR)),  # cannot be fitted; the learner will say so
        (WORDS, make_pipeline(FunctionTransformer(lambda rows: rows), LINEAR)),
        (np.full((60, 2), np.inf), LINEAR),
    ],
    ids=[
        "texts",
        "no columns",
        "rows of one's own",
        "broken",
        "other columns",
        "pictures",
        "frame of texts",
        "unfit",
        "texts behind a pipeline",
        "infinite",
    ],
)
def test_rows_that_cannot_be_compared_have_no_such_view(X, estimator):
    assert _view(X, np.arange(60) % 2, estimator=estimator).shares(np.arange(60)) is None


def test_noise_that_a_learner_does_not_see_is_seen_by_neighbours():
    """A learner that knows nothing gives T = identity; with the neighbours the matrix is near the true one."""
    rng = np.random.default_rng(3)
    true = rng.integers(3, size=1500)
    X = rng.normal(size=(1500, 2)) + 12.0 * np.array([[0, 0], [1, 0], [0, 1]])[true]
    codes = np.where(rng.random(1500) < 0.3, (true + 1) % 3, true)
    T = 0.7 * np.eye(3) + 0.3 * np.roll(np.eye(3), 1, axis=1)
    oof = rng.dirichlet([1.0] * 3, size=1500)
    problem = Problem(X, Multiclass([0, 1, 2]), codes, np.eye(3, dtype=np.float32)[codes], np.zeros(1500, dtype=bool))
    settings = Settings(cv=5, momentum="bayes", seeds=Seeds(0))
    folds = stochastic_folds(codes, 5, seed=0)
    with_neighbours = first_noise(problem, [as_learner(LINEAR)], settings, oof, folds).matrix()
    alone = first_noise(problem, [as_learner(LINEAR)], settings, oof, []).matrix()
    assert np.abs(alone - T).max() > 0.25
    assert np.abs(with_neighbours - T).max() < 0.1


def test_columns_of_pandas_own_kinds_of_number_are_numbers():
    X, codes = _two_heaps()
    X[::7, 1] = np.nan
    frame = pd.DataFrame(X, columns=["a", "b"])
    plain = _view(frame, codes).shares(np.arange(len(codes)))
    assert plain is not None
    nullable = _view(frame.astype("Float64"), codes).shares(np.arange(len(codes)))
    assert np.array_equal(nullable, plain)
    counted = pd.DataFrame(
        {"n": pd.array([None, *range(119)], dtype="Int64"), "is": pd.array(codes == 1, dtype="boolean")}
    )
    assert _view(counted, codes).shares(np.arange(len(codes))) is not None
    assert _view(frame.astype("string"), codes).shares(np.arange(len(codes))) is None
