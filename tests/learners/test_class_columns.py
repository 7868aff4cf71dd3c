import pytest

from softlabel.errors import InputError
from softlabel.learners.class_columns import columns_by_name


def columns(own, wanted):
    return columns_by_name(own, wanted, what="it has", advice="give these")


def test_columns_by_name():
    assert columns([1, 2, 3], ["3", "1", "2"]).tolist() == [2, 0, 1]
    assert columns(["a"], ["a"]).tolist() == [0]


def test_the_difference_is_named():
    with pytest.raises(InputError, match=r"^it has other classes: 4 missing, 3 besides; give these$"):
        columns([1, 2, 3], [1, 2, 4])
    with pytest.raises(InputError, match=r"none missing, 3, 4, 5, 6, 7, 8, \.\.\. besides"):
        columns(range(12), range(3))
