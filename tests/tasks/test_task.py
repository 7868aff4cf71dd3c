"""What every kind of label keeps."""

import json

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from softlabel import InputError
from softlabel.targets.corrupt import Corruption
from softlabel.targets.update import update_targets
from softlabel.tasks import Multiclass, Multilabel, Ordinal, task_from_record

GRADES = np.array([0, 1, 2, 3, 1, 2, 0, 3, 3, 0])
ENTRIES = np.array([[1, 0, 0], [0, 1, 1], [1, 1, 0], [0, 0, 0], [1, 1, 1], [0, 0, 1]])
TASKS = {
    "multiclass": (Multiclass.from_labels(GRADES), GRADES),
    "scalar": (Ordinal.from_labels(GRADES), GRADES),
    "distribution": (Ordinal.from_labels(GRADES, view="distribution"), GRADES),
    "unimodal": (Ordinal.from_labels(GRADES, view="distribution", start="unimodal"), GRADES),
    "multilabel": (Multilabel.from_labels(ENTRIES, ["a", "b", "c"]), ENTRIES),
}


@pytest.fixture(params=TASKS)
def task(request):
    return TASKS[request.param][0]


@pytest.fixture
def y(request, task):
    return next(labels for known, labels in TASKS.values() if known is task)


def wandering(task, y, seed=0):
    """Return valid rows that are no encoded labels: mixtures of the rows of two label arrays."""
    share = np.random.default_rng(seed).random((len(y), 1))
    return (share * task.encode(y) + (1 - share) * task.encode(y[::-1])).astype(np.float32)


def test_encoded_labels_are_valid_rows_and_speak_for_themselves(task, y):
    rows = task.encode(y)
    assert rows.dtype == np.float32
    assert rows.shape == (len(y), task.n_columns)
    assert_array_equal(task.check(rows, len(y)), rows)
    assert_array_equal(task.harden_codes(rows), task.codes(y))
    assert_array_equal(task.suggest(rows, task.codes(y)), task.codes(y))
    assert (task.margin(rows, task.codes(y)) > 0).all()


def test_checking_twice_is_checking_once(task, y):
    once = task.check_predictions(wandering(task, y), len(y), "who")
    assert task.check_predictions(once, len(y), "who").tobytes() == once.tobytes()
    assert_array_equal(task.check(once, len(y)), once)


def test_a_row_left_its_label_exactly_where_its_margin_is_below_zero(task, y):
    rows, codes = wandering(task, y), task.codes(y)
    moved = task.differs(task.suggest(rows, codes), codes)
    assert moved.any()
    assert not moved.all()
    assert_array_equal(moved, task.margin(rows, codes) < 0)


def test_quality_is_from_0_to_1_and_largest_at_the_given_label(task, y):
    codes = task.codes(y)
    at_home, elsewhere = task.quality(task.encode(y), codes), task.quality(wandering(task, y), codes)
    assert ((elsewhere >= 0) & (elsewhere <= 1)).all()
    assert (elsewhere <= at_home + 1e-7).all()


def test_change_is_a_distance(task, y):
    a, b, c = task.encode(y), wandering(task, y), wandering(task, y, seed=1)
    assert (task.change(a, a) == 0).all()
    assert_array_equal(task.change(a, b), task.change(b, a))
    assert (task.change(a, c) <= task.change(a, b) + task.change(b, c) + 1e-7).all()
    assert task.change(a, b).max() <= 1


def test_the_update_keeps_rows_valid(task, y):
    refined = update_targets(task.encode(y), task.check_predictions(wandering(task, y), len(y), "who"), 0.75)
    assert_array_equal(task.check(refined, len(y)), refined)


def test_right_predictions_have_the_best_main_score(task, y):
    codes = task.codes(y)
    best = task.scores(codes, task.encode(y))
    assert best[task.main_score] == pytest.approx(1.0)
    assert best["accuracy"] == 1.0
    assert next(iter(best)) == task.main_score
    worse = task.scores(codes, wandering(task, y))
    assert worse[task.main_score] < 1
    assert worse.keys() == best.keys()


def test_a_row_of_weight_two_scores_as_two_rows(task, y):
    rows, codes = wandering(task, y), task.codes(y)
    twice = np.r_[np.arange(len(y)), 2]
    weight = np.where(np.arange(len(y)) == 2, 2.0, 1.0)
    expected = task.scores(codes[twice], rows[twice])
    assert task.scores(codes, rows, weight) == pytest.approx(expected)


def test_what_no_model_knows_keeps_its_old_value(task, y):
    old, oof = task.encode(y), wandering(task, y)
    assert_array_equal(task.fill_unseen(oof, old), oof)
    oof[1] = np.nan
    filled = task.fill_unseen(oof, old)
    assert_array_equal(filled[1], old[1])
    assert_array_equal(np.delete(filled, 1, axis=0), np.delete(oof, 1, axis=0))
    assert_array_equal(task.judged(oof, task.codes(y)), np.arange(len(y)) != 1)
    scores = task.scores(task.codes(y), task.known(oof))  # that row is not to be scored, and breaks nothing
    assert np.isfinite(list(scores.values())).all()


def test_a_model_that_saw_everything_knows_everything(task, y):
    predictions = wandering(task, y)
    assert_array_equal(task.mark_unseen(predictions, task.encode(y)), predictions)


def test_sharpening_keeps_what_rows_speak_for_or_is_refused(task, y):
    rows = wandering(task, y)
    if task.kind == "scalar":
        with pytest.raises(InputError, match="no"):
            task.sharpen(rows, 0.5)
        return
    sharp = task.sharpen(rows, 0.25)
    assert_array_equal(task.check(sharp, len(y)), sharp)
    assert_array_equal(task.sharpen(rows, 1.0), rows)
    assert task.entropy(sharp).mean() < task.entropy(rows).mean()


def test_corruption_makes_exactly_a_share_wrong(task, y):
    codes = task.codes(y)
    wrong = task.corrupt(codes, Corruption("symmetric", 0.4), np.random.default_rng(0))
    assert np.count_nonzero(wrong != codes) == round(0.4 * codes.size)
    assert wrong.shape == codes.shape


def test_instance_noise_makes_exactly_a_share_wrong_where_a_model_is_unsure(task, y):
    codes = task.codes(y)
    if codes.ndim == 2:
        p = np.where(codes == 1, 0.99, 0.01)  # (n, k)
        p[0] = 0.5
        others = codes.shape[1]
    else:
        p = np.where(np.eye(len(task.classes))[codes] == 1, 1.0, 0.0)
        p[0] = 1 / len(task.classes)
        others = 1
    corruption = Corruption("instance", others / codes.size)
    wrong = task.corrupt(codes, corruption, np.random.default_rng(0), p)
    assert np.count_nonzero(wrong != codes) == others
    if codes.ndim == 1:
        assert wrong[0] != codes[0]
    with pytest.raises(InputError, match="draws rows by a model's probabilities"):
        task.corrupt(codes, corruption, np.random.default_rng(0))


def test_pair_noise_moves_to_the_next_class_and_the_last_to_the_first(task, y):
    if task.kind == "independent":
        return  # which has no next class: refused, see test_multilabel
    codes = task.codes(y)
    wrong = task.corrupt(codes, Corruption("pair", 1.0), np.random.default_rng(0))
    assert_array_equal(wrong, (codes + 1) % len(task.classes))


def test_a_record_makes_the_same_task_again(task, y):
    again = task_from_record(json.loads(json.dumps(task.record())))
    assert type(again) is type(task)
    assert again.encode(y).tobytes() == task.encode(y).tobytes()
    rows = wandering(task, y)
    assert_array_equal(again.harden(rows), task.harden(rows))
    assert repr(again) == repr(task)


def test_true_distributions_are_no_distance_from_themselves(task, y):
    k = len(task.classes)
    rng = np.random.default_rng(0)
    reference = rng.random((len(y), k))
    if task.kind != "independent":
        reference /= reference.sum(axis=1, keepdims=True)
    own = reference @ np.arange(k)[:, None] if task.kind == "scalar" else reference
    scores = task.reference_scores(reference, own)
    for name in {"mae", "rmse", "chebyshev", "kl", "clark", "canberra"} & scores.keys():
        assert scores[name] == pytest.approx(0, abs=1e-6)
    far = task.reference_scores(reference, task.encode(y))
    assert all(far[name] > scores[name] for name in {"mae", "rmse", "chebyshev", "kl"} & scores.keys())


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_predictions_that_are_no_numbers_are_refused_by_name(task, y, bad):
    rows = wandering(task, y)
    rows[1, 0] = bad
    with pytest.raises(InputError, match=r"^Model: row 1"):
        task.check_predictions(rows, len(y), "Model")


def test_a_record_of_another_version_is_refused():
    with pytest.raises(InputError, match="task 'ranking' is unknown"):
        task_from_record({"name": "ranking", "classes": [0, 1]})
