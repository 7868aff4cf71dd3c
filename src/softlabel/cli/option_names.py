"""Messages of the library as somebody at a command line can act on them: ``warm_start=True`` is ``--warm-start`` there."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

# An argument of Python's as messages write it. A recipe's (slr:n_rounds=2), those of a printed object and those after somebody's name
# ("estimator small_cnn: lr=-1", which --set gave) stay as they are.
_ARGUMENT = re.compile(r"(?<![\w:.=])(?<!\w\()(?<!: )(?P<name>[a-z][a-z0-9_-]*)=(?P<value>'[^']*'|[\w.+-]*\w)")

# Arguments that the command line calls otherwise.
_OTHERWISE = {"n_rounds": "rounds", "cv": "folds", "n_jobs": "jobs", "random_state": "seed"}


def switches_of(command: Any, arguments: Sequence[str]) -> dict[str, bool]:
    """Return the options that messages may name, by whether they stand without a value.

    Those of the command that was called. Where it also reads a configuration only those that were typed: the others are the file's, and
    stand there as messages write them.

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
    if "--config" in typed:
        options = [one for one in options if typed.intersection([*one.opts, *one.secondary_opts])]
    return {one.name: bool(one.is_flag) for one in options}


def as_options(message: str, switches: Mapping[str, bool]) -> str:
    """Return a message with the arguments that it names written as options.

    Parameters
    ----------
    message : str
    switches : dict of bool
        The options there are, ``warm_start``, by whether they stand without a value. What is none of them stays as it is.
    """

    def option(found: re.Match[str]) -> str:
        name, bare = found["name"], found["value"].strip("'")
        value = (
            bare if bare and not bare.split()[1:] else found["value"]
        )  # a shell wants quotes around several words, and none
        name = _OTHERWISE.get(name, name).replace("-", "_")
        if name not in switches:
            return found[0]
        flag = "--" + name.replace("_", "-")
        if not switches[name]:
            return f"{flag} {value}"
        return {"True": flag, "False": f"--no-{flag.removeprefix('--')}"}.get(value, found[0])

    return _ARGUMENT.sub(option, message)
