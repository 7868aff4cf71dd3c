"""Which labeler a training takes, and what it learned when the training has ended."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from softlabel.errors import InputError
from softlabel.learners.training.batches import ShuffledBatches
from softlabel.learners.training.labelers import StoredTargets
from softlabel.learners.training.loop import Labeler


def make_labeler(
    settings: Any, targets: np.ndarray, rows: np.ndarray, batches: ShuffledBatches, device: torch.device
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

    Raises
    ------
    InputError
        If a labeler is to observe answers to pictures that are mixed, or answers of which other processes see a part.
    """
    given = torch.from_numpy(targets).to(device)
    maker = settings.labeler
    if maker is None:
        return StoredTargets(given)
    if getattr(maker, "observes", True):
        if batches.mix is not None:
            raise InputError(
                f"labeler={maker!r} learns from the answer to each row, and augment={settings.augment!r} mixes two of them in one "
                "picture; leave out mixup and cutmix"
            )
        if batches.processes.world > 1:
            raise InputError(
                f"labeler={maker!r} learns from all answers, and {batches.processes.world} processes share this training; start one"
            )
    begun: Labeler = maker.begin(given, rows, settings.epochs, settings.target_kind)
    return begun


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
