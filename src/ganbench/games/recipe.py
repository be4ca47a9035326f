"""From a declared variant to the entries that it names; compositions that make no sense are refused here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ganbench.errors import BenchError
from ganbench.games.condition import CONDITIONS, Condition
from ganbench.games.optimizer import OPTIMIZERS, Optimizer
from ganbench.games.trick import TRICKS, Trick
from ganbench.networks.network import NETWORKS, ImageShape, Network
from ganbench.objectives.constraint import CONSTRAINTS, Constraint
from ganbench.objectives.objective import OBJECTIVES, Objective
from ganbench.params import FILE, Params, Variant


@dataclass(frozen=True)
class Recipe:
    """A variant, its names replaced by what they stand for; tricks are already worked in."""

    network: Network
    objective: Objective
    constraints: Mapping[str, Constraint]
    tricks: tuple[Trick, ...]
    condition: Condition
    critic_steps: int
    optimizer: Optimizer

    @property
    def per_sample(self) -> bool:
        """Whether the discriminator may not mix the samples of a batch."""
        return any(constraint.per_sample for constraint in self.constraints.values())

    @property
    def average_half_life(self) -> float | None:
        """Half-life, in images, of the generator's moving average, if a trick asks for one."""
        return next((life for trick in self.tricks if (life := trick.average_half_life()) is not None), None)


def recipe(variant: Variant, shape: ImageShape, where: str) -> Recipe:
    """Look every name up and check that the composition makes sense.

    Args:
        variant: as declared.
        shape: of the images that the network must make.
        where: the variant's key in params.yaml, for messages.

    Raises:
        BenchError: with the key's path, the value and what is allowed.
    """
    network = NETWORKS.build(variant.network, f"{where}.network")
    objective = OBJECTIVES.build(variant.objective, f"{where}.objective")
    constraints = {choice.name: CONSTRAINTS.build(choice, f"{where}.constraint") for choice in variant.constraint}
    tricks = {choice.name: TRICKS.build(choice, f"{where}.tricks") for choice in variant.tricks}
    for name, constraint in constraints.items():
        if clash := [other for other in constraint.excludes if other in constraints]:
            raise BenchError(f"{FILE}: {where}.constraint: {name} with {clash[0]} makes no sense; choose one of them")
    for name, trick in tricks.items():
        if reason := trick.objection(objective):
            raise BenchError(f"{FILE}: {where}.tricks.{name}: {reason}")
        objective = trick.apply(objective)
    per_sample = any(constraint.per_sample for constraint in constraints.values())
    if reason := network.objection(shape, per_sample):
        raise BenchError(f"{FILE}: {where}.network: {variant.network.name}: {reason}")
    return Recipe(
        network,
        objective,
        constraints,
        tuple(tricks.values()),
        CONDITIONS.build(variant.condition, f"{where}.condition"),
        variant.critic_steps,
        OPTIMIZERS.build(variant.optimizer, f"{where}.optimizer", inline=True),
    )


def image_recipe(params: Params, name: str) -> Recipe:
    """The recipe of a variant of the track `images`."""
    shape = ImageShape(params.images.channels, params.images.resolution)
    return recipe(params.images.variants[name], shape, f"images.variants.{name}")


def check_variants(params: Params) -> None:
    """Refuse any declared variant that can't be built.

    Raises:
        BenchError: for the first one.
    """
    images = params.images
    for name in images.variants:
        needed = image_recipe(params, name).critic_steps * images.training.batch_size
        if needed > images.budget_kimg * 1000:
            raise BenchError(
                f"{FILE}: images.budget_kimg: {images.budget_kimg:g}: one round of {name} takes {needed} real images; "
                f"allowed: at least {needed / 1000:g}"
            )
