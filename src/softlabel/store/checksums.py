"""The checksums of the files of one folder, kept beside them."""

from __future__ import annotations

from pathlib import Path

from softlabel.errors import DamagedRunError
from softlabel.store.atomic import sha256_of
from softlabel.store.sealed import read_sealed, write_sealed


class Checksums:
    """Digests by file name, in ``checksums.json``.

    Two files cannot be replaced in one step. So a file that is about to change is announced: until it has changed, both
    its old and its new digest count as right, and a writer killed at any instant leaves nothing that looks damaged.
    """

    def __init__(self, path: Path, *, advice: str) -> None:
        self._path, self._advice = path, advice
        self._allowed: dict[str, list[str]] = {}
        if path.exists():
            record = read_sealed(path, advice=advice)
            self._allowed = {name: list(digests) for name, digests in record.get("files", {}).items()}

    @property
    def names(self) -> list[str]:
        """Files that have a checksum."""
        return list(self._allowed)

    def announce(self, name: str, digest: str) -> None:
        """Accept a new digest beside the old one: the file is about to change."""
        self._allowed[name] = sorted({*self._allowed.get(name, []), digest})
        self._write()

    def settle(self, name: str, digest: str) -> None:
        """Accept this digest alone: the file has changed."""
        if self._allowed.get(name) != [digest]:
            self._allowed[name] = [digest]
            self._write()

    def forget(self, name: str) -> None:
        """Drop a file that is to be removed."""
        if self._allowed.pop(name, None) is not None:
            self._write()

    def verify(self, name: str) -> None:
        """Check a file against its checksum.

        Raises
        ------
        DamagedRunError
            If it has none, is missing, or has other content.
        """
        path = self._path.with_name(name)
        if name not in self._allowed:
            raise DamagedRunError(f"{path} has no checksum in {self._path.name}; {self._advice}")
        verify_file(path, self._allowed[name], advice=self._advice)

    def _write(self) -> None:
        write_sealed(self._path, {"files": {name: self._allowed[name] for name in sorted(self._allowed)}})


def verify_file(path: Path, digests: list[str], *, advice: str) -> None:
    """Refuse a file that is missing or whose SHA-256 is none of these."""
    try:
        found = sha256_of(path)
    except FileNotFoundError as error:
        raise DamagedRunError(f"{path} is missing; {advice}") from error
    if found not in digests:
        raise DamagedRunError(f"{path} is not what was stored there (cut short, or changed by hand); {advice}")
