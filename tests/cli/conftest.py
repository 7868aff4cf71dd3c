from __future__ import annotations

import sys
import warnings

import pytest

from softlabel.cli import main


@pytest.fixture
def call(monkeypatch, capsys):
    """Run the command line in this process; return (exit status, stdout, stderr)."""

    def run(*arguments):
        monkeypatch.setattr(warnings, "showwarning", warnings.showwarning)  # main sets its own: put back afterwards
        monkeypatch.setattr(sys, "argv", ["softlabel", *map(str, arguments)])
        try:
            main()
            status = 0
        except SystemExit as stop:
            status = stop.code or 0
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return run
