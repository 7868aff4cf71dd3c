"""Recipes: configuration files that come with the package, found by name."""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from softlabel.errors import InputError

_SUFFIX = ".toml"


def recipe_names() -> list[str]:
    """Return the names that there are, sorted."""
    return sorted(file.name.removesuffix(_SUFFIX) for file in _folder().iterdir() if file.name.endswith(_SUFFIX))


def recipe_file(name: str | Path) -> Path | Traversable:
    """Return the configuration file that a name means: the file of that path, or else the recipe of that name.

    Parameters
    ----------
    name : path or name
        ``run.toml``, ``deepdrid``; dashes in the name of a recipe may be written for underscores.

    Raises
    ------
    InputError
        If there is neither; it names the recipes.
    """
    path = Path(name)
    if path.exists() or path.suffix == _SUFFIX or len(path.parts) != 1:
        return path  # what is wrong with it is told by whoever reads it
    recipe = path.name.replace("-", "_")
    if recipe not in recipe_names():
        raise InputError(
            f"there is no configuration {path}, and no recipe of that name; recipes: {', '.join(recipe_names())}"
        )
    return _folder() / f"{recipe}{_SUFFIX}"


def _folder() -> Traversable:
    return files("softlabel") / "recipes"
