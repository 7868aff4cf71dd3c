"""Label Refinery: its ends, its labels and losses, and what cannot be asked of it."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.special import softmax
from sklearn.linear_model import LogisticRegression
from sklearn.utils.estimator_checks import parametrize_with_checks

from methods.taught_pictures import KINDS, PICTURES, labels_watched, network, same_bytes
from simple_learners import Centroids, blobs
from softlabel import InputError, LabelRefinery, Plain, SelfTraining, SoftmaxRegression, TorchClassifier, TorchRegressor
from softlabel.learners.training import loss_choice
from softlabel.methods.fit_count import fits_counted
from softlabel.targets.taxonomy import Taxonomy

X, Y = blobs(n_per_class=15, spread=2.5)
MLP = TorchClassifier("mlp", network_options={"hidden": (8,)}, epochs=3, batch_size=16, device="cpu")
TREE = {"blue": "cold", "red": "warm", "cold": "colour", "warm": "colour"}


def refined(estimator=None, X=PICTURES, y=KINDS, fit=None, **options):
    options = {"n_generations": 2, "random_state": 0} | options
    return LabelRefinery(network() if estimator is None else estimator, **options).fit(X, y, **(fit or {}))


@pytest.mark.parametrize(
    ("estimator", "rows"),
    [(network(), (PICTURES, KINDS)), (MLP, (X, Y)), (LogisticRegression(), (X, Y)), (None, (X, Y))],
)
def test_one_generation_is_the_plain_method_to_the_byte(estimator, rows):
    weight = np.linspace(0, 1, len(rows[1]))
    options = {"loss": "l2"} if isinstance(estimator, TorchClassifier) else {}
    one = LabelRefinery(estimator, n_generations=1, random_state=4, **options).fit(*rows, sample_weight=weight)
    plain = Plain(estimator, random_state=4).fit(*rows, sample_weight=weight)
    assert same_bytes(one.predict_proba(rows[0]), plain.predict_proba(rows[0]))
    assert np.array_equal(one.label_distributions_, plain.label_distributions_)
    assert not hasattr(one, "suggested_labels_")
    assert one.teachers_ == []


def test_on_a_table_it_is_self_training():
    found = refined(Centroids(), X, Y, n_generations=3)
    other = SelfTraining(Centroids(), n_generations=3, random_state=0).fit(X, Y)
    assert np.allclose(found.label_distributions_, other.label_distributions_, atol=1e-6)
    assert np.allclose(found.predict_proba(X), other.predict_proba(X), atol=1e-6)
    assert len(found.history_) == 3


def test_how_many_generations_there_are():
    with fits_counted() as count:
        assert len(LabelRefinery(Centroids()).fit(X, Y).history_) == 3
        assert len(LabelRefinery([Centroids(), SoftmaxRegression()]).fit(X, Y).history_) == 2
        assert len(LabelRefinery([Centroids()], n_generations=np.int64(4)).fit(X, Y).history_) == 4
    assert count.n_fits == 9


def test_a_list_is_one_network_a_generation_and_the_last_answers():
    small = network(network_options={"width": 2})
    found = refined([network(), small], n_generations=None)
    widths = [len(generation.teachers.models[0].network_.head.weight[0]) for generation in found.generations_]
    assert widths == [16, 8]
    assert found.estimator_ is found.generations_[1].teachers.models[0]
    plain = Plain(network(), random_state=0).fit(PICTURES, KINDS)
    assert same_bytes(found.generations_[0].answers, plain.predict_targets(PICTURES))


DYNAMIC = {
    "soft": {},
    "hard": {"labels": "hard_dynamic"},
    "learned statistics": {"teacher_mode": "eval"},
    "folds": {"teacher": "folds", "cv": 2},
    "jitter": {"adversarial": 1.0},
    "l2": {"loss": "l2"},
    "reverse": {"loss": "reverse_kl"},
}
STATIC = {labels: {"labels": labels} for labels in ("soft_static", "hard_static", "visual_category")} | {
    "taxonomy": {"labels": "taxonomy", "taxonomy": TREE}
}


def test_each_option_is_another_training():
    answers = {
        name: refined(**options).predict_proba(PICTURES).tobytes()
        for name, options in (DYNAMIC | STATIC).items()
        if name != "hard_static"  # crops of these pictures have the hard labels of the whole ones
    }
    assert len(set(answers.values())) == len(answers)


@pytest.mark.parametrize("name", [*DYNAMIC, *STATIC])
def test_who_labels_crops_and_who_labels_once(name):
    labelled = []
    with labels_watched(lambda labeler, index, view, x, rows: labelled.append(rows)):
        refined(network(epochs=1), **(DYNAMIC | STATIC)[name])
    assert bool(labelled) == (name in DYNAMIC)
    if labelled:
        rows = torch.cat(labelled)
        assert len(rows) == {"jitter": 120}.get(name, 40)  # a second training, of pairs
        assert ((rows == 0) | (rows == 1)).all() == (name == "hard")


@pytest.mark.parametrize("loss", [None, "kl", "reverse_kl", "l2"])
def test_the_loss_is_that_of_students_that_are_taught(loss, monkeypatch):
    asked = []
    original = loss_choice.make_loss

    def listening(name, *rest):
        asked.append(name)
        return original(name, *rest)

    monkeypatch.setattr("softlabel.learners.training.training_run.make_loss", listening)
    found = refined(network(epochs=1), loss=loss)
    assert asked == [None, loss]
    assert found.estimator_.loss is None


def test_kl_and_cross_entropy_differ_by_a_constant():
    """The entropy of a label does not depend on the student: the same steps."""
    assert np.allclose(refined(loss="kl").predict_proba(PICTURES), refined().predict_proba(PICTURES), atol=1e-4)


def test_where_there_is_no_batch_normalisation_both_modes_are_one():
    modes = [refined(MLP, X, Y, teacher_mode=mode) for mode in ("train", "eval")]
    assert np.allclose(*(found.label_distributions_ for found in modes), atol=1e-6)
    assert np.allclose(*(found.predict_proba(X) for found in modes), atol=1e-5)


def test_a_taxonomy_gives_each_class_its_row():
    similarity = Taxonomy(TREE).wu_palmer(["blue", "red"])
    expected = softmax(similarity / 0.2, axis=1)[(KINDS == "red") * 1]
    for taxonomy in (TREE, list(TREE.items()), Taxonomy(TREE), similarity):
        with fits_counted() as count:
            found = refined(
                network(epochs=1), labels="taxonomy", taxonomy=taxonomy, taxonomy_temperature=0.2, n_generations=3
            )
        assert count.n_fits == 1
        assert np.allclose(found.label_distributions_, expected, atol=1e-6)
        assert not hasattr(found, "suggested_labels_")
    assert 0.5 < expected.max() < 0.99


def test_several_labels_a_row_and_grades_as_numbers():
    entries = np.c_[Y == 0, Y > 0, Y == 2].astype(int)
    found = refined(LogisticRegression(), X, entries, task="multilabel")
    assert found.label_distributions_.shape == (45, 3)
    assert (
        refined(LogisticRegression(), X, entries, task="multilabel", labels="hard_static").label_distributions_.max()
        == 1
    )
    grades = refined(TorchRegressor("mlp", epochs=2, batch_size=16), X, Y, task="ordinal")
    assert grades.label_distributions_.shape == (45, 1)
    assert np.allclose(grades.label_distributions_, grades.generations_[0].answers, atol=1e-5)
    for labels in ("visual_category", "hard_dynamic"):
        with pytest.raises(
            InputError, match=f"^labels='{labels}' is for one of several classes a row, and labels here are"
        ):
            refined(LogisticRegression(), X, entries, task="multilabel", labels=labels)
    with pytest.raises(InputError, match=r"^adversarial=1.0 is for one of several classes a row"):
        refined(TorchRegressor("mlp"), X, Y, task="ordinal", adversarial=1.0)


TABLE = {"X": X, "y": Y, "estimator": MLP}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"n_generations": 0}, "n_generations=0; give a whole number, 1 or more"),
        ({"n_generations": True}, "n_generations=True; give"),
        ({"estimator": [MLP, MLP], "n_generations": 3}, "n_generations=3 and 2 estimators; give one estimator, or one a generation"),
        ({"labels": "soft"}, "labels='soft'; give one of 'soft_dynamic', 'hard_dynamic', 'soft_static'"),
        ({"loss": "cross"}, "loss='cross'; give one of 'kl', 'reverse_kl', 'l2'"),
        ({"loss": "kl", "estimator": LogisticRegression()}, "loss='kl' is how a network is trained, and the student is none; leave it"),
        ({"adversarial": 0}, "adversarial=0; give eta, a number above 0"),
        ({"adversarial": 1.0, "estimator": LogisticRegression()}, "moved by its gradient has to go through the networks"),
        ({"adversarial": "much"}, "adversarial='much'; give eta"),
        ({"adversarial": 1.0, "n_generations": 1}, "adversarial=1 moves examples by what a teacher says of them, and one generation"),
        ({"adversarial": 1.0, "labels": "taxonomy", "taxonomy": {0: 9, 1: 9, 2: 9}}, "labels='taxonomy' has no teacher, whom teacher and"),
        ({"teacher": "folds", "labels": "taxonomy", "taxonomy": {0: 9, 1: 9, 2: 9}}, "labels='taxonomy' has no teacher"),
        ({"labels": "taxonomy"}, r"labels='taxonomy' needs the tree: give taxonomy=\{child: parent, ...\}, pairs, or similarities"),
        ({"taxonomy": {0: 9}}, "taxonomy is for labels='taxonomy', and labels='soft_dynamic'; leave one of them out"),
        ({"labels": "taxonomy", "taxonomy": {0: 9, 1: 9}}, "the taxonomy misses 1 of 3 classes: '2'; its nodes are '0', '9', '1'; add"),
        ({"labels": "taxonomy", "taxonomy": "tree"}, r"taxonomy is a str; give \{child: parent, ...\}, \(child, parent\) pairs, or"),
        ({"labels": "taxonomy", "taxonomy": 3}, "taxonomy is a int; give"),
        ({"labels": "taxonomy", "taxonomy": [("a", "b", "c")]}, "taxonomy is a list; give"),
        ({"labels": "taxonomy", "taxonomy": np.eye(2)}, r"taxonomy has similarities \(2, 2\) for 3 classes; give a row and a column for"),
        ({"labels": "taxonomy", "taxonomy": np.eye(3), "taxonomy_temperature": 0}, "taxonomy_temperature=0; give a number above 0"),
        ({"labels": "taxonomy", "taxonomy": np.full((3, 3), np.nan)}, "similarity has shape"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_told_in_a_line_before_anything_is_trained(options, words):
    with fits_counted() as count, pytest.raises(InputError, match=words) as told:
        refined(**(TABLE | options))
    assert "\n" not in str(told.value)
    assert count.n_fits == 0


@parametrize_with_checks([LabelRefinery(LogisticRegression(), n_generations=2)])
def test_sklearns_own_checks(estimator, check):
    check(estimator)
