"""Players that are told what was asked for, made of those of any network.

What is asked for is a tensor, one row a sample: labels, int64 (N,), or captions, int64 (N, L). A player turns it into
codes of its own, once a step.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import leaky_relu

from ganbench.networks.network import Discriminator, Generator, ImageShape, Mix, Network, PointShape, Shape
from ganbench.networks.text import Augmentation

LEAK = 0.2


class ConditionalGenerator(Generator):
    """G(z, c): latents and codes side by side enter a network of so many more latent variables.

    Codes should begin short beside latents, whose length is √latent_dim: about 1, as that of a one-hot label. With
    values from N(0, 1), as those of latents, generators of digits ignored the noise: after 80 kimg the deviation within
    a class was 0.03 of the grey range, against 0.11 with short codes and 0.15 in the data (MLPs, projection, one seed).

    Args:
        network: of the generator.
        shape: of the samples.
        encoder: what is asked for → codes (N, width).
        width: of a code.
        augmented: codes are drawn about the encoder's; the noise for that is a part of the latents.
    """

    def __init__(self, network: Network, shape: Shape, encoder: nn.Module, width: int, augmented: bool = False) -> None:
        inner = network.widened(width).generator(shape)
        own = inner.latent_dim - width
        super().__init__(own + width if augmented else own)
        self.inner = inner
        self.encoder = encoder
        self.augmentation = Augmentation(width) if augmented else None
        self._own = own

    def code(self, asked: Tensor | None) -> Tensor:
        """Codes (N, width)."""
        codes: Tensor = self.encoder(_given(asked))
        return codes

    def draw(self, latent: Tensor, code: Tensor | None) -> Tensor:
        """Latents (N, latent_dim) and codes (N, width) → samples."""
        latent, code = latent[:, : self._own], self._drawn(latent, _given(code))
        samples: Tensor = self.inner(torch.cat([latent, code], 1))
        return samples

    def forward(self, latent: Tensor, asked: Tensor | None = None) -> Tensor:
        """Latents and what is asked for → samples."""
        return self.draw(latent, self.code(asked))

    def _drawn(self, latent: Tensor, code: Tensor) -> Tensor:
        if self.augmentation is None:
            return code
        drawn: Tensor = self.augmentation(code, latent[:, self._own :])
        return drawn


class ConditionalDiscriminator(Discriminator):
    """D(x, c), with the features, mix and head of a discriminator that is told nothing.

    Attributes:
        encoder: what is asked for → codes. No constraint holds it: they are about slopes in x, and its codes are
            bounded.

    Args:
        inner: whose parts it takes.
        encoder: see above.
    """

    def __init__(self, inner: Discriminator, encoder: nn.Module) -> None:
        nn.Module.__init__(self)
        self.features, self.mix, self.head = inner.features, inner.mix, inner.head
        self.encoder = encoder

    def code(self, asked: Tensor | None) -> Tensor:
        """Codes (N, …)."""
        codes: Tensor = self.encoder(_given(asked))
        return codes

    def constrained(self) -> nn.Module:  # noqa: D102
        return nn.ModuleList([part for name, part in self.named_children() if name != "encoder"])


class Concatenated(ConditionalDiscriminator):
    """Labels enter together with the samples (cGAN, Mirza & Osindero 2014, section 3.2), one hot.

    A fully connected network has them beside the pixels, a convolutional one as planes, all 1 for the label's own and
    all 0 for the others.

    Args:
        network: of the discriminator.
        shape: of the samples.
        per_sample: as for `Network.discriminator`.
        mix: likewise.
        classes: how many there are.
    """

    def __init__(self, network: Network, shape: Shape, per_sample: bool, mix: Mix, classes: int) -> None:
        wide: Shape = PointShape(shape.size + classes)
        beside = network.objection(wide, per_sample) is None
        if not beside:
            assert isinstance(shape, ImageShape)
            wide = ImageShape(shape.channels + classes, shape.resolution)
        super().__init__(network.discriminator(wide, per_sample, mix), OneHot(classes))
        self._beside = beside

    def hidden(self, samples: Tensor, code: Tensor | None) -> Tensor:  # noqa: D102
        told = _given(code).to(samples.dtype)
        if self._beside:
            samples = samples.flatten(1)
        else:
            told = told[:, :, None, None].expand(-1, -1, *samples.shape[2:])
        features: Tensor = self.features(torch.cat([samples, told], 1))
        return features


class Projected(ConditionalDiscriminator):
    """The score of x and c is h(x) + ⟨e(c), f(x)⟩, f the last hidden layer (Miyato & Koyama 2018, equation 3).

    At the start each e(c) is spread as the head's weights are.

    Args:
        inner: whose parts it takes.
        embedding: e, codes → (N, F′): an embedding of labels, or a linear map of vectors.
        encoder: what is asked for → codes.
    """

    def __init__(self, inner: Discriminator, embedding: nn.Embedding | nn.Linear, encoder: nn.Module) -> None:
        super().__init__(inner, encoder)
        self.embedding = embedding
        spread = float(inner.head.weight.detach().std())
        share = embedding.in_features if isinstance(embedding, nn.Linear) else 1
        nn.init.normal_(embedding.weight, 0, spread * share**-0.5)

    def score(self, features: Tensor, code: Tensor | None = None) -> Tensor:  # noqa: D102
        last = self.mix(features)
        scores: Tensor = self.head(last).squeeze(1) + (self.embedding(_given(code)) * last).sum(1)
        return scores


class Joined(ConditionalDiscriminator):
    """Features and codes side by side, a rectified layer, and a head (as Reed et al. 2016, section 4.1, at 4 × 4).

    Args:
        inner: whose features it takes.
        encoder: what is asked for → codes.
        width: of a code.
        hidden: units of the layer that sees both.
    """

    def __init__(self, inner: Discriminator, encoder: nn.Module, width: int, hidden: int) -> None:
        super().__init__(inner, encoder)
        self.joint = nn.Linear(inner.head.in_features + width, hidden)
        self.head = nn.Linear(hidden, 1)

    def score(self, features: Tensor, code: Tensor | None = None) -> Tensor:  # noqa: D102
        together = torch.cat([self.mix(features), _given(code)], 1)
        scores: Tensor = self.head(leaky_relu(self.joint(together), LEAK)).squeeze(1)
        return scores


class Auxiliary(Discriminator):
    """A second head says which class a sample is of; the score is told nothing (ACGAN, Odena et al. 2017, section 4).

    No constraint holds the second head: they are about the score.

    Args:
        inner: whose parts it takes.
        classes: how many there are.
    """

    def __init__(self, inner: Discriminator, classes: int) -> None:
        nn.Module.__init__(self)
        self.features, self.mix, self.head = inner.features, inner.mix, inner.head
        self.classifier = nn.Linear(inner.head.in_features, classes)

    def logits(self, features: Tensor) -> Tensor:
        """Of the classes, (N, classes), from features (N, F)."""
        logits: Tensor = self.classifier(self.mix(features))
        return logits

    def constrained(self) -> nn.Module:  # noqa: D102
        return nn.ModuleList([self.features, self.mix, self.head])


class OneHot(nn.Module):
    """Labels, int64 (N,) → float32 (N, classes)."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.classes = classes

    def forward(self, labels: Tensor) -> Tensor:  # noqa: D102
        return (labels[:, None] == torch.arange(self.classes, device=labels.device)).float()


def _given(asked: Tensor | None) -> Tensor:
    if asked is None:
        raise ValueError("this player is told what was asked for: labels or captions, one row a sample")
    return asked
