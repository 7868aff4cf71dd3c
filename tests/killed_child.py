"""Work in a child process that dies at an instant of one's choosing."""

from __future__ import annotations

import os
from collections.abc import Callable


def dies_at_rename(call: int, before: bool, work: Callable[[], object]) -> bool:
    """Do work in a forked child that dies at its n-th rename, as by SIGKILL: nothing is cleaned up. Return whether it died."""
    child = os.fork()
    if child == 0:
        rename, calls = os.replace, 0

        def deadly(*args, **kwargs):
            nonlocal calls
            calls += 1
            if calls == call and before:
                os._exit(9)
            rename(*args, **kwargs)
            if calls == call:
                os._exit(9)

        os.replace = deadly
        try:
            work()
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status) == 9
