"""Who labels: what teachers say of stored rows, and which networks they are."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from coloured_pictures import coloured
from methods.taught_pictures import CLEAN, KINDS, PICTURES, network
from simple_learners import Centroids, blobs
from softlabel import (
    InputError,
    LabelRefinery,
    Plain,
    StochasticLabelRefinery,
    TemperatureScaling,
    TorchClassifier,
    TorchRegressor,
)
from softlabel.learners.contract import as_learner
from softlabel.learners.training.teacher_batches import answers_by_batches
from softlabel.methods.teacher_networks import Teachers, networks_within
from softlabel.seeds import Seeds
from softlabel.tasks import Multiclass, Ordinal

X, Y = blobs(n_per_class=15, spread=2.0)
TASK = Multiclass([0, 1, 2])
MLP = TorchClassifier("mlp", network_options={"hidden": (8,)}, epochs=2, batch_size=16, device="cpu")


@pytest.fixture(scope="module")
def of_pictures():
    """Three networks that were trained on target rows of the pictures."""
    rows = Multiclass(["blue", "red"]).encode(KINDS)
    return [network(random_state=seed).fit(PICTURES, rows) for seed in range(3)]


COLOURS = Multiclass(["blue", "red"])


def test_several_say_the_mean_and_by_fold_each_its_own(of_pictures):
    said = np.stack([model.predict_targets(PICTURES) for model in of_pictures])
    assert np.allclose(Teachers(of_pictures).answers(PICTURES, COLOURS), said.mean(axis=0), atol=1e-6)
    folds = np.arange(40) % 4 - 1
    found = Teachers(of_pictures, folds).answers(PICTURES, COLOURS)
    assert found.dtype == np.float32
    assert np.isnan(found[folds < 0]).all()
    for fold in range(3):
        assert np.allclose(found[folds == fold], said[fold][folds == fold], atol=1e-6)


def test_by_batches_each_network_has_a_seed_of_its_own_address(of_pictures):
    seeds = Seeds(3)
    found = Teachers(of_pictures).answers_by_batches(PICTURES, COLOURS, seeds, 2)
    by_hand = [
        answers_by_batches(model, PICTURES, seeds.integer("augment", round=2, member=0, fold=number))
        for number, model in enumerate(of_pictures)
    ]
    assert np.allclose(found, np.mean(by_hand, axis=0), atol=1e-6)
    assert np.abs(found - Teachers(of_pictures).answers_by_batches(PICTURES, COLOURS, seeds, 3)).max() > 1e-4
    assert np.abs(found - Teachers(of_pictures).answers(PICTURES, COLOURS)).max() > 1e-3
    folds = np.arange(40) % 4 - 1
    parts = Teachers(of_pictures, folds).answers_by_batches(PICTURES, COLOURS, seeds, 2)
    own = answers_by_batches(of_pictures[1], PICTURES[folds == 1], seeds.integer("augment", round=2, fold=1))
    assert np.allclose(parts[folds == 1], own, atol=1e-6)
    assert np.isnan(parts[folds < 0]).all()


def test_where_there_is_no_batch_normalisation_both_are_the_same():
    model = MLP.fit(X, np.eye(3)[Y])
    teachers = Teachers([model, Centroids().fit(X, np.eye(3)[Y])])
    assert np.allclose(teachers.answers_by_batches(X, TASK, Seeds(0), 1), teachers.answers(X, TASK), atol=1e-6)
    assert not teachers.alike_by_batches  # batches of other rows move last bits


def test_pictures_of_another_size_are_answered():
    small, large = coloured(20, side=8)[0], coloured(20, side=12)[0]
    model = network(random_state=0, augment=None).fit(large, COLOURS.encode(CLEAN))
    for teachers in (Teachers([model]), Teachers([model], np.zeros(40, int))):
        for answers in (teachers.answers(small, COLOURS), teachers.answers_by_batches(small, COLOURS, Seeds(0), 1)):
            assert answers.shape == (40, 2)
            assert np.isfinite(answers).all()
    with pytest.raises(InputError, match="give rows of that shape"):
        Teachers([model]).answers(small[..., :1], COLOURS)


NAMES = np.array(["b", "c", "a"])


@pytest.mark.parametrize("by_batches", [False, True])
def test_columns_are_found_by_name(by_batches):
    """A teacher that sorts its names, for a task that has them in another order: no swap of two."""
    model = TorchClassifier("mlp", epochs=2, batch_size=16, random_state=0).fit(X, NAMES[Y])
    task = Multiclass(["b", "c", "a"])
    teachers = Teachers([model])
    found = teachers.answers_by_batches(X, task, Seeds(0), 1) if by_batches else teachers.answers(X, task)
    assert np.allclose(found, model.predict_targets(X)[:, [1, 2, 0]], atol=1e-6)
    assert teachers.networks(task) == ([model], [[1, 2, 0]])
    assert teachers.networks(Multiclass(["a", "b", "c"])) == ([model], [None])
    for ask in (teachers.answers, lambda X, task: teachers.answers_by_batches(X, task, Seeds(0), 1)):
        with pytest.raises(
            InputError, match=r"\(it lacks \['d'\] and has \['c'\] beside them\); give one that was"
        ) as told:
            ask(X, Multiclass(["a", "b", "d"]))
        assert "\n" not in str(told.value)


def test_one_that_was_fitted_to_rows_knows_positions():
    model = MLP.fit(X, np.eye(3)[Y])
    assert Teachers([model]).networks(Multiclass(["b", "c", "a"])) == ([model], [None])
    assert Teachers([model]).networks(Multiclass([2, 0, 1])) == ([model], [None])


def test_networks_of_methods_are_their_final_models(of_pictures):
    plain = Plain(network(), random_state=0).fit(PICTURES, KINDS)
    assert networks_within(plain) == plain.estimators_
    folds = StochasticLabelRefinery(network(), n_rounds=1, cv=3, final="folds", random_state=0).fit(PICTURES, KINDS)
    assert networks_within(folds) == folds.estimators_
    assert len(folds.estimators_) == 3
    teachers = Teachers([folds, of_pictures[0]])
    networks, columns = teachers.networks(COLOURS)
    assert networks == [*folds.estimators_, of_pictures[0]]
    assert columns == [None] * 4
    # What they say of stored rows is the mean of these very networks.
    said = np.mean([model.predict_targets(PICTURES) for model in networks], axis=0)
    assert np.allclose(teachers.answers(PICTURES, COLOURS), said, atol=1e-6)
    by_fold = Teachers([folds, of_pictures[0]], np.arange(40) % 2)
    assert by_fold.networks(COLOURS) is None  # which of three would label a crop?


def test_who_is_more_than_its_networks_is_none():
    """A temperature or a pipeline is part of the answer."""
    targets = np.eye(3)[Y]
    pipeline = as_learner(make_pipeline(StandardScaler(), MLP)).fit(X, targets)
    scaled = TemperatureScaling(MLP, random_state=0).fit(X, Y)
    for model in (
        pipeline,
        scaled,
        LogisticRegression().fit(X, Y),
        Plain(Centroids()).fit(X, Y),
        Plain(pipeline).fit(X, Y),
    ):
        assert networks_within(model) is None
        assert Teachers([model]).networks(TASK) is None
        teachers = Teachers([model])
        assert teachers.alike_by_batches
        assert np.array_equal(teachers.answers_by_batches(X, TASK, Seeds(0), 1), teachers.answers(X, TASK))
    assert networks_within(LabelRefinery(MLP, n_generations=1, random_state=0).fit(X, Y)) is not None


def test_grades_as_numbers():
    task = Ordinal.from_labels(Y)
    model = TorchRegressor("mlp", epochs=2, batch_size=16, random_state=0).fit(X, 10.0 * Y)
    teachers = Teachers([model])
    assert teachers.networks(task) == ([model], [None])
    expected = np.clip(model.predict_targets(X), 0, 2)
    assert np.allclose(teachers.answers(X, task), expected, atol=1e-5)
    assert np.allclose(teachers.answers_by_batches(X, task, Seeds(0), 1), expected, atol=1e-5)


def test_networks_of_a_refinement_teach_at_temperature_1_and_its_other_models_as_they_answer():
    refinery = StochasticLabelRefinery(MLP, n_rounds=1, final_targets="refined", cv=2, random_state=0).fit(X, Y)
    (own,) = refinery.estimators_
    refinery.temperature_ = 3.0
    assert networks_within(refinery) == [own]
    assert np.allclose(Teachers([refinery]).answers(X, TASK), own.predict_targets(X), atol=1e-6)
    assert np.abs(refinery.predict_proba(X) - own.predict_targets(X)).max() > 0.05
    forestlike = StochasticLabelRefinery(Centroids(), n_rounds=1, final_targets="refined", cv=2, random_state=0).fit(
        X, Y
    )
    forestlike.temperature_ = 3.0
    assert np.allclose(Teachers([forestlike]).answers(X, TASK), forestlike.predict_proba(X), atol=1e-6)
