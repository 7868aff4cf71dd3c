"""Every kind of label is judged: classes, grades in both views, several labels."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from softlabel.errors import InputError
from softlabel.methods import issue_finding
from softlabel.methods.issue_finding import as_rounds, issues_of, task_of_labels
from softlabel.targets.grade_chances import grade_chances
from softlabel.targets.judged_labels import Judged, judge_labels, mean_round
from softlabel.targets.noise_estimate import NoiseEstimate
from softlabel.targets.wrong_chance import likeliest, wrong_chance
from softlabel.tasks import Multiclass, Multilabel, Ordinal


def classes(n=300, k=3, seed=0):
    """Return two rounds of predictions (2, n, k), true and given codes; a fifth is wrong."""
    random = np.random.default_rng(seed)
    true = np.arange(n) % k
    rounds = np.array([[random.dirichlet(9.0 * np.eye(k)[c] + 1.0) for c in true] for _ in range(2)])
    given = true.copy()
    wrong = random.permutation(n)[: n // 5]
    given[wrong] = (true[wrong] + random.integers(1, k, len(wrong))) % k
    return rounds, true, given


def test_classes_are_judged_by_the_first_round_and_the_mean():
    rounds, true, given = classes()
    found = issues_of(Multiclass(["a", "b", "c"]), given, rounds)
    alone = judge_labels(rounds[0], mean_round(rounds), given)
    assert_array_equal(found.wrong_probability, wrong_chance(alone.chances, given))
    assert_array_equal(found.noise_matrix, alone.noise.matrix)
    assert_allclose(found.label_quality, 1 - found.wrong_probability)
    assert found.given_label.tolist() == ["abc"[c] for c in given]
    assert_array_equal(found.is_issue, likeliest(found.wrong_probability))
    assert (found.is_issue == (given != true)).mean() > 0.95
    assert found.noise_rate == pytest.approx(0.2, abs=0.05)
    assert found.expected_wrong == pytest.approx(60, abs=15)
    # What is suggested is another label exactly for issues.
    assert_array_equal(found.suggested_label != found.given_label, found.is_issue)
    right = found.suggested_label == np.array(list("abc"))[true]
    assert right.mean() > 0.95


def test_plain_rounds_estimate_the_noise_together():
    rounds, _, given = classes()
    task = Multiclass(["a", "b", "c"])
    both = issues_of(task, given, rounds, plain_rounds=2)
    assert_array_equal(both.noise_matrix, judge_labels(rounds.mean(axis=0), rounds.mean(axis=0), given).noise.matrix)
    for odd in (0, 3, True, 1.0):
        with pytest.raises(InputError, match=f"plain_rounds={odd!r}; give how many of the 2 rounds"):
            issues_of(task, given, rounds, plain_rounds=odd)


def test_trusted_rows_are_right_and_not_counted():
    rounds, true, given = classes()
    trusted = np.arange(300) < 100
    given = np.where(trusted, true, given)
    found = issues_of(Multiclass(["a", "b", "c"]), given, rounds, trusted=trusted)
    assert (found.wrong_probability[trusted] == 0).all()
    assert found.noise_rate == pytest.approx(found.wrong_probability[~trusted].mean())


def test_grades_as_distributions_weigh_how_far_they_are_off():
    rounds, _, given = classes(k=4)
    task = Ordinal.from_labels(range(4), view="distribution")
    found = issues_of(task, given, rounds)
    chances = judge_labels(rounds[0], mean_round(rounds), given).chances
    expected = 1 - (chances * np.abs(np.arange(4) - given[:, None])).sum(axis=1) / 3
    assert_allclose(found.label_quality, expected)
    assert_allclose(found.wrong_probability, wrong_chance(chances, given))


def test_grades_as_numbers_become_distributions():
    random = np.random.default_rng(0)
    true = np.arange(400) % 4
    grades = (true + random.normal(0, 0.2, (2, 400)))[..., None]  # (R, n, 1)
    given = true.copy()
    given[::10] = (true[::10] + 2) % 4
    found = issues_of(Ordinal.from_labels(range(4)), given, grades)
    q = [grade_chances(one, given, range(4)) for one in (grades[0], grades.mean(axis=0))]
    assert_allclose(found.wrong_probability, wrong_chance(judge_labels(*q, given).chances, given))
    assert (found.is_issue == (given != true)).mean() > 0.98
    assert found.noise_matrix.shape == (4, 4)
    assert found.suggested_label[::10].tolist() == true[::10].tolist()


def several(n=600, seed=0):
    random = np.random.default_rng(seed)
    true = (random.uniform(size=(n, 3)) < [0.5, 0.3, 0.1]).astype(int)  # (n, k)
    rounds = random.beta(1 + 9 * true, 1 + 9 * (1 - true), size=(2, n, 3))
    given = true.copy()
    missed = (random.uniform(size=true.shape) < 0.2) & (true == 1)
    given[missed] = 0
    return rounds, true, given


def test_several_labels_are_judged_one_by_one():
    rounds, true, given = several()
    found = issues_of(Multilabel(["x", "y", "z"]), given, rounds)
    entries = found.entry_wrong_probability
    first = np.column_stack([1 - rounds[0, :, 1], rounds[0, :, 1]])
    joined = np.column_stack([1 - rounds.mean(axis=0)[:, 1], rounds.mean(axis=0)[:, 1]])
    assert_allclose(entries[:, 1], wrong_chance(judge_labels(first, joined, given[:, 1]).chances, given[:, 1]))
    assert_allclose(found.wrong_probability, 1 - np.prod(1 - entries, axis=1), atol=1e-12)
    assert_allclose(found.label_quality, 1 - entries.max(axis=1))
    # Labels that are there are left out, none is made up.
    assert found.noise_matrix.shape == (3, 2, 2)
    assert_allclose(found.noise_matrix[:2, 1, 0], 0.2, atol=0.08)
    assert (found.noise_matrix[:, 0, 1] < 0.03).all()
    assert ((entries > 0.5) == (given != true)).mean() > 0.97
    assert_array_equal(found.suggested_label != found.given_label, found.is_issue)


def test_a_label_that_all_rows_have_says_nothing():
    rounds, _, given = several()
    rounds[:, :, 2], given[:, 2] = np.nan, 1
    found = issues_of(Multilabel(["x", "y", "z"]), given, rounds)
    assert (found.entry_wrong_probability[:, 2] == 0).all()
    assert np.isnan(found.noise_matrix[2]).all()
    with pytest.raises(InputError, match="no entry was predicted"):
        issues_of(Multilabel(["x", "y", "z"]), given, np.full_like(rounds, np.nan))


def test_the_most_doubtful_entry_of_a_row_that_is_wrong_as_a_whole_is_changed():
    rounds, _, given = several(n=900)
    found = issues_of(Multilabel(["x", "y", "z"]), given, np.clip(rounds, 0.25, 0.75))
    entries = found.entry_wrong_probability
    unsure = found.is_issue & (entries.max(axis=1) <= 0.5)
    for row in np.flatnonzero(unsure):
        assert found.suggested_label[row] != found.given_label[row]
    assert_array_equal(found.suggested_label != found.given_label, found.is_issue)


def test_forms_of_predictions():
    task = Multiclass(["a", "b"])
    p = np.array([[0.25, 0.75], [1.0, 0.0], [0.5, 0.5]])
    assert as_rounds(p, task, 3).shape == (1, 3, 2)
    assert as_rounds([p, p], task, 3).shape == as_rounds(np.stack([p, p]), task, 3).shape == (2, 3, 2)
    grades = Ordinal.from_labels([0, 1, 2])
    for form in ([0.0, 1.0, 2.5], [[0.0], [1.0], [2.5]], [[[0.0], [1.0], [2.5]]]):
        assert as_rounds(form, grades, 3).tolist() == [[[0.0], [1.0], [2.0]]]  # brought to the ends of the scale
    assert as_rounds([[0.0, 1.0, 2.0]] * 4, grades, 3).shape == (4, 3, 1)


def test_what_nobody_knows_stays_unknown():
    p = np.array([[0.25, 0.75], [np.nan, np.nan], [1.0, np.nan]])
    assert_array_equal(as_rounds(p, Multiclass(["a", "b"]), 3)[0], p)


@pytest.mark.parametrize(
    ("oof", "message"),
    [
        (np.ones((3, 3)) / 3, r"shape \(3, 3\); give \(3, 2\) predictions.*y has 2 classes; name more by task="),
        (np.ones((2, 2)) / 2, r"oof_proba has shape \(2, 2\); give \(3, 2\)"),
        (np.ones(3), r"oof_proba has shape \(3,\)"),
        ([np.ones((3, 2)), np.ones((2, 2))], "its rounds differ in shape"),
        (np.ones((3, 2)), "oof_proba, round 1: row 0 sums to 2"),
        ([np.ones((3, 2)) / 2, -np.ones((3, 2))], "oof_proba, round 2: row 0 has the negative value"),
    ],
    ids=["classes", "rows", "one dimension", "ragged", "sums", "second round"],
)
def test_odd_predictions_are_refused(oof, message):
    with pytest.raises(InputError, match=message) as caught:
        as_rounds(oof, Multiclass(["a", "b"]), 3)
    assert "\n" not in str(caught.value)


def test_grades_take_the_view_of_their_predictions():
    y = np.array([0, 1, 2, 2])
    assert task_of_labels("ordinal", y, np.zeros(4)).kind == "scalar"
    assert task_of_labels("ordinal", y, np.zeros((2, 4, 1))).kind == "scalar"
    assert task_of_labels("ordinal", y, np.zeros((4, 3))).kind == "distribution"
    assert task_of_labels(None, y, np.zeros((4, 3))).name == "multiclass"
    assert task_of_labels(None, np.eye(2), np.zeros((2, 2))).name == "multilabel"


def test_a_row_that_is_no_issue_keeps_its_labels(monkeypatch):
    wrong = np.array([0.65, 0.64, 0.63, 0.62])  # two or three of four are wrong: 2.54
    codes = np.array([[0], [0], [1], [1]])
    chances = np.where(np.eye(2)[codes[:, 0]] == 1, 1 - wrong[:, None], wrong[:, None])  # (n, 2)
    noise = NoiseEstimate(np.eye(2), (1.0, 0.0), 0.0)
    monkeypatch.setattr(issue_finding, "judge_labels", lambda *_, **__: Judged(chances, noise, np.ones(4, dtype=bool)))
    found = issues_of(Multilabel(["x"]), codes, np.full((1, 4, 1), 0.5))
    assert found.is_issue.tolist() == [True, True, True, False]
    assert found.suggested_label.tolist() == ["x", "x", "", "x"]


def test_a_label_that_only_rows_of_trust_judge_says_nothing():
    rounds, _, given = several()
    trusted = np.arange(600) < 30
    rounds[:, 30:, 2] = np.nan
    found = issues_of(Multilabel(["x", "y", "z"]), given, rounds, trusted=trusted)
    assert (found.entry_wrong_probability[:, 2] == 0).all()
    assert np.isnan(found.noise_matrix[2]).all()
    assert not np.isnan(found.noise_matrix[:2]).any()
    assert not np.signbit(found.wrong_probability).any()


def test_columns_that_bear_the_names_of_classes_may_stand_in_any_order():
    task = Multiclass(["a", "b"])
    p = np.array([[0.25, 0.75], [1.0, 0.0], [0.5, 0.5]])
    turned = pd.DataFrame(p[:, ::-1], columns=["b", "a"])
    assert_array_equal(as_rounds(turned, task, 3)[0], p)
    assert_array_equal(as_rounds([turned, p], task, 3), [p, p])
    assert_array_equal(as_rounds(pd.DataFrame(p), task, 3)[0], p)  # called 0 and 1
    assert_array_equal(as_rounds(pd.DataFrame(p, columns=["b", "c"]), task, 3)[0], p)
    assert_array_equal(as_rounds(pd.DataFrame(p[:, ::-1], columns=[2, 1]), Multiclass([1, 2]), 3)[0], p)
    assert_array_equal(
        as_rounds(pd.DataFrame(p[:, ::-1], columns=["2", "1"]), Multiclass([1, 2]), 3)[0], p
    )  # read from a file


def test_numbers_that_pandas_gave_to_columns_are_no_names():
    """Eleven classes called "0" to "10" stand as 0, 1, 10, 2, ..., and the columns 0 to 10 as they are."""
    task = Multiclass([str(number) for number in range(11)])
    p = np.random.default_rng(0).dirichlet(np.ones(11), size=4)
    assert_allclose(as_rounds(pd.DataFrame(p), task, 4)[0], p, rtol=1e-6)


def test_rounds_are_counted_by_any_whole_number():
    rounds, _, given = several()
    task = Multilabel(["x", "y", "z"])
    assert issues_of(task, given, rounds, plain_rounds=np.int64(2)).noise_rate > 0
    for odd in (0, 3, 1.0, True, None):
        with pytest.raises(InputError, match=r"plain_rounds=.*how many of the 2 rounds"):
            issues_of(task, given, rounds, plain_rounds=odd)


@pytest.mark.parametrize("odd", [None, "0.5", True, -0.1, np.nan])
def test_ambiguity_is_a_chance(odd):
    rounds, _, given = several()
    with pytest.raises(InputError, match=r"ambiguity=.*; give the chance that labels of ambiguous rows are wrong"):
        issues_of(Multilabel(["x", "y", "z"]), given, rounds, ambiguity=odd)
