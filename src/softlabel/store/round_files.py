"""What rounds and single fits leave in a run directory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from softlabel.store.arrays import MapMode, read_array
from softlabel.store.atomic import remove_file, remove_folder, write_array, write_folder, write_json
from softlabel.store.checksums import verify_file
from softlabel.store.json_values import read_json
from softlabel.store.model_store import load_model, load_weights, save_model
from softlabel.store.paths import RunPaths, checked_name
from softlabel.store.sealed import read_sealed, write_sealed


class StoredUnit(NamedTuple):
    """What one fit left: held-out predictions and those of watched rows by name, and its losses, times aside."""

    arrays: dict[str, np.ndarray]
    info: dict[str, Any]


class StoredModel(NamedTuple):
    """A fitted model of one fit, and the weights of networks that are no part of it."""

    model: Any
    weights: Mapping[str, Mapping[str, np.ndarray]]


class StoredRound(NamedTuple):
    """What one round left: split, out-of-fold predictions, refined targets, and its scores."""

    arrays: dict[str, np.ndarray]
    scores: dict[str, Any]


class RoundFiles:
    """Reads and writes the rounds of a run directory, and the units (single fits) in them."""

    def __init__(self, paths: RunPaths) -> None:
        self.paths = paths

    def put_unit(
        self,
        round: int,
        member: int,
        fold: int,
        arrays: Mapping[str, np.ndarray],
        info: Mapping[str, Any] | None = None,
        model: StoredModel | None = None,
    ) -> None:
        """Store what one fit made; it replaces what was stored for it before.

        Parameters
        ----------
        round, member, fold : int
            Its address; rounds count from 1, members and folds from 0.
        arrays : dict of arrays
            "held_out", and predictions of watched rows by their names.
        info : dict
            Its losses and the like, as JSON; no times, which belong to ``append_timing``.
        model : StoredModel or None
            Its fitted model, where it is kept.
        """
        with write_folder(self.paths.unit(round, member, fold)) as folder:
            files = {name: write_array(folder / f"{checked_name(name)}.npy", array) for name, array in arrays.items()}
            if model is not None:
                save_model(folder / self.paths.unit_model(round, member, fold).name, model.model, model.weights)
            write_sealed(folder / "unit.json", {"files": files, "info": dict(info or {})})

    def get_unit(self, round: int, member: int, fold: int) -> StoredUnit | None:
        """Read what one fit made; None if it was not stored."""
        folder = self.paths.unit(round, member, fold)
        if not folder.is_dir():
            return None
        advice = _anew(folder)
        unit = read_sealed(folder / "unit.json", advice=advice)
        arrays = {
            name: _checked_array(folder / f"{name}.npy", digest, advice) for name, digest in unit["files"].items()
        }
        return StoredUnit(arrays, unit["info"])

    def unit_model(self, round: int, member: int, fold: int, *, trust: Iterable[str] = ()) -> StoredModel | None:
        """Read the fitted model of one fit; None if it is not kept. ``trust`` as for ``load_model``."""
        folder = self.paths.unit_model(round, member, fold)
        return StoredModel(load_model(folder, trust=trust), load_weights(folder)) if folder.is_dir() else None

    def remove_models(self, round: int) -> None:
        """Remove the fitted models of the fits of a round, one by one; what they predicted stays."""
        for folder in sorted((self.paths.round(round) / "units").glob("m*-f*/model")):
            remove_folder(folder)

    def put_round(self, round: int, arrays: Mapping[str, np.ndarray], scores: Mapping[str, Any]) -> None:
        """Store what a round made ("split", "oof", "refined", and its scores); units of the round stay beside it.

        The checksums are written last, and a round without them is not there.
        """
        folder = self.paths.round(round)
        marker = folder / "checksums.json"
        if marker.exists():
            remove_file(marker)
        files = {
            f"{checked_name(name)}.npy": write_array(folder / f"{name}.npy", array) for name, array in arrays.items()
        }
        files["scores.json"] = write_json(folder / "scores.json", dict(scores))
        write_sealed(marker, {"files": files})

    def get_round(self, round: int, *, mmap_mode: MapMode | None = None) -> StoredRound | None:
        """Read what a round made; None if it is not whole."""
        folder = self.paths.round(round)
        marker = folder / "checksums.json"
        if not marker.exists():
            return None
        advice = _anew(folder)
        files = read_sealed(marker, advice=advice)["files"]
        arrays = {
            name.removesuffix(".npy"): _checked_array(folder / name, digest, advice, mmap_mode)
            for name, digest in files.items()
            if name.endswith(".npy")
        }
        verify_file(folder / "scores.json", [files["scores.json"]], advice=advice)
        return StoredRound(arrays, read_json(folder / "scores.json", advice=advice))

    def rounds(self) -> list[int]:
        """Return the rounds that can be built upon: 1, 2, ... up to the first that is not whole."""
        whole = [
            number for number in self.paths.round_numbers() if (self.paths.round(number) / "checksums.json").exists()
        ]
        return [number for position, number in enumerate(whole, start=1) if number == position]

    def remove_round(self, round: int) -> None:
        """Remove a round with its units; nothing happens if there is none."""
        remove_folder(self.paths.round(round))

    def remove_units(self, round: int) -> None:
        """Remove the units of a round; nothing happens if there are none."""
        remove_folder(self.paths.round(round) / "units")


def _anew(folder: Path) -> str:
    return f"delete the folder {folder} and start the same command again: it is computed anew"


def _checked_array(path: Path, digest: str, advice: str, mmap_mode: MapMode | None = None) -> np.ndarray:
    verify_file(path, [digest], advice=advice)
    return read_array(path, advice=advice, mmap_mode=mmap_mode)
