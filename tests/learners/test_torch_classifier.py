import pickle

import numpy as np
import pytest
import torch
from sklearn.base import clone
from torch import nn

from simple_learners import blobs
from softlabel import FitError, InputError, MissingExtraError, SoftmaxRegression, TorchClassifier
from softlabel.data.images import Images


def linear(n_features, n_outputs):
    return nn.Linear(n_features, n_outputs)


@pytest.fixture
def table():
    X, y = blobs(n_per_class=20, k=3, spread=1.0, seed=0)
    return X.astype(np.float32), y


@pytest.fixture(scope="module")
def squares():
    """Pictures of three colours: (45, 8, 8, 3) uint8, and which colour."""
    draws = np.random.default_rng(0)
    y = np.arange(45) % 3
    pixels = draws.integers(0, 60, (45, 8, 8, 3))
    pixels[np.arange(45), :, :, y] += 150
    return pixels.astype(np.uint8), y


def small(network="mlp", **options):
    return TorchClassifier(network, **({"epochs": 3, "batch_size": 16, "random_state": 0} | options))


def test_a_linear_network_finds_the_known_optimum():
    draws = np.random.default_rng(0)
    X, targets = draws.normal(size=(60, 3)), draws.dirichlet(np.ones(3), 60).astype(np.float32)
    options = {"optimizer": "adamw", "lr": 0.05, "weight_decay": 0.0, "batch_size": 60, "schedule": "cosine"}
    model = TorchClassifier(linear, epochs=600, random_state=0, **options).fit(X, targets)
    exact = SoftmaxRegression(C=1e8).fit(X, targets)
    assert np.allclose(model.predict_proba(X), exact.predict_proba(X), atol=2e-3)


def test_labels_are_their_one_hot_rows(table):
    X, y = table
    by_labels, by_rows = small().fit(X, y), small().fit(X, np.eye(3)[y])
    assert by_labels.predict_proba(X).tobytes() == by_rows.predict_proba(X).tobytes()
    names = np.array(["c", "a", "b"])
    named = small(epochs=10).fit(X, names[y])
    assert named.classes_.tolist() == ["a", "b", "c"]
    assert (named.predict(X) == names[y]).mean() > 0.9


def test_rows_of_weight_zero_are_left_out(table):
    X, y = table
    used = np.arange(60) % 4 > 0
    with_zeros = small().fit(X, np.eye(3)[y], sample_weight=used * 2.0)
    without = small().fit(X[used], np.eye(3)[y[used]], sample_weight=np.full(used.sum(), 2.0))
    assert with_zeros.predict_proba(X).tobytes() == without.predict_proba(X).tobytes()


def test_weights_pull(table):
    X, _ = table
    X = np.repeat(X[:1], 40, axis=0) + 0.0
    targets = np.eye(2)[np.arange(40) % 2]
    weight = np.where(np.arange(40) % 2 == 0, 3.0, 1.0)
    model = small(linear, epochs=100, batch_size=40, lr=0.5, weight_decay=0).fit(X, targets, sample_weight=weight)
    assert model.predict_proba(X[:1])[0, 0] == pytest.approx(0.75, abs=0.01)


def test_same_seed_same_bytes_and_generators_are_left_alone(table):
    X, y = table
    torch.rand(1)
    before, numpys = torch.random.get_rng_state(), np.random.get_state()[1].copy()  # noqa: NPY002
    options = {"network_options": {"dropout": 0.3}}
    first = small(**options).fit(X, y).predict_proba(X)
    assert torch.equal(torch.random.get_rng_state(), before)
    assert np.array_equal(np.random.get_state()[1], numpys)  # noqa: NPY002
    torch.rand(5)
    assert small(**options).fit(X, y).predict_proba(X).tobytes() == first.tobytes()
    assert small(random_state=1, **options).fit(X, y).predict_proba(X).tobytes() != first.tobytes()


def test_without_a_seed_each_fit_is_another_and_numpys_generator_is_left_alone(table):
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    first, second = (small(random_state=None, epochs=1).fit(*table).predict_proba(table[0]) for _ in range(2))
    assert first.tobytes() != second.tobytes()
    assert np.array_equal(np.random.get_state()[1], before)  # noqa: NPY002


def test_watched_rows_choose_nothing(table):
    X, y = table
    plain = small().fit(X, y)
    watched = small().fit(X, y, validation=(X[:10], y[:10]))
    assert plain.predict_proba(X).tobytes() == watched.predict_proba(X).tobytes()
    assert set(plain.history_[0]) == {"epoch", "lr", "train_loss", "train_accuracy"}
    assert set(watched.history_[0]) == set(plain.history_[0]) | {"validation_loss", "validation_accuracy"}
    from sklearn.metrics import log_loss

    expected = log_loss(y[:10], watched.predict_proba(X[:10]), labels=[0, 1, 2])
    assert watched.history_[-1]["validation_loss"] == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize(
    ("validation", "words"),
    [
        (lambda X, y: (X, np.eye(4)[y]), "target rows of 4 classes; give those of all 3"),
        (lambda X, y: (X, y[:5]), r"labels of shape \(5,\) for 60 rows"),
        (lambda X, y: (X, y + 1), "not among the classes: 3"),
        (lambda X, y: [X, y], "no pair"),
        (lambda X, y: (X, y, y), "no pair"),
    ],
)
def test_rows_that_cannot_be_watched(table, validation, words):
    with pytest.raises(InputError, match=words):
        small().fit(*table, validation=validation(*table))


def test_watched_target_rows_are_those_of_their_labels(table):
    X, y = table
    names = np.array(["c", "a", "b"])[y]
    by_labels = small().fit(X, names, validation=(X[:10], names[:10]))
    by_rows = small().fit(
        X, names, validation=(X[:10], np.eye(3)[[["a", "b", "c"].index(name) for name in names[:10]]])
    )
    assert by_labels.history_ == by_rows.history_


def test_the_last_epoch_is_taken_by_default(table):
    X, y = table
    told = small(epochs=4).fit(X, y)
    assert [row["epoch"] for row in told.history_] == [1, 2, 3, 4]
    assert told.n_epochs_ == 4
    assert told.loss_history_ == [row["train_loss"] for row in told.history_]


def test_early_stopping_takes_the_best_epoch_of_the_inner_split(table):
    X, y = table
    noisy = np.where(np.random.default_rng(1).random(60) < 0.4, (y + 1) % 3, y)
    model = small(epochs=60, early_stopping=3, lr=0.3, schedule="constant", validation_share=0.25).fit(X, noisy)
    losses = [row["validation_loss"] for row in model.history_]
    assert len(losses) < 60
    assert model.n_epochs_ == 1 + int(np.argmin(losses))
    assert len(losses) == model.n_epochs_ + 3
    options = {"lr": 0.3, "schedule": "constant", "validation_share": 0.25}
    as_long = small(epochs=model.n_epochs_, **options).fit(X, noisy)
    assert as_long.predict_proba(X).tobytes() == model.predict_proba(X).tobytes()


def test_an_inner_split_is_not_trained_on():
    X = np.eye(40, dtype=np.float32)  # each row its own feature: what is not trained on is not known
    y = np.arange(40) % 2
    model = small(linear, epochs=200, lr=1.0, validation_share=0.5, batch_size=20).fit(X, y)
    assert (model.predict(X) == y).mean() < 0.95
    assert model.history_[-1]["train_accuracy"] == 1.0
    assert model.history_[-1]["validation_accuracy"] < 0.8


def test_pictures_of_all_kinds_are_the_same_rows(squares):
    X, y = squares
    fits = [small("small_cnn", augment="crop").fit(rows, y) for rows in (X, Images.from_array(X))]
    assert fits[0].predict_proba(X).tobytes() == fits[1].predict_proba(Images.from_array(X)).tobytes()
    assert fits[0].input_shape_ == (3, 8, 8)

    class Loaded:
        """Rows that answer len and take, and nothing else."""

        def __len__(self):
            return len(X)

        def take(self, rows):
            return X[rows]

    lazy = small("small_cnn", augment="crop").fit(Loaded(), y)
    assert np.allclose(lazy.predict_proba(Loaded()), fits[0].predict_proba(X), atol=1e-6)


def test_pictures_are_learned(squares):
    X, y = squares
    model = small("small_cnn", epochs=8).fit(X[:30], y[:30])
    assert (model.predict(X[30:]) == y[30:]).mean() > 0.9


@pytest.mark.parametrize(
    "options",
    [
        {"precision": "bf16"},
        {"channels_last": False},
        {"average": "ema"},
        {"average": "swa"},
        {"augment": "crop+flip+cutmix+mixup"},
        {"augment": "autoaugment+erasing"},
        {"image_size": 12},
        {"schedule": "cosine", "warmup": 0.2, "optimizer": "adamw", "lr": 0.01},
        {"schedule": "steps", "clip_norm": 1.0},
        {"loss": "kl"},
        {"loss": "emd"},
        {"hardest": 0.5},
        {"network_options": {"pool": "gem"}},
    ],
    ids=str,
)
def test_every_option_trains(squares, options):
    X, y = squares
    model = small("small_cnn", **({"epochs": 8} | options)).fit(X, y)
    predicted = model.predict_proba(X)
    assert np.allclose(predicted.sum(axis=1), 1, atol=1e-5)
    assert (predicted.argmax(axis=1) == y).mean() > 0.6


def test_pictures_are_changed_in_training_and_nowhere_else(squares):
    X, y = squares
    changed = []

    def inverted(image):
        changed.append(image)
        return 255 - image

    model = small("small_cnn", augment=inverted, average="swa").fit(X, y, validation=(X[:9], y[:9]))
    epochs_and_statistics = 45 * 3 + 45
    assert epochs_and_statistics <= len(changed) <= epochs_and_statistics + 2  # and the first question
    asked = len(changed)
    predicted = model.predict_proba(X)
    model.predict_targets(X, tta="flip")
    assert len(changed) == asked
    scaled = X / 255
    x = ((scaled - scaled.mean(axis=(0, 1, 2))) / scaled.std(axis=(0, 1, 2))).astype(np.float32)
    with torch.no_grad():
        answers = model.network_(torch.from_numpy(x).permute(0, 3, 1, 2))
    assert np.allclose(predicted, torch.softmax(answers, 1).numpy(), atol=1e-4)


def test_numbers_with_a_shape_are_given_as_they_are():
    X = np.random.default_rng(0).normal(size=(24, 2, 8, 8)).astype(np.float32)
    y = (X[:, 0].mean(axis=(1, 2)) > 0).astype(int)
    for network in ("small_cnn", "mlp"):
        model = small(network, epochs=1).fit(X, y)
        assert model.input_shape_ == (2, 8, 8)
        with torch.no_grad():
            expected = torch.softmax(model.network_(torch.from_numpy(X)), 1).numpy()
        assert np.allclose(model.predict_proba(X), expected, atol=1e-5)
        assert not hasattr(model, "n_features_in_")


def test_no_pictures_have_no_predictions(squares):
    X, y = squares
    assert small("small_cnn", epochs=1).fit(X, y).predict_proba(X[:0]).shape == (0, 3)


def test_tta_is_the_mean_over_views(squares):
    X, y = squares
    model = small("small_cnn").fit(X, y)
    one, mirrored = model.predict_proba(X), model.predict_proba(X[:, :, ::-1])
    assert np.allclose(model.predict_targets(X, tta="flip"), (one + mirrored) / 2, atol=1e-6)
    assert model.predict_proba(X, tta="none").tobytes() == one.tobytes()
    own = clone(model).set_params(tta="flip").fit(X, y)
    assert own.predict_proba(X).tobytes() == model.predict_proba(X, tta="flip").tobytes()
    assert own.predict_proba(X, tta="none").tobytes() == one.tobytes()


def test_a_network_to_start_from_is_not_changed(table):
    X, y = table
    network = nn.Linear(X.shape[1], 3)
    before = network.weight.detach().clone()
    model = small(network).fit(X, y)
    assert torch.equal(network.weight, before)
    assert not torch.equal(model.network_.weight, before)


def test_weights_are_saved_and_started_from(table, tmp_path):
    X, y = table
    first = small(epochs=10).fit(X, y)
    first.save_weights(tmp_path / "w.safetensors")
    # A step so small that what is started from can be seen in the answers.
    again = small(epochs=1, lr=1e-12, schedule="constant", weights=tmp_path / "w.safetensors").fit(X, y)
    assert (again.predict(X) == first.predict(X)).all()
    assert again.history_[0]["train_loss"] < small(epochs=1, lr=1e-12).fit(X, y).history_[0]["train_loss"]


def test_fitted_and_unfitted_models_are_pickled(table):
    X, y = table
    model = small().fit(X, y)
    again = pickle.loads(pickle.dumps(model))
    assert again.predict_proba(X).tobytes() == model.predict_proba(X).tobytes()
    assert clone(again).get_params() == small().get_params()


def test_a_line_an_epoch(table, capsys):
    X, y = table
    small().fit(X, y)
    assert capsys.readouterr().err == ""
    small(verbose=1).fit(X, y, validation=(X, y))
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 3
    assert lines[0].startswith("epoch 1/3: lr ")
    assert "training loss" in lines[0]
    assert "validation loss" in lines[0]


def test_nan_names_epoch_batch_and_rate(table):
    X, y = table
    with pytest.raises(FitError, match=r"loss is (nan|inf) in epoch \d+, batch \d+, at learning rate"):
        small(linear, epochs=50, lr=1e30, schedule="constant").fit(X, y)


@pytest.mark.parametrize(
    ("network", "words"),
    [
        (lambda n_features: nn.Linear(n_features, 7), r"answers \(2, 7\) to 2 rows; it must answer \(2, 3\)"),
        (lambda n_features: nn.Linear(n_features + 1, 3), "cannot take inputs of shape"),
        (lambda: nn.Identity(), "no parameter|answers"),
        ("se_resnet21", "se_resnet20"),
    ],
)
def test_networks_that_do_not_fit(table, network, words):
    with pytest.raises(InputError, match=words):
        small(network).fit(*table)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"epochs": 0}, "epochs=0; give a whole number, 1 or more"),
        ({"batch_size": 2.5}, "batch_size=2.5"),
        ({"lr": -1}, "lr=-1; give a number above 0"),
        ({"momentum": 1}, "momentum=1; give a number 0 or more and below 1"),
        ({"optimizer": "adam"}, "optimizer='adam'; give one of sgd, adamw"),
        ({"schedule": "linear"}, "one_cycle, cosine, steps, constant"),
        ({"precision": "fp16"}, "float32, bf16"),
        ({"average": "mean"}, "None, ema, swa"),
        ({"augment": "crop"}, "is for pictures"),
        ({"device": "tpu9"}, "auto, cpu, cuda"),
        ({"loss": "mse"}, "cross_entropy, kl"),
        ({"validation_share": 0.999}, "leaves none to train on|validation_share"),
    ],
    ids=str,
)
def test_settings_that_cannot_be(table, options, words):
    with pytest.raises(InputError, match=words):
        small(**options).fit(*table)


def test_rows_of_another_shape_are_not_predicted(squares, table):
    X, y = squares
    model = small("small_cnn").fit(X, y)
    with pytest.raises(InputError, match=r"shape \(3, 6, 6\).*\(3, 8, 8\)"):
        model.predict(X[:, :6, :6])
    with pytest.raises(InputError, match="makes views of pictures"):
        small().fit(*table).predict_proba(table[0], tta="flip")


def test_columns_are_compared_by_name(table):
    import pandas as pd

    frame = pd.DataFrame(table[0]).add_prefix("x")
    model = small(epochs=1).fit(frame, table[1])
    assert model.predict_proba(frame).shape == (60, 3)
    with pytest.raises(ValueError, match="feature names should match"):
        model.predict(frame[frame.columns[::-1]])


def test_a_generator_gives_the_seed(table):
    first, again = (small(epochs=1, random_state=np.random.RandomState(3)).fit(*table) for _ in range(2))
    assert first.predict_proba(table[0]).tobytes() == again.predict_proba(table[0]).tobytes()


def test_without_torch_the_line_that_installs_it(table, monkeypatch):
    monkeypatch.setattr("softlabel.learners.torch_installed.find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=r"pip install 'softlabel\[torch\]'"):
        small().fit(*table)


def test_answers_that_are_no_numbers_are_refused_with_what_to_change(squares):
    """A single step, too far: the loss before it was finite, and there is none after it."""
    X, y = squares
    model = TorchClassifier("small_cnn", epochs=1, batch_size=45, lr=1e30, random_state=0).fit(X, y)
    assert np.isfinite(model.loss_history_).all()
    with pytest.raises(
        FitError, match=r"no finite numbers; .* in the last epoch, 1, at learning rate .*; give a smaller lr"
    ):
        model.predict_proba(X)


def test_no_loss_is_cross_entropy_and_all_rows_are_the_plain_mean(table):
    X, y = table
    plain = small().fit(X, y).predict_proba(X)
    assert small(loss="cross_entropy").fit(X, y).predict_proba(X).tobytes() == plain.tobytes()
    assert small(hardest=1.0).fit(X, y).predict_proba(X).tobytes() == plain.tobytes()
    assert small(hardest=0.5).fit(X, y).predict_proba(X).tobytes() != plain.tobytes()


def test_by_earth_movers_distance_doubt_is_answered_by_the_mean_row():
    """It is a proper score: of rows that nothing tells apart, three of grade 0 and one of grade 4 in each four."""
    X, targets = np.ones((40, 1), np.float32), np.eye(5)[np.where(np.arange(40) % 4 < 3, 0, 4)]
    options = {"epochs": 150, "batch_size": 40, "lr": 1.0, "weight_decay": 0.0, "schedule": "cosine"}
    predicted = small(linear, loss="emd", **options).fit(X, targets).predict_proba(X[:1])[0]
    assert np.allclose(predicted.cumsum()[:4], 0.75, atol=0.03)
