"""The figure of differences shows the numbers of the table."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from made_results import results_of
from softlabel.comparison import dot_chart
from softlabel.comparison.drawing import BLUE, GREY, ORANGE
from softlabel.comparison.stored_results import store_results
from softlabel.errors import InputError


@pytest.fixture
def drawn(monkeypatch):
    """Return a function that draws, and gives the figure instead of its files."""

    def draw(results, **options):
        kept = []
        monkeypatch.setattr(dot_chart, "save", lambda made, path: kept.append(made) or [])
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            dot_chart.draw_table(results, "nowhere", **options)
        return kept[0]

    return draw


def test_dots_and_intervals_are_those_of_the_table(drawn):
    results = results_of(corruptions=("none", "pair:0.2"))
    panels = np.array(drawn(results).axes).reshape(2, 3)
    methods = ["same", "up", "down", "unclear"]
    for row, corruption in enumerate(results.corruptions):
        for column, name in enumerate(["accuracy", "nll", "ece"]):
            panel = panels[row, column]
            named = [label.get_text() for label in panel.get_yticklabels()]
            assert named == (methods if column == 0 else [])
            assert panel.get_xlabel() == f"{['accuracy', 'NLL', 'ECE'][column]} less plain's   (better →)"
            lines = panel.lines
            for place, method in enumerate(methods):
                gap = results.difference(corruption, method, name)
                bar, dot = lines[2 * place], lines[2 * place + 1]
                assert list(bar.get_xdata()) == [gap.low, gap.high]
                assert (list(dot.get_xdata()), list(dot.get_ydata())) == ([gap.mean], [place])


def test_verdicts_differ_in_form_and_filling_as_well_as_in_colour(drawn):
    panel = drawn(results_of()).axes[0]
    dots = panel.lines[1::2]
    looks = [(dot.get_marker(), dot.get_color(), dot.get_markerfacecolor()) for dot in dots]
    assert looks == [("x", GREY, "white"), ("o", BLUE, BLUE), ("s", ORANGE, ORANGE), ("o", GREY, "white")]


def test_the_better_side_is_to_the_right_and_the_first_method_on_top(drawn):
    accuracy, nll, ece = drawn(results_of()).axes
    assert not accuracy.xaxis_inverted()
    assert nll.xaxis_inverted()
    assert ece.xaxis_inverted()
    assert accuracy.yaxis_inverted()


def test_a_method_without_results_keeps_its_line(drawn):
    results = results_of(methods=("plain", "gone", "up"))
    panel = drawn(results).axes[0]
    assert [label.get_text() for label in panel.get_yticklabels()] == ["gone", "up"]
    assert list(panel.lines[-2].get_ydata()) == [1]  # the last marks 0


def test_one_seed_is_drawn_without_intervals(drawn):
    made = drawn(results_of({"plain": [0.8], "up": [0.9]}))
    assert [len(panel.lines) for panel in made.axes] == [2, 2, 2]
    assert made.axes[0].lines[0].get_marker() == "D"
    (legend,) = made.legends
    assert [text.get_text() for text in legend.texts] == ["one seed: no interval"]


def test_the_legend_says_level_and_seeds(drawn):
    (legend,) = drawn(results_of(level=0.9)).legends
    assert legend.get_title().get_text() == "90% intervals of paired differences, 4 seeds"
    assert [text.get_text() for text in legend.texts] == ["better", "worse", "undecided", "identical"]


def test_a_difference_that_is_the_same_in_every_seed_looks_like_no_other(drawn):
    made = drawn(results_of({"plain": [0.80, 0.82, 0.81], "up": [0.84, 0.86, 0.85], "same": [0.80, 0.82, 0.81]}))
    up, _, same = made.axes[0].lines[:3]  # a bar stands before that of the identical one
    assert (up.get_marker(), up.get_color(), up.get_markerfacecolor(), len(up.get_xdata())) == ("^", GREY, "white", 1)
    assert made.axes[0].lines[2].get_marker() == "x"
    assert same.get_marker() == "x"
    (legend,) = made.legends
    assert [text.get_text() for text in legend.texts] == ["same in every seed: no interval", "identical"]
    six = {"plain": [0.80, 0.82, 0.81, 0.83, 0.84, 0.85]}
    six |= {"up": [value + 0.04 for value in six["plain"]]}
    decided = drawn(results_of(six)).axes[0].lines[0]
    assert (decided.get_marker(), decided.get_markerfacecolor()) == ("^", BLUE)


def test_an_axis_ends_where_no_score_can_be(drawn):
    results = results_of({"plain": [0.5, 1.0], "down": [0.5, 0.5], "up": [1.0, 1.0]})
    gap = results.difference("none", "down", "accuracy")
    assert gap.low < -3
    made = drawn(results)
    accuracy, nll, _ = made.axes
    assert accuracy.get_xlim() == (-1.0, 1.0)
    left = [(line.get_xdata()[0], line.get_ydata()[0]) for line in accuracy.lines if line.get_marker() == "<"]
    right = [(line.get_xdata()[0], line.get_ydata()[0]) for line in accuracy.lines if line.get_marker() == ">"]
    assert left == [(-1.0, 0), (-1.0, 1)]
    assert right == [(1.0, 0), (1.0, 1)]
    # of a loss the axis runs backwards, and the arrow at its low end points to the right; no bound but twice the median
    half = (gap.high - gap.low) / 2
    assert nll.xaxis_inverted()
    assert not [line for line in nll.lines if line.get_marker() in "<>"]
    assert nll.get_xlim()[0] > half


def test_arrows_of_an_axis_that_runs_backwards(drawn):
    nll = {"plain": [1.0, 1.0, 1.0], "a": [1.1, 1.11, 1.12], "b": [1.0, 1.02, 1.03], "wild": [1.0, 9.0, -7.5]}
    whole = results_of(nll)
    panel = drawn(whole, scores=("nll",)).axes[0]
    gap = whole.difference("none", "wild", "nll")
    right, left = panel.get_xlim()[::-1]  # the low end is to the right
    assert gap.low < right < 0 < left < gap.high
    arrows = {line.get_marker(): line.get_xdata()[0] for line in panel.lines if line.get_marker() in ("<", ">")}
    assert arrows == {">": right, "<": left}


def test_intervals_that_fit_have_no_arrows(drawn):
    assert not [line for panel in drawn(results_of()).axes for line in panel.lines if line.get_marker() in ("<", ">")]


def test_another_ending_is_refused_before_anything_is_drawn(drawn):
    with pytest.raises(InputError, match=r"x\.xyz ends in \.xyz"):
        dot_chart.draw_table(results_of(), "x.xyz")


def test_scores_of_ones_own(drawn):
    (panel,) = drawn(results_of(), scores=("ece",)).axes
    assert panel.get_xlabel().startswith("ECE")


def test_it_is_redrawn_from_a_folder(drawn, tmp_path):
    results = results_of()
    store_results(results, tmp_path)
    stored, kept = ([line.get_xydata().tolist() for line in drawn(one).axes[0].lines] for one in (tmp_path, results))
    assert stored == kept


def test_nothing_to_compare(tmp_path):
    alone = results_of({"plain": [0.8, 0.9]})
    assert not dot_chart.has_differences(alone)
    assert dot_chart.has_differences(results_of())
    with pytest.raises(InputError, match="no method has a seed in common with plain"):
        dot_chart.draw_table(alone, tmp_path / "table")
