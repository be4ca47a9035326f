"""What conditions a game, beside noise."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal, NamedTuple

from torch import Tensor

from ganbench.data.batches import Batch
from ganbench.games.given import Given
from ganbench.networks.network import Discriminator, Generator, Mix, Network, Shape
from ganbench.objectives.objective import Objective
from ganbench.registry import Registry

Terms = dict[str, Tensor]

COLUMNS = 16
"""Pictures ask for so many things at most."""


class Judged(NamedTuple):
    """What is known in a discriminator's step, after it has seen as many generated samples as real ones."""

    discriminator: Discriminator
    asked: Tensor | None
    """What the real samples are, and the generated ones should be."""

    code: Tensor | None
    """The discriminator's, of what was asked for."""

    real: Tensor
    """Features (N, F)."""

    fake: Tensor
    real_scores: Tensor
    """float32 (N,)."""

    fake_scores: Tensor


class Drawn(NamedTuple):
    """What is known in a generator's step."""

    generator: Generator
    discriminator: Discriminator
    asked: Tensor | None
    latent: Tensor
    wanted: Tensor | None
    """The generator's code of what was asked for."""

    code: Tensor | None
    """The discriminator's, without a graph."""

    fake: Tensor
    """Features (N, F)."""

    real_scores: Tensor | None
    """float32 (N,), of real samples, where the objective is relativistic."""


class Condition:
    """What the players are told about a sample. Its fields are its options."""

    tells: ClassVar[Literal["nothing", "labels", "captions"]] = "nothing"

    @property
    def in_score(self) -> bool:
        """The generator learns what was asked for from the discriminator's scores alone."""
        return False

    @property
    def refused(self) -> str | None:
        """What the discriminator learns to refuse beside generated samples, or None: then its best score is a function
        of the ratio of real to generated density alone."""
        return None

    def objection(self, classes: Sequence[str], captioned: bool) -> str | None:  # noqa: ARG002
        """Why data of these classes, captioned or not, have not what the players should be told, or None."""
        return None

    def shown(self, given: Given) -> Tensor | None:  # noqa: ARG002
        """What pictures ask for, one column each."""
        return None

    def asked(self, batch: Batch) -> Tensor | None:  # noqa: ARG002
        """What a batch of real samples is: labels, int64 (N,), or captions, int64 (N, L)."""
        return None

    def generator(self, network: Network, shape: Shape, given: Given) -> Generator:  # noqa: ARG002
        """A new generator that is told."""
        return network.generator(shape)

    def discriminator(self, network: Network, shape: Shape, per_sample: bool, mix: Mix, given: Given) -> Discriminator:  # noqa: ARG002
        """A new discriminator that is told; arguments as of `Network.discriminator`."""
        return network.discriminator(shape, per_sample, mix)

    def discriminator_loss(self, objective: Objective, judged: Judged) -> Tensor:
        """The discriminator's loss, a float32 scalar."""
        return objective.discriminator(judged.real_scores, judged.fake_scores)

    def discriminator_terms(self, judged: Judged) -> Terms:  # noqa: ARG002
        """What is added to it, by name."""
        return {}

    def generator_terms(self, objective: Objective, drawn: Drawn) -> Terms:  # noqa: ARG002
        """What is added to the generator's loss, by name."""
        return {}


CONDITIONS: Registry[Condition] = Registry("condition", "ganbench.games.conditions")
