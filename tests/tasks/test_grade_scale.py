import numpy as np
import pytest

from softlabel import InputError
from softlabel.tasks.grade_scale import GradeScale, scale_of


def test_whole_grades_are_their_own_values():
    scale = scale_of([3, 1, 2, 1], None, fractions=False)
    assert scale.grades.tolist() == [1, 2, 3]
    assert scale.values.tolist() == [1.0, 2.0, 3.0]
    assert scale.codes([3, 1]).tolist() == [2, 0]
    assert scale.span == 2


def test_texts_have_the_order_that_they_are_given():
    scale = scale_of(["low", "high"], ["low", "middle", "high"], fractions=True)
    assert scale.values.tolist() == [0.0, 1.0, 2.0]
    assert scale.numbers(["high", "middle"]).tolist() == [2.0, 1.0]


def test_gaps_are_kept_and_told():
    with pytest.warns(UserWarning, match="no row has the grade 2, 3"):
        scale = scale_of([0, 1, 4], None, fractions=False)
    assert scale.values.tolist() == [0.0, 1.0, 4.0]


def test_all_grades_may_be_named_where_some_have_no_row(recwarn):
    assert scale_of([0, 2], [0, 1, 2], fractions=False).values.tolist() == [0.0, 1.0, 2.0]
    assert not recwarn


@pytest.mark.parametrize("y", [[0.0, 1.5, 2.0], np.array([0, 1.5, 2], dtype=object)])
def test_grades_that_are_not_whole_are_kept_as_numbers_or_refused(y):
    with pytest.warns(UserWarning, match="1 of 3 grades are not whole numbers"):
        scale = scale_of(y, None, fractions=True)
    assert scale.grades.tolist() == [0, 1, 2]
    assert scale.numbers(y).tolist() == [0.0, 1.5, 2.0]
    assert scale.codes(y).tolist() == [0, 2, 2]
    with pytest.raises(InputError, match=r"the grade 1.5 in row 1 \(1 of 3 are not whole numbers\).*scalar view"):
        scale_of(y, None, fractions=False)


def test_fractions_outside_the_scale_are_refused():
    scale = GradeScale([0, 1, 2], fractional=True)
    with pytest.raises(InputError, match=r"y has 2.5 in row 1, outside the grades 0 to 2"):
        scale.codes([0.5, 2.5])


@pytest.mark.parametrize(
    ("y", "grades", "message"),
    [
        (["low", "high"], None, r"the grades are texts \('high', 'low'\), whose order nobody can see.*--grades low"),
        (["low", "top"], ["low", "high"], "not among the classes: 'top'"),
        ([0, 1], [1, 0], "do not ascend"),
        ([0, 1], [0, 1, 1], "names a grade twice"),
        ([1, 1], None, "only one class"),
        ([0, 3], [0, 1, 2], "not among the classes: 3"),
        ([0, 1], [0], "only one grade"),
        ([0.5, np.nan], None, "row 1 has nan"),
        ([0.5, np.inf], None, "row 1 has inf"),
        ([0.5, 1.0], ["a", "b"], "texts"),
    ],
)
@pytest.mark.filterwarnings("ignore:1 of 2 grades are not whole")
def test_what_is_no_scale_is_refused(y, grades, message):
    with pytest.raises(InputError, match=message):
        scale_of(np.asarray(y), grades, fractions=True)
