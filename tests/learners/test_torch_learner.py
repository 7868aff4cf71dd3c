"""What every network learner does, whatever its targets; what only classifiers do stands in their own tests."""

import inspect

import numpy as np
import pytest
from sklearn.base import clone
from torch import nn

from coloured_pictures import coloured
from softlabel.errors import FitError, InputError
from softlabel.learners.torch_classifier import TorchClassifier
from softlabel.learners.torch_learner import TorchLearner, network_arrays
from softlabel.learners.torch_multilabel import TorchMultilabelClassifier
from softlabel.learners.torch_regressor import TorchRegressor

CLASSES = (TorchClassifier, TorchMultilabelClassifier, TorchRegressor)
SMALL = {"epochs": 3, "batch_size": 16, "random_state": 0}
DRAWS = np.random.default_rng(0)
X = DRAWS.normal(size=(40, 3)).astype(np.float32)
ROWS = {
    "distribution": DRAWS.dirichlet(np.ones(3), 40),
    "independent": DRAWS.random((40, 3)),
    "scalar": DRAWS.normal(size=(40, 3)),
}


def small(learner, network="mlp", **options):
    return learner(network, **(SMALL | options))


@pytest.fixture(scope="module")
def pictures():
    return coloured(12, side=8)[0]


@pytest.fixture(params=CLASSES, ids=lambda learner: learner.target_kind)
def learner(request):
    return request.param


def test_settings_are_those_of_all_and_are_cloned(learner):
    assert learner().get_params() == TorchLearner().get_params()
    assert set(learner().get_params()) == set(inspect.signature(TorchLearner).parameters)
    changed = {name: object() for name in learner().get_params()}
    given = learner(**changed)
    assert all(getattr(given, name) is value for name, value in changed.items())
    assert clone(small(learner, hardest=0.5)).get_params() == small(learner, hardest=0.5).get_params()
    assert learner.takes_images


def test_same_seed_same_bytes_and_rows_of_the_right_shape(learner):
    rows = ROWS[learner.target_kind]
    kept = rows.copy()
    first, again = (small(learner).fit(X, rows).predict_targets(X) for _ in range(2))
    assert first.tobytes() == again.tobytes()
    assert (first.shape, first.dtype) == ((40, 3), np.float32)
    assert small(learner, random_state=1).fit(X, rows).predict_targets(X).tobytes() != first.tobytes()
    assert np.array_equal(rows, kept)


def test_rows_of_weight_zero_are_left_out(learner):
    rows, used = ROWS[learner.target_kind], np.arange(40) % 4 > 0
    with_zeros = small(learner).fit(X, rows, sample_weight=used * 2.0)
    without = small(learner).fit(X[used], rows[used], sample_weight=np.full(used.sum(), 2.0))
    assert with_zeros.predict_targets(X).tobytes() == without.predict_targets(X).tobytes()


def test_watched_rows_choose_nothing_and_are_scored(learner):
    rows = ROWS[learner.target_kind]
    plain = small(learner).fit(X, rows)
    watched = small(learner).fit(X, rows, validation=(X[:9], rows[:9]))
    assert plain.predict_targets(X).tobytes() == watched.predict_targets(X).tobytes()
    score = "mae" if learner is TorchRegressor else "accuracy"
    assert set(plain.history_[0]) == {"epoch", "lr", "train_loss", f"train_{score}"}
    assert set(watched.history_[0]) == set(plain.history_[0]) | {"validation_loss", f"validation_{score}"}
    assert watched.loss_history_ == [row["train_loss"] for row in watched.history_]


def test_rows_to_watch_have_the_columns_of_the_training(learner):
    rows = ROWS[learner.target_kind]
    narrow = rows[:9, :2] / (rows[:9, :2].sum(axis=1, keepdims=True) if learner is TorchClassifier else 1)
    with pytest.raises(InputError, match=r"validation has .*2 .*3 of the training|2 classes; give those of all 3"):
        small(learner).fit(X, rows, validation=(X[:9], narrow))
    with pytest.raises(InputError, match="no pair"):
        small(learner).fit(X, rows, validation=[X, rows])


@pytest.mark.parametrize(
    "options",
    [
        {"average": "swa"},
        {"average": "ema"},
        {"hardest": 0.3},
        {"augment": "crop+flip+cutmix+mixup"},
        {"precision": "bf16"},
        {"network_options": {"pool": "gem"}},
        {"validation_share": 0.25},
        {"early_stopping": 2},
        {"optimizer": "adamw", "schedule": "cosine", "warmup": 0.1},
    ],
    ids=str,
)
def test_every_option_trains_on_pictures(learner, pictures, options):
    """Reddish and bluish pictures: the first column says which, the others are constant."""
    red = np.arange(24) >= 12
    rows = np.full((24, 3), 0.0 if learner is not TorchClassifier else 1e-6)
    rows[:, 0] = np.where(red, 0.9, 0.1)
    rows[:, 1] = 1 - rows[:, 0]
    rows /= rows.sum(axis=1, keepdims=True)
    base = {"epochs": 12, "batch_size": 8, "lr": 0.01 if "optimizer" in options else 0.05}
    model = small(learner, "small_cnn", **(base | options)).fit(pictures, rows)
    predicted = model.predict_targets(pictures)
    assert predicted[red, 0].min() > predicted[~red, 0].max()
    assert np.allclose(predicted[:, 1], 1 - predicted[:, 0], atol=0.35)


def test_weights_averaged_over_the_last_epochs_are_the_mean_of_those_epochs(learner):
    """A network without normalisation: its averaged weights are the mean of what shorter trainings end with."""
    rows, options = ROWS[learner.target_kind], {"schedule": "constant", "lr": 0.05, "swa_start": 0.5}
    ends = [network_arrays(small(learner, epochs=epochs, **options).fit(X, rows).network_) for epochs in (3, 4)]
    averaged = network_arrays(small(learner, epochs=4, average="swa", **options).fit(X, rows).network_)
    for name, values in averaged.items():
        assert np.allclose(values, (ends[0][name] + ends[1][name]) / 2, atol=1e-6)


def test_the_hardest_rows_alone_are_learned_from(learner):
    """One row in four has another target: with plain means the many win, with the hardest share the worst is made better."""
    ones, odd = np.ones((40, 1), np.float32), np.arange(40) % 4 == 0
    rows = np.where(odd[:, None], [[1.0, 0.0]], [[0.0, 1.0]])
    options = {"epochs": 80, "batch_size": 40, "lr": 0.3, "weight_decay": 0.0, "schedule": "cosine"}

    def linear(n_features, n_outputs):
        return nn.Linear(n_features, n_outputs)

    said = {
        share: learner(linear, random_state=0, hardest=share, **options).fit(ones, rows).predict_targets(ones[:1])[0, 0]
        for share in (None, 0.5)
    }
    assert said[None] == pytest.approx(0.25, abs=0.02)
    # Half of the rows: the odd quarter and as much of the others, so that both weigh the same.
    assert said[0.5] == pytest.approx(0.5, abs=0.05)


def test_a_callable_loss_sees_outputs_rows_and_weights(learner):
    seen = []

    def loss(output, targets, weight):
        seen.append((tuple(output.shape), tuple(targets.shape), tuple(weight.shape)))
        return (output - targets).square().mean()

    small(learner, epochs=1, batch_size=40, loss=loss).fit(X, ROWS[learner.target_kind], sample_weight=np.ones(40))
    assert seen == [((40, 3), (40, 3), (40,))]


def test_what_a_network_must_answer_is_said_in_the_words_of_its_targets(learner):
    words = {"distribution": "class", "independent": "label", "scalar": "a number for each target column"}
    with pytest.raises(InputError, match=rf"must answer \(2, 3\), .*{words[learner.target_kind]}$"):
        small(learner, lambda n_features: nn.Linear(n_features, 7)).fit(X, ROWS[learner.target_kind])


def test_answers_that_are_no_numbers_are_refused(learner):
    model = small(learner, epochs=1, batch_size=40, lr=1e38, clip_norm=1.0).fit(X, ROWS[learner.target_kind])
    with pytest.raises(FitError, match=r"no finite numbers; .*give a smaller lr"):
        model.predict_targets(X)


def test_weights_are_saved_and_started_from(learner, tmp_path):
    rows = ROWS[learner.target_kind]
    first = small(learner, epochs=6).fit(X, rows)
    first.save_weights(tmp_path / "w.safetensors")
    again = small(learner, epochs=1, lr=1e-12, schedule="constant", weights=tmp_path / "w.safetensors").fit(X, rows)
    assert np.allclose(again.predict_targets(X), first.predict_targets(X), atol=1e-5)


def test_views_of_pictures_are_averaged(learner, pictures):
    rows = ROWS[learner.target_kind][:24]
    model = small(learner, "small_cnn", epochs=1).fit(pictures, rows)
    one, mirrored = model.predict_targets(pictures), model.predict_targets(pictures[:, :, ::-1])
    assert np.allclose(model.predict_targets(pictures, tta="flip"), (one + mirrored) / 2, atol=1e-6)
