"""Crops and their labels: which part is shown, and which bars stand beside it."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from softlabel.comparison import crop_labels
from softlabel.comparison.crop_labels import cut, draw_crop_labels
from softlabel.comparison.drawing import ORANGE, SKY
from softlabel.errors import InputError

NAMES = ["barber_shop", "street_sign", "scoreboard", "Staffordshire bullterrier, Staffordshire bull terrier"]
IMAGES = [np.arange(5 * 7 * 3, dtype=np.uint8).reshape(5, 7, 3), np.linspace(0, 1, 16).reshape(4, 4, 1)]
BOXES = np.array([[1, 2, 3, 4], [-1, 0, 3, 2]])
LABELS = {
    "given": np.array([[1.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0]]),
    "generation 1": np.array([[0.5, 0.3, 0.15, 0.05], [0.1, 0.2, 0.3, 0.4]]),
}


@pytest.fixture
def drawn(monkeypatch):
    """Return a function that draws, and gives the axes (n, columns) instead of the files."""

    def draw(*given, **options):
        kept = []
        monkeypatch.setattr(crop_labels, "save", lambda made, path: kept.append(made) or [])
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            draw_crop_labels(*given, "nowhere", **options)
        return np.array(kept[0].axes, dtype=object).reshape(len(given[0]), -1)

    return draw


def test_a_part_of_a_picture_is_black_beyond_it():
    image = np.arange(1, 13).reshape(3, 4)
    assert cut(image, (1, 1, 2, 2)).tolist() == [[6, 7], [10, 11]]
    assert cut(image, (-1, 3, 3, 2)).tolist() == [[0, 0], [4, 0], [8, 0]]
    assert cut(image, (2, -1, 2, 3)).tolist() == [[0, 9, 10], [0, 0, 0]]
    assert cut(image, (5, 5, 1, 2)).tolist() == [[0, 0]]
    assert cut(IMAGES[0], (0, 0, 5, 7)).tolist() == IMAGES[0].tolist()


def test_a_line_has_the_picture_its_crop_and_the_bars_of_each_generation(drawn):
    axes = drawn(IMAGES, BOXES, LABELS, NAMES, codes=[0, 3])
    assert axes.shape == (2, 4)
    assert np.array_equal(axes[0, 0].images[0].get_array(), IMAGES[0])
    assert np.array_equal(axes[0, 1].images[0].get_array(), IMAGES[0][1:4, 2:6])
    assert np.array_equal(axes[1, 1].images[0].get_array(), np.r_[np.zeros((1, 2)), IMAGES[1][:2, :2, 0]])
    frame = axes[0, 0].patches[0]
    assert (frame.get_xy(), frame.get_width(), frame.get_height()) == ((1.5, 0.5), 4, 3)
    assert [axes[0, column].get_title(loc="left") for column in (0, 2, 3)] == ["barber shop", "given", "generation 1"]
    assert axes[1, 0].get_title(loc="left") == "Staffordshire bullter…"
    assert axes[1, 3].get_title(loc="left") == ""


def test_the_three_likeliest_classes_and_none_without_mass(drawn):
    axes = drawn(IMAGES, None, LABELS, NAMES, codes=[0, 3])
    assert axes.shape == (2, 3)

    def bars(panel):
        names = [text.get_text() for text in panel.texts]
        widths = [round(patch.get_width(), 6) for patch in panel.containers[1]]
        return widths, names[::2], names[1::2]

    assert bars(axes[0, 1]) == ([1.0], ["barber shop"], ["1.00"])
    assert bars(axes[0, 2]) == (
        [0.5, 0.3, 0.15],
        ["barber shop", "street sign", "scoreboard"],
        ["0.50", "0.30", "0.15"],
    )
    assert bars(axes[1, 2])[1] == ["Staffordshire bullter…", "scoreboard", "street sign"]
    low, high = axes[1, 2].get_ylim()
    assert low > high  # the first bar is on top


def test_bars_of_the_given_class_have_a_colour_of_their_own(drawn):
    from matplotlib.colors import to_hex

    panel = drawn(IMAGES, None, LABELS, NAMES, codes=[1, 3])[0, 2]
    assert [to_hex(patch.get_facecolor()).upper() for patch in panel.containers[1]] == [SKY, ORANGE, SKY]
    panel = drawn(IMAGES, None, LABELS, NAMES)[0, 2]
    assert {to_hex(patch.get_facecolor()).upper() for patch in panel.containers[1]} == {SKY}


def test_files_are_written(tmp_path):
    assert [path.name for path in draw_crop_labels(IMAGES, BOXES, LABELS, NAMES, tmp_path / "crops.png")] == [
        "crops.png",
        "crops.svg",
    ]


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"images": []}, "^0 pictures and 2 generations; give at least one of each"),
        ({"labels": {}}, "^2 pictures and 0 generations"),
        ({"labels": {"one": LABELS["given"][:1]}}, "^labels of one: has 1 rows where 2 are needed"),
        ({"class_names": NAMES[:3]}, "^labels of given: has 4 columns where 3 are needed"),
        ({"boxes": BOXES[:1]}, r"^boxes has shape \(1, 4\) of int64; give top, left, height and width"),
        ({"boxes": BOXES + 0.5}, r"^boxes has shape \(2, 4\) of float64"),
        ({"boxes": BOXES * [1, 1, 0, 1]}, "^boxes has a height or width below 1"),
        ({"images": [np.zeros((3, 4, 4)), IMAGES[1]]}, r"^a picture has shape \(3, 4, 4\); give \(height, width\)"),
        ({"codes": [0]}, "codes has 1 rows where 2 are needed"),
        ({"path": "crops.pdf"}, r"ends in \.pdf"),
    ],
)
def test_what_cannot_be_drawn(changed, says, tmp_path):
    given = {"images": IMAGES, "boxes": BOXES, "labels": LABELS, "class_names": NAMES, "path": tmp_path / "crops"}
    with pytest.raises(InputError, match=says):
        draw_crop_labels(**(given | changed))
    assert not list(tmp_path.iterdir())
