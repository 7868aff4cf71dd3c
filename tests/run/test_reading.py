from __future__ import annotations

import numpy as np
import pytest

from softlabel.errors import InputError
from softlabel.run.config import make_config
from softlabel.run.reading import (
    columns_record,
    grades_of,
    label_kind_of,
    labelled_reading,
    reading_of,
    unlabelled_reading,
)


def _config(**values):
    return make_config({"source": "s.csv", "out": "x", "label": "y", **values})


def _record(config, **values):
    return {"columns": columns_record(config), "images": None, **values}


def test_what_load_is_told():
    reading = reading_of(_config(task="multilabel", label=["a", "b"], id="key"), None)
    assert (reading["label"], reading["several"], reading["id"]) == (("a", "b"), True, "key")
    assert (reading["votes"], reading["votes_as"], reading["reference"], reading["label_names"]) == (
        (),
        "share",
        (),
        None,
    )
    assert reading["part"] is False


def test_votes_for_named_grades_are_told_these():
    config = _config(task="ordinal", grades="1,2,3", votes=["a", "b"], votes_as="dawid-skene")
    reading = reading_of(config, None)
    assert (reading["votes"], reading["votes_as"], reading["label_names"]) == (("a", "b"), "dawid-skene", [1, 2, 3])


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ({}, None),
        ({"task": "multilabel"}, None),
        ({"task": "ordinal"}, "number"),
        ({"task": "ordinal", "grades": "1,2"}, "number"),
        ({"task": "ordinal", "grades": "low,high"}, "text"),
    ],
)
def test_grades_are_read_as_numbers_where_they_can_be(values, kind):
    assert label_kind_of(_config(**values)) == kind


def test_grades_in_the_order_that_was_given():
    assert grades_of(_config()) is None
    assert grades_of(_config(task="ordinal", grades="-1,0,1.5")) == [-1, 0, 1.5]
    assert grades_of(_config(task="ordinal", grades=["low", "mid", "3"])) == ["low", "mid", "3"]


def test_the_record_of_an_earlier_version_is_that_of_a_run_without_new_options():
    assert columns_record(_config(id="key")) == {"label": "y", "id": "key", "groups": None, "drop": []}


def test_rows_to_be_predicted_lose_all_that_is_no_feature():
    config = _config(label=["a", "b"], groups="who", drop="d", id="key", votes=["v_a", "v_b"], reference=["r_a", "r_b"])
    reading = unlabelled_reading(_record(config))
    assert reading == {
        "id": "key",
        "drop": ["a", "b", "v_a", "v_b", "r_a", "r_b", "who", "d"],
        "image": None,
        "image_size": None,
    }
    voted = unlabelled_reading(_record(_config(label=None, votes=["v_a", "v_b"], reference="votes")))
    assert voted["drop"] == ["v_a", "v_b"]


def test_pictures_and_texts_are_read_as_they_were():
    images = {"column": "file", "size": 32, "shape": [32, 32, 3]}
    reading = unlabelled_reading(_record(_config(format="deepdrid"), images=images))
    assert (reading["image"], reading["image_size"], reading["format"]) == ("file", 32, "deepdrid")
    assert unlabelled_reading(_record(_config(text="words")))["text"] == "words"


def test_rows_to_be_scored():
    classes = np.array(["a", "b"])
    plain = labelled_reading(_record(_config(id="key")), classes)
    assert plain == {
        "label": "y", "id": "key", "groups": None, "drop": [], "label_kind": "text", "image": None, "image_size": None,
    }  # fmt: skip
    several = labelled_reading(_record(_config(task="multilabel", separator=";"), task={"name": "multilabel"}), classes)
    assert (several["several"], several["separator"], several["label_kind"]) == (True, ";", None)
    assert several["label_names"].tolist() == ["a", "b"]
    voted = labelled_reading(_record(_config(label=None, votes=["v_a", "v_b"])), classes)
    assert (voted["votes"], voted["label_names"].tolist()) == (("v_a", "v_b"), ["a", "b"])
    assert "votes_as" not in voted
    config = _config(label=None, votes=["v_a", "v_b"], votes_as="dawid-skene")
    assert labelled_reading(_record(config, identity=config.identity()), classes)["votes_as"] == "dawid-skene"


@pytest.mark.parametrize("fractional", [True, False])
def test_grades_are_read_as_numbers_again_where_they_are(fractional):
    record = _record(_config(task="ordinal"), task={"name": "ordinal", "fractional": fractional})
    assert labelled_reading(record, np.array([0, 1, 2]))["label_kind"] == "number"
    record = _record(_config(), task={"name": "multiclass"})
    assert labelled_reading(record, np.array([0, 1, 2]))["label_kind"] == "integer"
    record = _record(_config(task="ordinal", grades="low,high"), task={"name": "ordinal"})
    assert labelled_reading(record, np.array(["low", "high"]))["label_kind"] == "text"


def test_features_are_texts_or_pictures():
    message = "^--text and --image: .* pictures of column 'file' and the texts of column 'words'; give one of them$"
    with pytest.raises(InputError, match=message):
        reading_of(_config(text="words", image="file"), None)


def test_a_column_of_noisy_labels_is_no_feature_of_later_rows():
    config = _config(corrupt="column:crowd", drop=["note"])
    assert reading_of(config, None)["noisy"] == ("crowd",)
    assert reading_of(_config(), None)["noisy"] == ()
    record = _record(config)
    assert record["columns"]["noisy"] == ["crowd"]
    assert "noisy" not in _record(_config())["columns"]
    assert unlabelled_reading(record)["drop"] == ["y", "note", "crowd"]
    assert labelled_reading(record, np.array(["a", "b"]))["drop"] == ["note", "crowd"]
