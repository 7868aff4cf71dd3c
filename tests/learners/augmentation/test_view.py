from __future__ import annotations

import dataclasses

import pytest
import torch

from softlabel.learners.augmentation.view import View


def test_nothing_is_known_unless_said():
    assert View() == View(partner=None, share=None, boxes=None, flipped=None)


def test_a_view_does_not_change():
    with pytest.raises(dataclasses.FrozenInstanceError):
        View().share = torch.ones(1)
