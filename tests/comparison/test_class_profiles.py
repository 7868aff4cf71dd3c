"""Figures of accuracies of classes: what is drawn where."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from softlabel.comparison import class_profiles
from softlabel.comparison.class_profiles import draw_accuracy_distributions, draw_profile
from softlabel.errors import InputError
from softlabel.metrics.class_profile import binned_profile

DRAWS = np.random.default_rng(0)
PROFILES = {
    f"generation {number}": (DRAWS.uniform(0.6, 1.0, size=40), DRAWS.uniform(0.1, 0.9, size=40))
    for number in (1, 2, 3, 4)
}


@pytest.fixture
def drawn(monkeypatch):
    """Return a function that draws, and gives the figure instead of its files."""

    def draw(how, *given, **options):
        kept = []
        monkeypatch.setattr(class_profiles, "save", lambda made, path: kept.append(made) or [])
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            how(*given, "nowhere", **options)
        return kept[0]

    return draw


def test_points_are_bins_and_bars_their_deviations(drawn):
    panel = drawn(draw_profile, PROFILES, n_bins=5).axes[0]
    assert len(panel.containers) == 4
    for container, (name, pair) in zip(panel.containers, PROFILES.items(), strict=True):
        points, _, (bars,) = container.lines
        profile = binned_profile(*pair, n_bins=5)
        assert container.get_label() == name
        np.testing.assert_allclose(points.get_xydata(), np.c_[profile.train, profile.validation])
        ends = np.array([segment[:, 1] for segment in bars.get_segments()])
        np.testing.assert_allclose(ends.mean(axis=1), profile.validation)
        np.testing.assert_allclose(np.ptp(ends, axis=1) / 2, profile.deviation)


def test_the_diagonal_is_where_both_are_equal_and_everything_is_within_the_axes(drawn):
    accurate = {name: (train, 0.5 + validation / 2) for name, (train, validation) in PROFILES.items()}
    panel = drawn(draw_profile, accurate).axes[0]
    (diagonal,) = [line for line in panel.lines if line.get_label() == "equal"]
    x, y = diagonal.get_data()
    assert list(x) == list(y)
    assert panel.get_xlim() == panel.get_ylim()
    lowest = min((p.validation - p.deviation).min() for p in (binned_profile(*pair) for pair in accurate.values()))
    assert 0 < panel.get_ylim()[0] <= lowest


def test_distributions_have_a_panel_each_and_hold_all_classes(drawn):
    made = drawn(draw_accuracy_distributions, PROFILES)
    assert len(made.axes) == 4
    for panel, (name, (train, validation)) in zip(made.axes, PROFILES.items(), strict=True):
        assert panel.get_title(loc="left") == f"{name}: {train.mean():.2f}, {validation.mean():.2f}"
        filled, outlined = panel.patches
        assert filled.get_fill()
        assert not outlined.get_fill()
        for patch, accuracies in ((filled, validation), (outlined, train)):
            assert patch.get_data().values.sum() == pytest.approx(100)
            assert patch.get_data().values @ (patch.get_data().edges[:-1] + 0.05) / 100 == pytest.approx(
                accuracies.mean(), abs=0.05
            )
        assert [line.get_xdata()[0] for line in panel.lines] == [validation.mean(), train.mean()]


def test_many_classes_have_finer_bins_and_unknown_ones_are_left_out(drawn):
    few = drawn(draw_accuracy_distributions, {"one": (np.full(99, 0.5), np.full(99, 0.5))}).axes[0]
    known = np.full(100, 0.5)
    many = drawn(draw_accuracy_distributions, {"one": (np.r_[known, np.nan], np.r_[known, np.nan])}).axes[0]
    assert [len(panel.patches[0].get_data().values) for panel in (few, many)] == [10, 20]
    assert many.get_title(loc="left") == "one: 0.50, 0.50"


@pytest.mark.parametrize("draw", [draw_profile, draw_accuracy_distributions])
def test_files_are_written_and_bad_input_is_refused_before(draw, tmp_path):
    assert [path.suffix for path in draw(PROFILES, tmp_path / "figure")] == [".png", ".svg"]
    with pytest.raises(InputError, match="there is no profile to draw"):
        draw({}, tmp_path / "none")
    with pytest.raises(InputError, match="no class"):
        draw({"one": ([np.nan], [0.5])}, tmp_path / "none")
    with pytest.raises(InputError, match=r"ends in \.pdf"):
        draw(PROFILES, tmp_path / "none.pdf")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["figure.png", "figure.svg"]
