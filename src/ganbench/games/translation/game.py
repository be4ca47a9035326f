"""What a game of translation is to the rest of the bench."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

import torch
from torch import Tensor

from ganbench.data.batches import Batch
from ganbench.games.game import Averaged, Game, Losses, Noise
from ganbench.networks.network import ImageShape
from ganbench.networks.translation.patches import PatchDiscriminator
from ganbench.registry import Registry

if TYPE_CHECKING:
    from ganbench.games.translation.recipe import TranslationRecipe


class TranslationGame(ABC):
    """Who plays, and on which losses. Its fields are its options.

    Players are called ``generator_ab``, ``generator_ba``, ``discriminator_a`` and ``discriminator_b``, as far as there
    are any. A batch's images are of domain A, its targets of domain B.
    """

    pairs: ClassVar[bool] = False
    """It needs the partner in B of every image of A."""

    @property
    @abstractmethod
    def both_ways(self) -> bool:
        """Whether it has a generator back to A."""

    @property
    def adversarial_play(self) -> bool:
        """Whether it has a discriminator."""
        return True

    @property
    def batches_per_round(self) -> int:
        """Batches of real images that a round shows."""
        return 1

    @abstractmethod
    def build(self, recipe: TranslationRecipe, a: ImageShape, b: ImageShape, batch_size: int) -> Game:
        """The game, its weights from torch's default random state, on the CPU.

        Args:
            recipe: networks, objective and constraints.
            a: shape of the images of domain A.
            b: of those of domain B.
            batch_size: images of A in a batch, over all processes.
        """

    def objection(self, a: ImageShape, b: ImageShape, batch_size: int) -> str | None:  # noqa: ARG002
        """Why it can't be played on such domains with such batches, or None."""
        return None


GAMES: Registry[TranslationGame] = Registry("game", "ganbench.games.translation.games")


def no_noise(size: int, device: torch.device) -> Noise:  # noqa: ARG001
    """The generators' noise is their own dropout."""
    return {}


def discriminate(recipe: TranslationRecipe, discriminator: PatchDiscriminator, real: Tensor, fake: Tensor) -> Losses:
    """A discriminator's loss, ``loss``, and the constraints' penalties by name; float32 scalars.

    Args:
        recipe: of the variant.
        discriminator: which.
        real: what it should take for real, (N, …).
        fake: generated, detached, (N, …).
    """
    loss = recipe.objective.discriminator(discriminator(real).float(), discriminator(fake).float())
    found = {name: one.penalty(discriminator.single, real, fake) for name, one in recipe.constraints.items()}
    return {"loss": loss, **{name: penalty for name, penalty in found.items() if penalty is not None}}


def persuade(recipe: TranslationRecipe, discriminator: PatchDiscriminator, fake: Tensor, real: Tensor) -> Tensor:
    """A generator's adversarial loss, a float32 scalar; real images are looked at where the objective compares."""
    fake_scores = discriminator(fake).float()
    if not recipe.objective.relativistic:
        return recipe.objective.generator(fake_scores)
    with torch.no_grad():
        real_scores = discriminator(real).float()
    return recipe.objective.generator(fake_scores, real_scores)


def projection(recipe: TranslationRecipe, *discriminators: PatchDiscriminator) -> Callable[[], None]:
    """What the constraints do to discriminators after their step."""

    def project() -> None:
        for constraint in recipe.constraints.values():
            for discriminator in discriminators:
                constraint.project(discriminator)

    return project


def averages(recipe: TranslationRecipe, *generators: str) -> dict[str, Averaged]:
    """The generators' moving averages, where a trick asks for them."""
    life = recipe.average_half_life
    return {} if life is None else {name: Averaged(life, _INPUTS[name]) for name in generators}


def _images(batch: Batch, noise: Noise) -> tuple[Tensor, ...]:  # noqa: ARG001
    return (batch.images,)


def _targets(batch: Batch, noise: Noise) -> tuple[Tensor, ...]:  # noqa: ARG001
    return (batch.targets,)


_INPUTS = {"generator_ab": _images, "generator_ba": _targets}


def l1(one: Tensor, other: Tensor) -> Tensor:
    """Mean absolute difference, a float32 scalar."""
    return (one.float() - other.float()).abs().mean()
