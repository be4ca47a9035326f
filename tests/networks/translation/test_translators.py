"""Generators of images from images: every size, and the published layers."""

import itertools

import pytest
import torch
from torch import nn

from ganbench.networks.network import ImageShape
from ganbench.networks.translation.generators.resnet import ResNet
from ganbench.networks.translation.generators.unet import UNet
from ganbench.networks.translation.translator import TRANSLATORS, LastingDropout
from ganbench.params import RESOLUTIONS


@pytest.mark.parametrize("resolution", RESOLUTIONS)
@pytest.mark.parametrize("name", TRANSLATORS.entries())
def test_an_image_becomes_an_image_of_the_same_size(name: str, resolution: int) -> None:
    translator = TRANSLATORS.entries()[name](width=2)
    assert translator.objection(resolution) is None
    generator = translator.generator(ImageShape(1, resolution), ImageShape(3, resolution))
    images = generator(torch.rand(2, 1, resolution, resolution))
    assert images.shape == (2, 3, resolution, resolution)
    assert images.abs().max() <= 1


@pytest.mark.parametrize("name", TRANSLATORS.entries())
def test_odd_sizes_are_refused(name: str) -> None:
    assert "30" in (TRANSLATORS.entries()[name](width=2).objection(30) or "")


@pytest.mark.parametrize("name", TRANSLATORS.entries())
def test_every_weight_of_a_translator_learns(name: str) -> None:
    torch.manual_seed(0)
    generator = TRANSLATORS.entries()[name](width=4).generator(ImageShape(3, 16), ImageShape(3, 16))
    generator(torch.rand(4, 3, 16, 16)).square().sum().backward()
    assert [name for name, weight in generator.named_parameters() if not weight.grad.abs().sum() > 0] == []


def layers(module: nn.Module) -> list[tuple[int, int]]:
    """Channels into and out of each convolution, in order."""
    kinds = nn.Conv2d | nn.ConvTranspose2d
    return [(layer.in_channels, layer.out_channels) for layer in module.modules() if isinstance(layer, kinds)]


def test_the_u_net_at_256_pixels_is_the_published_one() -> None:
    """C64-C128-C256-C512-C512-C512-C512-C512, CD512-CD1024-CD1024-C1024-C1024-C512-C256-C128 after joining."""
    network = UNet().generator(ImageShape(3, 256), ImageShape(3, 256))
    down = [3, 64, 128, 256, 512, 512, 512, 512, 512]
    joined = [512, 1024, 1024, 1024, 1024, 512, 256, 128]
    made = [512, 512, 512, 512, 256, 128, 64, 3]
    assert layers(network.down) == list(itertools.pairwise(down))
    assert layers(network.up) == list(zip(joined, made, strict=True))
    noisy = [any(isinstance(part, LastingDropout) for part in level) for level in network.up]
    assert noisy == [True] * 3 + [False] * 5
    assert sum(weight.numel() for weight in network.parameters()) == pytest.approx(54.4e6, rel=0.01)


def test_the_residual_generator_is_the_published_one() -> None:
    """c7s1-64, d128, d256, six blocks of R256, u128, u64, c7s1-3: 7.8 million weights."""
    network = ResNet().generator(ImageShape(3, 128), ImageShape(3, 128))
    blocks = [(256, 256)] * 12
    assert layers(network) == [(3, 64), (64, 128), (128, 256), *blocks, (256, 128), (128, 64), (64, 3)]
    assert sum(weight.numel() for weight in network.parameters()) == pytest.approx(7.8e6, rel=0.01)


def test_levels_of_the_u_net_are_joined() -> None:
    """With the way through the deepest level cut off, the output still follows the input."""
    torch.manual_seed(0)
    network = UNet(width=4, dropout=0).generator(ImageShape(1, 16), ImageShape(1, 16))
    with torch.no_grad():
        network.up[0][1].weight.zero_()
        one, other = network(torch.rand(1, 1, 16, 16)), network(torch.rand(1, 1, 16, 16))
    assert (one - other).abs().max() > 1e-3


def test_the_noise_of_dropout_stays_when_the_network_is_used() -> None:
    torch.manual_seed(0)
    noisy = UNet(width=4).generator(ImageShape(1, 16), ImageShape(1, 16)).eval()
    quiet = UNet(width=4, dropout=0).generator(ImageShape(1, 16), ImageShape(1, 16)).eval()
    image = torch.rand(1, 1, 16, 16)
    with torch.no_grad():
        assert not torch.equal(noisy(image), noisy(image))
        assert torch.equal(quiet(image), quiet(image))


def test_lasting_dropout_keeps_the_mean() -> None:
    torch.manual_seed(0)
    dropped = LastingDropout(0.3).eval()(torch.ones(200_000))
    assert (dropped == 0).float().mean() == pytest.approx(0.3, abs=0.01)
    assert dropped.mean() == pytest.approx(1.0, abs=0.01)


@pytest.mark.parametrize("name", ["resnet", "unet"])
def test_an_image_does_not_depend_on_its_batch(name: str) -> None:
    """Instance norm looks at one image."""
    torch.manual_seed(0)
    options = {"dropout": 0} if name == "unet" else {}
    generator = TRANSLATORS.entries()[name](width=4, **options).generator(ImageShape(1, 16), ImageShape(1, 16))
    images = torch.rand(3, 1, 16, 16)
    with torch.no_grad():
        torch.testing.assert_close(generator(images)[:1], generator(images[:1]))
