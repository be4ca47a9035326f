"""Every network makes images of every size, and scores them."""

import pytest
import torch
from torch import nn

from ganbench.networks.dcgan import DCGAN
from ganbench.networks.mlp import MLP
from ganbench.networks.network import NETWORKS, ImageShape
from ganbench.params import RESOLUTIONS


def small(name: str) -> dict[str, int]:
    return {"width": 8}


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("resolution", RESOLUTIONS)
@pytest.mark.parametrize("name", NETWORKS.entries())
def test_players_fit_each_other(name: str, resolution: int, channels: int) -> None:
    network = NETWORKS.entries()[name](**small(name))
    shape = ImageShape(channels, resolution)
    assert network.objection(shape, per_sample=False) is None
    generator, discriminator = network.generator(shape), network.discriminator(shape, per_sample=False)
    images = generator(torch.randn(2, generator.latent_dim))
    assert images.shape == (2, channels, resolution, resolution)
    assert images.abs().max() <= 1
    assert discriminator(images).shape == (2,)


@pytest.mark.parametrize("name", NETWORKS.entries())
def test_every_weight_learns(name: str) -> None:
    network = NETWORKS.entries()[name](**small(name))
    shape = ImageShape(1, 16)
    generator, discriminator = network.generator(shape), network.discriminator(shape, per_sample=True)
    discriminator(generator(torch.randn(8, generator.latent_dim))).square().sum().backward()
    for player in (generator, discriminator):
        still = [key for key, weight in player.named_parameters() if weight.grad is None or not weight.grad.any()]
        assert not still


def norms(module: nn.Module) -> int:
    return sum(isinstance(part, nn.BatchNorm1d | nn.BatchNorm2d) for part in module.modules())


def test_auto_leaves_batch_norm_out_where_a_penalty_looks_at_single_samples() -> None:
    shape = ImageShape(1, 32)
    assert norms(DCGAN(width=8).discriminator(shape, per_sample=False)) == 2
    critic = DCGAN(width=8).discriminator(shape, per_sample=True).train()
    assert norms(critic) == 0
    images = torch.randn(6, 1, 32, 32)
    alone = torch.cat([critic(image[None]) for image in images])
    torch.testing.assert_close(critic(images), alone)


def test_batch_norm_that_was_asked_for_is_refused_under_such_a_penalty() -> None:
    for network in (DCGAN(discriminator_norm="batch"), MLP(discriminator_norm="batch")):
        assert network.objection(ImageShape(1, 16), per_sample=False) is None
        assert "batch" in (network.objection(ImageShape(1, 16), per_sample=True) or "")


def test_dcgan_has_the_published_widths() -> None:
    """Radford et al. 2016, figure 1: 1024 · 4 · 4 → 512 → 256 → 128 → 3 at 64 pixels (with width 128)."""
    convolutions = [
        part for part in DCGAN(width=128).generator(ImageShape(3, 64)).modules() if isinstance(part, nn.ConvTranspose2d)
    ]
    assert [part.in_channels for part in convolutions] == [100, 1024, 512, 256, 128]
    assert convolutions[-1].out_channels == 3


def test_dcgan_starts_from_narrow_normals() -> None:
    torch.manual_seed(0)
    weights = [part.weight for part in DCGAN().generator(ImageShape(1, 32)).modules() if isinstance(part, nn.Conv2d)]
    weights += [
        part.weight for part in DCGAN().discriminator(ImageShape(1, 32), False).modules() if isinstance(part, nn.Conv2d)
    ]
    for weight in weights:
        assert weight.mean().item() == pytest.approx(0, abs=0.004)
        assert weight.std().item() == pytest.approx(0.02, rel=0.1)


def test_dcgan_refuses_what_it_cannot_make() -> None:
    assert "24" in (DCGAN().objection(ImageShape(1, 24), per_sample=False) or "")
