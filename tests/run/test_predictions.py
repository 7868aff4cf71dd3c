from __future__ import annotations

import numpy as np

from softlabel.run.predictions import further_scores, prediction_table
from softlabel.tasks import Multiclass, Multilabel, Ordinal

IDS = np.array(["r1", "r2"])


def test_classes_have_a_probability_each():
    table = prediction_table(IDS, np.array([[0.2, 0.8], [0.9, 0.1]]), Multiclass(["ant", "bee"]))
    assert table.columns.tolist() == ["id", "predicted_label", "p_ant", "p_bee"]
    assert table["predicted_label"].tolist() == ["bee", "ant"]
    assert table["p_bee"].tolist() == [np.float32(0.8), np.float32(0.1)]


def test_numbers_stand_beside_the_grade_that_thresholds_make_of_them():
    task = Ordinal.from_labels([0, 1, 2])
    table = prediction_table(IDS, np.array([[0.4], [1.7]]), task.with_thresholds([0.3, 1.8]))
    assert table.to_dict("list") == {
        "id": ["r1", "r2"],
        "predicted_label": [1, 1],
        "grade": [np.float32(0.4), np.float32(1.7)],
    }


def test_several_labels_are_joined():
    table = prediction_table(IDS, np.array([[0.6, 0.8], [0.4, 0.1]]), Multilabel(["rust", "scab"]))
    assert table["predicted_label"].tolist() == ["rust|scab", ""]
    assert table.columns.tolist()[2:] == ["p_rust", "p_scab"]


def test_scores_that_rounds_do_without():
    scores = further_scores(np.array([0, 1]), np.array([[0.9, 0.1], [0.2, 0.8]]))
    assert list(scores) == ["macro_f1", "adaptive_ece", "classwise_ece", "aurc"]
    assert scores["macro_f1"] == 1.0
