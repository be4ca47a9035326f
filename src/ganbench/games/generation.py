"""Noise → sample: two players."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ganbench.data.batches import Batch
from ganbench.games.condition import Drawn, Judged
from ganbench.games.game import Averaged, Game, Losses, Move, Noise
from ganbench.games.given import Given
from ganbench.games.recipe import NOTHING, Recipe
from ganbench.networks.network import Shape, pack


def generation(recipe: Recipe, shape: Shape, given: Given = NOTHING) -> Game:
    """The game of Goodfellow et al. 2014, algorithm 1: k discriminator steps, then a generator step, or several.

    Under a condition, generated samples are those that were asked for by the real batch: its labels or captions.
    Weights come from torch's default random state, on the CPU.

    Args:
        recipe: of a variant.
        shape: of the samples.
        given: what the data tell, for a recipe with a condition.
    """
    generator = recipe.generator(shape, given)
    discriminator = recipe.discriminator(shape, given)
    objective, constraints, condition, together = recipe.objective, recipe.constraints, recipe.condition, recipe.pack
    matching = [trick for trick in recipe.tricks if trick.matches]
    constrained = discriminator.constrained()

    def draw(noise: Noise, wanted: Tensor | None) -> Tensor:
        return pack(generator.draw(noise["latent"], wanted), together)

    def discriminator_loss(batch: Batch, noise: Noise) -> Losses:
        asked = condition.asked(batch)
        with torch.no_grad():
            fake = draw(noise, generator.code(asked))
        real = pack(batch.images, together)
        code = discriminator.code(asked)
        seen_real = discriminator.hidden(real, code)
        real_scores = discriminator.score(seen_real, code).float()
        seen_fake = discriminator.hidden(fake, code)
        fake_scores = discriminator.score(seen_fake, code).float()
        judged = Judged(discriminator, asked, code, seen_real, seen_fake, real_scores, fake_scores)
        loss = condition.discriminator_loss(objective, judged)

        def critic(samples: Tensor) -> Tensor:
            return discriminator.judge(samples, code)

        found = {name: constraint.penalty(critic, real, fake) for name, constraint in constraints.items()}
        terms = condition.discriminator_terms(judged)
        terms |= {name: penalty for name, penalty in found.items() if penalty is not None}
        if not terms:
            return {"discriminator": loss}
        return {"discriminator_total": sum(terms.values(), start=loss), "discriminator": loss, **terms}

    def generator_loss(batch: Batch, noise: Noise) -> Losses:
        asked = condition.asked(batch)
        wanted = generator.code(asked)
        with torch.no_grad():
            code = discriminator.code(asked)
        fake = discriminator.hidden(draw(noise, wanted), code)
        real = real_scores = None
        if matching or objective.relativistic:
            with torch.no_grad():
                real = discriminator.hidden(pack(batch.images, together), code)
                real_scores = discriminator.score(real, code).float()
        scores = discriminator.score(fake, code).float()
        loss = objective.generator(scores) if real_scores is None else objective.generator(scores, real_scores)
        total = loss
        for trick in matching:
            assert real is not None
            total = trick.generator_loss(total, real, fake)
        drawn = Drawn(generator, discriminator, asked, noise["latent"], wanted, code, fake, real_scores)
        terms = condition.generator_terms(objective, drawn)
        if not (matching or terms):
            return {"generator": loss}
        return {"generator_total": sum(terms.values(), start=total), "generator": loss, **terms}

    def project() -> None:
        for constraint in constraints.values():
            constraint.project(constrained)

    def noise(size: int, device: torch.device) -> Noise:
        return {"latent": torch.randn(size, generator.latent_dim, device=device)}

    def inputs(batch: Batch, noise: Noise) -> tuple[Tensor, ...]:
        asked = condition.asked(batch)
        return (noise["latent"],) if asked is None else (noise["latent"], asked)

    life = recipe.average_half_life
    return Game(
        players=nn.ModuleDict({"generator": generator, "discriminator": discriminator}),
        round=(
            Move(("discriminator",), discriminator_loss, repeats=recipe.critic_steps, after=project),
            Move(("generator",), generator_loss, repeats=recipe.generator_steps, counts=False),
        ),
        noise=noise,
        average={} if life is None else {"generator": Averaged(life, inputs)},
    )
