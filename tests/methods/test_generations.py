"""Generation after generation: who learns from whom, on which rows, and what is kept."""

from __future__ import annotations

import itertools
import pickle
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest
from sklearn.base import BaseEstimator

from methods.taught_pictures import KINDS, MORE, PICTURES, labels_watched, network, ready, same_bytes
from simple_learners import Centroids, FailsInFold, Memoriser, blobs
from softlabel import FitError, TorchClassifier
from softlabel.data.folds import stochastic_folds
from softlabel.execution.executor import within
from softlabel.execution.local import local_executor
from softlabel.learners.contract import seeded
from softlabel.methods.fit_count import fits_counted
from softlabel.methods.generations import Forgetful, trained_generations, trained_teachers
from softlabel.methods.taught_student import Teaching
from softlabel.methods.teacher_networks import Teachers
from softlabel.seeds import Seeds

X, Y = blobs(n_per_class=10, spread=3.0)
HARD = np.eye(3, dtype=np.float32)[Y]


class Kept:
    """Models by address, as a disk would keep them: pickled."""

    def __init__(self):
        self.models = {}

    def get(self, generation, fold):
        kept = self.models.get((generation, fold))
        return None if kept is None else pickle.loads(kept)

    def put(self, generation, fold, model):
        assert (generation, fold) not in self.models
        self.models[generation, fold] = pickle.dumps(model)


class Seen(BaseEstimator):
    """Remembers what it was fitted to, and says of each row how its targets went on the whole."""

    def __init__(self, random_state=None):
        self.random_state = random_state

    def fit(self, X, targets, sample_weight=None):
        self.X_, self.targets_, self.weight_ = np.array(X), np.array(targets), sample_weight
        self.mean_ = np.average(targets, axis=0, weights=sample_weight)
        return self

    def predict_targets(self, X):
        near = np.exp(-((np.asarray(X)[:, None] - self.X_[None]) ** 2).sum(axis=2)) + 1e-9
        rows = near @ self.targets_
        return rows / rows.sum(axis=1, keepdims=True)


def trained(estimator=None, n=3, teaching=None, problem=None, prepared=None, **options):
    """Return all generations; of tables where there is no other problem."""
    prepared = prepared or ready(estimator or Seen(), X=X, y=Y, **(problem or {}))
    learners = list(prepared.learners) * n if len(prepared.learners) == 1 else prepared.learners
    return list(trained_generations(prepared.problem, learners, teaching or Teaching(), prepared.settings, **options))


def test_each_learns_what_the_one_before_it_says():
    found = trained()
    assert [generation.number for generation in found] == [1, 2, 3]
    assert np.array_equal(found[0].learned, HARD)
    for before, after in itertools.pairwise(found):
        said = before.teachers.models[0].predict_targets(X)
        assert np.allclose(before.answers, said, atol=1e-6)
        assert np.allclose(after.learned, said, atol=1e-6)
        assert np.array_equal(after.teachers.models[0].targets_, after.learned)
    assert len({generation.teachers.models[0].random_state for generation in found}) == 3


def test_a_list_is_one_a_generation():
    found = trained([Centroids(), Seen(), Centroids()])
    assert [type(generation.teachers.models[0]) for generation in found] == [Centroids, Seen, Centroids]


def test_given_teachers_label_for_the_first():
    teacher = Centroids().fit(X, HARD)
    found = trained(n=1, teachers=Teachers([teacher]))
    assert np.allclose(found[0].learned, teacher.predict_targets(X), atol=1e-6)


def test_by_folds_each_row_is_labelled_by_the_model_that_did_not_see_it():
    found = trained(folds=True, problem={"cv": 3})
    prepared = ready(Seen(), X=X, y=Y, cv=3)
    for generation in found[:2]:
        split = stochastic_folds(
            prepared.problem.codes,
            3,
            groups=None,
            seed=prepared.settings.seeds.integer("split", round=generation.number),
            X=X,
        )
        for number, fold in enumerate(split):
            model = generation.teachers.models[number]
            assert np.array_equal(model.X_, X[fold.train])
            assert (generation.teachers.folds[fold.held_out] == number).all()
            assert np.allclose(generation.answers[fold.held_out], model.predict_targets(X[fold.held_out]), atol=1e-6)
    assert not np.array_equal(found[0].teachers.folds, found[1].teachers.folds)  # split anew
    assert np.allclose(found[1].learned, found[0].answers)
    assert (len(found[2].teachers.models), found[2].teachers.folds) == (1, None)
    assert len(found[2].teachers.models[0].X_) == 30


def test_groups_stay_together():
    groups = np.arange(30) // 3
    found = trained(n=2, folds=True, problem={"cv": 3, "groups": groups})
    folds = found[0].teachers.folds
    assert all(len(set(folds[groups == group])) == 1 for group in range(10))
    for fold, model in enumerate(found[0].teachers.models):
        assert len(model.X_) == (folds != fold).sum()


def test_a_row_that_no_fold_holds_out_keeps_its_label():
    pairs = [(np.arange(10, 30), np.arange(10)), (np.r_[0:10, 20:30], np.arange(10, 20))]
    found = trained(n=2, folds=True, problem={"cv": pairs})
    assert found[0].teachers.folds.tolist() == [0] * 10 + [1] * 10 + [-1] * 10
    assert np.array_equal(found[1].learned[20:], HARD[20:])
    assert np.array_equal(found[0].answers[20:], HARD[20:])
    assert not np.array_equal(found[1].learned[:20], HARD[:20])


def test_weights_and_rows_of_none():
    weight = np.arange(30) % 3 * 1.0
    found = trained(n=2, problem={"sample_weight": weight})
    for generation in found:
        assert np.array_equal(generation.teachers.models[0].weight_, weight)
    folded = trained(n=2, folds=True, problem={"sample_weight": weight, "cv": 3})
    folds = folded[0].teachers.folds
    for fold, model in enumerate(folded[0].teachers.models):
        assert np.array_equal(model.weight_, weight[folds != fold])


def test_pictures_of_no_weight_change_nothing():
    weight = (np.arange(40) % 4 > 0) * 1.0
    strange = PICTURES.copy()
    strange[weight == 0] = 255 - strange[weight == 0]
    # By statistics of batches these rows would be among those that mean and variance of stored labels are taken from.
    one, other = (
        trained(prepared=ready(X=pictures, sample_weight=weight), n=2, teaching=Teaching(mode="eval"))
        for pictures in (PICTURES, strange)
    )
    assert same_bytes(one[1].answers[weight > 0], other[1].answers[weight > 0])
    everything = trained(prepared=ready(), n=2, teaching=Teaching(mode="eval"))
    assert not same_bytes(one[1].answers, everything[1].answers)


def test_further_rows_are_learned_by_all_that_have_teachers():
    more = np.array([[9.0, 9.0], [-9.0, 9.0]])
    found = trained(unlabelled=more)
    models = [generation.teachers.models[0] for generation in found]
    assert [len(model.X_) for model in models] == [30, 32, 32]
    assert np.allclose(models[1].targets_[30:], models[0].predict_targets(more), atol=1e-6)
    assert [len(generation.learned) for generation in found] == [30, 30, 30]
    folded = trained(folds=True, unlabelled=more, problem={"cv": 3})
    for model in folded[1].teachers.models:
        assert np.array_equal(model.X_[-2:], more)
        assert len(model.X_) == 22
    labels = [model.predict_targets(more)[number] for number, model in enumerate(folded[0].teachers.models[:2])]
    assert np.allclose(folded[1].teachers.models[2].targets_[-2:], labels, atol=1e-6)


@contextmanager
def asked(kind, name="predict_targets"):
    """Count the rows of each call of a method of learners of one class."""
    rows, asking = [], getattr(kind, name)

    def counted(self, X, *more, **options):
        rows.append(len(X))
        return asking(self, X, *more, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kind, name, counted)
        yield rows


@contextmanager
def nothing_handed_on():
    """Let teachers be asked anew for each generation, as if nobody had asked them before."""
    labelling = Teaching.taught
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Teaching, "taught", lambda *given, said=None, **options: labelling(*given, **options))
        yield


PAIRS = [(np.arange(10, 30), np.arange(10)), (np.r_[0:10, 20:30], np.arange(10, 20))]  # nobody holds out the last ten


@pytest.mark.parametrize("mode", ["train", "eval"])
@pytest.mark.parametrize(
    ("options", "passes"),
    [
        ({}, [30] * 3),
        ({"folds": True, "problem": {"cv": 3}}, [10] * 6 + [30]),
        ({"folds": True, "problem": {"cv": PAIRS}}, [10] * 4 + [30]),
    ],
    ids=["whole", "folds", "folds of some"],
)
def test_who_answered_the_rows_is_not_asked_again_for_the_next_generation(mode, options, passes):
    with asked(Seen) as rows:
        found = trained(teaching=Teaching(mode=mode), **options)
    assert rows == passes
    with asked(Seen) as rows, nothing_handed_on():
        anew = trained(teaching=Teaching(mode=mode), **options)
    assert sum(rows) > sum(passes)
    for one, other in zip(found, anew, strict=True):
        assert same_bytes(one.learned, other.learned)
        assert same_bytes(one.answers, other.answers)


@pytest.mark.parametrize("labels", ["soft_dynamic", "hard_dynamic", "soft_static", "visual_category"])
def test_networks_by_learned_statistics_are_asked_once_a_generation(labels):
    teaching = Teaching(labels, mode="eval")
    with asked(TorchClassifier) as rows:
        found = trained(prepared=ready(network(epochs=1)), teaching=teaching)
    assert rows == [40] * 3
    with asked(TorchClassifier) as rows, nothing_handed_on():
        anew = trained(prepared=ready(network(epochs=1)), teaching=teaching)
    assert rows == [40] * 5
    for one, other in zip(found, anew, strict=True):
        assert same_bytes(one.learned, other.learned)
        assert same_bytes(one.answers, other.answers)


def test_by_statistics_of_batches_the_labels_are_other_answers():
    found = trained(prepared=ready(network(epochs=1)), n=2, teaching=Teaching(mode="train"))
    assert np.abs(found[1].learned - found[0].answers).max() > 1e-3
    with within(ready().settings.resources):  # threads change the last bits
        said = found[0].teachers.answers_by_batches(PICTURES, ready().problem.task, Seeds(0), 2)
    assert same_bytes(found[1].learned, said)


def test_with_further_rows_all_are_answered_together():
    more = np.array([[9.0, 9.0], [-9.0, 9.0]])
    with asked(Seen) as rows:
        trained(unlabelled=more)
    assert rows == [30, 32, 30, 32, 30]


@pytest.mark.parametrize("folds", [False, True])
def test_models_that_are_kept_are_not_trained_again(folds):
    def run(models, n=3):
        with fits_counted() as count:
            found = trained(prepared=ready(network(epochs=1), cv=2), n=n, folds=folds, models=models)
        return count.n_fits, [generation.answers for generation in found]

    whole = Kept()
    n_fits, expected = run(whole)
    assert n_fits == (5 if folds else 3)
    for stopped_after in (1, n_fits - 1, n_fits):
        some = Kept()
        some.models = dict(list(whole.models.items())[:stopped_after])
        fits, answers = run(some)
        assert fits == n_fits - stopped_after
        assert all(map(same_bytes, answers, expected))
        assert some.models.keys() == whole.models.keys()
    _, forgotten = run(Forgetful())
    assert all(map(same_bytes, forgotten, expected))


def test_a_longer_run_goes_on_where_a_shorter_one_ended():
    kept = Kept()
    short = trained(n=2, models=kept)
    long = trained(n=3, models=kept)
    assert same_bytes(short[1].answers, long[1].answers)
    assert kept.models.keys() == {(1, None), (2, None), (3, None)}  # none of them of a fold


def test_processes_change_nothing():
    prepared = ready(network(epochs=1), cv=2)
    serial = trained(prepared=prepared, n=2, folds=True)
    parallel = trained(prepared=prepared, n=2, folds=True, executor=local_executor(2))
    for one, other in zip(serial, parallel, strict=True):
        assert same_bytes(one.answers, other.answers)
        assert same_bytes(one.learned, other.learned)


def failing(purpose, **address):
    """Return a learner that fails at one address."""
    seed = Seeds(0).integer(purpose, **address)
    return FailsInFold(seeded(FailsInFold(), seed).random_state)


def test_who_fails_is_named_and_the_others_are_kept():
    kept = Kept()
    with pytest.raises(
        FitError, match=r"^the learner failed in generation 1, fold 1: RuntimeError: the machine that fits"
    ):
        trained(failing("fit", round=1, fold=1), folds=True, models=kept, problem={"cv": 3})
    assert kept.models.keys() == {(1, 0), (1, 2)}
    with pytest.raises(FitError, match=r"^the learner failed in generation 2: RuntimeError"):
        trained(failing("final", round=1))
    prepared = ready(Centroids(), X=X, y=Y)
    with pytest.raises(FitError, match=r"^the learner failed in the training of teacher 1: RuntimeError"):
        trained_teachers(prepared.problem, [Centroids(), failing("fit", member=1)], prepared.settings)


def test_teachers_learn_the_given_labels_and_are_kept():
    prepared = ready(Seen(), X=X, y=Y)
    kept = Kept()
    found = trained_teachers(prepared.problem, [Seen(), Seen()], prepared.settings, kept)
    assert all(np.array_equal(model.targets_, HARD) for model in found)
    assert found[0].random_state != found[1].random_state
    assert kept.models.keys() == {(0, 0), (0, 1)}
    with fits_counted() as count:
        trained_teachers(prepared.problem, [Seen(), Seen()], prepared.settings, kept)
    assert count.n_fits == 0


def test_no_model_keeps_its_teachers():
    found = trained(
        prepared=ready(network(loss="kl")), n=3, teaching=Teaching(settings={"loss": "l2", "augment": "flip"}, eta=1.0)
    )
    sizes = []
    for generation in found:
        model = generation.teachers.models[0]
        assert (model.labeler, model.loss, model.augment) == (None, "kl", "resized_crop:0.4")
        sizes.append(len(pickle.dumps(model)))
    assert max(sizes) < 1.2 * min(sizes)


def test_jitter_trains_the_last_once_more_from_its_own_weights():
    plain = trained(prepared=ready(), n=3)
    with fits_counted() as count:
        found = trained(prepared=ready(), n=3, teaching=Teaching(eta=1.0))
    assert count.n_fits == 4
    assert [same_bytes(one.answers, other.answers) for one, other in zip(plain, found, strict=True)] == [
        True,
        True,
        False,
    ]
    slow = trained(prepared=ready(network(lr=1e-12)), n=2, teaching=Teaching(eta=1.0))[1].teachers.models[0]
    start = trained(prepared=ready(network(lr=1e-12)), n=2)[1].teachers.models[0]
    for one, other in zip(slow.network_.parameters(), start.network_.parameters(), strict=True):
        assert np.allclose(one.detach(), other.detach(), atol=1e-6)


def test_a_memoriser_gives_labels_back_in_sample_and_none_by_folds():
    """On rows: exactly."""
    in_sample = trained(Memoriser(), n=3)
    assert all(np.array_equal(generation.learned, HARD) for generation in in_sample)
    folded = trained(Memoriser(), n=3, folds=True, problem={"cv": 3})
    assert np.allclose(folded[1].learned, 1 / 3)
    assert np.allclose(folded[2].learned, 1 / 3)


@pytest.mark.parametrize("folds", [False, True])
def test_a_network_that_memorises_labels_crops_out_of_fold(folds):
    """Random labels of noise: there is nothing in a picture that speaks for its label but the memory of it."""
    draws = np.random.default_rng(0)
    noise, y = draws.integers(0, 256, (48, 8, 8, 3), dtype=np.uint8), draws.permutation(np.arange(48) % 2)
    agree = []

    def watch(labeler, index, view, x, rows):
        agree.extend((rows.argmax(dim=1).numpy() == y[index.numpy()]).tolist())

    learner = TorchClassifier("small_cnn", epochs=25, batch_size=16, lr=0.1, augment="none", device="cpu")
    with labels_watched(watch):
        found = trained(prepared=ready(learner, X=noise, y=y, cv=3), n=2, folds=folds)
    stored = np.mean(found[1].learned.argmax(axis=1) == y)
    assert len(agree) == 25 * 48
    if folds:
        assert max(np.mean(agree), stored) < 0.65
    else:
        assert min(np.mean(agree), stored) > 0.95


def test_rows_and_labels_stay_as_they_are():
    prepared = ready()
    arrays = (PICTURES, KINDS, MORE, prepared.problem.given)
    before = [array.copy() for array in arrays]
    trained(prepared=replace(prepared), n=2, unlabelled=MORE)
    assert all(map(np.array_equal, arrays, before))
