"""From a table of mixed columns to a matrix of numbers."""

from __future__ import annotations

import copy
import json
import warnings
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted
from threadpoolctl import threadpool_limits

from softlabel.data.feature_columns import as_frame, as_numbers, as_texts, is_numeric, refuse_infinite
from softlabel.data.precision import narrow
from softlabel.errors import InputError

if TYPE_CHECKING:
    import pandas as pd


class TableFeatures(TransformerMixin, BaseEstimator):
    """Makes a matrix of numbers of a data frame (or of an array), without looking at labels.

    - Numbers and booleans stay as they are. Missing ones become the median of their column, and a further column says
      where they were missing (1) and where not (0); it exists for each column that had missing values when fitted.
    - All other columns go through ``skrub.TableVectorizer``: up to 40 different texts are one-hot encoded (a text that
      was not there when fitted gives zeros), more of them become 30 components of their character n-grams, dates become
      year, month, day and seconds. A table of numbers alone needs no skrub.
    - A column without a single value is left out.

    The result is float32, or float64 if a column would lose by rounding (see ``narrow``).

    Parameters
    ----------
    random_state : int
        Seed of the components of texts. The same table and seed give the same bytes, whatever the number of threads.

    Attributes
    ----------
    feature_names_in_ : (d,) str
        Names of the columns; those of an array are its positions.
    feature_names_out_ : (m,) str
        Names of the columns of the result: numbers, then what skrub made of the others, then indicators ("age is
        missing").
    numeric_columns_, other_columns_ : list of str
        Which columns were taken for numbers, and which were not.

    Raises
    ------
    InputError
        When fitted or used: infinite values, columns of bytes or lists, no column with a value; when used: columns that
        are missing (the message names them), texts in a column of numbers.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"age": [31.0, None, 45.0], "city": ["Ulm", "Bonn", "Jena"]})
    >>> features = TableFeatures()
    >>> features.fit_transform(table).shape
    (3, 5)
    >>> list(features.feature_names_out_)
    ['age', 'city_Bonn', 'city_Jena', 'city_Ulm', 'age is missing']
    """

    def __init__(self, random_state: int = 0) -> None:
        self.random_state = random_state

    def fit(self, X: Any, y: Any = None) -> Self:
        """Learn columns, medians and encodings. ``y`` is not looked at."""
        self.fit_transform(X)
        return self

    def fit_transform(self, X: Any, y: Any = None) -> np.ndarray:
        """Learn, and return the (n, m) features of the same rows; equal to ``fit(X).transform(X)``."""
        frame = as_frame(X)
        names = [str(name) for name in frame.columns]
        if len(set(names)) < len(names):
            raise InputError(
                f"two columns have the same name: {sorted({n for n in names if names.count(n) > 1})}; rename them"
            )
        frame = frame.set_axis(names, axis=1)
        self.feature_names_in_ = np.array(names, dtype=object)
        self.n_features_in_ = len(names)
        self.numeric_columns_ = [name for name in names if is_numeric(frame[name])]
        self.other_columns_ = [name for name in names if name not in set(self.numeric_columns_)]
        self.vectorizer_: Any = self._vectorizer() if self.other_columns_ else None
        matrix, out = self._encoded(frame, None if self.vectorizer_ is None else self.vectorizer_.fit_transform)
        refuse_infinite(matrix, out)
        missing = np.isnan(matrix)
        self.kept_ = np.flatnonzero(~missing.all(axis=0))  # (m'',) positions
        if len(self.kept_) == 0:
            raise InputError("no column has a single value; give at least one feature")
        self.medians_ = np.nanmedian(matrix[:, self.kept_], axis=0)  # (m'',)
        self.indicated_ = np.flatnonzero(missing.any(axis=0) & ~missing.all(axis=0))  # positions, as kept_
        kept = [out[position] for position in self.kept_]
        indicators = [f"{out[position]} is missing" for position in self.indicated_]
        self.feature_names_out_ = np.array(kept + indicators, dtype=object)
        result = narrow(self._filled(matrix, missing))
        self.dtype_ = str(result.dtype)
        return result

    def transform(self, X: Any) -> np.ndarray:
        """Return the (n, m) features of rows with the same columns, in any order.

        Columns that were not there when fitted are ignored, with a warning. An array has no names, so it must have as
        many columns as then.
        """
        check_is_fitted(self)
        frame = self._same_columns(as_frame(X), named=hasattr(X, "columns"))
        encode = None if self.vectorizer_ is None else self.vectorizer_.transform
        matrix, out = self._encoded(frame, encode)
        refuse_infinite(matrix, out)
        return self._filled(matrix, np.isnan(matrix)).astype(self.dtype_, copy=False)

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """Return ``feature_names_out_``."""
        check_is_fitted(self)
        return self.feature_names_out_

    def _filled(self, matrix: np.ndarray, missing: np.ndarray) -> np.ndarray:
        if not missing.any() and len(self.kept_) == matrix.shape[1] and len(self.indicated_) == 0:
            return matrix  # the common case, without copies
        filled = np.where(missing[:, self.kept_], self.medians_, matrix[:, self.kept_])  # (n, m'')
        return np.hstack([filled, missing[:, self.indicated_]])  # (n, m)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.categorical = True
        tags.transformer_tags.preserves_dtype = []
        return tags

    def _same_columns(self, frame: pd.DataFrame, *, named: bool) -> pd.DataFrame:
        if not named:
            if len(frame.columns) != self.n_features_in_:
                raise InputError(
                    f"X has {len(frame.columns)} features, but {type(self).__name__} is expecting "
                    f"{self.n_features_in_} features as input; give as many columns as when it was fitted"
                )
            return frame.set_axis(list(self.feature_names_in_), axis=1)
        given = [str(name) for name in frame.columns]
        frame = frame.set_axis(given, axis=1)
        missing = [name for name in self.feature_names_in_ if name not in set(given)]
        extra = [name for name in given if name not in set(self.feature_names_in_)]
        if missing:
            also = f" (columns that it did not have then: {extra})" if extra else ""
            raise InputError(
                f"the table lacks columns that it had when the features were fitted: {missing}{also}; add or rename "
                "them"
            )
        if extra:
            warnings.warn(
                f"columns that were not there when the features were fitted are ignored: {extra}", stacklevel=3
            )
        return frame[list(self.feature_names_in_)]

    def _vectorizer(self) -> Any:
        from skrub import StringEncoder, TableVectorizer

        return TableVectorizer(high_cardinality=StringEncoder(random_state=self.random_state), n_jobs=1)

    def _encoded(self, frame: pd.DataFrame, encode: Any) -> tuple[np.ndarray, list[str]]:
        """Return all columns as numbers, NaN where a value is missing, and the names of these columns."""
        numbers = as_numbers(frame, self.numeric_columns_)  # (n, d')
        if encode is None:
            return numbers, list(self.numeric_columns_)
        encoded = self._quietly(encode, as_texts(frame[self.other_columns_]))
        matrix = np.hstack([numbers, encoded.to_numpy(dtype=np.float64)])  # (n, m')
        return matrix, [*self.numeric_columns_, *(str(name) for name in encoded.columns)]

    @staticmethod
    def _quietly(step: Any, frame: pd.DataFrame) -> pd.DataFrame:
        # skrub and pandas warn of what is meant to happen here: guessed date formats, short text columns, unknown
        # categories. One thread: the order of sums, and with it the last bit of the components, must not depend on the
        # machine's cores.
        with warnings.catch_warnings(), threadpool_limits(1):
            warnings.simplefilter("ignore")
            return step(frame)

    def __getstate__(self) -> dict[str, Any]:
        # A vocabulary of character n-grams has 10**5 entries and more. Stored entry by entry, as skops stores a
        # dictionary, it takes a hundred times the space and minutes; as one text it is small.
        state = dict(super().__getstate__())
        if state.get("vectorizer_") is not None:
            state["vectorizer_"] = copy.deepcopy(state["vectorizer_"])
            state["vocabularies_"] = {}
            for name, encoder in _text_encoders(state["vectorizer_"]).items():
                state["vocabularies_"][name] = json.dumps(
                    sorted(encoder.vocabulary_, key=encoder.vocabulary_.__getitem__)
                )
                encoder.vocabulary_ = {}
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        state = dict(state)
        vocabularies = state.pop("vocabularies_", {})
        super().__setstate__(state)
        for name, encoder in _text_encoders(state.get("vectorizer_")).items():
            encoder.vocabulary_ = {term: position for position, term in enumerate(json.loads(vocabularies[name]))}


def _text_encoders(vectorizer: Any) -> dict[str, Any]:
    """Return the fitted tf-idf steps of a table vectorizer by column."""
    if vectorizer is None:
        return {}
    steps = {str(name): getattr(encoder, "vectorizer_", None) for name, encoder in vectorizer.transformers_.items()}
    return {name: step for name, step in steps.items() if hasattr(step, "vocabulary_")}
