"""The beginning of a run: a directory is made, or the one that is there is checked to be of the same run."""

from __future__ import annotations

from typing import Any

import numpy as np

from softlabel.methods.preparation import Preparation
from softlabel.run.config import RefineConfig
from softlabel.run.identity import check_same_run, identity_of
from softlabel.run.inputs import Inputs
from softlabel.run.reading import columns_record
from softlabel.run.versions import installed_versions
from softlabel.store.run_store import RunStore

_PACKAGES = (
    *("softlabel", "numpy", "scipy", "scikit-learn", "pandas"),
    *("torch", "torchvision", "timm", "pillow", "transformers"),
)


def open_run(config: RefineConfig, inputs: Inputs, ready: Preparation) -> RunStore:
    """Open the run that is there, if it is the same; else begin one. Only for the owner of the lock.

    Raises
    ------
    RunConflictError
        If the directory holds another run.
    DamagedRunError, NewerFormatError
        If what it holds cannot be gone on with.
    StorageError
        If the disk refuses.
    """
    identity = identity_of(config, inputs.members)
    if (config.out / "run.json").exists():
        store = RunStore.open(config.out)
        steps = "rounds" if config.method == "slr" else "generations"
        check_same_run(store.record, identity, inputs.fingerprint, config.n_steps, steps)
        store.remove_leftovers()  # of a writer that was killed; nobody else writes while the lock is held
        _write_inputs(store, inputs, ready)
        return store
    store = RunStore.create(
        config.out,
        {
            "state": "running",
            "rounds": config.n_steps,
            "identity": identity,
            "parent": None,
            "source": config.source,
            "fingerprint": inputs.fingerprint,
            "columns": columns_record(config),
            "task": ready.problem.task.record(),
            "images": images_record(config, inputs),
            "classes": np.asarray(ready.problem.task.classes).tolist(),
            "random_state": ready.settings.seeds.random_state,
            "versions": installed_versions(_PACKAGES),
            "error": None,
        },
    )
    _write_inputs(store, inputs, ready)
    return store


def images_record(config: RefineConfig, inputs: Inputs) -> dict[str, Any] | None:
    """Return what a later prediction needs to read pictures as they were read here; None where the rows are none."""
    if inputs.image_shape is None:
        return None
    return {"column": config.image, "size": config.image_size, "shape": list(inputs.image_shape)}


def _write_inputs(store: RunStore, inputs: Inputs, ready: Preparation) -> None:
    """Store L(0), the guard and the ids, or check those that are stored."""
    if store.has("given.npy"):
        store.read_array("given")  # against its checksum: whoever changed it by hand is told
    else:
        store.write_array("given", ready.problem.given)
    if store.has("guard.npy"):
        store.read_array("guard")
    else:
        store.write_array("guard", ready.problem.guard)
    if store.has("trusted.npy"):
        store.read_array("trusted")
    elif ready.problem.trusted is not None:
        store.write_array("trusted", ready.problem.trusted)
    if not store.has("ids.parquet"):
        store.write_table("ids", _id_table(inputs.ids))


def _id_table(ids: np.ndarray) -> Any:
    import pandas as pd

    return pd.DataFrame({"id": ids})
