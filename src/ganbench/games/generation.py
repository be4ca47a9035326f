"""Noise → sample: two players."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ganbench.data.batches import Batch
from ganbench.games.game import Game, Losses, Move, Noise
from ganbench.games.recipe import Recipe
from ganbench.networks.network import Shape, pack


def generation(recipe: Recipe, shape: Shape) -> Game:
    """The game of Goodfellow et al. 2014, algorithm 1: k discriminator steps, then a generator step, or several.

    Weights come from torch's default random state, on the CPU.
    """
    generator = recipe.generator(shape)
    discriminator = recipe.discriminator(shape)
    objective, constraints, together = recipe.objective, recipe.constraints, recipe.pack
    matching = [trick for trick in recipe.tricks if trick.matches]

    def draw(noise: Noise) -> Tensor:
        return pack(generator(noise["latent"]), together)

    def discriminator_loss(batch: Batch, noise: Noise) -> Losses:
        with torch.no_grad():
            fake = draw(noise)
        real = pack(batch.images, together)
        loss = objective.discriminator(discriminator(real).float(), discriminator(fake).float())
        found = {name: constraint.penalty(discriminator, real, fake) for name, constraint in constraints.items()}
        penalties = {name: penalty for name, penalty in found.items() if penalty is not None}
        if not penalties:
            return {"discriminator": loss}
        return {"discriminator_total": sum(penalties.values(), start=loss), "discriminator": loss, **penalties}

    def generator_loss(batch: Batch, noise: Noise) -> Losses:
        fake = discriminator.features(draw(noise))
        if not (matching or objective.relativistic):
            return {"generator": objective.generator(discriminator.score(fake).float())}
        with torch.no_grad():
            real = discriminator.features(pack(batch.images, together))
            real_scores = discriminator.score(real).float()
        loss = total = objective.generator(discriminator.score(fake).float(), real_scores)
        for trick in matching:
            total = trick.generator_loss(total, real, fake)
        return {"generator_total": total, "generator": loss} if matching else {"generator": loss}

    def project() -> None:
        for constraint in constraints.values():
            constraint.project(discriminator)

    def noise(size: int, device: torch.device) -> Noise:
        return {"latent": torch.randn(size, generator.latent_dim, device=device)}

    return Game(
        players=nn.ModuleDict({"generator": generator, "discriminator": discriminator}),
        round=(
            Move(("discriminator",), discriminator_loss, repeats=recipe.critic_steps, after=project),
            Move(("generator",), generator_loss, repeats=recipe.generator_steps, counts=False),
        ),
        noise=noise,
        average={} if recipe.average_half_life is None else {"generator": recipe.average_half_life},
    )
