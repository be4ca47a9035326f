"""Noise → image: two players."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ganbench.data.batches import Batch
from ganbench.games.game import Game, Losses, Move, Noise
from ganbench.games.recipe import Recipe
from ganbench.networks.network import ImageShape


def generation(recipe: Recipe, shape: ImageShape) -> Game:
    """The game of Goodfellow et al. 2014, algorithm 1: k discriminator steps, then a generator step.

    Weights come from torch's default random state, on the CPU.
    """
    generator = recipe.network.generator(shape)
    discriminator = recipe.network.discriminator(shape, recipe.per_sample)
    objective = recipe.objective

    def score(images: Tensor) -> Tensor:
        scores: Tensor = discriminator(images)
        return scores.float()

    def discriminator_loss(batch: Batch, noise: Noise) -> Losses:
        with torch.no_grad():
            fake = generator(noise["latent"])
        loss = objective.discriminator(score(batch.images), score(fake))
        penalties = {}
        for name, constraint in recipe.constraints.items():
            if (penalty := constraint.penalty(discriminator, batch.images, fake)) is not None:
                penalties[name] = penalty
        if not penalties:
            return {"discriminator": loss}
        return {"discriminator_total": sum(penalties.values(), start=loss), "discriminator": loss, **penalties}

    def generator_loss(batch: Batch, noise: Noise) -> Losses:  # noqa: ARG001
        return {"generator": objective.generator(score(generator(noise["latent"])))}

    def project() -> None:
        for constraint in recipe.constraints.values():
            constraint.project(discriminator.parameters())

    def noise(size: int, device: torch.device) -> Noise:
        return {"latent": torch.randn(size, generator.latent_dim, device=device)}

    return Game(
        players=nn.ModuleDict({"generator": generator, "discriminator": discriminator}),
        round=(
            Move(("discriminator",), discriminator_loss, repeats=recipe.critic_steps, after=project),
            Move(("generator",), generator_loss, counts=False),
        ),
        noise=noise,
        average={} if recipe.average_half_life is None else {"generator": recipe.average_half_life},
    )
