"""Learning rates over a training, by torch's own schedulers; all of them move with each step, not each epoch."""

from __future__ import annotations

from typing import Any

from torch.optim import Optimizer
from torch.optim.lr_scheduler import (
    ConstantLR,
    CosineAnnealingLR,
    LinearLR,
    LRScheduler,
    MultiStepLR,
    OneCycleLR,
    SequentialLR,
)

from softlabel.errors import InputError
from softlabel.learners.network_settings import SCHEDULES

Schedule = LRScheduler
_MOMENTUM_SWING = 0.05  # about the optimiser's own: .85 to .95 for .9, as in the paper of one-cycle
_WARMUP_START = 0.01  # of the learning rate


def make_schedule(
    name: str, optimizer: Optimizer, *, lr: float, steps: int, warmup: float, milestones: Any, gamma: float
) -> Schedule:
    """Return a schedule over ``steps`` optimiser steps.

    ============ =========================================================================================================
    one_cycle    up to ``lr`` and far below its start (Smith & Topin 2018), ``torch.optim.lr_scheduler.OneCycleLR``; its
                 rise takes the share ``warmup``, or .3 where that is 0; momentum moves the other way
    cosine       linear from .01 ``lr`` over the share ``warmup`` of the steps, then half a cosine down to 0
    steps        ``lr``, times ``gamma`` at each milestone (a share of the training), after a linear warm-up
    constant     ``lr`` after a linear warm-up
    ============ =========================================================================================================

    Raises
    ------
    InputError
        If the name is unknown, or a share is out of range.
    """
    if not 0 <= warmup < 1:
        raise InputError(f"warmup={warmup!r}; give a share of the training, from 0 up to, but not including, 1")
    if name == "one_cycle":
        # Fewer than three steps leave no room for a rise and a fall; torch would divide by zero.
        total, rise = max(steps, 3), warmup or 0.3
        if rise * total <= 1:  # nor does a rise of a single step, whose end is its start
            rise = 1.5 / total
        group = optimizer.param_groups[0]
        momentum = group["momentum"] if "momentum" in group else group["betas"][0]
        return OneCycleLR(
            optimizer,
            max_lr=lr,
            total_steps=total,
            pct_start=rise,
            cycle_momentum=momentum > 0,  # who asked for none gets none
            base_momentum=max(momentum - _MOMENTUM_SWING, 0.0),
            max_momentum=min(momentum + _MOMENTUM_SWING, 0.999),
        )
    rising_steps = round(warmup * steps)
    rest = max(steps - rising_steps, 1)
    main: LRScheduler
    if name == "cosine":
        main = CosineAnnealingLR(optimizer, T_max=rest)
    elif name == "steps":
        main = MultiStepLR(
            optimizer, [round(share * steps) - rising_steps for share in _shares(milestones)], gamma=gamma
        )
    elif name == "constant":
        main = ConstantLR(optimizer, factor=1.0)
    else:
        raise InputError(f"schedule={name!r}; give one of {', '.join(SCHEDULES)}")
    if rising_steps == 0:
        return main
    rising = LinearLR(optimizer, start_factor=_WARMUP_START, total_iters=rising_steps)
    return SequentialLR(optimizer, [rising, main], milestones=[rising_steps])


def _shares(milestones: Any) -> list[float]:
    try:
        shares = sorted(float(share) for share in milestones)
    except (TypeError, ValueError):
        shares = []
    if not shares or not all(0 < share < 1 for share in shares):
        raise InputError(f"milestones={milestones!r}; give shares of the training between 0 and 1, such as (0.5, 0.75)")
    return shares
