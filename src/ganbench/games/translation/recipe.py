"""From a declared variant of the track `translation` to the entries that it names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ganbench.data.translation.task import open_domains
from ganbench.errors import BenchError
from ganbench.games.game import Game
from ganbench.games.optimizer import OPTIMIZERS, Optimizer
from ganbench.games.recipe import build_constraints, half_life
from ganbench.games.translation.game import GAMES, TranslationGame
from ganbench.games.trick import TRICKS, Trick
from ganbench.networks.network import ImageShape
from ganbench.networks.translation.patches import PATCHES, PatchDiscriminator, Patches
from ganbench.networks.translation.translator import TRANSLATORS, Translator
from ganbench.objectives.constraint import Constraint
from ganbench.objectives.objective import OBJECTIVES, Objective
from ganbench.params import FILE, Params, Translation, TranslationVariant


@dataclass(frozen=True)
class TranslationRecipe:
    """A variant, its names replaced by what they stand for; tricks are already worked in."""

    game: TranslationGame
    network: Translator
    patches: Patches
    objective: Objective
    constraints: Mapping[str, Constraint]
    tricks: tuple[Trick, ...]
    optimizer: Optimizer

    @property
    def average_half_life(self) -> float | None:
        """Half-life, in images, of the generators' moving averages, if a trick asks for them."""
        return half_life(self.tricks)

    def discriminator(self, shape: ImageShape) -> PatchDiscriminator:
        """A new discriminator with all that constraints build in, initialised from torch's default random state."""
        discriminator = self.patches.discriminator(shape)
        for constraint in self.constraints.values():
            constraint.apply(discriminator)
        return discriminator

    def build(self, a: ImageShape, b: ImageShape, batch_size: int) -> Game:
        """The game on domains of these shapes; weights from torch's default random state, on the CPU."""
        return self.game.build(self, a, b, batch_size)


def recipe(variant: TranslationVariant, resolution: int, where: str) -> TranslationRecipe:
    """Look every name up and check that the composition makes sense.

    Args:
        variant: as declared.
        resolution: of the images.
        where: the variant's key in params.yaml, for messages.

    Raises:
        BenchError: with the key's path, the value and what is allowed.
    """
    game = GAMES.build(variant.game, f"{where}.game")
    network = TRANSLATORS.build(variant.network, f"{where}.network")
    patches = PATCHES.build(variant.discriminator, f"{where}.discriminator")
    objective = OBJECTIVES.build(variant.objective, f"{where}.objective")
    constraints = build_constraints(variant.constraint, where)
    tricks = {choice.name: TRICKS.build(choice, f"{where}.tricks") for choice in variant.tricks}
    if constraints and not game.adversarial_play:
        raise BenchError(f"{FILE}: {where}.constraint: {next(iter(constraints))}: the game has no discriminator")
    if game.adversarial_play and (reason := objective.objection(constraints)):
        raise BenchError(f"{FILE}: {where}.objective: {variant.objective.name}: {reason}")
    for name, trick in tricks.items():
        if trick.mixes or trick.matches or trick.pack > 1:
            raise BenchError(
                f"{FILE}: {where}.tricks.{name}: it works on a discriminator with one score an image; "
                "allowed here: ema, label_smoothing"
            )
        if reason := trick.objection(objective, constraints):
            raise BenchError(f"{FILE}: {where}.tricks.{name}: {reason}")
        objective = trick.apply(objective)
    if reason := network.objection(resolution):
        raise BenchError(f"{FILE}: {where}.network: {variant.network.name}: {reason}")
    per_sample = any(constraint.per_sample for constraint in constraints.values())
    reasons = [
        patches.objection(resolution, per_sample),
        patches.constraint_objection(constraints),
        *(patches.per_layer_objection(name) for name, constraint in constraints.items() if constraint.per_layer),
    ]
    if game.adversarial_play and (reason := next(filter(None, reasons), None)):
        raise BenchError(f"{FILE}: {where}.discriminator: {variant.discriminator.name}: {reason}")
    optimizer = OPTIMIZERS.build(variant.optimizer, f"{where}.optimizer", inline=True)
    return TranslationRecipe(game, network, patches, objective, constraints, tuple(tricks.values()), optimizer)


def translation_of(params: Params) -> Translation:
    """The section `translation` of params.yaml.

    Raises:
        BenchError: there is none.
    """
    if params.translation is None:
        raise BenchError(f"{FILE}: translation: missing; the track needs a dataset and variants")
    return params.translation


def translation_recipe(params: Params, name: str) -> TranslationRecipe:
    """The recipe of a variant of the track `translation`.

    Raises:
        BenchError: as `recipe`; or the processes can't share a batch.
    """
    translation, processes = translation_of(params), params.engine.processes
    batch_size = translation.training.batch_size
    if batch_size % processes:
        raise BenchError(
            f"{FILE}: engine.processes: {processes}: they can't share a batch of {batch_size} equally; "
            f"allowed: a divisor of {batch_size}"
        )
    return recipe(translation.variants[name], translation.resolution, f"translation.variants.{name}")


def check_domains(params: Params, name: str, a: ImageShape, b: ImageShape, paired: bool) -> TranslationRecipe:
    """The recipe of a variant that makes sense on these domains.

    Args:
        params: as declared.
        name: the variant's.
        a: shape of the images of domain A.
        b: of those of domain B.
        paired: whether every training image of A has a partner in B.

    Raises:
        BenchError: as `recipe`; or the game can't be played on such domains, or not within the budget.
    """
    found, translation = translation_recipe(params, name), translation_of(params)
    size, where = translation.training.batch_size, f"translation.variants.{name}.game"
    game, task = translation.variants[name].game.name, translation.task.name
    if found.game.pairs and not paired:
        others = ", ".join(other for other, entry in GAMES.entries().items() if not entry.pairs)
        raise BenchError(
            f"{FILE}: {where}: {game}: it needs pairs, but {task} (translation.task) has none; allowed: {others}"
        )
    if reason := found.game.objection(a, b, size):
        raise BenchError(f"{FILE}: {where}.{game}: {reason}")
    if (needed := found.game.batches_per_round * size) > translation.budget_kimg * 1000:
        raise BenchError(
            f"{FILE}: translation.budget_kimg: {translation.budget_kimg:g}: one round of {name} takes {needed} real "
            f"images; allowed: at least {needed / 1000:g}"
        )
    return found


def check_translation_variants(params: Params) -> None:
    """Refuse any declared variant of the track `translation` that can't be built or trained.

    Raises:
        BenchError: for the first one.
    """
    if params.translation is None:
        return
    a, b, paired = declared_domains(params.translation)
    for name in params.translation.variants:
        check_domains(params, name, a, b, paired)


def declared_domains(translation: Translation) -> tuple[ImageShape, ImageShape, bool]:
    """The shapes of the images of domains A and B, and whether every training image of A has a partner in B.

    Raises:
        BenchError: as `open_domains`.
    """
    task, _, (a, b) = open_domains(translation)
    side = translation.resolution
    return ImageShape(a.channels, side), ImageShape(b.channels, side), task.pairing().paired
