"""Packing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Gt

from ganbench.games.condition import Condition
from ganbench.games.trick import TRICKS, Trick


@TRICKS.register("packing")
@dataclass(frozen=True)
class Packing(Trick):
    """The discriminator judges m samples of one kind at once, joined along their channels (PacGAN, Lin et al. 2018).

    Packs are neighbours in the batch: a batch of N samples is N / m packs, so the budget counts what it always counts.
    A sample, to a penalty or a minibatch trick, is then a pack.
    """

    pack: Annotated[int, Gt(1)] = 2

    def condition_objection(self, condition: Condition) -> str | None:  # noqa: D102
        if condition.tells == "nothing":
            return None
        return f"a pack is judged as one, but the {condition.tells} of its samples are not the same"
