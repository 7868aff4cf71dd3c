import numpy as np
import pytest

from softlabel import InputError
from softlabel.methods.options import (
    check_choice,
    check_momentum,
    check_rounds,
    check_sharpen,
    check_threads,
)


def test_what_may_be_said_is_taken():
    assert check_momentum(np.float32(0.5)) == 0.5
    assert check_momentum("average") == "average"
    assert check_rounds(np.int64(0)) == 0
    assert check_sharpen(None) is None
    assert check_sharpen(1, "distribution") == 1.0
    assert check_threads(2) == 2
    check_choice("final", "refit", ("refit", "folds"))


@pytest.mark.parametrize(
    ("check", "value", "message"),
    [
        (check_momentum, 1.5, r"momentum=1.5; give a number from 0 to 1"),
        (check_momentum, True, "momentum=True"),
        (check_rounds, -1, "n_rounds=-1; give a whole number"),
        (check_rounds, 2.0, r"n_rounds=2.0"),
        (check_sharpen, 0, "sharpen=0; give a temperature above 0"),
        (check_threads, 0, "threads=0"),
    ],
)
def test_what_may_not_be_said_is_refused(check, value, message):
    with pytest.raises(InputError, match=message):
        check(value)


def test_numbers_are_not_sharpened():
    with pytest.raises(InputError, match="grades as numbers have none"):
        check_sharpen(0.5, "scalar")


def test_a_choice_names_its_alternatives():
    with pytest.raises(InputError, match="final='both'; give one of 'refit', 'folds'"):
        check_choice("final", "both", ("refit", "folds"))
