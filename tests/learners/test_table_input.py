import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from softlabel import TorchClassifier
from softlabel.data.images import Images
from softlabel.learners.table_input import check_table


def test_tables_become_floats_and_their_features_are_counted():
    model = TorchClassifier()
    found = check_table(model, np.array([[1, 2, 3], [4, 5, 6]]), reset=True)
    assert found.dtype == np.float32
    assert found.tolist() == [[1, 2, 3], [4, 5, 6]]
    assert model.n_features_in_ == 3
    with pytest.raises(ValueError, match="X has 2 features, but TorchClassifier is expecting 3"):
        check_table(model, np.ones((2, 2)), reset=False)


def test_names_of_columns_are_kept_and_compared():
    model, frame = TorchClassifier(), pd.DataFrame({"a": [1.0, 2.0], "b": [3.0, 4.0]})
    check_table(model, frame, reset=True)
    assert model.feature_names_in_.tolist() == ["a", "b"]
    assert check_table(model, frame, reset=False).tolist() == [[1, 3], [2, 4]]
    with pytest.raises(ValueError, match="feature names should match"):
        check_table(model, frame[["b", "a"]], reset=False)


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (np.array([[np.nan], [1.0]]), "NaN"),
        (np.array([1.0, 2.0]), "2D array"),
        (sparse.csr_array(np.eye(3)), "[Ss]parse"),
        (pd.DataFrame({"a": ["x", "y"]}), "convert"),
    ],
    ids=["nan", "one row", "sparse", "texts"],
)
def test_what_a_network_cannot_take_is_refused_in_scikit_learns_words(table, words):
    with pytest.raises((TypeError, ValueError), match=words):
        check_table(TorchClassifier(), table, reset=True)


def test_pictures_and_rows_with_a_shape_pass_as_they_are():
    class Rows:
        def __len__(self):
            return 2

        def take(self, rows):
            return np.ones((len(rows), 3))

    pixels = np.zeros((2, 4, 4), np.uint8)
    for X in (pixels, Images.from_array(pixels), np.ones((2, 3, 4, 4)), Rows()):
        model = TorchClassifier()
        assert check_table(model, X, reset=True) is X
        assert not hasattr(model, "n_features_in_")


def test_pictures_leave_no_features_of_an_earlier_table():
    model = TorchClassifier()
    check_table(model, pd.DataFrame({"a": [1.0, 2.0]}), reset=True)
    check_table(model, np.zeros((2, 4, 4), np.uint8), reset=False)  # asked by mistake: the table is still the model's
    assert model.n_features_in_ == 1
    check_table(model, np.zeros((2, 4, 4), np.uint8), reset=True)
    assert not hasattr(model, "n_features_in_")
    assert not hasattr(model, "feature_names_in_")
