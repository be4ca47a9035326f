"""Ours against a peer whose loop and networks are a few lines."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ganbench.bench.effort import QUICK
from ganbench.bench.mimicry import Contiguous
from ganbench.bench.page import read_results, text, write_page
from ganbench.bench.pytorch_gan import Shown, _dcgan_moves, _wgan_gp_moves, write_mnist
from ganbench.bench.rival import Rival
from ganbench.bench.tables import TABLES
from ganbench.bench.versus import COLUMNS, Workload, bench_peers
from ganbench.data.batches import Batch
from ganbench.games.game import Game
from ganbench.games.optimizers.adam import Adam
from ganbench.networks.network import ImageShape

CPU = torch.device("cpu")
SHAPE = ImageShape(1, 4)


def networks() -> tuple[nn.Module, nn.Module]:
    generator = nn.Sequential(nn.Linear(3, 16), nn.Unflatten(1, (1, 4, 4)), nn.Tanh())
    return generator, nn.Sequential(nn.Conv2d(1, 2, 3), nn.Flatten(), nn.Linear(8, 1), nn.Sigmoid())


class Small(Rival):
    """Its loop trains nothing: it takes the batch and scores it."""

    name = "a peer"

    def __init__(self) -> None:
        super().__init__(5, SHAPE, 1, Adam())
        self.generator, self.discriminator = networks()

    def play(self, batches: Iterator[Tensor]) -> None:
        self.discriminator(next(batches)).sum().backward()

    def loader(self) -> Iterator[Tensor]:
        while True:
            yield torch.randn(5, 1, 4, 4)

    def to_channels_last(self) -> None:
        super().to_channels_last()

    def game(self) -> Game:
        memory = Shown(5, SHAPE)
        players = nn.ModuleDict({"generator": self.generator, "discriminator": self.discriminator})
        return Game(
            players,
            _dcgan_moves(self.generator, self.discriminator, memory),
            lambda size, device: {"latent": torch.randn(size, 3, device=device)},
            average={},
            memory=memory,
        )


@pytest.fixture
def results() -> list[dict[str, object]]:
    return json.loads(json.dumps(bench_peers([Workload("small", Small, "0" * 40, "train.py")], CPU, QUICK)))


def test_every_column_has_a_ratio_and_the_flags_that_won(results: list[dict]) -> None:
    (result,) = results
    assert result["d_to_g"] == "1:1"
    assert set(result["columns"]) == set(COLUMNS)
    for column in result["columns"].values():
        assert column["ratio"]["min"] <= column["ratio"]["median"] <= column["ratio"]["max"]
    rates = {name: values["median"] for name, values in result["images_per_second"].items()}
    contiguous = rates["ours, contiguous, tensors ready"] > rates["ours, tensors ready"]
    assert result["columns"]["a"]["ours"] == f"fp32, {'contiguous' if contiguous else 'channels_last'}, eager"
    assert result["columns"]["end_to_end"]["peer"] == "fp32, as it comes"
    assert result["limit"]["gflop_per_image"] > result["peer_gflop_per_image"] > 0


def test_the_page_is_drawn_from_the_json_alone(results: list[dict], tmp_path: Path) -> None:
    machine = {
        "cpu": "a CPU", "cores": 2, "flags": ["avx2"], "gpu": None, "threads": 1, "load_before": 0.1,
        "environment": {}, "torch": "2", "python": "3", "commit": "abc",
    }  # fmt: skip
    record = {"machine": machine, "effort": {"rounds": 2}, "seconds": 3.0, "results": results}
    (tmp_path / "peers.json").write_text(json.dumps(record))
    page = tmp_path / "performance.md"
    write_page(tmp_path, page)
    assert page.read_text(encoding="utf-8") == text(read_results(tmp_path), page)
    assert all(draw(results) in page.read_text(encoding="utf-8") for draw in TABLES["peers"])
    assert {path.name for path in tmp_path.glob("*.png")} == {"performance-peers.png", "performance-shares.png"}


def test_the_dcgans_losses_are_cross_entropies_on_the_images_of_the_generators_move() -> None:
    generator, discriminator = networks()
    shown = Shown(5, SHAPE)
    second, first = reversed(_dcgan_moves(generator, discriminator, shown))
    batch = Batch(torch.randn(5, 1, 4, 4), torch.zeros(5, dtype=torch.int64))
    noise = {"latent": torch.randn(5, 3)}
    ones = torch.ones(5, 1)
    assert first.trains == ("generator",)
    expected = F.binary_cross_entropy(discriminator(generator(noise["latent"])), ones)
    assert first.loss(batch, noise)["generator"].item() == pytest.approx(expected.item())
    torch.testing.assert_close(shown.images, generator(noise["latent"]).detach())
    real = F.binary_cross_entropy(discriminator(batch.images), ones)
    fake = F.binary_cross_entropy(discriminator(shown.images), 1 - ones)
    assert second.loss(batch, {})["discriminator"].item() == pytest.approx(((real + fake) / 2).item())


def test_the_wgans_critic_pays_for_its_slope() -> None:
    generator, _ = networks()
    critic = nn.Sequential(nn.Flatten(), nn.Linear(16, 1, bias=False))
    critic_move, generator_move = _wgan_gp_moves(generator, critic, steps=5)
    assert critic_move.repeats == 5
    losses = critic_move.loss(Batch(torch.randn(5, 1, 4, 4), torch.zeros(5)), {"latent": torch.randn(5, 3)})
    slope = torch.linalg.vector_norm(critic[1].weight)
    penalty = losses["discriminator_total"] - losses["discriminator"]
    assert penalty.item() == pytest.approx(10 * (slope.item() - 1) ** 2, rel=1e-4)
    assert not generator_move.counts


def test_weights_that_must_stay_contiguous_do() -> None:
    network = Contiguous(nn.Conv2d(4, 8, 3))
    nn.ModuleDict({"discriminator": network}).to(memory_format=torch.channels_last)
    assert all(weight.is_contiguous() for weight in network.parameters())


def test_the_fabricated_files_are_read_by_torchvision_as_mnist(tmp_path: Path) -> None:
    from torchvision.datasets import MNIST

    write_mnist(tmp_path / "MNIST/raw", count=20)
    data = MNIST(str(tmp_path), train=True, download=True)
    assert len(data) == 20
    assert np.asarray(data[0][0]).shape == (28, 28)
