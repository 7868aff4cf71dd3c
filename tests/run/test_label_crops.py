import numpy as np
import pandas as pd
import pytest

from coloured_pictures import coloured, picture_folder
from made_pictures import encoded
from softlabel import CropStore, Run, picture_digests, refine
from softlabel.data.source import load
from softlabel.errors import InputError
from softlabel.run.config import make_config
from softlabel.run.label_config import LabelConfig
from softlabel.run.label_crops import label_source, teacher_networks

SMALL = {
    "estimator": "small_cnn", "set": {"network_options": {"width": 4}}, "epochs": 1, "batch_size": 16, "folds": 2, "rounds": 0,
    "final_targets": "refined",
}  # fmt: skip


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A folder of pictures, and two runs on it: one final model, and one a fold."""
    root = tmp_path_factory.mktemp("made")
    photos = picture_folder(root / "photos", 12)
    refine(str(photos), root / "one", **SMALL)
    refine(str(photos), root / "folds", **SMALL, final="folds", seed=1)
    return root


def config(made, out, **values):
    given = {"source": str(made / "photos"), "teacher": str(made / "one"), "crops": 2, "out": out, "device": "cpu"}
    return make_config(given | values, kind=LabelConfig)


def test_labels_are_those_of_the_runs_model(made, tmp_path):
    done = label_source(config(made, tmp_path / "s", augment="none", crops=1))
    assert not done.already
    X = load(made / "photos").X
    assert np.allclose(done.store.read(np.arange(24)).targets()[:, 0], Run(made / "one").predict_proba(X), atol=1e-3)
    assert done.store.classes.tolist() == ["blue", "red"]
    assert np.array_equal(done.store.pictures, picture_digests(X))
    assert label_source(config(made, tmp_path / "s", augment="none", crops=1)).already


def test_all_networks_of_all_runs_are_averaged(made, tmp_path):
    runs = [str(made / "one"), str(made / "folds")]
    done = label_source(config(made, tmp_path / "s", augment="none", crops=1, teacher=runs))
    X, n = load(made / "photos").X, [1, 2]
    mean = np.average([Run(run).predict_proba(X) for run in runs], axis=0, weights=n)
    assert np.allclose(done.store.read(np.arange(24)).targets()[:, 0], mean, atol=1e-3)
    assert len(done.store.record["teachers"]) == 3


def test_networks_know_their_classes_by_name(made):
    (network,) = teacher_networks(Run(made / "one"))
    assert network.classes_.tolist() == ["blue", "red"]
    assert Run(made / "one").final_models()[0].classes_.tolist() == [0, 1]


def test_tables_and_arrays_of_pictures(made, tmp_path):
    X, y = coloured(6, seed=9)
    pd.DataFrame({"photo": [encoded(picture) for picture in X]}).to_parquet(tmp_path / "rows.parquet")  # no labels
    np.savez(tmp_path / "rows.npz", train_images=X, train_labels=y, test_images=X[:3], test_labels=y[:3])
    table = label_source(config(made, tmp_path / "t", source=str(tmp_path / "rows.parquet"), image="photo"))
    array = label_source(config(made, tmp_path / "a", source=str(tmp_path / "rows.npz")))
    assert len(table.store) == len(array.store) == 12
    assert np.array_equal(table.store.read(np.arange(12)).targets(), array.store.read(np.arange(12)).targets())


def test_what_cannot_label_is_refused(made, tmp_path):
    with pytest.raises(InputError, match="are no pictures"):
        label_source(config(made, tmp_path / "s", source="digits"))
    refine("iris", tmp_path / "table", estimator="softmax", rounds=0, final_targets="refined")
    with pytest.raises(InputError, match=r"table .* is no network"):
        label_source(config(made, tmp_path / "s", teacher=str(tmp_path / "table")))
    other = picture_folder(tmp_path / "other", 4)
    (other / "red").rename(other / "green")
    refine(str(other), tmp_path / "green", **SMALL)
    with pytest.raises(InputError, match="red missing, green besides"):
        label_source(config(made, tmp_path / "s", teacher=[str(made / "one"), str(tmp_path / "green")]))
    assert not CropStore.exists(tmp_path / "s")
