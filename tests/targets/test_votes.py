from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from softlabel.errors import InputError
from softlabel.targets.votes import dawid_skene, dawid_skene_counts, vote_shares


def generated(seed, n=300, confusion=None, prior=(0.5, 0.3, 0.2), share=1.0):
    """Votes of annotators with known confusion (a, k, k): truth (n,), and row, annotator and label of each vote."""
    rng = np.random.default_rng(seed)
    truth = rng.choice(len(prior), n, p=prior)  # (n,)
    row, annotator = (axis.ravel() for axis in np.meshgrid(np.arange(n), np.arange(len(confusion)), indexing="ij"))
    chances = confusion[annotator, truth[row]].cumsum(axis=1)  # (v, k)
    label = (rng.random((len(row), 1)) > chances).sum(axis=1)  # (v,)
    kept = (rng.random(len(row)) < share) | (annotator == 0)  # all rows have a vote
    return truth, row[kept], annotator[kept], label[kept]


def mostly(right, k=3):
    return np.full((k, k), (1 - right) / (k - 1)) + np.eye(k) * (right - (1 - right) / (k - 1))


UNEQUAL = np.stack([mostly(0.9), mostly(0.85), mostly(0.4), mostly(0.4), np.roll(mostly(0.8), 1, axis=1)])


def counted(row, label, n=300, k=3):
    counts = np.zeros((n, k))
    np.add.at(counts, (row, label), 1)
    return counts


def test_shares():
    shares = vote_shares([[3, 1, 0], [0, 0, 2]])
    assert shares.dtype == np.float32
    assert shares.tolist() == [[0.75, 0.25, 0], [0, 0, 1]]


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        ([[1, 0], [0, 0], [0, 0]], "2 of 3 rows have no votes .the first is row 1.; leave these rows out"),
        ([[1, -1]], "negative"),
        ([[1, np.nan]], "missing"),
        ([1, 2], r"shape \(2,\)"),
        ([[1], [2]], r"shape \(2, 1\)"),
        ([["a", "b"]], "no numbers"),
    ],
)
def test_votes_that_are_none(counts, message):
    for function in (vote_shares, dawid_skene_counts):
        with pytest.raises(InputError, match=message) as caught:
            function(counts)
        assert "\n" not in str(caught.value)


def test_annotators_who_are_never_wrong_give_one_hot_rows():
    truth, row, annotator, label = generated(0, confusion=np.stack([np.eye(3)] * 4))
    found = dawid_skene(row, annotator, label, 300, 3)
    np.testing.assert_allclose(found.posterior, np.eye(3)[truth], atol=1e-4)
    np.testing.assert_allclose(found.prior, np.bincount(truth) / 300, atol=1e-4)
    exact = dawid_skene(row, annotator, label, 300, 3, smoothing=0)
    np.testing.assert_array_equal(exact.posterior, np.eye(3)[truth])
    np.testing.assert_array_equal(exact.confusion, np.stack([np.eye(3)] * 4))


@pytest.mark.parametrize("seed", range(3))
def test_truth_is_recovered_better_than_by_shares_and_error_rates_are_found(seed):
    truth, row, annotator, label = generated(seed, confusion=UNEQUAL)
    found = dawid_skene(row, annotator, label, 300, 3)
    by_share = np.mean(vote_shares(counted(row, label)).argmax(axis=1) == truth)
    by_model = np.mean(found.posterior.argmax(axis=1) == truth)
    assert by_model > by_share + 0.03
    np.testing.assert_allclose(found.confusion, UNEQUAL, atol=0.17)
    assert np.abs(found.confusion - UNEQUAL).mean() < 0.05
    np.testing.assert_allclose(found.posterior.sum(axis=1), 1)
    np.testing.assert_allclose(found.confusion.sum(axis=2), 1)


def test_one_pass_by_hand():
    # Two rows, two annotators: both say 0 on row 0; on row 1 they disagree. Without smoothing, from the shares:
    # prior (.75, .25); annotator 0 says 0 on both rows; annotator 1 says 0 given 0 with 1/1.5, and 1 given 1 always.
    found = dawid_skene([0, 0, 1, 1], [0, 1, 0, 1], [0, 0, 0, 1], 2, 2, smoothing=0, max_iterations=1)
    np.testing.assert_allclose(found.prior, [0.75, 0.25])
    np.testing.assert_allclose(found.confusion[0], [[1, 0], [1, 0]])
    np.testing.assert_allclose(found.confusion[1], [[2 / 3, 1 / 3], [0, 1]])
    # row 0: .75 * 1 * 2/3 against .25 * 1 * 0; row 1: .75 * 1 * 1/3 against .25 * 1 * 1
    np.testing.assert_allclose(found.posterior, [[1, 0], [0.5, 0.5]], atol=1e-12)
    np.testing.assert_allclose(found.objective, [np.log(0.5) + np.log(0.5)])


def test_credit_is_what_is_promised():
    found = dawid_skene([0, 1], [0, 0], [0, 1], 2, 2, smoothing=2.0, max_iterations=1)
    # each true class: one vote, and a credit of 2: one on the right answer, a half on each
    np.testing.assert_allclose(found.confusion[0], [[2.5 / 3, 0.5 / 3], [0.5 / 3, 2.5 / 3]])


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 4), st.integers(1, 5), st.sampled_from([0.0, 0.1, 1.0, 5.0]))
def test_the_objective_never_falls(seed, k, n_annotators, smoothing):
    rng = np.random.default_rng(seed)
    n = 12
    row = np.r_[np.arange(n), rng.integers(0, n, 20)]
    annotator = rng.integers(0, n_annotators, len(row))
    label = rng.integers(0, k, len(row))
    found = dawid_skene(row, annotator, label, n, k, smoothing=smoothing, tolerance=0, max_iterations=30)
    assert len(found.objective) == found.n_iterations
    assert (np.diff(found.objective) >= -1e-7 * np.abs(found.objective[:-1])).all()
    assert np.isfinite(found.posterior).all()
    np.testing.assert_allclose(found.posterior.sum(axis=1), 1)


def test_counts_are_one_annotator_who_gave_all_votes():
    _, row, _, label = generated(1, confusion=UNEQUAL)
    one = dawid_skene(row, np.zeros_like(row), label, 300, 3)
    counts = dawid_skene_counts(counted(row, label))
    np.testing.assert_allclose(counts.posterior, one.posterior, atol=1e-9)
    assert counts.confusion.shape == (1, 3, 3)


def test_counts_of_equal_annotators_are_sharper_than_their_shares():
    truth, row, _, label = generated(2, confusion=np.stack([mostly(0.7)] * 5))
    found = dawid_skene_counts(counted(row, label))
    nll = lambda rows: -np.log(np.clip(rows[np.arange(300), truth], 1e-6, None)).mean()  # noqa: E731
    assert nll(found.posterior) < nll(vote_shares(counted(row, label)).astype(float))
    np.testing.assert_allclose(found.confusion[0], mostly(0.7), atol=0.1)


def test_classes_are_columns_and_rows_are_rows():
    _, row, annotator, label = generated(3, n=40, confusion=UNEQUAL)
    found = dawid_skene(row, annotator, label, 40, 3)
    order = np.random.default_rng(0).permutation(40)
    np.testing.assert_allclose(dawid_skene(order[row], annotator, label, 40, 3).posterior[order], found.posterior)
    classes = np.array([2, 0, 1])
    turned = dawid_skene(row, annotator, classes[label], 40, 3).posterior
    np.testing.assert_allclose(turned[:, classes], found.posterior, atol=1e-8)


def test_it_stops_and_says_after_how_many_iterations():
    _, row, annotator, label = generated(4, n=50, confusion=UNEQUAL)
    assert dawid_skene(row, annotator, label, 50, 3, max_iterations=3).n_iterations == 3
    done = dawid_skene(row, annotator, label, 50, 3, tolerance=1e-3).n_iterations
    assert 1 < done < dawid_skene(row, annotator, label, 50, 3, tolerance=1e-9).n_iterations < 1000


@pytest.mark.parametrize(
    ("votes", "options", "message"),
    [
        (([0, 1], [0, 0], [0, 2]), {}, "labels holds the code 2; give codes from 0 to 1"),
        (([0, 2], [0, 0], [0, 1]), {}, "rows holds the code 2; give codes from 0 to 1"),
        (([0, 0], [0, 0], [0, 1]), {}, "1 of 2 rows have no votes .the first is row 1"),
        (([0, -1], [0, 0], [0, 1]), {}, "rows are int64"),
        (([0, 1], [0, 0.5], [0, 1]), {}, "annotators are float64"),
        (([0, 1], [0], [0, 1]), {}, "have 2, 1 and 2 entries"),
        (([], [], []), {}, "have no votes"),
        (([0, 1], [0, 0], [0, 1]), {"smoothing": -1}, "smoothing=-1"),
        (([0, 1], [0, 0], [0, 1]), {"max_iterations": 0}, "at least one iteration"),
    ],
)
def test_votes_that_cannot_be(votes, options, message):
    with pytest.raises(InputError, match=message) as caught:
        dawid_skene(*votes, n_rows=2, n_classes=2, **options)
    assert "\n" not in str(caught.value)
    with pytest.raises(InputError, match="two classes"):
        dawid_skene([0], [0], [0], n_rows=1, n_classes=1)


def test_counts_that_are_no_counts():
    with pytest.raises(InputError, match="not whole"):
        dawid_skene_counts([[0.5, 0.5]])


def test_annotators_may_be_names():
    rows, annotators, labels = [0, 0, 0, 1, 1, 1], [2, 0, 1, 2, 0, 1], [0, 0, 1, 1, 1, 0]
    names = np.array(["ann", "bob", "eve"])
    by_name = dawid_skene(rows, names[annotators], labels, 2, 2)
    by_code = dawid_skene(rows, annotators, labels, 2, 2)
    assert np.array_equal(by_name.posterior, by_code.posterior)
    assert np.array_equal(by_name.confusion, by_code.confusion)
    with pytest.raises(InputError, match=r"pandas.factorize\(labels, sort=True\)"):
        dawid_skene(rows, annotators, ["a", "a", "b", "b", "b", "a"], 2, 2)
