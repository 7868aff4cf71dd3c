"""Every method and corruption has its place, and areas lie where they were asked."""

from __future__ import annotations

import numpy as np
import pytest

from softlabel.comparison import decision_areas
from softlabel.comparison.class_colours import COLOURS
from softlabel.comparison.decision_areas import HALF_WIDTH, Panel, draw_decision_areas, grid_points, noise_words
from softlabel.data.toy import toy_mixture, toy_posterior
from softlabel.errors import InputError

X, Y = toy_mixture(20, 0)


def _panel(method="plain", corruption="none", g=8, **options):
    return Panel(method, corruption, toy_posterior(grid_points(g)), X, Y, **options)


@pytest.fixture
def drawn(monkeypatch):
    """Return a function that draws, and gives the figure instead of its files."""

    def draw(panels):
        kept = []
        monkeypatch.setattr(decision_areas, "save", lambda made, path: kept.append(made) or [])
        draw_decision_areas(panels, "nowhere")
        return kept[0]

    return draw


def _visible(made):
    return [axes for axes in made.axes if axes.axison]


def test_points_of_the_grid():
    points = grid_points(4)
    assert points.shape == (16, 2)
    np.testing.assert_allclose(points[0], [-0.75 * HALF_WIDTH] * 2)
    np.testing.assert_allclose(points[1] - points[0], [HALF_WIDTH / 2, 0])  # to the right first
    np.testing.assert_allclose(points[4] - points[0], [0, HALF_WIDTH / 2])  # then up


def test_an_area_is_coloured_where_it_was_asked(drawn):
    answers = np.where(grid_points(8)[:, 1:] > 0, [[1.0, 0.0, 0.0]], [[0.0, 1.0, 0.0]])  # class 0 above, class 1 below
    (axes,) = _visible(drawn([Panel("plain", "none", answers, X, Y)]))
    (image,) = axes.images
    pixels = np.asarray(image.get_array())
    assert image.origin == "lower"
    np.testing.assert_allclose(pixels[-1], np.tile(COLOURS[0], (8, 1)))
    np.testing.assert_allclose(pixels[0], np.tile(COLOURS[1], (8, 1)))
    assert tuple(image.get_extent()) == (-HALF_WIDTH, HALF_WIDTH, -HALF_WIDTH, HALF_WIDTH)


def test_points_have_the_colour_of_their_label(drawn):
    (axes,) = _visible(drawn([_panel()]))
    points = next(one for one in axes.collections if len(one.get_offsets()) == len(X))
    np.testing.assert_allclose(points.get_facecolors()[:, :3], COLOURS[Y])
    np.testing.assert_allclose(points.get_offsets(), X)


def test_the_line_is_where_the_two_likeliest_classes_are_alike(drawn):
    (axes,) = _visible(drawn([_panel()]))
    lines = [one for one in axes.collections if len(one.get_paths()) and one.get_facecolors().size == 0]
    on_line = np.concatenate([path.vertices for one in lines for path in one.get_paths()])
    assert len(on_line) > 100
    best = np.sort(toy_posterior(on_line), axis=1)
    assert np.abs(best[:, 2] - best[:, 1]).max() < 0.02


def test_methods_are_rows_and_corruptions_columns(drawn):
    corruptions = ("none", "symmetric:0.3")
    numbers = {"accuracy": (0.8, 0.01)}
    panels = [_panel(method, kind, numbers=numbers) for method in ("plain", "slr:n_rounds=8") for kind in corruptions]
    made = drawn(panels[:3])  # the last one is missing
    assert [axes.get_title() for axes in made.axes] == ["labels as drawn", "30% wrong", "", ""]
    assert [axes.axison for axes in made.axes] == [True, True, True, False]
    assert [axes.texts[0].get_text() for axes in made.axes if axes.texts] == ["plain", "slr\nn_rounds=8"]
    assert made.axes[0].get_xlabel() == "accuracy 0.800 ± 0.010"


def test_many_methods_stand_in_two_blocks(drawn):
    made = drawn([_panel(f"m{number}") for number in range(11)])
    names = [axes.texts[0].get_text() for axes in made.axes if axes.texts]
    assert len(made.axes) == 12
    assert names == ["m0", "m6", "m1", "m7", "m2", "m8", "m3", "m9", "m4", "m10", "m5"]
    assert [axes.get_title() for axes in made.axes[:2]] == ["labels as drawn"] * 2


def test_methods_in_one_column_of_noise_fill_a_page(drawn):
    made = drawn([_panel(f"m{number}") for number in range(18)])
    width, height = made.get_size_inches()
    assert len(made.axes) == 18  # three blocks of six
    assert height < 2.4 * width


def test_noise_in_words():
    assert noise_words("symmetric:0.125") == "12.5% wrong"


def test_files(tmp_path):
    written = draw_decision_areas([_panel()], tmp_path / "areas.png")
    assert [path.name for path in written] == ["areas.png", "areas.svg"]
    first = [path.read_bytes() for path in written]
    draw_decision_areas([_panel()], tmp_path / "areas.png")
    assert [path.read_bytes() for path in written] == first


def test_what_cannot_be_drawn():
    with pytest.raises(InputError, match="no panel"):
        draw_decision_areas([], "nowhere")
    with pytest.raises(InputError, match=r"slr have the shape \(7, 3\)"):
        draw_decision_areas([Panel("slr", "none", np.full((7, 3), 1 / 3), X, Y)], "nowhere")
    with pytest.raises(InputError, match="shape"):
        draw_decision_areas([Panel("slr", "none", np.full((4, 2), 1 / 2), X, Y)], "nowhere")
