"""What the final fit takes of refined targets: known answers for each policy, what is never touched, what is spared."""

import numpy as np
import pytest

from softlabel.errors import InputError
from softlabel.methods.final_targets import LEAST, POLICIES, FinalTargets, disputed, final_targets, kept
from softlabel.tasks import Multiclass, Multilabel, Ordinal

TASK = Multiclass(["a", "b", "c"])
CODES = np.array([0, 0, 1, 2, 2])
GIVEN = np.eye(3, dtype=np.float32)[CODES]
REFINED = np.array(
    [[0.8, 0.1, 0.1], [0.2, 0.7, 0.1], [0.1, 0.6, 0.3], [0.5, 0.1, 0.4], [0.0, 0.4, 0.6]], dtype=np.float32
)
FREE = np.zeros(5, dtype=bool)


def taken(policy, pinned=FREE):
    return final_targets(policy, TASK, REFINED, CODES, GIVEN, pinned)


def test_refined_targets_are_taken_as_they_are():
    assert taken("refined").targets is REFINED
    assert taken("refined").weight is None


def test_sharpened_targets_are_squared_and_normalised():
    squared = REFINED.astype(np.float64) ** 2
    assert taken("sharpened").targets == pytest.approx(squared / squared.sum(axis=1, keepdims=True), abs=1e-6)


def test_rows_that_speak_for_another_label_are_disputed():
    assert disputed(TASK, REFINED, CODES, GIVEN, FREE).tolist() == [False, True, False, True, False]


def test_a_tie_with_the_given_label_is_no_dispute():
    tie = np.array([[0.5, 0.5, 0.0]], dtype=np.float32)
    for code in (0, 1):
        assert not disputed(TASK, tie, np.array([code]), np.eye(3, dtype=np.float32)[[code]], FREE[:1]).any()


def test_corrected_rows_carry_the_label_they_speak_for_and_others_the_given_row():
    soft = GIVEN.copy()
    soft[0] = [0.9, 0.1, 0.0]  # votes, say
    rows = final_targets("corrected", TASK, REFINED, CODES, soft, FREE).targets
    assert rows.tolist() == [soft[0].tolist(), [0, 1, 0], [0, 1, 0], [1, 0, 0], [0, 0, 1]]


def test_weights_are_the_mass_on_the_given_label_scaled_to_a_mean_of_1():
    mass = np.array([0.8, 0.2, 0.6, 0.4, 0.6])
    found = taken("weighted")
    assert found.targets is GIVEN
    assert found.weight == pytest.approx(mass / mass.mean(), rel=1e-6)


def test_weights_that_are_all_alike_are_none():
    assert final_targets("weighted", TASK, GIVEN, CODES, GIVEN, FREE).weight is None
    nobody = np.eye(3, dtype=np.float32)[(CODES + 1) % 3]
    assert final_targets("weighted", TASK, nobody, CODES, GIVEN, FREE).weight is None


def test_pruning_leaves_out_disputed_rows_of_large_classes():
    codes = np.repeat([0, 1], 20)
    given = np.eye(2, dtype=np.float32)[codes]
    refined = np.where(np.arange(40)[:, None] % 4 == 0, 0.9 * given[:, ::-1] + 0.05, 0.9 * given + 0.05)
    found = final_targets("pruned", Multiclass(["a", "b"]), refined, codes, given, np.zeros(40, dtype=bool))
    assert (found.weight == 0).tolist() == [row % 4 == 0 for row in range(40)]
    assert found.left_out == 10
    assert found.targets is given


def test_pruning_nothing_is_no_weight():
    assert final_targets("pruned", TASK, GIVEN, CODES, GIVEN, FREE).weight is None


def test_each_class_keeps_its_best_rows():
    codes, quality = np.r_[np.zeros(12, dtype=int), np.ones(3, dtype=int)], np.linspace(0, 1, 15)
    keep = kept(np.ones(15, dtype=bool), quality, codes)
    assert np.flatnonzero(keep).tolist() == [7, 8, 9, 10, 11, 12, 13, 14]  # the LEAST best of 12, and all of 3
    assert LEAST == 5


def test_rows_kept_already_count_towards_those_that_a_class_keeps():
    disputed_rows = np.array([False] * 5 + [True] * 5)
    assert kept(disputed_rows, np.arange(10.0), np.zeros(10, dtype=int)).tolist() == (~disputed_rows).tolist()


def test_of_several_labels_rows_with_and_without_each_are_kept():
    codes = np.array([[1, 0]] * 10 + [[0, 1]] * 10)
    keep = kept(np.ones(20, dtype=bool), np.arange(20.0), codes)
    assert np.flatnonzero(keep).tolist() == [5, 6, 7, 8, 9, 15, 16, 17, 18, 19]


@pytest.mark.parametrize("policy", POLICIES)
def test_pinned_rows_take_part_with_their_given_row(policy):
    refined = REFINED.copy()
    refined[[1, 3]] = GIVEN[[1, 3]]  # as rounds leave a guard
    pinned = np.array([False, True, False, True, False])
    found = final_targets(policy, TASK, refined, CODES, GIVEN, pinned)
    assert np.array_equal(found.targets[pinned], GIVEN[pinned])
    assert found.weight is None or (found.weight[pinned] > 0).all()


def test_pinned_rows_of_soft_votes_are_not_sharpened():
    votes = np.array([[0.6, 0.4, 0.0]], dtype=np.float32)
    pinned = np.array([True])
    assert np.array_equal(final_targets("sharpened", TASK, votes, np.array([0]), votes, pinned).targets, votes)


@pytest.mark.parametrize("policy", POLICIES)
def test_inputs_stay_as_they_are(policy):
    before = REFINED.copy(), GIVEN.copy(), CODES.copy()
    taken(policy)
    assert all(np.array_equal(now, then) for now, then in zip((REFINED, GIVEN, CODES), before, strict=True))


def test_several_labels_are_corrected_entry_by_entry():
    task = Multilabel(["rust", "scab"])
    codes = np.array([[1, 0], [0, 0]])
    given = codes.astype(np.float32)
    refined = np.array([[0.9, 0.8], [0.2, 0.1]], dtype=np.float32)
    none = np.zeros(2, dtype=bool)
    assert final_targets("corrected", task, refined, codes, given, none).targets.tolist() == [[1, 1], [0, 0]]
    assert disputed(task, refined, codes, given, none).tolist() == [True, False]


def test_grades_as_numbers_are_corrected_to_the_nearest_and_not_sharpened():
    task = Ordinal.from_labels(np.array([0, 1, 2, 3]))
    codes = np.array([0, 3])
    given, refined = np.array([[0.0], [3.0]], dtype=np.float32), np.array([[0.4], [1.2]], dtype=np.float32)
    none = np.zeros(2, dtype=bool)
    assert final_targets("corrected", task, refined, codes, given, none).targets.tolist() == [[0.0], [1.0]]
    with pytest.raises(InputError, match="'sharpened' acts on probabilities"):
        final_targets("sharpened", task, refined, codes, given, none)


def test_an_unknown_policy_is_refused_with_those_there_are():
    with pytest.raises(InputError, match="'hardest'; give one of 'refined', 'sharpened', 'pruned'"):
        taken("hardest")


def test_rows_of_weight_0_are_dropped_and_weights_of_1_are_none():
    targets = np.arange(6.0).reshape(3, 2)
    rows, left, weight = FinalTargets(targets, np.array([1.0, 0.0, 1.0])).among(np.array([4, 5, 6]), None)
    assert rows.tolist() == [4, 6]
    assert left.tolist() == [[0, 1], [4, 5]]
    assert weight is None


def test_weights_multiply_those_of_the_samples():
    part = FinalTargets(np.zeros((3, 2)), np.array([2.0, 0.0, 0.5]))
    _, _, weight = part.among(np.arange(3), np.array([1.0, 7.0, 4.0]))
    assert weight.tolist() == [2.0, 2.0]
    _, _, weight = FinalTargets(np.zeros((3, 2)), np.array([1.0, 0.0, 1.0])).among(np.arange(3), np.array([1, 7, 4.0]))
    assert weight.tolist() == [1.0, 4.0]
    _, _, weight = FinalTargets(np.zeros((3, 2))).among(np.arange(3), None)
    assert weight is None
