"""A BERT of 2 layers of 32 with a tokenizer of its own, made on the spot; and texts that it can learn to tell apart."""

from __future__ import annotations

from pathlib import Path

import numpy as np

GOOD = ["fine", "great", "lovely", "superb", "warm"]
BAD = ["dull", "poor", "awful", "weak", "cold"]
OTHERS = ["the", "film", "was", "a", "plot", "with", "some", "actor", "and", "music"]


def judged_texts(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return texts (n,) and whether each is good (n,) int: one of its words says so."""
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 2, n)  # (n,)
    texts = np.empty(n, dtype=object)  # (n,)
    for row, good in enumerate(y):
        words = [*rng.choice(OTHERS, rng.integers(2, 9)), rng.choice(GOOD if good else BAD)]
        texts[row] = " ".join(rng.permutation(words))
    return texts, y


def save_tiny_bert(folder: Path, *, n_labels: int = 3, dropout: float = 0.1, positions: int = 32) -> Path:
    """Write configuration, tokenizer and random weights as ``save_pretrained`` does, and return the folder."""
    import torch
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers
    from transformers import BertConfig, BertForSequenceClassification, PreTrainedTokenizerFast
    from transformers.utils import logging

    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
    tokenizer.train_from_iterator(
        judged_texts(200, seed=0)[0],
        trainers.WordPieceTrainer(vocab_size=150, special_tokens=special, show_progress=False),
    )
    tokenizer.post_processor = processors.BertProcessing(
        ("[SEP]", tokenizer.token_to_id("[SEP]")), ("[CLS]", tokenizer.token_to_id("[CLS]"))
    )
    names = {"unk_token": "[UNK]", "pad_token": "[PAD]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
    config = BertConfig(
        vocab_size=tokenizer.get_vocab_size(),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=positions,
        num_labels=n_labels,
        hidden_dropout_prob=dropout,
        attention_probs_dropout_prob=dropout,
        initializer_range=0.1,  # the usual .02 is for widths of 768, and learns nothing at 32
    )
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, **names).save_pretrained(folder)
    logging.disable_progress_bar()
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(0)
        BertForSequenceClassification(config).save_pretrained(folder)
    logging.enable_progress_bar()
    return folder
