from __future__ import annotations

import io
import json
import zipfile

import numpy as np
from sklearn.linear_model import LogisticRegression
from skops import io as skops_io

from softlabel.store.skops_form import normalised, requested


def model():
    shared = np.arange(3.0)
    return {
        "a": [shared, shared],
        "b": np.arange(3.0),
        "m": LogisticRegression(),
        "t": "file",
        "file": "x",
        "raw": b"bytes",
    }


def test_equal_objects_give_equal_bytes():
    one, two = skops_io.dumps(model()), skops_io.dumps(model())
    assert one != two
    assert normalised(one) == normalised(two)
    assert normalised(normalised(one)) == normalised(one)
    other = {**model(), "b": np.arange(4.0)}
    assert normalised(skops_io.dumps(other)) != normalised(one)


def test_content_and_shared_parts_survive():
    back = skops_io.loads(normalised(skops_io.dumps(model())))
    assert back["a"][0] is back["a"][1]
    assert back["b"] is not back["a"][0]
    np.testing.assert_array_equal(back["b"], np.arange(3.0))
    assert back["file"] == "x"
    assert back["raw"] == b"bytes"
    assert isinstance(back["m"], LogisticRegression)


def test_deep_nesting():
    deep = []
    for _ in range(200):
        deep = [deep]
    assert skops_io.loads(normalised(skops_io.dumps(deep))) == deep


def test_what_a_file_asks_for_and_how():
    names = requested(skops_io.dumps([np.dtype("f4"), LogisticRegression(), len, np.log]))
    assert names["numpy.dtype"] == {"DTypeNode"}
    assert names["sklearn.linear_model._logistic.LogisticRegression"] == {"ObjectNode"}
    assert names["builtins.len"] == {"TypeNode"}
    assert {"FunctionNode"} in [loaders for name, loaders in names.items() if name.endswith(".log")]


def test_schema_is_where_it_is_looked_for():
    with zipfile.ZipFile(io.BytesIO(normalised(skops_io.dumps(model())))) as archive:
        schema = json.loads(archive.read("schema.json"))
        assert schema["__loader__"] == "DictNode"
        assert schema["__id__"] == 1  # skops takes 0 for none
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
