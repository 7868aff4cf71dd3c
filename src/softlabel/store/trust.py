"""Which parts of a stored model are built without asking.

A model file can ask for any class or function of any package that is installed. Packages of the field hold functions
that run code, read pickles or overwrite files, so a package cannot be trusted as a whole: what is trusted is to make
objects of its classes *empty* and to fill them with data, which calls none of its functions. Functions are trusted by
name only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

# Not torch: __setstate__ of some of its classes unpickles what it is given. Weights of networks are stored by themselves.
PACKAGES = ("softlabel", "sklearn", "skrub", "numpy", "scipy", "pandas", "lightgbm", "xgboost")

_FILLED = {"ObjectNode", "TreeNode"}  # loaders of skops that call nothing they name
_NAMED = {  # (name, loader) of what fitted models of these packages refer to beyond that
    ("numpy.dtype", "DTypeNode"),
    ("collections.OrderedDict", "TypeNode"),
    ("skrub._dataframe._common.is_any_date", "FunctionNode"),
    ("skrub._dataframe._common.is_categorical", "FunctionNode"),
    ("skrub._dataframe._common.is_numeric", "FunctionNode"),
    ("skrub._dataframe._common.is_string", "FunctionNode"),
    ("skrub._table_vectorizer._created_by_predicate", "FunctionNode"),
    ("skrub.selectors._selectors._cardinality_below", "FunctionNode"),
}


def trusted_names(requested: Mapping[str, Iterable[str]]) -> set[str]:
    """Return those of the names that a file asks for which are trusted in all the ways in which it asks for them."""
    return {name for name, loaders in requested.items() if all(_is_trusted(name, loader) for loader in loaders)}


def _is_trusted(name: str, loader: str) -> bool:
    return (name, loader) in _NAMED or (loader in _FILLED and name.partition(".")[0] in PACKAGES)
