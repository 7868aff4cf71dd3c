"""The temperature of a final model: fitted under the noise that is known, softening only, for labels of classes."""

from __future__ import annotations

import numpy as np
import pytest

from softlabel.methods.answer_temperature import answer_temperature, softened
from softlabel.tasks import Multiclass, Multilabel, Ordinal

K = 3
TASK = Multiclass(["a", "b", "c"])
NOISE = np.full((K, K), 0.15) + 0.55 * np.eye(K)  # .7 of the labels are right


def _said(sharper, n=4000, noise=None, seed=0):
    """Return predictions that are too sure by a power, true labels, and given ones."""
    rng = np.random.default_rng(seed)
    p = rng.dirichlet(np.full(K, 0.5), size=n)
    true = (rng.random((n, 1)) > p.cumsum(axis=1)).sum(axis=1)
    T = np.eye(K) if noise is None else noise
    given = (rng.random((n, 1)) > T[true].cumsum(axis=1)).sum(axis=1)
    return softened(TASK, p, 1 / sharper), true, given


@pytest.mark.parametrize(("noise", "sharper"), [(None, 3.0), (NOISE, 3.0), (NOISE, 1.0)])
def test_it_takes_back_what_a_model_is_too_sure_by(noise, sharper):
    predictions, _, given = _said(sharper, noise=noise)
    T = np.eye(K) if noise is None else noise
    assert answer_temperature(TASK, predictions, given, T) == pytest.approx(sharper, rel=0.12)


def test_a_model_that_is_too_modest_stays_so():
    predictions, _, given = _said(0.4)
    assert answer_temperature(TASK, predictions, given, np.eye(K)) == 1.0


def test_labels_of_trusted_rows_are_right_whatever_the_noise():
    predictions, true, given = _said(3.0, noise=NOISE)
    trusted = np.arange(len(given)) % 2 == 0
    codes = np.where(trusted, true, given)
    assert answer_temperature(TASK, predictions, codes, NOISE, trusted=trusted) == pytest.approx(3.0, rel=0.1)
    assert (
        answer_temperature(TASK, predictions, codes, NOISE) < 2.7
    )  # better labels than the noise allows speak for a surer model


def test_rows_of_weight_0_do_not_count():
    predictions, true, given = _said(3.0, noise=NOISE)
    weight = (given == true).astype(float)
    expected = answer_temperature(TASK, predictions[given == true], true[given == true], np.eye(K))
    assert answer_temperature(TASK, predictions, given, np.eye(K), sample_weight=weight) == pytest.approx(
        expected, rel=1e-4
    )
    assert answer_temperature(TASK, predictions, given, NOISE, sample_weight=np.zeros(len(given))) == 1.0


def test_of_several_labels_each_has_its_noise_and_all_one_temperature():
    rng = np.random.default_rng(1)
    p = rng.beta(0.7, 0.7, size=(3000, 2))
    true = (rng.random(p.shape) < p).astype(int)
    missed = np.array([[[1.0, 0.0], [0.0, 1.0]], [[1.0, 0.0], [0.4, 0.6]]])  # of the second label .4 are left out
    given = true.copy()
    given[:, 1] &= rng.random(3000) < 0.6
    task = Multilabel(["x", "y"])
    said = softened(task, p, 1 / 2.5)
    assert answer_temperature(task, said, given, missed) == pytest.approx(2.5, rel=0.1)
    assert answer_temperature(task, said, given, np.stack([np.eye(2)] * 2)) > 3.0


def test_grades_have_none():
    task = Ordinal.from_labels([0, 1, 2], view="distribution")
    predictions, _, given = _said(3.0)
    assert answer_temperature(task, predictions, given, np.eye(K)) == 1.0


def test_answers_as_they_are_where_there_is_nothing_to_soften():
    rows = np.array([[1.0, 0.0, 0.0]], dtype=np.float32)
    assert softened(TASK, rows, 1.0) is rows
    half = softened(TASK, np.array([[0.8, 0.2, 0.0]]), 2.0)
    assert half[0, :2] == pytest.approx([2 / 3, 1 / 3], abs=1e-6)
    assert half[0, 2] > 0  # of what is said to be impossible a little remains


def test_no_label_changes_however_near_two_classes_are():
    ahead = 0.5 + np.arange(1, 200) * 6e-8
    rows = np.column_stack([1 - ahead, ahead]).astype(np.float32)
    for T in (3.0, 20.0):
        assert np.array_equal(softened(Multiclass(["a", "b"]), rows, T).argmax(axis=1), rows.argmax(axis=1))
        several = softened(Multilabel(["x", "y"]), rows, T)
        assert np.array_equal(several > 0.5, rows > 0.5)
