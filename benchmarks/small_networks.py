"""Two small networks beside ``small_cnn``, for ensembles that a CPU can carry: of about its cost, and of another make."""

from __future__ import annotations

import torch
from torch import Tensor, nn


def _convolution(before: int, channels: int, size: int, stride: int, activation: type[nn.Module]) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(before, channels, size, stride, size // 2, bias=False), nn.BatchNorm2d(channels), activation()
    )


class Strided(nn.Module):
    """Strides in place of pooling: 5x5 by two, then 3x3, 3x3 by two, 3x3, 3x3 by two; the mean over what remains."""

    def __init__(self, in_channels: int, n_outputs: int) -> None:
        super().__init__()
        widths, sizes, strides = (24, 32, 64, 64, 96), (5, 3, 3, 3, 3), (2, 1, 2, 1, 2)
        befores = (in_channels, *widths[:-1])
        self.layers = nn.Sequential(
            *(_convolution(*shape, nn.SiLU) for shape in zip(befores, widths, sizes, strides, strict=True))
        )
        self.head = nn.Linear(widths[-1], n_outputs)

    def forward(self, x: Tensor) -> Tensor:
        """Return logits (b, n_outputs) of images (b, in_channels, h, w)."""
        logits: Tensor = self.head(self.layers(x).mean(dim=(2, 3)))
        return logits


class Patches(nn.Module):
    """Non-overlapping 4x4 patches, then residual blocks of a 3x3 and a pointwise convolution: an isotropic network."""

    def __init__(self, in_channels: int, n_outputs: int, width: int = 64, depth: int = 3) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(in_channels, width, 4, 4), nn.ReLU(), nn.BatchNorm2d(width))
        self.across = nn.ModuleList(
            nn.Sequential(nn.Conv2d(width, width, 3, padding=1), nn.ReLU(), nn.BatchNorm2d(width)) for _ in range(depth)
        )
        self.within = nn.ModuleList(
            nn.Sequential(nn.Conv2d(width, width, 1), nn.ReLU(), nn.BatchNorm2d(width)) for _ in range(depth)
        )
        self.head = nn.Linear(width, n_outputs)

    def forward(self, x: Tensor) -> Tensor:
        """Return logits (b, n_outputs) of images (b, in_channels, h, w)."""
        x = self.stem(x)
        for across, within in zip(self.across, self.within, strict=True):
            x = within(x + across(x))
        logits: Tensor = self.head(torch.mean(x, dim=(2, 3)))
        return logits


NETWORKS = {"strided": Strided, "patches": Patches}
