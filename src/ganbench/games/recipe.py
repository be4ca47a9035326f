"""From a declared variant to the entries that it names; compositions that make no sense are refused here."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from torch import nn

from ganbench.data.source import Source
from ganbench.errors import BenchError
from ganbench.games.condition import CONDITIONS, Condition
from ganbench.games.given import Given
from ganbench.games.optimizer import OPTIMIZERS, Optimizer
from ganbench.games.trick import TRICKS, Trick
from ganbench.networks.network import NETWORKS, Discriminator, Generator, ImageShape, Network, PointShape, Shape
from ganbench.objectives.constraint import CONSTRAINTS, Constraint
from ganbench.objectives.objective import OBJECTIVES, Objective
from ganbench.params import FILE, Choice, Params, Variant

NOTHING = Given()
"""Data that tell nothing of their samples."""


@dataclass(frozen=True)
class Recipe:
    """A variant, its names replaced by what they stand for; tricks are already worked in."""

    network: Network
    objective: Objective
    constraints: Mapping[str, Constraint]
    tricks: tuple[Trick, ...]
    condition: Condition
    critic_steps: int
    generator_steps: int
    optimizer: Optimizer

    @property
    def per_sample(self) -> bool:
        """Whether the discriminator may not mix the samples of a batch."""
        return any(constraint.per_sample for constraint in self.constraints.values())

    @property
    def average_half_life(self) -> float | None:
        """Half-life, in images, of the generator's moving average, if a trick asks for one."""
        return half_life(self.tricks)

    @property
    def pack(self) -> int:
        """Samples that the discriminator judges as one."""
        return math.prod(trick.pack for trick in self.tricks)

    @property
    def mixes(self) -> bool:
        """Whether a trick makes a sample's score depend on the batch that it stands in."""
        return any(trick.mixes for trick in self.tricks)

    def generator(self, shape: Shape, given: Given = NOTHING) -> Generator:
        """A new generator, initialised from torch's default random state.

        Args:
            shape: of the samples.
            given: what the data tell, where there is a condition.
        """
        return self.condition.generator(self.network, shape, given)

    def discriminator(self, shape: Shape, given: Given = NOTHING) -> Discriminator:
        """A new discriminator of packs, with all that tricks and constraints build in; otherwise as `generator`."""
        packed = shape.packed(self.pack)
        discriminator = self.condition.discriminator(self.network, packed, self.per_sample, self._mix, given)
        for constraint in self.constraints.values():
            constraint.apply(discriminator.constrained())
        return discriminator

    def _mix(self, features: int) -> tuple[nn.Module, int]:
        layers: list[nn.Module] = []
        for trick in self.tricks:
            if (mixed := trick.mix(features)) is not None:
                layer, features = mixed
                layers.append(layer)
        return nn.Sequential(*layers), features


def build_constraints(choices: Iterable[Choice], where: str) -> dict[str, Constraint]:
    """The constraints by name.

    Raises:
        BenchError: unknown, or two that make no sense together.
    """
    constraints = {choice.name: CONSTRAINTS.build(choice, f"{where}.constraint") for choice in choices}
    for name, constraint in constraints.items():
        for other, why in constraint.excludes.items():
            if other in constraints:
                raise BenchError(
                    f"{FILE}: {where}.constraint: {name} with {other} makes no sense: {why}; choose one of them"
                )
    return constraints


def half_life(tricks: Iterable[Trick]) -> float | None:
    """Half-life, in images, of the generators' moving averages, if a trick asks for them."""
    return next((life for trick in tricks if (life := trick.average_half_life()) is not None), None)


def recipe(variant: Variant, shape: Shape, where: str) -> Recipe:
    """Look every name up and check that the composition makes sense.

    Args:
        variant: as declared.
        shape: of the samples that the network must make.
        where: the variant's key in params.yaml, for messages.

    Raises:
        BenchError: with the key's path, the value and what is allowed.
    """
    network = NETWORKS.build(variant.network, f"{where}.network")
    objective = OBJECTIVES.build(variant.objective, f"{where}.objective")
    constraints = build_constraints(variant.constraint, where)
    tricks = {choice.name: TRICKS.build(choice, f"{where}.tricks") for choice in variant.tricks}
    if reason := objective.objection(constraints):
        raise BenchError(f"{FILE}: {where}.objective: {variant.objective.name}: {reason}")
    condition = CONDITIONS.build(variant.condition, f"{where}.condition")
    if condition.tells != "nothing" and isinstance(shape, PointShape):
        raise BenchError(f"{FILE}: {where}.condition: {variant.condition.name}: points have no {condition.tells}")
    for name, trick in tricks.items():
        if reason := trick.objection(objective, constraints) or trick.condition_objection(condition):
            raise BenchError(f"{FILE}: {where}.tricks.{name}: {reason}")
        objective = trick.apply(objective)
    per_sample = any(constraint.per_sample for constraint in constraints.values())
    per_layer = [name for name, constraint in constraints.items() if constraint.per_layer]
    reasons = [
        network.objection(shape, per_sample),
        network.constraint_objection(constraints),
        *(network.per_layer_objection(name) for name in per_layer),
    ]
    if reason := next(filter(None, reasons), None):
        raise BenchError(f"{FILE}: {where}.network: {variant.network.name}: {reason}")
    return Recipe(
        network.bare() if per_layer else network,
        objective,
        constraints,
        tuple(tricks.values()),
        condition,
        variant.critic_steps,
        variant.generator_steps,
        OPTIMIZERS.build(variant.optimizer, f"{where}.optimizer", inline=True),
    )


def check_told(params: Params, name: str, classes: Sequence[str], captioned: bool) -> None:
    """Refuse a variant of the track `images` whose players should be told what the data do not tell.

    Args:
        params: as declared.
        name: the variant's.
        classes: names of the data's classes.
        captioned: whether its images have captions.

    Raises:
        BenchError: with the key's path, the condition and what is allowed.
    """
    condition = image_recipe(params, name).condition
    if reason := condition.objection(classes, captioned):
        declared = params.images.variants[name].condition.name
        raise BenchError(
            f"{FILE}: images.variants.{name}.condition: {declared}: {reason}; "
            f"allowed: none, or a dataset with {condition.tells}"
        )


def check_batch(recipe: Recipe, batch_size: int, where: str, processes: int = 1) -> None:
    """Refuse a batch size that the tricks can't work with.

    Args:
        recipe: of a variant.
        batch_size: samples that the discriminator is shown at once.
        where: the variant's key in params.yaml, for messages.
        processes: that share the batch; packs stay whole, other tricks see the batch of all.

    Raises:
        BenchError: with the key's path and what is allowed.
    """
    pack, unit = recipe.pack, recipe.pack * processes
    if batch_size % processes:
        raise BenchError(
            f"{FILE}: engine.processes: {processes}: they can't share a batch of {batch_size} equally; "
            f"allowed: a divisor of {batch_size}"
        )
    if batch_size % unit:
        share = f" in {processes} processes" if processes > 1 else ""
        raise BenchError(
            f"{FILE}: {where}.tricks: packs of {pack}{share} don't divide a batch of {batch_size}; "
            f"allowed: a batch_size that is a multiple of {unit}"
        )
    for trick in recipe.tricks:
        if reason := trick.batch_objection(batch_size // pack):
            raise BenchError(f"{FILE}: {where}.tricks: {reason}")


def image_shape(params: Params) -> ImageShape:
    """The shape of the images of the track `images`."""
    return ImageShape(params.images.channels, params.images.resolution)


def image_recipe(params: Params, name: str) -> Recipe:
    """The recipe of a variant of the track `images`.

    Raises:
        BenchError: as `recipe` and `check_batch`.
    """
    where = f"images.variants.{name}"
    found = recipe(params.images.variants[name], image_shape(params), where)
    check_batch(found, params.images.training.batch_size, where, params.engine.processes)
    return found


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


def check_conditions(params: Params, source: Source) -> None:
    """Refuse any declared variant of the track `images` whose condition the raw set does not tell.

    A set that would have to be read whole for the answer is not asked: there the training refuses.

    Args:
        params: as declared.
        source: the raw set of `images`.

    Raises:
        BenchError: for the first one; or the raw set is not laid out as it must be.
    """
    told = [name for name in params.images.variants if image_recipe(params, name).condition.tells != "nothing"]
    if told and source.indexed:
        for name in told:
            check_told(params, name, source.classes, source.captioned)
