"""Where fits go, decided after the first one: how long it took, and how much memory of a device.

Nothing here changes a result: the threads of a fit are configuration, and its seed is an address.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import zip_longest
from typing import Any

from softlabel.execution.executor import Done, Failure, Resources, Task, attempt
from softlabel.execution.machine import DeviceMemory, Machine
from softlabel.execution.processes import InProcess, Processes

SHORT = (
    3.0  # seconds of a fit below which the rest stay in this process: to start others and load libraries costs as much
)
SHARE = 0.85  # of a device's free memory that is given to fits: sizes of blocks do not add up exactly
PACKED = 8  # fits at the same time on one device, at most: beyond that none is known to gain

Slots = tuple[str | None, ...]  # the device of each process, None for the CPU


def cpu_slots(cores: int, threads: int) -> Slots:
    """Return a place for as many fits as the cores can carry with their threads, one at least."""
    return (None,) * max(cores // threads, 1)


def device_slots(memory: Mapping[str, DeviceMemory], taken: int, cores: int, threads: int) -> Slots:
    """Return the places of fits on devices: one process a device, and more where memory and cores allow.

    On each device min(0.85 free / taken, 8) fits, one at least; all together no more than cores / threads, but one a
    device. Devices take turns, so that few fits are spread out.

    Parameters
    ----------
    memory : mapping
        What there is, by device.
    taken : int
        Bytes of one fit.
    """
    counts = {device: max(1, min(int(SHARE * found.free / taken), PACKED)) for device, found in memory.items()}
    turns = zip_longest(*([device] * count for device, count in counts.items()))
    slots = [device for turn in turns for device in turn if device is not None]
    return tuple(slots[: max(cores // threads, len(memory))])


class Placed:
    """Places fits by itself: in this process where they are short, else in processes, on the devices that there are.

    The first fit runs here. Took it less than 3 s, the others follow it. Took it up to four times as long, the second
    is measured too, since the first one also loads libraries. Otherwise there will be cores // threads processes on a
    CPU; on GPUs one process a device, or several where the first fit's peak memory leaves room. What was found holds for
    all later runs of fits of the same kind. Fits that run out of memory side by side are done again, one by one.

    Parameters
    ----------
    machine : Machine
        Its cores, devices, clock and memory.
    """

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._slots: dict[str, Slots] = {}  # by kind of fit, once it is known

    @property
    def slots(self) -> Slots | None:
        """The device of each process; a single place is this process; None before the first fit. Of fits of no special kind."""
        return self._slots.get("")

    def run(
        self, function: Callable[[Task], Any], tasks: Iterable[Task], *, resources: Resources
    ) -> Iterator[tuple[Task, Done | Failure]]:
        waiting, n_measured = list(tasks), 0
        while waiting and resources.kind not in self._slots:
            task = waiting.pop(0)
            outcome, seconds = self._measured(function, task, resources)
            n_measured += isinstance(outcome, Done)  # how long a failure took says nothing
            if isinstance(outcome, Done) and not (n_measured == 1 and SHORT <= seconds < 4 * SHORT):
                self._slots[resources.kind] = self._decide(seconds, resources.threads)
            yield task, outcome
        slots = self._slots.get(resources.kind, (None,))
        here = replace(resources, device=slots[0] or resources.device)
        if len(slots) == 1:
            yield from InProcess().run(function, waiting, resources=here)
            return
        crowded: list[Task] = []
        for task, outcome in Processes(len(slots), _devices(slots)).run(function, waiting, resources=resources):
            if isinstance(outcome, Failure) and slots[0] is not None and _out_of_memory(outcome):
                crowded.append(task)
            else:
                yield task, outcome
        if crowded:
            self._slots[resources.kind] = tuple(dict.fromkeys(slots))  # from now on one fit a device
            yield from InProcess().run(function, crowded, resources=here)

    def _measured(
        self, function: Callable[[Task], Any], task: Task, resources: Resources
    ) -> tuple[Done | Failure, float]:
        machine = self._machine
        machine.reset_memory()
        start = machine.clock()
        # On the last device: a fit that is then found on another one was told by its own settings to run there.
        device = machine.devices[-1] if machine.devices else resources.device
        _, outcome = attempt(function, task, replace(resources, device=device))
        return outcome, machine.clock() - start

    def _decide(self, seconds: float, threads: int) -> Slots:
        machine = self._machine
        memory = {device: machine.memory(device) for device in machine.devices}
        used = [device for device, found in memory.items() if found.taken]
        if not used:
            return (None,) if seconds < SHORT else cpu_slots(machine.cores, threads)
        if machine.devices[-1] not in used:
            memory = {device: memory[device] for device in used}
        if seconds < SHORT:
            return (used[-1],)
        taken = max(memory[device].taken for device in used if device in memory)
        return device_slots(memory, taken, machine.cores, threads)


def spread(n_jobs: int, devices: Sequence[str]) -> tuple[str, ...]:
    """Return a device for each of so many processes, in turns."""
    return tuple(devices[number % len(devices)] for number in range(n_jobs))


def _devices(slots: Slots) -> tuple[str, ...]:
    return tuple(device for device in slots if device is not None)


def _out_of_memory(failure: Failure) -> bool:
    return "out of memory" in str(failure.error).lower()
