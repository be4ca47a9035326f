"""One-sided label smoothing."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Annotated

from annotated_types import Gt, Lt

from ganbench.games.trick import TRICKS, Trick
from ganbench.objectives.losses.minimax import Minimax
from ganbench.objectives.objective import Objective


@TRICKS.register("label_smoothing")
@dataclass(frozen=True)
class LabelSmoothing(Trick):
    """Real samples get a target below 1, generated ones keep 0 (Salimans et al. 2016, section 3.4)."""

    real_label: Annotated[float, Gt(0.5), Lt(1)] = 0.9

    def objection(self, objective: Objective) -> str | None:  # noqa: D102
        if isinstance(objective, Minimax):
            return None
        return "label smoothing needs an objective whose discriminator gives probabilities: minimax, non_saturating"

    def apply(self, objective: Objective) -> Objective:  # noqa: D102
        assert isinstance(objective, Minimax)
        return dataclasses.replace(objective, real_label=self.real_label)
