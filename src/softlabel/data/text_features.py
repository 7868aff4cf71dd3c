"""From texts to a matrix of numbers: the words they hold, weighted by how rare these are."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted
from threadpoolctl import threadpool_limits

from softlabel.data.text_rows import text_rows
from softlabel.errors import InputError

if TYPE_CHECKING:
    from sklearn.feature_extraction.text import TfidfVectorizer

_MANY = 2000  # texts, from which on terms of a single one are left out; see docs/text.md


class TextFeatures(TransformerMixin, BaseEstimator):
    """Makes a matrix of numbers of texts, without looking at labels: TF-IDF of words and pairs of words.

    Terms are the words (two letters, digits or underscores, or more), in lower case, and the pairs of neighbouring words, that
    stand in ``min_df`` texts or more; where no term does, all of them. With tf the times that a term stands in a text, df the texts that
    hold it and n all texts, the weight of a term in a row is::

        (1 + ln tf) * (1 + ln((1 + n) / (1 + df)))

    and each row is then divided by its Euclidean length (Salton & Buckley 1988). A term that was not there when fitted is
    ignored; a text without any known term is a row of zeros. Equivalent to ``TfidfVectorizer(ngram_range=(1, 2),
    min_df=min_df, sublinear_tf=True, dtype=np.float32)`` of scikit-learn, apart from the fall-back.

    Parameters
    ----------
    dense : bool, default=False
        Return an array of ``n_components`` columns, the leading singular vectors of that matrix (latent semantic analysis,
        Deerwester et al. 1990), for estimators that take no sparse rows.
    min_df : int or None
        Texts that must hold a term for it to count. None takes 1 for fewer than 2000 texts, and 2 from there on, which leaves
        a quarter of the columns and costs no accuracy.
    n_components : int, default=100
        Columns of a dense result; fewer where there are fewer texts or terms.
    random_state : int, default=0
        Seed of the decomposition, which is found by random projections (Halko et al. 2011). Equal texts and seed give equal
        bytes.

    Attributes
    ----------
    terms_ : (d,) str
        The terms in alphabetical order: the columns of a sparse result.
    idf_ : (d,) float32
        1 + ln((1 + n) / (1 + df)).
    components_ : (d, m) float32, or None
        What a row of term weights is multiplied with, where the result is dense.

    Raises
    ------
    InputError
        When fitted or used: rows that are no texts; when fitted: no text has a single word.

    Examples
    --------
    >>> features = TextFeatures(min_df=2)
    >>> features.fit_transform(["a fine film", "a fine plot", "no plot at all"]).shape
    (3, 2)
    >>> list(features.terms_)
    ['fine', 'plot']
    >>> features.transform(["plot of whatever"]).toarray().tolist()
    [[0.0, 1.0]]
    """

    def __init__(
        self, dense: bool = False, *, min_df: int | None = None, n_components: int = 100, random_state: int = 0
    ) -> None:
        self.dense = dense
        self.min_df = min_df
        self.n_components = n_components
        self.random_state = random_state

    def fit(self, X: Any, y: Any = None) -> Self:
        """Learn terms and their weights. ``y`` is not looked at."""
        self.fit_transform(X)
        return self

    def fit_transform(self, X: Any, y: Any = None) -> Any:
        """Learn, and return the features of the same rows; equal to ``fit(X).transform(X)``."""
        self._check_settings()
        texts = text_rows(X)  # (n,)
        vectorizer = _fitted_vectorizer(texts, self.min_df)
        terms = vectorizer.get_feature_names_out()
        self.terms_ = np.array(terms, dtype=object)
        self.idf_ = np.asarray(vectorizer.idf_, dtype=np.float32)  # (d,)
        self._vectorizer = vectorizer
        weights = vectorizer.transform(texts)  # (n, d) sparse
        self.components_ = self._components(weights) if self.dense else None
        return self._result(weights)

    def transform(self, X: Any) -> Any:
        """Return the features of texts, float32: (n, d) CSR, or an array (n, m) where ``dense``."""
        check_is_fitted(self)
        return self._result(self._vectorizer.transform(text_rows(X)))

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """Return the terms, or ``component0``, ... where the result is dense."""
        check_is_fitted(self)
        if self.components_ is None:
            return self.terms_.copy()
        return np.array([f"component{number}" for number in range(self.components_.shape[1])], dtype=object)

    def _check_settings(self) -> None:
        if not _is_count(self.n_components):
            raise InputError(f"n_components={self.n_components!r}; give a whole number of columns, 1 or more")
        if self.min_df is not None and not _is_count(self.min_df):
            raise InputError(f"min_df={self.min_df!r}; give a whole number of texts, 1 or more, or None")

    def _result(self, weights: Any) -> Any:
        if self.components_ is None:
            return weights
        return np.asarray(weights @ self.components_, dtype=np.float32)  # (n, m)

    def _components(self, weights: Any) -> np.ndarray:
        """Return the leading right singular vectors (d, m) of the term weights (n, d)."""
        from sklearn.utils.extmath import randomized_svd

        m = min(int(self.n_components), *weights.shape)
        # In double precision and one thread: the last bits must not depend on the machine's cores.
        with threadpool_limits(1):
            _, _, vectors = randomized_svd(weights.astype(np.float64), m, n_iter=5, random_state=self.random_state)
        return np.ascontiguousarray(vectors.T, dtype=np.float32)  # (d, m)

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "terms_")

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.two_d_array = False
        tags.transformer_tags.preserves_dtype = []
        return tags

    def __getstate__(self) -> dict[str, Any]:
        # The terms as one text: entry by entry, as skops stores a dictionary, they would take a hundred times the space.
        state = dict(super().__getstate__())
        if state.pop("_vectorizer", None) is not None:
            state["terms_"] = json.dumps(self.terms_.tolist())
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        state = dict(state)
        if isinstance(state.get("terms_"), str):
            state["terms_"] = np.array(json.loads(state["terms_"]), dtype=object)
        super().__setstate__(state)
        if hasattr(self, "terms_"):
            self._vectorizer = _known_vectorizer(self.terms_, self.idf_)


def _new_vectorizer(**settings: Any) -> TfidfVectorizer:
    from sklearn.feature_extraction.text import TfidfVectorizer

    return TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, dtype=np.float32, **settings)


def _is_count(value: Any) -> bool:
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool) and bool(value >= 1)


def _fitted_vectorizer(texts: np.ndarray, min_df: int | None) -> TfidfVectorizer:
    if len(texts) == 0:
        raise InputError("X holds no texts; give at least one")
    chosen = (2 if len(texts) >= _MANY else 1) if min_df is None else int(min_df)
    for least in dict.fromkeys((chosen, 1)):
        if least > len(texts):
            continue
        try:
            return _new_vectorizer(min_df=least).fit(texts)
        except ValueError:  # no term stands in so many texts
            continue
    raise InputError(
        f"none of the {len(texts)} texts has a word (two letters or digits beside each other), such as {str(texts[0])[:40]!r}; "
        "give texts with words"
    )


def _known_vectorizer(terms: np.ndarray, idf: np.ndarray) -> TfidfVectorizer:
    """Return a vectorizer of these terms and weights."""
    vectorizer = _new_vectorizer(vocabulary={term: column for column, term in enumerate(terms)})
    vectorizer.idf_ = idf  # its setter also says that it is fitted
    return vectorizer
