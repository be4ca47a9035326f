"""One-sided label smoothing."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from annotated_types import Gt, Lt

from ganbench.games.trick import TRICKS, Trick
from ganbench.objectives.constraint import Constraint
from ganbench.objectives.losses.least_squares import LeastSquares
from ganbench.objectives.losses.minimax import Minimax
from ganbench.objectives.objective import Objective


@TRICKS.register("label_smoothing")
@dataclass(frozen=True)
class LabelSmoothing(Trick):
    """Real samples get a target below 1, generated ones keep 0 (Salimans et al. 2016, section 3.4).

    With least squares the real label moves towards the fake one; what the generator wants stays.
    """

    real_label: Annotated[float, Gt(0.5), Lt(1)] = 0.9

    def objection(self, objective: Objective, constraints: Mapping[str, Constraint]) -> str | None:  # noqa: ARG002, D102
        if isinstance(objective, Minimax | LeastSquares):
            return None
        return (
            "label smoothing needs an objective whose discriminator is taught labels: "
            "least_squares, minimax, non_saturating"
        )

    def apply(self, objective: Objective) -> Objective:  # noqa: D102
        if isinstance(objective, LeastSquares):
            smoothed = objective.fake_label + self.real_label * (objective.real_label - objective.fake_label)
            target = objective.real_label if objective.target is None else objective.target
            return dataclasses.replace(objective, real_label=smoothed, target=target)
        assert isinstance(objective, Minimax)
        return dataclasses.replace(objective, real_label=self.real_label)
