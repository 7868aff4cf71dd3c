"""Given labels that stand beside the true ones: columns of a table, arrays of an .npz file, read as the true labels are."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from softlabel.data.columns import Columns
from softlabel.data.exact_columns import Kind, exact_values, label_kind
from softlabel.data.joined_labels import joined_indicators
from softlabel.data.label_columns import indicator_array
from softlabel.errors import InputError

if TYPE_CHECKING:
    import pandas as pd


def table_noisy_labels(
    frame: pd.DataFrame, columns: Columns, y: np.ndarray | None, label_names: Any, ids: np.ndarray | None
) -> dict[str, np.ndarray] | None:
    """Return the labels of each noisy column of a table, (n,) or (n, k) as ``y`` is; None where no such column is named.

    Raises
    ------
    InputError
        If a cell is empty, or a name is no label of ``y`` where rows may have several; or if these stand in several columns.
    """
    if not columns.noisy or y is None:
        return None
    if not columns.several:
        kind = kind_like(y, columns.label_kind)
        return {name: exact_values(frame[name], name=name, role="label", kind=kind, ids=ids) for name in columns.noisy}
    if not isinstance(columns.label, str):
        raise InputError(
            f"column:{columns.noisy[0]} names one column, and the true labels stand in {len(columns.labels)}; give these as one "
            "column of joined names, and the noisy ones in another"
        )
    return {
        name: joined_indicators(
            frame[name].to_numpy(dtype=object), name=name, separator=columns.separator, label_names=label_names, ids=ids
        )[0]
        for name in columns.noisy
    }  # (n, k) each


def array_noisy_labels(
    arrays: Mapping[str, np.ndarray], names: tuple[str, ...], y: np.ndarray, label_names: Any, path: str | Path
) -> dict[str, np.ndarray] | None:
    """Return the labels of each noisy array of an .npz file, (n,) or (n, k) as ``y`` is; None where none is named.

    Raises
    ------
    InputError
        If there is no such array, or it holds no labels of that shape.
    """
    if not names:
        return None
    found = {}
    for name in names:
        if name not in arrays:
            raise InputError(f"{path} has no array {name!r} of labels; it holds {sorted(arrays)}")
        if y.ndim == 2:
            found[name], _ = indicator_array(arrays[name], name=name, names=label_names)  # (n, k)
        else:
            found[name] = exact_values(arrays[name], name=name, role="label", kind=kind_like(y))  # (n,)
        if found[name].shape != y.shape:
            raise InputError(
                f"the label array {name!r} of {path} has the shape {found[name].shape}, and the true labels {y.shape}; give one "
                "label for each of these"
            )
    return found


def kind_like(y: np.ndarray, asked: Kind | None = None) -> Kind:
    """Return how to read labels like these; grades that were asked for as numbers are read so again."""
    kind = label_kind(y)
    return asked if asked == "number" and kind == "integer" else kind
