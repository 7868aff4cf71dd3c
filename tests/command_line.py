"""The command line, called in this process."""

from __future__ import annotations

import sys
import warnings

from softlabel.cli import main


def called(monkeypatch, capsys, *arguments):
    """Call the command line; return (exit status, stdout, stderr)."""
    monkeypatch.setattr(warnings, "showwarning", warnings.showwarning)  # main sets its own: put back afterwards
    monkeypatch.setattr(sys, "argv", ["softlabel", *map(str, arguments)])
    try:
        main()
        status = 0
    except SystemExit as stop:
        status = stop.code or 0
    captured = capsys.readouterr()
    return status, captured.out, captured.err
