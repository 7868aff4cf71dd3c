"""Fitted models on disk, without pickle: estimators through skops, the weights of networks beside them in safetensors."""

from __future__ import annotations

import importlib.metadata
import platform
import warnings
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from softlabel.errors import DamagedRunError, RunError
from softlabel.store.atomic import write_bytes, write_folder
from softlabel.store.checksums import verify_file
from softlabel.store.paths import checked_name
from softlabel.store.sealed import FORMAT, read_sealed, write_sealed
from softlabel.store.skops_form import normalised, requested
from softlabel.store.trust import trusted_names
from softlabel.store.weights import read_weights, write_weights

FORMAT_VERSION = 2  # with weights; a model without any is written as 1, which older versions read too
_WITHOUT_WEIGHTS = 1
_FILE, _RECORD = "model.skops", "model.json"
_PACKAGES = (
    *("softlabel", "scikit-learn", "numpy", "scipy", "pandas", "skrub", "skops", "lightgbm", "xgboost"),
    *("torch", "torchvision", "timm", "safetensors", "accelerate", "transformers", "tokenizers"),
)
_CHANGING = ("scikit-learn", "skrub", "lightgbm", "xgboost")  # their fitted objects change between minor versions


def save_model(folder: str | Path, model: Any, weights: Mapping[str, Mapping[str, np.ndarray]] | None = None) -> None:
    """Store a fitted model as ``model.skops``, versions and checksums in ``model.json``; the folder is replaced whole.

    Parameters
    ----------
    folder : path
        Holds nothing but the model.
    model : object
        Anything that skops can store: estimators, pipelines, lists and dictionaries of them, with arrays. LightGBM and
        XGBoost models go in their own formats inside the file. Equal models give equal files.
    weights : mapping of mappings
        Arrays of networks that are no part of ``model``: each entry NAME goes into ``NAME.safetensors``.

    Raises
    ------
    RunError
        If it holds something that cannot be stored without pickle (a lambda, a compiled object).
    MissingExtraError
        If there are weights, and safetensors is not installed.
    StorageError
        If the disk refuses.
    """
    from skops import io

    try:
        data = normalised(io.dumps(model))
    except Exception as error:  # skops raises what the objects in the model raise
        reason = " ".join(str(error).split())[:200]
        raise RunError(
            f"the model ({type(model).__name__}) cannot be stored without pickle ({type(error).__name__}: {reason}); "
            "use estimators "
            "whose attributes are arrays, numbers, texts and other estimators"
        ) from error
    with write_folder(folder) as aside:
        digest = write_bytes(aside / _FILE, data)
        record: dict[str, Any] = {FORMAT: _WITHOUT_WEIGHTS, "sha256": digest, "versions": _versions()}
        if weights:
            digests = {name: write_weights(_weights_file(aside, name), weights[name]) for name in sorted(weights)}
            record |= {FORMAT: FORMAT_VERSION, "weights": digests}
        write_sealed(aside / _RECORD, record)


def load_model(folder: str | Path, *, trust: Iterable[str] = ()) -> Any:
    """Read a model that ``save_model`` stored.

    Parameters
    ----------
    folder : path
    trust : names
        Further classes and functions that may be built, as "package.module.Class". Classes of softlabel, scikit-learn,
        skrub, NumPy, SciPy, pandas, LightGBM and XGBoost need not be named. Trust what you would import: building may
        run its code.

    Raises
    ------
    RunError
        If there is no model; if it holds types that are not trusted (names them, and says how to).
    NewerFormatError, DamagedRunError
        If it was written by a newer softlabel; if it is cut short or was changed.
    """
    from skops import io

    folder, trust = Path(folder), list(trust)
    record, advice = _read_record(folder)
    path = folder / _FILE
    verify_file(path, [record["sha256"]], advice=advice)
    data = path.read_bytes()
    try:
        trusted = trusted_names(requested(data)) | set(trust)
        refused = sorted(set(io.get_untrusted_types(data=data)) - trusted)
    except (ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
        raise DamagedRunError(f"{path} is no skops file ({' '.join(str(error).split())[:200]}); {advice}") from error
    if refused:
        names = ", ".join(repr(name) for name in refused)
        raise RunError(
            f"{path} holds types that are not trusted: {names}; if you know them, load it with trust=[{names}], or on the command "
            f"line with {' '.join(f'--trust {name}' for name in refused)}"
        )
    _warn_of_versions(record["versions"], folder)
    try:
        return io.loads(data, trusted=sorted(trusted))
    except Exception as error:  # what other versions of a package raise at its old state cannot be listed
        raise RunError(
            f"the model in {folder} cannot be built here ({type(error).__name__}: "
            f"{' '.join(str(error).split())[:200]}); install "
            f"the versions it was made with: {_listed(record['versions'])}"
        ) from error


def load_weights(folder: str | Path) -> dict[str, dict[str, np.ndarray]]:
    """Read the weights that were stored beside a model, by name; none where there are none.

    Raises
    ------
    RunError, NewerFormatError, DamagedRunError
        As for ``load_model``.
    MissingExtraError
        If there are weights, and safetensors is not installed.
    """
    folder = Path(folder)
    record, advice = _read_record(folder)
    found = {}
    for name, digest in record.get("weights", {}).items():
        path = _weights_file(folder, name)
        verify_file(path, [digest], advice=advice)
        found[name] = read_weights(path, advice=advice)
    return found


def _read_record(folder: Path) -> tuple[dict[str, Any], str]:
    """Return what a model's folder says of it, and what to do where it is damaged."""
    if not folder.is_dir():
        raise RunError(f"there is no model in {folder}; let the run finish first (start the same command again)")
    advice = f"delete the folder {folder} and make the model again"
    return read_sealed(folder / _RECORD, advice=advice, newest_format=FORMAT_VERSION), advice


def _weights_file(folder: Path, name: str) -> Path:
    return folder / f"{checked_name(name)}.safetensors"


def _versions() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for package in _PACKAGES:
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def _warn_of_versions(stored: dict[str, str], folder: Path) -> None:
    here = _versions()
    other = [
        name for name in _CHANGING if name in stored and name in here and _minor(stored[name]) != _minor(here[name])
    ]
    if other:
        made, have = _listed({name: stored[name] for name in other}), _listed({name: here[name] for name in other})
        warnings.warn(
            f"the model in {folder} was made with {made}, and this is {have}; predictions may differ", stacklevel=3
        )


def _minor(version: str) -> list[str]:
    return version.split(".")[:2]


def _listed(versions: dict[str, str]) -> str:
    return ", ".join(f"{name} {version}" for name, version in versions.items())
