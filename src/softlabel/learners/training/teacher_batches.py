"""What a trained network says of stored rows: by the statistics of each batch, or of pictures that have another size than its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from softlabel.data.rows import as_rows
from softlabel.learners.table_input import check_table
from softlabel.learners.training.answers import answer_batch, rows_like
from softlabel.learners.training.batch_statistics import LEAST_STATISTICS
from softlabel.learners.training.devices import bounded_threads, choose_device, memory_errors_told
from softlabel.learners.training.input_rows import InputRows, input_rows
from softlabel.learners.training.labelling_networks import LabellingNetwork


def answers_by_batches(fitted: Any, X: Any, seed: int) -> np.ndarray:
    """Return target rows (n, m) float32 of a fitted network, when its batch normalisation takes the statistics of each batch.

    Batches are drawn by the seed, in sizes as equal as can be: that of its training or up to twice as much. Of fewer than 8 rows mean and
    variance say little: such few are answered by what it learned. Pictures are brought to its own size. The network is left as it is.
    """
    rows = _rows_for(fitted, X)
    if rows.n < LEAST_STATISTICS:
        return _answered(fitted, rows, [torch.arange(rows.n)], "eval")
    order = torch.randperm(rows.n, generator=torch.Generator().manual_seed(seed))  # (n,)
    parts = order.tensor_split(max(rows.n // max(fitted.batch_size, LEAST_STATISTICS), 1))
    return _answered(fitted, rows, parts, "train")


def answers_resized(fitted: Any, X: Any) -> np.ndarray:
    """Return target rows (n, m) float32 of a fitted network to pictures that are brought to the size of those of its training."""
    rows = _rows_for(fitted, X)
    return _answered(fitted, rows, torch.arange(rows.n).split(answer_batch(fitted)), "eval")


def of_another_size(fitted: Any, X: Any) -> bool:
    """Return whether rows are pictures of another height or width than those that a fitted network was trained on."""
    if not fitted.preparation_.pictures:
        return False
    rows = input_rows(X, torch.device("cpu"))
    return bool(rows.pictures) and rows.shape[0] == fitted.input_shape_[0] and rows.shape != fitted.input_shape_


def _rows_for(fitted: Any, X: Any) -> InputRows:
    X = check_table(fitted, as_rows(X), reset=False)
    return input_rows(X, torch.device("cpu")) if of_another_size(fitted, X) else rows_like(fitted.input_shape_, X)


def _answered(fitted: Any, rows: InputRows, parts: Sequence[Tensor], mode: str) -> np.ndarray:
    """Return target rows (n, m) of all rows, asked part by part, (b,) positions each."""
    device = choose_device(fitted.device)
    with bounded_threads(), memory_errors_told(device, answer_batch(fitted)):
        network = LabellingNetwork(fitted, mode, device)
        said = np.empty((rows.n, fitted.n_outputs_), np.float32)  # (n, m)
        for index in parts:
            said[index.numpy()] = network.of_stored(rows.read(index)).cpu().numpy()  # (b, m)
    return said
