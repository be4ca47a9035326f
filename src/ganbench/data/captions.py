"""Captions as words, and words as numbers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

NOTHING, UNKNOWN, FIRST = 0, 1, 2
"""Codes: no word (at the end of a caption), a word that the vocabulary lacks, and the first of its words."""

WORD = re.compile(r"[^\W_]+(?:-[^\W_]+)*")


def split_words(text: str) -> list[str]:
    """The words of a caption, in lower case: runs of letters and digits of any script, and hyphens between them.

    ``"A small Red circle, top-left."`` → ``["a", "small", "red", "circle", "top-left"]``.
    """
    return WORD.findall(text.lower())


def vocabulary(texts: Iterable[str]) -> list[str]:
    """All words of some captions, each once, sorted."""
    return sorted({word for text in texts for word in split_words(text)})


def longest(texts: Iterable[str]) -> int:
    """Words in the longest caption; 0 where there is none."""
    return max((len(split_words(text)) for text in texts), default=0)


class Vocabulary:
    """Words and their codes; the same words in any order give the same codes.

    Args:
        words: each a word as `split_words` gives it.

    Attributes:
        words: sorted, each once.
    """

    def __init__(self, words: Iterable[str]) -> None:
        self.words = sorted(set(words))
        self._codes = {word: code for code, word in enumerate(self.words, FIRST)}

    @property
    def size(self) -> int:
        """Number of codes: the words, and those for nothing and for an unknown word."""
        return FIRST + len(self.words)

    def encode(self, texts: Sequence[str], length: int) -> NDArray[np.int64]:
        """Captions → codes, int64 (N, length).

        0 fills up the end, 1 is a word that is not known, words count from 2 in sorted order. Words beyond the
        length are left out.
        """
        codes = np.zeros((len(texts), length), np.int64)
        for row, text in zip(codes, texts, strict=True):
            found = [self._codes.get(word, UNKNOWN) for word in split_words(text)[:length]]
            row[: len(found)] = found
        return codes

    def unknown(self, text: str) -> list[str]:
        """The words of a caption that are not known, in their order, each as often as it stands there."""
        return [word for word in split_words(text) if word not in self._codes]
