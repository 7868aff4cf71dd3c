import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn.metrics import accuracy_score
from sklearn.multioutput import MultiOutputClassifier
from torch import nn

from coloured_pictures import coloured
from softlabel import SoftmaxRegression
from softlabel.errors import InputError
from softlabel.learners.torch_multilabel import TorchMultilabelClassifier

DRAWS = np.random.default_rng(0)
X = DRAWS.normal(size=(60, 3)).astype(np.float32)
Y = (np.stack([X[:, 0], X[:, 0] + X[:, 1], -X[:, 2] - 1], axis=1) + 0.5 * DRAWS.normal(size=(60, 3)) > 0).astype(int)


def linear(n_features, n_outputs):
    return nn.Linear(n_features, n_outputs)


def small(network="mlp", **options):
    return TorchMultilabelClassifier(network, **({"epochs": 3, "batch_size": 16, "random_state": 0} | options))


def test_a_linear_network_is_a_logistic_regression_for_each_label():
    options = {"optimizer": "adamw", "lr": 0.05, "weight_decay": 0.0, "batch_size": 60, "schedule": "cosine"}
    soft = np.clip(Y * 0.8 + 0.1 * DRAWS.random((60, 3)), 0, 1)
    model = small(linear, epochs=300, **options).fit(X, soft)
    for j in range(3):
        exact = SoftmaxRegression(C=1e8).fit(X, np.stack([1 - soft[:, j], soft[:, j]], axis=1))
        assert np.allclose(model.predict_proba(X)[:, j], exact.predict_proba(X)[:, 1], atol=3e-3)


def test_what_it_answers():
    model = small(epochs=30, lr=0.05).fit(X, Y)
    probabilities, labels = model.predict_proba(X), model.predict(X)
    assert probabilities.shape == labels.shape == (60, 3)
    assert np.array_equal(labels, (probabilities > 0.5).astype(int))
    assert labels.dtype == np.int64
    assert model.predict_targets(X).tobytes() == probabilities.tobytes()
    assert model.classes_.tolist() == [0, 1, 2]
    assert not np.allclose(probabilities.sum(axis=1), 1, atol=0.1)
    assert model.score(X, Y) == accuracy_score(Y, labels) > 0.5


def test_it_does_what_scikit_learns_multi_label_classifiers_do():
    theirs = MultiOutputClassifier(SoftmaxRegression()).fit(X, Y)
    ours = small(linear, epochs=60, lr=0.1).fit(X, Y)
    assert (ours.predict(X) == theirs.predict(X)).mean() > 0.9


def test_labels_of_one_value_only_and_a_single_label():
    constant = np.c_[np.ones(60), np.zeros(60)]
    model = small(epochs=40, lr=0.1).fit(X, constant)
    assert np.array_equal(model.predict(X), constant)
    single = small(epochs=20, lr=0.05).fit(X, Y[:, :1])
    assert single.predict(X).shape == (60, 1)
    assert (single.predict(X) == Y[:, :1]).mean() > 0.8


def test_entries_are_mixed_as_pictures_are():
    """Each entry of a mixed row lies between those of its two rows, and rows need not sum to 1."""
    pictures, kinds = coloured(12, side=8)
    red = (kinds == "red").astype(float)
    seen = []

    def watched(output, targets, weight):
        seen.append(targets.numpy().copy())
        return output.square().mean()

    small("small_cnn", epochs=2, augment="mixup", loss=watched).fit(pictures, np.c_[red, red, np.ones(24)])
    rows = np.concatenate(seen)
    assert np.allclose(rows[:, 0], rows[:, 1])
    assert np.allclose(rows[:, 2], 1, atol=1e-6)
    assert ((rows[:, 0] > 0.01) & (rows[:, 0] < 0.99)).any()


def test_an_inner_split_shares_out_the_rarest_label():
    rare = np.zeros((60, 2))
    rare[:, 0] = np.arange(60) % 2
    rare[:8, 1] = 1
    seen = []

    def watched(output, targets, weight):
        seen.append(targets)
        return output.square().mean()

    small(linear, epochs=1, batch_size=60, validation_share=0.25, loss=watched).fit(X, rare)
    assert seen[0].shape == (45, 2)
    assert seen[0][:, 1].sum() == 6  # of 8, as 45 of 60 rows are kept


@pytest.mark.parametrize(
    ("y", "words"),
    [
        (Y + 1, "y: row .* has 2 in column .* are not from 0 to 1"),
        (np.where(Y == 1, np.nan, 0), "y: row .* has nan"),
        (Y[:5], "y: has 5 rows where 60 are needed"),
        (Y[:, 0], r"y has shape \(60,\), .* several labels are rows"),
        (None, "requires y to be passed, but the target y is None"),
    ],
    ids=["classes", "missing", "few", "one column", "none"],
)
def test_targets_that_are_no_entries(y, words):
    with pytest.raises(InputError, match=words):
        small().fit(X, y)


def test_a_sparse_table_of_labels():
    dense, sparse = small(epochs=1).fit(X, Y), small(epochs=1).fit(X, csr_matrix(Y))
    assert dense.predict_proba(X).tobytes() == sparse.predict_proba(X).tobytes()
