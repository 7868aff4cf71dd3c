"""The default from labels to a model: it does no harm to clean ones, and finds those that are wrong."""

import numpy as np
import pandas as pd
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss

from simple_learners import Centroids, blobs
from softlabel import StochasticLabelRefinery, refine
from softlabel.metrics.scores import nll
from softlabel.run.generation_method import RunTeacher


def test_clean_separated_labels_stay_and_so_does_the_model():
    X, y = blobs(30, spread=0.4)
    auto = StochasticLabelRefinery(Centroids(), random_state=0).fit(X, y)
    plain = StochasticLabelRefinery(Centroids(), n_rounds=0, random_state=0).fit(X, y)
    assert auto.final_targets_ == "given"
    assert (auto.final_weights_ == 1).all()
    assert np.array_equal(auto.predict_proba(X), plain.predict_proba(X))
    assert (auto.refined_targets_.argmax(axis=1) == y).all()
    assert not auto.label_issues_.is_issue.any()


def test_nine_of_ten_wrong_labels_of_digits_are_found_and_left_out():
    X, true = load_digits(return_X_y=True)
    X, true = X[:700] / 16.0, true[:700]
    rng = np.random.default_rng(0)
    wrong = np.isin(np.arange(700), rng.permutation(700)[:140])
    given = np.where(wrong, (true + rng.integers(1, 10, size=700)) % 10, true)
    auto = StochasticLabelRefinery(LogisticRegression(C=1.0, max_iter=300), random_state=0).fit(X, given)
    assert auto.final_targets_ == "pruned"
    left_out = auto.final_weights_ == 0
    assert left_out[wrong].mean() >= 0.9
    assert left_out[~wrong].mean() < 0.1
    assert auto.label_issues_.is_issue[wrong].mean() >= 0.9
    assert auto.label_issues_.is_issue[~wrong].mean() < 0.05


def _overlapping(n=900, seed=0):
    """Return rows of two classes of which a row is drawn by a logistic model: labels are right, and no model gets more than two thirds."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 4))
    return X, (rng.random(n) < 1 / (1 + np.exp(-X[:, :3] @ [0.6, -0.6, 0.3]))).astype(int)


def test_where_right_labels_overlap_probabilities_stay_as_honest_as_the_plain_models():
    X, y = _overlapping()
    auto = StochasticLabelRefinery(LogisticRegression(), cv=3, n_rounds=2, random_state=0).fit(X[:400], y[:400])
    assert auto.final_targets_ == "pruned"  # whatever evidence says here: it is not to cost the probabilities
    assert auto.temperature_ == auto.choice_["temperature"] > 3
    plain = LogisticRegression().fit(X[:400], y[:400])
    own, softened = auto.estimator_.predict_proba(X[400:]), auto.predict_proba(X[400:])
    assert log_loss(y[400:], own) > 1.0
    assert log_loss(y[400:], softened) < log_loss(y[400:], plain.predict_proba(X[400:])) + 0.02
    assert np.array_equal(softened.argmax(axis=1), own.argmax(axis=1))


def test_a_run_softens_what_its_models_say_as_the_estimator_does(tmp_path):
    X, y = _overlapping(600, seed=1)
    frame = pd.DataFrame(X, columns=list("abcd")).assign(y=y)
    frame[:400].to_csv(tmp_path / "train.csv", index=False)
    frame[400:].to_csv(tmp_path / "test.csv", index=False)
    options = {"label": "y", "estimator": ("softmax",), "folds": 3, "rounds": 2, "test": str(tmp_path / "test.csv")}
    run = refine(tmp_path / "train.csv", tmp_path / "run", **options)
    temperature = run.metrics()["choice"]["temperature"]
    assert temperature > 3
    test = frame[400:].drop(columns="y")
    softened = run.predict_proba(test)
    (model,) = run.final_models()
    said = model.predict_targets(test.to_numpy(dtype=np.float32)).astype(float) ** (1 / temperature)
    assert np.allclose(softened, said / said.sum(axis=1, keepdims=True), atol=1e-4)
    teacher = RunTeacher(run)  # where a run teaches another, it answers the same
    assert teacher.temperature_ == run.temperature() == temperature
    assert np.allclose(teacher.predict_proba(test.to_numpy(dtype=np.float32)), softened, atol=1e-6)
    scores = run.metrics()["test"]
    assert np.isclose(scores["final"]["nll"], nll(y[400:], softened), atol=1e-6)
    assert np.isclose(run.evaluate(str(tmp_path / "test.csv"))["nll"], scores["final"]["nll"], atol=1e-6)
