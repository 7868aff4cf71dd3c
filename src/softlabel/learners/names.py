"""Estimators by name, for the command line and configuration files; and the one that is used when none is named."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from types import FunctionType
from typing import Any

from softlabel.errors import InputError, MissingExtraError
from softlabel.learners.named_forms import CLASSIFIERS, REGRESSORS
from softlabel.learners.nested import has_tags
from softlabel.learners.target_kinds import ROWS, check_kind

# Networks by the names of estimators; ``mlp`` is scikit-learn's, so torch's has another one.
_NETWORKS = {"torch_mlp": "mlp", "small_cnn": "small_cnn"} | {
    name: name for name in (f"se_resnet{depth}" for depth in range(8, 57, 6))
}
_DENSE_ONLY = {"hist_gradient_boosting"}
_TELLING = ("sklearn", "softlabel", "lightgbm", "xgboost")  # packages whose tags tell whether sparse rows are taken
DEFAULT_FOR_PICTURES = "small_cnn"
# Chosen by measurement, see docs/text.md.
DEFAULT_FOR_TEXT = "logistic"
# Chosen by measurement, see benchmarks/results.md.
DEFAULT_NAME = "extra_trees"
NAMES: tuple[str, ...] = (*CLASSIFIERS, *_NETWORKS)


def estimator_names(kind: str = "distribution", *, sparse: bool = False) -> tuple[str, ...]:
    """Return the short names that there are for target rows of a kind, those that take sparse rows where that is asked.

    >>> estimator_names("scalar", sparse=True)
    ('ridge', 'extra_trees', 'random_forest', 'mlp', 'knn', 'lightgbm', 'xgboost')
    """
    check_kind(kind)
    short = REGRESSORS if kind == "scalar" else CLASSIFIERS
    return tuple(name for name in short if name not in _DENSE_ONLY) if sparse else (*short, *_NETWORKS)


def default_estimator(kind: str = "distribution") -> Any:
    """Return the estimator that is used when none is named. Its seed is fixed, so that two fits are equal."""
    return named_estimator(DEFAULT_NAME, {"random_state": 0}, kind)


def named_estimator(
    name: str, settings: Mapping[str, Any] | None = None, kind: str = "distribution", sparse: bool = False
) -> Any:
    """Return an unfitted estimator.

    Parameters
    ----------
    name : str
        A short name (``softmax``, ``logistic``, ``extra_trees``, ``random_forest``, ``hist_gradient_boosting``,
        ``mlp``, ``knn``, ``lightgbm``, ``xgboost``), or a class as ``package.module:Class``. ``logistic``, ``mlp`` and
        ``knn`` come as a pipeline that scales the inputs first. Networks, as ``TorchClassifier``: ``small_cnn``,
        ``se_resnet8`` to ``se_resnet56``, ``torch_mlp``, ``timm:NAME``; and ``package.module:factory`` of an ``nn.Module``.
        ``transformers:NAME_OR_PATH`` is a ``TransformerClassifier``, for texts.
    settings : mapping, optional
        Parameters of the estimator; of the last step, for a pipeline.
    kind : {"distribution", "scalar", "independent"}
        What the target rows are. For scalar the same names stand for regressors (``ridge``, behind a scaler, in place of
        ``softmax`` and ``logistic``) and networks for ``TorchRegressor``; for independent they stand for the classifiers,
        which :func:`~softlabel.learners.contract.as_learner` fits label by label or jointly, and networks for
        ``TorchMultilabelClassifier``.
    sparse : bool
        Whether the rows are a sparse matrix: nothing is centred, and what takes no sparse rows is refused. Estimators of
        texts pass.

    Raises
    ------
    InputError
        If the name or a setting is unknown (the message lists those that exist), or the estimator cannot be made, or
        takes no such rows.
    MissingExtraError
        If what is asked for needs a package that is not installed.

    Examples
    --------
    >>> named_estimator("softmax", {"C": 0.1})
    SoftmaxRegression(C=0.1)
    >>> named_estimator("extra_trees", kind="scalar")
    ExtraTreesRegressor()
    """
    check_kind(kind)
    chosen = dict(settings or {})
    if name.startswith("transformers:"):
        return _transformer(name, chosen, kind)
    if name.startswith("timm:"):
        estimator = _timm(name, chosen, kind)
    elif ":" in name:
        estimator = _of_class(name, chosen, kind)
    else:
        estimator = _of_short_name(name, chosen, kind, sparse)
    if sparse and not _takes_sparse(estimator):
        raise InputError(
            f"estimator {name!r} takes no sparse rows, such as those of words in texts; give one of "
            f"{', '.join(estimator_names(kind, sparse=True))}"
        )
    return estimator


def _of_short_name(name: str, settings: dict[str, Any], kind: str, sparse: bool) -> Any:
    _check_name(name, kind)
    try:
        if name in _NETWORKS:
            estimator = _network(_NETWORKS[name], kind)
        else:
            estimator = (REGRESSORS if kind == "scalar" else CLASSIFIERS)[name](sparse)
    except OSError as error:  # a library that the package itself needs, such as that of OpenMP
        raise InputError(f"estimator {name!r} cannot be loaded here: {_told(error)}") from error
    last = estimator.steps[-1][1] if hasattr(estimator, "steps") else estimator
    _check_settings(name, last, settings)
    try:
        last.set_params(**settings)
    except (AttributeError, TypeError, ValueError) as error:  # a setting of a setting
        raise InputError(f"estimator {name!r} with settings {settings}: {_told(error)}") from error
    return estimator


def _check_name(name: str, kind: str) -> None:
    names = estimator_names(kind)
    if name in names:
        return
    give = f"give one of {', '.join(names)}, timm:NAME, or a class as package.module:Class"
    if name in CLASSIFIERS:
        raise InputError(
            f"estimator {name!r} predicts classes, and the scalar view trains on grades as numbers; {give}; or "
            "view='distribution'"
        )
    if name in REGRESSORS:
        raise InputError(f"estimator {name!r} predicts numbers, which only the scalar view of grades trains on; {give}")
    raise InputError(f"unknown estimator {name!r}; {give}")


def _takes_sparse(estimator: Any) -> bool:
    """Return whether an estimator takes sparse rows, as far as it tells."""
    if getattr(estimator, "takes_texts", False):
        return True  # what it is given are texts, no rows yet
    if getattr(estimator, "takes_images", False):
        return False  # a network, of tables too
    if type(estimator).__module__.partition(".")[0] not in _TELLING or not has_tags(estimator):
        return True  # the tags of one's own estimators say no where they say nothing
    from sklearn.utils import get_tags

    return bool(get_tags(estimator).input_tags.sparse)


def _network(network: Any, kind: str) -> Any:
    from softlabel.learners.torch_installed import require_torch, require_vision

    # Tables, and networks of one's own, need torch only, pictures torchvision and Pillow too; all is told before anything is
    # read.
    (require_vision if isinstance(network, str) and network != "mlp" else require_torch)()
    if kind == "scalar":
        from softlabel.learners.torch_regressor import TorchRegressor

        return TorchRegressor(network)
    if kind == "independent":
        from softlabel.learners.torch_multilabel import TorchMultilabelClassifier

        return TorchMultilabelClassifier(network)
    from softlabel.learners.torch_classifier import TorchClassifier

    return TorchClassifier(network)


def _transformer(name: str, settings: dict[str, Any], kind: str) -> Any:
    if kind != "distribution":
        raise InputError(
            f"estimator {name!r} is fitted to {ROWS['distribution']}, and the targets here are {ROWS[kind]}; give one of "
            f"{', '.join(estimator_names(kind, sparse=True))}"
        )
    from softlabel.learners.transformer_source import require_text

    require_text()  # told before anything is read
    from softlabel.learners.transformer_classifier import TransformerClassifier

    model = name.removeprefix("transformers:")
    if not model:
        raise InputError(f"estimator {name!r} has no name; write transformers:NAME_OR_PATH, the folder of a model, say")
    estimator = TransformerClassifier(model)
    _check_settings(name, estimator, settings)
    return estimator.set_params(**settings)


def _of_class(path: str, settings: dict[str, Any], kind: str) -> Any:
    module_name, _, class_name = path.partition(":")
    try:
        module = importlib.import_module(module_name)
    except Exception as error:  # whatever stands in a user's module
        raise InputError(
            f"estimator {path!r}: module {module_name!r} cannot be imported ({_told(error)}); write package.module:Class"
        ) from error
    chosen = getattr(module, class_name, None)
    if _is_network_factory(chosen):
        estimator = _network(chosen, kind)
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


def _timm(name: str, settings: Mapping[str, Any], kind: str) -> Any:
    estimator = _network(name, kind)
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
