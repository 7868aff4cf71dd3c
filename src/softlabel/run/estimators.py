"""Which estimators a configuration names, which parameters belong to which, and the estimators themselves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from softlabel.errors import InputError, MissingExtraError
from softlabel.learners.contract import takes_images, takes_texts
from softlabel.learners.names import DEFAULT_FOR_PICTURES, DEFAULT_FOR_TEXT, DEFAULT_NAME, named_estimator
from softlabel.run.data_config import TRAINING, DataConfig
from softlabel.run.task_options import target_kind
from softlabel.tasks import Kind

_NUMBERS_FROM_TEXT = "ridge"  # the linear regression beside the default for classes

Members = list[tuple[str, dict[str, Any]]]


def members_of(config: DataConfig, *, pictures: bool = False) -> Members:
    """Return (name, parameters) of each estimator, in the order given; the default one where none is named.

    With one estimator ``--set C=0.1`` is its parameter. With several, ``--set logistic.C=0.1`` names whose it is, and so does
    ``--set 2.C=0.1`` for the second one; the latter wins, since several may have one name.

    Parameters
    ----------
    pictures : bool
        Whether the rows are pictures, for which the default is a network. Texts have a default of their own too.

    Raises
    ------
    InputError
        If a parameter names no estimator, where there are several.
    """
    names = config.estimator or (DEFAULT_FOR_PICTURES if pictures else _default_for_rows(config),)
    if len(names) == 1:
        return [(names[0], dict(config.set))]
    by_name: dict[str, dict[str, Any]] = {name: {} for name in names}
    by_position: dict[str, dict[str, Any]] = {str(number): {} for number in range(1, len(names) + 1)}
    for key, value in config.set.items():
        owner, dot, parameter = key.rpartition(".")
        if not dot or owner not in by_name | by_position:
            raise InputError(
                f"--set {key}={value}: there are several estimators; say whose it is: {names[0]}.{parameter}={value}, or "
                f"1.{parameter}={value} for the first"
            )
        (by_name if owner in by_name else by_position)[owner][parameter] = value
    return [(name, by_name[name] | by_position[str(number)]) for number, name in enumerate(names, start=1)]


def made_estimators(config: DataConfig, members: Members) -> list[Any]:
    """Make the estimators, with the options of training and the device that apply to them.

    ``--epochs``, ``--batch-size``, ``--lr``, ``--augment`` and ``--weights`` go to every estimator that has a parameter of that
    name, unless ``--set`` gives it one of its own; ``--device`` goes to networks.

    Raises
    ------
    InputError
        If an estimator cannot be made, takes texts where no column of texts was named, no estimator has a parameter that was
        given a value, there is no such file of weights, or no such device.
    MissingExtraError
        If an estimator needs a package that is not installed.
    """
    kind, texts = target_kind(config), config.text is not None
    estimators = [_named(name, settings, kind, texts, chosen=bool(config.estimator)) for name, settings in members]
    if not texts:
        _refuse_encoders(members, estimators)
    if config.weights not in (None, "pretrained") and not Path(config.weights).is_file():
        raise InputError(
            f"weights={config.weights!r}: there is no such file; give a .safetensors or .pt file, or pretrained"
        )
    if any(_is_network(part) for one in estimators for part in _parts(one)) and find_spec("safetensors") is None:
        raise MissingExtraError("safetensors", "torch")  # told now, not when the final model is to be stored
    names = ", ".join(name for name, _ in members)
    for option in TRAINING:
        value = getattr(config, option)
        if value is None:
            continue
        takers = [
            (part, settings)
            for estimator, (_, settings) in zip(estimators, members, strict=True)
            for part in _parts(estimator)
            if option in part.get_params(deep=False)
        ]
        if not takers:
            raise InputError(
                f"--{option.replace('_', '-')} {value} is for networks, and none of the estimators ({names}) has it; give a "
                "network (--estimator small_cnn, say), or leave it out"
            )
        for part, settings in takers:
            if option not in settings:
                part.set_params(**{option: value})
    if config.device is not None:
        _place(estimators, config.device, names)
    return estimators


def train_in_epochs(config: DataConfig, members: Sequence[Sequence[Any]]) -> bool:
    """Return whether ``--epochs`` says anything to one of the estimators (name, parameters), as it does to networks."""
    kind, texts = target_kind(config), config.text is not None
    made = [named_estimator(name, settings, kind=kind, sparse=texts) for name, settings in members]
    return any("epochs" in part.get_params(deep=False) for one in made for part in _parts(one))


def place_networks(models: Sequence[Any], device: str) -> None:
    """Tell all networks within models where to compute, in place.

    Raises
    ------
    InputError
        If there is no such device here.
    """
    networks = [part for model in models for part in _parts(model) if _is_network(part) and hasattr(part, "device")]
    if networks:
        from softlabel.learners.training.devices import choose_device

        choose_device(device)  # refuses one that is not there
    for network in networks:
        network.device = device


def take_pictures(members: Members, estimators: Sequence[Any]) -> bool:
    """Return whether the estimators take pictures as they are, or refuse those of which only some do.

    Raises
    ------
    InputError
        Naming those that take pictures, and those that take rows of numbers.
    """
    advice = "the rows of this run are pictures: give networks only, or none"
    return _all_or_none(members, [takes_images(estimator) for estimator in estimators], "pictures", advice)


def take_texts(members: Members, estimators: Sequence[Any]) -> bool:
    """Return whether the estimators take texts as they are, or refuse those of which only some do.

    Raises
    ------
    InputError
        Naming those that take texts, and those that take rows of numbers.
    """
    advice = "give estimators of one of these kinds"
    return _all_or_none(members, [takes_texts(estimator) for estimator in estimators], "texts", advice)


def _all_or_none(members: Members, takers: Sequence[bool], what: str, advice: str) -> bool:
    if any(takers) and not all(takers):
        some, others = (
            ", ".join(name for (name, _), takes in zip(members, takers, strict=True) if takes is wanted)
            for wanted in (True, False)
        )
        verb = "takes" if sum(takers) == 1 else "take"
        raise InputError(f"{some} {verb} {what} and {others} rows of numbers; {advice}")
    return all(takers)


def _default_for_rows(config: DataConfig) -> str:
    if config.text is None:
        return DEFAULT_NAME
    return _NUMBERS_FROM_TEXT if target_kind(config) == "scalar" else DEFAULT_FOR_TEXT


def _refuse_encoders(members: Members, estimators: Sequence[Any]) -> None:
    for (name, _), estimator in zip(members, estimators, strict=True):
        if takes_texts(estimator):
            raise InputError(f"estimator {name} takes texts; name their column with --text")


def _is_network(estimator: Any) -> bool:
    return takes_images(estimator) or takes_texts(estimator)


def _named(name: str, settings: dict[str, Any], kind: Kind, texts: bool, *, chosen: bool) -> Any:
    try:
        return named_estimator(name, settings, kind=kind, sparse=texts)
    except MissingExtraError as error:
        if not chosen:
            error.msg = f"{error}; or give --estimator {DEFAULT_NAME}, which takes the pixels as features"
        raise


def _place(estimators: Sequence[Any], device: str, names: str) -> None:
    if device not in ("auto", "cpu") and not any(_is_network(part) for one in estimators for part in _parts(one)):
        raise InputError(
            f"--device {device} is for networks, and none of the estimators ({names}) is one; leave it out"
        )
    place_networks(estimators, device)


def _parts(estimator: Any) -> Iterator[Any]:
    """Yield an estimator and the networks within it, such as the last step of a pipeline."""
    if not hasattr(estimator, "get_params"):
        return
    yield estimator
    seen = {id(estimator)}
    for part in estimator.get_params(deep=True).values():
        if _is_network(part) and not isinstance(part, type) and id(part) not in seen:
            seen.add(id(part))
            yield part
