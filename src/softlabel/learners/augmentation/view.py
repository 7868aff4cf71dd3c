"""What an augmentation did to a batch, for whoever labels it."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True)
class View:
    """What was done to each of the b images of a batch; None where nothing was, or where it is not known.

    Without mixing, image i of the augmented batch is the part ``boxes[i]`` of source image i (black where the box
    reaches beyond it), resized to the input size, then mirrored where ``flipped[i]``, then whatever a policy did to
    its colours and shape. With mixing, image i is made of itself and of image ``partner[i]`` of the same batch, or of
    itself and of several, ``partner[i, 0]``, ``partner[i, 1]`` and so on.

    Attributes
    ----------
    partner : (b,) or (b, p) int64
        Position in the batch of the image that was mixed in, or of each of p images.
    share : (b,) or (b, 1 + p) float32, 0 to 1
        Weight of the image's own content, or of its own and that of each partner, which sum to 1. A target row becomes
        ``share * own + (1 - share) * partner's``, or ``share[0] * own + sum_j share[j] * partner j's``.
    boxes : (b, 4) int64
        Top, left, height and width of the part that is seen, in pixels of the source image; may reach beyond it.
    flipped : (b,) bool
        Whether left and right were swapped, after the box was cut.
    crop : (b,) int64
        Which of the stored crops of its row it is, where crops are stored.
    """

    partner: Tensor | None = None
    share: Tensor | None = None
    boxes: Tensor | None = None
    flipped: Tensor | None = None
    crop: Tensor | None = None
