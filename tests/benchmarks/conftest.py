"""The modules of the suite of wrong labels, which lie in benchmarks/."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import pytest

MODULES = ("cells", "sets", "others", "methods", "aims", "choices", "table", "pictures")


@pytest.fixture
def suite(monkeypatch):
    """``wrong_labels``, and wrong_label_sets as ``sets`` and so on."""
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2] / "benchmarks"))
    before = set(sys.modules)
    found = {name: import_module(f"wrong_label_{name}") for name in MODULES}
    yield SimpleNamespace(wrong_labels=import_module("wrong_labels"), **found)
    for name in {"wrong_labels", "cells", "data_sets", *(f"wrong_label_{name}" for name in MODULES)} - before:
        sys.modules.pop(name, None)
