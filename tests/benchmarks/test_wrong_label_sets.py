"""The sets of the suite of wrong labels, their noise and its learners."""

from __future__ import annotations

import inspect
from itertools import product

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.linear_model import LogisticRegression


@pytest.mark.parametrize("name", ["digits", "wine", "breast_cancer", "overlap", "rare", "moons", "rings", "many"])
def test_a_set_is_split_by_its_seed_and_scaled_by_its_training_rows(suite, name):
    problem = suite.sets.load_set(name, 1)
    assert_allclose(problem.X.mean(axis=0), 0, atol=1e-9)
    assert abs(problem.X_test.mean()) > 1e-6
    assert_array_equal(suite.sets.load_set(name, 1).X, problem.X)
    assert not np.array_equal(suite.sets.load_set(name, 2).X, problem.X)
    assert len(problem.X) == len(problem.true)
    assert len(problem.X_test) == len(problem.y_test)
    assert problem.n_classes == len(np.unique(problem.true))


def test_sets_that_are_drawn_have_the_rows_and_classes_that_they_say(suite):
    drawn = {name: suite.sets.load_set(name, 3) for name in suite.others.DRAWN}
    assert {(len(one.true), len(one.y_test)) for one in drawn.values()} == {(3000, 4000)}
    assert [one.n_classes for one in drawn.values()] == [3, 2, 2, 4, 10]
    assert np.mean(drawn["rare"].true == 1) == pytest.approx(0.08, abs=0.002)


def test_pictures_of_fundi_are_averaged_over_blocks(suite, tmp_path):
    pictures = np.arange(5 * 28 * 28 * 3, dtype=np.uint8).reshape(5, 28, 28, 3)
    parts = {"train": slice(0, 3), "val": slice(3, 4), "test": slice(4, 5)}
    arrays = {f"{part}_images": pictures[rows] for part, rows in parts.items()}
    arrays |= {f"{part}_labels": np.arange(5)[rows, None] for part, rows in parts.items()}
    np.savez(tmp_path / "retinamnist.npz", **arrays)
    X, grades = suite.others.retina(tmp_path)
    assert X.shape == (5, 14 * 14 * 3)
    assert X[3, 3 * 14 + 1] == pictures[3, 2:4, 0:2, 1].mean()  # second row of blocks, first column, green
    assert_array_equal(grades, np.arange(5))


def test_training_rows_are_at_most_as_many_as_asked(suite):
    problem = suite.sets.load_set("digits", rows=200)
    assert (len(problem.true), len(problem.y_test)) == (200, 1597)


def test_the_folds_of_a_small_set_test_every_row_once(suite):
    parts = [suite.sets.load_set("wine", 0, fold=fold) for fold in range(suite.sets.folds_of("wine"))]
    assert sum(len(part.y_test) for part in parts) == 178
    assert all(len(part.true) + len(part.y_test) == 178 for part in parts)
    assert_array_equal(np.bincount(np.concatenate([part.y_test for part in parts])), [59, 71, 48])
    assert suite.sets.folds_of("digits") == 1


@pytest.mark.parametrize("noise", ["symmetric:0.4", "pair:0.2", "instance:0.3"])
def test_exactly_the_share_of_rows_moves_by_seed_and_fold(suite, noise):
    problem = suite.sets.load_set("wine", 0)
    given = suite.sets.noisy(problem, noise, 0)
    assert np.count_nonzero(given != problem.true) == round(float(noise.split(":")[1]) * len(given))
    assert_array_equal(given, suite.sets.noisy(problem, noise, 0))
    assert not np.array_equal(given, suite.sets.noisy(problem, noise, 1))
    other = suite.sets.load_set("wine", 0, fold=1)
    assert not np.array_equal(given != problem.true, suite.sets.noisy(other, noise, 0) != other.true)
    assert_array_equal(suite.sets.noisy(problem, "none", 0), problem.true)


def test_instance_noise_takes_the_rows_that_a_linear_model_doubts(suite):
    problem = suite.sets.load_set("digits", 0)
    model = LogisticRegression(max_iter=1000, C=0.01).fit(problem.X, problem.true)
    doubt = 1 - model.predict_proba(problem.X)[np.arange(len(problem.true)), problem.true]
    near, spread = (suite.sets.noisy(problem, noise, 0) != problem.true for noise in ("instance:0.3", "symmetric:0.3"))
    assert doubt[near].mean() > 1.5 * doubt[spread].mean()


def test_a_noisy_column_is_taken_as_it_is_and_two_classes_have_no_pairs(suite):
    column = np.array([1, 0])
    problem = suite.sets.Problem("made", None, np.array([0, 0]), None, np.array([0]), 2, columns={"worse": column})
    assert suite.sets.noisy(problem, "column:worse") is column
    assert suite.sets.noises_of("cifar10") == ("none", "column:label_random1", "column:label_worse")
    assert suite.sets.noises_of("letter") == suite.sets.NOISES
    assert suite.sets.noises_of("breast_cancer") == ("none", "symmetric:0.2", "symmetric:0.4", "instance:0.3")


def test_files_are_read_from_the_folder_and_rare_classes_left_out(suite, tmp_path, monkeypatch):
    monkeypatch.setenv("SOFTLABEL_DATA", str(tmp_path))
    lines = [f"{word},{number},{label}" for number, (word, label) in enumerate(product("xy", "ABC"))] * 20 + [
        "x,1,D"
    ] * 2
    (tmp_path / "nursery.csv").write_text("word,number,label\n" + "\n".join(lines) + "\n")
    problem = suite.sets.load_set("nursery", 0)
    suite.sets._read.cache_clear()
    assert problem.n_classes == 3
    assert problem.X.shape == (72, 3)  # number, word_x, word_y
    monkeypatch.delenv("SOFTLABEL_DATA")
    with pytest.raises(SystemExit, match="SOFTLABEL_DATA"):
        suite.sets.load_set("letter", 0)


def test_texts_have_two_kinds_of_features_and_the_same_wrong_labels(suite, tmp_path, monkeypatch):
    monkeypatch.setenv("SOFTLABEL_DATA", str(tmp_path))
    draws = np.random.default_rng(0)
    words = [["red", "green", "blue"], ["cat", "dog", "cow"]]
    lines = [f"the {draws.choice(words[n % 2])} and {draws.choice(words[n % 2])},{n % 2}" for n in range(100)]
    (tmp_path / "trec_train.csv").write_text("text,label\n" + "\n".join(lines) + "\n")
    dense, sparse = suite.sets.load_set("trec", 0), suite.sets.load_set("trec", 0, sparse=True)
    suite.sets._read.cache_clear()
    assert isinstance(dense.X, np.ndarray)
    assert hasattr(sparse.X, "tocsr")
    for noise in ("symmetric:0.2", "instance:0.3"):
        assert_array_equal(suite.sets.noisy(dense, noise, 0), suite.sets.noisy(sparse, noise, 0))


def test_each_learner_is_a_bare_classifier_that_takes_weights(suite):
    for name in suite.sets.LEARNERS:
        try:
            model = suite.sets.learner(name, 3)
        except ImportError:
            continue  # an extra that is not installed
        assert "sample_weight" in inspect.signature(model.fit).parameters
        assert model.get_params()["random_state"] == (None if name == "linear" else 3)
    with pytest.raises(SystemExit, match="boosting"):
        suite.sets.learner("none")
