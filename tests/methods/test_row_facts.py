import numpy as np
import pytest

from softlabel import InputError, Multiclass, Multilabel, Ordinal
from softlabel.methods.row_facts import check_groups, check_reference, check_sample_weight, check_trusted


def test_weights_are_numbers_from_zero_up():
    assert check_sample_weight([1, 0, 2], 3).tolist() == [1, 0, 2]
    for weight in ([1, np.nan, 1], [1, -1, 1], [0, 0, 0], [1, 1], [[1], [1], [1]]):
        with pytest.raises(InputError, match="sample_weight"):
            check_sample_weight(weight, 3)


def test_groups_are_one_a_row_and_none_is_missing():
    assert check_groups(["a", "b"], 2).tolist() == ["a", "b"]
    with pytest.raises(InputError, match=r"groups has shape \(2,\); give one group a row, shape \(3,\)"):
        check_groups(["a", "b"], 3)
    with pytest.raises(InputError, match="groups is missing in 1 rows, first row 1"):
        check_groups(np.array(["a", None], dtype=object), 2)


def test_counts_become_shares_and_rows_of_a_validation_set_have_none():
    found = check_reference([[1, 3], [np.nan, np.nan]], Multiclass([0, 1]), 2, 3)
    assert found[0].tolist() == [0.25, 0.75]
    assert np.isnan(found[1:]).all()
    assert check_reference([[2, 2]], Ordinal.from_labels([0, 1]), 1, 1).tolist() == [[0.5, 0.5]]


def test_chances_of_several_labels_stay_as_they_are():
    assert check_reference([[1.0, 0.5]], Multilabel(["a", "b"]), 1, 1).tolist() == [[1.0, 0.5]]
    with pytest.raises(InputError, match="values above 1"):
        check_reference([[2.0, 0.5]], Multilabel(["a", "b"]), 1, 1)


def test_some_rows_are_trusted_and_not_all():
    given = np.array([True, False])
    found = check_trusted(given, 2)
    assert found.tolist() == [True, False]
    assert found is not given
    for trusted, message in (
        ([1, 0], r"type int64; give 2 booleans"),
        ([True], r"shape \(1,\)"),
        ([False, False], "marks none of 2 rows"),
        ([True, True], "marks all 2 rows, so no label is left to refine"),
    ):
        with pytest.raises(InputError, match=message):
            check_trusted(trusted, 2)
