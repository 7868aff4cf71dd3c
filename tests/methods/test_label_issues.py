"""The judgement of labels against cleanlab's own."""

from __future__ import annotations

import numpy as np
import pytest
from cleanlab.count import estimate_latent
from cleanlab.filter import find_label_issues
from numpy.testing import assert_allclose, assert_array_equal

from softlabel.errors import MissingExtraError
from softlabel.methods import label_issues
from softlabel.methods.label_issues import FILTERS, judge, require_cleanlab


def _probabilities(n=300, k=4, seed=0):
    random = np.random.default_rng(seed)
    codes = random.integers(0, k, size=n)
    logits = random.normal(size=(n, k))
    logits[np.arange(n), codes] += 1.5
    p = np.exp(logits)
    given = np.where(random.random(n) < 0.25, random.integers(0, k, size=n), codes)
    return given, p / p.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("filter_by", FILTERS)
@pytest.mark.parametrize("least", [0, 10])
def test_issues_are_cleanlabs(filter_by, least):
    codes, p = _probabilities()
    expected = find_label_issues(codes, p, filter_by=filter_by, min_examples_per_class=least, n_jobs=1)
    assert expected.any()
    assert_array_equal(judge(codes, p, filter_by, least).issues, expected)


def test_a_joint_that_can_be_counted_by_hand():
    # thresholds are .84 and .7: of label 0 the last row is surer of 1 than rows of 1 are, of label 1 none is of 0
    p = np.array([[0.95, 0.05]] * 6 + [[0.2, 0.8]] + [[0.3, 0.7]] * 5)
    codes = np.array([0] * 7 + [1] * 5)
    found = judge(codes, p, "prune_by_noise_rate", 0)
    assert_array_equal(np.flatnonzero(found.issues), [6])
    # the joint is 6, 1 / 0, 5; its columns are p(given | true)
    assert_allclose(found.noise_matrix, [[1, 1 / 6], [0, 5 / 6]])
    assert_allclose(found.noise_matrix, estimate_latent(np.array([[6, 1], [0, 5]]), codes)[1])


@pytest.mark.filterwarnings("ignore:May not flag all label issues")
def test_a_class_of_few_rows_loses_none():
    p = np.array([[0.95, 0.05]] * 6 + [[0.2, 0.8]] + [[0.3, 0.7]] * 5)
    codes = np.array([0] * 7 + [1] * 5)
    with pytest.warns(UserWarning, match="May not flag all label issues in class: 0"):
        assert not judge(codes, p, "prune_by_noise_rate", 7).issues.any()


def test_what_is_given_stays_as_it_is():
    codes, p = _probabilities()
    before = codes.copy(), p.copy()
    judge(codes, p.astype(np.float32), "both", 10)
    assert_array_equal(codes, before[0])
    assert_array_equal(p, before[1])


def test_without_cleanlab_it_says_how_to_install_it(monkeypatch):
    require_cleanlab()
    monkeypatch.setattr(label_issues, "find_spec", lambda name: None if name == "cleanlab" else name)
    with pytest.raises(MissingExtraError, match=r"cleanlab is not installed; .*softlabel\[peers\]"):
        require_cleanlab()
