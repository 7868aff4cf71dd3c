"""Networks within rounds: pictures from the given labels to the final model, and what is told when a fit fails."""

import numpy as np
import pytest
import torch
from torch import nn

from coloured_pictures import coloured
from made_pictures import encoded
from softlabel import FitError, StochasticLabelRefinery, TorchClassifier
from softlabel.data.encoded_images import BytesImages
from softlabel.data.folds import Fold
from softlabel.data.image_cache import load_images
from softlabel.data.images import Images
from softlabel.execution.executor import Resources
from softlabel.execution.processes import InProcess
from softlabel.methods.cross_fit import out_of_fold
from softlabel.methods.problem import Problem
from softlabel.seeds import Seeds
from softlabel.tasks import Multiclass

WRONG = [0, 7, 31, 44]  # rows whose label is of the other kind


@pytest.fixture(scope="module")
def pictures():
    X, y = coloured(30, side=8)
    given = y.copy()
    given[WRONG] = np.where(y[WRONG] == "red", "blue", "red")
    return X, y, given


def network(**options):
    base = {"network_options": {"width": 8}, "epochs": 4, "batch_size": 10}
    return TorchClassifier("small_cnn", **(base | options))


def refined(X, y, estimator=None, **options):
    base = {"n_rounds": 1, "cv": 2, "random_state": 0}
    return StochasticLabelRefinery(estimator or network(), **(base | options)).fit(X, y)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"tta": "flip+shift"},
        {"guard": 0.2, "tta": "flip"},
        {"guard": 0.2, "refit_on": "best"},
        {"final": "folds"},
    ],
    ids=str,
)
def test_wrong_labels_are_found(pictures, options):
    X, y, given = pictures
    refinery = refined(X, given, momentum=0.5, **options)
    assert (refinery.predict(X) == y).mean() > 0.9
    assert (refinery.suggested_labels_[WRONG] == y[WRONG]).all()
    assert np.allclose(refinery.label_distributions_.sum(axis=1), 1, atol=1e-5)
    assert ("guard_accuracy" in refinery.history_[0]) == ("guard" in options)


def test_two_networks_label_together_and_both_are_students(pictures):
    X, y, given = pictures
    members = [network(), TorchClassifier("mlp", epochs=8, batch_size=10, lr=0.01)]
    both = refined(X, given, members, final_members="all", final="refit")
    assert [model.network for model in both.estimators_] == ["small_cnn", "mlp"]
    each = [model.predict_targets(X) for model in both.estimators_]
    assert np.allclose(both.predict_proba(X), np.mean(each, axis=0), atol=1e-6)
    assert not np.allclose(*each, atol=1e-3)
    assert len(refined(X, given, members).estimators_) == 1
    assert (both.predict(X) == y).mean() > 0.9


def test_views_change_the_update_and_are_asked_for_separately_in_the_end(pictures):
    X, _, given = pictures
    plain, averaged = (refined(X, given, final_targets="refined", tta=tta) for tta in (None, "flip"))
    assert not np.array_equal(plain.label_distributions_, averaged.label_distributions_)
    one, flipped = averaged.predict_proba(X), averaged.predict_proba(X[:, :, ::-1])
    assert np.allclose(averaged.predict_proba(X, tta="flip"), (one + flipped) / 2, atol=1e-6)


def test_processes_and_their_workers_change_no_byte(pictures):
    X, _, given = pictures
    options = {"augment": "crop+flip+mixup", "epochs": 1}
    serial = refined(X, given, network(**options))
    shared = refined(X, given, network(workers=2, **options), n_jobs=2)
    assert shared.label_distributions_.tobytes() == serial.label_distributions_.tobytes()
    assert shared.predict_proba(X).tobytes() == serial.predict_proba(X).tobytes()


@pytest.mark.parametrize("workers", [0, 2])
def test_pictures_that_are_decoded_when_read_give_the_same_bytes(pictures, workers):
    X, _, given = pictures
    files = BytesImages([encoded(picture) for picture in X], [f"{row}.png" for row in range(len(X))])
    kept, lazy = (load_images(files, cache=cache) for cache in ("memory", "none"))
    assert lazy.lazy
    assert not kept.lazy
    model = network(epochs=2, random_state=0).fit(kept, given)
    again = network(epochs=2, random_state=0, workers=workers).fit(lazy, given)
    assert again.predict_proba(lazy).tobytes() == model.predict_proba(kept).tobytes()
    assert again.history_ == model.history_
    array = network(epochs=2, random_state=0).fit(Images.from_array(X), given)
    assert array.predict_proba(X).tobytes() == model.predict_proba(kept).tobytes()


class Poisoned(nn.Module):
    """A linear network that cannot be trained on rows that hold 1000: the answers are NaN, or the memory runs out."""

    def __init__(self, n_features, n_outputs):
        super().__init__()
        self.line = nn.Linear(n_features, n_outputs)

    def forward(self, x):
        answers = self.line(x.flatten(1) / 1000)
        if self.training and (x == 1000).any():
            return self.fails(answers)
        return answers

    def fails(self, answers):
        return answers * float("nan")


class Greedy(Poisoned):
    def fails(self, answers):
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB.\nGPU 0 has no more.")


class Kept(dict):
    """Finished units in a dictionary."""

    put = dict.__setitem__


@pytest.mark.parametrize(
    ("made", "told"),
    [
        (Poisoned, r"the loss is nan in epoch 1, batch \d, at learning rate 0\.3; give a smaller lr, clip_norm=1"),
        (Greedy, r"out of memory on cpu with batches of 5; lower batch_size \(to 2, say\)"),
    ],
)
def test_a_fit_that_fails_is_named_in_a_line_and_the_others_are_kept(made, told):
    draws = np.random.default_rng(0)
    codes = np.arange(24) % 2
    X = draws.normal(size=(24, 2, 2)).astype(np.float32)
    X[5] = 1000
    targets = np.eye(2, dtype=np.float32)[codes]
    problem = Problem(X, Multiclass(np.arange(2)), codes, targets, np.zeros(24, bool))
    held_out = np.arange(24).reshape(3, 8)  # row 5 is held out of fold 0 alone
    folds = [Fold(np.setdiff1d(np.arange(24), rows), rows) for rows in held_out]
    learner = TorchClassifier(made, epochs=2, batch_size=5, lr=0.3, schedule="constant", random_state=0)
    units = Kept()
    with pytest.raises(
        FitError, match=rf"^the learner failed in round 4, member 0, fold 1 \(2 of 3 .*\): {told}"
    ) as got:
        out_of_fold(
            problem, [learner], targets, folds, round=4, seeds=Seeds(0), executor=InProcess(), resources=Resources(),
            units=units,
        )  # fmt: skip
    assert "\n" not in str(got.value)
    assert (got.value.round, got.value.member, got.value.fold) == (4, 0, 1)
    assert [(unit.round, unit.member, unit.fold) for unit in units] == [(4, 0, 0)]
    assert units[next(iter(units))].held_out.shape == (8, 2)
    assert len(units[next(iter(units))].history) == 2
