"""The options of ``refine`` and ``compare`` that say how the estimator is trained."""

from __future__ import annotations

from typing import Annotated

from softlabel.cli.options import METHOD, NETWORKS, option

Epochs = Annotated[str | None, option(NETWORKS, "Epochs of each training [default: 30].", "N")]
BatchSize = Annotated[str | None, option(NETWORKS, "Rows a step [default: 128].", "N")]
Lr = Annotated[str | None, option(NETWORKS, "Largest learning rate [default: 0.1, AdamW: 0.001].", "LR")]
Augment = Annotated[
    str | None,
    option(
        NETWORKS,
        "Of pictures, joined by +: crop, flip, resized_crop, autoaugment, randaugment, erasing, mixup, cutmix, ricap; "
        "or none [default: crop].",
        "WORDS",
    ),
]
Weights = Annotated[
    str | None,
    option(NETWORKS, "Start from this .safetensors or .pt file; pretrained: what timm offers.", "FILE"),
]
Seed = Annotated[str | None, option(METHOD, "Seed of everything random [default: 0].", "N")]
Threads = Annotated[str | None, option(METHOD, "Threads of one fit [default: 1].", "N")]
