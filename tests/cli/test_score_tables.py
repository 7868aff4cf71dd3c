from __future__ import annotations

from softlabel.cli.score_tables import (
    print_generations,
    print_reference,
    print_reference_rounds,
    print_rounds,
    print_test,
    thresholds_line,
)
from softlabel.cli.task_words import words_for

QWK = words_for({"name": "ordinal"})


def _lines(capsys):
    return [line.split() for line in capsys.readouterr().out.splitlines() if line.strip()]


def test_rounds_tell_the_main_score_of_the_task(capsys):
    rounds = [
        {"round": 1, "moved": 2, "oof_qwk": 0.5, "oof_accuracy": 0.9, "guard_qwk": 0.25},
        {"round": 2, "moved": 3, "oof_qwk": None},  # no row could be scored
    ]
    print_rounds(rounds, {"guard_qwk": 0.75}, QWK)
    out = capsys.readouterr().out
    assert "labels moved" in out
    assert "QWK given labels" in out
    assert "QWK guard" in out
    assert "QWK = quadratic weighted kappa of the round's fold models" in out
    rows = [line.split() for line in out.splitlines()]
    assert ["1", "2", "0.500", "0.250"] in rows
    assert ["2", "3", "-", "-"] in rows
    assert ["after", "0.750"] in rows
    assert "after: models that learnt from the last targets" in out


def test_no_rounds_no_table(capsys):
    print_rounds([], {}, QWK)
    assert capsys.readouterr().out == ""


def test_test_scores_at_midpoints_stand_beside_those_of_fitted_thresholds(capsys):
    scores = {"plain": 0.2, "plain_midpoints": 0.1, "final": 0.4, "final_midpoints": 0.3}
    print_test({name: {"qwk": value} for name, value in scores.items()}, "refined labels")
    rows = [" ".join(line) for line in _lines(capsys)]
    assert rows[2:] == [
        "plain model, given labels, thresholds halfway 0.1000",
        "plain model, given labels, thresholds fitted 0.2000",
        "final model, refined labels, thresholds halfway 0.3000",
        "final model, refined labels, thresholds fitted 0.4000",
    ]
    print_test({"plain": {"qwk": 0.5, "nll": 1.0}, "final": {"qwk": 0.5}}, "given labels")
    rows = [" ".join(line) for line in _lines(capsys)]
    assert rows[2:] == ["plain model, given labels 0.5000 1.0000", "final model, given labels 0.5000 -"]


def test_distances_from_the_reference(capsys):
    print_reference({"given": {"kl": 0.5, "cosine": 0.25}, "refined": {"kl": 0.125, "cosine": 0.75}}, 3)
    rows = [" ".join(line) for line in _lines(capsys)]
    assert rows[0] == "distance from the reference kl cosine"
    assert rows[2:] == ["given labels 0.5000 0.2500", "refined targets 0.1250 0.7500"]


def test_thresholds_say_that_they_flatter():
    line = thresholds_line({"fitted": [0.61, 1.5], "oof_qwk_fitted": 0.8, "oof_qwk_midpoints": 0.75})
    assert line.startswith(
        "thresholds between grades: 0.610, 1.500; out of fold they reach a QWK of 0.800, halfway ones 0.750"
    )
    assert "flattered" in line


def test_distances_from_the_reference_round_by_round(capsys):
    rounds = [{"round": r, "oof_qwk": 0.5, "reference_kl": 0.4 / r, "reference_cosine": 0.5} for r in (1, 2)]
    print_reference_rounds({"kl": 0.5, "cosine": 0.25}, rounds)
    rows = [" ".join(line) for line in _lines(capsys)]
    assert rows[0] == "distance from the reference kl cosine"
    told = ["targets after round 1 0.4000 0.5000", "targets after round 2 0.2000 0.5000"]
    assert rows[2:] == ["given labels 0.5000 0.2500", *told]
    print_reference_rounds(None, rounds)  # of a run that is not done
    assert [" ".join(line) for line in _lines(capsys)][2:] == told
    print_reference_rounds(None, [{"round": 1, "oof_qwk": 0.5}])
    assert capsys.readouterr().out == ""


def test_true_labels_are_spoken_of_where_they_are_known(capsys):
    entry = {"round": 1, "moved": 2, "oof_qwk": 0.5}
    print_rounds([entry], {}, QWK)
    assert capsys.readouterr().out.rstrip().endswith("\non given labels out of fold")
    print_rounds([entry | {"recovery": {"share_corrected": 0.5, "share_spoiled": 0.0}}], {}, QWK)
    assert capsys.readouterr().out.rstrip().endswith("\non given and true labels out of fold")


def test_generations_are_a_line_each(capsys):
    first = {"generation": 1, "moved": 3, "in_sample_accuracy": 0.75, "test_accuracy": 0.5, "entropy": 1.0}
    second = {"generation": 2, "moved": 4, "oof_accuracy": 0.25, "test_accuracy": 0.625}
    print_generations([first, second], words_for(None))
    lines = [line.split() for line in capsys.readouterr().out.splitlines() if line.strip()]
    assert lines[0] == [
        *[
            "generation",
            "other",
            "label",
            "than",
            "given",
            "acc.",
            "own",
            "rows",
            "acc.",
            "out",
            "of",
            "fold",
            "acc.",
            "test",
            "entropy",
        ]
    ]
    assert ["1", "3", "0.750", "-", "0.500", "1.000"] in lines
    assert ["2", "4", "-", "0.250", "0.625", "-"] in lines


def test_where_there_are_no_generations_nothing_is_printed(capsys):
    print_generations([], words_for(None))
    assert capsys.readouterr().out == ""
