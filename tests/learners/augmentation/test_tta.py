from __future__ import annotations

import itertools

import pytest
import torch
from torchvision.transforms.v2 import functional as oracle

from softlabel.errors import InputError
from softlabel.learners.augmentation.tta import tta_views


def images(h=32, w=32):
    return torch.rand(2, 3, h, w, generator=torch.Generator().manual_seed(0))


def seen(name, x):
    return [view(x) for view in tta_views(name, tuple(x.shape[-2:]))]


def matches(found, expected):
    return len(found) == len(expected) and all(map(torch.equal, found, expected))


def moved(x, down, right):
    padded = oracle.pad(x, [abs(right), abs(down)], padding_mode="edge")
    return oracle.crop(padded, abs(down) - down, abs(right) - right, *x.shape[-2:])


@pytest.mark.parametrize("name", [None, "none"])
def test_one_view_unless_asked(name):
    x = images()
    assert matches(seen(name, x), [x])


def test_flips():
    x = images(32, 20)
    assert matches(seen("flip", x), [x, oracle.horizontal_flip(x)])
    assert matches(seen("vflip", x), [x, oracle.vertical_flip(x)])
    both = [x, oracle.vertical_flip(x), oracle.horizontal_flip(x), oracle.vertical_flip(oracle.horizontal_flip(x))]
    assert matches(seen("flip+vflip", x), both)


@pytest.mark.parametrize(("h", "w", "down", "right"), [(32, 32, 2, 2), (64, 48, 4, 3), (8, 8, 1, 1)])
def test_shifts_repeat_the_edge(h, w, down, right):
    x = images(h, w)
    offsets = [(-down, 0), (down, 0), (0, -right), (0, right)]
    assert matches(seen("shift", x), [x, *(moved(x, *offset) for offset in offsets)])


def test_quarter_turns():
    x = images()
    assert matches(seen("rotate", x), [oracle.rotate(x, angle) for angle in (0, 90, 180, 270)])
    with pytest.raises(InputError, match="rotate needs square images, and these are 32 x 20"):
        tta_views("flip+rotate", (32, 20))


@pytest.mark.parametrize(
    ("name", "number"), [("flip+shift", 10), ("shift+flip+vflip", 20), ("rotate+flip", 8), ("flip+vflip+rotate", 8)]
)
def test_words_together_give_each_with_each_and_none_twice(name, number):
    x = images()
    views = seen(name, x)
    assert len(views) == number
    assert torch.equal(views[0], x)
    assert not any(torch.equal(first, second) for first, second in itertools.combinations(views, 2))


def test_the_order_of_words_does_not_matter():
    x = images()
    first, second = seen("flip+shift", x), seen("shift+flip", x)
    assert all(any(torch.equal(a, b) for b in second) for a in first)


def test_a_mean_over_flips_is_blind_to_flips():
    x = images()
    weight = torch.rand(3 * 32 * 32)
    mean = [
        torch.stack([view.flatten(1) @ weight for view in seen("flip", each)]).mean(dim=0) for each in (x, x.flip(3))
    ]
    torch.testing.assert_close(*mean)


def test_images_of_one_pixel_have_one_view():
    assert len(tta_views("flip+vflip+shift+rotate", (1, 1))) == 1


def test_any_type_and_nothing_is_changed():
    x = torch.randint(0, 256, (2, 1, 16, 16), dtype=torch.uint8)
    kept = x.clone()
    for view in tta_views("flip+shift+rotate", (16, 16)):
        assert view(x).dtype == torch.uint8
    assert torch.equal(x, kept)


def test_wrong_words():
    with pytest.raises(InputError, match="unknown word 'turn'"):
        tta_views("turn", (8, 8))
