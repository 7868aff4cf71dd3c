"""Every round has its panel, and every row the colour of its target."""

from __future__ import annotations

import numpy as np
import pytest

from softlabel.comparison import colour_targets
from softlabel.comparison.class_colours import mixed
from softlabel.comparison.colour_targets import ColourPanel, draw_colour_targets
from softlabel.data.toy import toy_mixture
from softlabel.errors import InputError

X, _ = toy_mixture(15, 0)
ROWS = np.random.default_rng(0).dirichlet(np.ones(3), size=15)


@pytest.fixture
def drawn(monkeypatch):
    """Return a function that draws, and gives the figure instead of its files."""

    def draw(panels):
        kept = []
        monkeypatch.setattr(colour_targets, "save", lambda made, path: kept.append(made) or [])
        draw_colour_targets(panels, "nowhere")
        return kept[0]

    return draw


def test_points_have_the_colour_of_their_target(drawn):
    made = drawn([ColourPanel("given", X, ROWS, {"labels right": (0.7, None)})])
    panel, _key = made.axes
    points = next(one for one in panel.collections if len(one.get_offsets()) == len(X))
    np.testing.assert_allclose(points.get_facecolors()[:, :3], mixed(ROWS))
    np.testing.assert_allclose(points.get_offsets(), X)
    assert (panel.get_title(), panel.get_xlabel()) == ("given", "labels right 0.700")


def test_ten_panels_in_two_rows_and_a_key(drawn):
    made = drawn([ColourPanel(f"round {number}", X, ROWS) for number in range(9)])
    assert [axes.get_title() for axes in made.axes[:9]] == [f"round {number}" for number in range(9)]
    assert len(made.axes) == 10  # the tenth is the key: an empty place has no frame
    made.canvas.draw()
    tops = {round(axes.get_position().y1, 2) for axes in made.axes[:9]}
    assert len(tops) == 2
    assert made.axes[9].get_position().y1 < min(axes.get_position().y0 for axes in made.axes[:9])


def test_the_key_names_the_classes_where_their_colours_are(drawn):
    key = drawn([ColourPanel("given", X, ROWS)]).axes[-1]
    pixels = np.asarray(key.images[0].get_array())  # rows from bottom to top
    size = len(pixels) - 1
    corners = {"class 0": pixels[size - 3, size // 2], "class 1": pixels[0, 0], "class 2": pixels[0, size]}
    for number, (name, pixel) in enumerate(corners.items()):
        assert key.texts[number].get_text() == name
        np.testing.assert_allclose(pixel[:3], mixed(np.eye(3))[number], atol=0.15)
        assert pixel[3] == 1
    assert pixels[size, 0, 3] == 0  # outside of the triangle nothing is drawn


def test_files(tmp_path):
    written = draw_colour_targets([ColourPanel("given", X, ROWS)], tmp_path / "targets.png")
    assert [path.name for path in written] == ["targets.png", "targets.svg"]
    assert all(path.stat().st_size > 1000 for path in written)


def test_what_cannot_be_drawn():
    with pytest.raises(InputError, match="no panel"):
        draw_colour_targets([], "nowhere")
    with pytest.raises(InputError, match="three classes"):
        draw_colour_targets([ColourPanel("given", X, ROWS[:, :2])], "nowhere")
