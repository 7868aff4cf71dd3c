"""Pixels as features, for estimators that take rows of numbers."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from softlabel.data.images import as_images, describe
from softlabel.errors import InputError

_CHUNK = 1024  # pictures that are read together


class PixelFeatures(TransformerMixin, BaseEstimator):
    """Makes a row of numbers of each picture: its bytes divided by 255, rows of pixels after each other, colours last.

    Attributes
    ----------
    image_shape_ : (height, width, colours)
        Of the pictures it was fitted to; others are refused.
    n_features_in_ : int
        Their product.

    Raises
    ------
    InputError
        When fitted or used with what are no pictures; when used with pictures of another shape.

    Examples
    --------
    >>> PixelFeatures().fit_transform(np.full((2, 8, 8), 51, dtype=np.uint8))[0, :3]
    array([0.2, 0.2, 0.2], dtype=float32)
    """

    def fit(self, X: Any, y: Any = None) -> Self:
        """Remember the shape of pictures: ``Images``, or (n, h, w) or (n, h, w, c) uint8. ``y`` is not looked at."""
        _, height, width, channels = as_images(X).shape
        self.image_shape_ = (height, width, channels)
        self.n_features_in_ = height * width * channels
        return self

    def transform(self, X: Any) -> np.ndarray:
        """Return (n, h * w * c) float32 from 0 to 1."""
        check_is_fitted(self)
        images = as_images(X)
        if images.shape[1:] != tuple(self.image_shape_):
            raise InputError(
                f"pictures are {describe(images.shape[1:])}, and {describe(tuple(self.image_shape_))} when the features were "
                "fitted; give pictures of that size and with as many colours"
            )
        features = np.empty((len(images), self.n_features_in_), dtype=np.float32)  # (n, h * w * c)
        for start in range(0, len(images), _CHUNK):
            rows = np.arange(start, min(start + _CHUNK, len(images)))
            np.divide(images.read(rows).reshape(len(rows), -1), np.float32(255), out=features[rows[0] : rows[-1] + 1])
        return features
