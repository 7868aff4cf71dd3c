"""What an augmentation did to a batch, for whoever labels it."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True)
class View:
    """What was done to each of the b images of a batch; None where nothing was, or where it is not known.

    Without mixing, image i of the augmented batch is the part ``boxes[i]`` of source image i (black where the box
    reaches beyond it), resized to the input size, then mirrored where ``flipped[i]``, then whatever a policy did to
    its colours and shape. With mixing, image i is made of itself and of image ``partner[i]`` of the same batch.

    Attributes
    ----------
    partner : (b,) int64
        Position in the batch of the image that was mixed in.
    share : (b,) float32, 0 to 1
        Weight of the image's own content. A target row becomes ``share * own + (1 - share) * partner's``.
    boxes : (b, 4) int64
        Top, left, height and width of the part that is seen, in pixels of the source image; may reach beyond it.
    flipped : (b,) bool
        Whether left and right were swapped, after the box was cut.
    """

    partner: Tensor | None = None
    share: Tensor | None = None
    boxes: Tensor | None = None
    flipped: Tensor | None = None
