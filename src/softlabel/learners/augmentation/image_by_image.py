"""What torchvision does to one image at a time: random resized crops, AutoAugment, RandAugment, random erasing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

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
    transform = transforms_v2().RandomResizedCrop(size, scale=(smallest, 1.0))
    crops, boxes = [], []
    with borrowed_generator(x.device) as draws:
        for image, own in zip(x, image_seeds(seed, len(x)), strict=True):
            draws.manual_seed(own)
            box = transform.make_params([image])
            top, left, height, width = (int(box[side]) for side in ("top", "left", "height", "width"))
            boxes.append((top, left, height, width))
            crops.append(resized(image[None, :, top : top + height, left : left + width], size))
    return torch.cat(crops), torch.tensor(boxes, device=x.device)


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
            "use crop, flip, erasing, mixup or cutmix"
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
