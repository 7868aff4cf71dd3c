"""What "auto" chose, held against what each plan came to."""

from __future__ import annotations

from made_cells import rows_of

CASES = {
    ("a", "none", "l"): {"plain": (0.90,), "bayes": (0.88,), "momentum0": (0.50,), "auto": (0.90,)},
    ("b", "none", "l"): {"plain": (0.90,), "bayes": (0.92,), "momentum0": (0.50,), "auto": (0.90,)},  # .02 lost
    ("a", "pair:0.4", "l"): {"plain": (0.60, 0.6), "bayes": (0.80, 0.8), "momentum0": (0.70, 0.7), "auto": (0.80,)},
    ("c", "pair:0.4", "l"): {"plain": (0.60,), "auto": (0.80,)},  # says nothing
}


def test_what_a_choice_loses_against_the_best_plan(suite):
    text = suite.choices.agreement(suite.aims.by_case(rows_of(CASES)))
    assert "| none | 0.9000 | 0.9000 | 0.5000 | 0.9000 | 0.9100 | 0.0100 | 0.0100 | 50% | 2 |" in text
    assert "| pair:0.4 | 0.6000 | 0.8000 | 0.7000 | 0.8000 | 0.8000 | 0.0000 | 0.2000 | 100% | 1 |" in text
    assert "| all | 0.8000 | 0.8667 | 0.5667 | 0.8667 | 0.8733 | 0.0067 | 0.0733 | 67% | 3 |" in text
    assert "Most was lost in b none l, seed 0: 0.0200;" in text


def test_nothing_is_said_where_a_plan_is_missing(suite):
    assert (
        suite.choices.agreement(suite.aims.by_case(rows_of({("a", "none", "l"): {"plain": (1.0,), "auto": (1.0,)}})))
        == ""
    )


def test_a_plan_by_itself_has_short_teachers_where_auto_would(suite):
    from softlabel.methods.plans import SHORT

    linear, boosting = suite.sets.learner("linear"), suite.sets.learner("boosting")
    bayes = suite.methods.METHODS["bayes"]
    assert bayes.make(boosting, 0, **bayes.settings).teacher_budget == SHORT
    assert bayes.make(linear, 0, **bayes.settings).teacher_budget is None
