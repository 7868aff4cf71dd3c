import numpy as np
import pytest

from softlabel.metrics.multilabel import entry_nll, mean_auc
from softlabel.tasks.entry_scores import entry_scores

RNG = np.random.default_rng(0)
CODES = (RNG.random((60, 3)) < 0.4).astype(int)
PREDICTIONS = np.clip(CODES * 0.3 + RNG.random((60, 3)) * 0.7, 0, 1)


def test_a_label_that_no_model_knows_is_as_if_it_were_not_there():
    unknown = np.c_[PREDICTIONS[:, :2], np.full(60, np.nan)]
    without = entry_scores(CODES[:, :2], PREDICTIONS[:, :2])
    assert entry_scores(CODES, unknown) == pytest.approx(without)
    assert list(without) == ["mean_ap", "mean_auc", "macro_f1", "micro_f1", "accuracy", "nll", "classwise_ece"]


def test_rows_where_no_label_is_known_are_as_if_they_were_not_there():
    unknown = PREDICTIONS.copy()
    unknown[:20] = np.nan
    found, without = entry_scores(CODES, unknown), entry_scores(CODES[20:], PREDICTIONS[20:])
    for name in without.keys() - {"accuracy"}:  # a row of which nothing is known is not wrong
        assert found[name] == pytest.approx(without[name])
    assert found["accuracy"] == pytest.approx((20 + 40 * without["accuracy"]) / 60)


def test_single_entries_that_are_not_known_are_left_out():
    unknown = PREDICTIONS.copy()
    unknown[:30, 0] = np.nan
    found = entry_scores(CODES, unknown)
    aucs = [
        mean_auc(CODES[30:, :1], PREDICTIONS[30:, :1]),
        *(mean_auc(CODES[:, [j]], PREDICTIONS[:, [j]]) for j in (1, 2)),
    ]
    assert found["mean_auc"] == pytest.approx(np.mean(aucs))
    losses = [30 * entry_nll(CODES[30:, :1], PREDICTIONS[30:, :1]), 120 * entry_nll(CODES[:, 1:], PREDICTIONS[:, 1:])]
    assert found["nll"] == pytest.approx(sum(losses) / 150)


def test_weights_count_where_entries_are_unknown_too():
    unknown = PREDICTIONS.copy()
    unknown[:30, 0] = np.nan
    weight = np.where(np.arange(60) % 3 == 0, 2.0, 1.0)
    twice = np.r_[np.arange(60), np.arange(0, 60, 3)]
    assert entry_scores(CODES, unknown, weight) == pytest.approx(entry_scores(CODES[twice], unknown[twice]))


def test_nothing_is_said_where_nothing_is_known():
    assert entry_scores(CODES, np.full((60, 3), np.nan)).keys() <= {"accuracy", "micro_f1"}
