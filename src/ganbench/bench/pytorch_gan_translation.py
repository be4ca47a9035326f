"""eriklindernoren/PyTorch-GAN: its scripts that make images from images."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional as F

from ganbench.bench.ours import noise_stream
from ganbench.bench.rival import Rival
from ganbench.bench.script import Script
from ganbench.data.batches import Batch, Stream
from ganbench.errors import BenchError
from ganbench.games.game import Game, Losses, Move, Noise
from ganbench.games.optimizers.adam import Adam
from ganbench.games.translation.four import DISCRIMINATORS, GENERATORS, both, four
from ganbench.games.translation.game import l1, no_noise
from ganbench.games.translation.memory import Pool, Shown
from ganbench.networks.network import ImageShape

SCRIPTS = {"pix2pix": "implementations/pix2pix/pix2pix.py", "cyclegan": "implementations/cyclegan/cyclegan.py"}
FILES = (
    *SCRIPTS.values(),
    *(f"implementations/pix2pix/{name}.py" for name in ("models", "datasets")),
    *(f"implementations/cyclegan/{name}.py" for name in ("models", "datasets", "utils")),
)
SIDES = {"pix2pix": (256,), "cyclegan": (64, 128)}
"""Pixels on a side. Its U-Net halves an image eight times, whatever its size: it takes none below 256."""
L1_WEIGHT = 100
POOL = 50
IMAGES = 32
SIZE = 256
"""Of the pictures that its loader reads, in pixels: those of the data sets that the scripts name."""


class PyTorchGANTranslation(Rival):
    """One of its scripts, in a folder of its own where pictures of noise lie.

    Its loader decodes, resizes and normalises a picture at a time, in this process: workers of its own would take the
    cores from whoever trains.

    Args:
        path: the script.
        game: ``pix2pix`` or ``cyclegan``.
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
        write_pictures(folder / "data" / game, game)
        options: dict[str, object] = {
            "dataset_name": game,
            "img_height": resolution,
            "img_width": resolution,
            "batch_size": batch,
        }
        options |= {"n_cpu": 0, "sample_interval": 10**9}
        arguments = [part for name, value in options.items() for part in (f"--{name}", str(value))]
        self._script = Script(path, arguments, place)
        self._game = game
        read = self.names["opt"]
        optimizer = Adam(lr=read.lr, betas=(read.b1, read.b2))
        super().__init__(batch, ImageShape(read.channels, resolution), 1, optimizer)

    @property
    def names(self) -> dict[str, Any]:
        """The script's global names."""
        return self._script.names

    def play(self, batches: Iterator[dict[str, Tensor]]) -> None:  # type: ignore[override]  # noqa: D102
        self._script.play(({"batch": batch} for batch in batches), self.steps)

    def loader(self) -> Iterator[dict[str, Tensor]]:  # type: ignore[override]  # noqa: D102
        while True:
            batches = iter(self.names["dataloader"])
            while batch := self._script.following(batches):
                if len(batch["A"]) == self.batch:
                    yield batch

    def placed(self, batch: dict[str, Tensor], device: torch.device | None = None) -> dict[str, Tensor]:  # type: ignore[override]  # noqa: D102
        return {name: images.to(device, memory_format=self._layout) for name, images in batch.items()}

    def to_channels_last(self) -> None:  # noqa: D102
        super().to_channels_last()
        for player in self._players():
            player.to(memory_format=torch.channels_last)

    def stream(self, device: torch.device) -> Stream:  # noqa: D102
        return TwoNoises(self.shape, self.batch, device)

    def game(self) -> Game:  # noqa: D102
        players = self._players()
        if self._game == "pix2pix":
            generator, discriminator = players
            return _pix2pix(generator, discriminator, Shown(self.batch, self.shape))
        options = self.names["opt"]
        return _cyclegan(players, self.shape, self.batch, options.lambda_cyc, options.lambda_id)

    def _players(self) -> list[nn.Module]:
        names = ("generator", "discriminator") if self._game == "pix2pix" else ("G_AB", "G_BA", "D_A", "D_B")
        return [self.names[name] for name in names]


class TwoNoises(Stream):
    """Our own loader on uint8 noise in two domains."""

    def __init__(self, shape: ImageShape, batch: int, device: torch.device) -> None:
        self._a, self._b = noise_stream(shape, batch, device, 256), noise_stream(shape, batch, device, 256)
        self.position = 0

    def next(self) -> Batch:
        """A batch of both."""
        one, other = self._a.next(), self._b.next()
        self.position = self._a.position
        return Batch(one.images, one.labels, targets=other.images)


def _towards(scores: Tensor, target: float) -> Tensor:
    """Its least squares, a float32 scalar."""
    return F.mse_loss(scores.float(), torch.full_like(scores, target, dtype=torch.float))


def _pix2pix(generator: nn.Module, discriminator: nn.Module, shown: Shown) -> Game:
    """Least squares and L1 with the weight 100, as in the script; the generator moves first."""

    def generator_loss(batch: Batch, noise: Noise) -> Losses:  # noqa: ARG001
        fake = generator(batch.images)
        shown.keep(fake)
        loss, near = _towards(discriminator(fake, batch.images), 1.0), l1(fake, batch.targets)
        return {"generator_total": loss + L1_WEIGHT * near, "generator": loss, "l1": near}

    def discriminator_loss(batch: Batch, noise: Noise) -> Losses:  # noqa: ARG001
        real = _towards(discriminator(batch.targets, batch.images), 1.0)
        return {"discriminator": 0.5 * (real + _towards(discriminator(shown.images, batch.images), 0.0))}

    return Game(
        players=nn.ModuleDict({"generator_ab": generator, "discriminator_b": discriminator}),
        round=(
            Move(("generator_ab",), generator_loss),
            Move(("discriminator_b",), discriminator_loss, counts=False),
        ),
        noise=no_noise,
        average={},
        memory=shown,
    )


def _cyclegan(players: list[nn.Module], shape: ImageShape, batch_size: int, cycle: float, identity: float) -> Game:
    """Its sums of halves; discriminators judge a pool of 50, as there."""
    ab, ba, critic_a, critic_b = players
    shown_a, shown_b = Shown(batch_size, shape), Shown(batch_size, shape)
    pool_a, pool_b = Pool(POOL, shape), Pool(POOL, shape)

    def generator_loss(batch: Batch, noise: Noise) -> Losses:  # noqa: ARG001
        a, b = batch.images, batch.targets
        same = (l1(ba(a), a) + l1(ab(b), b)) / 2
        fake_b, fake_a = ab(a), ba(b)
        shown_a.keep(fake_a)
        shown_b.keep(fake_b)
        loss = (_towards(critic_b(fake_b), 1.0) + _towards(critic_a(fake_a), 1.0)) / 2
        back = (l1(ba(fake_b), a) + l1(ab(fake_a), b)) / 2
        return {"generator_total": loss + cycle * back + identity * same, "generator": loss, "cycle": back}

    def scored(critic: nn.Module, real: Tensor, pool: Pool, shown: Shown) -> Losses:
        return {"loss": (_towards(critic(real), 1.0) + _towards(critic(pool.exchange(shown.images)), 0.0)) / 2}

    def discriminator_loss(batch: Batch, noise: Noise) -> Losses:  # noqa: ARG001
        return both(scored(critic_a, batch.images, pool_a, shown_a), scored(critic_b, batch.targets, pool_b, shown_b))

    return Game(
        players=four(ab, ba, critic_a, critic_b),
        round=(Move(GENERATORS, generator_loss), Move(DISCRIMINATORS, discriminator_loss, counts=False)),
        noise=no_noise,
        average={},
        memory=nn.ModuleDict({"shown_a": shown_a, "shown_b": shown_b, "pool_a": pool_a, "pool_b": pool_b}),
    )


def write_pictures(folder: Path, game: str, count: int = IMAGES) -> None:
    """JPEG files of noise in the layout that a script reads; no network is faster for what they show."""
    rng = np.random.default_rng(0)
    splits = ("train", "val") if game == "pix2pix" else ("train/A", "train/B", "test/A", "test/B")
    width = 2 * SIZE if game == "pix2pix" else SIZE
    for split in splits:
        (folder / split).mkdir(parents=True, exist_ok=True)
        for number in range(count):
            path = folder / split / f"{number:04d}.jpg"
            if not path.exists():
                Image.fromarray(rng.integers(0, 256, (SIZE, width, 3), dtype=np.uint8)).save(path)
