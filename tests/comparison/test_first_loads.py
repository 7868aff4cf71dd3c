from __future__ import annotations

import logging
import subprocess
import sys

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from softlabel import TorchClassifier
from softlabel.comparison import first_loads
from softlabel.comparison.first_loads import load_libraries

_AFTER = "from softlabel.comparison.first_loads import load_libraries; {}; load_libraries(E()); import sys; print('torch' in sys.modules)"


@pytest.mark.parametrize(
    ("make", "loaded"),
    [
        ("from sklearn.linear_model import LogisticRegression as E", "False"),
        ("from softlabel import TorchClassifier as E", "True"),
    ],
    ids=["linear", "network"],
)
def test_torch_is_loaded_for_networks_only(make, loaded):
    done = subprocess.run([sys.executable, "-c", _AFTER.format(make)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == loaded


def test_it_is_done_once(monkeypatch):
    fits = []
    first_loads._train_a_tiny_network.cache_clear()
    monkeypatch.setattr(TorchClassifier, "fit", lambda self, X, y: fits.append(self))
    load_libraries(make_pipeline(LogisticRegression()))
    load_libraries(TorchClassifier())
    load_libraries(TorchClassifier())
    assert len(fits) == 1
    first_loads._train_a_tiny_network.cache_clear()


def test_nobody_hears_of_its_epoch(caplog):
    first_loads._train_a_tiny_network.cache_clear()
    with caplog.at_level(logging.INFO, "softlabel.epochs"):
        load_libraries(TorchClassifier())
        assert caplog.records == []
        TorchClassifier("mlp", epochs=1, device="cpu").fit(np.eye(2, dtype=np.float32), np.array([0, 1]))
    assert len(caplog.records) == 1
