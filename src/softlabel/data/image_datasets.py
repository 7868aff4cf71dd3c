"""Data sets of picture files: from a folder, or from a table that names them or holds them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from softlabel.data.columns import Columns
from softlabel.data.dataset import Dataset
from softlabel.data.encoded_images import EncodedImages, FileImages
from softlabel.data.exact_columns import Kind, exact_values
from softlabel.data.image_cache import load_images
from softlabel.data.image_columns import picture_table
from softlabel.data.image_files import all_pictures, pictures_by_class
from softlabel.data.images import Images


@dataclass(frozen=True)
class Decoding:
    """How pictures are decoded and kept; see ``load_images``."""

    size: int | None = None
    cache: str = "auto"
    cache_folder: str | Path | None = None

    def images(self, encoded: EncodedImages) -> Images:
        """Decode pictures."""
        return load_images(encoded, size=self.size, cache=self.cache, cache_folder=self.cache_folder)


def folder_dataset(
    folder: str | Path,
    decoding: Decoding,
    *,
    labelled: bool = True,
    least_classes: int = 2,
    label_kind: Kind | None = None,
) -> Dataset:
    """Load a folder of pictures; ids are paths relative to it.

    Parameters
    ----------
    folder : path
        One folder a class where labels are asked for, else any.
    decoding : Decoding
    labelled : bool
        Whether to read labels, the names of the class folders. Where all are integers as one writes them, they become
        integers.
    least_classes : int
        As for ``pictures_by_class``.
    label_kind : "integer", "text" or None
        The kind of labels in the training data (see ``exact_values``).

    Raises
    ------
    InputError
        If the folder is not built like that, or pictures cannot be read.
    """
    found = pictures_by_class(folder, least_classes=least_classes) if labelled else all_pictures(folder)
    y = None
    if found.labels is not None:
        y = exact_values(found.labels, name="class folder", role="label", kind=label_kind, ids=found.ids)  # (n,)
    return Dataset(decoding.images(FileImages(found.paths, found.ids)), y, found.ids, source=str(folder))


def picture_table_dataset(path: str | Path, decoding: Decoding, columns: Columns) -> Dataset:
    """Load a table that has a column of pictures, which are its only features; see ``picture_table``."""
    table = picture_table(path, columns)
    return Dataset(decoding.images(table.images), source=str(path), **vars(table.values))
