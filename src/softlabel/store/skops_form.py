"""The one byte form of a skops file, and what a skops file asks to be built when it is read.

skops names the members of its archive by memory addresses, and stamps them with the time. Here addresses are counted in
the order in which they occur, and times are dropped: equal models, equal files.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any

_SCHEMA = "schema.json"
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time that a zip file knows


def normalised(data: bytes) -> bytes:
    """Return a skops file with equal content and addresses that are counted from 1, compressed."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        schema = json.loads(archive.read(_SCHEMA))
        files: dict[str, str] = {}
        _renumber(schema, {}, files)
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as result:
            for old, new in files.items():
                _add(result, new, archive.read(old))
            _add(result, _SCHEMA, json.dumps(schema, separators=(",", ":")).encode())
    return buffer.getvalue()


def requested(data: bytes) -> dict[str, set[str]]:
    """Return the names of all types and functions that a skops file asks for, each with the ways in which it does.

    The way is skops' loader: an ``ObjectNode`` is made empty and filled, without calling anything of it but
    ``__setstate__``; a ``FunctionNode`` hands out a function; others call what they name.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        schema = json.loads(archive.read(_SCHEMA))
    names: dict[str, set[str]] = {}
    for node in _nodes(schema):
        names.setdefault(f"{node.get('__module__')}.{node.get('__class__')}", set()).add(str(node["__loader__"]))
    return names


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    stack = [tree]
    while stack:  # no recursion: a tree of nodes may be deeper than Python's stack
        item = stack.pop()
        if isinstance(item, dict):
            if "__loader__" in item:
                yield item
            stack.extend(reversed(item.values()))
        elif isinstance(item, list):
            stack.extend(reversed(item))


def _renumber(schema: Any, addresses: dict[int, int], files: dict[str, str]) -> None:
    for node in _nodes(schema):
        if isinstance(address := node.get("__id__"), int):
            node["__id__"] = addresses.setdefault(address, len(addresses) + 1)  # skops takes 0 for none
        if isinstance(name := node.get("file"), str):
            node["file"] = files.setdefault(name, f"{len(files)}.{name.rpartition('.')[2]}")


def _add(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    archive.writestr(zipfile.ZipInfo(name, _EPOCH), data, zipfile.ZIP_DEFLATED)
