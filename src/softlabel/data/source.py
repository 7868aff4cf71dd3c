"""From what stands on the command line to a data set: tables, arrays, folders of pictures, built-ins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from softlabel.data.arrays import array_dataset, array_part
from softlabel.data.builtin import builtin_dataset
from softlabel.data.columns import Columns
from softlabel.data.dataset import Dataset
from softlabel.data.exact_columns import Kind, label_kind
from softlabel.data.formats import format_dataset
from softlabel.data.further_rows import array_test, folder_test, format_test, load_tables, table_reader
from softlabel.data.image_datasets import Decoding, folder_dataset
from softlabel.data.source_kinds import source_kind
from softlabel.data.source_options import (
    refuse_beside_format,
    refuse_columns,
    refuse_noisy,
    refuse_several,
    refuse_size,
    refuse_trusted,
)
from softlabel.data.table import column_names
from softlabel.data.table_answers import RowValues, with_vote_file
from softlabel.errors import InputError

__all__ = ["label_kind", "load", "load_labelled_part", "load_unlabelled", "source_kind"]

Label = str | Sequence[str] | None


def load(
    source: str | Path,
    *,
    label: Label = None,
    id: str | None = None,
    groups: str | None = None,
    drop: Sequence[str] = (),
    test: str | Path | None = None,
    label_kind: Kind | None = None,
    image: str | None = None,
    image_size: int | None = None,
    cache: str = "auto",
    cache_folder: str | Path | None = None,
    several: bool = False,
    separator: str | None = None,
    votes: Sequence[str] = (),
    votes_as: str = "share",
    reference: Sequence[str] = (),
    text: str | None = None,
    format: str | None = None,
    noisy: Sequence[str] = (),
    trusted: str | None = None,
    label_names: Any = None,
    part: bool | None = None,
) -> Dataset:
    """Load labelled rows.

    Parameters
    ----------
    source : path or name
        A .csv, .parquet or .npz file, a folder with one folder of pictures a class, or one of digits, wine,
        breast_cancer, iris, toy. A file of that name comes first; a folder of that name is meant by "./digits".
    label : str, sequence of str, or None
        For tables: the column of given labels; or several columns of 0 and 1, a class each, of which a row has exactly one
        unless ``several``. Without it ``y`` is made of ``votes``.
    id, groups, drop : names of columns
        For tables: columns of ids and of groups, and columns that are no features. An .npz file has its own names for
        these (``y``, ``ids``, ``groups``); folders and built-ins need none.
    test : path or None
        A source of the same kind and columns, as ``test`` of the result. An .npz file may hold test rows itself.
    label_kind : "integer", "text", "number" or None
        The kind that labels had where a model was trained (``label_kind(y)`` of its labels), so that 1 and "1" agree;
        "number" allows grades that are not whole.
    image : str or None
        For tables: the column of pictures (paths, or bytes of files). They are then the only features.
    image_size : int or None
        Side of the square to which files of pictures are resized and cut.
    cache, cache_folder
        How decoded pictures are kept; see ``load_images``.
    several : bool
        Whether a row may have several labels, or none: ``y`` is then (n, k) of 0 and 1. The labels stand in several columns
        of a table, in one column of names joined by ``separator``, or in ``y`` (n, k) of an .npz file (whose array
        ``label_names`` names them).
    separator : str or None
        None: the first of ``|``, ``;`` and ``,`` that occurs in the column.
    votes : names of columns, or one file
        Columns of numbers of votes (or of shares), a class each; or a .csv or .parquet file with the columns id, annotator
        and label, a line for each vote. They become the first targets. The names of classes are those of the columns,
        without what all begin with up to the last ``_`` or ``:`` where that makes them labels; ``votes_`` and the like,
        which all begin with, is no part of them. Of a row without votes the given label stands in.
    votes_as : "share" or "dawid-skene"
        First targets are the share of each class, or the posterior of a model of annotators (see ``targets.votes``).
    reference : names of columns
        Columns of the true distribution, used only to score; or ("votes",), the shares of the votes.
    text : str or None
        For tables: the column of texts. They are then the only features.
    format : "deepdrid", "plant-pathology" or None
        The table has the form of that challenge, which says all that columns say otherwise.
    noisy : names of columns
        Columns of a table, or arrays of an .npz file, with labels that may be wrong where those of ``label`` (or ``y``) are
        right: ``noisy_labels`` of the result. They are no features. Test rows need none.
    trusted : str or None
        The column of a table, or the array of an .npz file, that says yes of rows whose labels are known to be right, and no of
        others. It is no feature. Test rows need none.
    label_names : sequence or None
        The names of all classes, in order; others are refused. For rows that belong to a training set: its
        ``label_names``.
    part : bool or None
        Whether the rows belong to a training set, so that a file of votes may know further ids, and one by row number says
        nothing of them. None: where ``label_names`` are given.

    Raises
    ------
    InputError
        If there is no such source, its content cannot be used, or an option does not go with it.
    """
    kind = source_kind(source)
    if image_size is not None:
        refuse_size(source, kind, pictures_named=image is not None or format is not None)
    decoding = Decoding(image_size, cache, cache_folder)
    columns = Columns.of(
        label=label, id=id, groups=groups, drop=drop, image=image, text=text, votes=votes, votes_as=votes_as, reference=reference,
        noisy=noisy, trusted=trusted, several=several, separator=separator, label_kind=label_kind, label_names=label_names,
        whole=label_names is None if part is None else not part,
    )  # fmt: skip
    columns.check()
    if format is not None:
        refuse_beside_format(format, source, columns)
        train = format_dataset(format, source, decoding)
        return train if test is None else replace(train, test=format_test(format, test, train, decoding))
    if kind == "table":
        return load_tables(table_reader(columns, decoding), source, columns, test)
    refuse_columns(source, columns)
    if kind != "array":
        refuse_noisy(source, columns)
        refuse_trusted(source, columns)
    if kind == "folder":
        train = folder_dataset(source, decoding, label_kind=label_kind)
        refuse_several(source, several)
        train = _voted(train, columns)
        return train if test is None else replace(train, test=folder_test(test, train, decoding))
    if kind == "array":
        train = array_dataset(
            source, label_kind=label_kind, several=several, label_names=label_names, noisy=columns.noisy,
            trusted=columns.trusted,
        )  # fmt: skip
        train = _voted(train, columns)
        return train if test is None else replace(train, test=array_test(test, train, several, label_kind))
    refuse_several(source, several)
    if test is not None:
        raise InputError(f"the built-in data set {source} has no test file; give a file as source, or leave --test out")
    return _voted(builtin_dataset(str(source)), columns)


def load_unlabelled(
    source: str | Path,
    *,
    id: str | None = None,
    drop: Sequence[str] = (),
    image: str | None = None,
    image_size: int | None = None,
    cache: str = "auto",
    cache_folder: str | Path | None = None,
    text: str | None = None,
    format: str | None = None,
    training: bool = False,
) -> Dataset:
    """Load rows that are to be predicted: ``y`` of the result is None.

    Parameters
    ----------
    source : path or name
        As for ``load``. Of an .npz file that has no ``X``, the test images are taken; of a folder all pictures, at any
        depth.
    id, drop : names of columns
        For tables. Columns that are not there need not be dropped: rows to be predicted seldom have a label. Without
        the column of ids, rows are numbered.
    image, image_size, cache, cache_folder, text, format
        As for ``load``; what does not go with the source is not looked at, since these describe what a model was
        trained on.
    training : bool
        Of an .npz file that has training and test images, take the former.
    """
    kind = source_kind(source)
    decoding = Decoding(image_size, cache, cache_folder)
    if kind == "table" and format is not None:
        return format_dataset(format, source, decoding, labelled=False)
    if kind == "table":
        names = column_names(source)
        id = id if id in names else None
        columns = Columns(
            id=id, drop=tuple(name for name in drop if name in names and name != id), image=image, text=text
        )
        return table_reader(columns, decoding)(source, columns)
    if kind == "folder":
        return folder_dataset(source, decoding, labelled=False)
    if kind == "array":
        return array_part(source, labelled=False, training=training)
    return replace(builtin_dataset(str(source)), y=None)


def load_labelled_part(
    source: str | Path,
    *,
    label: Label = None,
    id: str | None = None,
    groups: str | None = None,
    drop: Sequence[str] = (),
    label_kind: Kind | None = None,
    image: str | None = None,
    image_size: int | None = None,
    cache: str = "auto",
    cache_folder: str | Path | None = None,
    several: bool = False,
    separator: str | None = None,
    votes: Sequence[str] = (),
    votes_as: str = "share",
    reference: Sequence[str] = (),
    text: str | None = None,
    format: str | None = None,
    label_names: Any = None,
) -> Dataset:
    """Load labelled rows on which a model is to be scored.

    Like ``load``, but of an .npz file without ``X`` the test images, and a folder may lack classes. The names of columns
    are those of the table that the model was made from: columns other than the label may be missing, and what is no
    table needs none of them. Votes are looked at only where no column of labels is named.
    """
    kind = source_kind(source)
    decoding = Decoding(image_size, cache, cache_folder)
    if kind == "array":
        return array_part(source, label_kind=label_kind, several=several, label_names=label_names)
    if kind == "builtin":
        return builtin_dataset(str(source))
    if kind == "folder":
        return folder_dataset(source, decoding, least_classes=1, label_kind=label_kind)
    if format is not None:
        return format_dataset(format, source, decoding, label_kind=label_kind)
    columns = Columns.of(
        label=label, id=id, groups=groups, drop=drop, image=image, text=text, votes=votes, votes_as=votes_as, reference=reference,
        several=several, separator=separator, label_kind=label_kind, label_names=label_names,
    )  # fmt: skip
    if columns.label is None and not columns.votes:
        raise InputError(
            f"{source} is a table, and the model was made from data without named columns, so nothing says which column "
            "holds the labels; give an .npz file with X and y"
        )
    columns = columns.of_part(column_names(source))
    return table_reader(columns, decoding)(source, columns)


def _voted(data: Dataset, columns: Columns) -> Dataset:
    """Add first targets from a file of votes to rows that came from no table."""
    if columns.vote_file is None:
        return data
    values = with_vote_file(RowValues(data.ids, data.y, data.groups), columns)
    return replace(data, y=values.y, label_names=values.label_names, targets=values.targets, reference=values.reference)
