"""Whether a command and a run directory mean the same run, and what to say where they do not."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from softlabel.errors import InputError, RunConflictError
from softlabel.methods.auto_settings import AUTO, RULE
from softlabel.run.data_config import DataConfig
from softlabel.store.crop_format import CropPaths
from softlabel.store.json_values import plain
from softlabel.store.paths import RunPaths

_NAMED = {
    "source": "the data",
    "test": "the test data",
    "guard": "the guard data",
    "trusted": "the choice of trusted rows",
    "unlabelled": "the unlabelled data",
}
OF_COLUMN = "column "  # begins the name of a fingerprint of one column of noisy labels
NO_RESULT = ("workers", "device", "verbose")  # settings of an estimator that say where and how fast, never what


def identity_of(config: DataConfig, members: list[tuple[str, dict[str, Any]]]) -> dict[str, Any]:
    """Return what makes a run this run, in the form that it is stored in, where a tuple is a list.

    A file of weights is named by its content: it may lie elsewhere when the run goes on, but must not be another one. So is
    one that ``--set`` gives to a single estimator.
    """
    identity = config.identity() | {"estimator": [[name, by_content(settings)] for name, settings in members]}
    identity["set"] = by_content(config.set)
    if config.weights not in (None, "pretrained"):
        identity["weights"] = f"sha256 {_digest(Path(str(config.weights)))}"
    teachers: tuple[str, ...] = getattr(config, "teacher", None) or ()  # a comparison has none
    if teachers:
        identity["teacher"] = [_teacher_by_content(name) for name in teachers]
    if identity.get("taxonomy") not in (None, "wordnet"):
        identity["taxonomy"] = f"sha256 {_digest(Path(identity['taxonomy']), 'taxonomy')}"
    stored: dict[str, Any] = plain(identity)
    return stored


def _teacher_by_content(name: str) -> str:
    """Return a teacher that is a run or a store of crops as its record tells it, which has the checksums; another by its name."""
    for record in (RunPaths(name).model / "model.json", CropPaths(name).record):
        if record.exists():
            return f"sha256 {_digest(record, 'teacher')}"
    return name


def check_same_run(
    record: dict[str, Any], identity: dict[str, Any], fingerprints: dict[str, Any], rounds: int, steps: str = "rounds"
) -> None:
    """Refuse to go on with a run of another configuration or other data.

    Parameters
    ----------
    record : dict
        run.json as stored.
    identity, fingerprints : dict
        Those of the command at hand.
    rounds : int
        Rounds asked for; more than before extend the run.
    steps : str
        What rounds are called.

    Raises
    ------
    RunConflictError
        Naming each difference.
    """
    differences = identity_differences(record["identity"], identity, record["fingerprint"], fingerprints)
    if rounds < record["rounds"]:
        differences.append(
            f"{steps} was {record['rounds']}, now {rounds} (more would extend the run, fewer need a new one)"
        )
    if differences:
        raise RunConflictError(
            f"this directory holds another run: {'; '.join(differences)}. Give another --out, or the same settings to go on"
        )


def identity_differences(
    stored: Mapping[str, Any], now: Mapping[str, Any], stored_prints: dict[str, Any], prints: dict[str, Any]
) -> list[str]:
    """Return each difference between two configurations and their data in words; none where they mean the same.

    Parameters
    ----------
    stored, now : mapping
        What ``identity_of`` returned then and now.
    stored_prints, prints : dict
        Fingerprints of the data then and now.
    """
    differences = [
        f"{key.replace('_', '-')} was {_shown(stored.get(key))}, now {_shown(now.get(key))}"
        for key in sorted(stored.keys() | now.keys())
        if key != RULE and stored.get(key) != now.get(key)
    ]
    asked = [(mark.get("final_targets"), mark.get("momentum")) for mark in (stored, now)]
    if asked[0] == asked[1] and stored.get(RULE) != now.get(RULE):
        rules = [f"rule {mark.get(RULE, 1)}" for mark in (stored, now)]  # the first had no number
        who = "final-targets=auto chose" if asked[1][0] == AUTO else "momentum=bayes went"
        differences.append(f"{who} by {rules[0]} in the version that began it, and here by {rules[1]}")
    return differences + _data_differences(stored_prints, prints)


def _data_differences(stored: dict[str, Any], now: dict[str, Any]) -> list[str]:
    differences = []
    for name in sorted(stored.keys() | now.keys()):
        before, after = stored.get(name), now.get(name)
        one_has_none = before is None or after is None
        if before == after or (one_has_none and name.startswith(OF_COLUMN)):
            continue  # a column of noisy labels that only one of the two names makes nothing else of the other
        what = _NAMED.get(name, name)
        if before is None or after is None:
            differences.append(
                f"{what} was {'given' if before else 'missing'} and is now {'missing' if before else 'given'}"
            )
            continue
        sizes = [f"{part['n_rows']} rows x {part['n_columns']} columns" for part in (before, after)]
        differences.append(
            f"{what} changed ({sizes[0]} before, {sizes[1]} now)" if sizes[0] != sizes[1] else f"{what} changed"
        )
    return differences


def by_content(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return settings with a digest for each file of weights (those of knn are no files), without what changes no result."""
    return {
        key: f"sha256 {_digest(Path(value))}" if _is_weights_file(key, value) else value
        for key, value in settings.items()
        if key.rpartition(".")[2] not in NO_RESULT
    }


def _is_weights_file(key: str, value: Any) -> bool:
    return (
        key.rpartition(".")[2] == "weights"
        and isinstance(value, str)
        and Path(value).suffix in (".safetensors", ".pt", ".pth")
        and Path(value).is_file()
    )


def _digest(path: Path, what: str = "weights") -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise InputError(f"the {what} {path} cannot be read: {error.strerror or error}") from None


def _shown(value: Any) -> str:
    if isinstance(value, list) and value and all(isinstance(one, list) and len(one) == 2 for one in value):
        return ", ".join(f"{name} with {settings}" if settings else str(name) for name, settings in value)  # estimators
    return "not given" if value in (None, [], {}, "") else repr(value)
