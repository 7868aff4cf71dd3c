from __future__ import annotations

import pytest

from softlabel.errors import InputError
from softlabel.targets.shares import check_share


@pytest.mark.parametrize("share", [0, 0.0, 0.3, 1])
def test_a_share_is_from_0_to_1(share):
    check_share(share)


@pytest.mark.parametrize("share", [-0.01, 1.01, float("nan"), float("inf")])
def test_others_are_none(share):
    with pytest.raises(InputError, match=r"share of rows to corrupt is .*; give a number from 0 to 1"):
        check_share(share)
