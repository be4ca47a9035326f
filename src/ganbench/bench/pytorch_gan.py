"""eriklindernoren/PyTorch-GAN: a script a GAN."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ganbench.bench import pytorch_gan_translation
from ganbench.bench.checkout import Checkout
from ganbench.bench.rival import Rival
from ganbench.bench.script import Script
from ganbench.data.batches import Batch
from ganbench.errors import BenchError
from ganbench.games.game import Game, Losses, Move, Noise
from ganbench.games.optimizers.adam import Adam
from ganbench.games.translation.memory import Shown
from ganbench.networks.network import ImageShape
from ganbench.objectives.constraints.gradient_penalty import GradientPenalty

NAME, COMMIT = "eriklindernoren/PyTorch-GAN", "36d3c77"
SCRIPTS = {"dcgan": "implementations/dcgan/dcgan.py", "wgan_gp": "implementations/wgan_gp/wgan_gp.py"}
MNIST = 60_000, 28
"""Images, and their height and width."""


def open_checkout(root: Path) -> Checkout:
    """The peer at the commit that results name."""
    return Checkout.open(root, "--peer-pytorch-gan", NAME, COMMIT, [*SCRIPTS.values(), *pytorch_gan_translation.FILES])


class PyTorchGAN(Rival):
    """One of its scripts, in a folder of its own where MNIST's files lie, with noise for pixels.

    Its loader reads MNIST as torchvision does, an image at a time: Pillow, resize, to tensor, normalise.

    Args:
        path: the script.
        game: ``dcgan`` or ``wgan_gp``: which losses ours must have.
        resolution: of the images.
        batch: its batch size.
        folder: to work in.
        device: where our trainer computes; the script takes CUDA wherever it finds it.
    """

    name: ClassVar[str] = "PyTorch-GAN"

    def __init__(self, path: Path, game: str, resolution: int, batch: int, folder: Path, device: torch.device) -> None:
        if torch.cuda.is_available() and device.type != "cuda":
            raise BenchError("--device: cpu: the peer takes CUDA wherever it finds it; hide it: CUDA_VISIBLE_DEVICES=")
        place = folder / "implementations" / game
        place.mkdir(parents=True, exist_ok=True)
        write_mnist(folder / "data/mnist/MNIST/raw")
        arguments = ["--img_size", str(resolution), "--batch_size", str(batch), "--sample_interval", str(10**9)]
        self._script = Script(path, arguments, place)
        self._game = game
        options = self.names["opt"]
        super().__init__(
            batch,
            ImageShape(options.channels, resolution),
            getattr(options, "n_critic", 1),
            Adam(lr=options.lr, betas=(options.b1, options.b2)),
        )

    @property
    def names(self) -> dict[str, Any]:
        """The script's global names."""
        return self._script.names

    def play(self, batches: Iterator[Tensor]) -> None:  # noqa: D102
        self._script.play(batches, self.steps)

    def loader(self) -> Iterator[Tensor]:  # noqa: D102
        while True:
            for images, _ in self.names["dataloader"]:
                if len(images) == self.batch:
                    yield images

    def to_channels_last(self) -> None:  # noqa: D102
        super().to_channels_last()
        for player in ("generator", "discriminator"):
            self.names[player].to(memory_format=torch.channels_last)
        self._allow_channels_last()

    def _allow_channels_last(self) -> None:
        """Its DCGAN views the last activations as rows, which those in channels_last do not allow: copy them first."""
        if self._game == "dcgan":
            self.names["discriminator"].model.register_forward_hook(lambda _, __, out: out.contiguous())

    def game(self) -> Game:  # noqa: D102
        generator, discriminator = self.names["generator"], self.names["discriminator"]
        latents = self.names["opt"].latent_dim
        self._allow_channels_last()

        def noise(size: int, device: torch.device) -> Noise:
            return {"latent": torch.randn(size, latents, device=device)}

        players = nn.ModuleDict({"generator": generator, "discriminator": discriminator})
        if self._game == "wgan_gp":
            return Game(players, _wgan_gp_moves(generator, discriminator, self.steps), noise, average={})
        memory = Shown(self.batch, self.shape)
        return Game(players, _dcgan_moves(generator, discriminator, memory), noise, average={}, memory=memory)


def _dcgan_moves(generator: nn.Module, discriminator: nn.Module, shown: Shown) -> tuple[Move, ...]:
    """Binary cross-entropy on the sigmoid that its discriminator ends with.

    As in the script the generator moves first, and the discriminator sees the images of that move.
    """

    def cross_entropy(images: Tensor, target: float) -> Tensor:
        probability = discriminator(images)
        with torch.autocast(probability.device.type, enabled=False):  # it refuses cross-entropy of probabilities
            return F.binary_cross_entropy(probability.float(), torch.full_like(probability, target, dtype=torch.float))

    def generator_loss(batch: Batch, noise: Noise) -> Losses:  # noqa: ARG001
        fake = generator(noise["latent"])
        shown.images.copy_(fake.detach())
        return {"generator": cross_entropy(fake, 1.0)}

    def discriminator_loss(batch: Batch, noise: Noise) -> Losses:  # noqa: ARG001
        return {"discriminator": (cross_entropy(batch.images, 1.0) + cross_entropy(shown.images, 0.0)) / 2}

    return (
        Move(("generator",), generator_loss, counts=False),
        Move(("discriminator",), discriminator_loss),
    )


def _wgan_gp_moves(generator: nn.Module, discriminator: nn.Module, steps: int) -> tuple[Move, ...]:
    """Gulrajani et al. 2017, algorithm 1, with the weight 10 that the script has."""
    constraint = GradientPenalty(weight=10.0)

    def score(images: Tensor) -> Tensor:
        scores: Tensor = discriminator(images)
        return scores.float().flatten()

    def discriminator_loss(batch: Batch, noise: Noise) -> Losses:
        with torch.no_grad():
            fake = generator(noise["latent"])
        penalty = constraint.penalty(discriminator, batch.images, fake)
        assert penalty is not None
        gap = score(fake).mean() - score(batch.images).mean()
        return {"discriminator_total": gap + penalty, "discriminator": gap}

    def generator_loss(batch: Batch, noise: Noise) -> Losses:  # noqa: ARG001
        return {"generator": -score(generator(noise["latent"])).mean()}

    return (
        Move(("discriminator",), discriminator_loss, repeats=steps),
        Move(("generator",), generator_loss, counts=False),
    )


def write_mnist(folder: Path, count: int = MNIST[0]) -> None:
    """Files like MNIST's with noise for pixels: neither a loader nor a network is faster for what they show."""
    if (folder / "train-labels-idx1-ubyte").exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    rng, side = np.random.default_rng(0), MNIST[1]
    for split, size in {"train": count, "t10k": 16}.items():
        header = np.array([2051, size, side, side], ">i4").tobytes()
        pixels = rng.integers(0, 256, size * side**2, dtype=np.uint8).tobytes()
        (folder / f"{split}-images-idx3-ubyte").write_bytes(header + pixels)
        labels = rng.integers(0, 10, size, dtype=np.uint8).tobytes()
        (folder / f"{split}-labels-idx1-ubyte").write_bytes(np.array([2049, size], ">i4").tobytes() + labels)
