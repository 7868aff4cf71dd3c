"""What the steps of a run left, read back."""

import numpy as np
import pytest

from softlabel import refine
from softlabel.errors import RunError

NETWORK = {"estimator": "small_cnn", "set": {"network_options": {"width": 4}}, "epochs": 1, "batch_size": 16}


def test_rounds_have_targets_and_scores_and_no_generations(table, tmp_path):
    run = refine(
        table, tmp_path / "run", label="kind", id="key", estimator="softmax", rounds=2, final_targets="refined"
    )
    assert run.generations() == []
    assert len(run.scores()) == len(run.out_of_fold()) == 2
    expected = 0.75 * run.targets(1) + 0.25 * run.out_of_fold()[1]
    assert np.allclose(run.targets(), expected, atol=1e-6)
    with pytest.raises(RunError, match="holds no models of generation 1"):
        run.generation_models(1)
    with pytest.raises(RunError, match=r"round 3 is not whole in .*; whole rounds: \[1, 2\]"):
        run.targets(3)


def test_models_of_a_generation_of_folds_are_those_of_its_folds(photos, tmp_path):
    options = NETWORK | {"method": "label-refinery", "teacher": "folds", "folds": 2}
    short = refine(photos / "train", tmp_path / "run", **options, generations=1)
    assert len(short.generation_models(1)) == 1
    longer = refine(photos / "train", tmp_path / "run", **options, generations=2)
    first = longer.generation_models(1)
    assert len(first) == 2  # not the one that was the last of the shorter run, and is still there
    folds, answers = longer.generations()[0]["folds"], longer.generations()[0]["answers"]
    from softlabel.data.source import load

    X = load(photos / "train").X
    for fold, model in enumerate(first):
        rows = np.flatnonzero(folds == fold)
        assert np.allclose(model.predict_targets(X.take(rows)), answers[rows], atol=1e-5)
    with pytest.raises(RunError, match="holds no models of generation 5; run the same command"):
        longer.generation_models(5)
