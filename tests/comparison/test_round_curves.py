"""The score by rounds: who belongs together, and where the points lie."""

from __future__ import annotations

import warnings

import pytest

from made_results import results_of
from softlabel.comparison import round_curves
from softlabel.comparison.round_curves import Family, families
from softlabel.comparison.stored_results import store_results
from softlabel.errors import InputError

ACCURACY = {
    "plain": [0.80, 0.82, 0.81],
    "slr:n_rounds=1": [0.81, 0.84, 0.83],
    "slr:n_rounds=4": [0.85, 0.88, 0.86],
    "self_training:n_generations=2": [0.80, 0.80, 0.81],
    "self_training:n_generations=5": [0.78, 0.77, 0.80],
}


@pytest.fixture
def drawn(monkeypatch):
    """Return a function that draws, and gives the figure instead of its files."""

    def draw(results):
        kept = []
        monkeypatch.setattr(round_curves, "save", lambda made, path: kept.append(made) or [])
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            round_curves.draw_rounds(results, "nowhere")
        return kept[0]

    return draw


def test_methods_that_differ_in_their_rounds_only_are_one_family():
    labels = (
        "self_training:n_generations=3",
        "slr:n_rounds=4",
        "plain",
        "slr:momentum=0.5:n_rounds=2",
        "slr:n_rounds=1",
    )
    assert list(families(labels)[0].methods) == [1, 4]  # in order: a line runs through them
    assert families(labels) == [
        Family("slr", {1: "slr:n_rounds=1", 4: "slr:n_rounds=4"}),
        Family("slr:momentum=0.5", {2: "slr:momentum=0.5:n_rounds=2"}),
        Family("self_training", {2: "self_training:n_generations=3"}),
    ]


def test_a_method_that_does_not_say_has_its_default():
    assert families(("slr",)) == [Family("slr", {3: "slr"})]
    assert families(("self_training",))[0].methods.keys() == {2}


@pytest.mark.parametrize(
    "label", ["plain", "smoothing:share=0.1", "slr:n_rounds=1/2/4", "my own: method", "slr:n_rounds=auto"]
)
def test_others_do_not_count_rounds(label):
    assert families((label,)) == []


def test_points_are_means_and_bars_intervals_of_the_difference(drawn):
    results = results_of(ACCURACY)
    (panel,) = drawn(results).axes
    slr, self_training = (line for line in panel.lines if line.get_linestyle() == "-")
    assert [round(x) for x in slr.get_xdata()] == [0, 1, 4]
    assert list(slr.get_ydata()) == pytest.approx(
        [sum(ACCURACY[m]) / 3 for m in ("plain", "slr:n_rounds=1", "slr:n_rounds=4")]
    )
    assert [round(x) for x in self_training.get_xdata()] == [0, 1, 4]
    (dashed,) = (line for line in panel.lines if line.get_linestyle() == "--")
    assert list(dashed.get_ydata()) == pytest.approx([0.81, 0.81])
    gap = results.difference("none", "slr:n_rounds=4", "accuracy")
    bottom, top = panel.collections[0].get_segments()[2][:, 1]
    assert (bottom, top) == pytest.approx((0.81 + gap.low, 0.81 + gap.high))


def test_another_baseline_does_not_stand_at_nought(drawn):
    (panel,) = drawn(results_of(ACCURACY, baseline="slr:n_rounds=1")).axes
    slr = next(line for line in panel.lines if line.get_linestyle() == "-")
    assert [round(x) for x in slr.get_xdata()] == [4]


def test_a_panel_for_each_corruption(drawn):
    made = drawn(results_of(ACCURACY, corruptions=("none", "pair:0.2", "pair:0.4", "pair:0.6")))
    titles = [panel.get_title("left") for panel in made.axes]
    assert titles == ["labels as given", *(f"{share}% of labels made wrong (pair)" for share in (20, 40, 60))]


def test_one_seed_has_no_bars(drawn):
    made = drawn(results_of({method: values[:1] for method, values in ACCURACY.items()}))
    heights = {high - low for (_, low), (_, high) in made.axes[0].collections[0].get_segments()}
    assert heights == {0.0}
    assert made.legends[0].get_title().get_text() == ""


def test_bars_end_where_no_score_can_be(drawn):
    wild = {"plain": [0.5, 1.0], "slr:n_rounds=1": [0.5, 0.5], "slr:n_rounds=2": [1.0, 1.0]}
    (panel,) = drawn(results_of(wild)).axes
    assert panel.get_ylim() == (0.0, 1.0)
    marks = [(line.get_marker(), line.get_ydata()[0]) for line in panel.lines if line.get_marker() in ("v", "^")]
    assert marks == [("v", 0.0), ("^", 1.0)] * 2
    (calm,) = drawn(results_of(ACCURACY)).axes
    assert not [line for line in calm.lines if line.get_marker() in ("v", "^")]


def test_another_ending_is_refused():
    with pytest.raises(InputError, match=r"ends in \.pdf"):
        round_curves.draw_rounds(results_of(ACCURACY), "rounds.pdf")


def test_it_is_redrawn_from_a_folder(drawn, tmp_path):
    results = results_of(ACCURACY)
    store_results(results, tmp_path)
    stored, kept = ([line.get_xydata().tolist() for line in drawn(one).axes[0].lines] for one in (tmp_path, results))
    assert stored == kept


def test_a_single_number_of_rounds_is_no_curve(tmp_path):
    single = results_of({"plain": [0.8, 0.9], "slr": [0.8, 0.9]})
    assert not round_curves.has_rounds(single)
    assert round_curves.has_rounds(results_of(ACCURACY))
    with pytest.raises(InputError, match="ask for some, say --methods slr:n_rounds=1:final_targets=refined,"):
        round_curves.draw_rounds(single, tmp_path / "rounds")
