from __future__ import annotations

import pickle
import shutil
from pathlib import Path

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.metrics import log_loss

from softlabel.errors import InputError, MissingExtraError
from softlabel.learners import transformer_source
from softlabel.learners.contract import as_learner, seeded
from softlabel.learners.stored_networks import attach, detach
from softlabel.learners.transformer_classifier import TransformerClassifier
from softlabel.store.model_store import load_model, load_weights, save_model
from tiny_bert import GOOD, judged_texts, save_tiny_bert

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return save_tiny_bert(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="module")
def still_folder(tmp_path_factory):
    """A model without dropout, and with a head for two classes."""
    return save_tiny_bert(tmp_path_factory.mktemp("still"), n_labels=2, dropout=0.0)


@pytest.fixture(scope="module")
def data():
    return judged_texts(96, seed=1)


def quick(folder, **settings):
    return TransformerClassifier(folder, **({"max_length": 16, "epochs": 1, "lr": 3e-3, "random_state": 0} | settings))


def same(a, b, X):
    return a.predict_targets(X).tobytes() == b.predict_targets(X).tobytes()


@pytest.fixture(scope="module")
def model(folder, data):
    return quick(folder, epochs=8, batch_size=8).fit(*data)


def test_it_learns_what_words_mean(model):
    X, y = judged_texts(200, seed=2)
    assert model.score(X, y) > 0.9
    assert model.predict(GOOD).tolist() == [1] * 5
    probabilities = model.predict_proba(X)
    assert probabilities.shape == (200, 2)
    assert probabilities.dtype == np.float32
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-6)
    assert model.classes_.tolist() == [0, 1]
    assert len(model.history_) == len(model.loss_history_) == model.n_epochs_ == 8
    assert model.loss_history_[-1] < 0.2 < model.loss_history_[0]


def test_as_transformers_own_pipeline_says(model, folder):
    """The trained network, asked through transformers' own tokenizer and padding."""
    from transformers import AutoTokenizer

    X = [*judged_texts(20, seed=3)[0], "", "an unknown zebra", "the film was a " * 20]
    inputs = AutoTokenizer.from_pretrained(folder)(X, padding=True, truncation=True, max_length=16, return_tensors="pt")
    inputs.pop("token_type_ids", None)
    with torch.no_grad():
        expected = model.classifier_.network_.model(**inputs).logits.softmax(dim=1).numpy()
    np.testing.assert_allclose(model.predict_targets(X), expected, atol=1e-5)


def test_one_step_by_hand(still_folder):
    """A single batch of soft, weighted rows: AdamW on the weighted mean of -sum q log p, decay on matrices alone."""
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    X, _ = judged_texts(12, seed=4)
    rng = np.random.default_rng(0)
    targets = rng.dirichlet([1, 1], 12).astype(np.float32)
    weights = rng.integers(1, 4, 12).astype(np.float32)
    fitted = quick(
        still_folder, batch_size=12, lr=1e-3, warmup=0, schedule="constant", clip_norm=None, weight_decay=0.1
    ).fit(X, targets, weights)

    network = AutoModelForSequenceClassification.from_pretrained(still_folder).train()
    inputs = AutoTokenizer.from_pretrained(still_folder)(list(X), padding=True, return_tensors="pt")
    logs = network(input_ids=inputs["input_ids"], attention_mask=inputs["attention_mask"]).logits.log_softmax(dim=1)
    rows = -(torch.from_numpy(targets) * logs).sum(dim=1)
    w = torch.from_numpy(weights)
    ((w * rows).sum() / w.sum()).backward()
    groups = [[p for p in network.parameters() if (p.ndim >= 2) == matrices] for matrices in (True, False)]
    torch.optim.AdamW(
        [{"params": groups[0], "weight_decay": 0.1}, {"params": groups[1], "weight_decay": 0.0}], lr=1e-3
    ).step()

    assert fitted.loss_history_[0] == pytest.approx(log_of(targets, logs.detach().numpy(), weights), abs=1e-5)
    found = dict(fitted.classifier_.network_.model.named_parameters())
    for name, expected in network.named_parameters():
        # The first step of Adam is lr times the sign of the gradient; where that is 0 but for rounding, it is anyone's.
        sure = expected.grad.abs() > 1e-6
        torch.testing.assert_close(found[name][sure], expected[sure], atol=2e-5, rtol=0, msg=name)
    assert sum(int((p.grad.abs() > 1e-6).sum()) for p in network.parameters()) > 10_000


def log_of(targets, logs, weights):
    return float(np.average(-(targets * logs).sum(axis=1), weights=weights))


def test_hard_rows_and_labels_are_one(still_folder, data):
    X, y = data[0][:40], data[1][:40]
    labels = np.where(y == 1, "good", "bad")
    by_labels, by_rows = quick(still_folder).fit(X, labels), quick(still_folder).fit(X, np.eye(2)[y])
    assert by_labels.classes_.tolist() == ["bad", "good"]
    assert by_rows.classes_.tolist() == [0, 1]
    assert same(by_labels, by_rows, X)
    assert set(by_labels.predict(X)) <= {"bad", "good"}


def test_rows_of_weight_zero_are_left_out(still_folder, data):
    X, y = data[0][:40], data[1][:40]
    weights = np.r_[np.ones(30), np.zeros(10)]
    assert same(quick(still_folder).fit(X, y, weights), quick(still_folder).fit(X[:30], y[:30], np.ones(30)), X)


def test_seeds(folder, data):
    X, y = data[0][:40], data[1][:40]
    before = torch.random.get_rng_state()
    first, second, other = (quick(folder, random_state=seed).fit(X, y) for seed in (0, 0, 1))
    assert same(first, second, X)
    assert not same(first, other, X)
    assert torch.equal(before, torch.random.get_rng_state())


def test_answers_do_not_depend_on_the_other_rows(model):
    X, _ = judged_texts(50, seed=5)
    together = model.predict_targets(X)
    np.testing.assert_allclose(model.predict_targets(X[::-1])[::-1], together, atol=1e-5)
    np.testing.assert_allclose(model.predict_targets(X[7:8]), together[7:8], atol=1e-5)


def test_texts_are_cut_to_max_length(model):
    text = "the film was a plot with some actor and music fine the film was"  # 14 words and 2 tokens of its own
    assert same(model, model, [text])
    np.testing.assert_array_equal(model.predict_targets([f"{text} dull"]), model.predict_targets([text]))
    assert not np.array_equal(model.predict_targets([f"dull {text}"]), model.predict_targets([text]))


def test_stored_and_read_where_there_is_no_such_folder(tmp_path, data):
    start = save_tiny_bert(tmp_path / "start")
    fitted = quick(start, average="swa").fit(*data)
    expected = fitted.predict_targets(data[0])
    without, weights = detach([fitted])
    save_model(tmp_path / "model", {"models": without}, weights)
    shutil.rmtree(start)
    (read,) = attach(load_model(tmp_path / "model")["models"], load_weights(tmp_path / "model"))
    assert read.predict_targets(data[0]).tobytes() == expected.tobytes()
    assert read.get_params() == fitted.set_params(model=str(start)).get_params()
    again, weights = detach([read])
    save_model(tmp_path / "again", {"models": again}, weights)
    assert (tmp_path / "again" / "model.skops").read_bytes() == (tmp_path / "model" / "model.skops").read_bytes()
    with pytest.raises(InputError, match="no such folder"):
        read.fit(*data)


def test_pickled_before_and_after_it_is_fitted(model, data):
    fresh = quick("some/where", epochs=2)
    assert pickle.loads(pickle.dumps(fresh)).get_params() == clone(fresh).get_params() == fresh.get_params()
    assert clone(quick(Path("some/where"))).model == Path("some/where")
    assert same(pickle.loads(pickle.dumps(model)), model, data[0])
    assert not clone(model).__sklearn_is_fitted__()


def test_it_is_a_learner_of_texts(folder):
    estimator = quick(folder)
    assert as_learner(estimator) is estimator
    assert estimator.takes_texts
    assert isinstance(seeded(estimator, 3).random_state, int)
    tags = estimator.__sklearn_tags__()
    assert tags.input_tags.string
    assert not tags.input_tags.two_d_array


def test_rows_to_watch_choose_nothing(still_folder, data):
    X, y = data
    watching = quick(still_folder, epochs=2).fit(X[:48], y[:48], validation=(X[48:], y[48:]))
    assert same(watching, quick(still_folder, epochs=2).fit(X[:48], y[:48]), X)
    expected = log_loss(y[48:], watching.predict_proba(X[48:]))
    assert watching.history_[-1]["validation_loss"] == pytest.approx(expected, rel=1e-4)
    with pytest.raises(InputError, match="validation is no pair"):
        quick(still_folder).fit(X, y, validation=X)


def test_settings_reach_the_training(still_folder, data):
    X, y = data[0][:32], data[1][:32]
    assert same(quick(still_folder).fit(X, y), quick(still_folder, hardest=1.0).fit(X, y), X)
    plain = quick(still_folder).fit(X, y)
    for setting in (
        {"hardest": 0.5},
        {"lr": 1e-3},
        {"clip_norm": 0.01},
        {"weight_decay": 0.9},
        {"warmup": 0.8},
        {"schedule": "constant"},
        {"batch_size": 8},
        {"average": "ema"},
        {"loss": "emd"},
        {"max_length": 5},
    ):
        assert not same(plain, quick(still_folder, **setting).fit(X, y), X), setting
    stopped = quick(still_folder, epochs=6, lr=0.5, early_stopping=1).fit(X, y)
    assert len(stopped.history_) < 6
    assert "validation_loss" in stopped.history_[0]


def test_a_single_class(still_folder):
    model = quick(still_folder).fit(["fine", "great"], ["good", "good"])
    assert model.predict_proba(["dull"]).tolist() == [[1.0]]
    assert model.predict(["dull"]).tolist() == ["good"]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"max_length": 3}, r"max_length=3; give a whole number of tokens, 4 or more"),
        ({"max_length": 12.5}, r"max_length=12\.5; give a whole number"),
        ({"max_length": 33}, r"max_length=33; the model '.*' reads up to 32 tokens"),
        ({"epochs": 0}, r"epochs=0"),
        ({"lr": -1}, r"lr=-1"),
        ({"loss": "mse"}, r"loss='mse'"),
        ({"model": "nobody/nothing"}, "hf download nobody/nothing"),
    ],
)
def test_settings_that_cannot_be(folder, data, settings, message):
    with pytest.raises(InputError, match=message):
        quick(folder).set_params(**settings).fit(*data)


def test_rows_that_cannot_be(folder, model, data):
    with pytest.raises(InputError, match=r"None \(NoneType\) in row 1"):
        quick(folder).fit(["one", None], [0, 1])
    with pytest.raises(InputError, match=r"3 labels for 2 rows|3 labels"):
        quick(folder).fit(["one", "two"], [0, 1, 1])
    with pytest.raises(InputError, match=r"0\.0 \(float\) in row 0"):
        model.predict(np.zeros(3))


def test_without_transformers(monkeypatch, folder, data):
    monkeypatch.setattr(transformer_source, "find_spec", lambda name: None if name == "transformers" else object())
    with pytest.raises(MissingExtraError, match=r"transformers is not installed; install it with: .*softlabel\[text\]"):
        quick(folder).fit(*data)
