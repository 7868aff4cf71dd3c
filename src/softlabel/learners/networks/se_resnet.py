"""Residual networks for pictures of CIFAR's size, with squeeze and excitation: the networks of the paper's Table I."""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from softlabel.learners.networks.pooling import make_pool


class SEResNet(nn.Module):
    """ResNet of 6n + 2 layers (He et al. 2016, section 4.2) with squeeze and excitation (Hu et al. 2018) in each block.

    A 3x3 convolution, then three stages of n blocks with 16, 32 and 64 filters on the whole, half and a quarter of the
    height and width, mean over the remaining pixels, one linear layer. A block is two 3x3 convolutions, each with batch
    normalisation; its output channels are scaled by the squeeze and excitation; then comes the shortcut, and ReLU.
    Shortcuts have no parameters (option A): where a stage begins, every second pixel is taken and the new channels are
    zero. Convolutions start from He et al. 2015 (normal, fan out), the rest as PyTorch starts it.

    Parameters
    ----------
    in_channels : int
    n_outputs : int
        Logits for each image.
    depth : int
        6n + 2: 8, 14, 20, ... 56 and beyond.
    width : int
        Filters of the first stage.
    reduction : int or None
        The squeeze has channels / reduction units, at least one. None: no squeeze and excitation, the plain ResNet.
    dropout : float
        Before the linear layer.
    pool : {"avg", "gem"}
        Over the remaining pixels: their mean, or their generalised mean.

    Notes
    -----
    With 3 channels and 10 outputs: 0.27 million parameters for depth 20 and 0.85 for depth 56 without squeeze and
    excitation, as He et al. state. Forward takes (b, in_channels, h, w), h and w 8 or more, and returns (b, n_outputs).
    """

    def __init__(
        self,
        in_channels: int,
        n_outputs: int,
        *,
        depth: int = 56,
        width: int = 16,
        reduction: int | None = 16,
        dropout: float = 0.0,
        pool: str = "avg",
    ) -> None:
        super().__init__()
        if depth < 8 or (depth - 2) % 6:
            raise ValueError(f"depth is {depth}; give 6n + 2, such as 8, 14, 20 or 56")
        blocks = (depth - 2) // 6
        self.stem = nn.Conv2d(in_channels, width, 3, padding=1, bias=False)
        self.stem_norm = nn.BatchNorm2d(width)
        stages, before = [], width
        for stage in range(3):
            channels = width * 2**stage
            layers = []
            for block in range(blocks):
                layers.append(_Block(before, channels, 2 if stage and not block else 1, reduction))
                before = channels
            stages.append(nn.Sequential(*layers))
        self.stages = nn.Sequential(*stages)
        self.pool = make_pool(pool)
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(before, n_outputs)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, x: Tensor) -> Tensor:
        """Return logits (b, n_outputs) of images (b, in_channels, h, w)."""
        x = F.relu(self.stem_norm(self.stem(x)))  # (b, width, h, w)
        x = self.stages(x)  # (b, 4 width, h / 4, w / 4)
        return cast(Tensor, self.head(self.dropout(self.pool(x))))  # (b, n_outputs)


class _Block(nn.Module):
    def __init__(self, before: int, channels: int, stride: int, reduction: int | None) -> None:
        super().__init__()
        self.first = nn.Conv2d(before, channels, 3, stride=stride, padding=1, bias=False)
        self.first_norm = nn.BatchNorm2d(channels)
        self.second = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.second_norm = nn.BatchNorm2d(channels)
        self.excitation = None if reduction is None else _Excitation(channels, reduction)
        self.stride = stride
        self.new_channels = channels - before

    def forward(self, x: Tensor) -> Tensor:
        y = F.relu(self.first_norm(self.first(x)))
        y = self.second_norm(self.second(y))
        if self.excitation is not None:
            y = self.excitation(y)
        if self.stride > 1:
            x = x[:, :, :: self.stride, :: self.stride]
        if self.new_channels:
            below = self.new_channels // 2
            x = F.pad(x, (0, 0, 0, 0, below, self.new_channels - below))
        return F.relu(x + y)


class _Excitation(nn.Module):
    """Scale each channel by a number from 0 to 1 that depends on the means of all channels."""

    def __init__(self, channels: int, reduction: int) -> None:
        super().__init__()
        squeezed = max(1, channels // reduction)
        self.squeeze = nn.Linear(channels, squeezed)
        self.excite = nn.Linear(squeezed, channels)

    def forward(self, x: Tensor) -> Tensor:
        scale = torch.sigmoid(self.excite(F.relu(self.squeeze(x.mean(dim=(2, 3))))))  # (b, channels)
        return x * scale[:, :, None, None]
