"""What is written down after each epoch, and whether to go on."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import torch
from torch import nn

from softlabel.learners.training.answers import answers
from softlabel.learners.training.epoch_lines import tell
from softlabel.learners.training.meter import EpochScores
from softlabel.learners.training.outputs import outputs_of, scores
from softlabel.learners.training.preparation import Preparation
from softlabel.learners.training.processes import Processes
from softlabel.learners.training.validation import EarlyStopping


class Record:
    """The history of one training; it scores rows that are not trained on, and stops where early stopping says so.

    Parameters
    ----------
    watched : mapping of name to (rows, targets) or (rows, targets, weights)
        Rows to score after each epoch; what their scores' names begin with: ``validation``, or ``inner`` for an inner split beside
        such rows. Early stopping goes by ``inner``, where there is that, else by ``validation``.
    """

    def __init__(
        self,
        settings: Any,
        network: nn.Module,
        preparation: Preparation,
        device: torch.device,
        watched: Mapping[str, Any],
        processes: Processes,
    ) -> None:
        self._settings, self._network, self._preparation = settings, network, preparation
        self._device, self._processes = device, processes
        self._watched = watched
        self._since = time.perf_counter()
        self.history: list[dict[str, float]] = []
        patience = settings.early_stopping
        self.stopping = None if patience is None else EarlyStopping(patience)

    def after_epoch(self, epoch: int, found: EpochScores) -> bool:
        """Write down an epoch; return whether to stop."""
        outputs = outputs_of(self._settings)
        row = {"epoch": epoch, "lr": found.lr, "train_loss": found.loss, f"train_{outputs.score}": found.score}
        for name, (rows, *against) in self._watched.items():
            predicted = answers(self._settings, self._network, self._preparation, rows, self._device)
            row |= scores(outputs, predicted, *against, rows=name)
        self.history.append(row)
        if self._processes.rank == 0:
            tell(row, outputs.score, self._settings.epochs, time.perf_counter() - self._since, self._settings.verbose)
        self._since = time.perf_counter()
        if self.stopping is None:
            return False
        # Statistics of batch normalisation differ between processes, and so would their decisions: the others would wait.
        loss = row["inner_loss" if "inner" in self._watched else "validation_loss"]
        return self.stopping.told(self._processes.of_first(loss), epoch, self._network)
