from __future__ import annotations

import os
import pickle
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.utils.estimator_checks import parametrize_with_checks

from softlabel.data.features import TableFeatures
from softlabel.errors import InputError
from softlabel.store.model_store import load_model, save_model


def mixed_table(n=60, seed=0):
    rng = np.random.default_rng(seed)
    table = pd.DataFrame(
        {
            "age": rng.normal(40, 10, n),
            "size": rng.integers(0, 100, n),
            "smokes": rng.random(n) < 0.5,
            "city": rng.choice(["Ulm", "Bonn", "Jena"], n),
            "note": [f"note {a} about thing {b}" for a, b in rng.integers(0, 50, (n, 2))],
            "seen": pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 1000, n), "D"),
            "kind": pd.Categorical(rng.choice(["p", "q"], n)),
        }
    )
    table.loc[3, "age"] = np.nan
    table.loc[4, "city"] = None
    table.loc[5, "seen"] = pd.NaT
    return table


def test_numbers_pass_through_and_nothing_is_changed():
    table = pd.DataFrame({"a": [1.0, 2.0, 4.0], "b": [True, False, True], "c": pd.Series([1, 2, 3], dtype="Int64")})
    copy = table.copy()
    features = TableFeatures()
    X = features.fit_transform(table)
    np.testing.assert_array_equal(X, [[1, 1, 1], [2, 0, 2], [4, 1, 3]])
    assert X.dtype == np.float32
    assert features.get_feature_names_out().tolist() == ["a", "b", "c"]
    assert features.vectorizer_ is None
    X[:] = -1  # the result is the caller's own
    pd.testing.assert_frame_equal(table, copy)


def test_the_result_is_the_callers_own():
    values = np.arange(6, dtype=np.float32).reshape(3, 2)
    table = pd.DataFrame(values)
    for X in (TableFeatures().fit_transform(table), TableFeatures().fit(table).transform(table)):
        X[:] = -1
    assert table.to_numpy().tolist() == values.tolist() == [[0, 1], [2, 3], [4, 5]]


def test_numbers_alone_need_no_skrub(tmp_path):
    program = (
        "import sys, numpy as np; from softlabel.data.features import TableFeatures; "
        "TableFeatures().fit_transform(np.eye(3)); print('skrub' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True).stdout == "False\n"


def test_missing_numbers_become_the_median_and_a_flag():
    train = pd.DataFrame({"a": [1.0, np.nan, 3.0, 10.0], "b": [1.0, 2.0, 3.0, 4.0], "empty": [np.nan] * 4})
    features = TableFeatures()
    expected = [[1, 1, 0], [3, 2, 1], [3, 3, 0], [10, 4, 0]]
    np.testing.assert_array_equal(features.fit_transform(train), expected)
    assert features.feature_names_out_.tolist() == ["a", "b", "a is missing"]
    # Where nothing was missing when fitted there is no flag, but the median there is.
    new = pd.DataFrame({"a": [np.nan], "b": [np.nan], "empty": [7.0]})
    np.testing.assert_array_equal(features.transform(new), [[3, 2.5, 1]])


def test_categories_are_one_hot_and_new_ones_give_zeros():
    features = TableFeatures()
    X = features.fit_transform(pd.DataFrame({"city": ["Ulm", "Bonn", "Jena", "Ulm"]}))
    assert features.feature_names_out_.tolist() == ["city_Bonn", "city_Jena", "city_Ulm"]
    np.testing.assert_array_equal(X, [[0, 0, 1], [1, 0, 0], [0, 1, 0], [0, 0, 1]])
    np.testing.assert_array_equal(features.transform(pd.DataFrame({"city": ["Kiel", None]})), np.zeros((2, 3)))


def test_mixed_tables():
    table = mixed_table()
    features = TableFeatures()
    X = features.fit_transform(table)
    assert X.dtype == np.float32
    assert np.isfinite(X).all()
    assert X.shape == (60, len(features.feature_names_out_))
    names = features.feature_names_out_.tolist()
    assert {"age", "size", "smokes", "city_Ulm", "note_00", "seen_year", "age is missing"} <= set(names)
    np.testing.assert_array_equal(X[:, names.index("city_Ulm")], table["city"] == "Ulm")
    np.testing.assert_allclose(X[:, names.index("seen_year")][:3], table["seen"].dt.year[:3])
    np.testing.assert_array_equal(X[:, names.index("age is missing")], np.arange(60) == 3)


def test_fit_transform_is_fit_then_transform():
    table = mixed_table()
    np.testing.assert_array_equal(TableFeatures().fit_transform(table), TableFeatures().fit(table).transform(table))


def test_rows_do_not_depend_on_each_other_once_fitted():
    table = mixed_table()
    features = TableFeatures().fit(table)
    whole = features.transform(table)
    # One row alone: no type of a column may be guessed anew from the rows at hand.
    for row in (0, 3, 4, 5):
        np.testing.assert_allclose(features.transform(table.iloc[[row]])[0], whole[row], rtol=1e-5, atol=1e-6)


def test_columns_are_found_by_name():
    table = mixed_table()
    features = TableFeatures().fit(table)
    other = table[table.columns[::-1]].assign(extra=1)
    with pytest.warns(UserWarning, match=r"ignored: \['extra'\]"):
        X = features.transform(other)
    np.testing.assert_array_equal(X, features.transform(table))
    with pytest.raises(
        InputError, match=r"lacks columns .*: \['age'\] \(columns that it did not have then: \['Age'\]\)"
    ):
        features.transform(table.rename(columns={"age": "Age"}))


def test_a_column_read_as_another_type_elsewhere():
    features = TableFeatures().fit(pd.DataFrame({"code": ["1", "2", "x", "1"], "n": [1.0, 2.0, 3.0, 4.0]}))
    expected = features.transform(pd.DataFrame({"code": ["1", "2"], "n": [1.0, 2.0]}))
    same = [
        pd.DataFrame({"code": [1, 2], "n": [1, 2]}),
        pd.DataFrame({"code": [1.0, 2.0], "n": ["1", "2.0"]}),
        pd.DataFrame({"code": pd.Categorical(["1", "2"]), "n": pd.Series([1, 2], dtype="Int64")}),
    ]
    for table in same:
        np.testing.assert_array_equal(features.transform(table), expected)
    with pytest.raises(InputError, match=r"column 'n' held numbers .* now holds \['old'\] in 1 rows"):
        features.transform(pd.DataFrame({"code": ["1", "2"], "n": ["1", "old"]}))


def test_arrays_have_columns_by_position():
    X = np.arange(6.0).reshape(3, 2)
    features = TableFeatures()
    np.testing.assert_array_equal(features.fit_transform(X), X)
    assert features.feature_names_in_.tolist() == ["0", "1"]
    np.testing.assert_array_equal(features.transform(X[:1].astype(object)), X[:1])
    named = TableFeatures().fit(pd.DataFrame(X, columns=["a", "b"]))
    np.testing.assert_array_equal(named.transform(X), X)


def test_values_that_are_no_features():
    with pytest.raises(InputError, match=r"'a' is infinite in 1 rows \(the first is row 2"):
        TableFeatures().fit(pd.DataFrame({"a": [1.0, 2.0, np.inf]}))
    with pytest.raises(InputError, match=r"'0' is infinite in 1 rows \(the first is row 0"):
        TableFeatures().fit(np.eye(3)).transform(np.array([[np.inf, 1, 1]]))
    with pytest.raises(
        InputError, match=r"holds a bytes in each cell.*--drop image; if these are pictures, give --image image$"
    ):
        TableFeatures().fit(pd.DataFrame({"image": [b"\xff", b"\xfe"]}))
    with pytest.raises(InputError, match="holds a list"):
        TableFeatures().fit(pd.DataFrame({"v": [[1, 2], [3]]}))
    with pytest.raises(InputError, match="no column has a single value"):
        TableFeatures().fit(pd.DataFrame({"a": [np.nan, np.nan]}))
    with pytest.raises(InputError, match="same name"):
        TableFeatures().fit(pd.DataFrame(np.eye(2), columns=["a", "a"]))


def test_large_numbers_that_differ_little_keep_their_digits():
    table = pd.DataFrame({"seconds": 1.6e9 + np.arange(60.0), "x": np.arange(60.0)})
    X = TableFeatures().fit_transform(table)
    assert X.dtype == np.float64
    assert len(np.unique(X[:, 0])) == 60


@pytest.mark.parametrize("store", ["pickle", "skops"])
def test_stored_and_read_again_it_does_the_same(store, tmp_path):
    table, new = mixed_table(), mixed_table(20, seed=1)
    features = TableFeatures().fit(table)
    expected = features.transform(new)
    if store == "pickle":
        again = pickle.loads(pickle.dumps(features))
    else:
        save_model(tmp_path / "model", features)
        again = load_model(tmp_path / "model")
    np.testing.assert_array_equal(again.transform(new), expected)
    np.testing.assert_array_equal(features.transform(new), expected)  # storing did not take its vocabulary away
    assert again.feature_names_out_.tolist() == features.feature_names_out_.tolist()


def test_before_it_is_fitted_it_can_be_copied_and_stored(tmp_path):
    features = clone(TableFeatures(random_state=3))
    assert pickle.loads(pickle.dumps(features)).random_state == 3


def test_long_texts_are_stored_small(tmp_path):
    rng = np.random.default_rng(0)
    letters = np.array(list("abcdefghijklmnopqrstuvwxyz    "))
    texts = ["".join(letters[rng.integers(0, 30, 60)]) for _ in range(300)]
    features = TableFeatures().fit(pd.DataFrame({"text": texts}))
    terms = len(features.vectorizer_.transformers_["text"].vectorizer_.vocabulary_)
    save_model(tmp_path / "model", features)
    # Per term 30 float32 components and the term itself; an entry of JSON each would take some 300 bytes more.
    assert (tmp_path / "model" / "model.skops").stat().st_size < terms * 150 + 100_000


def test_same_table_same_bytes_in_another_process_with_other_threads(tmp_path):
    program = (
        "import sys, hashlib, pandas as pd; from softlabel.data.features import TableFeatures; "
        "X = TableFeatures().fit_transform(pd.read_parquet(sys.argv[1])); print(hashlib.sha256(X.tobytes()).hexdigest())"
    )
    # Texts of many different n-grams: with these the number of threads shows in the last bits, if it is left free.
    letters = np.random.default_rng(0).choice(list("abcdefghijklmnopqrstuvwxyz     "), (200, 40))
    mixed_table(200).assign(text=["".join(row) for row in letters]).to_parquet(tmp_path / "t.parquet")
    digests = set()
    for threads, hash_seed in (("1", "1"), ("2", "2")):
        environment = {
            **os.environ,
            "OPENBLAS_NUM_THREADS": threads,
            "OMP_NUM_THREADS": threads,
            "PYTHONHASHSEED": hash_seed,
        }
        done = subprocess.run(
            [sys.executable, "-c", program, str(tmp_path / "t.parquet")],
            env=environment, capture_output=True, text=True, check=True,
        )  # fmt: skip
        digests.add(done.stdout)
    assert len(digests) == 1


@parametrize_with_checks(
    [TableFeatures()],
    expected_failed_checks=lambda estimator: {
        "check_dtype_object": "a dictionary in a cell is refused with an InputError, which is a ValueError and no TypeError"
    },
)
def test_scikit_learns_own_checks(estimator, check):
    check(estimator)
