from __future__ import annotations

import json

import numpy as np
import pytest

from softlabel.cli.noise_summary import Noise, noise_lines, noise_record
from softlabel.methods.wrong_labels import LabelIssues


def noise(matrix, wrong=(1.0, 0.9, 0.1, 0.0), least=2.0, most=2.0):
    wrong = np.array(wrong)
    found = LabelIssues(
        wrong_probability=wrong,
        is_issue=wrong > 0.5,
        label_quality=1 - wrong,
        suggested_label=np.array(list("abab")),
        given_label=np.array(list("aaab")),
        noise_matrix=np.array(matrix),
        noise_rate=0.5,
        classes=np.array(["a", "b"]),
        judged=np.ones(4, dtype=bool),
    )
    return Noise(found, least, most)


def test_lines_for_people():
    lines = noise_lines(noise([[0.75, 0.25], [0.005, 0.995]]))
    assert lines == [
        "estimated: 2 of 4 rows have a wrong label (50.0% of those that a model judged and nobody vouched for)",
        "rows to look at: 2 at a precision of 0.95, 2 at a precision of 0.9, 2 at a precision of 0.75",
        "wrong most often (true -> given): a -> b 25.0%",
    ]
    assert len(noise_lines(noise(np.eye(2)))) == 2


def test_what_labels_and_predictions_cannot_tell_is_said():
    """Half way between two readings of ambiguous rows is no more than that."""
    line = noise_lines(noise(np.eye(2), least=0.6, most=3.4))[1]
    assert (
        "between 1, if whoever labelled knew more than the features show where models are unsure, and 3, if not" in line
    )
    none = noise_lines(noise(np.eye(2), least=0.0, most=3.4))
    assert "no noise by class was found" in none[2]
    assert "rough, as grades are numbers here" in noise_lines(noise(np.eye(2))._replace(as_numbers=True))[1]
    assert noise_record(noise(np.eye(2), least=0.6, most=3.4))["expected_wrong_range"] == [0.6, 3.4]


def test_several_labels_are_missed_or_made_up():
    line = noise_lines(noise([[[0.9, 0.1], [0.25, 0.75]], [[np.nan] * 2] * 2]))[2]
    assert line == "wrong most often (true -> given): a -> no a 25.0%, no a -> a 10.0%"


def test_plain_values_for_machines():
    record = json.loads(
        json.dumps(noise_record(noise([[[0.9, 0.1], [0.25, 0.75]], [[np.nan] * 2] * 2])), allow_nan=False)
    )
    assert record["noise_matrix"][1] == [[None, None], [None, None]]
    assert record["n_issues"] == 2
    assert record["expected_wrong"] == pytest.approx(2.0)
    assert record["thresholds"][0] == {"wanted": 0.95, "threshold": 0.9, "n_rows": 2}
    nobody = noise_record(noise(np.eye(2), wrong=(0.1, 0.1, 0.0, 0.0)))
    assert nobody["thresholds"][0] == {"wanted": 0.95, "threshold": None, "n_rows": 0}


def test_info_tells_it_when_asked(call, finished):
    plain, out = call("info", finished), call("info", finished, "--noise")
    assert (plain[0], out[0]) == (0, 0)
    assert "estimated:" not in plain[1]
    assert out[1].startswith(plain[1])
    assert "of 45 rows have a wrong label" in out[1]
    record = json.loads(call("info", finished, "--noise", "--json")[1])
    assert np.array(record["noise"]["noise_matrix"]).sum(axis=1) == pytest.approx([1, 1, 1])
    least, most = record["noise"]["expected_wrong_range"]
    assert 0 <= least <= most
    assert record["noise"]["expected_wrong"] == pytest.approx((least + most) / 2)  # half way, as the line says
    assert "noise" not in json.loads(call("info", finished, "--json")[1])
