from __future__ import annotations

from softlabel.cli.wording import count, score_text


def test_one_is_singular():
    assert [count(n, "round") for n in (0, 1, 2)] == ["0 rounds", "1 round", "2 rounds"]


def test_a_score_that_is_not_there_is_a_dash():
    assert score_text({"a": 0.12345}, "a") == "0.123"
    assert score_text({"a": None}, "a") == score_text({}, "a") == "-"
