"""The executor of one machine, from scikit-learn's ``n_jobs``."""

from __future__ import annotations

from numbers import Integral

import joblib

from softlabel.errors import InputError
from softlabel.execution.executor import Executor
from softlabel.execution.machine import this_machine
from softlabel.execution.placement import Placed, spread
from softlabel.execution.processes import InProcess, Processes

__all__ = ["InProcess", "Processes", "local_executor"]


def local_executor(n_jobs: int | str | None, device: str | None = None) -> Executor:
    """Return the executor for ``n_jobs``; results are the same under each.

    Parameters
    ----------
    n_jobs : int, "auto" or None
        None and 1 stay in this process, other numbers are processes as joblib counts them (-1: one for each core), which
        share out the accelerators by turns. "auto" decides after the first fit: see ``Placed``.
    device : str or None
        The device that learners were told to take ("cpu", "cuda:1"); "auto" and None where they choose for themselves.

    Raises
    ------
    InputError
        If ``n_jobs`` is 0 or neither an integer nor "auto".
    """
    if n_jobs is None or n_jobs == 1:
        return InProcess()
    if isinstance(n_jobs, str) and n_jobs == "auto":
        return Placed(this_machine(device))
    if not isinstance(n_jobs, Integral) or n_jobs == 0:
        raise InputError(
            f"n_jobs={n_jobs!r}; give a number of processes, -1 for one a core, 'auto', or None for this process"
        )
    n_jobs, devices = int(n_jobs), this_machine(device).devices
    return Processes(n_jobs, spread(joblib.effective_n_jobs(n_jobs), devices) if devices else ())
