"""Rounds and given labels together: who is truly what."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from softlabel.errors import InputError
from softlabel.targets.class_chances import true_class_chances
from softlabel.targets.judged_labels import judge_by, judge_labels, mean_round
from softlabel.targets.noise_estimate import estimate_noise
from softlabel.targets.wrong_chance import after_label, wrong_chance

T = np.full((3, 3), 0.15) + 0.55 * np.eye(3)


def rounds(n_per_class=200, seed=0, spreads=(8.0, 40.0)):
    """Return predictions of a first round and of a later, surer one, and true and given labels."""
    random = np.random.default_rng(seed)
    true = np.repeat(np.arange(3), n_per_class)
    first, later = (np.array([random.dirichlet(s * T[c] + 0.3) for c in true]) for s in spreads)  # (n, k) each
    given = np.array([random.choice(3, p=T[c]) for c in true])
    return first, later, true, given


def test_later_rounds_rank_and_the_first_says_how_much_noise_there_is():
    first, later, true, given = rounds()
    joined = (first + later) / 2
    found = judge_labels(first, joined, given, ambiguity=0.0)
    assert_array_equal(found.noise.matrix, estimate_noise(first, given).matrix)
    expected = after_label(
        true_class_chances(joined, found.noise.matrix, found.noise.powers), given, found.noise.matrix
    )
    assert_allclose(found.chances, expected)
    alone = judge_labels(first, first, given, ambiguity=0.0)
    assert (found.chances.argmax(axis=1) == true).mean() > (alone.chances.argmax(axis=1) == true).mean() + 0.05


def test_with_the_matrix_known_nothing_is_estimated():
    first, later, _, given = rounds()
    whole = judge_labels(first, later, given, ambiguity=0.3)
    known = judge_by(whole.noise.matrix, later, given, ambiguity=0.3)
    assert_array_equal(known.chances, whole.chances)
    assert known.noise.powers == whole.noise.powers
    assert_array_equal(judge_by(T, later, given).noise.matrix, T)


def test_chances_of_being_wrong_are_calibrated():
    first, later, true, given = rounds(n_per_class=700, spreads=(4.0, 8.0))
    wrong = wrong_chance(judge_labels(first, (first + later) / 2, given, ambiguity=0.0).chances, given)
    truly = given != true
    assert wrong.sum() == pytest.approx(truly.sum(), rel=0.1)
    for low, high in ((0.0, 0.2), (0.2, 0.8), (0.8, 1.0)):
        rows = (wrong >= low) & (wrong <= high)
        assert rows.sum() > 50
        assert wrong[rows].mean() == pytest.approx(truly[rows].mean(), abs=0.1)


@pytest.mark.parametrize("ambiguity", [0.0, 0.5, 1.0])
def test_rows_that_nobody_predicted_are_as_wrong_as_others_of_their_label(ambiguity):
    first, later, _, given = rounds()
    first[0] = later[0] = np.nan
    later[1, given[1]] = np.nan  # a model that does not know the class
    trusted = np.arange(len(given)) % 5 == 4  # which say nothing of others
    found = judge_labels(first, later, given, trusted=trusted, ambiguity=ambiguity)
    assert_array_equal(np.flatnonzero(~found.judged), [0, 1])
    for row in (0, 1):
        alike = found.judged & ~trusted & (given == given[row])
        assert_allclose(found.chances[row], found.chances[alike].mean(axis=0))


@pytest.mark.parametrize("ambiguity", [0.0, 0.5, 1.0])
def test_of_a_label_that_nobody_judged_the_noise_of_its_class_is_said(ambiguity):
    first, later, _, given = rounds()
    rare = given == 2
    first[rare] = later[rare] = np.nan
    found = judge_labels(first, later, given, ambiguity=ambiguity)
    before = true_class_chances(later[~rare], found.noise.matrix, found.noise.powers).mean(axis=0, keepdims=True)
    assert_allclose(found.chances[rare][:1], after_label(before, given[rare][:1], found.noise.matrix))
    assert np.isfinite(found.chances).all()


def test_trusted_rows_are_what_they_were_given_as():
    first, later, true, given = rounds()
    trusted = np.zeros(len(given), dtype=bool)
    trusted[::5] = True
    given = np.where(trusted, true, given)
    chances = judge_labels(first, later, given, trusted=trusted).chances
    assert_array_equal(chances[trusted], np.eye(3)[true[trusted]])
    assert (chances[~trusted].max(axis=1) < 1).all()


def test_the_two_readings_of_ambiguous_rows_are_mixed():
    first, later, _, given = rounds()
    right, wrong, both = (judge_labels(first, later, given, ambiguity=r) for r in (0.0, 1.0, 0.25))
    assert_allclose(both.chances, 0.75 * right.chances + 0.25 * wrong.chances)
    assert_allclose(wrong.chances, true_class_chances(later, wrong.noise.matrix, wrong.noise.powers))
    for odd in (-0.1, 1.1, float("nan"), "0.5", True):
        with pytest.raises(InputError, match=r"ambiguity=.*; give the chance that labels of ambiguous rows are wrong"):
            judge_labels(first, later, given, ambiguity=odd)
        with pytest.raises(InputError, match=r"ambiguity=.*; give the chance"):
            judge_by(T, later, given, ambiguity=odd)


def test_labels_that_neighbours_have_are_wrong_or_ambiguous_by_choice():
    # Half the rows lie between the classes, and models and labels agree on how often each label is given there.
    random = np.random.default_rng(0)
    share = np.concatenate([np.repeat(0.8, 200), np.repeat([0.0, 1.0], 100)])
    q = np.column_stack([share, 1 - share])
    given = (random.uniform(size=400) > share).astype(int)
    rare = (share == 0.8) & (given == 1)
    by_reading = [wrong_chance(judge_labels(q, q, given, ambiguity=r).chances, given)[rare].mean() for r in (0.0, 1.0)]
    assert by_reading[0] < 0.1
    assert by_reading[1] == pytest.approx(0.8, abs=0.08)


def test_what_cannot_be_judged_is_refused():
    nothing = np.full((2, 2), np.nan)
    with pytest.raises(InputError, match="no row was predicted by a model that knows its given label"):
        judge_labels(nothing, nothing, [0, 1])
    with pytest.raises(InputError, match=r"joined: has shape \(1, 2\) and first \(2, 2\)"):
        judge_labels(np.ones((2, 2)), np.ones((1, 2)), [0, 1])


def test_the_mean_round_takes_what_is_known():
    some = np.array([[[0.2, 0.8], [np.nan, np.nan]], [[0.4, np.nan], [np.nan, np.nan]]])
    assert_allclose(mean_round(some), [[0.3, 0.8], [np.nan, np.nan]])
