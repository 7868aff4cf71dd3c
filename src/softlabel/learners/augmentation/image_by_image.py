"""What torchvision does to one image at a time: random resized crops, AutoAugment, RandAugment, random erasing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from softlabel.errors import InputError, MissingExtraError
from softlabel.learners.augmentation.draws import borrowed_generator, image_seeds
from softlabel.learners.augmentation.geometry import resized
from softlabel.learners.augmentation.recipes import Recipe


def transforms_v2() -> Any:
    """Return the module ``torchvision.transforms.v2``."""
    try:
        from torchvision.transforms import v2
    except ImportError as error:
        raise MissingExtraError("torchvision", "vision") from error
    return v2


def resized_crop(x: Tensor, smallest: float, size: tuple[int, int], seed: int) -> tuple[Tensor, Tensor]:
    """Cut a part of random size and shape out of each image, and resize it.

    The area is uniform from ``smallest`` of the image to all of it, the aspect ratio log-uniform from 3/4 to 4/3
    (torchvision's ``RandomResizedCrop``, after Szegedy et al. 2015).

    Returns
    -------
    crops : (b, c, height, width) of ``size``
    boxes : (b, 4) int64
        Top, left, height and width in the source image.
    """
    boxes = resized_boxes((x.shape[2], x.shape[3]), smallest, image_seeds(seed, len(x)))  # (b, 4)
    return cut_resized(x, boxes, size), boxes.to(x.device)


def resized_boxes(size: tuple[int, int], smallest: float, seeds: Sequence[int]) -> Tensor:
    """Draw a box of random area and shape in images of a size (height, width), one for each seed; return (b, 4) int64."""
    transform = transforms_v2().RandomResizedCrop(
        size, scale=(smallest, 1.0)
    )  # to what size it resizes is not asked here
    image = torch.empty((1, *size), dtype=torch.uint8)  # only looked at for its size
    boxes = []
    with borrowed_generator(image.device) as draws:
        for own in seeds:
            draws.manual_seed(own)
            box = transform.make_params([image])
            boxes.append([int(box[side]) for side in ("top", "left", "height", "width")])
    return torch.tensor(boxes)


def cut_resized(x: Iterable[Tensor], boxes: Tensor, size: tuple[int, int]) -> Tensor:
    """Return the box (b, 4) of each of b images (c, h, w), resized: (b, c, height, width) of ``size``; black beyond an image."""
    return torch.cat([resized(_cut(image, box), size) for image, box in zip(x, boxes.tolist(), strict=True)])


def _cut(image: Tensor, box: list[int]) -> Tensor:
    """Return a part (1, c, height, width) of an image (c, h, w)."""
    (h, w), (top, left, height, width) = image.shape[-2:], box
    part = image[None, :, max(top, 0) : max(top + height, 0), max(left, 0) : max(left + width, 0)]
    if top >= 0 and left >= 0 and top + height <= h and left + width <= w:
        return part
    above, before = min(max(-top, 0), height), min(max(-left, 0), width)
    below, after = height - above - part.shape[2], width - before - part.shape[3]
    return F.pad(part, (before, after, above, below))


def policy_transform(recipe: Recipe, channels: int) -> Callable[[Tensor], Tensor] | None:
    """Return the transform of one image (c, h, w) that the recipe's policy and erasing ask for; None where neither does.

    What a shift or a rotation uncovers is grey in colour pictures, as where the policies were found, and black in others.

    Raises
    ------
    InputError
        If a policy is asked for and the images have neither 1 nor 3 channels.
    """
    if recipe.policy is None and recipe.erasing is None:
        return None
    v2 = transforms_v2()
    if recipe.policy is not None and channels not in (1, 3):
        raise InputError(
            f"images have {channels} channels, and AutoAugment and RandAugment change pictures of 1 or 3; "
            "use crop, flip, erasing, mixup, cutmix or ricap"
        )
    fill = 128 if channels == 3 else 0
    steps: list[Any] = []
    if recipe.policy == "randaugment":
        steps.append(v2.RandAugment(magnitude=recipe.magnitude, fill=fill))
    elif recipe.policy is not None:
        steps.append(v2.AutoAugment(v2.AutoAugmentPolicy(recipe.policy), fill=fill))
    if recipe.erasing is not None:
        steps.append(v2.RandomErasing(p=recipe.erasing))
    transform: Callable[[Tensor], Tensor] = v2.Compose(steps)
    return transform


def each_image(transform: Callable[[Tensor], Tensor], x: Tensor, seed: int) -> Tensor:
    """Transform each image of a batch (b, c, h, w) with draws of its own.

    Raises
    ------
    InputError
        If the transform gives no uint8 images of one size; only a transform of the user's can.
    """
    changed = []
    with borrowed_generator(x.device) as draws:
        for image, own in zip(x, image_seeds(seed, len(x)), strict=True):
            draws.manual_seed(own)
            changed.append(transform(image))
    for image in changed:
        if not isinstance(image, Tensor) or image.dtype != torch.uint8 or image.shape != changed[0].shape:
            got = f"{image.dtype} {tuple(image.shape)}" if isinstance(image, Tensor) else type(image).__name__
            raise InputError(
                f"the augmentation returned {got} for a uint8 image {tuple(x.shape[1:])}; it must return uint8 tensors "
                "(c, h, w) of one size: leave scaling to floats and normalisation to the classifier"
            )
    return torch.stack(changed)
