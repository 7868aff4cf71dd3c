"""Results as a table: means, spreads and paired differences of the right seeds."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from made_results import ACCURACY, TASK, results_of
from softlabel.comparison.cells import Cell, CellResult
from softlabel.comparison.results import Results
from softlabel.errors import InputError


def test_a_row_for_each_corruption_and_method_in_the_order_given():
    results = results_of(corruptions=("symmetric:0.2", "none"))
    table = results.table()
    assert table["corruption"].tolist() == ["symmetric:0.2"] * 5 + ["none"] * 5
    assert table["method"].tolist() == list(ACCURACY) * 2
    asked = results_of(methods=("up", "plain"), corruptions=("none",)).table()
    assert asked["method"].tolist() == ["up", "plain"]


def test_numbers_of_the_table_by_hand():
    table = results_of().table().set_index("method")
    for method, values in ACCURACY.items():
        row = table.loc[method]
        assert row["accuracy"] == pytest.approx(np.mean(values))
        assert row["accuracy_sd"] == pytest.approx(np.std(values, ddof=1))
        assert (row["n"], row["accuracy_n"], row["failed"]) == (4, 4, 0)
        assert (row["n_fits"], row["seconds"], row["fit_seconds"]) == (len(method), 1.5, 1.0)
        if method != "plain":
            low, high = stats.ttest_rel(values, ACCURACY["plain"]).confidence_interval() if method != "same" else (0, 0)
            assert row["accuracy_difference"] == pytest.approx(np.mean(values) - np.mean(ACCURACY["plain"]))
            assert (row["accuracy_low"], row["accuracy_high"]) == pytest.approx((low, high))
            assert row["accuracy_pairs"] == 4
    assert table["accuracy_verdict"].drop("plain").tolist() == ["tie", "better", "worse", "tie"]
    assert table["nll_verdict"].drop("plain").tolist() == ["tie", "better", "worse", "tie"]  # less is better there
    assert table["ece_verdict"].drop("plain").tolist() == ["tie"] * 4


def test_the_baseline_has_no_difference_to_itself():
    row = results_of().table().set_index("method").loc["plain"]
    assert row[["accuracy_difference", "accuracy_low", "accuracy_verdict"]].isna().all()
    assert row["accuracy_pairs"] == 0


def test_another_baseline_and_level():
    results = results_of(baseline="up", level=0.5)
    gap = results.difference("none", "plain", "accuracy")
    oracle = stats.ttest_rel(ACCURACY["plain"], ACCURACY["up"]).confidence_interval(0.5)
    assert (gap.low, gap.high) == pytest.approx((oracle.low, oracle.high))
    assert gap.verdict == "worse"
    assert results.difference("none", "up", "accuracy") is None


def test_only_seeds_that_both_have_are_paired():
    whole = results_of()
    cells = {
        cell: result
        for cell, result in whole.cells.items()
        if cell not in (Cell("none", 0, "up"), Cell("none", 3, "plain"))
    }
    failed = {Cell("none", 0, "up"): "no room"}
    results = Results(cells, failed, {}, TASK)
    gap = results.difference("none", "up", "accuracy")
    assert gap.n == 2
    assert gap.mean == pytest.approx(np.mean([0.87 - 0.82, 0.85 - 0.81]))
    assert results.spread("none", "up", "accuracy").mean == pytest.approx(np.mean([0.87, 0.85, 0.86]))
    row = results.table().set_index("method").loc["up"]
    assert (row["n"], row["failed"], row["accuracy_n"], row["accuracy_pairs"]) == (3, 1, 3, 2)
    assert (results.n_done("none", "plain"), results.n_failed("none", "plain")) == (3, 0)


def test_seeds_are_paired_by_their_number_and_not_by_their_place():
    whole = results_of()
    turned = Results(dict(reversed(whole.cells.items())), {}, {}, TASK)
    assert turned.difference("none", "up", "accuracy") == whole.difference("none", "up", "accuracy")
    assert turned.seeds == (0, 1, 2, 3)


def test_a_method_of_which_everything_failed_has_a_row():
    results = results_of({"plain": [0.8, 0.9]}, failures={Cell("none", s, "slr"): "no room" for s in (0, 1)})
    row = results.table().set_index("method").loc["slr"]
    assert (row["n"], row["failed"], row["accuracy_n"]) == (0, 2, 0)
    assert np.isnan(row["accuracy"])
    assert row["accuracy_verdict"] is None or row.isna()["accuracy_verdict"]


def test_one_seed():
    table = results_of({"plain": [0.8], "up": [0.9]}).table().set_index("method")
    assert table.loc["up", "accuracy_verdict"] == "one seed"
    assert table.loc["up", "accuracy_difference"] == pytest.approx(0.1)
    assert table["accuracy_sd"].isna().all()


def test_the_main_score_comes_first_and_costs_last():
    results = Results({Cell("none", 0, "plain"): CellResult({"nll": 1.0, "accuracy": 0.5}, n_fits=3)}, {}, {}, TASK)
    assert results.names == ("accuracy", "nll", "n_fits", "seconds", "fit_seconds")


def test_recovery_reference_and_extras_are_columns():
    cells = {
        Cell("pair:0.2", seed, method): CellResult(
            {"accuracy": 0.5},
            recovery=None if method == "plain" else {"share_corrected": 0.5 + seed, "share_kept": 1.0, "n_wrong": 7},
            reference={"kl": 0.5 - (0.1 + 0.003 * seed) * (method == "slr")},
            extra={"posterior_tv": 0.2, "charm": 3.0},
        )
        for seed in (0, 1)
        for method in ("plain", "slr")
    }
    table = Results(cells, {}, {}, TASK).table().set_index("method")
    assert table.loc["slr", "share_corrected"] == 1.0
    assert table.loc["slr", "recovery_n_wrong"] == 7
    assert np.isnan(table.loc["plain", "share_corrected"])
    assert table.loc["slr", "share_corrected_pairs"] == 0  # plain suggests nothing
    assert table.loc["slr", "reference_kl_verdict"] == "better"  # less of a distance is better
    assert table.loc["slr", "posterior_tv_verdict"] == "tie"
    assert "charm_verdict" not in table  # who knows which way it is better
    assert table.loc["slr", "charm"] == 3.0
    assert "n_fits_verdict" not in table


def test_who_is_ahead_of_all():
    assert results_of().ahead_of_all("none") == "up"
    close = {"plain": [0.5, 0.51, 0.52], "up": [0.8, 0.82, 0.81], "also": [0.81, 0.81, 0.81]}
    assert results_of(close).ahead_of_all("none") is None
    assert results_of({"plain": [0.5, 0.6]}).ahead_of_all("none") is None  # of one method nobody is ahead
    assert results_of({"plain": [0.5], "up": [0.9]}).ahead_of_all("none") is None  # one seed decides nothing


def test_how_many_differences_chance_could_mark():
    results = results_of(corruptions=("none", "pair:0.1"))
    # 4 methods beside plain, one of them identical; the ECE is the same everywhere
    assert results.decidable(["accuracy", "nll", "ece"]) == 2 * 3 * 2
    assert results.decidable(["n_fits"]) == 0


def test_nothing_done_is_an_empty_table():
    results = Results({}, {}, {"swa": "needs a network"}, TASK)
    assert len(results.table()) == 0
    assert (results.methods, results.seeds, results.names) == ((), (), ())


def test_a_level_in_percent_is_refused():
    with pytest.raises(InputError, match="level is 95"):
        results_of(level=95)


def test_results_are_not_changed_by_asking():
    results = results_of()
    before = dict(results.cells)
    results.table(), results.text(), results.markdown(), results.ahead_of_all("none")
    assert results.cells == before
