"""Every network makes samples of every size, and scores them."""

import pytest
import torch
from torch import nn

from ganbench.networks.blocks import Blocks
from ganbench.networks.dcgan import DCGAN
from ganbench.networks.mlp import MLP
from ganbench.networks.network import NETWORKS, ImageShape, Network, PointShape, pack
from ganbench.params import RESOLUTIONS

POINTS = ("maxout", "mlp")
UNBOUNDED = ("r3gan",)


def small(name: str) -> Network:
    return NETWORKS.entries()[name](**{"capacity" if name == "blocks" else "width": 4})


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("resolution", RESOLUTIONS)
@pytest.mark.parametrize("name", NETWORKS.entries())
def test_players_fit_each_other(name: str, resolution: int, channels: int) -> None:
    network, shape = small(name), ImageShape(channels, resolution)
    if name in UNBOUNDED and resolution > 64:
        network = NETWORKS.entries()[name](width=16)  # it halves from 64 pixels on
    assert network.objection(shape, per_sample=False) is None
    generator, discriminator = network.generator(shape), network.discriminator(shape, per_sample=False)
    images = generator(torch.randn(2, generator.latent_dim))
    assert images.shape == (2, channels, resolution, resolution)
    assert images.abs().max() <= 1 or name in UNBOUNDED
    assert discriminator(images).shape == (2,)


@pytest.mark.parametrize("dim", [1, 2])
@pytest.mark.parametrize("name", POINTS)
def test_fully_connected_networks_make_points_of_any_value(name: str, dim: int) -> None:
    network, shape = small(name), PointShape(dim)
    assert network.objection(shape, per_sample=True) is None
    generator, discriminator = network.generator(shape), network.discriminator(shape, per_sample=True)
    points = generator(1e4 * torch.randn(64, generator.latent_dim))
    assert points.shape == (64, dim)
    for parameter in generator.parameters():
        parameter.data.mul_(1e3)
    assert generator(torch.randn(64, generator.latent_dim)).abs().max() > 1
    assert discriminator(points).shape == (64,)


@pytest.mark.parametrize("name", sorted({*NETWORKS.entries()} - {*POINTS}))
def test_convolutions_refuse_points_and_odd_sizes(name: str) -> None:
    assert "not points" in (small(name).objection(PointShape(2), per_sample=False) or "")
    assert "24" in (small(name).objection(ImageShape(1, 24), per_sample=False) or "")


@pytest.mark.parametrize("name", NETWORKS.entries())
def test_every_weight_learns(name: str) -> None:
    torch.manual_seed(0)
    network, shape = small(name), ImageShape(1, 16)
    generator, discriminator = network.generator(shape), network.discriminator(shape, per_sample=True)
    for player in (generator, discriminator):
        for weight in player.parameters():  # some begin at 0, so that nothing behind them learns in the first step
            weight.data.add_(0.1 * torch.randn_like(weight))
    discriminator(generator(torch.randn(8, generator.latent_dim))).square().sum().backward()
    for player in (generator, discriminator):
        still = [key for key, weight in player.named_parameters() if weight.grad is None or not weight.grad.any()]
        assert not still


@pytest.mark.parametrize("name", NETWORKS.entries())
def test_a_score_is_the_head_of_the_features(name: str) -> None:
    discriminator = small(name).discriminator(ImageShape(3, 16), per_sample=True).eval()
    images = torch.randn(5, 3, 16, 16)
    features = discriminator.features(images)
    assert features.shape == (5, discriminator.head.in_features)
    torch.testing.assert_close(discriminator(images), discriminator.head(features)[:, 0])


@pytest.mark.parametrize("name", NETWORKS.entries())
def test_nothing_mixes_the_batch_where_a_penalty_looks_at_single_samples(name: str) -> None:
    torch.manual_seed(0)
    discriminator = small(name).discriminator(ImageShape(1, 32), per_sample=True).train()
    for part in discriminator.modules():
        if isinstance(part, nn.Dropout):
            part.eval()
    images = torch.randn(4, 1, 32, 32)
    alone = torch.cat([discriminator(image[None]) for image in images])
    torch.testing.assert_close(discriminator(images), alone, rtol=1e-4, atol=1e-5)


def norms(module: nn.Module) -> int:
    return sum(isinstance(part, nn.BatchNorm1d | nn.BatchNorm2d) for part in module.modules())


def test_auto_leaves_batch_norm_out_where_a_penalty_looks_at_single_samples() -> None:
    shape = ImageShape(1, 32)
    for network, there in ((DCGAN(width=8), 2), (Blocks(capacity=4), 6)):
        assert norms(network.discriminator(shape, per_sample=False)) == there
        assert norms(network.discriminator(shape, per_sample=True)) == 0


def test_batch_norm_that_was_asked_for_is_refused_under_such_a_penalty() -> None:
    for network in (
        DCGAN(discriminator_norm="batch"),
        MLP(discriminator_norm="batch"),
        Blocks(discriminator_norm="batch"),
    ):
        assert network.objection(ImageShape(1, 16), per_sample=False) is None
        assert "batch" in (network.objection(ImageShape(1, 16), per_sample=True) or "")


def test_a_pack_is_neighbours_joined_along_the_channels() -> None:
    images = torch.arange(6 * 3 * 2 * 2).view(6, 3, 2, 2)
    packs = pack(images, 2)
    assert packs.shape == (3, 6, 2, 2)
    assert torch.equal(packs[1], torch.cat([images[2], images[3]]))
    points = torch.randn(6, 2)
    assert torch.equal(pack(points, 3)[1], points[3:6].flatten())
    assert pack(points, 1) is points
    assert ImageShape(3, 16).packed(2) == ImageShape(6, 16)
    assert PointShape(2).packed(3) == PointShape(6)
