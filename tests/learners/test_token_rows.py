from __future__ import annotations

import numpy as np
import pytest

from softlabel.data.rows import as_rows, n_rows, take
from softlabel.errors import InputError
from softlabel.learners.token_rows import TokenRows

tokenizers = pytest.importorskip("tokenizers")


def word_tokenizer(special=True):
    """Return the JSON of a tokenizer of five words: a 1, b 2, c 3, start 4, end 5, unknown 0."""
    ids = {"[UNK]": 0, "a": 1, "b": 2, "c": 3, "[S]": 4, "[E]": 5}
    tokenizer = tokenizers.Tokenizer(tokenizers.models.WordLevel(ids, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    if special:
        tokenizer.post_processor = tokenizers.processors.BertProcessing(("[E]", 5), ("[S]", 4))
    # What a checkpoint may ask for; rows decide for themselves.
    tokenizer.enable_padding(length=20, pad_id=3)
    tokenizer.enable_truncation(2)
    return tokenizer.to_str()


def test_rows_by_hand():
    rows = TokenRows.of_texts(["a b", "", "c zebra a b c"], word_tokenizer(), length=5, pad=9)
    assert len(rows) == n_rows(rows) == 3
    assert rows.lengths.tolist() == [4, 2, 5]
    found = take(rows, [0, 1, 2])
    assert found.dtype == np.int32
    assert found.tolist() == [
        [[4, 1, 2, 5, 9], [1, 1, 1, 1, 0]],
        [[4, 5, 9, 9, 9], [1, 1, 0, 0, 0]],
        [[4, 3, 0, 1, 5], [1, 1, 1, 1, 1]],  # cut, and still with its end
    ]


def test_rows_are_taken_in_any_order_and_more_than_once():
    rows = TokenRows.of_texts(["a", "b a", "c c c"], word_tokenizer(), length=6, pad=0)
    every = rows.take([0, 1, 2])
    assert rows.take([2, 0, 2]).tolist() == every[[2, 0, 2]].tolist()
    some = rows.ordered([2, 1])
    assert some.lengths.tolist() == [5, 4]
    assert some.take([0, 1]).tolist() == every[[2, 1]].tolist()
    assert rows.take([]).shape == (0, 2, 6)
    assert len(rows.ordered([])) == 0


def test_rows_stay_as_they_are_until_they_are_taken():
    rows = TokenRows.of_texts(["a"], word_tokenizer(), length=6, pad=0)
    assert as_rows(rows) is rows


def test_a_text_without_tokens_is_one_of_padding():
    rows = TokenRows.of_texts(["", "a"], word_tokenizer(special=False), length=4, pad=7)
    assert rows.take([0]).tolist() == [[[7, 7, 7, 7], [1, 0, 0, 0]]]


def test_rows_that_are_no_texts():
    with pytest.raises(InputError, match="row 1"):
        TokenRows.of_texts(["a", 2], word_tokenizer(), length=4, pad=7)
