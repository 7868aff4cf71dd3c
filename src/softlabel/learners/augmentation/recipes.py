"""The words of an augmentation recipe, and what they mean. Needs no torch, so that a wrong word is told at once."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from softlabel.errors import InputError


class _Word(NamedTuple):
    """A word, what its number is (empty: it takes none), the number's limits and its default (None: see Recipe)."""

    number: str = ""
    low: float = 0.0
    high: float = 0.0
    default: float | None = None
    whole: bool = False


WORDS: dict[str, _Word] = {
    "crop": _Word("pixels of padding", 0, 1024, None, whole=True),
    "resized_crop": _Word("smallest share of the area", 0.01, 1, 0.08),
    "flip": _Word("probability", 0, 1, 0.5),
    "autoaugment": _Word(),
    "autoaugment-cifar10": _Word(),
    "autoaugment-imagenet": _Word(),
    "randaugment": _Word("magnitude", 0, 30, 9, whole=True),
    "erasing": _Word("probability", 0, 1, 0.25),
    "mixup": _Word("alpha", 0.001, 100, 1.0),
    "cutmix": _Word("alpha", 0.001, 100, 1.0),
    "ricap": _Word("beta", 0.001, 100, 0.3),
}

# Pictures up to this many pixels a side are augmented as CIFAR's are, larger ones as ImageNet's.
SMALL = 64

Policy = Literal["cifar10", "imagenet", "randaugment"]


@dataclass(frozen=True)
class Recipe:
    """A recipe taken apart, for inputs of one size. None means: not part of it."""

    crop: bool = False
    padding: int | None = None  # of crop, in pixels; None: an eighth of the image
    resized_crop: float | None = None  # smallest share of the area
    flip: float | None = None  # probability
    policy: Policy | None = None
    magnitude: int = 9  # of RandAugment
    erasing: float | None = None  # probability
    mixup: float | None = None  # alpha
    cutmix: float | None = None  # alpha
    ricap: float | None = None  # beta


def parse(recipe: str | None, input_size: tuple[int, int]) -> Recipe:
    """Take a recipe apart.

    Parameters
    ----------
    recipe : str or None
        ``"none"`` (or None), or words joined by ``+``, each as WORD or WORD:NUMBER:

        - ``crop`` (number: pixels of padding): a black border, an eighth of the image on each side (4 pixels for
          CIFAR, as He et al. 2016 have it), then a random part of the old size
        - ``resized_crop`` (smallest share of the area, .08): a random part of random size and shape, resized
        - ``flip`` (probability, .5): left and right swapped
        - ``autoaugment``: the policy found on CIFAR-10 for inputs up to 64 pixels a side, the one found on ImageNet
          above (Cubuk et al. 2019); ``autoaugment-cifar10`` and ``autoaugment-imagenet`` choose it
        - ``randaugment`` (magnitude from 0 to 30, 9): two random operations (Cubuk et al. 2020)
        - ``erasing`` (probability, .25): a random rectangle becomes black (Zhong et al. 2020)
        - ``mixup`` (alpha, 1), ``cutmix`` (alpha, 1), ``ricap`` (beta, .3): see
          :mod:`~softlabel.learners.augmentation.mixing`; if several are named, each batch gets one of them, at random

        The policies bring ``flip`` along, and ``crop`` (inputs up to 64 pixels) or ``resized_crop``, as they were
        trained; a number for these can still be given by naming them. The order of the words does not matter: crop,
        resize, flip, policy, erasing, mixing.
    input_size : (height, width)

    Raises
    ------
    InputError
        If a word is unknown or named twice, a number is out of its limits, or two words exclude each other.
    """
    numbers = _numbers(recipe)
    policies = [word for word in numbers if word == "randaugment" or word.startswith("autoaugment")]
    for rivals in (policies, [word for word in ("crop", "resized_crop") if word in numbers]):
        if len(rivals) > 1:
            raise InputError(f"augmentation {recipe!r}: {' and '.join(rivals)} exclude each other; name one of them")
    small = max(input_size) <= SMALL
    policy: Policy | None = None
    if policies:
        numbers.setdefault("flip", 0.5)
        if "crop" not in numbers and "resized_crop" not in numbers:
            numbers.update({"crop": None} if small else {"resized_crop": 0.08})
        found_on: dict[str, Policy] = {
            "autoaugment": "cifar10" if small else "imagenet",
            "autoaugment-cifar10": "cifar10",
            "autoaugment-imagenet": "imagenet",
            "randaugment": "randaugment",
        }
        policy = found_on[policies[0]]
    padding = numbers.get("crop")
    return Recipe(
        crop="crop" in numbers,
        padding=None if padding is None else int(padding),
        resized_crop=numbers.get("resized_crop"),
        flip=numbers.get("flip"),
        policy=policy,
        magnitude=int(numbers.get("randaugment") or 0) if policy == "randaugment" else 9,
        erasing=numbers.get("erasing"),
        mixup=numbers.get("mixup"),
        cutmix=numbers.get("cutmix"),
        ricap=numbers.get("ricap"),
    )


def check_recipe(recipe: Any) -> None:
    """Refuse what is no augmentation recipe: None, a string as :func:`parse` takes it, or a callable for one image.

    Raises
    ------
    InputError
        It lists the words there are.
    """
    if not callable(recipe):
        parse(recipe, (32, 32))


def _numbers(recipe: str | None) -> dict[str, float | None]:
    """Return each word of the recipe with its number."""
    if recipe is None or recipe == "none":
        return {}
    if not isinstance(recipe, str):
        raise InputError(
            f"augmentation is a {type(recipe).__name__}; give words joined by + ({_words()}), or a callable"
        )
    found: dict[str, float | None] = {}
    for part in recipe.split("+"):
        word, colon, number = part.strip().partition(":")
        if word not in WORDS:
            close = difflib.get_close_matches(word, WORDS, n=1)
            hint = f"did you mean {close[0]!r}? " if close else ""
            raise InputError(
                f"augmentation {recipe!r} has the unknown word {word!r}; {hint}give none, or words joined by +: {_words()}"
            )
        if word in found:
            raise InputError(f"augmentation {recipe!r} names {word} twice; name it once")
        found[word] = _number(recipe, word, number) if colon else WORDS[word].default
    return found


def _number(recipe: str, word: str, text: str) -> float:
    rule = WORDS[word]
    if not rule.number:
        raise InputError(f"augmentation {recipe!r}: {word} takes no number; write {word}")
    try:
        number = float(text)
    except ValueError:
        number = float("nan")
    if not rule.low <= number <= rule.high or (rule.whole and number != int(number)):
        kind = "a whole number" if rule.whole else "a number"
        raise InputError(
            f"augmentation {recipe!r}: the {rule.number} of {word} is {text!r}; give {kind} from {rule.low:g} to {rule.high:g}"
        )
    return number


def _words() -> str:
    return ", ".join(WORDS)
