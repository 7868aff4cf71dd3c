"""Crops and flips of a whole batch at once, on the device where it lies."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F


def padded_crop(x: Tensor, padding: int | None, draws: torch.Generator) -> tuple[Tensor, Tensor]:
    """Cut a part of the image's own size out of each image with a black border around it, each at its own place.

    Parameters
    ----------
    x : (b, c, h, w)
    padding : int or None
        Width of the border in pixels; None: h // 8 above and below, w // 8 on the sides.
    draws : generator of the CPU

    Returns
    -------
    crops : (b, c, h, w)
    boxes : (b, 4) int64
        Top, left, height, width; top and left from -padding to padding.
    """
    boxes = padded_boxes(len(x), (x.shape[2], x.shape[3]), padding, draws)  # (b, 4)
    return cut_shifted(x, boxes), boxes.to(x.device)


def padded_boxes(b: int, size: tuple[int, int], padding: int | None, draws: torch.Generator) -> Tensor:
    """Draw boxes (b, 4) int64 of the images' own size (height, width), moved by up to the padding each way."""
    h, w = size
    rows, columns = (h // 8, w // 8) if padding is None else (padding, padding)
    top = torch.randint(0, 2 * rows + 1, (b,), generator=draws)  # (b,)
    left = torch.randint(0, 2 * columns + 1, (b,), generator=draws)  # (b,)
    return torch.cat([torch.stack([top - rows, left - columns], dim=1), torch.tensor([h, w]).expand(b, 2)], dim=1)


def cut_shifted(x: Tensor, boxes: Tensor) -> Tensor:
    """Return the boxes (b, 4) of the images' own size, which may reach beyond them, of images (b, c, h, w); black beyond."""
    b, _, h, w = x.shape
    rows, columns = (int(side) for side in boxes[:, :2].abs().amax(dim=0)) if b else (0, 0)
    places = (boxes[:, :2] + torch.tensor([rows, columns])).T.to(x.device)  # (2, b) one transfer
    padded = F.pad(x, (columns, columns, rows, rows))  # (b, c, h + 2 rows, w + 2 columns)
    windows = padded.unfold(2, h, 1).unfold(
        3, w, 1
    )  # (b, c, 2 rows + 1, 2 columns + 1, h, w) a view, nothing is copied
    return windows[torch.arange(b, device=x.device), :, places[0], places[1]]  # (b, c, h, w)


def random_flip(x: Tensor, probability: float, draws: torch.Generator) -> tuple[Tensor, Tensor]:
    """Swap left and right of each image with a probability; return the images (b, c, h, w) and which were (b,) bool."""
    flipped = random_flips(len(x), probability, draws).to(x.device)  # (b,)
    return mirrored(x, flipped), flipped


def random_flips(b: int, probability: float, draws: torch.Generator) -> Tensor:
    """Draw which of b images are mirrored, (b,) bool."""
    return torch.rand(b, generator=draws) < probability


def mirrored(x: Tensor, flipped: Tensor) -> Tensor:
    """Swap left and right of those images (b, c, h, w) that are flipped, (b,) bool."""
    return torch.where(flipped[:, None, None, None], x.flip(3), x)


def resized(x: Tensor, size: tuple[int, int]) -> Tensor:
    """Return images (b, c, h, w) of uint8 at another size: bilinear, antialiased; as they are where they have it."""
    if x.shape[-2:] == size:
        return x
    # Through float32, for uint8 can be resized on the CPU only, and rounds in another way there.
    y = F.interpolate(x.to(torch.float32), size=size, mode="bilinear", antialias=True, align_corners=False)
    return y.round_().clamp_(0, 255).to(x.dtype)
