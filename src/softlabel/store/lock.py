"""One owner of a run directory at a time; a dead owner's lock is taken over."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import threading
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from softlabel.errors import RunLockedError, StorageError
from softlabel.store.atomic import ASIDE, storage_error
from softlabel.store.owner import Owner, is_alive, this_process

try:
    import fcntl
except ImportError:  # Windows: two processes that find the same dead owner in the same instant are not told apart there
    fcntl = None  # type: ignore[assignment]

_ATTEMPTS = 20  # each attempt that fails means that another process was quicker; so many in a row do not happen

# Which locks this very process holds, by path and process id: the file says so too, but another thread of this process
# looks to it like the owner itself. A forked child inherits the table and must not take its parent's locks for its own.
_held: dict[tuple[str, int], str] = {}
_held_guard = threading.Lock()


class RunLock:
    """Owns a run directory while it is held: ``with RunLock(paths.lock): ...``.

    The lock is a file of JSON that names its owner. It appears in one step with its content, and it is taken over if
    its owner is dead for certain: on this host, and the process is gone, the machine was started anew since, or the
    process number belongs to another process by now. An owner on another host cannot be looked at, so its lock stands
    until somebody removes it.

    Parameters
    ----------
    path : path
        The lock file; its folder is made.

    Raises
    ------
    RunLockedError
        On entry, if another process, or another thread of this one, owns it.
    StorageError
        If the disk refuses.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._token = ""

    def __enter__(self) -> Self:
        self.acquire()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()

    def acquire(self) -> None:
        """Take the lock, or refuse at once; nothing waits here."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            key = (os.path.realpath(self.path), os.getpid())
            token = secrets.token_hex(8)
            with _held_guard:
                if key in _held:
                    raise RunLockedError(
                        f"{self.path.parent} is in use by this very process; wait until it is done there"
                    )
                _held[key] = token
            try:
                self._take(token)
            except BaseException:
                with _held_guard:
                    _held.pop(key, None)
                raise
        except OSError as error:
            if isinstance(error, StorageError):
                raise
            raise storage_error(self.path, error) from error
        self._token = token

    def release(self) -> None:
        """Give the lock back; nothing happens if it is not held, or belongs to somebody else by now."""
        key = (os.path.realpath(self.path), os.getpid())
        with _held_guard:
            if not self._token or _held.get(key) != self._token:
                return  # a forked child lands here: the lock is its parent's
            with contextlib.suppress(OSError, ValueError):
                if _read(self.path).token == self._token:
                    self.path.unlink(missing_ok=True)
            del _held[key]
        self._token = ""

    def _take(self, token: str) -> None:
        owner = this_process(token)
        with _written_aside(self.path, owner) as aside:
            for _ in range(_ATTEMPTS):
                if _put(aside, self.path) or self._take_over(aside):
                    return
        raise RunLockedError(f"{self.path.parent} is being taken by other processes again and again; try later")

    def _take_over(self, aside: Path) -> bool:
        """Replace the lock of a dead owner; False if the lock changed meanwhile, so that one has to look again."""
        try:
            file = open(self.path, "rb+")  # noqa: SIM115  the lock on the file is held until it is closed, below
        except FileNotFoundError:
            return False
        with file:
            # Of several processes that find the same dead owner only one may replace it: whoever holds the old file.
            # The others then see that another file stands in its place.
            if fcntl is not None:
                with contextlib.suppress(OSError):  # not on every network file system
                    fcntl.flock(file, fcntl.LOCK_EX)
            if not _same_file(file.fileno(), self.path):
                return False
            self._refuse_if_alive(_parsed(file.read(), self.path))
            os.replace(aside, self.path)
            return True

    def _refuse_if_alive(self, owner: Owner) -> None:
        here = this_process()
        if owner.host != here.host:
            raise RunLockedError(
                f"{self.path.parent} is in use by process {owner.pid} on {owner.host}, which cannot be looked at from "
                f"{here.host}; "
                f"if that process is gone, delete {self.path}"
            )
        if is_alive(owner):
            raise RunLockedError(
                f"{self.path.parent} is in use by process {owner.pid} on this machine ({owner.host}); wait until it is "
                "done, or stop it"
            )


def _put(aside: Path, path: Path) -> bool:
    """Put the lock in place in one step, content and all; False if there is one."""
    try:
        os.link(aside, path)
        return True
    except FileExistsError:
        return False
    except OSError:  # a file system without hard links
        pass
    try:
        with open(path, "xb") as file:
            file.write(aside.read_bytes())
        return True
    except FileExistsError:
        return False


@contextlib.contextmanager
def _written_aside(path: Path, owner: Owner) -> Iterator[Path]:
    aside = path.with_name(f"{ASIDE}{owner.token}-{path.name}")
    try:
        with open(aside, "xb") as file:
            file.write(json.dumps(owner._asdict(), indent=2).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        yield aside
    finally:
        aside.unlink(missing_ok=True)


def _same_file(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), os.stat(path))
    except FileNotFoundError:
        return False


def _read(path: Path) -> Owner:
    return _parsed(path.read_bytes(), path)


def _parsed(data: bytes, path: Path) -> Owner:
    try:
        record: dict[str, Any] = json.loads(data)
        return Owner(**{name: record[name] for name in Owner._fields})
    except (ValueError, KeyError, TypeError) as error:
        raise RunLockedError(
            f"{path} does not say who owns {path.parent}; if no other process is at work there, delete {path}"
        ) from error
