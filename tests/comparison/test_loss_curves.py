"""Losses by epoch: the right rows, their mean and spread."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from made_results import TASK, epochs_of
from softlabel.comparison import loss_curves
from softlabel.comparison.cells import Cell, CellResult
from softlabel.comparison.drawing import BLUE, GREY, ORANGE
from softlabel.comparison.results import Results
from softlabel.comparison.stored_results import store_results
from softlabel.errors import InputError

EPOCHS = {
    ("plain", 0): epochs_of((2.0, 3.0), (1.0, 2.0), (0.5, 2.5)),
    ("plain", 1): epochs_of((2.0, 3.0), (2.0, 4.0), (1.5, 3.5)),
    ("swa", 0): epochs_of((4.0, 3.0), (3.0, 2.0), (2.0, 1.0)),
    ("swa", 1): epochs_of((2.0, 1.0), (1.0, 1.0)),  # ended early
    ("forest", 0): (),
    ("forest", 1): (),
}
CELLS = {
    Cell("pair:0.2", seed, method): CellResult({"accuracy": 0.5}, epochs=rows)
    for (method, seed), rows in EPOCHS.items()
}
RESULTS = Results({**CELLS, Cell("none", 0, "plain"): CellResult({"accuracy": 0.5})}, {}, {}, TASK)


@pytest.fixture
def drawn(monkeypatch):
    """Return a function that draws, and gives the figure instead of its files."""

    def draw(results, **options):
        kept = []
        monkeypatch.setattr(loss_curves, "save", lambda made, path: kept.append(made) or [])
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            loss_curves.draw_losses(results, "nowhere", **options)
        return kept[0]

    return draw


def test_losses_by_seed_and_epoch():
    found = loss_curves.loss_by_epoch(RESULTS, "pair:0.2", "swa", "train_loss")
    np.testing.assert_array_equal(found, [[4, 3, 2], [2, 1, np.nan]])
    assert loss_curves.loss_by_epoch(RESULTS, "pair:0.2", "forest", "train_loss").shape == (0, 0)
    assert loss_curves.loss_by_epoch(RESULTS, "pair:0.2", "unheard", "train_loss").shape == (0, 0)
    assert loss_curves.loss_by_epoch(RESULTS, "pair:0.2", "swa", "unheard_loss").shape == (0, 0)


def test_lines_are_means_of_the_epochs_that_all_seeds_have(drawn):
    plain, swa = drawn(RESULTS).axes
    assert (plain.get_title("left"), swa.get_title("left")) == ("plain", "swa (before averaging)")
    lines = {line.get_color(): (list(line.get_xdata()), list(line.get_ydata())) for line in plain.lines}
    assert lines == {BLUE: ([1, 2, 3], [2.0, 1.5, 1.0]), ORANGE: ([1, 2, 3], [3.0, 3.0, 3.0])}
    grey = [list(line.get_ydata()) for line in swa.lines if line.get_color() == GREY]
    assert grey == [[2.0, 1.5, 1.0], [3.0, 3.0, 3.0]]  # the baseline behind it
    own = {line.get_color(): list(line.get_ydata()) for line in swa.lines if line.get_color() != GREY}
    assert own == {BLUE: [3.0, 2.0], ORANGE: [2.0, 1.5]}


def test_bands_are_one_standard_deviation(drawn):
    plain = drawn(RESULTS).axes[0]
    corners = plain.collections[0].get_paths()[0].vertices
    at_two = corners[corners[:, 0] == 2, 1]
    sd = np.std([1.0, 2.0], ddof=1)
    assert (at_two.min(), at_two.max()) == pytest.approx((1.5 - sd, 1.5 + sd))


def test_one_seed_has_lines_and_no_bands(drawn):
    one = Results({cell: result for cell, result in CELLS.items() if cell.seed == 0}, {}, {}, TASK)
    made = drawn(one)
    assert [len(panel.collections) for panel in made.axes] == [0, 0]
    assert list(made.axes[0].lines[0].get_ydata()) == [2.0, 1.0, 0.5]
    (legend,) = made.legends
    assert legend.get_title().get_text() == "20% of labels made wrong (pair); mean of 1 seed"


def test_some_methods_only(drawn):
    (panel,) = drawn(RESULTS, methods=("swa",)).axes
    assert panel.get_title("left") == "swa (before averaging)"


def test_which_corruptions_have_losses():
    assert loss_curves.has_losses(RESULTS, "pair:0.2")
    assert not loss_curves.has_losses(RESULTS, "none")


def test_methods_without_epochs_are_told(tmp_path):
    with pytest.raises(InputError, match=r"forest has no losses by epoch under pair:0\.2; those that have: plain, swa"):
        loss_curves.draw_losses(RESULTS, tmp_path / "losses", methods=("swa", "forest"))
    with pytest.raises(InputError, match="no method has losses by epoch under none; networks tell of them"):
        loss_curves.draw_losses(RESULTS, tmp_path / "losses", corruption="none")


def test_it_is_redrawn_from_a_folder(drawn, tmp_path):
    results = RESULTS
    store_results(results, tmp_path)
    stored, kept = ([line.get_xydata().tolist() for line in drawn(one).axes[0].lines] for one in (tmp_path, results))
    assert stored == kept


def _of(**epochs):
    cells = {Cell("none", 0, method): CellResult({}, epochs=rows) for method, rows in epochs.items()}
    return Results(cells, {}, {}, TASK)


def test_panels_that_say_the_same_as_the_baseline_are_left_out(drawn):
    base, other = epochs_of((2.0, 3.0), (1.0, 2.0)), epochs_of((2.0, 3.0), (1.0, 2.5))
    results = _of(plain=base, temperature=base, distillation=base, slr=other, pskd=base)
    made = drawn(results)
    assert [panel.get_title("left") for panel in made.axes] == ["plain", "temperature (before scaling)", "slr"]
    (legend,) = made.legends
    assert legend.texts[-1].get_text() == "the same as plain, and left out: distillation, pskd"
    named = drawn(results, methods=("distillation",))
    assert [panel.get_title("left") for panel in named.axes] == ["distillation"]
    assert "left out" not in named.legends[0].texts[-1].get_text()
    assert [text.get_text() for text in drawn(_of(plain=base, slr=other)).legends[0].texts][
        -1
    ] == "plain, for comparison"


def test_parameters_stand_before_what_a_curve_is_not(drawn):
    panel = drawn(_of(plain=epochs_of((1.0, 2.0)), **{"swa:start=0.5": epochs_of((1.0, 3.0))})).axes[1]
    assert panel.get_title("left") == "swa:start=0.5 (before averaging)"


def test_without_watched_rows_the_legend_does_not_speak_of_them(drawn):
    alone = tuple({"epoch": e, "train_loss": 1.0 / e} for e in (1, 2))
    told = lambda made: [text.get_text() for text in made.legends[0].texts]  # noqa: E731
    assert told(drawn(_of(plain=alone))) == ["training rows, against the targets of the method"]
    both = told(drawn(_of(plain=epochs_of((1.0, 2.0)), slr=alone)))
    assert both[1] == "rows that train nothing, against their labels"


@pytest.mark.parametrize("n", [1, 2, 3, 30])
def test_epochs_are_whole_numbers(drawn, n):
    panel = drawn(_of(plain=epochs_of(*[(1.0 / e, 2.0 / e) for e in range(1, n + 1)]))).axes[0]
    ticks = panel.xaxis.get_major_locator().tick_values(*panel.get_xlim())
    assert all(float(tick).is_integer() for tick in ticks)


def test_another_ending_is_refused():
    with pytest.raises(InputError, match=r"ends in \.gif"):
        loss_curves.draw_losses(RESULTS, "losses.gif")


def test_an_inner_split_is_never_drawn(drawn):
    inner = [{"epoch": 1, "train_loss": 1.0, "inner_loss": 9.0}, {"epoch": 2, "train_loss": 0.5, "inner_loss": 8.0}]
    (panel,) = drawn(Results({Cell("none", 0, "plain"): CellResult({}, epochs=tuple(inner))}, {}, {}, TASK)).axes
    assert [list(line.get_ydata()) for line in panel.lines] == [[1.0, 0.5]]


def test_parameters_of_a_long_name_stand_below_it():
    assert loss_curves._title("swa:start=0.5") == "swa:start=0.5 (before averaging)"
    assert loss_curves._title("slr:n_rounds=2:final_targets=refined") == "slr\nn_rounds=2\nfinal_targets=refined"
    assert loss_curves._title("plain") == "plain"
