from __future__ import annotations

import os

import pytest

STEPS = ("replace", "fsync", "mkdir", "rename", "unlink", "rmdir")


@pytest.fixture
def killed_at():
    """A function that does work in a child process which is gone at its n-th step on the disk."""
    if not hasattr(os, "fork"):
        pytest.skip("kills a forked child")
    return _killed_at


def _killed_at(step_number, work):
    """Return whether the work came to its end."""
    child = os.fork()
    if child == 0:
        count = 0

        def counted(step):
            def do(*arguments, **options):
                nonlocal count
                count += 1
                if count > step_number:
                    os._exit(7)  # like a kill: nothing is cleaned up
                return step(*arguments, **options)

            return do

        try:
            for name in STEPS:
                setattr(os, name, counted(getattr(os, name)))
            work()
        except BaseException:
            os._exit(99)
        os._exit(0)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code in (0, 7)
    return code == 0
