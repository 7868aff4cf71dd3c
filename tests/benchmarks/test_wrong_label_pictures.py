"""Features of pictures that are made without a label."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose


def test_gradients_know_directions(suite):
    across = np.tile(np.linspace(0, 1, 12, dtype=np.float32)[:, None], (12, 1, 3)).reshape(1, 12, 12, 3)
    down = across.transpose(0, 2, 1, 3)
    found = [suite.pictures.gradients(picture).reshape(16, 9) for picture in (across, down)]
    assert_allclose(found[0][:, 0], 1, atol=0.02)  # the strength grows along a row: direction 0
    assert_allclose(found[1][:, 4], 1, atol=0.02)  # ... down a column: a right angle, the middle bin
    assert found[0].sum() == pytest.approx(16, abs=0.4)


def test_patches_describe_a_picture_alone_as_among_others(suite, monkeypatch):
    monkeypatch.setattr(suite.pictures, "CENTRES", 5)
    monkeypatch.setattr(suite.pictures, "_SAMPLED", 2000)
    pictures = np.random.default_rng(0).random((40, 12, 12, 3), dtype=np.float32)
    patches = suite.pictures.Patches(pictures, np.random.default_rng(0))
    described = patches.described(pictures)
    assert described.shape == (40, 9 * 5)
    assert (described >= 0).all()
    assert described.std() > 0
    assert_allclose(patches.described(pictures[7:8])[0], described[7], rtol=1e-3, atol=1e-3)
