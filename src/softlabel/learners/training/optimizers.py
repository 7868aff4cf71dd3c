"""Optimisers by name."""

from __future__ import annotations

import torch
from torch import nn
from torch.optim import Optimizer

from softlabel.errors import InputError
from softlabel.learners.network_settings import DEFAULT_RATES


def make_optimizer(name: str, network: nn.Module, *, lr: float, momentum: float, weight_decay: float) -> Optimizer:
    """Return SGD with Nesterov momentum, or AdamW (Loshchilov & Hutter 2019), over the parameters of a network.

    Weight decay acts on matrices and filters only, not on biases and the scales of normalisation (He et al. 2019, "Bag of
    tricks", section 3.1). ``momentum`` is that of SGD, and beta_1 of AdamW.
    """
    trained = [parameter for parameter in network.parameters() if parameter.requires_grad]
    if not trained:
        raise InputError("the network has no parameter that can be trained; give one with requires_grad")
    groups = [
        {"params": [p for p in trained if p.ndim >= 2], "weight_decay": weight_decay},
        {"params": [p for p in trained if p.ndim < 2], "weight_decay": 0.0},
    ]
    groups = [group for group in groups if group["params"]]
    if name == "sgd":
        return torch.optim.SGD(groups, lr=lr, momentum=momentum, nesterov=momentum > 0)
    if name == "adamw":
        return torch.optim.AdamW(groups, lr=lr, betas=(momentum, 0.999))
    raise InputError(f"optimizer={name!r}; give one of {', '.join(DEFAULT_RATES)}")
