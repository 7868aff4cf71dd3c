"""Messages of the library as somebody at a command line can act on them: ``warm_start=True`` is ``--warm-start`` there."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import Any

from softlabel.errors import InputError
from softlabel.run.recipes import recipe_file

# An argument as messages write it, its value as Python does; and what stands in quotes, which is the user's. A recipe's arguments
# (slr:n_rounds=2), those of a printed object and those after somebody's name ("estimator small_cnn: lr=-1", which --set gave) stay as
# they are, and so does what goes on as a path does.
_VALUE = r"'[^']*'|True|False|None|-?\d+(?:\.\d+)?(?:e[+-]?\d+)?"
_ARGUMENT = re.compile(
    r"(?<![\w:.=/\\-])(?<!\w\()(?<!: )(?P<name>[a-z][a-z0-9_-]*)=(?P<value>" + _VALUE + r")(?!\.?[\w/\\=])"
    r"|(?<!\w)'[^']*'|(?<!\w)\"[^\"]*\""
)

# Arguments that the command line calls otherwise.
_OTHERWISE = {"n_rounds": "rounds", "cv": "folds", "n_jobs": "jobs", "random_state": "seed"}


def switches_of(command: Any, arguments: Sequence[str]) -> dict[str, bool]:
    """Return the options that messages may name, by whether they stand without a value.

    Those of the command that was called, but for what a configuration says: whoever gave it there finds it there.

    Parameters
    ----------
    command : click.Command
        Of all commands.
    arguments : sequence of str
        What was typed, the command's name first.
    """
    called = getattr(command, "commands", {}).get(arguments[0] if arguments else None)
    options = [one for one in getattr(called, "params", ()) if one.param_type_name == "option"]
    typed = {argument.partition("=")[0] for argument in arguments}
    written = _keys(_file_of(arguments))
    shown = (one for one in options if one.name not in written or typed.intersection([*one.opts, *one.secondary_opts]))
    return {one.name: bool(one.is_flag) for one in shown}


def as_options(message: str, switches: Mapping[str, bool], typed: Sequence[str] = ()) -> str:
    """Return a message with the arguments that it names written as options.

    Parameters
    ----------
    message : str
    switches : dict of bool
        The options there are, ``warm_start``, by whether they stand without a value. What is none of them stays as it is.
    typed : sequence of str
        What the user typed: what looks like an argument in it (a path, a name) is the user's, and stays.
    """

    def option(found: re.Match[str]) -> str:
        if found["name"] is None or any(found[0] in words for words in typed):
            return found[0]
        name = _OTHERWISE.get(found["name"], found["name"]).replace("-", "_")
        bare = found["value"].strip("'")
        value = (
            bare if len(bare.split()) == 1 else found["value"]
        )  # around several words, or none, a shell wants quotes
        if name not in switches:
            return found[0]
        flag = "--" + name.replace("_", "-")
        if not switches[name]:
            return f"{flag} {value}"
        return {"True": flag, "False": f"--no-{flag.removeprefix('--')}"}.get(value, found[0])

    return _ARGUMENT.sub(option, message)


def _file_of(arguments: Sequence[str]) -> str | None:
    """Return what ``--config`` names."""
    for argument, following in zip_longest(arguments, arguments[1:]):
        name, equals, value = argument.partition("=")
        if name == "--config":
            return value if equals else following
    return None


def _keys(file: str | None) -> set[str]:
    """Return the keys of a configuration, a file or a recipe; none where it cannot be read."""
    try:
        text = "" if file is None else recipe_file(file).read_text(encoding="utf-8")
        return {key.replace("-", "_") for key in tomllib.loads(text)}
    except (InputError, OSError, ValueError):
        return set()
