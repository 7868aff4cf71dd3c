"""The figures are drawn from what is stored, with the numbers of all seeds."""

from __future__ import annotations

import numpy as np
import pytest

from softlabel.comparison import toy_figures
from softlabel.comparison.cells import Cell, CellResult
from softlabel.comparison.decision_areas import grid_points
from softlabel.comparison.results import Results
from softlabel.comparison.stored_results import store_results
from softlabel.comparison.toy_figures import draw_areas, draw_targets, rounds_table, stored_rounds, write_rounds
from softlabel.comparison.toy_files import ToyFiles
from softlabel.comparison.toy_rows import ToyRows, noisy_posterior, toy_task
from softlabel.data.toy import toy_posterior
from softlabel.errors import InputError
from softlabel.targets.distance import total_variation

N = 40
CELLS = {
    Cell(corruption, seed, method): CellResult({"accuracy": 0.5 + seed / 10}, extra={"posterior_tv": 0.25 + seed / 100})
    for method in ("plain", "slr")
    for corruption in ("none", "symmetric:0.3")
    for seed in (3, 4)
}


@pytest.fixture
def folder(tmp_path):
    """The folder of a study of two seeds, in which the areas of one cell are missing."""
    store_results(Results(CELLS, {}, {}, toy_task(), about={"rows": N}), tmp_path)
    files = ToyFiles(tmp_path)
    for cell in list(CELLS)[:-2]:
        if cell.seed == 3:
            files.put_areas(cell, toy_posterior(grid_points(6)))
    for seed in (3, 4):
        given = np.eye(3, dtype=np.float32)[ToyRows(N).parts(seed, "symmetric:0.3").y]  # (n, 3)
        files.put_targets("symmetric:0.3", seed, np.stack([given, np.full_like(given, 1 / 3)]))
    return tmp_path


@pytest.fixture
def panels(monkeypatch):
    """What would be drawn, and where."""
    kept = []
    for name in ("draw_decision_areas", "draw_colour_targets"):
        monkeypatch.setattr(toy_figures, name, lambda shown, path, about: kept.extend([shown, path, about]) or [])
    return kept


def test_areas_of_the_first_seed_with_numbers_of_all(folder, panels):
    draw_areas(folder)
    shown, path, about = panels
    assert path == folder / "decision_areas.png"
    assert "seed 3, numbers mean" in about
    assert "over 2 seeds" in about
    assert [(panel.method, panel.corruption) for panel in shown] == [
        ("ideal_learner", "none"),
        ("ideal_learner", "symmetric:0.3"),
        ("plain", "none"),
        ("plain", "symmetric:0.3"),
        ("slr", "none"),
    ]
    plain = shown[3]
    parts = ToyRows(N).parts(3, "symmetric:0.3")
    np.testing.assert_array_equal(plain.X, parts.X)
    np.testing.assert_array_equal(plain.codes, parts.y)
    assert plain.numbers["accuracy"] == pytest.approx((0.85, 0.1 / np.sqrt(2)))
    assert plain.numbers["TV to posterior"] == pytest.approx((0.285, 0.01 / np.sqrt(2)))
    assert [len(panel.grid_predictions) for panel in shown] == [8100, 8100, 36, 36, 36]


@pytest.mark.parametrize(
    ("corruptions", "drawn"),
    [
        (("instance:0.3",), [("plain", "instance:0.3")]),
        (
            ("instance:0.3", "none"),
            [("ideal_learner", "none"), ("plain", "instance:0.3"), ("plain", "none")],
        ),
    ],
    ids=["alone", "beside others"],
)
def test_nobody_knows_an_ideal_answer_under_instance_noise(tmp_path, panels, corruptions, drawn):
    cells = {Cell(corruption, 3, "plain"): CellResult({"accuracy": 0.5}) for corruption in corruptions}
    store_results(Results(cells, {}, {}, toy_task(), about={"rows": N}), tmp_path)
    with pytest.raises(InputError, match="holds no decision areas"):
        draw_areas(tmp_path)
    for cell in cells:
        ToyFiles(tmp_path).put_areas(cell, toy_posterior(grid_points(6)))
    draw_areas(tmp_path)
    assert [(panel.method, panel.corruption) for panel in panels[0]] == drawn


def test_the_ideal_learner_answers_the_posterior_of_the_labels(folder, panels):
    draw_areas(folder)
    ideal = panels[0][1]
    np.testing.assert_allclose(
        ideal.grid_predictions, noisy_posterior(toy_posterior(grid_points()), "symmetric:0.3"), atol=1e-12
    )
    right, away = [], []
    for seed in (3, 4):
        parts = ToyRows(N).parts(seed, "none")
        truth = toy_posterior(parts.X_test)
        right.append((truth.argmax(axis=1) == parts.y_test).mean())
        away.append(total_variation(truth, 0.7 * truth + 0.15 * (1 - truth)).mean())
    assert ideal.numbers["accuracy"][0] == pytest.approx(np.mean(right))
    assert ideal.numbers["TV to posterior"][0] == pytest.approx(np.mean(away))
    assert panels[0][0].numbers["TV to posterior"][0] == pytest.approx(0, abs=1e-12)


def test_targets_of_every_round_and_the_posterior(folder, panels):
    draw_targets(folder, "symmetric:0.3", (3, 4, 5))
    shown, path, about = panels
    assert path == folder / "targets_by_round.png"
    assert "30% of labels made wrong" in about
    assert "seed 3, numbers mean" in about
    assert [panel.title for panel in shown] == ["given", "round 1", "true posterior"]
    assert shown[0].numbers["labels right"] == pytest.approx((0.7, 0.0))
    refined = stored_rounds(folder, "symmetric:0.3", (3, 4))
    away = [one.distances[1] for one in refined.values()]
    assert shown[1].numbers["TV to posterior"] == pytest.approx((np.mean(away), np.std(away, ddof=1)))
    np.testing.assert_array_equal(shown[2].rows, toy_posterior(shown[0].X))
    bayes = [(toy_posterior(one.X).argmax(axis=1) == one.y_true).mean() for one in refined.values()]
    assert shown[2].numbers["labels right"][0] == pytest.approx(np.mean(bayes))


def test_the_table_of_rounds(folder):
    table = rounds_table(stored_rounds(folder, "symmetric:0.3", (3, 4)))
    assert table.columns.tolist() == ["seed", "round", "share_right", "posterior_tv"]
    assert table[["seed", "round"]].to_numpy().tolist() == [[3, 0], [3, 1], [4, 0], [4, 1]]
    assert table["share_right"][0] == pytest.approx(0.7)
    write_rounds(folder, "symmetric:0.3", (3, 4))
    assert (folder / "targets_by_round.csv").read_text().splitlines()[0] == "seed,round,share_right,posterior_tv"


def test_one_seed_has_no_spread(folder, panels):
    draw_targets(folder, "symmetric:0.3", (4,))
    assert panels[0][0].numbers["labels right"] == (pytest.approx(0.7), None)


def test_folders_that_hold_no_study(folder, tmp_path):
    with pytest.raises(InputError, match=r"no targets by round under pair:0\.1"):
        draw_targets(folder, "pair:0.1", (3,))
    other = tmp_path / "other"
    store_results(Results(CELLS, {}, {}, toy_task(), about={"rows": N}), other)
    with pytest.raises(InputError, match="no decision areas"):
        draw_areas(other)
    store_results(Results(CELLS, {}, {}, toy_task()), other)
    with pytest.raises(InputError, match="no toy study"):
        draw_areas(other)
