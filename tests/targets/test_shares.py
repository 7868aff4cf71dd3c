from __future__ import annotations

import numpy as np
import pytest

from softlabel.errors import InputError
from softlabel.targets.shares import check_portion, check_share


@pytest.mark.parametrize("share", [0, 0.0, 0.3, 1])
def test_a_share_is_from_0_to_1(share):
    check_share(share)


@pytest.mark.parametrize("share", [-0.01, 1.01, float("nan"), float("inf")])
def test_others_are_none(share):
    with pytest.raises(InputError, match=r"share of rows to corrupt is .*; give a number from 0 to 1"):
        check_share(share)


def test_portions_are_taken_as_any_number():
    assert check_portion("share", np.float32(0.5), "it") == 0.5
    assert [check_portion("share", end, "it") for end in (0, 1)] == [0.0, 1.0]


@pytest.mark.parametrize("value", [-0.1, 1.1, "0.5", None, True, np.nan])
def test_portions_lie_from_0_to_1(value):
    with pytest.raises(InputError, match=r"share=.*; give the share of it"):
        check_portion("share", value, "the share of it")
