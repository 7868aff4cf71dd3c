from __future__ import annotations

import sys

import numpy as np
import pandas as pd
import pytest

import labelled_tables
from coloured_pictures import coloured, picture_folder
from simple_learners import blobs
from softlabel import Run
from softlabel.errors import InputError, MissingExtraError, RunError
from softlabel.run.python import refine

SHORT = {"rounds": 1, "folds": 3, "final_targets": "refined"}  # nothing is fitted to choose
OPTIONS = {"estimator": "softmax", **SHORT}


@pytest.fixture
def from_table(table, tmp_path):
    return refine(table, tmp_path / "run", label="kind", id="key", **OPTIONS)


@pytest.fixture
def from_arrays(tmp_path):
    X, y = blobs(n_per_class=20, spread=0.8, seed=3)
    np.savez(tmp_path / "train.npz", X=X, y=y)
    return refine(tmp_path / "train.npz", tmp_path / "run", **OPTIONS)


def _arrays(path, width):
    np.savez(path, X=np.arange(6.0 * width).reshape(6, width), y=np.arange(6) % 3)
    return str(path)


def test_labels_that_nobody_judged_are_no_clean_ones(table, tmp_path):
    run = refine(table, tmp_path / "none", label="kind", id="key", estimator="softmax", rounds=0)
    with pytest.raises(RunError, match=r"none was made with --rounds 0: .* refine with --rounds 1 or more"):
        run.issues()


@pytest.mark.parametrize("width", [1, 3])
@pytest.mark.parametrize("question", ["predict", "evaluate"])
def test_arrays_of_another_width_are_refused(from_arrays, tmp_path, width, question):
    source = _arrays(tmp_path / "other.npz", width)
    message = f"other.npz does not fit the model of .*run: the rows have {width} columns, .*the run was made from had 2"
    with pytest.raises(InputError, match=message) as caught:
        getattr(from_arrays, question)(source)
    assert "\n" not in str(caught.value)


def test_rows_of_another_shape_are_refused_from_python_too(from_arrays):
    with pytest.raises(InputError, match=r"the rows have 3 columns, .* had 2"):
        from_arrays.predict_proba(np.zeros((4, 3)))
    with pytest.raises(InputError, match=r"the rows have the shape \(2,\)"):
        from_arrays.predict_proba([0.0, 1.0])
    assert from_arrays.predict_proba([[0.0, 1.0]]).shape == (1, 3)


def test_a_table_serves_a_model_of_arrays_where_its_columns_are_as_many_numbers(from_arrays, tmp_path):
    frame = pd.DataFrame({"a": [0.5, 1], "b": [2, 3]})
    frame.to_csv(tmp_path / "rows.csv", index=False)
    predicted = from_arrays.predict(str(tmp_path / "rows.csv"))
    P = from_arrays.predict_proba(frame.to_numpy(dtype=np.float32))
    assert np.array_equal(predicted[["p_0", "p_1", "p_2"]].to_numpy(), P.astype(np.float32))
    frame.assign(b=["x", "y"]).to_csv(tmp_path / "texts.csv", index=False)
    with pytest.raises(InputError, match=r"texts\.csv does not fit"):
        from_arrays.predict(str(tmp_path / "texts.csv"))
    frame.assign(c=1).to_csv(tmp_path / "wide.csv", index=False)
    with pytest.raises(InputError, match=r"have 3 columns, .* had 2"):
        from_arrays.predict(str(tmp_path / "wide.csv"))


def test_a_model_of_arrays_names_no_label_column(from_arrays, table):
    with pytest.raises(InputError, match="nothing says which column holds the labels") as caught:
        from_arrays.evaluate(str(table))
    assert "--label" not in str(caught.value)


def test_the_column_of_ids_may_be_missing(from_table, table, tmp_path):
    frame = pd.read_csv(table)
    frame[["a", "b"]].to_csv(tmp_path / "rows.csv", index=False)
    with_ids, without = from_table.predict(str(table)), from_table.predict(str(tmp_path / "rows.csv"))
    assert with_ids["id"].tolist() == frame["key"].tolist()
    assert without["id"].tolist() == list(range(60))
    assert without.drop(columns="id").equals(with_ids.drop(columns="id"))


@pytest.mark.parametrize("suffix", [".parquet", ".npz"])
def test_a_run_from_csv_is_scored_on_other_files(tmp_path, suffix):
    X, y = blobs(n_per_class=20, spread=0.8, seed=3)
    frame = pd.DataFrame({"a": X[:, 0], "b": X[:, 1], "kind": y + 1.0})  # floats: "1.0", "2.0" in the .csv
    frame.to_csv(tmp_path / "train.csv", index=False)
    run = refine(tmp_path / "train.csv", tmp_path / "run", label="kind", **OPTIONS)
    assert run.classes.tolist() == [1, 2, 3]
    if suffix == ".npz":
        np.savez(tmp_path / "test.npz", X=X, y=y + 1.0)
    else:
        frame.to_parquet(tmp_path / "test.parquet")
    assert run.evaluate(str(tmp_path / f"test{suffix}")) == run.evaluate(str(tmp_path / "train.csv"))


@pytest.fixture(scope="module")
def from_pictures(photos, network_options, tmp_path_factory):
    """A run of two networks that label, both kept; its model is read again for each test."""
    options = network_options | {"estimator": ("small_cnn", "torch_mlp"), "set": {"1.network_options": {"width": 4}}}
    out = tmp_path_factory.mktemp("pictures") / "run"
    return refine(photos / "train", out, **options, rounds=1, final_members="all", device="cpu").path


def test_pictures_are_predicted_by_path(from_pictures, photos):
    labelled = Run(from_pictures).predict(str(photos / "test"))
    assert labelled["id"].tolist()[:2] == ["blue/000.png", "blue/001.png"]
    assert np.allclose(labelled[["p_blue", "p_red"]].sum(axis=1), 1, atol=1e-5)
    part = Run(from_pictures).predict(str(photos / "test" / "red"))
    assert part["id"].tolist()[:1] == ["010.png"]
    # Batches of another size may be summed in another order.
    assert np.allclose(part["p_red"], labelled["p_red"][10:], atol=1e-6)


def test_pictures_are_scored(from_pictures, photos):
    scores = Run(from_pictures).evaluate(str(photos / "test"))
    predicted = Run(from_pictures).predict(str(photos / "test"))
    right = predicted["predicted_label"] == [key.split("/")[0] for key in predicted["id"]]
    assert scores["n_rows"] == 20
    assert scores["accuracy"] == right.mean()


def test_the_stored_models_are_those_that_were_trained_and_know_no_device(from_pictures, photos):
    run = Run(from_pictures)
    P = run.predict_proba(coloured(10, seed=1)[0])
    models = run._load_model()["models"]
    assert [model.device for model in models] == ["auto", "auto"]
    assert np.allclose(P, np.mean([model.predict_proba(coloured(10, seed=1)[0]) for model in models], axis=0))
    assert np.array_equal(P.astype(np.float32), run.predict(str(photos / "test"))[["p_blue", "p_red"]].to_numpy())
    placed = Run(from_pictures, device="cpu")
    assert np.array_equal(placed.predict_proba(coloured(10, seed=1)[0]), P)
    assert [model.device for model in placed._load_model()["models"]] == ["cpu", "cpu"]


def test_views_are_asked_for_separately(from_pictures, photos):
    run, source = Run(from_pictures), str(photos / "test")
    X = coloured(10, seed=1)[0]
    plain, flipped = run.predict_proba(X), run.predict_proba(X[:, :, ::-1])
    assert np.allclose(run.predict_proba(X, tta="flip"), (plain + flipped) / 2, atol=1e-6)
    assert np.array_equal(run.predict(source, "flip")["p_red"], run.predict_proba(X, "flip")[:, 1].astype(np.float32))
    assert run.evaluate(source, "flip")["nll"] != run.evaluate(source)["nll"]
    assert run.evaluate(source, "none") == run.evaluate(source)
    with pytest.raises(InputError, match=r"^test-time augmentation 'flup'"):
        run.predict(source, "flup")


def test_views_of_what_makes_none_are_refused(from_arrays, tmp_path):
    with pytest.raises(InputError, match="averages views of pictures"):
        from_arrays.predict(_arrays(tmp_path / "other.npz", 2), "flip")


def test_pictures_of_another_shape_are_refused(from_pictures, tmp_path):
    run = Run(from_pictures)
    message = "the pictures are 12 x 12, 3 colours, and those that the run was made from were 10 x 10, 3 colours"
    with pytest.raises(InputError, match=f"does not fit .*: {message}"):
        run.predict(str(picture_folder(tmp_path / "large", 2, side=12)))
    with pytest.raises(InputError, match="the pictures are 10 x 10, 1 colour, and"):
        run.predict_proba(np.zeros((2, 10, 10), dtype=np.uint8))
    with pytest.raises(
        InputError, match=r"digits does not fit .*: the run was made from pictures, and these rows are none"
    ):
        run.predict("digits")
    with pytest.raises(InputError, match="made from pictures"):
        run.predict_proba([[1.0] * 300])


def test_pictures_do_not_fit_a_run_of_a_table(from_table, photos):
    with pytest.raises(InputError, match="they are pictures, and the run was made from a table"):
        from_table.predict(str(photos / "test"))


def test_pixels_that_were_features_are_so_again(photos, tmp_path):
    run = refine(photos / "train", tmp_path / "run", estimator="knn", **SHORT, image_size=8)
    assert run.evaluate(str(photos / "test"))["accuracy"] > 0.9
    assert run.predict_proba(np.zeros((2, 8, 8, 3), dtype=np.uint8)).shape == (2, 2)
    with pytest.raises(InputError, match="10 x 10, 3 colours, and those that the run was made from were 8 x 8"):
        run.predict_proba(np.zeros((2, 10, 10, 3), dtype=np.uint8))


def test_a_run_of_pictures_made_before_they_were_kept_as_such_takes_them_as_numbers(tmp_path):
    """Earlier versions made rows of numbers of the pictures in an .npz file, bytes divided by 255."""
    X, y = coloured(15)
    np.savez(tmp_path / "old.npz", X=X.reshape(30, -1) / np.float32(255), y=y)
    np.savez(tmp_path / "new.npz", X=X, y=y)
    run = refine(tmp_path / "old.npz", tmp_path / "run", **OPTIONS)
    assert run.evaluate(str(tmp_path / "new.npz")) == run.evaluate(str(tmp_path / "old.npz"))


def test_a_network_needs_its_packages_to_predict(from_pictures, photos, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'softlabel\[torch\]'"):
        Run(from_pictures).predict(str(photos / "test"))


def _made(frame, tmp_path, **values):
    frame.to_csv(tmp_path / "train.csv", index=False)
    return refine(tmp_path / "train.csv", tmp_path / "run", id="key", **SHORT, **values)


def test_grades_are_predicted_by_the_thresholds_that_were_fitted(tmp_path):
    frame, estimator = labelled_tables.grades(), {"estimator": "ridge", "thresholds": "fitted"}
    run = _made(frame, tmp_path, label="grade", task="ordinal", test=str(tmp_path / "train.csv"), **estimator)
    predicted = run.predict(str(tmp_path / "train.csv"))
    assert predicted.columns.tolist() == ["id", "predicted_label", "grade"]
    fitted = run.metrics()["thresholds"]["fitted"]
    assert predicted["predicted_label"].tolist() == np.digitize(predicted["grade"], fitted).tolist()
    assert predicted["predicted_label"].tolist() != np.digitize(predicted["grade"], [0.5, 1.5, 2.5]).tolist()
    assert run.evaluate(str(tmp_path / "train.csv")) == {"n_rows": 60, **run.metrics()["test"]["final"]}
    assert run.task.thresholds.tolist() == [0.5, 1.5, 2.5]
    assert run.predict_targets(frame[["a", "b", "c"]]).shape == (60, 1)
    with pytest.raises(InputError, match="grades as numbers, which have no probabilities; call predict_targets"):
        run.predict_proba(frame[["a", "b", "c"]])


def test_several_labels_are_predicted_and_scored(tmp_path):
    frame = labelled_tables.several()
    run = _made(frame, tmp_path, label=labelled_tables.LABELS, task="multilabel")
    predicted = run.predict(str(tmp_path / "train.csv"))
    assert predicted.columns.tolist() == ["id", "predicted_label", "p_rust", "p_scab", "p_mildew"]
    first = [name for name in labelled_tables.LABELS if predicted[f"p_{name}"][0] > 0.5]
    assert predicted["predicted_label"][0] == "|".join(first)
    scores = run.evaluate(str(tmp_path / "train.csv"))
    assert list(scores)[:3] == ["n_rows", "mean_ap", "mean_auc"]
    labelled_tables.joined(frame).to_csv(tmp_path / "joined.csv", index=False)
    again = refine(tmp_path / "joined.csv", tmp_path / "joined", id="key", **SHORT, label="tags", task="multilabel")
    assert again.evaluate(str(tmp_path / "joined.csv"))["micro_f1"] > 0.8
    frame.assign(tags="blight")[["key", "a", "b", "c", "tags"]].to_csv(tmp_path / "odd.csv", index=False)
    with pytest.raises(InputError, match="blight"):
        again.evaluate(str(tmp_path / "odd.csv"))


def test_texts_are_predicted_as_texts(tmp_path):
    run = _made(labelled_tables.texts(), tmp_path, label="mood", text="text")
    assert run.evaluate(str(tmp_path / "train.csv"))["accuracy"] == 1.0
    assert run.predict_proba(["a lovely film", "a dull film"]).argmax(axis=1).tolist() == [1, 0]
    with pytest.raises(InputError, match=r"iris does not fit"):
        run.predict("iris")


def test_a_run_without_a_task_in_its_record_is_of_classes(from_table):
    from_table._store.update_record(task=None)
    record = {key: value for key, value in from_table._store.record.items() if key != "task"}
    from_table._store._write_record(record)
    older = Run(from_table.path)
    assert "task" not in older.record
    assert (older.task.name, older.task.classes.tolist()) == ("multiclass", ["ant", "bee", "cat"])


def test_votes_are_read_for_a_score_as_they_were_for_the_run(tmp_path):
    truth, draws = np.arange(80) % 2, np.random.default_rng(0)
    rows = pd.DataFrame({"key": [f"r{row}" for row in range(80)], "a": 4.0 * truth - 2 + draws.normal(size=80)})
    rows.to_csv(tmp_path / "rows.csv", index=False)
    said = {"p": truth, "q": truth} | {name: draws.integers(0, 2, 80) for name in "rstuv"}  # p and q can be believed
    lines = [(key, who, labels[row]) for row, key in enumerate(rows["key"]) for who, labels in said.items()]
    pd.DataFrame(lines, columns=["id", "annotator", "label"]).to_csv(tmp_path / "votes.csv", index=False)
    options = {"votes": str(tmp_path / "votes.csv"), "votes_as": "dawid-skene", "id": "key", **OPTIONS}
    run = refine(tmp_path / "rows.csv", tmp_path / "run", **options)
    given = run.labels()["given_label"].to_numpy()
    majority = (np.sum(list(said.values()), axis=0) > 3).astype(int)
    assert (given != majority).sum() > 5
    predicted = run.predict(str(tmp_path / "rows.csv"))["predicted_label"].to_numpy()
    assert run.evaluate(str(tmp_path / "rows.csv"))["accuracy"] == pytest.approx(np.mean(predicted == given))


@pytest.mark.parametrize("view", ["scalar", "distribution"])
def test_grades_that_only_votes_give_are_scored_as_those_of_the_run(tmp_path, view):
    counts = np.random.default_rng(0).multinomial(4, [0.3, 0.2, 0.2, 0.3], size=90)
    frame = labelled_tables.features(90).assign(**{f"n_{grade}": counts[:, grade] for grade in range(4)})
    frame.to_csv(tmp_path / "train.csv", index=False)
    votes = [f"n_{grade}" for grade in range(4)]
    options = {"task": "ordinal", "view": view, "estimator": "knn", "id": "key", **SHORT}
    run = refine(tmp_path / "train.csv", tmp_path / "run", votes=votes, **options)
    given = run.labels()["given_label"].to_numpy()
    predicted = run.predict(str(tmp_path / "train.csv"))["predicted_label"].to_numpy()
    assert (given != counts.argmax(axis=1)).any()
    assert run.evaluate(str(tmp_path / "train.csv"))["accuracy"] == pytest.approx(np.mean(predicted == given))
