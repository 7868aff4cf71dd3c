"""Cells of text in columns: for a terminal, and as Markdown."""

from __future__ import annotations

from collections.abc import Sequence

_GAP = "  "


def text_grid(headings: Sequence[str], rows: Sequence[Sequence[str]], width: int | None = None) -> str:
    """Return aligned columns, the first to the left and the others to the right.

    Parameters
    ----------
    headings : sequence of str (m,)
    rows : sequence of sequence of str (n, m)
    width : int, optional
        Characters of a line. Columns that do not fit follow below, beside the first one again; None puts all beside each other.

    Examples
    --------
    >>> print(text_grid(["method", "NLL"], [["plain", "0.31"], ["slr", "0.298"]]))
    method    NLL
    plain    0.31
    slr     0.298
    """
    lines = [list(headings), *(list(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(headings))]
    blocks = []
    for columns in _blocks(widths, width):
        shown = [[line[0].ljust(widths[0]), *(line[c].rjust(widths[c]) for c in columns)] for line in lines]
        blocks.append("\n".join(_GAP.join(line).rstrip() for line in shown))
    return "\n\n".join(blocks)


def markdown_grid(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table, numbers to the right.

    Examples
    --------
    >>> print(markdown_grid(["method", "NLL"], [["plain", "0.31"]]))
    | method | NLL |
    |---|---:|
    | plain | 0.31 |
    """
    rule = "|---|" + "---:|" * (len(headings) - 1)
    return "\n".join([_line(headings), rule, *(_line(row) for row in rows)])


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.strip().replace('|', chr(92) + '|') for cell in cells)} |"


def _blocks(widths: list[int], width: int | None) -> list[list[int]]:
    """Return which columns after the first stand beside each other."""
    others = list(range(1, len(widths)))
    if width is None:
        return [others]
    blocks: list[list[int]] = [[]]
    room = width - widths[0]
    for column in others:
        room -= len(_GAP) + widths[column]
        if room < 0 and blocks[-1]:
            blocks.append([])
            room = width - widths[0] - len(_GAP) - widths[column]
        blocks[-1].append(column)
    return blocks
