"""The folder for decoded pictures within a run directory: kept while the run can be resumed, removed when it is done."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from softlabel.errors import RunError
from softlabel.store.paths import RunPaths
from softlabel.store.run_store import RunStore


@contextmanager
def image_cache(out: Path) -> Iterator[Path]:
    """Give the folder; it may not be there yet. What a run that is not done has in it stays, for it to go on with.

    A run that could not be begun (for bad input, say) leaves no folder behind that was not there before.
    """
    paths, was_there = RunPaths(out), Path(out).exists()
    try:
        yield paths.image_cache
    finally:
        if not _goes_on(out):
            shutil.rmtree(paths.image_cache, ignore_errors=True)
            if not was_there:
                with suppress(OSError):  # something else is in it, or it was never made
                    paths.root.rmdir()


def _goes_on(out: Path) -> bool:
    try:
        return RunStore.exists(out) and RunStore.open(out).record.get("state") != "done"
    except RunError:  # damaged, or of a newer version, whose cache is not ours to remove
        return True
