from __future__ import annotations

import pytest

from softlabel.cli.wording import (
    choice_line,
    count,
    counted,
    distance_text,
    rows_text,
    score_text,
    share_text,
    time_text,
)


def test_one_is_singular():
    assert [count(n, "round") for n in (0, 1, 2)] == ["0 rounds", "1 round", "2 rounds"]


def test_a_score_that_is_not_there_is_a_dash():
    assert score_text({"a": 0.12345}, "a") == "0.123"
    assert score_text({"a": None}, "a") == score_text({}, "a") == "-"


def test_rows_are_told_by_what_they_are():
    assert rows_text(1, 4, None) == "1 row, 4 features"
    assert rows_text(3, None, None) == "3 rows, features of any kind"
    assert rows_text(400, 4608, [32, 48, 3]) == "400 images of 48 x 32, 3 colours"
    assert rows_text(1, 64, (8, 8, 1)) == "1 image of 8 x 8, 1 colour"
    assert rows_text(5, 12, None, texts=True) == "5 texts, 12 features"
    assert rows_text(1, None, None, texts=True) == "1 text"


def test_shares_are_percentages():
    assert (share_text(0.125), share_text(None)) == ("12.5%", "-")


def test_one_of_what_is_named_in_the_plural():
    assert [counted(n, "labels") for n in (0, 1, 2)] == ["0 labels", "1 label", "2 labels"]
    assert [counted(n, "entries") for n in (1, 2)] == ["1 entry", "2 entries"]


def test_the_distance_from_a_reference_is_the_main_one():
    assert distance_text({"oof_accuracy": 0.5}) == ""
    assert distance_text({"reference_chebyshev": 0.5, "reference_kl": 0.25}) == "; KL to the reference 0.250"
    assert distance_text({"reference_mae": 0.125}) == "; MAE to the reference 0.125"


def test_times_are_told_in_the_largest_unit_that_says_enough():
    assert [time_text(seconds) for seconds in (0.4, 89, 91, 5399, 5400, 90000)] == [
        *("0 s", "89 s", "2 min", "90 min", "1.5 h", "25.0 h"),
    ]


def _choice(name, n_scored=1500):
    """As metrics.json has it: two candidates, the second ahead."""
    found = [("given", 0.0, 0.0), ("pruned by bayes", 0.0213, 0.0049), ("pruned by momentum 0", -0.01, 0.0028)]
    candidates = [{"name": of, "expected": gain, "expected_error": error} for of, gain, error in found]
    return {"name": name, "reason": "so it is", "n_scored": n_scored, "candidates": candidates}


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("given", "choice: the given labels; so it is (1,500 rows scored)"),
        ("pruned by bayes", "choice: so it is (1,500 rows scored; expected on right labels: +0.021 +- 0.005)"),
        ("pruned by momentum 0", "choice: so it is (1,500 rows scored; expected on right labels: -0.010 +- 0.003)"),
    ],
)
def test_a_choice_is_told_with_its_reason_and_what_it_is_to_bring(name, line):
    assert choice_line(_choice(name)) == line
    assert choice_line(_choice(name, n_scored=60)) == line.replace("1,500", "60")
    assert choice_line(_choice(name, n_scored=1)) == line.replace("1,500 rows", "1 row")


def test_a_choice_says_that_probabilities_are_softened():
    softened = choice_line(_choice("pruned by bayes") | {"temperature": 5.321})
    assert softened.endswith(
        "+0.021 +- 0.005; its models are too sure: probabilities are softened by a temperature of 5.3)"
    )
    assert choice_line(_choice("given") | {"temperature": 1.0}) == choice_line(_choice("given"))


def test_columns_of_a_source_are_called_so():
    assert rows_text(3, 4, None, what="columns") == "3 rows, 4 columns"
    assert rows_text(3, 1, None) == "3 rows, 1 feature"
