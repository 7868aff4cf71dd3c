"""Labelers as settings of a learner: whole trainings, recomputed by NumPy."""

import pickle
import re
import subprocess
import sys

import numpy as np
import pytest
import torch
from scipy.special import expit, softmax
from sklearn.base import clone
from torch import nn

from coloured_pictures import coloured
from softlabel.errors import InputError
from softlabel.learners.labelers import OnlineSmoothing, Progressive, SelfAdaptive, TeacherBeside
from softlabel.learners.losses import DistillationLoss, TrustWeighted
from softlabel.learners.torch_classifier import TorchClassifier
from softlabel.learners.torch_multilabel import TorchMultilabelClassifier
from softlabel.learners.torch_regressor import TorchRegressor

MAKERS = (OnlineSmoothing(0.3), SelfAdaptive(0.2, 0.6), Progressive(0.5), TeacherBeside(np.eye(3)))
CLASSES = {"distribution": TorchClassifier, "independent": TorchMultilabelClassifier, "scalar": TorchRegressor}

# Three rows of two classes; the last two are the same class, and one of them is answered wrong at first.
X = np.array([[-1.0, 0.2], [0.4, -1.1], [1.5, 0.6]], np.float32)
ROWS = {
    "distribution": np.array([[0.9, 0.1], [0.0, 1.0], [0.2, 0.8]], np.float32),
    "independent": np.array([[0.9, 0.3], [0.0, 1.0], [0.2, 0.8]], np.float32),
    "scalar": np.array([[0.9], [2.0], [0.2]], np.float32),
}
START = np.array([[0.5, -0.2], [0.3, 0.4]], np.float32)
RATE, EPOCHS = 0.5, 4


def linear(n_features, n_outputs):
    network = nn.Linear(n_features, n_outputs)
    with torch.no_grad():
        network.weight.copy_(torch.from_numpy(START[:n_outputs]))
        network.bias.zero_()
    return network


def learner(kind, labeler, epochs=EPOCHS, **options):
    bare = {"optimizer": "sgd", "momentum": 0.0, "weight_decay": 0.0, "schedule": "constant", "lr": RATE}
    loss = TrustWeighted() if isinstance(labeler, SelfAdaptive) else None
    if kind == "scalar":
        loss = TrustWeighted("squared_error") if loss else "squared_error"
    base = {"epochs": epochs, "batch_size": 8, "random_state": 0, "loss": loss, **bare}
    return CLASSES[kind](linear, labeler=labeler, **(base | options))


def by_numpy(kind, rule, epochs=EPOCHS):
    """Train the linear network on all rows at once; ``rule(epoch, p)`` gives targets and weights. Returns answers and last targets."""
    x = (X - X.mean(axis=0)) / X.std(axis=0)
    given = ROWS[kind].astype(np.float64)
    W, b = START[: given.shape[1]].astype(np.float64), np.zeros(given.shape[1])
    if kind == "scalar":
        b += given.mean(axis=0)  # where a regressor starts
    says = {"distribution": lambda z: softmax(z, axis=1), "independent": expit, "scalar": lambda z: z}[kind]
    for epoch in range(1, epochs + 1):
        p = says(x @ W.T + b)
        targets, weights = rule(epoch, p)
        # Slopes of cross entropy, of the mean of binary cross entropies, and of the square.
        slope = (p - targets) * {"distribution": 1, "independent": 1 / p.shape[1], "scalar": 2 / p.shape[1]}[kind]
        slope = slope * (weights / weights.sum())[:, None]
        W, b = W - RATE * slope.T @ x, b - RATE * slope.sum(axis=0)
    return says(x @ W.T + b), targets


def check(kind, labeler, rule, epochs=EPOCHS, **options):
    model = learner(kind, labeler, epochs, **options).fit(X, ROWS[kind])
    expected, targets = by_numpy(kind, rule, epochs)
    assert np.allclose(model.predict_targets(X), expected, atol=2e-6)
    assert np.allclose(model.learned_targets_, targets, atol=2e-6)
    assert model.learned_targets_.dtype == np.float32
    plain = learner(kind, None, epochs).fit(X, ROWS[kind]).predict_targets(X)
    assert np.abs(plain - expected).max() > 1e-3  # else the test could not fail


def test_online_smoothing_by_hand():
    given, k = ROWS["distribution"], 2
    codes = given.argmax(axis=1)
    tables = [np.full((k, k), 1 / k)]

    def rule(epoch, p):
        targets = 0.4 * given + 0.6 * tables[-1][codes]
        right, after = p.argmax(axis=1) == codes, tables[-1].copy()
        for c in range(k):
            if (right & (codes == c)).any():
                after[c] = p[right & (codes == c)].mean(axis=0)
        tables.append(after)
        return targets, np.ones(3)

    check("distribution", OnlineSmoothing(0.4), rule)
    assert not np.allclose(tables[1], tables[2])
    assert any((tables[1] == 0.5).all(axis=1))  # a class with no right answer kept its row


@pytest.mark.parametrize("kind", CLASSES)
def test_self_adaptive_training_by_hand(kind):
    q = [ROWS[kind].astype(np.float64)]

    def rule(epoch, p):
        if epoch > 0.5 * EPOCHS:
            q[0] = 0.7 * q[0] + 0.3 * p
        waits = epoch <= 0.5 * EPOCHS or kind == "scalar"
        trust = q[0].max(axis=1) if kind == "distribution" else np.maximum(q[0], 1 - q[0]).mean(axis=1)
        return q[0], np.ones(3) if waits else trust

    check(kind, SelfAdaptive(start=0.5, momentum=0.7), rule)


@pytest.mark.parametrize("kind", CLASSES)
def test_progressive_self_distillation_by_hand(kind):
    said = []

    def rule(epoch, p):
        said.append(p)
        a = 0.8 * epoch / EPOCHS
        blend = ROWS[kind] if epoch == 1 else (1 - a) * ROWS[kind] + a * said[-2]
        return blend, np.ones(3)

    check(kind, Progressive(0.8), rule)


@pytest.mark.parametrize("kind", CLASSES)
def test_their_ends_are_the_plain_training_to_the_byte(kind):
    """On several batches, and on rows of weight 0."""
    draws = np.random.default_rng(0)
    X = draws.normal(size=(40, 3)).astype(np.float32)
    rows = draws.dirichlet(np.ones(3), 40) if kind == "distribution" else draws.random((40, 3))
    weight = draws.integers(0, 3, 40)
    options = {"epochs": 3, "batch_size": 16, "random_state": 0}
    plain = CLASSES[kind]("mlp", **options).fit(X, rows, weight).predict_targets(X)
    ends = [(SelfAdaptive(start=1.0), TrustWeighted()), (Progressive(0.0), None)]
    if kind == "distribution":
        ends.append((OnlineSmoothing(1.0), None))
    for labeler, loss in ends:
        model = CLASSES[kind]("mlp", labeler=labeler, loss=loss, **options).fit(X, rows, weight)
        assert model.predict_targets(X).tobytes() == plain.tobytes()
        assert np.array_equal(model.learned_targets_[weight > 0], rows.astype(np.float32)[weight > 0])
        assert np.isnan(model.learned_targets_[weight == 0]).all()
    teacher = TeacherBeside(draws.dirichlet(np.ones(3), 40))
    model = CLASSES[kind]("mlp", labeler=teacher, loss=DistillationLoss(share=0.0), **options).fit(X, rows, weight)
    assert model.predict_targets(X).tobytes() == plain.tobytes()


class Watch:
    """A maker whose labeler hands out the given rows, and writes down what it is told."""

    observes = False

    def __init__(self):
        self.told, self.seen = {}, []

    def __deepcopy__(self, memo):
        return self  # so that a clone writes here too

    def begin(self, targets, rows, epochs, kind):
        self.told = {"targets": targets.numpy(), "rows": rows, "epochs": epochs, "kind": kind}
        return self

    def observe(self, index, output, epoch):
        pass

    def targets(self, index, view, x, epoch):
        self.seen.append((index.numpy(), x.numpy()))
        return torch.from_numpy(self.told["targets"])[index]

    def final_targets(self):
        return torch.from_numpy(self.told["targets"])


@pytest.mark.parametrize("share", [0.0, 0.3])
def test_positions_are_kept_through_weights_of_zero_and_rows_set_apart(share):
    draws = np.random.default_rng(1)
    X = draws.normal(size=(30, 2)).astype(np.float32)
    rows = draws.dirichlet(np.ones(3), 30).astype(np.float32)
    weight = (np.arange(30) % 3 > 0) * 1.0
    watch = Watch()
    options = {"epochs": 2, "batch_size": 7, "random_state": 0, "validation_share": share}
    model = clone(TorchClassifier("mlp", labeler=watch, **options)).fit(X, rows, weight)
    used = watch.told["rows"]
    assert (watch.told["epochs"], watch.told["kind"]) == (2, "distribution")
    assert len(used) == (20 if share == 0 else 14)
    assert (weight[used] > 0).all()
    assert np.array_equal(watch.told["targets"], rows[used])
    trained = X[used]
    for index, x in watch.seen:
        assert np.allclose(x, (trained[index] - trained.mean(axis=0)) / trained.std(axis=0), atol=1e-5)
    assert np.array_equal(model.learned_targets_[used], rows[used])
    assert np.isnan(model.learned_targets_[np.setdiff1d(np.arange(30), used)]).all()
    plain = TorchClassifier("mlp", **options).fit(X, rows, weight)
    assert plain.predict_proba(X).tobytes() == model.predict_proba(X).tobytes()


def test_a_teachers_rows_are_those_of_x_where_some_are_left_out():
    """The teacher alone is learned from: what the model says is what the teacher says of the rows of weight."""
    X = np.array([[0.0], [1.0], [0.0], [1.0]], np.float32)
    given, teacher = np.eye(2)[[0, 1, 0, 1]], np.array([[0.5, 0.5], [0.9, 0.1], [0.2, 0.8], [0.5, 0.5]])
    options = {"epochs": 200, "lr": 1.0, "momentum": 0.0, "weight_decay": 0.0, "schedule": "constant"}
    model = TorchClassifier(
        linear_of_one, labeler=TeacherBeside(teacher), loss=DistillationLoss(1.0), random_state=0, **options
    ).fit(X, given, [0, 1, 1, 0])
    assert np.allclose(model.predict_proba(X), teacher[[2, 1, 2, 1]], atol=0.01)
    assert not hasattr(model, "learned_targets_")


def linear_of_one(n_features, n_outputs):
    return nn.Linear(n_features, n_outputs)


def test_learned_targets_are_those_of_the_last_fit():
    model = learner("distribution", Progressive()).fit(X, ROWS["distribution"])
    assert model.learned_targets_.shape == (3, 2)
    model.set_params(labeler=None).fit(X, ROWS["distribution"])
    assert not hasattr(model, "learned_targets_")


@pytest.mark.parametrize("maker", MAKERS, ids=lambda maker: type(maker).__name__)
def test_makers_are_cloned_and_pickled_with_their_learner(maker):
    given = TorchClassifier("mlp", labeler=maker)
    for copy in (clone(given), pickle.loads(pickle.dumps(given))):
        assert type(copy.labeler) is type(maker)
        assert repr(copy) == repr(given)
    assert "TeacherBeside(<3 x 3>)" in repr(TorchClassifier(labeler=MAKERS[3]))


@pytest.mark.parametrize(
    ("maker", "name", "words"),
    [
        (OnlineSmoothing(-0.1), "share=-0.1", "0 or more and 1 or less"),
        (Progressive(1.01), "share=1.01", "0 or more and 1 or less"),
        (SelfAdaptive(start="late"), "start='late'", "0 or more and 1 or less"),
        (SelfAdaptive(momentum=2), "momentum=2", "0 or more and 1 or less"),
    ],
    ids=["online", "progressive", "start", "momentum"],
)
def test_numbers_out_of_bounds(maker, name, words):
    with pytest.raises(InputError, match=f"^{name}; give a number {words}$"):
        maker.check()


@pytest.mark.parametrize("rows", [[0.5, 0.5], [["a"]], [[np.nan]]], ids=["flat", "words", "nan"])
def test_what_are_no_rows_of_a_teacher(rows):
    with pytest.raises(InputError, match=r"^the teacher's rows are an array .* give finite numbers, a row for each"):
        TeacherBeside(rows).check()


def test_a_teachers_rows_that_do_not_fit():
    right, loss = [[0.7, 0.3]] * 3, DistillationLoss()
    TeacherBeside([[7.0, -3.0]] * 3).check_rows(3, 2, "scalar")
    TeacherBeside([[0.7, 0.7]] * 3).check_rows(3, 2, "independent")
    for rows, words in (
        (right[:2], r"are \(2, 2\) for target rows \(3, 2\)"),
        ([[1.0]] * 3, r"are \(3, 1\) for target rows \(3, 2\)"),
        ([[7.0, -6.0]] * 3, "reach from -6 to 7; give probabilities, not logits"),
        ([[0.5, -0.5]] * 3, "reach from -0.5 to 0.5; give probabilities, not logits"),
        ([[0.7, 0.7]] * 3, "do not all sum to 1"),
    ):
        with pytest.raises(InputError, match=words):
            learner("distribution", TeacherBeside(rows), loss=loss).fit(X, ROWS["distribution"])


def test_answers_to_mixed_pictures_are_answers_to_no_row():
    pictures, y = coloured(6, side=8)
    for augment in ("mixup", "crop+cutmix"):
        model = TorchClassifier("small_cnn", epochs=1, augment=augment, labeler=Progressive(), random_state=0)
        with pytest.raises(
            InputError, match=rf"Progressive\(share=0.8\) learns .* augment='{re.escape(augment)}'.*leave out mixup"
        ):
            model.fit(pictures, y)
    model.set_params(augment="crop+flip").fit(pictures, y)
    assert model.learned_targets_.shape == (12, 2)
    teacher = TeacherBeside(np.full((12, 2), 0.5))  # observes nothing: its rows are mixed
    model.set_params(augment="mixup", labeler=teacher, loss=DistillationLoss()).fit(pictures, y)


def test_early_stopping_leaves_the_targets_of_the_last_epoch():
    draws = np.random.default_rng(2)
    X, y = draws.normal(size=(40, 3)).astype(np.float32), draws.integers(0, 2, 40)
    model = TorchClassifier("mlp", epochs=30, labeler=Progressive(), early_stopping=1, random_state=0).fit(X, y)
    assert len(model.history_) < 30
    assert np.isnan(model.learned_targets_[:, 0]).sum() == 4  # a tenth
    kept = model.learned_targets_[np.isfinite(model.learned_targets_[:, 0])]
    assert np.allclose(kept.sum(axis=1), 1, atol=1e-5)
    assert (kept.max(axis=1) < 1).mean() > 0


def test_makers_are_made_without_torch():
    script = (
        "import sys; from softlabel.learners import labelers, losses\n"
        "from softlabel.learners.labeler_settings import check_labeler\n"
        "check_labeler(labelers.SelfAdaptive(), 'scalar'); losses.Focal().check('distribution')\n"
        "losses.TrustWeighted(losses.Focal()).check('independent')\n"
        "assert not {'torch', 'torchvision', 'timm', 'PIL'} & set(sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, text=True).stderr == ""
