"""Laws that every method keeps. One row a method; a method that is exempt from a law says why in its row."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold

from simple_learners import Centroids, blobs
from softlabel import Refinement, StochasticLabelRefinery, TorchClassifier


def _by_estimator(X, y, **options):
    options = {"estimator": Centroids(), "n_rounds": 3, "cv": 3, "random_state": 0} | options
    fit_options = {key: options.pop(key) for key in ("targets", "groups", "sample_weight") if key in options}
    return StochasticLabelRefinery(**options).fit(X, y, **fit_options).label_distributions_


def _by_network(X, y, **options):
    network = TorchClassifier(
        "mlp", network_options={"hidden": (16,), "dropout": 0.2}, epochs=6, batch_size=16, device="cpu"
    )
    return _by_estimator(X, y, **({"estimator": network} | options))


def _by_pictures(X, y, **options):
    """The same points as the colours of pictures, with augmentation and test-time augmentation."""
    pixels = np.full((len(X), 8, 8, 3), 128, dtype=np.uint8)
    pixels[..., :2] = np.clip(128 + 25 * np.asarray(X), 0, 255).astype(np.uint8)[:, None, None, :2]
    pixels.flags.writeable = X.flags.writeable
    network = TorchClassifier("small_cnn", epochs=5, batch_size=8, lr=0.05, augment="flip", device="cpu")
    return _by_estimator(pixels, y, **({"estimator": network, "tta": "flip"} | options))


def _by_hand(X, y, estimator=None, n_jobs=None, **options):
    refinement = Refinement(y, **({"n_rounds": 3, "cv": 3, "random_state": 0} | options))
    for fold in refinement:
        model = clone(estimator or Centroids()).fit(X[fold.train], fold.targets)
        fold.tell(model.predict_targets(X[fold.held_out]))
    return refinement.targets


@dataclass(frozen=True)
class Method:
    """One row of the table."""

    refine: Callable[..., np.ndarray]  # (X, y, **options) -> targets (n, k)
    estimator: Any = None  # a scikit-learn estimator, where the method is one
    exempt: dict[str, str] = field(default_factory=dict)  # law -> reason


METHODS = {
    "slr": Method(_by_estimator, StochasticLabelRefinery(LogisticRegression(), n_rounds=1, cv=2)),
    "slr-network": Method(
        _by_network,
        StochasticLabelRefinery(TorchClassifier("mlp"), n_rounds=1, cv=2),
        exempt={
            "rows_permute": "a network is no order-blind learner: its batches are drawn by the positions of rows",
            "classes_permute": "nor is it blind to the order of classes: first weights are drawn column by column",
        },
    ),
    "slr-pictures": Method(
        _by_pictures,
        StochasticLabelRefinery(TorchClassifier("small_cnn"), n_rounds=1, cv=2, tta="flip"),
        exempt={
            "rows_permute": "as for slr-network",
            "classes_permute": "as for slr-network",
        },
    ),
    "slr-by-hand": Method(
        _by_hand,
        exempt={
            "serial_equals_processes": "the caller's own loop does the fits",
            "clone_and_parameters": "it is a loop, not an estimator",
        },
    ),
}


LAWS = set()


def _with(law):
    LAWS.add(law)
    return pytest.mark.parametrize("method", [pytest.param(m, id=n) for n, m in METHODS.items() if law not in m.exempt])


def _pairs(n, n_splits=3, seed=0):
    return list(KFold(n_splits, shuffle=True, random_state=seed).split(np.zeros(n)))


@pytest.fixture
def noisy():
    X, y = blobs(n_per_class=25, spread=1.5, seed=1)
    wrong = np.random.default_rng(0).random(len(y)) < 0.2
    return X, np.where(wrong, (y + 1) % 3, y)


@_with("rows_stay_valid")
@pytest.mark.parametrize("options", [{}, {"momentum": "average"}, {"sharpen": 0.3}, {"momentum": 0.0}], ids=str)
def test_rows_stay_valid(method, noisy, options):
    targets = method.refine(*noisy, **options)
    assert targets.dtype == np.float32
    assert (targets >= 0).all()
    assert np.allclose(targets.sum(axis=1), 1, atol=1e-5)


@_with("no_rounds")
def test_no_rounds_give_the_encoded_labels(method, noisy):
    X, y = noisy
    assert np.array_equal(method.refine(X, y, n_rounds=0), np.eye(3, dtype=np.float32)[y])


@_with("momentum_one")
def test_momentum_one_leaves_the_labels(method, noisy):
    X, y = noisy
    assert np.array_equal(method.refine(X, y, momentum=1.0), np.eye(3, dtype=np.float32)[y])


@_with("rows_permute")
def test_permuting_rows_permutes_rows(method, noisy):
    X, y = noisy
    order = np.random.default_rng(5).permutation(len(y))
    place = np.argsort(order)  # where each old row stands now
    pairs = _pairs(len(y))
    moved = [(place[train], place[held_out]) for train, held_out in pairs]
    expected = method.refine(X, y, cv=pairs)[order]
    assert np.allclose(method.refine(X[order], y[order], cv=moved), expected, atol=1e-5)


@_with("classes_permute")
def test_permuting_classes_permutes_columns(method, noisy):
    X, y = noisy
    new_name = np.array([2, 0, 1])  # class c is now called new_name[c]
    pairs = _pairs(len(y))
    expected = method.refine(X, y, cv=pairs)
    assert np.allclose(method.refine(X, new_name[y], cv=pairs)[:, new_name], expected, atol=1e-5)


@_with("inputs_unchanged")
def test_inputs_are_never_changed(method, noisy):
    X, y = noisy
    targets = np.eye(3)[y] * 0.8 + 0.2 / 3
    groups = np.arange(len(y)) // 2
    given = {"X": X, "y": y, "targets": targets, "groups": groups}
    before = {name: array.copy() for name, array in given.items()}
    for array in given.values():
        array.flags.writeable = False
    method.refine(X, y, targets=targets, groups=groups)
    for name, array in given.items():
        assert np.array_equal(array, before[name]), name


@_with("same_seed_same_bytes")
def test_same_seed_same_bytes_and_the_global_generator_is_left_alone(method, noisy):
    np.random.seed(0)  # noqa: NPY002 - the law is about this very generator
    state = np.random.get_state()[1].copy()  # noqa: NPY002
    first = method.refine(*noisy)
    assert np.array_equal(np.random.get_state()[1], state)  # noqa: NPY002
    np.random.seed(99)  # noqa: NPY002
    assert method.refine(*noisy).tobytes() == first.tobytes()
    assert method.refine(*noisy, random_state=1).tobytes() != first.tobytes()


@_with("serial_equals_processes")
def test_serial_equals_processes(method, noisy):
    assert method.refine(*noisy, n_jobs=2).tobytes() == method.refine(*noisy).tobytes()


@_with("clean_data_keep_argmax")
def test_clean_well_separated_data_keep_their_argmax(method):
    X, y = blobs(n_per_class=20, k=4, spread=0.3)
    assert np.array_equal(method.refine(X, y, n_rounds=6).argmax(axis=1), y)


@_with("clone_and_parameters")
def test_clone_and_parameters_round_trip(method):
    copy = clone(method.estimator)
    assert copy is not method.estimator
    assert {k: repr(v) for k, v in copy.get_params().items()} == {
        k: repr(v) for k, v in method.estimator.get_params().items()
    }


@_with("hard_targets_are_labels")
def test_one_hot_first_targets_are_the_labels_themselves(method, noisy):
    X, y = noisy
    assert method.refine(X, y, targets=np.eye(3)[y]).tobytes() == method.refine(X, y).tobytes()


@_with("names_do_not_matter")
def test_names_of_classes_do_not_matter_where_their_order_is_kept(method, noisy):
    X, y = noisy
    assert method.refine(X, np.array(["a", "b", "c"])[y]).tobytes() == method.refine(X, y).tobytes()


def test_the_loop_by_hand_is_the_estimators_loop(noisy):
    assert _by_hand(*noisy).tobytes() == _by_estimator(*noisy).tobytes()


def test_every_exemption_names_a_law_and_a_reason():
    for method in METHODS.values():
        assert method.exempt.keys() <= LAWS
        assert all(method.exempt.values())


@pytest.fixture(autouse=True)
def _no_surprises():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield
