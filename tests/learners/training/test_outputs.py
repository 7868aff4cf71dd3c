from types import SimpleNamespace

import numpy as np
import pytest
import torch
from sklearn.metrics import accuracy_score, log_loss, mean_absolute_error

from softlabel.learners.training.losses import MeanLoss, smooth_l1
from softlabel.learners.training.outputs import Distribution, Independent, Scalar, outputs_of, outputs_of_kind, scores

KINDS = {"distribution": Distribution, "independent": Independent, "scalar": Scalar}
DRAWS = np.random.default_rng(0)
LOGITS = torch.from_numpy(DRAWS.normal(size=(20, 3)))


def of_kind(kind):
    return SimpleNamespace(target_kind=kind)


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_kind_means(kind):
    assert isinstance(outputs_of(of_kind(kind)), KINDS[kind])
    assert outputs_of_kind(kind) is outputs_of(of_kind(kind))


def test_predictions():
    assert torch.allclose(Distribution().predictions(LOGITS).sum(dim=1), torch.ones(20, dtype=torch.float64))
    assert torch.allclose(Distribution().predictions(LOGITS).log() - LOGITS, (-LOGITS.logsumexp(1))[:, None])
    p = Independent().predictions(LOGITS)
    assert torch.allclose((p / (1 - p)).log(), LOGITS)
    assert torch.equal(Scalar().predictions(LOGITS), LOGITS)


def test_scores_of_distributions_against_scikit_learn():
    predicted, codes = DRAWS.dirichlet(np.ones(3), 20), DRAWS.integers(0, 3, 20)
    found = scores(Distribution(), predicted, np.eye(3)[codes])
    assert found == {
        "validation_loss": pytest.approx(log_loss(codes, predicted, labels=[0, 1, 2])),
        "validation_accuracy": pytest.approx((predicted.argmax(1) == codes).mean()),
    }


def test_scores_of_entries_against_scikit_learn():
    predicted, codes = DRAWS.random((20, 3)), DRAWS.integers(0, 2, (20, 3))
    found = scores(Independent(), predicted, codes.astype(np.float32))
    assert found == {
        "validation_loss": pytest.approx(np.mean([log_loss(codes[:, j], predicted[:, j]) for j in range(3)])),
        "validation_accuracy": pytest.approx(accuracy_score(codes.ravel(), predicted.ravel() > 0.5)),
    }


def test_scores_of_numbers_against_scikit_learn_and_torch():
    predicted, grades = DRAWS.normal(size=(20, 1)) * 3, DRAWS.integers(0, 5, (20, 1)).astype(np.float32)
    weight = DRAWS.random(20)
    found = scores(Scalar(), predicted, grades, weight)
    assert found["validation_mae"] == pytest.approx(mean_absolute_error(grades, predicted, sample_weight=weight))
    expected = MeanLoss(smooth_l1)(*map(torch.from_numpy, (predicted, grades.astype(float), weight)))
    assert found["validation_loss"] == pytest.approx(expected.item())


def test_predictions_of_zero_and_one_stay_finite():
    for outputs in (Distribution(), Independent()):
        found = scores(outputs, np.array([[1.0, 0.0]]), np.array([[0.0, 1.0]]))
        assert 20 < found["validation_loss"] < 60
        assert found["validation_accuracy"] == 0


def test_weights_count_in_the_scores():
    predicted, targets, weight = np.array([[0.9, 0.1], [0.8, 0.2]]), np.eye(2), np.array([3.0, 1.0])
    for outputs in (Distribution(), Independent()):  # of two entries that sum to 1, both say the same
        found = scores(outputs, predicted, targets, weight)
        assert found["validation_accuracy"] == pytest.approx(0.75)
        assert found["validation_loss"] == pytest.approx(-(3 * np.log(0.9) + np.log(0.2)) / 4)


@pytest.mark.parametrize("kind", KINDS)
def test_training_scores_are_those_of_validation(kind):
    """From outputs, as they come in training, and from predictions, as they are kept."""
    outputs = KINDS[kind]()
    targets = {
        "distribution": np.eye(3)[DRAWS.integers(0, 3, 20)],
        "independent": DRAWS.random((20, 3)),
        "scalar": DRAWS.normal(size=(20, 3)),
    }[kind]
    in_training = outputs.row_scores(LOGITS, torch.from_numpy(targets))
    assert in_training.shape == (20,)
    found = scores(outputs, outputs.predictions(LOGITS).numpy(), targets)
    assert in_training.double().mean().item() == pytest.approx(found[f"validation_{outputs.score}"])


def test_rows_that_are_alike():
    assert Distribution().strata(np.array([[0.2, 0.8], [1, 0]])).tolist() == [1, 0]
    # Refined grades stand with the grade they are nearest to, whatever the numbers are.
    assert Scalar().strata(np.array([[-1.0], [3.9], [4.0], [0.4], [0.0]])).tolist() == [0, 2, 2, 1, 1]
    assert Scalar().strata(np.zeros((4, 2))) is None
    # Label 0 is the commonest: a row that has it and a rarer one stands with the rarer. Rows of none stand together.
    entries = np.array([[1, 0, 0], [1, 1, 0], [0.9, 0.1, 0.8], [1, 1, 1], [0.2, 0.4, 0.5]])
    assert Independent().strata(entries).tolist() == [0, 1, 2, 1, 3]


def test_names_of_scores_begin_with_those_of_the_rows():
    predicted, targets = np.float32([[0.75, 0.25]]), np.float32([[1.0, 0.0]])
    expected = {"loss": pytest.approx(-np.log(0.75)), "accuracy": 1.0}
    for rows in ("validation", "inner"):
        found = scores(outputs_of_kind("distribution"), predicted, targets, rows=rows)
        assert found == {f"{rows}_{name}": value for name, value in expected.items()}
