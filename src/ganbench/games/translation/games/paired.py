"""Paired translation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

import torch
from annotated_types import Ge
from torch import Tensor, nn

from ganbench.data.batches import Batch
from ganbench.games.game import Game, Losses, Move, Noise
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
from ganbench.games.translation.memory import Shown
from ganbench.networks.network import ImageShape
from ganbench.networks.translation.patches import PatchDiscriminator

if TYPE_CHECKING:
    from ganbench.games.translation.recipe import TranslationRecipe


@GAMES.register("paired")
@dataclass(frozen=True)
class Paired(TranslationGame):
    """pix2pix: G*(x) near y by L1, and real beside x to a discriminator (Isola et al. 2017, equation 4).

    The paper's ablations: `l1: 0` is the conditional GAN alone; `adversarial: 0` is L1 alone, with no discriminator;
    `conditional: false` hides the input from the discriminator. As in the authors' code the discriminator judges the
    very images that the generator was trained on; the generator moves first.
    """

    l1: Annotated[float, Ge(0)] = 100.0
    adversarial: Annotated[float, Ge(0)] = 1.0
    conditional: bool = True

    pairs: ClassVar[bool] = True

    @property
    def both_ways(self) -> bool:  # noqa: D102
        return False

    @property
    def adversarial_play(self) -> bool:  # noqa: D102
        return self.adversarial > 0

    def objection(self, a: ImageShape, b: ImageShape, batch_size: int) -> str | None:  # noqa: ARG002, D102
        return None if self.l1 or self.adversarial else "l1 and adversarial are both 0: there is no loss"

    def build(self, recipe: TranslationRecipe, a: ImageShape, b: ImageShape, batch_size: int) -> Game:  # noqa: D102
        generator = recipe.network.generator(a, b)
        if not self.adversarial:
            return self._alone(recipe, generator)
        judged = ImageShape(a.channels + b.channels, b.resolution) if self.conditional else b
        discriminator = recipe.discriminator(judged)
        shown = Shown(batch_size, b)

        def with_input(images: Tensor, batch: Batch) -> Tensor:
            return torch.cat([batch.images.to(images.dtype), images], dim=1) if self.conditional else images

        def generator_loss(batch: Batch, noise: Noise) -> Losses:  # noqa: ARG001
            fake = generator(batch.images)
            shown.keep(fake)
            real = with_input(batch.targets, batch)
            loss = persuade(recipe, discriminator, with_input(fake, batch), real)
            if not self.l1:
                return {"generator_total": self.adversarial * loss, "generator": loss}
            near = l1(fake, batch.targets)
            return {"generator_total": self.adversarial * loss + self.l1 * near, "generator": loss, "l1": near}

        def discriminator_loss(batch: Batch, noise: Noise) -> Losses:  # noqa: ARG001
            real, fake = with_input(batch.targets, batch), with_input(shown.images, batch)
            found = discriminate(recipe, discriminator, real, fake)
            loss = found.pop("loss")
            if not found:
                return {"discriminator": loss}
            return {"discriminator_total": sum(found.values(), start=loss), "discriminator": loss, **found}

        assert isinstance(discriminator, PatchDiscriminator)
        return Game(
            players=nn.ModuleDict({"generator_ab": generator, "discriminator_b": discriminator}),
            round=(
                Move(("generator_ab",), generator_loss),
                Move(("discriminator_b",), discriminator_loss, counts=False, after=projection(recipe, discriminator)),
            ),
            noise=no_noise,
            average=averages(recipe, "generator_ab"),
            memory=shown,
        )

    def _alone(self, recipe: TranslationRecipe, generator: nn.Module) -> Game:
        def loss(batch: Batch, noise: Noise) -> Losses:  # noqa: ARG001
            near = l1(generator(batch.images), batch.targets)
            return {"generator_total": self.l1 * near, "l1": near}

        return Game(
            players=nn.ModuleDict({"generator_ab": generator}),
            round=(Move(("generator_ab",), loss),),
            noise=no_noise,
            average=averages(recipe, "generator_ab"),
        )
