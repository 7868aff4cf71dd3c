"""The overfitting profile of a stored run of generations, and what each of them says of the same crops: from its directory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from softlabel.comparison.class_profiles import draw_accuracy_distributions, draw_profile
from softlabel.comparison.crop_labels import draw_crop_labels
from softlabel.data.images import Images
from softlabel.data.rows import n_rows, take
from softlabel.data.source import load_labelled_part
from softlabel.errors import InputError
from softlabel.methods.teacher_networks import Teachers
from softlabel.metrics.class_profile import class_accuracies
from softlabel.run.finished import Run
from softlabel.run.reading import labelled_reading
from softlabel.seeds import Seeds

_SMALLEST = 0.08  # share of the area of a crop, the paper's
_CROPS = 4


def profiles_of(run: Run) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Return the accuracy of each class on the training and on the test rows, (k,) each, by generation.

    Training rows count by their given labels, test rows by theirs; a class without rows is NaN.

    Raises
    ------
    InputError
        If the run has no generations, or no test rows were given to it.
    """
    found = _generations(run)
    if any("test" not in arrays for arrays in found):
        raise InputError(f"{run.path} has no test rows, and a profile compares with these; run it with --test")
    return _profiles(run, found)


def _profiles(run: Run, found: list[dict[str, np.ndarray]]) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Return the profiles of generations whose arrays were read."""
    given = run.targets(0).argmax(axis=1)  # (n,)
    k = len(run.classes)
    return {
        f"generation {number}": (
            class_accuracies(given, arrays["answers"], k).accuracy,
            class_accuracies(arrays["test_codes"], arrays["test"], k).accuracy,
        )
        for number, arrays in enumerate(found, start=1)
    }


def draw_generations(run: Run | str | Path, folder: str | Path, *, n_crops: int = _CROPS) -> list[Path]:
    """Draw what a run of generations shows: figures 1, 4, 5, 7 and 8 of Label Refinery, redrawn from its directory.

    ``profile`` (figure 4) and ``distributions`` (figure 5) where it has test rows; ``crops`` (figures 1, 7 and 8) where its rows are
    pictures that still lie where they did: the same random crops, asked of each generation's models.

    Parameters
    ----------
    run : Run or path
    folder : path
        Where figures go, a .png and an .svg each.
    n_crops : int, default=4

    Returns
    -------
    list of Path

    Raises
    ------
    InputError
        If the run has no generations, or neither test rows nor pictures.
    """
    run, folder = Run(run) if isinstance(run, (str, Path)) else run, Path(folder)
    found, drawn = _generations(run), list[Path]()
    if all("test" in arrays for arrays in found):
        profiles = _profiles(run, found)
        folder.mkdir(parents=True, exist_ok=True)
        drawn += draw_profile(profiles, folder / "profile.png")
        drawn += draw_accuracy_distributions(profiles, folder / "distributions.png")
    if run.record.get("images"):
        folder.mkdir(parents=True, exist_ok=True)
        drawn += _draw_crops(run, len(found), folder / "crops.png", n_crops)
    if not drawn:
        raise InputError(
            f"{run.path} has neither test rows nor pictures, so there is nothing to draw; run it with --test"
        )
    return drawn


def _generations(run: Run) -> list[dict[str, np.ndarray]]:
    found = run.generations()
    if not found:
        raise InputError(f"{run.path} has no generations to draw; make one with --method label-refinery or ldl")
    return found


def _draw_crops(run: Run, n_generations: int, path: Path, n_crops: int) -> list[Path]:
    """Draw crops of training pictures with the labels that each generation gives them."""
    data = load_labelled_part(run.record["source"], **labelled_reading(run.record, run.classes))
    n = len(run.targets(0))
    if n_rows(data.X) != n:
        raise InputError(
            f"{run.record['source']} holds {n_rows(data.X)} pictures now, and the run was made from {n}; give it "
            "back the pictures that it had"
        )
    rows = Seeds(run.record["random_state"]).generator("augment").permutation(n)[:n_crops]
    pictures = take(data.X, np.sort(rows))
    assert isinstance(pictures, Images)  # the record says that they are
    pixels = pictures.read()  # (c, h, w, channels)
    crops, boxes = _cropped(pixels, run.record["random_state"])
    answers = {
        f"generation {number}": Teachers(run.generation_models(number)).answers(crops, run.task)
        for number in range(1, n_generations + 1)
    }
    codes = run.targets(0)[np.sort(rows)].argmax(axis=1)
    return draw_crop_labels(list(pixels), boxes, answers, [str(name) for name in run.classes], path, codes=codes)


def _cropped(pixels: np.ndarray, seed: int) -> tuple[Any, np.ndarray]:
    """Return a crop of each picture, brought to its size, (n, h, w, c) uint8, and the boxes (n, 4)."""
    import torch

    from softlabel.learners.augmentation.image_by_image import resized_crop

    x = torch.from_numpy(pixels).permute(0, 3, 1, 2)  # (n, c, h, w)
    size = (pixels.shape[1], pixels.shape[2])
    crops, boxes = resized_crop(x, _SMALLEST, size, seed)
    return np.ascontiguousarray(crops.permute(0, 2, 3, 1).numpy()), boxes.numpy()
