"""What the server of a conditional generator is asked for, beside latents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ganbench.games.condition import Condition
from ganbench.games.given import Given


@dataclass(frozen=True)
class ServedInput:
    """An input named ``label``, int64 (N,), or ``text``, strings (N,).

    Attributes:
        name: see above.
        given: what the generator was told of its data.
    """

    name: Literal["label", "text"]
    given: Given

    @property
    def example(self) -> NDArray[np.int64] | list[str]:
        """Two values to ask with."""
        return [self.given.examples[0], self.given.examples[-1]] if self.name == "text" else np.arange(2)

    def encode(self, values: Sequence[str] | Sequence[int] | NDArray[np.generic]) -> Tensor:
        """Values (N,) → what the generator takes as its second argument.

        Raises:
            ValueError: a label outside the table.
        """
        if self.name == "text":
            return self.given.encode([str(value) for value in values])
        labels = torch.from_numpy(np.asarray(values, np.int64))
        if bool(((labels < 0) | (labels >= len(self.given.classes))).any()):
            raise ValueError(f"a label outside the table; allowed: 0 to {len(self.given.classes) - 1}")
        return labels


def served_input(condition: Condition, given: Given) -> ServedInput | None:
    """The further input of a generator, or None where latents are all that it takes.

    The generator itself is ``condition.generator(network, shape, given)``; it draws by ``generator(latents, encoded)``.
    """
    match condition.tells:
        case "labels":
            return ServedInput("label", given)
        case "captions":
            return ServedInput("text", given)
    return None
