"""Captions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

import torch
from annotated_types import Ge, Gt
from torch import Tensor, nn

from ganbench import across
from ganbench.data.batches import Batch
from ganbench.data.captions import Vocabulary
from ganbench.games.condition import CONDITIONS, Condition, Drawn, Judged, Terms
from ganbench.games.given import Given
from ganbench.networks.conditional import ConditionalGenerator, Joined, Projected
from ganbench.networks.network import Discriminator, Generator, Mix, Network, Shape
from ganbench.networks.text import TextEncoder
from ganbench.objectives.objective import Objective


@CONDITIONS.register("text")
@dataclass(frozen=True)
class Text(Condition):
    """The generator is asked for what a caption says (GAN-CLS and GAN-INT, Reed et al. 2016, section 4).

    Each player reads captions with an encoder of its own (`ganbench.networks.text`), which learns with it. With
    `{matching: false, interpolation: false}` it is the plain conditional game, the text in the place of a label.
    """

    how: Literal["concatenation", "projection"] = "concatenation"
    """How the discriminator's features meet the text: side by side through a hidden layer, or by an inner product."""

    matching: bool = True
    """The discriminator is matching-aware: real images with the wrong text count as generated ones, half and half with
    these (algorithm 1). The wrong text is that of the next image in the batch whose text is another one."""

    interpolation: bool = True
    """The generator is also asked for the mean of two texts, of which there are no real images (equation 5, β = ½)."""

    augmentation: Annotated[float, Ge(0)] = 0.0
    """Weight of the divergence of augmented codes from N(0, I); 0: codes are not augmented (Zhang et al. 2017)."""

    embedding: Annotated[int, Gt(0)] = 32
    """Dimension of a word."""

    width: Annotated[int, Gt(0)] = 64
    """Dimension of a caption's code."""

    hidden: Annotated[int, Gt(0)] = 128
    """Units of the layer that sees features and text, where they are side by side."""

    tells: ClassVar[Literal["captions"]] = "captions"

    @property
    def in_score(self) -> bool:  # noqa: D102
        return True

    @property
    def refused(self) -> str | None:  # noqa: D102
        return "real images with a wrong text" if self.matching else None

    def objection(self, classes: Sequence[str], captioned: bool) -> str | None:  # noqa: ARG002, D102
        return None if captioned else "the data have no captions"

    def shown(self, given: Given) -> Tensor:  # noqa: D102
        return given.encode(given.examples)

    def asked(self, batch: Batch) -> Tensor:  # noqa: D102
        return batch.captions

    def generator(self, network: Network, shape: Shape, given: Given) -> Generator:  # noqa: D102
        encoder = self._encoder(given, bound=self.width**-0.5)  # a code is no longer than a one-hot label
        return ConditionalGenerator(network, shape, encoder, self.width, self.augmentation > 0)

    def discriminator(self, network: Network, shape: Shape, per_sample: bool, mix: Mix, given: Given) -> Discriminator:  # noqa: D102
        inner, encoder = network.discriminator(shape, per_sample, mix), self._encoder(given)
        if self.how == "projection":
            return Projected(inner, nn.Linear(self.width, inner.head.in_features, bias=False), encoder)
        return Joined(inner, encoder, self.width, self.hidden)

    def discriminator_loss(self, objective: Objective, judged: Judged) -> Tensor:
        """Half of it compares real samples with generated ones, half with themselves under the wrong text."""
        loss = objective.discriminator(judged.real_scores, judged.fake_scores)
        if not self.matching:
            return loss
        wrong = another(_known(judged.code), _known(judged.asked))
        mismatched = judged.discriminator.score(judged.real, wrong).float()
        return (loss + objective.discriminator(judged.real_scores, mismatched)) / 2

    def generator_terms(self, objective: Objective, drawn: Drawn) -> Terms:  # noqa: D102
        terms: Terms = {}
        if self.interpolation:
            wanted, code = (between(_known(codes), _known(drawn.asked)) for codes in (drawn.wanted, drawn.code))
            scores = drawn.discriminator.judge(drawn.generator.draw(drawn.latent, wanted), code).float()
            terms["interpolated"] = (
                objective.generator(scores)
                if drawn.real_scores is None
                else objective.generator(scores, drawn.real_scores)
            )
        if self.augmentation:
            assert isinstance(drawn.generator, ConditionalGenerator)
            assert drawn.generator.augmentation is not None
            terms["augmentation"] = self.augmentation * drawn.generator.augmentation.divergence(_known(drawn.wanted))
        return terms

    def _encoder(self, given: Given, bound: float = 1.0) -> TextEncoder:
        return TextEncoder(Vocabulary(given.words).size, self.embedding, self.width, bound)


def another(codes: Tensor, captions: Tensor) -> Tensor:
    """For each sample of the batch the code of the next one whose caption is another, (N, width), round and round.

    Where all captions are equal, it is the next one's all the same.
    """
    return across.own(across.gather(codes)[others(across.gather(captions))])


def between(codes: Tensor, captions: Tensor) -> Tensor:
    """The mean of each code and `another`, (N, width)."""
    return (codes + another(codes, captions)) / 2


def others(captions: Tensor) -> Tensor:
    """Captions (N, L) → int64 (N,), the row of the next one that is another."""
    count = len(captions)
    rows = torch.arange(count, device=captions.device)
    ahead = (rows - rows[:, None] - 1) % count
    differs = (captions[:, None] != captions).any(2)
    return torch.where(differs, ahead, ahead + count).argmin(1)


def _known(values: Tensor | None) -> Tensor:
    assert values is not None
    return values
