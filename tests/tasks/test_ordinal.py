import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.metrics import cohen_kappa_score

from softlabel import InputError
from softlabel.tasks import Ordinal, OrdinalDistribution, OrdinalScalar

Y = np.array([0, 1, 2, 3, 4, 2])


def test_the_view_says_which_task_it_is():
    assert isinstance(Ordinal.from_labels(Y), OrdinalScalar)
    assert isinstance(Ordinal.from_labels(Y, view="distribution"), OrdinalDistribution)
    for options, message in [
        ({"view": "both"}, "view='both'; give one of scalar, distribution"),
        ({"start": "unimodal"}, "scalar view has numbers"),
        ({"view": "distribution", "start": "bump"}, "give one_hot, unimodal"),
        ({"view": "distribution", "start": "unimodal:0"}, "spread above 0"),
        ({"view": "distribution", "start": "unimodal:5"}, "give a smaller spread"),
    ]:
        with pytest.raises(InputError, match=message):
            Ordinal.from_labels(Y, **options)


def test_thresholds_lie_halfway_and_a_number_on_one_is_of_the_upper_grade():
    task = Ordinal.from_labels(Y)
    assert task.thresholds.tolist() == [0.5, 1.5, 2.5, 3.5]
    assert task.harden([[0.49], [0.5], [3.4], [9.0]]).tolist() == [0, 1, 3, 4]
    assert task.suggest([[0.5], [0.5]], np.array([0, 1])).tolist() == [0, 1]  # unless the label itself is on it


def test_other_thresholds_make_other_grades_of_the_same_task():
    task = Ordinal.from_labels(Y)
    shifted = task.with_thresholds([0.2, 1.0, 2.0, 3.0])
    assert shifted.harden([[0.3]]).tolist() == [1]
    assert task.harden([[0.3]]).tolist() == [0]
    with pytest.raises(InputError, match="increasing order"):
        task.with_thresholds([2.0, 1.0, 2.5, 3.0])


def test_predictions_outside_the_scale_come_to_its_ends():
    task = Ordinal.from_labels(Y)
    assert task.check_predictions([-0.5, 1.25, 7.0], 3, "model").tolist() == [[0.0], [1.25], [4.0]]
    with pytest.raises(InputError, match="targets: row 0 has the grade 5, outside 0 to 4"):
        task.check([[5.0]], 1)


def test_distributions_become_mean_grades_where_targets_are_numbers():
    task = Ordinal.from_labels(Y)
    assert task.check([[0.5, 0.0, 0.5, 0.0, 0.0]], 1).tolist() == [[1.0]]


@pytest.mark.parametrize("predictions", [np.zeros((2, 2)), np.zeros((2, 1, 1)), [["a"], ["b"]], [0.0]])
def test_numbers_of_another_shape_are_refused(predictions):
    with pytest.raises(InputError, match=r"^model: "):
        Ordinal.from_labels(Y).check_predictions(predictions, 2, "model")


def test_the_kappa_is_scikit_learns():
    rng = np.random.default_rng(0)
    codes, predicted = rng.integers(5, size=80), rng.random(80) * 4
    found = Ordinal.from_labels(Y).scores(codes, predicted[:, None])
    assert found["qwk"] == pytest.approx(cohen_kappa_score(codes, np.round(predicted), weights="quadratic"))
    assert found["mae"] == pytest.approx(np.abs(codes - np.round(predicted)).mean())


def test_label_quality_is_the_distance_moved():
    scalar, distribution = Ordinal.from_labels(Y), Ordinal.from_labels(Y, view="distribution")
    assert scalar.quality(np.array([[1.0], [3.0]], np.float32), np.array([2, 2])).tolist() == [0.75, 0.75]
    halves = np.array([[0.5, 0.5, 0, 0, 0], [0.5, 0, 0, 0, 0.5]], np.float32)  # mass beside the label, or far from it
    assert distribution.quality(halves, np.array([0, 0])).tolist() == [0.875, 0.5]


def test_what_a_distribution_speaks_for_is_its_median_not_its_largest_mass():
    task = Ordinal.from_labels(Y, view="distribution")
    row = np.array([[0.4, 0.1, 0.0, 0.2, 0.3]], np.float32)
    assert task.harden(row).tolist() == [1]
    assert task.refined_grades(row) == pytest.approx([1.9])


def test_a_start_with_a_bump_sums_to_one_and_falls_off_on_both_sides():
    task = Ordinal.from_labels(Y, view="distribution", start="unimodal:0.5")
    row = task.encode([2])[0]
    assert row.sum() == pytest.approx(1)
    assert row[1] / row[2] == pytest.approx(np.exp(-2), rel=1e-5)
    assert_array_equal(row, row[::-1])


def test_grades_that_are_not_whole_are_trained_on_as_they_are():
    with pytest.warns(UserWarning, match="not whole"):
        task = Ordinal.from_labels([0.0, 0.5, 2.0])
    assert task.encode([0.5]).tolist() == [[0.5]]
    assert task.codes([0.5]).tolist() == [1]


def test_a_label_between_grades_has_an_interval_of_its_own():
    with pytest.warns(UserWarning, match="not whole"):
        task = Ordinal.from_labels([0.0, 1.5, 3.0])
    given = np.array([[1.5], [1.5], [1.5], [1.0]], np.float32)
    refined = np.array([[1.1], [0.9], [2.2], [1.4]], np.float32)
    codes = task.codes(given[:, 0])
    assert task.suggest(refined, codes, given).tolist() == [2, 1, 2, 1]  # 1.5 is rounded to 2
    assert task.margin(refined, codes, given) == pytest.approx([0.1, -0.6, 0.0, 0.1], abs=1e-6)
    assert task.suggest(refined, codes).tolist() == [1, 1, 2, 1]  # where nobody says what was given
