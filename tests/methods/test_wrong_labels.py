"""The result that says which labels are wrong."""

from __future__ import annotations

import numpy as np
import pytest

from softlabel.errors import InputError
from softlabel.methods.wrong_labels import LabelIssues

WRONG = np.array([0.9, 0.1, 0.7, 0.3])


def issues(**extra):
    return LabelIssues(
        wrong_probability=WRONG,
        is_issue=WRONG > 0.5,
        label_quality=1 - WRONG,
        suggested_label=np.array(["b", "a", "b", "b"]),
        given_label=np.array(["a", "a", "a", "b"]),
        noise_matrix=np.eye(2),
        noise_rate=0.5,
        classes=np.array(["a", "b"]),
        judged=np.ones(4, dtype=bool),
        **extra,
    )


def test_expected_numbers_and_thresholds():
    found = issues()
    assert found.expected_wrong == pytest.approx(2.0)
    assert found.threshold_for(0.8)[:3] == (0.7, 2, pytest.approx(0.8))
    assert found.threshold_for(0.8).recall == pytest.approx(0.8)
    assert found.at_precision(0.8).tolist() == [True, False, True, False]
    assert found.at_precision(0.95).tolist() == [False] * 4
    with pytest.raises(InputError, match="precision=2"):
        found.at_precision(2)


def test_a_frame_has_a_row_a_label():
    frame = issues().to_frame()
    assert list(frame) == [
        *("given_label", "suggested_label", "is_issue", "wrong_probability", "label_quality", "judged"),
    ]
    assert frame["wrong_probability"].tolist() == WRONG.tolist()
    of_a_run = issues(ids=np.arange(4) + 10, entry_wrong_probability=np.column_stack([WRONG, WRONG / 2])).to_frame()
    assert of_a_run["id"].tolist() == [10, 11, 12, 13]
    assert of_a_run["wrong_b"].tolist() == (WRONG / 2).tolist()
