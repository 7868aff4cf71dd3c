from types import SimpleNamespace

import numpy as np
import pytest

from softlabel.errors import InputError
from softlabel.learners.number_settings import check_number, check_whole


@pytest.mark.parametrize("value", [3, 4, np.int32(3)])
def test_whole_numbers(value):
    check_whole(SimpleNamespace(n=value), "n", 3)


@pytest.mark.parametrize("value", [2, 3.0, True, "3", None])
def test_what_is_no_whole_number(value):
    with pytest.raises(InputError, match=rf"^n={value!r}; give a whole number, 3 or more$"):
        check_whole(SimpleNamespace(n=value), "n", 3)


@pytest.mark.parametrize(
    ("bounds", "inside", "outside", "words"),
    [
        ({"least": 0}, 0, -1e-9, "0 or more"),
        ({"above": 0}, 1e-9, 0, "above 0"),
        ({"least": 0, "below": 1}, 0.999, 1, "0 or more and below 1"),
        ({"above": 0, "most": 1}, 1, 1.001, "above 0 and 1 or less"),
    ],
    ids=["least", "above", "below", "most"],
)
def test_bounds_and_their_words(bounds, inside, outside, words):
    check_number(SimpleNamespace(x=inside), "x", **bounds)
    check_number(SimpleNamespace(x=np.float32(inside)), "x", **bounds)
    for value in (outside, float("nan"), float("inf"), "0.5", False, None):
        with pytest.raises(InputError, match=rf"^x={value!r}; give a number {words}$"):
            check_number(SimpleNamespace(x=value), "x", **bounds)
