from __future__ import annotations

import math
import pickle

import numpy as np
import pytest
from scipy import sparse
from sklearn.base import clone
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.utils import extmath
from threadpoolctl import threadpool_info, threadpool_limits

from softlabel.data.text_features import TextFeatures
from softlabel.errors import InputError
from softlabel.store.model_store import load_model, save_model

WORDS = [
    *("film", "plot", "music", "actor", "scene", "story", "love", "war", "road", "night"),
    *("city", "river", "song", "dance", "dream", "ghost", "king", "queen"),
]


def made_texts(n=80, seed=0):
    rng = np.random.default_rng(seed)
    return [" ".join(rng.choice(WORDS, rng.integers(3, 9))) for _ in range(n)]


def equal(a, b):
    a, b = (x.toarray() if sparse.issparse(x) else x for x in (a, b))
    return a.dtype == b.dtype and a.tobytes() == b.tobytes()


def test_weights_by_hand():
    # n = 3; "fine film": fine df 2, film df 2, the pair in one text only, so with min_df=2 it is no term.
    X = TextFeatures(min_df=2).fit_transform(["fine fine film", "a fine actor", "Film, no plot!"])
    fine, film = 1 + math.log(4 / 3), 1 + math.log(4 / 3)
    first = np.array([film, (1 + math.log(2)) * fine])
    np.testing.assert_allclose(X.toarray(), [first / np.linalg.norm(first), [0, 1], [1, 0]], rtol=1e-6)


def test_as_scikit_learns_vectorizer():
    texts, others = made_texts(), made_texts(20, seed=1)
    for min_df in (1, 2):
        vectorizer = TfidfVectorizer(ngram_range=(1, 2), min_df=min_df, sublinear_tf=True, dtype=np.float32).fit(texts)
        features = TextFeatures(min_df=min_df).fit(texts)
        assert features.get_feature_names_out().tolist() == vectorizer.get_feature_names_out().tolist()
        found = features.transform(others)
        assert sparse.issparse(found)
        assert found.format == "csr"
        assert equal(found, vectorizer.transform(others))


def test_terms_of_one_text_are_dropped_where_texts_are_many():
    texts = [f"film{number % 700} plot word{number}" for number in range(1999)]
    few, many = TextFeatures().fit(texts), TextFeatures().fit([*texts, "film plot"])
    assert "word5" in few.terms_
    assert "word5" not in many.terms_
    assert "film5" in many.terms_  # it stands in three
    assert "word5" in TextFeatures(min_df=1).fit([*texts, "film plot"]).terms_


def test_terms_of_one_text_stay_where_there_are_no_others():
    assert TextFeatures(min_df=2).fit(["fine film", "no plot"]).terms_.tolist() == [
        *("film", "fine", "fine film", "no", "no plot", "plot")
    ]
    assert TextFeatures(min_df=9).fit(["fine film", "fine plot"]).transform(["fine"]).shape == (1, 5)


def test_words_are_looked_at_without_case_and_in_any_alphabet():
    features = TextFeatures().fit(["Straße über 42", "ФИЛЬМ x 映画"])
    assert {"straße", "über", "42", "фильм", "映画"} <= set(features.terms_)
    assert "x" not in features.terms_
    assert equal(features.transform(["фильм"]), features.transform(["Фильм"]))


def test_unknown_words_are_ignored():
    features = TextFeatures().fit(made_texts())
    assert equal(features.transform(["film plot zebra"])[:, :0], features.transform(["film plot"])[:, :0])
    assert equal(features.transform(["xylophone film"]), features.transform(["film"]))
    assert features.transform(["zebra", "", "?!"]).nnz == 0


def test_texts_without_words_among_others_are_rows_of_zeros():
    for dense in (False, True):
        X = TextFeatures(dense, n_components=3).fit_transform([*made_texts(10), "?", ""])
        assert np.all((X.toarray() if sparse.issparse(X) else X)[-2:] == 0)


@pytest.mark.parametrize("dense", [False, True])
def test_fitting_and_transforming_are_one(dense):
    texts = made_texts()
    features = TextFeatures(dense, n_components=10)
    fitted = features.fit_transform(texts)
    assert equal(fitted, features.transform(texts))
    assert equal(fitted, TextFeatures(dense, n_components=10).fit(texts).transform(texts))
    assert fitted.dtype == np.float32
    assert fitted.shape == (80, len(features.get_feature_names_out()))
    assert equal(fitted[:7], features.transform(texts[:7]))


def test_dense_columns_are_the_leading_singular_vectors():
    texts = made_texts()
    whole = TextFeatures().fit_transform(texts).toarray().astype(np.float64)  # (80, d)
    m = 60
    dense = TextFeatures(dense=True, n_components=m).fit_transform(texts).astype(np.float64)  # (80, 60)
    values = np.linalg.svd(whole, compute_uv=False)
    # The columns are orthogonal, and as long as the singular values: U S.
    np.testing.assert_allclose(dense.T @ dense, np.diag(values[:m] ** 2), atol=0.02)
    np.testing.assert_allclose(np.linalg.norm(dense, axis=0)[:5], values[:5], rtol=1e-3)


def test_dense_columns_are_those_of_scikit_learns_decomposition():
    texts = made_texts()
    svd = TruncatedSVD(10, random_state=3).fit(TextFeatures().fit_transform(texts).astype(np.float64))
    features = TextFeatures(dense=True, n_components=10, random_state=3).fit(texts)
    np.testing.assert_allclose(features.components_.T, svd.components_, atol=1e-5)


def test_fewer_components_where_there_are_fewer_texts_or_terms():
    assert TextFeatures(dense=True).fit_transform(made_texts(6)).shape == (6, 6)
    features = TextFeatures(dense=True)
    assert features.fit_transform(["film", "film", "plot"]).shape == (3, 2)
    assert features.get_feature_names_out().tolist() == ["component0", "component1"]
    assert features.fit_transform(["film"]).tolist() == [[1.0]]


def test_seeds_and_threads():
    texts = made_texts(150)
    made = [TextFeatures(dense=True, n_components=8, random_state=seed).fit_transform(texts) for seed in (0, 0, 1)]
    assert equal(made[0], made[1])
    assert not equal(made[0], made[2])
    with threadpool_limits(2):
        assert equal(made[0], TextFeatures(dense=True, n_components=8).fit_transform(texts))


def test_the_decomposition_takes_one_thread(monkeypatch):
    threads = []
    found = extmath.randomized_svd

    def watched(*arguments, **settings):
        threads.extend(pool["num_threads"] for pool in threadpool_info())
        return found(*arguments, **settings)

    monkeypatch.setattr(extmath, "randomized_svd", watched)
    with threadpool_limits(2):
        TextFeatures(dense=True, n_components=3).fit(made_texts())
    assert set(threads) == {1}


def test_global_generators_are_left_alone():
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    TextFeatures(dense=True, n_components=3).fit(made_texts())
    assert (np.random.get_state()[1] == before).all()  # noqa: NPY002


@pytest.mark.parametrize("dense", [False, True])
def test_stored_and_read_again(tmp_path, dense):
    texts = made_texts()
    features = TextFeatures(dense, n_components=5).fit(texts)
    save_model(tmp_path / "model", features)
    for read in (load_model(tmp_path / "model"), pickle.loads(pickle.dumps(features)), clone(features).fit(texts)):
        assert read.get_params() == features.get_params()
        assert read.terms_.tolist() == features.terms_.tolist()
        assert equal(read.transform(texts), features.transform(texts))
        assert equal(read.transform(["film zebra"]), features.transform(["film zebra"]))
    save_model(tmp_path / "again", load_model(tmp_path / "model"))
    stored = [(tmp_path / name / "model.skops").read_bytes() for name in ("model", "again")]
    assert stored[0] == stored[1]


def test_a_large_vocabulary_is_stored_in_little_space(tmp_path):
    texts = [f"word{number} word{number + 1}" for number in range(4000)]
    save_model(tmp_path / "model", TextFeatures(min_df=1).fit(texts))
    assert (tmp_path / "model" / "model.skops").stat().st_size < 200_000


def test_unfitted_it_is_stored_too(tmp_path):
    features = TextFeatures(True, n_components=7)
    assert pickle.loads(pickle.dumps(features)).get_params() == features.get_params()
    assert not pickle.loads(pickle.dumps(features)).__sklearn_is_fitted__()
    assert repr(clone(features)) == "TextFeatures(dense=True, n_components=7)"


def test_what_was_given_is_not_changed():
    texts = np.array(made_texts(), dtype=object)
    copy = texts.copy()
    TextFeatures(dense=True).fit_transform(texts)
    assert texts.tolist() == copy.tolist()


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        (["?", "!!", "a b c"], r"none of the 3 texts has a word .*'\?'; give texts with words"),
        ([], "holds no texts"),
        (["film", None], "row 1"),
        ([["film", "plot"]], r"shape \(1, 2\)"),
    ],
)
def test_texts_that_nothing_can_be_learned_from(texts, message):
    with pytest.raises(InputError, match=message):
        TextFeatures().fit(texts)


def test_rows_that_are_no_texts_are_refused_when_used():
    features = TextFeatures().fit(made_texts())
    with pytest.raises(InputError, match=r"row 0 \(and 1 further"):
        features.transform([1.0, 2.0])


@pytest.mark.parametrize("settings", [{"n_components": 0}, {"n_components": 2.5}])
def test_settings_that_cannot_be(settings):
    with pytest.raises(InputError, match=f"n_components={settings['n_components']}; give a whole number"):
        TextFeatures(dense=True, **settings).fit(made_texts())


@pytest.mark.parametrize("min_df", [0, 0.5, True])
def test_min_df_that_cannot_be(min_df):
    with pytest.raises(InputError, match=f"min_df={min_df}; give a whole number of texts, 1 or more, or None"):
        TextFeatures(min_df=min_df).fit(made_texts())
