"""The tables of the suite of wrong labels."""

from __future__ import annotations

from made_cells import NOISY, rows_of


def test_the_report_and_the_whole_table(suite):
    clean = {("b", "none", "l"): {"plain": (0.9, 0.9)}, ("a", "pair:0.2", "l"): {"plain": (0.5, 0.6)}}
    rows = rows_of(NOISY) + rows_of(clean)
    rows[0]["chosen"] = [{"final_targets_": "pruned", "best_round_": 2, "choice_": {"reason": "why"}}]
    text = suite.table.report(rows)
    assert text.startswith("20 cells: 2 sets, 4 cases, 2 seeds.")
    assert "| symmetric:0.2 | pruned, 2: 1; ?, ?: 1 |" in text
    assert "| pair:0.2 |  | 0.9000 | 0.9000 | 0.5500 | 1.000 | 1 |" in text  # by noise, where all methods are: set a
    assert "| b | noisy |" not in text  # no plain there
    assert "| b | clean | 0.1000 | 0.9000 | 0.9000 | 9.000 | 1 |" in text
    table = suite.table.whole_table(rows)
    assert "### pair:0.2, l" in table
    assert "| a | plain | 0.550 +- 0.071 | 1.000 +- 0.000 |" in table
    assert "| - | - | 1.00 | 1.0 | 2 |" in table
