"""A transformer within a run: texts in, labels refined, the model stored, asked again without what it started from."""

from __future__ import annotations

import shutil

import numpy as np
import pandas as pd
import pytest

from softlabel import Run, refine
from tiny_bert import judged_texts, save_tiny_bert

pytest.importorskip("torch")
pytest.importorskip("transformers")


def test_texts_are_refined_by_a_transformer(tmp_path):
    X, y = judged_texts(96, seed=1)
    moods = np.array(["bad", "good"])
    pd.DataFrame({"text": X, "mood": moods[y]}).to_csv(tmp_path / "train.csv", index=False)
    folder = save_tiny_bert(tmp_path / "tiny")
    run = refine(
        tmp_path / "train.csv",
        tmp_path / "run",
        label="mood",
        text="text",
        estimator=f"transformers:{folder}",
        set={"max_length": 16},
        epochs=10,
        lr=3e-3,
        batch_size=8,
        rounds=1,
        folds=2,
        device="cpu",
    )
    scores = run.evaluate(str(tmp_path / "train.csv"))
    assert scores["accuracy"] > 0.8
    shutil.rmtree(folder)
    later = Run(run.path)
    assert later.evaluate(str(tmp_path / "train.csv")) == scores
    assert later.predict_proba(X[:3]).shape == (3, 2)
    assert {path.suffix for path in (run.path / "model").iterdir()} == {".json", ".skops", ".safetensors"}
