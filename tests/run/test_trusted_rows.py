from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import labelled_tables
from softlabel.errors import InputError
from softlabel.run.config import make_config
from softlabel.run.data_reading import read_data
from softlabel.run.inputs import read_inputs
from softlabel.run.trusted_rows import noise_summary, trusted_summary
from softlabel.targets.trusted_noise import noise_from_pairs


@pytest.fixture
def trust(table, tmp_path):
    """Write a file of trusted rows; return a configuration that names it."""

    def config(rows, name="trusted.csv", source=table, **values):
        path = tmp_path / name
        frame = pd.DataFrame(rows)
        frame.to_csv(path, index=False) if name.endswith("csv") else frame.to_parquet(path)
        options = {"label": "kind", "id": "key"} | values
        return make_config({"source": str(source), "out": "x", "trusted": str(path), **options})

    return config


def _with_column(table, tmp_path, cells=None):
    frame = pd.read_csv(table)
    frame["sure"] = np.where(np.arange(len(frame)) % 6 == 0, "yes", "no") if cells is None else cells
    frame.to_csv(tmp_path / "column.csv", index=False)
    return tmp_path / "column.csv", {"label": "kind", "id": "key", "trusted": "sure"}


def test_ids_in_any_order_are_trusted(trust, table):
    data = read_data(trust({"key": ["r07", "r00", "r59"], "note": ["a", "b", "c"]}))
    assert np.flatnonzero(data.train.trusted).tolist() == [0, 7, 59]
    assert data.train.y.tolist() == pd.read_csv(table)["kind"].tolist()
    assert data.label_before is None


def test_labels_of_the_file_replace_the_given_ones(trust, table):
    given = pd.read_csv(table)["kind"]
    other = {"ant": "bee", "bee": "cat", "cat": "ant"}[given[3]]
    data = read_data(trust({"kind": [other, given[5]], "key": ["r03", "r05"]}, "trusted.parquet"))
    assert data.train.y[3] == other
    assert np.delete(data.train.y, 3).tolist() == given.drop(3).tolist()
    assert data.label_before.tolist() == given.tolist()
    assert trusted_summary(data.train.trusted, data.train.y, data.label_before) == {"n_trusted": 2, "n_replaced": 1}
    assert trusted_summary(data.train.trusted, data.train.y, None) == {"n_trusted": 2}
    assert trusted_summary(None, data.train.y, None) == {}


def test_numbers_and_the_same_numbers_as_text_are_one_id(tmp_path, trust):
    frame = labelled_tables.grades(20).assign(key=np.arange(20) + 100)
    frame.to_csv(tmp_path / "grades.csv", index=False)
    options = {"source": tmp_path / "grades.csv", "label": "grade", "task": "ordinal"}
    data = read_data(trust({"key": ["103", "101"], "grade": ["3", "0"]}, "trusted.parquet", **options))
    assert np.flatnonzero(data.train.trusted).tolist() == [1, 3]
    assert data.train.y[[1, 3]].tolist() == [0, 3]


@pytest.mark.parametrize("one_column", [True, False], ids=["joined", "columns"])
def test_several_labels_of_a_row(tmp_path, trust, one_column):
    frame = labelled_tables.several(20)
    right = frame.iloc[[2, 9]].assign(rust=1, scab=0, mildew=1)
    label = "tags" if one_column else list(labelled_tables.LABELS)
    if one_column:
        frame, right = labelled_tables.joined(frame), labelled_tables.joined(right)
    frame.to_csv(tmp_path / "several.csv", index=False)
    config = trust(right, source=tmp_path / "several.csv", label=label, task="multilabel")
    data = read_data(config)
    names = data.train.label_names.tolist()
    expected = [{"rust": 1, "scab": 0, "mildew": 1}[name] for name in names]
    assert data.train.y[[2, 9]].tolist() == [expected, expected]


def test_half_of_the_label_columns_is_too_few(tmp_path, trust):
    frame = labelled_tables.several(20)
    frame.to_csv(tmp_path / "several.csv", index=False)
    options = {"source": tmp_path / "several.csv", "label": list(labelled_tables.LABELS), "task": "multilabel"}
    with pytest.raises(
        InputError, match="has the label columns rust and lacks scab, mildew; give all of them, or none"
    ):
        read_data(trust({"key": ["r1"], "rust": [1]}, **options))


def test_votes_of_a_replaced_label_go_with_it(tmp_path, trust):
    frame = labelled_tables.votes(20)
    frame.to_csv(tmp_path / "votes.csv", index=False)
    options = {"source": tmp_path / "votes.csv", "label": None, "votes": list(labelled_tables.ANIMALS)}
    plain = read_data(trust({"key": ["r3", "r4"]}, **options))
    other = next(name for name in labelled_tables.ANIMALS if name != plain.train.y[3])
    data = read_data(trust({"key": ["r3", "r4"], "label": [other, plain.train.y[4]]}, "second.csv", **options))
    assert data.train.y[3] == other
    assert data.targets[3].tolist() == [float(name == other) for name in data.task.classes]
    assert np.array_equal(np.delete(data.targets, 3, axis=0), np.delete(plain.targets, 3, axis=0))


@pytest.mark.parametrize(
    ("rows", "values", "message"),
    [
        ({"key": ["r00", "zz", "r99"]}, {}, "names 2 ids that no row has: zz, r99; rows are r00"),
        ({"key": ["r00", "r01", "r00"]}, {}, "names ids more than once: r00"),
        ({"key": ["r00", None]}, {}, "the id of trusted rows column 'key' is empty in 1 of 2 rows"),
        ({"name": ["r00"]}, {}, "has no column 'key'"),
        ({"key": [f"r{row:02d}" for row in range(60)]}, {}, "trusted marks all 60 rows"),
        ({"key": ["r00"], "kind": ["dog"]}, {}, "labels that the source has not: dog; known: ant, bee, cat"),
        ({"key": ["r00", "r01"], "kind": ["ant", None]}, {}, r"label column 'kind' is empty in 1 of 2 rows \(ids r01\)"),
        ({"key": ["r00"]}, {"id": None, "drop": ["key"]}, "the rows of .* have none; name the column of ids with --id"),
    ],
    ids=["unknown", "twice", "empty id", "no ids", "all", "label", "empty label", "no id column"],
)  # fmt: skip
def test_a_file_that_cannot_be_used_is_refused(trust, rows, values, message):
    with pytest.raises(InputError, match=message):
        read_data(trust(rows, **values))


def test_rows_of_a_built_in_set_go_by_their_numbers_and_those_of_arrays_by_names(tmp_path, trust):
    options = {"label": None, "id": None}
    assert np.flatnonzero(read_data(trust({"id": [4, 2]}, source="iris", **options)).train.trusted).tolist() == [2, 4]
    X, y = np.random.default_rng(0).normal(size=(12, 2)), np.arange(12) % 2
    np.savez(tmp_path / "unnamed.npz", X=X, y=y)
    with pytest.raises(InputError, match="add an array ids, or an array of 0 and 1 that --trusted names"):
        read_data(trust({"id": [1]}, source=tmp_path / "unnamed.npz", **options))
    np.savez(tmp_path / "named.npz", X=X, y=y, ids=[f"a{row}" for row in range(12)])
    data = read_data(trust({"id": ["a3"], "label": [0]}, source=tmp_path / "named.npz", **options))
    assert np.flatnonzero(data.train.trusted).tolist() == [3]
    assert data.train.y[3] == 0


def test_a_column_of_none_or_all_is_refused(table, tmp_path):
    for cells, message in (("no", "marks none of 60 rows"), ("yes", "marks all 60 rows")):
        source, options = _with_column(table, tmp_path, cells)
        with pytest.raises(InputError, match=message):
            read_data(make_config({"source": str(source), "out": "x", **options}))


def test_which_rows_are_trusted_is_known_by_content(table, tmp_path, trust):
    source, options = _with_column(table, tmp_path)
    by_column = read_data(make_config({"source": str(source), "out": "x", **options})).prints
    keys = [f"r{row:02d}" for row in range(0, 60, 6)]
    given = pd.read_csv(table).set_index("key")["kind"]
    files = [
        {"key": keys},
        {"key": keys[::-1], "kind": [given[key] for key in keys[::-1]]},  # the labels that there are
        {"key": keys[1:]},
        {"key": keys, "kind": ["ant"] * 10},
    ]
    prints = [read_data(trust(rows, f"{number}.csv")).prints for number, rows in enumerate(files)]
    assert by_column == prints[0] == prints[1]
    assert len({one["trusted"]["sha256"] for one in prints}) == 3
    assert len({one["source"]["sha256"] for one in prints}) == 1
    assert prints[0]["trusted"]["n_rows"] == 10


def test_labels_made_wrong_spare_trusted_rows(table, tmp_path):
    source, options = _with_column(table, tmp_path)
    for corruption, n_wrong in (("symmetric:0.5", 25), ("pair:0.2", 10)):
        inputs = read_inputs(make_config({"source": str(source), "out": "x", "corrupt": corruption, **options}))
        wrong = inputs.y != inputs.true_label
        assert wrong.sum() == n_wrong  # of the 50 others
        assert not wrong[inputs.trusted].any()


@pytest.mark.parametrize("of_guard", [True, False], ids=["column there", "column missing"])
def test_rows_of_a_guard_file_may_be_trusted_too(table, tmp_path, of_guard):
    source, options = _with_column(table, tmp_path)
    guard = pd.read_csv(table.with_name("test.csv"))
    if of_guard:
        guard["sure"] = np.arange(30) < 3
    guard.to_csv(tmp_path / "guard.csv", index=False)
    plain = make_config({"source": str(source), "out": "x", **options})
    config = plain.model_copy(update={"guard": str(tmp_path / "guard.csv")})
    inputs = read_inputs(config)
    assert inputs.trusted[:60].sum() == 10
    assert inputs.trusted[60:].tolist() == [of_guard] * 3 + [False] * 27
    same = inputs.fingerprint["trusted"] == read_inputs(plain).fingerprint["trusted"]
    assert same != of_guard


def test_the_noise_in_plain_numbers():
    noise = noise_from_pairs([0, 0, 1, 1], [0, 0, 0, 1], 2, smoothing=0)
    told = noise_summary(noise)["trusted_noise"]
    assert told["rate"] == pytest.approx(1 / 4)
    assert told["matrix"] == noise.matrix.tolist()
    assert noise_summary([noise, None])["trusted_noise"]["rate"] == [told["rate"], None]
    assert noise_summary(None) == {}
