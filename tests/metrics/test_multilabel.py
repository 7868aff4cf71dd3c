"""Scores of several labels a row, against scikit-learn."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.metrics import accuracy_score, average_precision_score, f1_score, log_loss, roc_auc_score

from softlabel.errors import InputError
from softlabel.metrics import calibration, multilabel
from softlabel.metrics.multilabel import class_scores
from softlabel.targets.encode import one_hot

steady = settings(deadline=None, derandomize=True, max_examples=30)
ALL = ["mean_auc", "mean_average_precision", "macro_f1", "micro_f1", "exact_match", "entry_nll", "classwise_ece"]
every_score = pytest.mark.parametrize("name", ALL)
CODES = np.array([[1, 0, 1], [0, 0, 1], [1, 0, 1]])
P = np.array([[0.75, 0.25, 1.0], [0.5, 0.5, 0.5], [0.5, 0.75, 0.75]])


@st.composite
def labelled(draw):
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n, k = draw(st.integers(2, 30)), draw(st.integers(1, 4))
    codes = (random.random((n, k)) < random.random(k)).astype(int)
    p = np.round(np.clip(codes * 0.3 + random.random((n, k)) * 0.7, 0, 1), draw(st.integers(1, 3)))  # ties
    return codes, p, random.integers(1, 4, size=n)


@steady
@given(labelled())
def test_against_scikit_learn(case):
    codes, p, w = case
    said = (p > 0.5).astype(int)
    both = (codes.max(axis=0) == 1) & (codes.min(axis=0) == 0)  # (k,)
    some = codes.max(axis=0) == 1
    for weights in (None, w):
        if both.any():
            expected = [roc_auc_score(codes[:, j], p[:, j], sample_weight=weights) for j in np.flatnonzero(both)]
            assert multilabel.mean_auc(codes, p, weights) == pytest.approx(np.mean(expected))
        if some.any():
            expected = [
                average_precision_score(codes[:, j], p[:, j], sample_weight=weights) for j in np.flatnonzero(some)
            ]
            assert multilabel.mean_average_precision(codes, p, weights) == pytest.approx(np.mean(expected))
        expected = [log_loss(codes[:, j], p[:, j], labels=[0, 1], sample_weight=weights) for j in range(p.shape[1])]
        assert multilabel.entry_nll(codes, p, weights) == pytest.approx(np.mean(expected))
        if (codes | said).any():
            f1 = f1_score(codes, said, average=None, zero_division=np.nan, sample_weight=weights)
            if codes.shape[1] > 1:  # one column is binary to scikit-learn
                assert multilabel.macro_f1(codes, p, weights) == pytest.approx(np.nanmean(f1))
                micro = f1_score(codes, said, average="micro", sample_weight=weights)
                assert multilabel.micro_f1(codes, p, weights) == pytest.approx(micro)
        expected = accuracy_score(codes, said, sample_weight=weights)
        assert multilabel.exact_match(codes, p, weights) == pytest.approx(expected)


def test_whole_tables_against_scikit_learn():
    random = np.random.default_rng(0)
    codes = (random.random((200, 4)) < [0.1, 0.3, 0.5, 0.9]).astype(int)
    p = np.clip(codes * 0.2 + random.random((200, 4)) * 0.8, 0, 1)
    assert multilabel.mean_auc(codes, p) == pytest.approx(roc_auc_score(codes, p))
    assert multilabel.mean_average_precision(codes, p) == pytest.approx(average_precision_score(codes, p))


def test_by_hand():
    # label 0: (.75 over .5: 1, .5 over .5: 1/2); labels 1 and 2 have one kind of rows only
    assert multilabel.mean_auc(CODES, P) == 0.75
    # label 0: .75 is right: 1/2 * 1, then 2 of 3: 1/2 * 2/3; label 2: 1
    assert multilabel.mean_average_precision(CODES, P) == pytest.approx((1 / 2 + 1 / 3 + 1) / 2)
    # label 0: 1 of 2 found, nothing else said: 2/3; label 1: 0; label 2: 2 of 3: 4/5
    assert multilabel.macro_f1(CODES, P) == pytest.approx((2 / 3 + 0 + 4 / 5) / 3)
    assert multilabel.micro_f1(CODES, P) == pytest.approx(2 * 3 / (5 + 4))
    assert multilabel.exact_match(CODES, P) == pytest.approx(1 / 3)
    chances = [0.75, 0.75, 1, 0.5, 0.5, 0.5, 0.5, 0.25, 0.75]
    assert multilabel.entry_nll(CODES, P) == pytest.approx(-np.log(chances).mean())
    # halves and quarters lie in bins of their own
    ece = [(0.25 + abs(1 - 2 * 0.5)) / 3, (0.25 + 0.5 + 0.75) / 3, (0 + 0.5 + 0.25) / 3]
    assert multilabel.classwise_ece(CODES, P) == pytest.approx(np.mean(ece))


def test_each_label_by_hand():
    scores = class_scores(CODES, P)
    assert list(scores) == ["share", "auc", "average_precision", "f1", "nll", "ece"]
    assert all(each.shape == (3,) and each.dtype == np.float64 for each in scores.values())
    assert_allclose(scores["share"], [2 / 3, 0, 1])
    assert_array_equal(scores["auc"], [0.75, np.nan, np.nan])
    assert_allclose(scores["average_precision"], [5 / 6, np.nan, 1])
    assert_allclose(scores["f1"], [2 / 3, 0, 4 / 5])
    assert_allclose(scores["nll"][0], -np.log([0.75, 0.5, 0.5]).mean())
    assert_allclose(scores["ece"][1], 0.5)


@steady
@given(labelled())
def test_means_are_those_of_the_labels(case):
    codes, p, w = case
    scores = class_scores(codes, p, w)
    for name, mean in (
        ("auc", multilabel.mean_auc),
        ("average_precision", multilabel.mean_average_precision),
        ("f1", multilabel.macro_f1),
        ("nll", multilabel.entry_nll),
        ("ece", multilabel.classwise_ece),
    ):
        there = scores[name][~np.isnan(scores[name])]
        expected = there.mean() if there.size else np.nan
        assert mean(codes, p, w) == pytest.approx(expected, nan_ok=True)


def test_no_label_with_a_score_is_nan_without_a_warning(recwarn):
    nothing = np.zeros((3, 2), dtype=int)
    p = np.full((3, 2), 0.25)
    for name in ("mean_auc", "mean_average_precision", "macro_f1", "micro_f1"):
        assert np.isnan(getattr(multilabel, name)(nothing, p))
    assert np.isnan(multilabel.mean_auc(1 - nothing, p))
    assert multilabel.mean_average_precision(1 - nothing, p) == 1.0
    assert multilabel.exact_match(nothing, p) == 1.0
    assert not recwarn.list


@steady
@given(st.integers(0, 2**32 - 1), st.sampled_from([np.float32, np.float64]))
def test_calibration_of_one_hot_codes_is_that_of_classes(seed, dtype):
    random = np.random.default_rng(seed)
    codes = random.integers(0, 3, size=20)
    p = np.round(random.dirichlet(np.ones(3), size=20), 1).astype(dtype)  # on edges of bins
    w = random.random(20) + 0.1
    for n_bins in (1, 10, 15):
        expected = calibration.classwise_ece(codes, p, w, n_bins=n_bins)
        assert multilabel.classwise_ece(one_hot(codes, 3), p, w, n_bins=n_bins) == pytest.approx(expected)


def test_a_sure_mistake_costs_36_nats_and_no_infinity():
    assert multilabel.entry_nll([[1, 0]], [[0.0, 1.0]]) == pytest.approx(36.0437, abs=1e-4)
    assert multilabel.entry_nll([[1, 0]], [[1.0, 0.0]]) == 0.0


def test_a_half_is_no_label():
    assert multilabel.exact_match([[0]], [[0.5]]) == 1.0
    assert multilabel.exact_match([[1]], [[0.5]]) == 0.0


@every_score
@steady
@given(case=labelled())
def test_weights_count_rows(name, case):
    score = getattr(multilabel, name)
    codes, p, w = case
    assert score(codes, p, w) == pytest.approx(score(codes.repeat(w, axis=0), p.repeat(w, axis=0)), nan_ok=True)
    w = np.where(np.arange(len(w)) == 0, 0, w)
    assert score(codes, p, w) == pytest.approx(score(codes[1:], p[1:], w[1:]), nan_ok=True)


@every_score
@steady
@given(case=labelled(), random=st.randoms(use_true_random=False))
def test_neither_rows_nor_labels_have_an_order(name, case, random):
    score = getattr(multilabel, name)
    codes, p, w = case
    rows = random.sample(range(len(p)), len(p))
    columns = random.sample(range(p.shape[1]), p.shape[1])
    shuffled = score(codes[rows][:, columns], p[rows][:, columns], w[rows])
    assert shuffled == pytest.approx(score(codes, p, w), nan_ok=True)


@every_score
def test_any_container_and_a_plain_float(name):
    score = getattr(multilabel, name)
    assert type(score(CODES, P)) is float
    assert score(pd.DataFrame(CODES), pd.DataFrame(P)) == score(CODES.tolist(), P.tolist()) == score(CODES == 1, P)


@pytest.mark.parametrize("score", [*[getattr(multilabel, name) for name in ALL], class_scores])
@pytest.mark.parametrize(
    ("codes", "p", "weights", "message"),
    [
        (CODES[:2], P, None, "has 2 rows where 3"),
        (CODES[:, :2], P, None, "has 2 columns where 3"),
        (CODES + 1, P, None, "give 1 where a row has the label"),
        (CODES, P * np.nan, None, "row 0 has values that are not finite"),
        (CODES, P, [1, 1], r"sample_weight has shape \(2,\)"),
        (CODES, P, [0, 0, 0], "no row to score"),
        (CODES[:, 0], P[:, 0], None, "predictions: must be two-dimensional"),
    ],
)
def test_what_does_not_fit_is_refused(score, codes, p, weights, message):
    with pytest.raises(InputError, match=message):
        score(codes, p, weights)


def test_no_bins_are_refused():
    with pytest.raises(InputError, match="n_bins is 0; give 1 or more"):
        multilabel.classwise_ece(CODES, P, n_bins=0)
