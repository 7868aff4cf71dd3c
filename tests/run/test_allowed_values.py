from __future__ import annotations

from softlabel.run.allowed_values import ALLOWED
from softlabel.run.config import RefineConfig


def test_every_option_says_what_it_may_be():
    assert set(ALLOWED) == set(RefineConfig.model_fields)
