"""Augmentation of a batch of images, before they are normalised."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor

from softlabel.learners.augmentation.draws import generator, step_seeds
from softlabel.learners.augmentation.geometry import padded_crop, random_flip, resized
from softlabel.learners.augmentation.image_by_image import each_image, policy_transform, resized_crop, transforms_v2
from softlabel.learners.augmentation.recipes import Recipe, check_recipe, parse
from softlabel.learners.augmentation.view import View


class Augmenter:
    """Cuts, resizes, mirrors and recolours a batch, as a recipe says. The same seed gives the same batch everywhere.

    The steps in their order: a crop in the source image (padded, or of random size), resizing to the input size, flip,
    policy or transform of the user's, erasing. Mixing comes later, see
    :func:`~softlabel.learners.augmentation.mixing.make_mixer`.

    Parameters
    ----------
    recipe : Recipe
    input_size : (height, width)
        Size of the augmented images.
    transform : callable, optional
        Changes one image (c, h, w), uint8; may draw from torch's global generator, which is seeded for each image.
    """

    def __init__(
        self, recipe: Recipe, input_size: tuple[int, int], transform: Callable[[Tensor], Tensor] | None = None
    ) -> None:
        self.recipe = recipe
        self.input_size = (int(input_size[0]), int(input_size[1]))
        self._transform = transform

    def __call__(self, x: Tensor, seed: int) -> tuple[Tensor, View]:
        """Augment a batch.

        Parameters
        ----------
        x : (b, c, h, w) uint8, on any device
            It is not changed.
        seed : int, 0 to 2**63 - 1

        Returns
        -------
        x : (b, c, height, width) uint8
        view : View
            Boxes and flips, where the recipe makes them.
        """
        if not len(x):
            return resized(x, self.input_size), View()
        of_geometry, of_boxes, of_images = step_seeds(seed)
        draws = generator(of_geometry)
        boxes = flipped = None
        if self.recipe.resized_crop is not None:
            x, boxes = resized_crop(x, self.recipe.resized_crop, self.input_size, of_boxes)
        elif self.recipe.crop:
            x, boxes = padded_crop(x, self.recipe.padding, draws)
        x = resized(x, self.input_size)
        if self.recipe.flip is not None:
            x, flipped = random_flip(x, self.recipe.flip, draws)
        transform = self._transform or policy_transform(self.recipe, x.shape[1])
        if transform is not None:
            x = each_image(transform, x, of_images)
        return resized(x, self.input_size), View(boxes=boxes, flipped=flipped)


def make_augmenter(recipe: str | Callable[[Tensor], Tensor] | None, input_size: tuple[int, int]) -> Augmenter:
    """Return what augments batches of images.

    Parameters
    ----------
    recipe : str, callable or None
        Words joined by ``+``, see :func:`~softlabel.learners.augmentation.recipes.parse`; the mixing words are left to
        :func:`~softlabel.learners.augmentation.mixing.make_mixer`. A callable, such as any transform of
        ``torchvision.transforms.v2``, is applied to each image (c, h, w), uint8, after it was resized to
        ``input_size``. None or ``"none"``: images are resized where they are not of ``input_size``, and nothing else.
    input_size : (height, width)

    Raises
    ------
    InputError
        If the recipe is none of these.
    MissingExtraError
        If the recipe needs torchvision, and it is not installed.
    """
    check_recipe(recipe)
    if callable(recipe):
        return Augmenter(Recipe(), input_size, recipe)
    parts = parse(recipe, input_size)
    if parts.policy is not None or parts.erasing is not None or parts.resized_crop is not None:
        transforms_v2()  # what is missing is told before any data is read
    return Augmenter(parts, input_size)
