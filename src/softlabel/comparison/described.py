"""What an estimator or a method is, as plain values: two that differ in any parameter are told apart, in any process."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import PurePath
from types import BuiltinFunctionType, FunctionType, MethodType
from typing import Any

import joblib
import numpy as np

from softlabel.run.identity import NO_RESULT, by_content

_PLACES = (*NO_RESULT, "n_jobs")  # parameters that say where and how fast, never what


def described(value: Any) -> Any:
    """Return a parameter, an estimator or anything in it as plain values.

    An estimator is its class and its parameters; ``repr`` would cut long ones short and print addresses of functions. Arrays and tables
    are told by a digest of their content, functions and classes by name (a function of the caller's with a digest of its code),
    files of weights by their content.

    Examples
    --------
    >>> from sklearn.linear_model import Ridge
    >>> described(Ridge(alpha=2.0))["alpha"]
    2.0
    """
    if value is None or isinstance(value, (bool, int, float, str, np.generic)):
        return value.item() if isinstance(value, np.generic) else value
    if isinstance(value, PurePath):
        return str(value)
    if isinstance(value, (list, tuple, set, frozenset)):
        parts = [described(one) for one in value]
        return sorted(parts, key=str) if isinstance(value, (set, frozenset)) else parts
    if isinstance(value, Mapping):
        return {str(key): described(one) for key, one in value.items()}
    if isinstance(value, type):
        return _name(value)
    if isinstance(value, (FunctionType, MethodType, BuiltinFunctionType)):
        return _function(value)
    if hasattr(value, "get_params"):
        settings = {name: described(one) for name, one in value.get_params(deep=False).items() if name not in _PLACES}
        return {"class": _name(type(value)), **by_content(settings)}
    if hasattr(value, "__array__") or hasattr(value, "iloc") or hasattr(value, "tocsr"):
        return f"{_name(type(value))} {joblib.hash(value)}"
    if hasattr(value, "__dict__"):  # a splitter, a kernel
        return {"class": _name(type(value)), **{name: described(one) for name, one in vars(value).items()}}
    return f"{_name(type(value))} {joblib.hash(value)}"


def _name(kind: Any) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"


def _function(function: Any) -> str:
    code = getattr(function, "__code__", None)
    name = f"{getattr(function, '__module__', '')}.{getattr(function, '__qualname__', repr(function))}"
    return name if code is None else f"{name} {hashlib.sha256(code.co_code).hexdigest()[:16]}"
