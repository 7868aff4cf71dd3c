from __future__ import annotations

import pytest

from softlabel.errors import InputError
from softlabel.learners.augmentation.tta_names import check_tta


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (None, ()),
        ("none", ()),
        ("flip", ("flip",)),
        ("flip+shift", ("flip", "shift")),
        ("rotate + vflip", ("rotate", "vflip")),
    ],
)
def test_words(name, words):
    assert check_tta(name) == words


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("flips", "unknown word 'flips'; did you mean 'flip'.*flip, shift, vflip, rotate"),
        ("", "unknown word ''"),
        ("flip+none", "unknown word 'none'"),
        ("flip+flip", "names flip twice"),
        (3, "unknown word '3'"),
        (True, "unknown word 'True'"),
    ],
)
def test_other_words(name, says):
    with pytest.raises(InputError, match=says):
        check_tta(name)
