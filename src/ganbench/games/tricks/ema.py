"""A moving average of the generator."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Gt

from ganbench.games.trick import TRICKS, Trick


@TRICKS.register("ema")
@dataclass(frozen=True)
class EMA(Trick):
    """Exponential moving average of the generator's weights (Karras et al. 2018, section 4; Yazıcı et al. 2019).

    The half-life is in thousands of real images shown, so it means the same at any batch size.
    """

    half_life_kimg: Annotated[float, Gt(0)] = 10.0

    def average_half_life(self) -> float:  # noqa: D102
        return self.half_life_kimg * 1000
