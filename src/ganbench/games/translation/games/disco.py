"""Unpaired translation by reconstruction and features."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import torch
from annotated_types import Ge, Gt, Le
from torch import Tensor

from ganbench import across
from ganbench.data.batches import Batch
from ganbench.games.game import Game, Losses, Move, Noise
from ganbench.games.translation.four import DISCRIMINATORS, GENERATORS, both, four
from ganbench.games.translation.game import GAMES, TranslationGame, averages, discriminate, no_noise, projection
from ganbench.games.translation.memory import Seen
from ganbench.networks.network import ImageShape
from ganbench.networks.translation.patches import PatchDiscriminator

if TYPE_CHECKING:
    from ganbench.games.translation.recipe import TranslationRecipe

Share = Annotated[float, Ge(0), Le(1)]


@GAMES.register("disco")
@dataclass(frozen=True)
class Disco(TranslationGame):
    """DiscoGAN: two translations that reconstruct each other by MSE (Kim et al. 2017, section 3; the authors' code).

    (1 − r) (0.1 adversarial + 0.9 feature matching) + r reconstruction, for either way. r is `early_rate` for the first
    `early_kimg` real images and `rate` from then on; published: .01 for 10,000 iterations of 64 images, then .5. The
    discriminators move in every `discriminator_every`-th iteration and the generators in the others; every iteration
    shows a new batch. Reconstruction errors are those of images in [0, 1], as there.
    """

    rate: Share = 0.5
    early_rate: Share = 0.01
    early_kimg: Annotated[float, Ge(0)] = 640.0
    adversarial: Annotated[float, Ge(0)] = 0.1
    features: Annotated[float, Ge(0)] = 0.9
    discriminator_every: Annotated[int, Gt(1)] = 3

    @property
    def both_ways(self) -> bool:  # noqa: D102
        return True

    @property
    def batches_per_round(self) -> int:  # noqa: D102
        return self.discriminator_every

    def build(self, recipe: TranslationRecipe, a: ImageShape, b: ImageShape, batch_size: int) -> Game:  # noqa: ARG002, D102
        ab, ba = recipe.network.generator(a, b), recipe.network.generator(b, a)
        discriminator_a, discriminator_b = recipe.discriminator(a), recipe.discriminator(b)
        seen = Seen()

        def discriminator_loss(batch: Batch, noise: Noise) -> Losses:  # noqa: ARG001
            seen.add(len(batch.images))
            with torch.no_grad():
                fake_b, fake_a = ab(batch.images), ba(batch.targets)
            return both(
                discriminate(recipe, discriminator_a, batch.images, fake_a),
                discriminate(recipe, discriminator_b, batch.targets, fake_b),
            )

        def generator_loss(batch: Batch, noise: Noise) -> Losses:  # noqa: ARG001
            late = seen.images >= self.early_kimg * 1000
            rate = torch.where(late, self.rate, self.early_rate)
            seen.add(len(batch.images))
            fake_b, fake_a = ab(batch.images), ba(batch.targets)
            loss_b, matching_b = _persuade_and_match(recipe, discriminator_b, batch.targets, fake_b)
            loss_a, matching_a = _persuade_and_match(recipe, discriminator_a, batch.images, fake_a)
            loss, matching = loss_a + loss_b, matching_a + matching_b
            back_a, back_b = _error(ba(fake_b), batch.images), _error(ab(fake_a), batch.targets)
            persuasion = self.adversarial * loss + self.features * matching
            total = (1 - rate) * persuasion + rate * (back_a + back_b)
            terms = {"features": matching, "reconstruction_a": back_a, "reconstruction_b": back_b}
            return {"generator_total": total, "generator": loss, **terms}

        return Game(
            players=four(ab, ba, discriminator_a, discriminator_b),
            round=(
                Move(DISCRIMINATORS, discriminator_loss, after=projection(recipe, discriminator_a, discriminator_b)),
                Move(GENERATORS, generator_loss, repeats=self.discriminator_every - 1),
            ),
            noise=no_noise,
            average=averages(recipe, *GENERATORS),
            memory=seen,
        )


def _persuade_and_match(
    recipe: TranslationRecipe, discriminator: PatchDiscriminator, real: Tensor, fake: Tensor
) -> tuple[Tensor, Tensor]:
    """The adversarial loss, and the distance of the mean features; those next to the image are left out."""
    with torch.no_grad():
        of_real = discriminator.features(real)
        real_scores = discriminator.score(of_real).float()
    of_fake = discriminator.features(fake)
    scores = discriminator.score(of_fake).float()
    return recipe.objective.generator(scores, real_scores), match(of_real[1:] or of_real, of_fake[1:] or of_fake)


def match(real: Sequence[Tensor], fake: Sequence[Tensor]) -> Tensor:
    """Σ over layers of the mean over features of (E f(x) − E f(G(z)))², a float32 scalar."""
    gaps = [across.mean(r.float().mean(0) - f.float().mean(0)) for r, f in zip(real, fake, strict=True)]
    return torch.stack([gap.square().mean() for gap in gaps]).sum()


def _error(images: Tensor, others: Tensor) -> Tensor:
    """Mean squared difference of images in [-1, 1], counted as if they were in [0, 1]."""
    return ((images.float() - others.float()) / 2).square().mean()
