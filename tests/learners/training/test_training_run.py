import numpy as np
import pytest
import torch
from torch import nn
from torchvision.transforms.v2 import functional as V

from coloured_pictures import coloured
from softlabel import FitError, InputError, TorchClassifier
from softlabel.execution.executor import Resources, attempt
from softlabel.learners.training import student, training_run
from softlabel.learners.training.outputs import outputs_of
from softlabel.learners.training.training_run import run_prediction, run_training

timm = pytest.importorskip("timm")
TIMM = "timm:test_resnet.r160_in1k"


@pytest.fixture
def rows():
    draws = np.random.default_rng(0)
    return draws.normal(size=(23, 3)).astype(np.float32), draws.dirichlet(np.ones(2), 23).astype(np.float32)


@pytest.fixture(scope="module")
def pictures():
    X, y = coloured(6, side=8)
    return X, y


def settings(network="mlp", **options):
    base = {"epochs": 2, "batch_size": 5, "random_state": 0}
    return TorchClassifier(network, **(base | options))


class Watched(nn.Module):
    """A linear network that writes down what it is asked."""

    def __init__(self, n_features, n_outputs):
        super().__init__()
        self.line = nn.Linear(n_features, n_outputs)
        self.asked = []

    def forward(self, x):
        self.asked.append((self.training, len(x), torch.is_grad_enabled(), torch.get_num_threads()))
        return self.line(x)


def test_what_a_training_leaves(rows):
    trained = run_training(settings(), *rows, None, None)
    assert trained.input_shape == (3,)
    assert [row["epoch"] for row in trained.history] == [1, 2]
    assert trained.n_epochs == 2
    assert not trained.network.training
    assert {values.device.type for values in trained.network.state_dict().values()} == {"cpu"}


def test_a_network_is_asked_once_in_its_quiet_mode_and_then_trained(rows):
    asked = run_training(settings(Watched), *rows, None, None).network.asked
    assert asked[0][:3] == (False, 2, False)
    assert [one[:3] for one in asked[1:]] == [(True, size, True) for size in (5, 5, 5, 5, 3)] * 2


def test_a_training_takes_the_threads_of_its_executor(rows):
    before = torch.get_num_threads()
    trained = attempt(lambda _: run_training(settings(Watched), *rows, None, None), None, Resources(threads=2))[1].value
    assert {threads for *_, threads in trained.network.asked} == {2}
    assert torch.get_num_threads() == before


@pytest.mark.parametrize("batch_size", [1, 2, 5, 11, 22, 23, 40])
def test_the_schedule_ends_with_the_training(rows, batch_size):
    trained = run_training(settings(batch_size=batch_size, epochs=3, lr=0.1), *rows, None, None)
    assert trained.history[-1]["lr"] == pytest.approx(0.1 / 25 / 1e4)


@pytest.mark.parametrize(("optimizer", "rate"), [("sgd", 0.1), ("adamw", 0.001)])
def test_the_learning_rate_that_is_taken_where_none_is_given(rows, optimizer, rate):
    trained = run_training(settings(optimizer=optimizer, schedule="constant"), *rows, None, None)
    assert trained.history[0]["lr"] == rate


def test_weights_order_and_inner_split_have_seeds_of_their_own(rows, monkeypatch):
    seeds = []
    build, split, batches = student.build_network, training_run.inner_split, training_run.ShuffledBatches

    def building(*args, seed, **options):
        seeds.append(seed)
        return build(*args, seed=seed, **options)

    def splitting(*args):
        seeds.append(args[-1])
        return split(*args)

    def shuffling(rows, normalise, device, batch_size, seed, **options):
        seeds.append(seed)
        return batches(rows, normalise, device, batch_size, seed, **options)

    monkeypatch.setattr(student, "build_network", building)
    monkeypatch.setattr(training_run, "inner_split", splitting)
    monkeypatch.setattr(training_run, "ShuffledBatches", shuffling)
    for seed in (0, 1):
        run_training(settings(validation_share=0.2, random_state=seed), *rows, None, None)
    assert len(set(seeds)) == len(seeds) == 6


def test_a_tenth_is_set_apart_to_stop_by(rows):
    asked = run_training(settings(Watched, early_stopping=5, epochs=1), *rows, None, None).network.asked
    assert sum(size for training, size, *_ in asked if training) == 21


def test_watched_rows_are_scored_beside_an_inner_split(rows):
    X, targets = rows
    half = settings(validation_share=0.5, lr=0.05)
    watched = (X[:5], np.eye(2, dtype=np.float32)[[0, 1, 1, 0, 0]])
    both = run_training(half, *rows, None, watched)
    split = run_training(half, *rows, None, None)
    for row, alone in zip(both.history, split.history, strict=True):
        assert (row["inner_loss"], row["inner_accuracy"]) == (alone["validation_loss"], alone["validation_accuracy"])
        assert "inner_loss" not in alone
    mean, std = (torch.as_tensor(values) for values in (both.preparation.mean, both.preparation.std))
    with torch.no_grad():
        logs = torch.log_softmax(both.network((torch.from_numpy(X[:5]) - mean) / std), 1)
    expected = -(logs.numpy() * watched[1]).sum(axis=1).mean()
    assert both.history[-1]["validation_loss"] == pytest.approx(expected, rel=1e-4)


def test_early_stopping_goes_by_the_inner_split_and_not_by_watched_rows(rows):
    stops = settings(early_stopping=1, epochs=30, lr=0.5, validation_share=0.3, schedule="constant")
    alone = run_training(stops, *rows, None, None)
    opposite = (rows[0], 1 - rows[1])
    both = run_training(stops, *rows, None, opposite)
    assert len(alone.history) == len(both.history) < 30
    assert alone.n_epochs == both.n_epochs == 1 + int(np.argmin([row["inner_loss"] for row in both.history]))
    assert all(
        torch.equal(a, b) for a, b in zip(*(x.network.state_dict().values() for x in (alone, both)), strict=True)
    )


def test_rows_of_weight_zero_are_neither_trained_on_nor_set_apart(rows):
    X, targets = rows
    used = np.arange(23) % 3 > 0
    weight = np.where(used, np.arange(23) + 1.0, 0.0)
    asked_for = settings(validation_share=0.3, lr=0.05)
    with_zeros = run_training(asked_for, X, targets, weight, None)
    without = run_training(asked_for, X[used], targets[used], weight[used], None)
    assert with_zeros.history == without.history
    assert "validation_loss" in with_zeros.history[0]


def test_watched_rows_have_the_shape_of_the_others(pictures):
    X, y = pictures
    targets = np.eye(2, dtype=np.float32)[(y == "red").astype(int)]
    with pytest.raises(InputError, match=r"shape \(3, 8, 10\), and those of the training had \(3, 8, 8\)"):
        run_training(settings("small_cnn"), X, targets, None, (np.repeat(X, 2, axis=2)[:, :, :10], targets))


@pytest.mark.parametrize("where", [True, False])
def test_memory_that_runs_out_is_told_wherever_it_does(rows, where):
    class Large(Watched):
        def forward(self, x):
            if self.training is where and len(self.asked) > 1:
                raise MemoryError
            return super().forward(x)

    model = settings(Large)
    with pytest.raises(FitError, match=f"out of memory on cpu with batches of {5 if where else 10}; lower batch_size"):
        model.fit(*rows).predict_proba(rows[0])


def test_the_compiled_network_is_trained_and_the_plain_one_kept(rows, monkeypatch):
    seen = []

    class Compiled(nn.Module):
        def __init__(self, module):
            super().__init__()
            self._orig_mod = module

        def forward(self, x):
            seen.append(len(x))
            return self._orig_mod(x)

    plain = settings(average="ema").fit(*rows)
    monkeypatch.setattr(torch, "compile", Compiled)
    model = settings(average="ema", compile=True).fit(*rows)
    assert seen == [5, 5, 5, 5, 3] * 2
    assert not isinstance(model.network_, Compiled)
    assert model.predict_proba(rows[0]).tobytes() == plain.predict_proba(rows[0]).tobytes()
    assert len(seen) == 10  # predictions need no compilation


def by_hand(network, X, size, mean, std):
    """Softmax of a network's answers to pictures (n, h, w, 3), resized by torchvision."""
    x = torch.from_numpy(X).permute(0, 3, 1, 2)
    x = V.resize(x, list(size), antialias=True).float() / 255
    with torch.no_grad():
        return torch.softmax(network((x - mean) / std), dim=1).numpy()


def test_a_model_of_timm_has_its_own_normalisation_and_size(pictures):
    X, y = pictures
    model = settings(TIMM, epochs=1, batch_size=12).fit(X, y)
    assert model.preparation_.size == (160, 160)
    assert model.input_shape_ == (3, 8, 8)
    assert np.allclose(model.predict_proba(X[:3]), by_hand(model.network_, X[:3], (160, 160), 0.5, 0.5), atol=2e-3)
    assert not np.allclose(model.predict_proba(X[:3]), by_hand(model.network_, X[:3], (32, 32), 0.5, 0.5), atol=2e-3)


def test_the_size_that_is_asked_for_comes_before_that_of_timm(pictures):
    X, y = pictures
    model = settings(TIMM, epochs=1, batch_size=12, image_size=32).fit(X, y)
    assert model.preparation_.size == (32, 32)
    assert np.allclose(model.predict_proba(X[:3]), by_hand(model.network_, X[:3], (32, 32), 0.5, 0.5), atol=2e-3)


def test_a_timm_model_starts_from_a_file(pictures, tmp_path):
    from safetensors.torch import save_file

    X, y = pictures
    with torch.random.fork_rng():
        torch.manual_seed(7)
        start = timm.create_model("test_resnet", num_classes=2)
    save_file(start.state_dict(), tmp_path / "w.safetensors")
    options = {"epochs": 1, "batch_size": 12, "image_size": 32, "lr": 1e-12, "weights": tmp_path / "w.safetensors"}
    found = dict(settings(TIMM, **options).fit(X, y).network_.named_parameters())
    assert all(torch.allclose(found[name], values, atol=1e-8) for name, values in start.named_parameters())
    with pytest.warns(UserWarning, match="end in 2 outputs and 3 are needed"):
        settings(TIMM, **options).fit(X, np.arange(12) % 3)


def test_weights_that_cannot_be_downloaded_are_told(pictures, monkeypatch):
    def refuse(*args, **kwargs):
        raise OSError("no connection")

    monkeypatch.setattr("timm.models._builder.load_state_dict_from_hf", refuse)
    monkeypatch.setattr("timm.models._builder.load_state_dict_from_url", refuse)
    with pytest.raises(InputError, match=r"cannot be had \(no connection\); give weights=PATH of a local file") as told:
        settings(TIMM, weights="pretrained", image_size=32).fit(*pictures)
    assert "\n" not in str(told.value)


def test_views_are_refused_for_rows_that_are_no_pictures(rows):
    model = settings().fit(*rows)
    assert run_prediction(model, rows[0], "none").shape == (23, 2)
    with pytest.raises(InputError, match="makes views of pictures"):
        run_prediction(model, rows[0], "flip")


OPTIONS = {
    "optimizer": "adamw", "lr": 0.01, "momentum": 0.8, "weight_decay": 0.02, "schedule": "steps", "warmup": 0.1,
    "milestones": (0.4,), "gamma": 0.3, "clip_norm": 2.0, "average": "ema", "ema_decay": 0.7, "swa_start": 0.6,
    "workers": 1, "loss": "kl", "hardest": 0.25, "precision": "bf16", "epochs": 3,
}  # fmt: skip


def test_each_setting_gets_to_where_it_is_used(rows, monkeypatch):
    got = {}

    def listening(name):
        made = getattr(training_run, name)

        def listener(*args, **options):
            got[name] = (args, options)
            return made(*args, **options)

        monkeypatch.setattr(training_run, name, listener)

    for name in ("make_optimizer", "make_schedule", "make_averaging", "make_loss", "isolated", "Training"):
        listening(name)
    run_training(settings(**OPTIONS), *rows, None, None)
    assert got["make_optimizer"][0][0] == "adamw"
    assert got["make_optimizer"][1] == {"lr": 0.01, "momentum": 0.8, "weight_decay": 0.02}
    assert got["make_schedule"][0][0] == "steps"
    assert got["make_schedule"][1] == {"lr": 0.01, "steps": 15, "warmup": 0.1, "milestones": (0.4,), "gamma": 0.3}
    assert got["make_averaging"][0][0] == "ema"
    assert got["make_averaging"][1] == {"decay": 0.7, "start": 0.6, "epochs": 3}
    assert got["make_loss"][0] == ("kl", "distribution", 0.25)
    assert got["Training"][1]["row_scores"] == outputs_of(settings()).row_scores
    training = got["Training"][1]
    assert (training["clip_norm"], training["epochs"], training["batches"].workers) == (2.0, 3, 1)
    with training["autocast"]():
        assert torch.is_autocast_enabled("cpu")
    first = got["isolated"][0][0]
    run_training(settings(random_state=1), *rows, None, None)
    assert got["isolated"][0][0] != first


@pytest.mark.parametrize("channels_last", [True, False])
def test_filters_lie_in_memory_as_asked(pictures, channels_last):
    model = settings("small_cnn", epochs=1, channels_last=channels_last).fit(*pictures)
    filters = [values for values in model.network_.parameters() if values.ndim == 4 and min(values.shape[1:]) > 1]
    assert all(values.is_contiguous(memory_format=torch.channels_last) == channels_last for values in filters)
    assert filters


def test_views_are_made_of_pictures_at_the_networks_size(pictures):
    X, y = np.repeat(pictures[0], 2, axis=2)[:, :, :10], pictures[1]
    model = settings("small_cnn", epochs=1, image_size=12).fit(X, y)
    assert np.allclose(run_prediction(model, X, "rotate").sum(axis=1), 1, atol=1e-5)  # 8 x 10 could not be turned
