"""The table that people read."""

from __future__ import annotations

from dataclasses import replace

import pytest

from made_results import ACCURACY, TASK, results_of
from softlabel.comparison.cells import Cell, CellResult
from softlabel.comparison.results import Results
from softlabel.comparison.short_table import compared_names
from softlabel.tasks import Multilabel, OrdinalScalar
from softlabel.tasks.grade_scale import GradeScale


def line_of(text: str, method: str) -> str:
    return next(line for line in text.split("\n") if line.startswith(f"{method} "))


def test_a_line_a_method_with_what_is_decided():
    text = results_of().text()
    assert text.startswith("labels as given, 4 seeds\n")
    assert " ".join(line_of(text, "plain").split()) == "plain 0.815 ± 0.013 0.185 0.050 5 1.50"
    up = " ".join(line_of(text, "up").split())
    assert up == "up 0.855 ± 0.013 +0.040 [+0.027, +0.053] + 0.145 + 0.050 = 2 1.50"
    assert " - 0.235 - " in " ".join(line_of(text, "down").split())
    assert " identical = 0.185 = " in " ".join(line_of(text, "same").split())
    assert "up is ahead of every other method" in text


def test_the_notes_say_how_much_chance_marks():
    text = " ".join(results_of(level=0.9).text().split())
    assert "90% interval" in text
    # plain aside 4 methods, one identical: 3 differences each of accuracy and NLL
    assert "6 differences were judged here" in text
    assert "some 0.6 of them" in text


def test_one_seed_says_that_it_decides_nothing():
    text = results_of({"plain": [0.8], "up": [0.9]}).text()
    assert "labels as given, 1 seed\n" in text
    assert "One seed has no spread" in text
    assert "±" not in text
    assert " ".join(line_of(text, "up").split()) == "up 0.900 +0.100 0.100 0.050 2 1.50"
    assert "would still be marked" not in text


def test_failures_and_skipped_methods_are_named():
    whole = results_of()
    lost = Cell("none", 1, "up")
    results = replace(
        whole,
        cells={cell: result for cell, result in whole.cells.items() if cell != lost},
        failures={lost: "FitError: no room", Cell("none", 0, "slr"): "no time"},
        skipped={"swa": "it needs a network"},
        methods=(*ACCURACY, "slr"),
    )
    text = results.text()
    assert " 3 of 4 " in line_of(text, "up")
    assert " 4 of 4 " in line_of(text, "plain")
    assert " ".join(line_of(text, "slr").split()).startswith("slr 0 of 4 - - -")
    assert text.endswith(
        "failed: up, seed 1: FitError: no room\nfailed: slr, seed 0: no time\nleft out: swa: it needs a network\n"
    )
    assert "- left out: swa: it needs a network" in results.markdown()
    assert " of 4" not in whole.text()  # where nothing is missing there is no such column


def test_what_became_of_wrong_labels_stands_where_there_were_any():
    cells = {
        Cell(corruption, seed, method): CellResult(
            {"accuracy": 0.5 + seed / 10},
            recovery={"share_corrected": 0.625, "share_kept": 0.99}
            if (corruption, method) == ("pair:0.2", "slr")
            else None,
        )
        for corruption in ("none", "pair:0.2")
        for seed in (0, 1)
        for method in ("plain", "slr")
    }
    given, wrong = Results(cells, {}, {}, TASK).text().split("20% of labels made wrong (pair), 2 seeds")
    assert "right" not in given.split("\n")[1]
    assert "sugg. right  left alone" in wrong
    assert " 62.5% 99.0% " in " ".join(line_of(wrong, "slr").split())
    assert " - - " in " ".join(line_of(wrong, "plain").split())
    assert (
        "\nsugg. right: labels made wrong for which the method suggests the true one; left alone: right ones that it leaves\n"
        in wrong
    )
    page = Results(cells, {}, {}, TASK).markdown()
    assert "| suggested right | left alone |" in page
    assert "suggested right: labels made wrong for which" in page
    assert "suggests" not in results_of().text()


def test_markdown_tells_the_same():
    results = results_of(corruptions=("none", "pair:0.2"))
    page = results.markdown()
    assert page.count("## ") == 2
    assert "| up | 0.855 ± 0.013 | +0.040 [+0.027, +0.053] + | 0.145 + | 0.050 = | 2 | 1.50 |" in page
    assert " ".join(results.text().split("\n\n")[-1].split()) in page


def test_a_narrow_terminal_gets_columns_below():
    text = results_of().text(width=60)
    assert all(len(line) <= 60 for line in text.split("\n\n")[0].split("\n"))
    assert text.count("\nplain ") == 2


@pytest.mark.parametrize(
    ("task", "scores", "shown"),
    [
        (
            OrdinalScalar(GradeScale([0, 1])),
            ("qwk", "mae", "macro_mae", "accuracy"),
            ["qwk", "mae", "macro_mae", "accuracy"],
        ),
        (Multilabel(["x"]), ("mean_ap", "mean_auc", "accuracy", "nll"), ["mean_ap", "mean_auc", "nll"]),
        (TASK, ("accuracy", "brier", "aurc", "posterior_tv"), ["accuracy", "aurc", "posterior_tv"]),
        (TASK, ("accuracy", "nll", "top5_accuracy"), ["accuracy", "top5_accuracy", "nll"]),
        (TASK, ("nll",), ["nll"]),
    ],
    ids=["grades", "multilabel", "classes", "many classes", "no main score"],
)
def test_which_scores_are_shown(task, scores, shown):
    cells = {Cell("none", seed, "plain"): CellResult(dict.fromkeys(scores, 0.5)) for seed in (0, 1)}
    results = Results(cells, {}, {}, task)
    assert compared_names(results) == shown
    assert results.text()


def test_a_difference_without_an_interval_is_explained_where_there_is_one():
    same = results_of({"plain": [0.80, 0.82, 0.81], "up": [0.84, 0.86, 0.85]}).text()
    assert " +0.040 = " in line_of(same, "up")
    assert "\nNo interval: the difference is the same in every seed.\n" in same
    assert "No interval" not in results_of().text()
    assert "No interval" not in results_of({"plain": [0.8], "up": [0.9]}).text()
    # one seed in common has no interval either, and is the same in none
    assert "No interval" not in results_of({"plain": [0.80, 0.82], "up": [0.84]}).text()


def test_two_seeds_are_told_how_wide_their_intervals_are():
    two = {method: values[:2] for method, values in ACCURACY.items()}
    assert (
        "Intervals of 2 seeds reach 12.7 standard errors to either side; give --seeds 5 or more."
        in results_of(two).text()
    )
    assert "reach 6.3 standard errors" in results_of(two, level=0.9).text()
    three = results_of({method: values[:3] for method, values in ACCURACY.items()}).text()
    assert "standard errors" not in three


def test_it_says_of_which_scores_less_is_better():
    assert "Less is better for NLL, ECE.\n" in results_of().text()
    cells = {Cell("none", s, "plain"): CellResult({"accuracy": 0.5, "classwise_ece": 0.1}) for s in (0, 1)}
    results = Results(cells, {}, {}, TASK)
    assert "Less is better for cw. ECE (classwise ECE).\n" in results.text()
    assert "Less is better for classwise ECE.\n" in results.markdown()
    alone = Results({Cell("none", 0, "plain"): CellResult({"accuracy": 0.5})}, {}, {}, TASK)
    assert "Less is better" not in alone.text()


def test_one_difference_is_one():
    cells = {
        Cell("none", s, m): CellResult({"accuracy": a + s / 10})
        for m, a in (("plain", 0.5), ("up", 0.6))
        for s in (0, 1)
    }
    assert "\n1 difference was judged here" in Results(cells, {}, {}, TASK).text()


def test_entries_are_made_wrong_where_a_row_has_several():
    cells = {
        Cell("symmetric:0.2", s, "slr"): CellResult(
            {"mean_ap": 0.5}, recovery={"share_corrected": 0.5, "share_kept": 1.0}
        )
        for s in (0, 1)
    }
    text = Results(cells, {}, {}, Multilabel(["x"])).text()
    assert text.startswith("20% of entries made wrong (symmetric), 2 seeds\n")
    assert "sugg. right: entries made wrong for which" in text


def test_methods_of_one_reason_are_one_line():
    skipped = {"ohem": "HardExampleMining needs a network", "me": "no room", "swa": "WeightAveraging needs a network"}
    text = results_of(skipped=skipped).text()
    assert text.endswith("\n\nleft out: ohem, swa: they need a network\nleft out: me: no room\n")


def test_the_table_with_all_its_columns_is_not_wider_than_it_was():
    scores = dict.fromkeys(("accuracy", "nll", "ece", "classwise_ece", "aurc"), 0.5)
    cells = {
        Cell("symmetric:0.2", s, method): CellResult(
            scores | {"accuracy": a + s * b},
            recovery={"share_corrected": 0.5, "share_kept": 1.0},
            n_fits=16,
            seconds=12.34,
        )
        for method, a, b in (("plain", 0.5, 0.1), ("confident_learning", 0.6, 0.2))
        for s in (0, 1)
    }
    lines = Results(cells, {}, {}, TASK).text().split("\n\n")[0].split("\n")
    assert max(map(len, lines)) <= 134


def test_nothing_done_is_still_a_text():
    text = Results({}, {Cell("none", 0, "plain"): "no room"}, {}, TASK).text()
    assert "failed: plain, seed 0: no room" in text
    assert Results({}, {}, {}, TASK).text() == "\n"
