"""From a map of features to one number a channel: the mean over its pixels, or the generalised mean."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from softlabel.errors import InputError

_SMALLEST = 1e-6  # features below it count as this much: a power of a negative number is none
POOLS = ("avg", "gem")
EXPONENT = "pool.p"  # how the learned exponent's name ends, among the weights of any network here


class Average(nn.Module):
    """The mean over the pixels: (b, c, h, w) to (b, c)."""

    def forward(self, x: Tensor) -> Tensor:
        return x.mean(dim=(2, 3))


class GeneralisedMean(nn.Module):
    """The generalised mean over the pixels of each channel, (mean of x^p)^(1/p), x no less than 1e-6; p is learned.

    p = 1 is the mean, and the larger p the nearer to the maximum: what stands out in a few pixels counts for more. Radenovic, Tolias and
    Chum 2018, "Fine-tuning CNN image retrieval with no human annotation", equation 3, with one p for all channels, which starts at 3.
    It is computed through logarithms in float32, so that no power is too large or too small.

    Parameters
    ----------
    p : float
        Where it starts.
    keepdim : bool
        Return (b, c, 1, 1) in place of (b, c).
    """

    def __init__(self, p: float = 3.0, *, keepdim: bool = False) -> None:
        super().__init__()
        self.p = nn.Parameter(torch.full((1,), float(p)))
        self._keepdim = keepdim

    def forward(self, x: Tensor) -> Tensor:
        logs = x.float().clamp(min=_SMALLEST).log()  # (b, c, h, w)
        total = torch.logsumexp(self.p * logs, dim=(2, 3), keepdim=self._keepdim)  # log of the sum of x^p, (b, c)
        return ((total - math.log(x.shape[2] * x.shape[3])) / self.p).exp()


def make_pool(name: str) -> nn.Module:
    """Return the pooling of a name, ``avg`` or ``gem``, from (b, c, h, w) to (b, c)."""
    if name not in POOLS:
        raise ValueError(f"pool is {name!r}; give one of {', '.join(POOLS)}")
    return GeneralisedMean() if name == "gem" else Average()


def pool_by_generalised_mean(model: nn.Module, name: str, learned: Mapping[str, Tensor]) -> None:
    """Put the generalised mean in the place of the average in which a model of timm ends, in place.

    Parameters
    ----------
    model : a model of timm
    name : str
        What messages call it.
    learned : mapping
        The exponent to start from, by its name among the weights; empty where it is to start at 3.

    Raises
    ------
    InputError
        If the model does not end in the one adaptive average over pixels that timm has, as transformers do not.
    """
    from timm.layers import SelectAdaptivePool2d

    found: list[Any] = [module for module in model.modules() if isinstance(module, SelectAdaptivePool2d)]
    if len(found) != 1 or not isinstance(found[0].pool, nn.AdaptiveAvgPool2d):
        raise InputError(
            f"network 'timm:{name}' does not end in an average over pixels that pool='gem' could replace; leave pool out, "
            "or give a convolutional network"
        )
    found[0].pool = GeneralisedMean(keepdim=True)
    if learned:
        model.load_state_dict(learned, strict=False)


def exponents(model: nn.Module) -> list[str]:
    """Return the names that the learned exponents of a network have among its weights."""
    return [f"{name}.p" for name, module in model.named_modules() if isinstance(module, GeneralisedMean)]
