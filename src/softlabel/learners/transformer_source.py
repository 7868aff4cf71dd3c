"""Where a transformer comes from: a folder or the cache of Hugging Face, read as texts that are stored with the model."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from softlabel.errors import InputError, MissingExtraError

# RoBERTa and its kin give a text's first token the position after that of padding: so many fewer are left for tokens.
_COUNTING_FROM_PADDING = (
    "roberta",
    "xlm-roberta",
    "xlm-roberta-xl",
    "camembert",
    "data2vec-text",
    "longformer",
    "mpnet",
)
_SAVE = "save one beside it (tokenizer.save_pretrained), so that there is a tokenizer.json"
_PACKAGES = ("torch", "transformers", "tokenizers")


@dataclass(frozen=True)
class EncoderSource:
    """What makes a transformer: its configuration and tokenizer, and where its first weights are.

    Attributes
    ----------
    config, tokenizer : str
        Both as JSON: what ``config.json`` and ``tokenizer.json`` hold.
    pad : int
        The token that fills short rows.
    longest : int or None
        The most tokens that it reads; None where it does not say.
    """

    config: str
    tokenizer: str
    pad: int
    longest: int | None


class EncoderFactory:
    """Makes the network of a source: with its weights before the training, without once they are trained.

    Stored with a fitted classifier, so it holds texts only: a stored model needs neither the folder nor the cache.
    """

    def __init__(self, config: str, start: str | None) -> None:
        self.config = config
        self.start = start

    def __call__(self, n_outputs: int) -> Any:
        from softlabel.learners.networks.text_encoder import built_encoder

        return built_encoder(self.config, n_outputs, self.start)


def require_text() -> None:
    """Raise MissingExtraError where what transformers need is not installed; nothing is imported to find out."""
    for package in _PACKAGES:
        if find_spec(package) is None:
            raise MissingExtraError(package, "text")


def read_source(model: Any) -> EncoderSource:
    """Read configuration and tokenizer of a model that is on this machine; nothing is downloaded, and none of its code is run.

    Parameters
    ----------
    model : path or str
        A folder with ``config.json``, ``tokenizer.json`` and weights, or the name of a model in the cache of Hugging Face.

    Raises
    ------
    InputError
        If there is no such model here (says how to get it), it classifies no sequences, or has no fast tokenizer.
    """
    name = source_name(model)
    from transformers import MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING, AutoConfig, AutoTokenizer

    try:
        config = AutoConfig.from_pretrained(name, local_files_only=True, trust_remote_code=False)
    except Exception as error:  # OSError, ValueError, KeyError: it differs by what is missing
        raise InputError(_unknown(name, error)) from error
    if type(config) not in MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING:
        raise InputError(
            f"model {name!r} is a {config.model_type}, of which transformers makes no sequence classifier; give an encoder of "
            "texts (BERT, DistilBERT, RoBERTa, DeBERTa, ModernBERT, ...)"
        )
    try:
        tokenizer = AutoTokenizer.from_pretrained(name, local_files_only=True, trust_remote_code=False, use_fast=True)
        written = tokenizer.backend_tokenizer.to_str()
        # Where there is no file transformers may make a tokenizer that knows no word.
        known_words = len(tokenizer) - len(set(tokenizer.all_special_ids))
    except Exception as error:  # an AttributeError, where the tokenizer is a slow one
        raise InputError(f"model {name!r} has no fast tokenizer that can be read ({_told(error)}); {_SAVE}") from error
    if known_words < 1:
        raise InputError(f"model {name!r} has a tokenizer that knows no word; {_SAVE}")
    if isinstance(size := getattr(config, "vocab_size", None), int) and len(tokenizer) > size:
        raise InputError(
            f"model {name!r} has a tokenizer of {len(tokenizer)} tokens and embeddings of {size}; give a folder in which they "
            "belong together"
        )
    known = (config.pad_token_id, tokenizer.pad_token_id, config.eos_token_id, 0)
    pad = next(token for token in known if isinstance(token, int))
    config.pad_token_id = pad  # models without one of their own refuse batches of rows of several lengths
    config.use_cache = False  # of decoders: nothing is generated
    return EncoderSource(json.dumps(config.to_dict(), sort_keys=True), written, pad, _longest(config, tokenizer))


def source_name(model: Any) -> str:
    """Return a model as transformers takes it: a name, or the path of a folder as it was given."""
    if not isinstance(model, (str, Path)) or not str(model).strip():
        raise InputError(f"model={model!r}; give the folder of a transformer, or its name on the Hugging Face hub")
    return str(model)


def _unknown(name: str, error: Exception) -> str:
    if Path(name).is_dir():
        return f"the folder {name} holds no transformer that can be read ({_told(error)}); it needs config.json, tokenizer.json and weights"
    looks_like_path = name.startswith((".", "/", "~")) or name.count("/") > 1
    if looks_like_path:
        return f"model={name!r}: there is no such folder; give one with config.json, tokenizer.json and weights"
    return (
        f"model {name!r} is neither a folder here nor in the cache of Hugging Face, and nothing is downloaded while training; "
        f"fetch it once with: hf download {name}"
    )


def _longest(config: Any, tokenizer: Any) -> int | None:
    positions = getattr(config, "max_position_embeddings", None)
    if isinstance(positions, int) and config.model_type in _COUNTING_FROM_PADDING:
        positions -= config.pad_token_id + 1
    limits = [positions, tokenizer.model_max_length]  # a tokenizer that knows no limit says 10**30
    known = [int(limit) for limit in limits if isinstance(limit, (int, float)) and 0 < limit < 10**6]
    return min(known, default=None)


def _told(error: Exception) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())[:160]}"
