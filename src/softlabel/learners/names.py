"""Estimators by name, for the command line and configuration files; and the one that is used when none is named."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from types import FunctionType
from typing import Any

from softlabel.errors import InputError, MissingExtraError


def _scaled(last: Any) -> Any:
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return make_pipeline(StandardScaler(), last)


def _softmax() -> Any:
    from softlabel.learners.softmax_regression import SoftmaxRegression

    return SoftmaxRegression()


def _logistic() -> Any:
    from sklearn.linear_model import LogisticRegression

    return _scaled(LogisticRegression(max_iter=1000))


def _extra_trees() -> Any:
    from sklearn.ensemble import ExtraTreesClassifier

    return ExtraTreesClassifier(n_estimators=100)


def _random_forest() -> Any:
    from sklearn.ensemble import RandomForestClassifier

    return RandomForestClassifier(n_estimators=100)


def _hist_gradient_boosting() -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier

    return HistGradientBoostingClassifier()


def _mlp() -> Any:
    from sklearn.neural_network import MLPClassifier

    return _scaled(MLPClassifier())


def _knn() -> Any:
    from sklearn.neighbors import KNeighborsClassifier

    return _scaled(KNeighborsClassifier())


def _lightgbm() -> Any:
    try:
        from lightgbm import LGBMClassifier
    except ImportError as error:
        raise MissingExtraError("lightgbm", "boost") from error
    return LGBMClassifier(n_jobs=1, verbosity=-1)  # its own default takes every core


def _xgboost() -> Any:
    try:
        from xgboost import XGBClassifier
    except ImportError as error:
        raise MissingExtraError("xgboost", "boost") from error
    return XGBClassifier(n_jobs=1)


def _network(network: str) -> Callable[[], Any]:
    def made() -> Any:
        from softlabel.learners.torch_classifier import TorchClassifier, require_torch, require_vision

        # Tables need torch only, pictures torchvision and Pillow too; all is told before anything is read.
        (require_torch if network == "mlp" else require_vision)()
        return TorchClassifier(network)

    return made


# Networks by the names of estimators; ``mlp`` is scikit-learn's, so torch's has another one.
_NETWORKS = {"torch_mlp": "mlp", "small_cnn": "small_cnn"} | {
    name: name for name in (f"se_resnet{depth}" for depth in range(8, 57, 6))
}
DEFAULT_FOR_PICTURES = "small_cnn"

NAMES: dict[str, Callable[[], Any]] = {
    "softmax": _softmax,
    "logistic": _logistic,
    "extra_trees": _extra_trees,
    "random_forest": _random_forest,
    "hist_gradient_boosting": _hist_gradient_boosting,
    "mlp": _mlp,
    "knn": _knn,
    "lightgbm": _lightgbm,
    "xgboost": _xgboost,
} | {name: _network(network) for name, network in _NETWORKS.items()}


# Chosen by measurement, see benchmarks/results.md.
DEFAULT_NAME = "extra_trees"


def default_estimator() -> Any:
    """Return the estimator that is used when none is named. Its seed is fixed, so that two fits are equal."""
    return named_estimator(DEFAULT_NAME, {"random_state": 0})


def named_estimator(name: str, settings: Mapping[str, Any] | None = None) -> Any:
    """Return an unfitted estimator.

    Parameters
    ----------
    name : str
        A short name (``softmax``, ``logistic``, ``extra_trees``, ``random_forest``, ``hist_gradient_boosting``,
        ``mlp``, ``knn``, ``lightgbm``, ``xgboost``), or a class as ``package.module:Class``. ``logistic``, ``mlp`` and
        ``knn`` come as a pipeline that scales the inputs first. Networks, as ``TorchClassifier``: ``small_cnn``,
        ``se_resnet8`` to ``se_resnet56``, ``torch_mlp``, ``timm:NAME``; and ``package.module:factory`` of an ``nn.Module``.
    settings : mapping, optional
        Parameters of the estimator; of the last step, for a pipeline.

    Raises
    ------
    InputError
        If the name or a setting is unknown (the message lists those that exist), or the estimator cannot be made.
    MissingExtraError
        If what is asked for needs a package that is not installed.

    Examples
    --------
    >>> named_estimator("softmax", {"C": 0.1})
    SoftmaxRegression(C=0.1)
    """
    if name.startswith("timm:"):
        return _timm(name, settings or {})
    if ":" in name:
        return _of_class(name, dict(settings or {}))
    if name not in NAMES:
        raise InputError(
            f"unknown estimator {name!r}; give one of {', '.join(NAMES)}, timm:NAME, or a class as package.module:Class"
        )
    try:
        estimator = NAMES[name]()
    except OSError as error:  # a library that the package itself needs, such as that of OpenMP
        raise InputError(f"estimator {name!r} cannot be loaded here: {_told(error)}") from error
    last = estimator.steps[-1][1] if hasattr(estimator, "steps") else estimator
    _check_settings(name, last, settings or {})
    try:
        last.set_params(**dict(settings or {}))
    except (AttributeError, TypeError, ValueError) as error:  # a setting of a setting
        raise InputError(f"estimator {name!r} with settings {settings}: {_told(error)}") from error
    return estimator


def _of_class(path: str, settings: dict[str, Any]) -> Any:
    module_name, _, class_name = path.partition(":")
    try:
        module = importlib.import_module(module_name)
    except Exception as error:  # whatever stands in a user's module
        raise InputError(
            f"estimator {path!r}: module {module_name!r} cannot be imported ({_told(error)}); write package.module:Class"
        ) from error
    chosen = getattr(module, class_name, None)
    if _is_network_factory(chosen):
        estimator = _network("mlp")().set_params(network=chosen)  # it may be for tables, which need torch alone
        _check_settings(path, estimator, settings)
        return estimator.set_params(**settings)
    if not isinstance(chosen, type):
        raise InputError(
            f"estimator {path!r}: {module_name} has no class {class_name!r}, and no function that makes a "
            "network; write package.module:Class"
        )
    try:
        estimator = chosen()
    except Exception:  # a parameter without default, or one whose default will not do
        estimator = None
    if estimator is not None and hasattr(estimator, "get_params"):
        _check_settings(path, estimator, settings)
    try:
        return chosen(**settings)
    except Exception as error:  # whatever a user's constructor raises
        raise InputError(
            f"estimator {path!r} cannot be made with settings {settings}: {_told(error)}; give others with --set"
        ) from error


def _timm(name: str, settings: Mapping[str, Any]) -> Any:
    estimator = _network(name)()
    if find_spec("timm") is None:
        raise MissingExtraError("timm", "vision")
    _check_settings(name, estimator, settings)
    return estimator.set_params(**dict(settings))


def _is_network_factory(chosen: Any) -> bool:
    """Return whether something makes networks: a class of torch modules, or a plain function."""
    torch_nn = sys.modules.get("torch.nn")
    if isinstance(chosen, type):
        return torch_nn is not None and issubclass(chosen, torch_nn.Module)
    return isinstance(chosen, FunctionType)


def _check_settings(name: str, estimator: Any, settings: Mapping[str, Any]) -> None:
    valid = sorted(estimator.get_params(deep=False))
    unknown = [key for key in settings if key.partition("__")[0] not in valid]
    if unknown:
        raise InputError(f"{name} has no setting {', '.join(map(repr, unknown))}; it has {', '.join(valid)}")


def _told(error: Exception) -> str:
    """Return an error as one line."""
    text = " ".join(str(error).split())
    return text if isinstance(error, (ImportError, TypeError)) and text else f"{type(error).__name__}: {text}"
