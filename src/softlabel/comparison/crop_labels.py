"""Crops of pictures beside the labels that generations of a model give them: figures 1, 7 and 8 of Label Refinery."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from softlabel.comparison.drawing import INK, ORANGE, PALE, SKY, figure, save, stem_of
from softlabel.errors import InputError
from softlabel.targets.encode import check_codes
from softlabel.targets.rows import check_targets

_N_SHOWN = 3  # classes of a label
_SMALL = 7.5  # points, of names of classes and shares
_LETTERS = 22  # of the name of a class, beside its bar


def draw_crop_labels(
    images: Sequence[ArrayLike],
    boxes: ArrayLike | None,
    labels: Mapping[str, ArrayLike],
    class_names: Sequence[Any],
    path: str | Path,
    *,
    codes: ArrayLike | None = None,
) -> list[Path]:
    """Draw crops, and the three likeliest classes of each by each generation, as bars.

    A line a crop: the picture with the crop framed, the crop, then a panel for each generation. The given class, where it is known, stands
    over the picture, and its bars are in another colour. Label Refinery (Bagherinezhad et al. 2018), figures 1, 7 and 8.

    Parameters
    ----------
    images : n array-likes (h, w), (h, w, 1) or (h, w, 3)
        Whole numbers from 0 to 255, or numbers from 0 to 1; sizes may differ.
    boxes : array-like (n, 4) of int, or None
        Top, left, height and width of each crop in pixels; what reaches beyond the picture is black. None: the pictures are the crops.
    labels : mapping of names to array-like (n, k)
        Of each generation, the first one first. Rows sum to 1.
    class_names : sequence of k names
    path : path
        Where the figure goes; a .png and an .svg are written.
    codes : array-like (n,) of int, optional
        Given classes.

    Returns
    -------
    list of Path

    Raises
    ------
    InputError
        If there is no picture or no generation, shapes differ, or the path ends in anything but .png or .svg.
    """
    stem_of(path)  # refused before anything is drawn
    pictures = [_picture(image) for image in images]
    if not pictures or not labels:
        raise InputError(f"{len(pictures)} pictures and {len(labels)} generations; give at least one of each")
    n, k = len(pictures), len(class_names)
    said = {name: check_targets(rows, n_rows=n, n_columns=k, name=f"labels of {name}") for name, rows in labels.items()}
    given = None if codes is None else check_codes(codes, k, n_rows=n)
    frames = None if boxes is None else _boxes(boxes, n)
    n_images = 1 if frames is None else 2
    widths = [1.0] * n_images + [1.5] * len(said)
    with figure(1.25 * sum(widths) + 0.2, 1.3 * n + 0.4, n, len(widths), gridspec_kw={"width_ratios": widths}) as (
        made,
        axes,
    ):
        for i, line in enumerate(axes):
            _show(line[0], pictures[i], None if frames is None else frames[i])
            if given is not None:
                line[0].set_title(_short(class_names[given[i]]), loc="left", fontsize=_SMALL)
            if frames is not None:
                _show(line[1], cut(pictures[i], frames[i]), None)
            for panel, (name, rows) in zip(line[n_images:], said.items(), strict=True):
                _bars(panel, rows[i], class_names, None if given is None else int(given[i]))
                if i == 0:
                    panel.set_title(name, loc="left")
        return save(made, path)


def cut(image: NDArray[Any], box: ArrayLike) -> NDArray[Any]:
    """Return the part of a picture (h, w, ...) that a box (top, left, height, width) shows, black where it reaches beyond.

    Examples
    --------
    >>> cut(np.array([[1, 2], [3, 4]]), (1, 1, 2, 1)).tolist()
    [[4], [0]]
    """
    top, left, height, width = (int(side) for side in np.asarray(box))
    part = np.zeros((height, width, *image.shape[2:]), dtype=image.dtype)
    first, last = max(top, 0), min(top + height, image.shape[0])
    start, end = max(left, 0), min(left + width, image.shape[1])
    if first < last and start < end:
        part[first - top : last - top, start - left : end - left] = image[first:last, start:end]
    return part


def _show(panel: Any, picture: NDArray[Any], frame: NDArray[np.int64] | None) -> None:
    from matplotlib.patches import Rectangle

    panel.imshow(picture, cmap="gray", vmin=0, vmax=255 if picture.dtype == np.uint8 else 1)
    panel.set_axis_off()
    if frame is not None:
        top, left, height, width = frame
        panel.add_patch(
            Rectangle(
                (left - 0.5, top - 0.5), width, height, fill=False, edgecolor=ORANGE, linewidth=1.5, clip_on=False
            )
        )


def _bars(panel: Any, row: NDArray[np.float32], class_names: Sequence[Any], given: int | None) -> None:
    """Draw the likeliest classes from the top down, each name within its line; none that has no mass."""
    top = np.argsort(-row, kind="stable")[:_N_SHOWN]
    top = top[row[top] > 0]
    places = np.arange(len(top))
    panel.barh(places, np.ones(len(top)), 0.8, color=PALE, alpha=0.35)
    panel.barh(places, row[top], 0.8, color=[ORANGE if c == given else SKY for c in top], alpha=0.6)
    for place, c in zip(places, top, strict=True):
        panel.text(0.03, place, _short(class_names[c]), va="center", ha="left", fontsize=_SMALL, color=INK)
        panel.text(1.03, place, f"{row[c]:.2f}", va="center", ha="left", fontsize=_SMALL, color=INK)
    panel.set_xlim(0, 1.25)
    panel.set_ylim(_N_SHOWN - 0.4, -0.6)  # the likeliest on top, and bars of one height whatever k is
    panel.set_axis_off()


def _short(name: Any) -> str:
    text = str(name).replace("_", " ")
    return text if len(text) <= _LETTERS else text[: _LETTERS - 1].rstrip() + "…"


def _picture(image: ArrayLike) -> NDArray[Any]:
    """Return a picture as matplotlib shows it: (h, w) or (h, w, 3), of uint8 or of floats from 0 to 1."""
    pixels = np.asarray(image)
    if pixels.ndim == 3 and pixels.shape[2] == 1:
        pixels = pixels[:, :, 0]
    if pixels.ndim not in (2, 3) or (pixels.ndim == 3 and pixels.shape[2] != 3):
        raise InputError(f"a picture has shape {np.shape(image)}; give (height, width), or with 1 or 3 channels last")
    return pixels if pixels.dtype == np.uint8 else np.clip(pixels.astype(np.float64), 0, 1)


def _boxes(boxes: ArrayLike, n: int) -> NDArray[np.int64]:
    table = np.asarray(boxes)
    if table.shape != (n, 4) or table.dtype.kind not in "iu":
        raise InputError(
            f"boxes has shape {table.shape} of {table.dtype}; give top, left, height and width in whole pixels for each of {n}"
        )
    if (table[:, 2:] < 1).any():
        raise InputError("boxes has a height or width below 1; give crops of at least one pixel")
    return table.astype(np.int64)
