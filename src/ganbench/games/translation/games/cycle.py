"""Unpaired translation with a consistent cycle."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from annotated_types import Ge
from torch import nn

from ganbench.data.batches import Batch
from ganbench.games.game import Game, Losses, Move, Noise
from ganbench.games.translation.four import DISCRIMINATORS, GENERATORS, both, four
from ganbench.games.translation.game import (
    GAMES,
    TranslationGame,
    averages,
    discriminate,
    l1,
    no_noise,
    persuade,
    projection,
)
from ganbench.games.translation.memory import Pool, Shown
from ganbench.networks.network import ImageShape

if TYPE_CHECKING:
    from ganbench.games.translation.recipe import TranslationRecipe


@GAMES.register("cycle")
@dataclass(frozen=True)
class Cycle(TranslationGame):
    """CycleGAN: two translations, each the other's way back (Zhu et al. 2017, equation 3).

    Both generators move at once, then both discriminators, which judge images from a pool of earlier ones. `identity`
    is the weight of ‖G(y) − y‖₁ (section 5.2, λ/2 there).
    """

    cycle: Annotated[float, Ge(0)] = 10.0
    """λ."""

    identity: Annotated[float, Ge(0)] = 5.0
    pool: Annotated[int, Ge(0)] = 50
    """Images of each domain; 0: the discriminators judge the latest."""

    @property
    def both_ways(self) -> bool:  # noqa: D102
        return True

    def objection(self, a: ImageShape, b: ImageShape, batch_size: int) -> str | None:  # noqa: D102
        if self.identity and a.channels != b.channels:
            return (
                f"identity: {self.identity:g}: an image of B can't be its own translation where the domains have "
                f"{a.channels} and {b.channels} channels; allowed: 0"
            )
        if 0 < self.pool < batch_size:
            return f"pool: {self.pool}: less than a batch; allowed: 0, or at least {batch_size}"
        return None

    def build(self, recipe: TranslationRecipe, a: ImageShape, b: ImageShape, batch_size: int) -> Game:  # noqa: D102
        ab, ba = recipe.network.generator(a, b), recipe.network.generator(b, a)
        discriminator_a, discriminator_b = recipe.discriminator(a), recipe.discriminator(b)
        shown_a, shown_b = Shown(batch_size, a), Shown(batch_size, b)
        pool_a, pool_b = Pool(self.pool, a), Pool(self.pool, b)

        def generator_loss(batch: Batch, noise: Noise) -> Losses:  # noqa: ARG001
            real_a, real_b = batch.images, batch.targets
            fake_b, fake_a = ab(real_a), ba(real_b)
            shown_a.keep(fake_a)
            shown_b.keep(fake_b)
            loss = persuade(recipe, discriminator_b, fake_b, real_b) + persuade(recipe, discriminator_a, fake_a, real_a)
            cycle_a, cycle_b = l1(ba(fake_b), real_a), l1(ab(fake_a), real_b)
            total = loss + self.cycle * (cycle_a + cycle_b)
            terms = {"generator": loss, "cycle_a": cycle_a, "cycle_b": cycle_b}
            if self.identity:
                terms["identity"] = l1(ab(real_b), real_b) + l1(ba(real_a), real_a)
                total = total + self.identity * terms["identity"]
            return {"generator_total": total, **terms}

        def discriminator_loss(batch: Batch, noise: Noise) -> Losses:  # noqa: ARG001
            found_a = discriminate(recipe, discriminator_a, batch.images, pool_a.exchange(shown_a.images))
            found_b = discriminate(recipe, discriminator_b, batch.targets, pool_b.exchange(shown_b.images))
            return both(found_a, found_b)

        return Game(
            players=four(ab, ba, discriminator_a, discriminator_b),
            round=(
                Move(GENERATORS, generator_loss),
                Move(
                    DISCRIMINATORS,
                    discriminator_loss,
                    counts=False,
                    after=projection(recipe, discriminator_a, discriminator_b),
                ),
            ),
            noise=no_noise,
            average=averages(recipe, *GENERATORS),
            memory=nn.ModuleDict({"shown_a": shown_a, "shown_b": shown_b, "pool_a": pool_a, "pool_b": pool_b}),
        )
