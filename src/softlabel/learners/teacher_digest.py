"""By what a teacher is known again: its weights, its classes, and what is done to pictures before it sees them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from softlabel.learners.torch_learner import network_arrays
from softlabel.store.json_values import canonical


def teacher_digest(teacher: Any) -> str:
    """Return the SHA-256 of a fitted network learner's content, as 64 hexadecimal digits; where it lies does not count.

    Parameters
    ----------
    teacher : TorchClassifier, fitted
    """
    check_is_fitted(teacher, "network_")
    preparation = teacher.preparation_
    about = {
        "network": teacher.network if isinstance(teacher.network, str) else type(teacher.network_).__name__,
        "options": repr(sorted((teacher.network_options or {}).items())),
        "classes": np.asarray(teacher.classes_).tolist(),
        "input": [list(teacher.input_shape_), preparation.size and list(preparation.size), preparation.pictures],
    }
    digest = hashlib.sha256(b"softlabel teacher 1" + canonical(about))
    arrays = network_arrays(teacher.network_) | {"/mean": preparation.mean, "/std": preparation.std}
    for name, values in sorted(arrays.items()):
        little = np.ascontiguousarray(values).astype(values.dtype.newbyteorder("<"), copy=False)
        digest.update(canonical([name, little.dtype.str, list(values.shape)]) + little.tobytes())
    return digest.hexdigest()


def teacher_digests(teachers: Any) -> list[str]:
    """Return the digest of each of one or several teachers; what is a digest already is left as it is."""
    several: Sequence[Any] = teachers if isinstance(teachers, (list, tuple)) else [teachers]
    return [one if isinstance(one, str) else teacher_digest(one) for one in several]
