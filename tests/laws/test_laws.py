"""Laws that every method keeps. ``method_table.py`` has one row a method; one that is exempt from a law says why there."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import KFold

from laws.method_table import METHODS, by_estimator, by_hand
from simple_learners import blobs

LAWS = set()


def _with(law):
    LAWS.add(law)
    return pytest.mark.parametrize("method", [pytest.param(m, id=n) for n, m in METHODS.items() if law not in m.exempt])


def _pairs(n, n_splits=3, seed=0):
    return list(KFold(n_splits, shuffle=True, random_state=seed).split(np.zeros(n)))


def _noisy():
    X, y = blobs(n_per_class=25, spread=1.5, seed=1)
    wrong = np.random.default_rng(0).random(len(y)) < 0.2
    return X, np.where(wrong, (y + 1) % 3, y)


@pytest.fixture
def noisy():
    return _noisy()


@pytest.fixture(scope="module")
def usual():
    """What a method makes of the noisy rows, or with fixed folds: several laws compare with it, and it is made once."""
    made = {}

    def of(method, fixed=False):
        if (key := (id(method), fixed)) not in made:
            X, y = _noisy()
            folds = {"cv": _pairs(len(y))} if fixed else {}
            made[key] = method.refine(X, method.labels(y), **folds)
            made[key].flags.writeable = False
        return made[key]

    return of


@_with("rows_stay_valid")
def test_rows_stay_valid(method, noisy, usual):
    X, y = noisy[0], method.labels(noisy[1])
    for options in method.options:
        targets = method.refine(X, y, **options) if options else usual(method)
        assert targets.dtype == np.float32
        assert np.array_equal(method.task(y).check(targets, len(X)), targets)


@_with("no_rounds")
def test_no_rounds_give_the_encoded_labels(method, noisy):
    X, y = noisy[0], method.labels(noisy[1])
    assert np.array_equal(method.refine(X, y, n_rounds=0), method.task(y).encode(y))


@_with("momentum_one")
def test_momentum_one_leaves_the_labels(method, noisy):
    X, y = noisy[0], method.labels(noisy[1])
    assert np.array_equal(method.refine(X, y, momentum=1.0), method.task(y).encode(y))


@_with("rows_permute")
def test_permuting_rows_permutes_rows(method, noisy, usual):
    X, y = noisy[0], method.labels(noisy[1])
    order = np.random.default_rng(5).permutation(len(y))
    place = np.argsort(order)  # where each old row stands now
    pairs = _pairs(len(y))
    moved = [(place[train], place[held_out]) for train, held_out in pairs]
    expected = usual(method, fixed=True)[order]
    assert np.allclose(method.refine(X[order], y[order], cv=moved), expected, atol=1e-5)


@_with("classes_permute")
def test_permuting_classes_permutes_columns(method, noisy, usual):
    X, y = noisy[0], method.labels(noisy[1])
    new_name = np.array([2, 0, 1])  # class c is now called new_name[c]
    pairs = _pairs(len(y))
    expected = usual(method, fixed=True)
    renamed = new_name[y] if y.ndim == 1 else y[:, np.argsort(new_name)]
    assert np.allclose(method.refine(X, renamed, cv=pairs)[:, new_name], expected, atol=1e-5)


@_with("inputs_unchanged")
def test_inputs_are_never_changed(method, noisy):
    X, y = noisy[0], method.labels(noisy[1])
    targets = method.task(y).encode(y).astype(np.float64) * 0.8 + 0.2 / 3
    groups = np.arange(len(y)) // 2
    given = {"X": X, "y": y, "targets": targets, "groups": groups}
    before = {name: array.copy() for name, array in given.items()}
    for array in given.values():
        array.flags.writeable = False
    method.refine(X, y, targets=targets, groups=groups)
    for name, array in given.items():
        assert np.array_equal(array, before[name]), name


@_with("same_seed_same_bytes")
def test_same_seed_same_bytes_and_the_global_generator_is_left_alone(method, noisy, usual):
    np.random.seed(0)  # noqa: NPY002 - the law is about this very generator
    state = np.random.get_state()[1].copy()  # noqa: NPY002
    X, y = noisy[0], method.labels(noisy[1])
    first = method.refine(X, y)
    assert np.array_equal(np.random.get_state()[1], state)  # noqa: NPY002
    np.random.seed(99)  # noqa: NPY002
    assert usual(method).tobytes() == first.tobytes()


@_with("seed_matters")
def test_another_seed_is_another_draw(method, noisy, usual):
    X, y = noisy[0], method.labels(noisy[1])
    assert method.refine(X, y, random_state=1).tobytes() != usual(method).tobytes()


@_with("serial_equals_processes")
def test_serial_equals_processes(method, noisy, usual):
    X, y = noisy[0], method.labels(noisy[1])
    assert method.refine(X, y, n_jobs=2).tobytes() == usual(method).tobytes()


@_with("clean_data_keep_argmax")
def test_clean_well_separated_data_keep_what_they_speak_for(method):
    X, classes = blobs(n_per_class=20, k=4, spread=0.3)
    y = method.labels(classes)
    task = method.task(y)
    warnings.filterwarnings("ignore", "the teacher's temperature is 0.05")  # all rows set apart are right
    assert np.array_equal(task.harden_codes(method.refine(X, y, n_rounds=6)), task.codes(y))


@_with("clone_and_parameters")
def test_clone_and_parameters_round_trip(method):
    copy = clone(method.estimator)
    assert copy is not method.estimator
    assert {k: repr(v) for k, v in copy.get_params().items()} == {
        k: repr(v) for k, v in method.estimator.get_params().items()
    }


@_with("hard_targets_are_labels")
def test_encoded_first_targets_are_the_labels_themselves(method, noisy, usual):
    X, y = noisy[0], method.labels(noisy[1])
    assert method.refine(X, y, targets=method.task(y).encode(y)).tobytes() == usual(method).tobytes()


@_with("names_do_not_matter")
def test_names_of_classes_do_not_matter_where_their_order_is_kept(method, noisy, usual):
    X, y = noisy
    assert method.refine(X, np.array(["a", "b", "c"])[y]).tobytes() == usual(method).tobytes()


def test_the_loop_by_hand_is_the_estimators_loop(noisy):
    assert by_hand(*noisy).tobytes() == by_estimator(*noisy).tobytes()


def test_every_exemption_names_a_law_and_a_reason():
    for method in METHODS.values():
        assert method.exempt.keys() <= LAWS
        assert all(method.exempt.values())


@pytest.fixture(autouse=True)
def _no_surprises():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield
