"""kwotsin/mimicry: a trainer that calls train_step of both networks."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, MethodType, SimpleNamespace
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader
from torchvision import transforms
from torchvision.datasets import CIFAR10

from ganbench.bench.checkout import Checkout, import_from
from ganbench.bench.rival import Rival
from ganbench.data.batches import Batch
from ganbench.errors import BenchError
from ganbench.games.game import Game, Losses, Move, Noise
from ganbench.games.optimizers.adam import Adam
from ganbench.networks.network import ImageShape
from ganbench.objectives.objective import OBJECTIVES
from ganbench.params import Choice

NAME, COMMIT = "kwotsin/mimicry", "a7fda06"
TRAINER = "torch_mimicry/training/trainer.py"
FILES = [TRAINER, "torch_mimicry/nets", "torch_mimicry/modules"]
IMAGES = 50_000
"""In CIFAR-10's training split."""
WORKERS = 4
"""Of its loader, as in its example."""


def open_checkout(root: Path) -> Checkout:
    """The peer at the commit that results name."""
    return Checkout.open(root, "--peer-mimicry", NAME, COMMIT, FILES)


class Mimicry(Rival):
    """Its SNGAN at 32 pixels, one discriminator step a generator step, in the body of its trainer's loop.

    The body runs up to where it counts the step: what it prints and sends to TensorBoard is left out. Its loader is the
    one of its example, on CIFAR-10 as torchvision reads it, with noise for pixels.

    Args:
        root: of the checkout.
        batch: images in a batch.
        device: where to train.
    """

    name: ClassVar[str] = "mimicry"

    def __init__(self, root: Path, batch: int, device: torch.device) -> None:
        super().__init__(batch, ImageShape(3, 32), 1, Adam(lr=2e-4, betas=(0.0, 0.9)))
        hollow = ("torch_mimicry", "torch_mimicry.training")
        nets = import_from(root, "torch_mimicry.nets.sngan.sngan_32", hollow)
        self.generator: nn.Module = nets.SNGANGenerator32().to(device)
        self.discriminator: nn.Module = nets.SNGANDiscriminator32().to(device)
        fetch, self._body = _loop(root / TRAINER)
        names: dict[str, Any] = {}
        exec(fetch, names)
        adam = {"lr": 2e-4, "betas": (0.0, 0.9)}
        trainer = SimpleNamespace(
            netG=self.generator,
            netD=self.discriminator,
            optG=torch.optim.Adam(self.generator.parameters(), **adam),  # type: ignore[arg-type]
            optD=torch.optim.Adam(self.discriminator.parameters(), **adam),  # type: ignore[arg-type]
            n_dis=1,
            device=device,
        )
        trainer._fetch_data = MethodType(names["_fetch_data"], trainer)
        metric_log = import_from(root, "torch_mimicry.training.metric_log", hollow)
        self._names: dict[str, Any] = {"self": trainer, "metric_log": metric_log, "global_step": 0}
        self._labels = torch.zeros(batch, dtype=torch.int64, device=device)

    def play(self, batches: Iterator[Tensor]) -> None:  # noqa: D102
        self._names["iter_dataloader"] = ((images, self._labels) for images in batches)
        exec(self._body, self._names)

    def loader(self) -> Iterator[Tensor]:  # noqa: D102
        loader: DataLoader[Any] = DataLoader(_noise_like_cifar10(), self.batch, shuffle=True, num_workers=WORKERS)
        while True:
            for images, _ in loader:
                if len(images) == self.batch:
                    yield images

    def to_channels_last(self) -> None:
        """The generator alone: the discriminator views its weights as matrices, which only contiguous ones allow."""
        super().to_channels_last()
        self.generator.to(memory_format=torch.channels_last)

    def game(self) -> Game:  # noqa: D102
        generator, discriminator = self.generator, Contiguous(self.discriminator)
        latents = int(generator.nz)  # type: ignore[arg-type]
        objective = OBJECTIVES.build(Choice(name="hinge"), "objective")

        def score(images: Tensor) -> Tensor:
            scores: Tensor = discriminator(images)
            return scores.float().flatten()

        def discriminator_loss(batch: Batch, noise: Noise) -> Losses:
            with torch.no_grad():
                fake = generator(noise["latent"])
            return {"discriminator": objective.discriminator(score(batch.images), score(fake))}

        def generator_loss(batch: Batch, noise: Noise) -> Losses:  # noqa: ARG001
            return {"generator": objective.generator(score(generator(noise["latent"])))}

        def noise(size: int, device: torch.device) -> Noise:
            return {"latent": torch.randn(size, latents, device=device)}

        moves = (Move(("discriminator",), discriminator_loss), Move(("generator",), generator_loss, counts=False))
        return Game(nn.ModuleDict({"generator": generator, "discriminator": discriminator}), moves, noise, average={})


class Contiguous(nn.Module):
    """A network whose weights stay contiguous wherever it goes: it views them as matrices."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, images: Tensor) -> Tensor:
        """The network's output."""
        out: Tensor = self.network(images)
        return out

    def _apply(self, fn: Any, recurse: bool = True) -> Any:
        super()._apply(fn, recurse)  # type: ignore[no-untyped-call]
        for weight in self.parameters():
            weight.data = weight.data.contiguous()
        return self


def _noise_like_cifar10() -> CIFAR10:
    """Torchvision's CIFAR10 without its download: every item goes through its own code."""
    data = CIFAR10.__new__(CIFAR10)
    data.data = np.random.default_rng(0).integers(0, 256, (IMAGES, 32, 32, 3), dtype=np.uint8)
    data.targets = [0] * IMAGES
    data.transform = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5,), (0.5,))])
    data.target_transform = None
    return data


def _loop(path: Path) -> tuple[CodeType, CodeType]:
    """The definition of ``_fetch_data``, and the body of the loop of ``train`` up to where it counts the step."""
    functions = {
        node.name: node
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef)
    }
    try:
        loop = next(node for node in ast.walk(functions["train"]) if isinstance(node, ast.While))
        end = next(index for index, node in enumerate(loop.body) if isinstance(node, ast.AugAssign))
        fetch = ast.Module([functions["_fetch_data"]], type_ignores=[])
    except (KeyError, StopIteration):
        raise BenchError(f"{path}: no loop that counts its steps; expected mimicry's trainer") from None
    body = ast.Module(loop.body[:end], type_ignores=[])
    return compile(fetch, str(path), "exec"), compile(body, str(path), "exec")
