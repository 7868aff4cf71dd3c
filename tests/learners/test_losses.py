"""Losses with settings, through whole trainings; what they compute is tested beside the code that does."""

import pickle

import numpy as np
import pytest
from sklearn.base import clone

from softlabel.errors import InputError
from softlabel.learners.labelers import SelfAdaptive, TeacherBeside
from softlabel.learners.losses import DistillationLoss, Focal, TrustWeighted
from softlabel.learners.stored_networks import attach, detach
from softlabel.learners.torch_classifier import TorchClassifier
from softlabel.learners.torch_multilabel import TorchMultilabelClassifier
from softlabel.learners.torch_regressor import TorchRegressor
from softlabel.store.model_store import load_model, load_weights, save_model

DRAWS = np.random.default_rng(0)
X = DRAWS.normal(size=(40, 3)).astype(np.float32)
ROWS = {
    "distribution": DRAWS.dirichlet(np.ones(3), 40),
    "independent": DRAWS.random((40, 3)),
    "scalar": DRAWS.normal(size=(40, 3)),
}
LOSSES = (Focal(1.5), DistillationLoss(0.3, 2.0, "kl"), TrustWeighted(Focal()))


def answers(learner, loss=None, labeler=None, **options):
    model = learner("mlp", epochs=3, batch_size=16, random_state=0, loss=loss, labeler=labeler, **options)
    return model.fit(X, ROWS[learner.target_kind]).predict_targets(X)


@pytest.mark.parametrize("learner", [TorchClassifier, TorchMultilabelClassifier], ids=["classes", "labels"])
def test_focal_by_name_and_by_its_exponent(learner):
    plain, named = answers(learner), answers(learner, "focal")
    assert named.tobytes() == answers(learner, Focal()).tobytes()
    assert np.allclose(answers(learner, Focal(0)), plain, atol=1e-5)
    assert np.abs(named - plain).max() > 1e-2
    assert np.abs(answers(learner, Focal(0.5)) - named).max() > 1e-2
    assert np.abs(answers(learner, Focal(), hardest=0.3) - named).max() > 1e-2


@pytest.mark.parametrize(
    "learner", [TorchClassifier, TorchMultilabelClassifier, TorchRegressor], ids=lambda one: one.target_kind
)
def test_a_teacher_that_says_what_is_given_changes_nothing(learner):
    teacher = TeacherBeside(ROWS[learner.target_kind])
    assert np.allclose(answers(learner, DistillationLoss(0.7), teacher), answers(learner), atol=1e-5)


def test_a_teacher_alone_is_a_training_on_its_rows():
    teacher = DRAWS.dirichlet(np.ones(3), 40)
    found = answers(TorchClassifier, DistillationLoss(1.0), TeacherBeside(teacher))
    model = TorchClassifier("mlp", epochs=3, batch_size=16, random_state=0).fit(X, teacher)
    assert np.allclose(found, model.predict_targets(X), atol=1e-5)
    warm = answers(TorchClassifier, DistillationLoss(1.0, 4.0), TeacherBeside(teacher))
    assert np.abs(warm - found).max() > 1e-2


def test_the_loss_to_the_given_rows_is_a_choice():
    teacher = TeacherBeside(ROWS["distribution"])
    by_name = [answers(TorchClassifier, DistillationLoss(0.0, loss=loss), teacher) for loss in ("emd", Focal(3.0))]
    assert by_name[0].tobytes() == answers(TorchClassifier, "emd").tobytes()
    assert by_name[1].tobytes() == answers(TorchClassifier, Focal(3.0)).tobytes()


def test_any_loss_is_weighted_by_trust_and_goes_with_the_hardest_rows():
    seen = []

    def own(output, targets, weight):
        seen.append((tuple(targets.shape), None if weight is None else tuple(weight.shape)))
        return (output - targets).square().mean()

    answers(TorchClassifier, TrustWeighted(own), SelfAdaptive(start=0.5))
    assert (
        seen
        == [((16, 3), None), ((16, 3), None), ((8, 3), None)] + [((16, 3), (16,)), ((16, 3), (16,)), ((8, 3), (8,))] * 2
    )
    of_all, hard = (answers(TorchClassifier, TrustWeighted(), SelfAdaptive(), hardest=share) for share in (None, 0.5))
    assert np.abs(of_all - hard).max() > 1e-2


@pytest.mark.parametrize(
    ("loss", "kind", "words"),
    [
        (Focal(-0.1), "distribution", "^gamma=-0.1; give a number 0 or more$"),
        (DistillationLoss(1.5), "scalar", "^share=1.5; give a number 0 or more and 1 or less$"),
        (DistillationLoss(temperature=0), "distribution", "^temperature=0; give a number above 0$"),
        (DistillationLoss(temperature=2), "scalar", "^temperature=2; numbers have no temperature: give 1$"),
        (DistillationLoss(loss=max), "scalar", r"within DistillationLoss; give a name, Focal\(\) or None$"),
        (DistillationLoss(loss=TrustWeighted()), "scalar", r"within DistillationLoss; give a name, Focal\(\) or None$"),
        (DistillationLoss(loss="bce"), "distribution", r"\(bce is for TorchMultilabelClassifier\)$"),
        (TrustWeighted(DistillationLoss()), "scalar", r"within TrustWeighted; give a name, a callable, Focal\(\) or None$"),
        (TrustWeighted("bce"), "scalar", r"\(bce is for TorchMultilabelClassifier\)$"),
    ],
    ids=["gamma", "share", "temperature", "numbers", "callable", "trust-within", "name-within", "distillation-within", "name"],
)  # fmt: skip
def test_settings_that_cannot_be(loss, kind, words):
    with pytest.raises(InputError, match=words):
        loss.check(kind)


@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: type(loss).__name__)
def test_they_are_cloned_pickled_and_stored_with_their_learner(loss, tmp_path):
    given = TorchClassifier("mlp", loss=loss)
    assert clone(given).loss == loss == pickle.loads(pickle.dumps(given)).loss
    model = TorchClassifier("mlp", epochs=1, random_state=0).fit(X, ROWS["distribution"]).set_params(loss=loss)
    apart, weights = detach([model])
    save_model(tmp_path / "model", apart, weights)
    (again,) = attach(load_model(tmp_path / "model"), load_weights(tmp_path / "model"))
    assert again.loss == loss
    assert again.predict_targets(X).tobytes() == model.predict_targets(X).tobytes()
