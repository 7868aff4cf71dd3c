"""Which labeler a training takes, and what it learned when the training has ended."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import nn

from softlabel.errors import InputError
from softlabel.learners.training.batches import ShuffledBatches
from softlabel.learners.training.labelers import StoredTargets
from softlabel.learners.training.loop import Batches, Labeler
from softlabel.learners.training.teachers import StudentInputs


def make_labeler(
    settings: Any,
    targets: np.ndarray,
    rows: np.ndarray,
    batches: ShuffledBatches,
    device: torch.device,
    inputs: StudentInputs | None = None,
) -> Labeler:
    """Return the labeler of a learner's settings; without one the stored rows.

    Parameters
    ----------
    settings : TorchLearner
    targets : (n, m) float32
    rows : (n,) int64
        Positions of the rows in the X that the learner was given.
    batches : ShuffledBatches
    device : torch.device
    inputs : StudentInputs or None
        What the network is shown, for makers that ask for it by ``begin_on``.

    Raises
    ------
    InputError
        If a labeler is to observe answers to pictures that are mixed, or answers of which other processes see a part.
    """
    given = torch.from_numpy(targets).to(device)
    maker = settings.labeler
    if maker is None:
        return StoredTargets(given)
    if (brought := getattr(batches, "labeler", None)) is not None:
        own: Labeler = brought  # batches of one's own bring their labels along
        return own
    if getattr(maker, "observes", True):
        if batches.mix is not None:
            raise InputError(
                f"labeler={maker!r} learns from the answer to each row, and augment={settings.augment!r} mixes several in one "
                "picture; leave out mixup, cutmix and ricap"
            )
        if batches.processes.world > 1:
            raise InputError(
                f"labeler={maker!r} learns from all answers, and {batches.processes.world} processes share this training; start one"
            )
    if hasattr(maker, "begin_on"):
        seeing: Labeler = maker.begin_on(inputs, given, rows, settings.epochs, settings.target_kind)
        return seeing
    begun: Labeler = maker.begin(given, rows, settings.epochs, settings.target_kind)
    return begun


def training_batches(settings: Any, batches: ShuffledBatches, labeler: Labeler, network: nn.Module) -> Batches:
    """Return the batches that a training takes: as they come, or as the maker of its labeler changes them."""
    if not hasattr(settings.labeler, "batches_of"):
        return batches
    changed: Batches = settings.labeler.batches_of(batches, labeler, network)
    return changed


def mixed_within(settings: Any, rows: np.ndarray) -> torch.Tensor | None:
    """Return a number for each row (n,): only those of one number may be mixed in one picture; None where all may."""
    if not hasattr(settings.labeler, "mixed_within"):
        return None
    numbers = settings.labeler.mixed_within(rows)
    return None if numbers is None else torch.from_numpy(numbers)


def learned_rows(labeler: Labeler, rows: np.ndarray, n: int) -> np.ndarray | None:
    """Return the target rows (n, m) float32 that a labeler learned, NaN for those that were not trained on; None where it has none.

    ``rows`` (n_trained,) are the positions of its own among all n.
    """
    if not hasattr(labeler, "final_targets"):
        return None
    final = labeler.final_targets()
    learned = np.full((n, final.shape[1]), np.nan, np.float32)
    learned[rows] = final.float().cpu().numpy()
    return learned
