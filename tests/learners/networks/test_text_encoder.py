from __future__ import annotations

import json
from logging import Handler

import numpy as np
import pytest

from tiny_bert import save_tiny_bert

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return save_tiny_bert(tmp_path_factory.mktemp("tiny"), n_labels=3)


@pytest.fixture(scope="module")
def config(folder):
    return (folder / "config.json").read_text()


def built(config, n_outputs, start, seed=0):
    from softlabel.learners.networks.text_encoder import built_encoder

    torch.manual_seed(seed)
    return built_encoder(config, n_outputs, start).eval()


def arrays(network):
    return {name: values.numpy().copy() for name, values in network.state_dict().items()}


def rows_of(*texts, length=24):
    """Return rows (b, 2, length): the tokens that were given, then padding that no embedding would take for nothing."""
    x = np.full((len(texts), 2, length), 5, np.float32)
    x[:, 1] = 0
    for row, ids in enumerate(texts):
        x[row, 0, : len(ids)], x[row, 1, : len(ids)] = ids, 1
    return torch.from_numpy(x)


def test_as_the_model_itself_says(folder, config):
    from transformers import AutoModelForSequenceClassification

    model = AutoModelForSequenceClassification.from_pretrained(folder).eval()
    texts = [[2, 7, 9, 11, 3], [2, 8, 3]]
    with torch.no_grad():
        found = built(config, 3, str(folder))(rows_of(*texts))  # (2, 3)
        for logits, ids in zip(found, texts, strict=True):
            torch.testing.assert_close(logits[None], model(torch.tensor([ids])).logits, rtol=1e-4, atol=1e-5)


def test_padding_is_cut_off_and_changes_nothing(config):
    network = built(config, 2, None)
    seen = []
    network.model.register_forward_pre_hook(
        lambda module, a, named: seen.append(named["input_ids"].shape), with_kwargs=True
    )
    with torch.no_grad():
        long = network(rows_of([2, 7, 3], [2] * 9))
        short = network(rows_of([2, 7, 3], [2] * 9, length=10))
        alone = network(rows_of([2, 7, 3]))
    assert seen == [(2, 16), (2, 10), (1, 8)]
    torch.testing.assert_close(long, short, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(long[:1], alone, rtol=1e-4, atol=1e-5)


def test_a_head_of_the_same_width_is_kept_and_another_made_anew(folder, config):
    kept, again = arrays(built(config, 3, str(folder), seed=0)), arrays(built(config, 3, str(folder), seed=1))
    assert all(np.array_equal(kept[name], again[name]) for name in kept)
    other, otherwise = arrays(built(config, 5, str(folder), seed=0)), arrays(built(config, 5, str(folder), seed=1))
    assert other["model.classifier.weight"].shape == (5, 32)
    assert {name for name in other if not np.array_equal(other[name], otherwise[name])} == {"model.classifier.weight"}
    assert np.array_equal(other["model.bert.pooler.dense.weight"], kept["model.bert.pooler.dense.weight"])


def test_without_a_start_the_generator_makes_everything(config):
    first, second, other = (arrays(built(config, 3, None, seed)) for seed in (0, 0, 1))
    assert all(np.array_equal(first[name], second[name]) for name in first)
    assert not np.array_equal(first["model.bert.pooler.dense.weight"], other["model.bert.pooler.dense.weight"])


def test_half_precision_is_read_as_float32(folder, config, tmp_path):
    from transformers import AutoModelForSequenceClassification

    AutoModelForSequenceClassification.from_pretrained(folder).half().save_pretrained(tmp_path)
    half = json.dumps(json.loads(config) | {"dtype": "float16"})
    for start in (str(tmp_path), None):
        assert {values.dtype for values in built(half, 3, start).parameters()} == {torch.float32}


def test_nothing_is_said(folder, config, capfd):
    from transformers.utils import logging

    said = []
    listener = Listener(said)
    logger = logging.get_logger("transformers")
    logger.addHandler(listener)
    before = logging.get_verbosity(), logging.is_progress_bar_enabled()
    built(config, 5, str(folder))
    built(config, 4, None)
    logger.removeHandler(listener)
    assert said == []
    assert capfd.readouterr() == ("", "")
    assert (logging.get_verbosity(), logging.is_progress_bar_enabled()) == before


class Listener(Handler):
    """Writes down what is logged; what transformers logs does not reach pytest's own."""

    def __init__(self, said):
        super().__init__()
        self.said = said

    def emit(self, record):
        self.said.append(record.getMessage())
