"""Test-time augmentation: several views of each picture, whose predictions are averaged."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor

from softlabel.errors import InputError
from softlabel.learners.augmentation.tta_names import check_tta

Change = Callable[[Tensor], Tensor]


def tta_views(name: str | None, size: tuple[int, int]) -> list[Change]:
    """Return the views that a name stands for. The mean of their predictions is SLR-a's (paper, section III).

    Parameters
    ----------
    name : str or None
        ``"none"``, or words joined by ``+``:

        - ``flip``: as it is, and left and right swapped (2 views)
        - ``vflip``: as it is, and top and bottom swapped (2)
        - ``shift``: as it is, and moved by a sixteenth of its size, at least 1 pixel, up, down, left and right; the
          edge is repeated where nothing is left (5)
        - ``rotate``: turned by 0, 90, 180 and 270 degrees, square images only (4)

        Several words: each with each, so that ``flip+shift`` has 10 views. Views that are equal count once
        (``flip+vflip+rotate`` has 8).
    size : (height, width)

    Returns
    -------
    views : list of callables
        Each takes images (b, c, h, w) of any dtype, on any device, and returns as many. The first changes nothing.

    Raises
    ------
    InputError
        If a word is unknown, or images to be rotated are not square.
    """
    h, w = size
    views: list[tuple[Change, ...]] = [()]
    for word in check_tta(name):
        if word == "rotate" and h != w:
            raise InputError(
                f"test-time augmentation by rotate needs square images, and these are {h} x {w}; use flip+vflip"
            )
        views = [(*before, change) for before in views for change in _changes(word, h, w)]
    return _different([partial(_in_turn, changes=changes) for changes in views], h, w)


def _changes(word: str, h: int, w: int) -> list[Change]:
    if word == "flip":
        return [_same, partial(torch.flip, dims=(-1,))]
    if word == "vflip":
        return [_same, partial(torch.flip, dims=(-2,))]
    if word == "rotate":
        return [partial(torch.rot90, k=quarters, dims=(-2, -1)) for quarters in range(4)]
    down, right = max(1, h // 16), max(1, w // 16)
    return [_same, *(partial(_moved, down=y, right=x) for y, x in ((-down, 0), (down, 0), (0, -right), (0, right)))]


def _same(x: Tensor) -> Tensor:
    return x


def _moved(x: Tensor, down: int, right: int) -> Tensor:
    """Return images moved by whole pixels, the edge repeated. By indices, for padding does not know uint8."""
    h, w = x.shape[-2:]
    rows = (torch.arange(h, device=x.device) - down).clamp_(0, h - 1)  # (h,)
    columns = (torch.arange(w, device=x.device) - right).clamp_(0, w - 1)  # (w,)
    return x.index_select(-2, rows).index_select(-1, columns)


def _in_turn(x: Tensor, changes: tuple[Change, ...]) -> Tensor:
    for change in changes:
        x = change(x)
    return x


def _different(views: list[Change], h: int, w: int) -> list[Change]:
    """Leave out views that are equal to an earlier one, found out with an image whose pixels all differ."""
    image = torch.arange(h * w).reshape(1, 1, h, w)
    seen: dict[bytes, Change] = {}
    for view in views:
        seen.setdefault(view(image).contiguous().numpy().tobytes(), view)
    return list(seen.values())
