import numpy as np
import pytest
from sklearn.linear_model import HuberRegressor, LinearRegression
from sklearn.metrics import mean_absolute_error
from torch import nn

from softlabel.errors import InputError
from softlabel.learners.torch_regressor import TorchRegressor

DRAWS = np.random.default_rng(0)
X = DRAWS.normal(size=(60, 3)).astype(np.float32)
GRADES = np.clip(np.round(X @ [1.0, 0.5, 0.0] + 2 + 0.3 * DRAWS.normal(size=60)), 0, 4)
FULL = {"optimizer": "adamw", "lr": 0.05, "weight_decay": 0.0, "batch_size": 60, "schedule": "cosine", "epochs": 200}


def linear(n_features, n_outputs):
    return nn.Linear(n_features, n_outputs)


def small(network="mlp", **options):
    return TorchRegressor(network, **({"epochs": 3, "batch_size": 16, "random_state": 0} | options))


def test_a_linear_network_finds_least_squares():
    model = small(linear, loss="squared_error", **FULL).fit(X, GRADES)
    assert np.allclose(model.predict(X), LinearRegression().fit(X, GRADES).predict(X), atol=2e-3)


def test_smooth_l1_is_moved_by_far_targets_no_more_than_hubers_regression():
    """Six of sixty grades are 30 too large. scikit-learn's regression is near, but no more: it also fits a scale."""
    wrong = GRADES + 30 * (np.arange(60) % 10 == 0)
    predicted = small(linear, **FULL).fit(X, wrong).predict(X)
    assert np.abs(predicted - GRADES).mean() < 0.5
    assert np.abs(LinearRegression().fit(X, wrong).predict(X) - GRADES).mean() > 2
    assert np.allclose(predicted, HuberRegressor(alpha=0.0).fit(X, wrong).predict(X), atol=0.3)


def test_labels_a_column_and_several_columns():
    row, column = small().fit(X, GRADES), small().fit(X, GRADES[:, None])
    assert row.predict_targets(X).tobytes() == column.predict_targets(X).tobytes()
    assert (row.predict(X).shape, column.predict(X).shape, row.predict_targets(X).shape) == ((60,), (60,), (60, 1))
    assert np.array_equal(row.predict(X), row.predict_targets(X)[:, 0])
    several = small(epochs=30, lr=0.05).fit(X, np.stack([GRADES, -GRADES], axis=1))
    assert several.predict(X).shape == several.predict_targets(X).shape == (60, 2)
    assert several.n_outputs_ == 2
    assert several.score(X, np.stack([GRADES, -GRADES], axis=1)) > 0.5


def test_it_starts_at_the_mean():
    """A step too small to be seen: what is answered is the start."""
    model = small(linear, epochs=1, lr=1e-12, schedule="constant").fit(X, GRADES + 1000)
    answers = model.predict(X)
    assert abs(answers.mean() - GRADES.mean() - 1000) < 2
    weight = np.where(GRADES == 4, 1.0, 1e-9)
    towards = small(linear, epochs=1, lr=1e-12, schedule="constant").fit(0 * X, 100 * GRADES, sample_weight=weight)
    assert towards.predict(X[:1] * 0) == pytest.approx(400, abs=1)


def test_scores_are_those_of_its_predictions():
    model = small(epochs=5).fit(X, GRADES, validation=(X[:20], GRADES[:20]))
    assert model.history_[-1]["validation_mae"] == pytest.approx(
        mean_absolute_error(GRADES[:20], model.predict(X[:20])), rel=1e-5
    )
    assert model.history_[-1]["train_mae"] < model.history_[0]["train_mae"]


def test_an_inner_split_holds_all_grades():
    rare = np.repeat([0.0, 1.0, 2.0, 3.0], [40, 12, 4, 4])
    seen = []

    def watched(output, targets, weight):
        seen.append(targets)
        return (output - targets).square().mean()

    small(linear, epochs=1, batch_size=60, validation_share=0.25, loss=watched).fit(X, rare)
    assert np.bincount(seen[0].numpy().ravel().astype(int)).tolist() == [30, 9, 3, 3]


@pytest.mark.parametrize(
    ("y", "words"),
    [
        (np.r_[GRADES[:-1], np.nan], "y has nan in row 59, and 1 of 60 values are no finite numbers"),
        (GRADES[:5], "y has 5 rows for 60 rows of X"),
        (["low"] * 60, "y must hold one number"),
    ],
    ids=["missing", "few", "words"],
)
def test_targets_that_are_no_numbers(y, words):
    with pytest.raises(InputError, match=words):
        small().fit(X, y)


def test_rows_to_watch_are_named_in_what_is_wrong_with_them():
    with pytest.raises(InputError, match=r"^validation has inf in row 0"):
        small().fit(X, GRADES, validation=(X[:2], [np.inf, 1]))
