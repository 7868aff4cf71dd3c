"""Texts as rows of token ids, for a transformer."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from softlabel.data.text_rows import text_rows


class TokenRows:
    """Token ids of n texts, each as long as it is; padded when rows are taken.

    It has no ``__array__``: what has one is made an array at once, all rows of it.

    Parameters
    ----------
    ids : (total,) int32
        All texts, one after the other.
    starts : (n + 1,) int64
        Row i is ``ids[starts[i]:starts[i + 1]]``.
    length : int
        Tokens to which rows are padded; none is longer.
    pad : int
    """

    def __init__(self, ids: NDArray[np.int32], starts: NDArray[np.int64], length: int, pad: int) -> None:
        self.ids, self.starts, self.length, self.pad = ids, starts, length, pad

    @classmethod
    def of_texts(cls, texts: Any, tokenizer: str, *, length: int, pad: int) -> Self:
        """Tokenise texts, cut to ``length`` tokens.

        Parameters
        ----------
        texts : (n,) array-like of str
        tokenizer : str
            As the JSON of ``tokenizers``. Its special tokens are added.

        Raises
        ------
        InputError
            If rows are no texts.
        """
        from tokenizers import Tokenizer

        made = Tokenizer.from_str(tokenizer)
        made.no_padding()
        made.enable_truncation(length)
        # One by one: a batch would be shared among threads, which no setting of ours bounds, and which make later forks warn.
        rows = [made.encode(text).ids or [pad] for text in text_rows(texts)]
        starts = _starts([len(row) for row in rows])
        ids = np.fromiter((token for row in rows for token in row), np.int32, count=int(starts[-1]))  # (total,)
        return cls(ids, starts, length, pad)

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Tokens of each row, (n,)."""
        return np.diff(self.starts)

    def __len__(self) -> int:
        return len(self.starts) - 1

    def take(self, rows: Any) -> NDArray[np.int32]:
        """Return rows (b, 2, length) at positions (b,): the ids, and 1 where there is a token, 0 where there is padding."""
        some = self.ordered(rows)
        there = np.arange(self.length) < some.lengths[:, None]  # (b, length)
        array = np.full((len(some), 2, self.length), self.pad, dtype=np.int32)  # (b, 2, length)
        array[:, 0][there] = some.ids
        array[:, 1] = there
        return array

    def ordered(self, rows: Any) -> TokenRows:
        """Return the rows at positions (r,), in that order, as they are stored."""
        rows = np.asarray(rows, dtype=np.intp)
        parts = [self.ids[self.starts[row] : self.starts[row + 1]] for row in rows]
        return TokenRows(np.concatenate([self.ids[:0], *parts]), _starts(self.lengths[rows]), self.length, self.pad)


def _starts(lengths: Any) -> NDArray[np.int64]:
    return np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)]).astype(np.int64)  # (n + 1,)
