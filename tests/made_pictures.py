"""Pictures made on the spot."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from PIL import Image


def pixels(seed: int = 0, height: int = 8, width: int = 8) -> np.ndarray:
    """(h, w, 3) uint8, all different from other seeds'."""
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def encoded(image: np.ndarray | Image.Image, form: str = "PNG", **options: object) -> bytes:
    """The bytes of a file of this picture."""
    file = io.BytesIO()
    (Image.fromarray(image) if isinstance(image, np.ndarray) else image).save(file, form, **options)
    return file.getvalue()


def class_folder(folder: Path, classes: dict[str, int], *, height: int = 8, width: int = 8) -> Path:
    """A folder with one folder a class and so many pictures in each: 0.png, 1.png, ..."""
    for at, (name, count) in enumerate(classes.items()):
        (folder / name).mkdir(parents=True)
        for row in range(count):
            (folder / name / f"{row}.png").write_bytes(encoded(pixels(1000 * at + row, height, width)))
    return folder
