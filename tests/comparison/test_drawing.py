"""Figures without a trace in the state of pyplot."""

from __future__ import annotations

import subprocess
import sys

import matplotlib
import pytest

from softlabel.comparison.drawing import figure, remove_empty, save, stem_of, worth_drawing
from softlabel.errors import InputError


def test_both_files_are_written_whole(tmp_path):
    with figure(2, 1) as (made, axes):
        axes[0, 0].plot([0, 1], [0, 1])
        paths = save(made, tmp_path / "new" / "losses-0.2")
    assert [path.name for path in paths] == ["losses-0.2.png", "losses-0.2.svg"]
    assert paths[0].read_bytes().startswith(b"\x89PNG")
    assert b"<svg" in paths[1].read_bytes()
    assert len(list((tmp_path / "new").iterdir())) == 2


@pytest.mark.parametrize("name", ["plot", "plot.png", "plot.svg", "plot.PNG"])
def test_an_ending_may_be_left_out(tmp_path, name):
    with figure(2, 1) as (made, _):
        assert [path.name for path in save(made, tmp_path / name)] == ["plot.png", "plot.svg"]


@pytest.mark.parametrize("name", ["plot.xyz", "plot.pdf", "losses-0.2.jpeg"])
def test_another_ending_is_refused(tmp_path, name):
    with (
        figure(2, 1) as (made, _),
        pytest.raises(InputError, match=r"ends in \.\w+; figures are written as \.png and \.svg"),
    ):
        save(made, tmp_path / name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["losses-symmetric-0.2", "losses-pair-0.25.svg", "plot", ".hidden"])
def test_a_number_is_no_ending(name):
    assert stem_of(name).name == name.removesuffix(".svg")


@pytest.mark.parametrize(
    ("bars", "widest", "reach"),
    [
        ([(0.1, 0.05), (-0.2, 0.1)], None, 0.8),  # 4 times the largest mean
        ([(0.01, 0.3), (0.0, 0.1), (0.0, 0.2)], None, 0.4),  # twice the median half width
        ([(0.01, 0.3), (0.0, 0.0)], None, 0.6),  # what has no interval does not count in the median
        ([(0.5, 3.0)], 1.0, 1.0),
        ([(0.0, 0.0)], 1.0, 1.0),
        ([(0.0, 0.0)], None, float("inf")),
        ([], None, float("inf")),
    ],
)
def test_how_far_an_axis_reaches(bars, widest, reach):
    assert worth_drawing(bars, widest) == pytest.approx(reach)


def test_settings_of_the_caller_stay(tmp_path):
    before = dict(matplotlib.rcParams)
    with figure(2, 1) as (made, _):
        save(made, tmp_path / "plot")
    assert dict(matplotlib.rcParams) == before


def test_empty_panels_are_taken_out():
    with figure(4, 2, 2, 2) as (made, axes):
        used = remove_empty(axes, 3)
        assert used == [axes[0, 0], axes[0, 1], axes[1, 0]]
        assert made.axes == used


def test_pyplot_is_not_even_loaded(tmp_path):
    program = (
        "import sys\n"
        "from softlabel.comparison import dot_chart, loss_curves, round_curves, writing\n"
        "assert 'matplotlib' not in sys.modules\n"
        "from softlabel.comparison.drawing import figure, save\n"
        f"with figure(1, 1) as (made, _): save(made, {str(tmp_path / 'plot')!r})\n"
        "assert 'matplotlib.pyplot' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
