from __future__ import annotations

import hashlib
import io
import json
import subprocess
import sys
import zipfile

import lightgbm
import numpy as np
import pytest
import xgboost
from sklearn.base import BaseEstimator
from sklearn.datasets import load_iris
from sklearn.ensemble import ExtraTreesRegressor, HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from softlabel.errors import DamagedRunError, InputError, NewerFormatError, RunError, StorageError
from softlabel.store.model_store import load_model, load_weights, save_model
from softlabel.store.sealed import write_sealed

X, Y = load_iris(return_X_y=True)
X = (X - X.mean(axis=0)) / X.std(axis=0)

MODELS = [
    LogisticRegression(),
    RandomForestClassifier(5, random_state=0),
    HistGradientBoostingClassifier(max_iter=3, random_state=0),
    make_pipeline(StandardScaler(), KNeighborsClassifier()),
    make_pipeline(StandardScaler(), MLPClassifier((5,), max_iter=3, random_state=0)),
    lightgbm.LGBMClassifier(n_estimators=3, verbose=-1, n_jobs=1),
    xgboost.XGBClassifier(n_estimators=3, n_jobs=1),
]


class Own(BaseEstimator):
    """An estimator of a package that this one does not know."""

    def fit(self, X, y):
        self.mean_ = np.mean(X, axis=0)
        return self


@pytest.mark.filterwarnings(
    "ignore::sklearn.exceptions.ConvergenceWarning", "ignore:X does not have valid feature names"
)
@pytest.mark.parametrize("model", MODELS, ids=lambda model: type(model).__name__)
def test_models_come_back(tmp_path, model):
    model.fit(X, Y)
    save_model(tmp_path / "model", {"student": model, "classes": np.array(["a", "b", "c"])})
    stored = load_model(tmp_path / "model")
    np.testing.assert_array_equal(stored["student"].predict_proba(X), model.predict_proba(X))
    assert stored["classes"].tolist() == ["a", "b", "c"]
    assert sorted(path.name for path in (tmp_path / "model").iterdir()) == ["model.json", "model.skops"]


def test_boosters_alone_and_regressors(tmp_path):
    booster = lightgbm.train({"verbose": -1, "num_threads": 1}, lightgbm.Dataset(X, Y), 3)
    trees = xgboost.train({"nthread": 1}, xgboost.DMatrix(X, Y), 3)
    forest = ExtraTreesRegressor(3, random_state=0).fit(X, np.eye(3)[Y])
    save_model(tmp_path / "model", [booster, trees, forest])
    stored = load_model(tmp_path / "model")
    np.testing.assert_array_equal(stored[0].predict(X), booster.predict(X))
    np.testing.assert_array_equal(stored[1].predict(xgboost.DMatrix(X)), trees.predict(xgboost.DMatrix(X)))
    np.testing.assert_array_equal(stored[2].predict(X), forest.predict(X))


def test_equal_models_give_equal_files_and_replace_each_other(tmp_path):
    for name in ("a", "b"):
        save_model(tmp_path / name, LogisticRegression(C=2.0).fit(X, Y))
    files = ["model.skops", "model.json"]
    assert [(tmp_path / "a" / file).read_bytes() for file in files] == [
        (tmp_path / "b" / file).read_bytes() for file in files
    ]
    save_model(tmp_path / "a", LogisticRegression(C=3.0).fit(X, Y))
    assert load_model(tmp_path / "a").C == 3.0


WEIGHTS = {
    "network-1": {"line.weight": np.arange(6, dtype=np.float32).reshape(2, 3)},
    "network-0": {"line.weight": np.zeros((2, 3)), "count": np.array(3)},
}


def test_weights_stand_beside_the_model(tmp_path):
    folder = tmp_path / "model"
    save_model(folder, {"classes": np.arange(3)}, WEIGHTS)
    files = ["model.json", "model.skops", "network-0.safetensors", "network-1.safetensors"]
    assert sorted(path.name for path in folder.iterdir()) == files
    assert load_model(folder)["classes"].tolist() == [0, 1, 2]
    found = load_weights(folder)
    assert {name: list(arrays) for name, arrays in found.items()} == {
        "network-0": ["count", "line.weight"],
        "network-1": ["line.weight"],
    }
    np.testing.assert_array_equal(found["network-1"]["line.weight"], WEIGHTS["network-1"]["line.weight"])
    save_model(tmp_path / "again", {"classes": np.arange(3)}, dict(reversed(WEIGHTS.items())))
    for name in files:
        assert (folder / name).read_bytes() == (tmp_path / "again" / name).read_bytes()
    save_model(folder, {"classes": np.arange(3)})
    assert sorted(path.name for path in folder.iterdir()) == files[:2]


def test_a_model_without_weights_is_one_that_older_versions_read(tmp_path):
    save_model(tmp_path / "model", 1)
    record = json.loads((tmp_path / "model" / "model.json").read_text())
    assert record["format_version"] == 1
    assert "weights" not in record
    assert load_weights(tmp_path / "model") == {}
    save_model(tmp_path / "model", 1, WEIGHTS)
    assert json.loads((tmp_path / "model" / "model.json").read_text())["format_version"] == 2


def test_damaged_weights(tmp_path):
    folder = tmp_path / "model"
    with pytest.raises(RunError, match="there is no model"):
        load_weights(folder)
    save_model(folder, 1, WEIGHTS)
    path = folder / "network-1.safetensors"
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(DamagedRunError, match=r"network-1.safetensors is not what was stored.*delete the folder"):
        load_weights(folder)
    path.unlink()
    with pytest.raises(DamagedRunError, match=r"network-1.safetensors is missing"):
        load_weights(folder)
    with pytest.raises(InputError, match="cannot be the name of a stored file"):
        save_model(folder, 2, {"../outside": WEIGHTS["network-0"]})
    assert load_model(folder) == 1


def test_versions_are_recorded_and_compared(tmp_path):
    save_model(tmp_path / "model", LogisticRegression().fit(X, Y))
    record = json.loads((tmp_path / "model" / "model.json").read_text())
    names = {"python", "softlabel", "scikit-learn", "numpy", "skops", "torch", "torchvision", "timm", "safetensors"}
    assert names <= record["versions"].keys()
    record["versions"]["scikit-learn"] = "0.1.2"
    write_sealed(tmp_path / "model" / "model.json", record)
    with pytest.warns(UserWarning, match=r"made with scikit-learn 0.1.2, and this is scikit-learn"):
        load_model(tmp_path / "model")


def test_types_of_others_are_named_and_can_be_trusted(tmp_path):
    own = Own().fit(X, Y)
    save_model(tmp_path / "model", own)
    name = f"{Own.__module__}.Own"
    with pytest.raises(RunError, match=f"not trusted: '{name}'; if you know them, load it with trust=\\['{name}'\\]"):
        load_model(tmp_path / "model")
    if Own.__module__ in sys.modules:
        np.testing.assert_array_equal(load_model(tmp_path / "model", trust=[name]).mean_, own.mean_)


def node(name, loader, **more):
    module, _, short = name.rpartition(".")
    return {"__class__": short, "__module__": module, "__loader__": loader, "__id__": 7, **more}


def json_node(value):
    return node("builtins.str", "JsonNode", content=json.dumps(value), is_json=True, __id__=None)


def crafted(tmp_path, schema):
    """Store a file as an attacker would, with a right checksum."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("schema.json", json.dumps({**schema, "protocol": 2, "_skops_version": "0"}))
    save_model(tmp_path / "model", 1)
    folder = tmp_path / "model"
    record = json.loads((folder / "model.json").read_text())
    (folder / "model.skops").write_bytes(buffer.getvalue())
    write_sealed(folder / "model.json", {**record, "sha256": hashlib.sha256(buffer.getvalue()).hexdigest()})
    return folder


@pytest.mark.parametrize(
    "name",
    [
        "numpy.testing._private.utils.runstring",
        "pandas.read_pickle",
        "numpy.memmap",
        "softlabel.store.atomic.write_text",
    ],
)
def test_a_file_cannot_call_functions_of_trusted_packages(tmp_path, name):
    """Trusting whole packages would run this: each of them has functions that run code or write files."""
    target = tmp_path / "written by the file"
    code = f"open({str(target)!r}, 'w').close()"
    no_keys = node("builtins.list", "ListNode", content=[], __id__=3)
    empty = node("builtins.dict", "DictNode", content={}, key_types=no_keys, __id__=4)
    arguments = node("builtins.tuple", "TupleNode", content=[json_node(code), empty], __id__=5)
    folder = crafted(tmp_path, node(name, "ConstructorFromReduceNode", content=arguments))
    with pytest.raises(RunError, match="not trusted"):
        load_model(folder)
    assert not target.exists()


def test_the_crafted_file_would_work_if_it_were_trusted(tmp_path):
    """Else the test above would prove nothing."""
    target = tmp_path / "written by the file"
    arguments = node("builtins.tuple", "TupleNode", content=[json_node(str(target)), json_node("x")], __id__=5)
    name = "softlabel.store.atomic.write_text"
    folder = crafted(tmp_path, node(name, "ConstructorFromReduceNode", content=arguments))
    load_model(folder, trust=[name])
    assert target.exists()


def test_what_cannot_be_stored(tmp_path):
    model = LogisticRegression().fit(X, Y)
    model.stream_ = io.StringIO()
    model.generator_ = (n for n in range(3))
    with pytest.raises(RunError, match="cannot be stored without pickle") as caught:
        save_model(tmp_path / "model", model)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "model").exists()


def test_damage(tmp_path):
    with pytest.raises(RunError, match="there is no model"):
        load_model(tmp_path / "model")
    folder = tmp_path / "model"
    save_model(folder, LogisticRegression().fit(X, Y))
    record = json.loads((folder / "model.json").read_text())
    whole = (folder / "model.skops").read_bytes()
    (folder / "model.skops").write_bytes(whole[:-10])
    with pytest.raises(DamagedRunError, match=f"model.skops is not what was stored.*delete the folder {folder}"):
        load_model(folder)
    write_sealed(folder / "model.json", {**record, "sha256": hashlib.sha256(whole[:-10]).hexdigest()})
    with pytest.raises(DamagedRunError, match="is no skops file"):
        load_model(folder)
    write_sealed(folder / "model.json", {**record, "format_version": 3})
    with pytest.raises(NewerFormatError):
        load_model(folder)
    (folder / "model.json").unlink()
    with pytest.raises(DamagedRunError, match=r"model.json is missing"):
        load_model(folder)


def test_a_model_that_cannot_be_built_here_names_the_versions(tmp_path):
    folder = crafted(tmp_path, node("sklearn.no_such_module.Thing", "ObjectNode"))
    with pytest.raises(RunError, match=r"cannot be built here .* install the versions it was made with: python"):
        load_model(folder)


def test_a_full_disk_keeps_the_model_before(tmp_path, monkeypatch):
    folder = tmp_path / "model"
    save_model(folder, {"version": 1})

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(StorageError, match="free some space"):
        save_model(folder, {"version": 2})
    monkeypatch.undo()
    assert load_model(folder) == {"version": 1}
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def test_a_stored_model_needs_only_the_files(tmp_path):
    save_model(tmp_path / "model", LogisticRegression().fit(X, Y))
    program = (
        "import sys, numpy as np; from softlabel.store.model_store import load_model; "
        "print(load_model(sys.argv[1]).predict(np.array([[-0.9, 1.0, -1.3, -1.3]]))[0])"
    )
    done = subprocess.run([sys.executable, "-c", program, str(tmp_path / "model")], capture_output=True, text=True)
    assert done.stdout.strip() == "0", done.stderr
