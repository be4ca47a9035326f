"""What the data tell of their samples, beside the samples: all that conditional players need to be built and asked."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor

from ganbench.data.captions import Vocabulary, longest
from ganbench.data.store import Store
from ganbench.errors import BenchError

FILE = "given.json"
EXAMPLES = 8


@dataclass(frozen=True)
class Given:
    """Classes and words.

    Attributes:
        classes: their names, by label; empty: unlabelled.
        words: of the training captions, sorted; empty: no captions.
        length: words of the longest training caption.
        examples: held-out captions, each another, for pictures.
    """

    classes: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    length: int = 0
    examples: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, store: Store) -> Given:
        """What a packed store tells."""
        if not store.meta.words:
            return cls(store.meta.classes)
        held_out = dict.fromkeys(store.captions("test"))
        return cls(store.meta.classes, store.meta.words, longest(store.captions("train")), [*held_out][:EXAMPLES])

    @classmethod
    def read(cls, folder: Path) -> Given:
        """What a training left in its folder.

        Raises:
            BenchError: it is not there, or damaged.
        """
        path = folder / FILE
        try:
            return cls(**json.loads(path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            raise BenchError(f"{path}: no such file; `dvc repro` or `dvc pull` brings it") from None
        except (ValueError, TypeError) as error:
            raise BenchError(f"{path}: not what a conditional training leaves: {error}") from None

    def encode(self, captions: Sequence[str]) -> Tensor:
        """Codes of captions, int64 (N, length); what is longer than any training caption is cut off."""
        return torch.from_numpy(Vocabulary(self.words).encode(captions, self.length))

    def unknown_words(self, captions: Iterable[str]) -> list[str]:
        """Words that no training caption has, each once, in the order in which they stand there."""
        vocabulary = Vocabulary(self.words)
        return [*dict.fromkeys(word for caption in captions for word in vocabulary.unknown(caption))]
