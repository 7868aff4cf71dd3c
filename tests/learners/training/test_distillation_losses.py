import pytest
import torch
from torch.nn import functional as F

from softlabel.learners.training.distillation_losses import distilled_rows
from softlabel.learners.training.losses import MeanLoss

DRAWS = torch.Generator().manual_seed(0)
OUTPUT = 2 * torch.randn(6, 4, generator=DRAWS, dtype=torch.float64)
LOGITS = 2 * torch.randn(6, 4, generator=DRAWS, dtype=torch.float64)  # the teacher's
CODES = torch.tensor([0, 3, 1, 1, 2, 0])


@pytest.mark.parametrize("temperature", [0.5, 1.0, 4.0])
@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_it_is_made_of_torchs_losses(share, temperature):
    """The teacher's probabilities at temperature 1 are all that is known of it."""
    rows = torch.cat([torch.eye(4, dtype=torch.float64)[CODES], torch.softmax(LOGITS, dim=1)], dim=1)
    found = MeanLoss(distilled_rows(None, "distribution", share, temperature))(OUTPUT, rows)
    student, teacher = (torch.log_softmax(z / temperature, dim=1) for z in (OUTPUT, LOGITS))
    taught = temperature**2 * F.kl_div(student, teacher, reduction="batchmean", log_target=True)
    assert torch.allclose(found, (1 - share) * F.cross_entropy(OUTPUT, CODES) + share * taught)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 4.0])
def test_of_entries_it_is_that_of_two_classes_each(temperature):
    """An entry is a distribution over two classes with the logits (0, z)."""
    given = torch.rand(6, 4, generator=DRAWS, dtype=torch.float64)
    found = distilled_rows(None, "independent", 0.3, temperature)(
        OUTPUT, torch.cat([given, torch.sigmoid(LOGITS)], dim=1)
    )
    pairs = distilled_rows(None, "distribution", 0.3, temperature)
    teacher = torch.sigmoid(LOGITS)
    of_pairs = [
        pairs(
            torch.stack([torch.zeros(6), OUTPUT[:, j]], dim=1),
            torch.stack([1 - given[:, j], given[:, j], 1 - teacher[:, j], teacher[:, j]], dim=1),
        )
        for j in range(4)
    ]
    assert torch.allclose(found, torch.stack(of_pairs, dim=1).mean(dim=1))


def test_of_numbers_it_blends_two_distances():
    output, rows = torch.tensor([[1.0]]), torch.tensor([[0.5, 4.0]])  # d = .5 and -3
    assert distilled_rows(None, "scalar", 0.25, 1.0)(output, rows).item() == pytest.approx(0.75 * 0.125 + 0.25 * 2.5)
    found = distilled_rows("squared_error", "scalar", 0.25, 1.0)(output, rows).item()
    assert found == pytest.approx(0.75 * 0.25 + 0.25 * 2.5)


@pytest.mark.parametrize("kind", ["distribution", "independent"])
@pytest.mark.parametrize("temperature", [1.0, 3.0])
def test_a_teacher_that_is_certain(kind, temperature):
    rows = torch.tensor([[0.2, 0.8, 1.0, 0.0]])
    output = torch.tensor([[0.3, -0.4]], requires_grad=True)
    loss = distilled_rows(None, kind, 0.5, temperature)(output, rows)
    loss.sum().backward()
    assert torch.isfinite(loss).all()
    assert torch.isfinite(output.grad).all()
    hard = F.cross_entropy(output / temperature, torch.tensor([0])) if kind == "distribution" else (
        F.binary_cross_entropy_with_logits(output / temperature, rows[:, 2:])
    )  # fmt: skip
    given = distilled_rows(None, kind, 0.0, 1.0)(output, rows)
    assert torch.allclose(loss, 0.5 * given + 0.5 * temperature**2 * hard)


@pytest.mark.parametrize("kind", ["distribution", "independent"])
def test_a_student_that_says_what_the_teacher_says_has_nothing_to_learn_from_it(kind):
    softened = {"distribution": lambda z: torch.softmax(z, dim=1), "independent": torch.sigmoid}[kind]
    rows = torch.cat([torch.zeros_like(LOGITS), softened(LOGITS)], dim=1)
    assert distilled_rows(None, kind, 1.0, 2.0)(LOGITS, rows).abs().max() < 1e-12
