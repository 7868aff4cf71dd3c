"""Hugging Face encoders of texts as networks: rows of token ids in, logits out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from transformers import CONFIG_MAPPING, AutoModelForSequenceClassification
from transformers.utils import logging

_STEP = 8  # lengths are cut to multiples of it, so that there are few of them


class TextEncoder(nn.Module):
    """A sequence classifier that takes token ids and their mask as one array of numbers, as rows are stored here.

    Columns that hold padding in every row of a batch are cut off first: short texts cost what they are long.
    """

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, x: Tensor) -> Tensor:
        """Return logits (b, m) of rows (b, 2, length): token ids, and 1 where there is a token."""
        mask = x[:, 1].long()  # (b, length); float32 holds every integer below 2**24 exactly
        longest = int(mask.sum(dim=1).max())
        used = min(-(-longest // _STEP) * _STEP, x.shape[2])
        ids = x[:, 0, :used].long()  # (b, used)
        logits: Tensor = self.model(input_ids=ids, attention_mask=mask[:, :used]).logits
        return logits


def built_encoder(config: str, n_outputs: int, start: str | None) -> TextEncoder:
    """Build an encoder with a head of ``n_outputs``, in float32.

    Parameters
    ----------
    config : str
        The model's configuration, as JSON.
    n_outputs : int
    start : folder or cached name, or None
        Where its weights are read from. A head of the same width is taken with them, any other is made anew from torch's
        generator, as everything is where ``start`` is None.
    """
    settings = json.loads(config)
    for names in ("id2label", "label2id"):  # of the head it came with; they would fix the number of outputs
        settings.pop(names, None)
    made = CONFIG_MAPPING[settings["model_type"]].from_dict({**settings, "num_labels": n_outputs})
    with _quiet():
        if start is None:
            model = AutoModelForSequenceClassification.from_config(made, dtype=torch.float32)
        else:
            model = AutoModelForSequenceClassification.from_pretrained(
                start,
                config=made,
                dtype=torch.float32,  # checkpoints may hold half precision, in which short trainings go nowhere
                ignore_mismatched_sizes=True,
                local_files_only=True,
                trust_remote_code=False,
            )
    return TextEncoder(model)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep transformers from reporting that the head is new, and from drawing bars; then leave it as it was."""
    level, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(level)
        if bars:
            logging.enable_progress_bar()
