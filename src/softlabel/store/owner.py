"""Who a process is, and whether it still lives."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import NamedTuple

_STATE, _START = 0, 19  # positions behind the name in /proc/<pid>/stat (fields 3 and 22 of proc(5))


class Owner(NamedTuple):
    """A process, such that no other is ever taken for it.

    Attributes
    ----------
    pid, host : int, str
    started : str or None
        When it started, in ticks since the machine did; tells it from a later process of the same number.
    boot : str or None
        Which start of the machine that was. Both are None where the system does not say.
    token : str
        Random; tells one lock of a process from its next.
    """

    pid: int
    host: str
    started: str | None
    boot: str | None
    token: str


def this_process(token: str = "") -> Owner:
    """Return who this process is."""
    state = _proc_stat(os.getpid())
    return Owner(os.getpid(), socket.gethostname(), state[_START] if state else None, boot_id(), token)


def is_alive(owner: Owner) -> bool:
    """Return whether a process of this host lives; True if that cannot be told."""
    boot = boot_id()
    if owner.boot is not None and boot is not None and owner.boot != boot:
        return False
    if os.name == "nt":
        return True  # there a signal 0 is no question, it interrupts
    try:
        os.kill(owner.pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    state = _proc_stat(owner.pid)
    if not state:
        return True
    if state[_STATE] in ("Z", "X"):
        return False  # ended; only its parent has not asked how
    return owner.started is None or state[_START] == owner.started


def boot_id() -> str | None:
    """Return which start of the machine this is, where the system says so."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return None


def _proc_stat(pid: int) -> list[str]:
    try:
        # The name of the command stands in brackets and may hold anything, brackets and blanks too.
        return Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return []
