"""Feature matching."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from annotated_types import Gt
from torch import Tensor

from ganbench import across
from ganbench.games.condition import Condition
from ganbench.games.trick import TRICKS, Trick


@TRICKS.register("feature_matching")
@dataclass(frozen=True)
class FeatureMatching(Trick):
    """The generator matches the mean features of real samples (Salimans et al. 2016, section 3.1).

    ‖E f(x) − E f(G(z))‖₂², f the discriminator's last hidden layer. It takes the place of the generator's loss, as in
    the paper, or is added to it.
    """

    weight: Annotated[float, Gt(0)] = 1.0

    replaces: bool = True

    matches: ClassVar[bool] = True

    def condition_objection(self, condition: Condition) -> str | None:  # noqa: D102
        if self.replaces and condition.in_score:
            return "the mean over a batch does not say which sample was asked for; allowed: replaces: false"
        return None

    def generator_loss(self, loss: Tensor, real: Tensor, fake: Tensor) -> Tensor:  # noqa: D102
        gap = across.mean(real.float().mean(0) - fake.float().mean(0))
        matching = self.weight * gap.square().sum()
        return matching if self.replaces else loss + matching
