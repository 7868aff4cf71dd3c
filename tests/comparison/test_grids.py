"""Cells of text in columns."""

from __future__ import annotations

from softlabel.comparison.grids import markdown_grid, text_grid

HEADINGS = ["method", "a", "bbbb"]
ROWS = [["plain", "1", "2"], ["slr:n_rounds=6", "10", ""]]


def test_columns_line_up():
    assert text_grid(HEADINGS, ROWS).split("\n") == [
        "method           a  bbbb",
        "plain            1     2",
        "slr:n_rounds=6  10",
    ]


def test_columns_that_do_not_fit_follow_below_beside_the_first():
    full = text_grid(HEADINGS, ROWS, width=24)
    assert full == text_grid(HEADINGS, ROWS)
    assert text_grid(HEADINGS, ROWS, width=23).split("\n\n") == [
        "method           a\nplain            1\nslr:n_rounds=6  10",
        "method          bbbb\nplain              2\nslr:n_rounds=6",
    ]
    # narrower than anything: a column a block, and no endless loop
    assert text_grid(HEADINGS, ROWS, width=1) == text_grid(HEADINGS, ROWS, width=20)


def test_each_block_takes_what_fits_beside_the_first_column():
    headings = ["method", "aaaa", "bbbb", "cccc", "dddd"]
    blocks = text_grid(headings, [["plain", *"1234"]], width=6 + 2 * (2 + 4)).split("\n\n")
    assert [block.split("\n")[0].split() for block in blocks] == [
        ["method", "aaaa", "bbbb"],
        ["method", "cccc", "dddd"],
    ]
    assert [block.split("\n")[1].split() for block in blocks] == [["plain", "1", "2"], ["plain", "3", "4"]]
    narrower = text_grid(headings, [["plain", *"1234"]], width=6 + 2 * (2 + 4) - 1).split("\n\n")
    assert len(narrower) == 4


def test_no_rows_are_headings():
    assert text_grid(HEADINGS, []) == "method  a  bbbb"


def test_markdown_keeps_bars_out_of_the_way():
    assert markdown_grid(["a|b", "c"], [["x ", " |"]]) == "| a\\|b | c |\n|---|---:|\n| x | \\| |"
