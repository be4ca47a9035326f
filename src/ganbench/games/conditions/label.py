"""Labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

import torch
from annotated_types import Gt
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from ganbench.data.batches import Batch
from ganbench.games.condition import COLUMNS, CONDITIONS, Condition, Drawn, Judged, Terms
from ganbench.games.given import Given
from ganbench.networks.conditional import Auxiliary, Concatenated, ConditionalGenerator, Projected
from ganbench.networks.network import Discriminator, Generator, Mix, Network, Shape
from ganbench.objectives.objective import Objective


@CONDITIONS.register("label")
@dataclass(frozen=True)
class Label(Condition):
    """The generator is asked for a class; generated samples are compared with real ones of the same labels.

    `concatenation`: the discriminator sees the label beside the sample (cGAN, Mirza & Osindero 2014, equation 2).
    `projection`: an inner product with its features is added to the score (Miyato & Koyama 2018, equation 3).
    `auxiliary`: its score knows nothing of labels, but a second head tells the classes apart, and both players want it
    to be right about real and about generated samples (ACGAN, Odena et al. 2017, equations 2 and 3). That head is a
    classifier whatever the score means, so it goes with critics as well.
    """

    how: Literal["concatenation", "projection", "auxiliary"] = "concatenation"

    embedding: Annotated[int, Gt(0)] = 32
    """Dimension of the vector that joins the generator's latents; at the start about as long as a one-hot label: 1."""

    weight: Annotated[float, Gt(0)] = 1.0
    """Of the classification, where `how` is auxiliary."""

    tells: ClassVar[Literal["labels"]] = "labels"

    @property
    def in_score(self) -> bool:  # noqa: D102
        return self.how != "auxiliary"

    def objection(self, classes: Sequence[str], captioned: bool) -> str | None:  # noqa: ARG002, D102
        return None if len(classes) > 1 else "the data have no labels"

    def shown(self, given: Given) -> Tensor:  # noqa: D102
        return torch.arange(min(len(given.classes), COLUMNS))

    def asked(self, batch: Batch) -> Tensor:  # noqa: D102
        return batch.labels

    def generator(self, network: Network, shape: Shape, given: Given) -> Generator:  # noqa: D102
        encoder = nn.Embedding(len(given.classes), self.embedding)
        nn.init.normal_(encoder.weight, 0, self.embedding**-0.5)
        return ConditionalGenerator(network, shape, encoder, self.embedding)

    def discriminator(self, network: Network, shape: Shape, per_sample: bool, mix: Mix, given: Given) -> Discriminator:  # noqa: D102
        classes = len(given.classes)
        if self.how == "concatenation":
            return Concatenated(network, shape, per_sample, mix, classes)
        inner = network.discriminator(shape, per_sample, mix)
        if self.how == "auxiliary":
            return Auxiliary(inner, classes)
        return Projected(inner, nn.Embedding(classes, inner.head.in_features), nn.Identity())

    def discriminator_terms(self, judged: Judged) -> Terms:  # noqa: D102
        if self.how != "auxiliary":
            return {}
        return {
            "real_class": self._classified(judged.discriminator, judged.real, judged.asked),
            "fake_class": self._classified(judged.discriminator, judged.fake, judged.asked),
        }

    def generator_terms(self, objective: Objective, drawn: Drawn) -> Terms:  # noqa: ARG002, D102
        if self.how != "auxiliary":
            return {}
        return {"wanted_class": self._classified(drawn.discriminator, drawn.fake, drawn.asked)}

    def _classified(self, discriminator: Discriminator, features: Tensor, labels: Tensor | None) -> Tensor:
        assert isinstance(discriminator, Auxiliary)
        assert labels is not None
        return self.weight * cross_entropy(discriminator.logits(features).float(), labels)
