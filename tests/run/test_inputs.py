from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import labelled_tables
from coloured_pictures import coloured, picture_folder
from made_pictures import encoded
from softlabel.data.images import Images
from softlabel.errors import InputError
from softlabel.learners.torch_classifier import TorchClassifier
from softlabel.run.config import make_config
from softlabel.run.inputs import read_inputs


def _config(source, **values):
    return make_config({"source": str(source), "out": "x", **values})


def test_tables_become_features_and_keep_their_ids(table):
    inputs = read_inputs(_config(table, label="kind", id="key"))
    assert inputs.X.shape == (60, 2)
    assert inputs.ids[0] == "r00"
    assert inputs.true_label is None
    assert inputs.fingerprint["source"]["n_rows"] == 60


def test_labels_made_wrong_keep_the_true_ones_and_repeat_by_seed(table):
    first, again, other = (
        read_inputs(_config(table, label="kind", id="key", corrupt="pair:0.2", seed=seed)) for seed in (1, 1, 2)
    )
    wrong = first.y != first.true_label
    assert wrong.sum() == 12
    follows = {"ant": "bee", "bee": "cat", "cat": "ant"}
    assert all(first.y[i] == follows[first.true_label[i]] for i in np.flatnonzero(wrong))
    assert np.array_equal(first.y, again.y)
    assert not np.array_equal(first.y, other.y)


def test_the_fingerprint_is_of_what_was_read_not_of_what_was_made_wrong(table):
    plain, wrong = (
        read_inputs(_config(table, label="kind", id="key", **extra)) for extra in ({}, {"corrupt": "pair:0.2"})
    )
    assert plain.fingerprint == wrong.fingerprint


def test_guard_rows_with_ids_of_their_own_stand_behind(table):
    inputs = read_inputs(_config(table, label="kind", drop=("key",), guard=str(table.with_name("test.csv"))))
    assert inputs.guard.tolist() == [False] * 60 + [True] * 30
    assert len(set(inputs.ids)) == 90
    assert inputs.ids[60] == "guard-0"


def test_test_rows_are_transformed_like_the_others(table, tmp_path):
    frame = pd.read_csv(table)
    frame["colour"] = np.where(frame["a"] > 0, "red", "blue")
    frame.to_csv(tmp_path / "mixed.csv", index=False)
    test = frame.head(10).copy()
    test["colour"] = "green"  # never seen in training
    test.to_csv(tmp_path / "mixed-test.csv", index=False)
    inputs = read_inputs(_config(tmp_path / "mixed.csv", label="kind", id="key", test=str(tmp_path / "mixed-test.csv")))
    assert inputs.X.shape[1] == inputs.X_test.shape[1] == 3
    assert np.isfinite(np.asarray(inputs.X_test, dtype=float)).all()


def test_test_labels_that_are_unknown_are_refused(table, tmp_path):
    test = pd.read_csv(table).head(5).assign(kind="yak")
    test.to_csv(tmp_path / "odd.csv", index=False)
    with pytest.raises(InputError, match="labels that the source has not: yak; known: ant, bee, cat"):
        read_inputs(_config(table, label="kind", id="key", test=str(tmp_path / "odd.csv")))


def test_a_folder_of_pictures_stays_one_for_networks(tmp_path):
    folder = picture_folder(tmp_path / "train", 3)
    inputs = read_inputs(_config(folder, test=str(picture_folder(tmp_path / "test", 2, seed=1))))
    X, y = coloured(3)
    assert isinstance(inputs.X, Images)
    assert np.array_equal(inputs.X.read(), X)
    assert inputs.y.tolist() == y.tolist()
    assert (inputs.features, inputs.image_shape, inputs.X_test.shape) == (None, (10, 10, 3), (4, 10, 10, 3))
    assert [name for name, _ in inputs.members] == ["small_cnn"]
    assert isinstance(inputs.estimators[0], TorchClassifier)


def test_pixels_are_features_for_what_takes_rows_of_numbers(tmp_path):
    folder = picture_folder(tmp_path / "train", 3)
    inputs = read_inputs(_config(folder, estimator="knn", test=str(folder)))
    assert inputs.X.shape == inputs.X_test.shape == (6, 300)
    assert np.array_equal(inputs.X, coloured(3)[0].reshape(6, -1) / np.float32(255))
    assert inputs.image_shape == (10, 10, 3)


@pytest.mark.parametrize(("shape", "names"), [((6, 9, 9), ["small_cnn"]), ((6, 81), ["extra_trees"])])
def test_arrays_choose_the_default_estimator_by_their_shape(tmp_path, shape, names):
    np.savez(tmp_path / "a.npz", X=np.zeros(shape, dtype=np.uint8), y=np.arange(6) % 2)
    inputs = read_inputs(_config(tmp_path / "a.npz"))
    assert [name for name, _ in inputs.members] == names
    assert inputs.image_shape == ((9, 9, 1) if len(shape) == 3 else None)


def test_guard_pictures_stand_behind(tmp_path):
    folder, guard = picture_folder(tmp_path / "train", 3), picture_folder(tmp_path / "guard", 2, seed=1)
    inputs = read_inputs(_config(folder, guard=str(guard)))
    assert inputs.X.shape == (10, 10, 10, 3)
    assert np.array_equal(inputs.X.read()[6:], coloured(2, seed=1)[0])
    assert inputs.guard.tolist() == [False] * 6 + [True] * 4
    assert len(set(inputs.ids)) == 10


def test_pictures_in_a_table(tmp_path):
    X, y = coloured(3)
    frame = pd.DataFrame({"picture": [encoded(one) for one in X], "kind": y, "key": [f"k{i}" for i in range(6)]})
    frame.to_parquet(tmp_path / "t.parquet")
    inputs = read_inputs(_config(tmp_path / "t.parquet", label="kind", id="key", image="picture", image_size=8))
    assert inputs.X.shape == (6, 8, 8, 3)
    assert inputs.ids[0] == "k0"


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"estimator": ("knn", "small_cnn")}, "small_cnn takes pictures and knn rows of numbers"),
        ({"estimator": "knn", "epochs": 3}, "--epochs 3 is for networks"),
        (
            {"estimator": "knn", "tta": "flip"},
            "tta='flip' averages views of pictures, and KNeighborsClassifier|Pipeline",
        ),
        ({"estimator": "forest"}, "unknown estimator 'forest'"),
    ],
)
def test_estimators_are_refused_before_any_picture_is_decoded(tmp_path, monkeypatch, values, message):
    folder = picture_folder(tmp_path / "train", 2)

    def loading(*args, **kwargs):
        raise AssertionError("pictures were read")

    monkeypatch.setattr("softlabel.run.data_reading.load", loading)
    with pytest.raises(InputError, match=message):
        read_inputs(_config(folder, **values))


def test_mixed_estimators_are_refused_of_arrays_too(tmp_path):
    np.savez(tmp_path / "a.npz", X=np.zeros((6, 9, 9), dtype=np.uint8), y=np.arange(6) % 2)
    with pytest.raises(InputError, match="small_cnn takes pictures and knn rows of numbers"):
        read_inputs(_config(tmp_path / "a.npz", estimator=("knn", "small_cnn")))


def test_views_of_rows_that_are_no_pictures_are_refused():
    with pytest.raises(InputError, match="--tta flip makes views of pictures, and the rows of iris are none"):
        read_inputs(_config("iris", estimator="torch_mlp", tta="flip"))


def test_pictures_may_be_kept_on_the_disk(tmp_path):
    folder = picture_folder(tmp_path / "train", 2)
    inputs = read_inputs(_config(folder, cache="disk"), tmp_path / "cache")
    assert len(list((tmp_path / "cache").iterdir())) == 1
    assert np.array_equal(inputs.X.read(), coloured(2)[0])


def _written(tmp_path, frame, name="train.csv"):
    frame.to_csv(tmp_path / name, index=False)
    return tmp_path / name


def test_the_task_comes_with_the_labels(tmp_path):
    grades = _written(tmp_path, labelled_tables.grades())
    inputs = read_inputs(_config(grades, label="grade", id="key", task="ordinal", test=str(grades)))
    assert (inputs.task.kind, inputs.task.classes.tolist(), inputs.X.shape) == ("scalar", [0, 1, 2, 3], (60, 3))
    assert inputs.y_test.tolist() == inputs.y.tolist()
    assert inputs.targets is inputs.reference is None


def test_several_labels_from_columns_and_from_one_cell(tmp_path):
    frame = labelled_tables.several()
    columns = _written(tmp_path, frame)
    cells = _written(tmp_path, labelled_tables.joined(frame, "; "), "joined.csv")
    first = read_inputs(_config(columns, label=labelled_tables.LABELS, id="key", task="multilabel"))
    second = read_inputs(_config(cells, label="tags", id="key", task="multilabel"))
    assert first.task.classes.tolist() == list(labelled_tables.LABELS)
    assert second.task.classes.tolist() == sorted(labelled_tables.LABELS)
    assert np.array_equal(first.y[:, np.argsort(labelled_tables.LABELS)], second.y)
    assert first.X.shape == second.X.shape == (60, 3)


def test_votes_become_first_targets_and_are_no_features(tmp_path):
    frame = labelled_tables.votes()
    columns = _written(tmp_path, frame)
    rows = _written(tmp_path, labelled_tables.features(60), "rows.csv")
    lines = _written(tmp_path, labelled_tables.long_votes(frame), "votes.csv")
    first = read_inputs(_config(columns, id="key", votes=labelled_tables.ANIMALS, reference="votes"))
    second = read_inputs(_config(rows, id="key", votes=str(lines)))
    assert np.allclose(first.targets, frame[list(labelled_tables.ANIMALS)] / 5)
    assert np.array_equal(first.targets, second.targets)
    assert np.allclose(first.reference, first.targets)
    assert second.reference is None
    assert first.X.shape == second.X.shape == (60, 3)


def test_a_label_made_wrong_takes_its_votes_along(tmp_path):
    table = _written(tmp_path, labelled_tables.votes())
    inputs = read_inputs(_config(table, id="key", votes=labelled_tables.ANIMALS, corrupt="symmetric:0.1"))
    wrong = inputs.y != inputs.true_label
    assert wrong.sum() == 6
    assert np.array_equal(inputs.targets[wrong], inputs.task.encode(inputs.y[wrong]))
    assert not np.isin(inputs.targets[~wrong], [0, 1]).all()


def test_texts_become_words_unless_the_estimators_take_them(tmp_path):
    table = _written(tmp_path, labelled_tables.texts())
    words = read_inputs(_config(table, label="mood", id="key", text="text", test=str(table)))
    assert words.X.shape == words.X_test.shape
    assert words.features.terms_.tolist().count("lovely") == 1
    encoder = f"transformers:{tmp_path}"
    as_they_are = read_inputs(_config(table, label="mood", id="key", text="text", estimator=encoder))
    assert as_they_are.features is None
    assert as_they_are.X[0] == labelled_tables.texts()["text"][0]


def test_estimators_of_texts_and_of_numbers_do_not_go_together(tmp_path):
    table = _written(tmp_path, labelled_tables.texts())
    with pytest.raises(InputError, match=r"takes? texts and knn rows of numbers"):
        read_inputs(_config(table, label="mood", id="key", text="text", estimator=(f"transformers:{tmp_path}", "knn")))


def _graded_votes(n=40, seed=0):
    """Return rows with votes of four people for grades 0 to 3, often far apart."""
    counts = np.random.default_rng(seed).multinomial(4, [0.3, 0.2, 0.2, 0.3], size=n)
    frame = labelled_tables.features(n, seed)
    return frame.assign(**{f"votes_{grade}": counts[:, grade] for grade in range(4)})


GRADED = {"id": "key", "task": "ordinal", "votes": [f"votes_{grade}" for grade in range(4)]}


@pytest.mark.parametrize("view", ["scalar", "distribution"])
def test_grades_that_only_votes_give_are_those_of_the_first_targets(tmp_path, view):
    frame, other = _graded_votes(), _graded_votes(20, seed=1).assign(key=[f"o{row}" for row in range(20)])
    table, further = _written(tmp_path, frame), str(_written(tmp_path, other, "other.csv"))
    inputs = read_inputs(_config(table, **GRADED, view=view, guard=further, test=further))
    counts = pd.concat([frame, other])[GRADED["votes"]].to_numpy()
    grades = np.sort(np.repeat(np.tile(np.arange(4), len(counts)), counts.ravel()).reshape(-1, 4), axis=1)  # (n, 4)
    expected = np.floor(grades.mean(axis=1) + 0.5) if view == "scalar" else grades[:, 1]  # the lower median
    assert (expected != counts.argmax(axis=1)).any()
    assert inputs.y.tolist() == expected.tolist()
    assert inputs.y_test.tolist() == expected[40:].tolist()


def test_given_grades_stay_beside_votes(tmp_path):
    table = _written(tmp_path, _graded_votes().assign(grade=[0, 1, 2, 3] * 10))
    assert read_inputs(_config(table, **GRADED, label="grade")).y.tolist() == [0, 1, 2, 3] * 10


def test_given_grades_stay_beside_votes_of_what_is_no_table(tmp_path):
    np.savez(tmp_path / "a.npz", X=np.eye(6), y=[0, 1, 2, 3, 0, 1])
    votes = pd.DataFrame({"id": range(6), "annotator": 0, "label": 2})
    inputs = read_inputs(_config(tmp_path / "a.npz", task="ordinal", votes=str(_written(tmp_path, votes, "v.csv"))))
    assert inputs.y.tolist() == [0, 1, 2, 3, 0, 1]
    assert inputs.targets.ravel().tolist() == [2] * 6


@pytest.mark.parametrize("view", ["scalar", "distribution"])
def test_guard_rows_without_votes_start_at_their_labels(tmp_path, view):
    frame = labelled_tables.grades(20).drop(columns="key")
    table, guard = _written(tmp_path, frame), _written(tmp_path, frame.head(8), "guard.csv")
    votes = _written(tmp_path, pd.DataFrame({"id": range(20), "annotator": 0, "label": 3 - frame["grade"]}), "v.csv")
    options = {"task": "ordinal", "view": view, "label": "grade", "votes": str(votes), "reference": "votes"}
    inputs = read_inputs(_config(table, **options, guard=str(guard)))
    assert np.array_equal(inputs.targets[:20], inputs.task.encode(3 - frame["grade"].to_numpy()))
    assert np.array_equal(inputs.targets[20:], inputs.task.encode(inputs.y[20:]))
    assert np.isnan(inputs.reference[20:]).all()
    assert np.isfinite(inputs.reference[:20]).all()


@pytest.mark.parametrize("where", ["test", "guard"])
@pytest.mark.parametrize("form", ["table", "array"])
def test_half_grades_of_further_rows_are_refused_in_words_of_grades(tmp_path, where, form):
    frame = labelled_tables.grades(20)
    half = frame.assign(grade=frame["grade"].where(frame.index > 0, 1.5), key=[f"o{row}" for row in range(20)])
    if form == "table":
        source, other = _written(tmp_path, frame), _written(tmp_path, half, "other.csv")
        options = {"label": "grade", "id": "key"}
    else:
        source, other, options = tmp_path / "a.npz", tmp_path / "b.npz", {}
        np.savez(source, X=frame[list("abc")], y=frame["grade"])
        np.savez(other, X=frame[list("abc")], y=half["grade"])
    message = (
        rf"^the {where} file has the grade 1\.5 \(1 of 20 .* are 0, 1, 2, 3; round them, or refine on such grades$"
    )
    with pytest.raises(InputError, match=message):
        read_inputs(_config(source, **options, task="ordinal", **{where: str(other)}))


def test_texts_and_pictures_are_refused_before_estimators_are_made(tmp_path):
    with pytest.raises(InputError, match=r"^--text and --image: .*; give one of them$"):
        read_inputs(_config(tmp_path / "none.csv", label="y", text="words", image="file"))


def test_grades_that_were_named_may_stand_in_a_test_file_alone(tmp_path):
    table = _written(tmp_path, labelled_tables.grades().query("grade != 2"))
    test = str(_written(tmp_path, labelled_tables.grades(20), "test.csv"))
    options = {"label": "grade", "id": "key", "task": "ordinal", "test": test}
    assert 2 in read_inputs(_config(table, **options, grades="0,1,2,3")).y_test
    with (
        pytest.warns(UserWarning, match="no row has the grade 2"),
        pytest.raises(InputError, match="the test file has labels that the source has not: 2; known: 0, 1, 3"),
    ):
        read_inputs(_config(table, **options))


def test_instance_noise_moves_exactly_a_share_the_same_for_each_estimator_and_seed(table):
    found = [
        read_inputs(_config(table, label="kind", id="key", corrupt="instance:0.2", estimator=name, seed=seed))
        for name, seed in (("knn", 0), ("softmax", 0), ("knn", 1))
    ]
    assert [(one.y != one.true_label).sum() for one in found] == [12, 12, 12]
    assert np.array_equal(found[0].y, found[1].y)
    assert not np.array_equal(found[0].y, found[2].y)


def test_labels_of_a_column_are_refined_and_the_true_ones_known(tmp_path):
    frame = labelled_tables.features(30).assign(kind=["ant", "bee", "cat"] * 10, crowd=["ant", "cat", "cat"] * 10)
    guard = frame.head(6).assign(key=[f"g{row}" for row in range(6)])
    table, beside = _written(tmp_path, frame), _written(tmp_path, guard, "g.csv")
    options = {"label": "kind", "id": "key", "corrupt": "column:crowd"}
    inputs = read_inputs(_config(table, **options, guard=str(beside)))
    assert inputs.y.tolist() == ["ant", "cat", "cat"] * 12
    assert inputs.true_label.tolist() == ["ant", "bee", "cat"] * 12
    assert inputs.X.shape == (36, 3)
    assert inputs.task.classes.tolist() == ["ant", "bee", "cat"]
    assert sorted(inputs.fingerprint) == ["column crowd", "guard", "source"]
    bare = _written(tmp_path, guard.drop(columns="crowd"), "bare.csv")
    with pytest.raises(InputError, match="has no column 'crowd'"):
        read_inputs(_config(table, **options, guard=str(bare)))


def test_labels_of_an_array(tmp_path):
    y = np.arange(12) % 3
    np.savez(tmp_path / "a.npz", X=np.random.default_rng(0).normal(size=(12, 2)), y=y, crowd=(y + 1) % 3)
    inputs = read_inputs(_config(tmp_path / "a.npz", corrupt="column:crowd"))
    assert inputs.y.tolist() == ((y + 1) % 3).tolist()
    assert inputs.true_label.tolist() == y.tolist()


def test_labels_of_a_column_that_the_true_ones_lack_are_named(tmp_path):
    table = _written(tmp_path, labelled_tables.grades().assign(crowd=[0, 1, 2, 3, 7, 9] * 10))
    with pytest.raises(InputError, match=r"column 'crowd' has labels .* has not: 7, 9; known: 0, 1, 2, 3"):
        read_inputs(_config(table, label="grade", id="key", task="ordinal", corrupt="column:crowd"))
