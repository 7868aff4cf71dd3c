"""What a store of labels per crop holds, as text or as JSON."""

from __future__ import annotations

import json
from typing import Any

from softlabel.cli.score_tables import console
from softlabel.cli.wording import count, rows_text
from softlabel.store.crop_store import CropStore

_CLASSES_SHOWN = 12


def print_store(store: CropStore, as_json: bool, *, already: bool | None = None) -> None:
    """Print what a store is and how far it is; ``already`` is part of the JSON where it is told."""
    if as_json:
        said = {} if already is None else {"already_done": already}
        print(json.dumps({"store": str(store.paths.root), **said, **store_record(store)}))
        return
    say, record, found = console().print, store.record, store_record(store)
    shape = record.get("picture_shape")
    pictures = rows_text(len(store), None, shape) if shape else count(len(store), "picture")
    state = "done" if found["done"] else f"{found['n_labelled']} of {len(store)} pictures labelled"
    names = ", ".join(str(label) for label in store.classes[:_CLASSES_SHOWN].tolist())
    more = " ..." if len(store.classes) > _CLASSES_SHOWN else ""
    say(f"{store.paths.root}: labels of crops, {state}", markup=False)
    say(f"{pictures}, {count(store.n_crops, 'crop')} each; {len(store.classes)} classes: {names}{more}", markup=False)
    height, width = store.input_size
    say(
        f"crops of {width} x {height}, top {record['top']} of the classes kept; {found['bytes_per_crop']:.1f} bytes a crop",
        markup=False,
    )
    told = {name: record[name] for name in ("recipe", "seed", "teacher_mode", "batch_size") if name in record}
    if told:
        teachers = ", ".join(digest[:12] for digest in record.get("teachers", []))
        say(
            "made with: " + ", ".join(f"{name.replace('_', '-')}={value}" for name, value in told.items()), markup=False
        )
        say(f"teacher: {teachers}", markup=False)
    if not found["done"]:
        say("the same label command goes on with it", markup=False)


def store_record(store: CropStore) -> dict[str, Any]:
    """Return ``store.json`` without checksums, and how far the store is."""
    labelled = store.n_labelled
    crops = labelled * store.n_crops
    return {name: value for name, value in store.record.items() if name != "sha256"} | {
        "done": store.done,
        "n_labelled": labelled,
        "n_bytes": store.n_bytes,
        "bytes_per_crop": store.n_bytes / crops if crops else 0.0,
    }
