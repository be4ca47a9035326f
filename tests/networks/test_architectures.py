"""The published architectures: widths, numbers of parameters, receptive fields, and how they begin."""

import itertools
import math

import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d, conv2d, conv_transpose2d

from ganbench.networks.blocks import Blocks
from ganbench.networks.dcgan import DCGAN
from ganbench.networks.maxout import Maxout, MaxoutLayer
from ganbench.networks.mlp import MLP
from ganbench.networks.network import ImageShape, Network, PointShape, Shape
from ganbench.networks.r3gan import GAIN, R3GAN, Block, Double, Half
from ganbench.networks.resnet import Down, ResNet, Up


def sizes(network: Network, shape: Shape) -> tuple[int, int]:
    """Parameters of the generator and of the discriminator."""
    players = network.generator(shape), network.discriminator(shape, per_sample=False)
    return tuple(sum(weight.numel() for weight in player.parameters()) for player in players)


def test_sngan_has_the_published_size_on_cifar10() -> None:
    """Miyato et al. 2018, table 4: 4.28 and 1.05 million."""
    assert sizes(ResNet(), ImageShape(3, 32)) == (4_276_739, 1_053_825)


def test_wgan_gp_has_the_published_width_on_cifar10() -> None:
    """Gulrajani et al. 2017, appendix G: 1.2 and 1.1 million."""
    shape = ImageShape(3, 32)
    assert sizes(ResNet(generator_width=128, pooling="mean"), shape) == (1_204_483, 1_053_825)


def test_r3gan_has_the_published_size_on_ffhq() -> None:
    """Huang et al. 2024, table 1, config E at 256 pixels: 23 million each; 96 groups at the widest."""
    shape = ImageShape(3, 256)
    generator, discriminator = sizes(R3GAN(), shape)
    assert (generator, discriminator) == (23_057_952, 23_009_568)
    assert R3GAN().widths(shape) == [768, 768, 768, 768, 384, 192, 96]
    groups = [part.groups for part in Block(768, 2 * 768, 16, total=14).modules() if isinstance(part, nn.Conv2d)]
    assert groups == [1, 96, 1]


def test_dcgan_has_the_published_size_at_64_pixels() -> None:
    """Radford et al. 2016, figure 1, width 128: (in · out · 16) a convolution, twice the widths for batch norm."""
    wide = [1024, 512, 256, 128, 3]
    up = 100 * wide[0] * 16 + sum(a * b * 16 for a, b in itertools.pairwise(wide))
    generator = up + 2 * sum(wide[:-1]) + 3
    down = 3 * 128 * 16 + 128 + sum(a * b * 16 for a, b in [(128, 256), (256, 512), (512, 1024), (1024, 1)])
    discriminator = down + 2 * (256 + 512 + 1024) + 1
    assert sizes(DCGAN(width=128), ImageShape(3, 64)) == (generator, discriminator)


def test_dcgan_has_the_published_widths() -> None:
    """Radford et al. 2016, figure 1: 1024 · 4 · 4 → 512 → 256 → 128 → 3 at 64 pixels (with width 128)."""
    generator = DCGAN(width=128).generator(ImageShape(3, 64))
    convolutions = [part for part in generator.modules() if isinstance(part, nn.ConvTranspose2d)]
    assert [part.in_channels for part in convolutions] == [100, 1024, 512, 256, 128]
    assert convolutions[-1].out_channels == 3


def test_maxout_has_the_published_layers_on_the_toys() -> None:
    """Lin et al. 2018: 2 → 4 × 400 → 2 with batch norm in the place of biases; 2 → 3 × 200 units of 5 pieces → 1."""
    generator = 2 * 400 + 3 * 400**2 + 4 * 2 * 400 + 400 * 2 + 2
    discriminator = (2 + 1) * 1000 + 2 * (200 + 1) * 1000 + 200 + 1
    assert sizes(Maxout(), PointShape(2)) == (generator, discriminator)
    packed = sizes(Maxout(), PointShape(2).packed(4))[1]
    assert packed - discriminator == 6 * 1000, "packing widens the first layer alone"


def test_blocks_are_the_classical_example_at_64_pixels() -> None:
    shape = ImageShape(3, 64)
    assert Blocks().widths(shape) == [16, 32, 64, 128]
    pairs = [(3, 16), (16, 16), (16, 32), (32, 32), (32, 64), (64, 64), (64, 128), (128, 128)]
    encoder = sum(25 * a * b + 2 * b for a, b in pairs) + 129
    ups = [(128, 64), (64, 32), (32, 16), (16, 16)]
    decoder = 100 * 2048 + 2 * 2048 + sum(25 * a * b + 2 * b for a, b in ups) + 25 * 16 * 3 + 3
    assert sizes(Blocks(), shape) == (decoder, encoder)


def seen(layers: nn.Module, image: Tensor) -> tuple[int, int]:
    """Height and width of what one unit in the middle of the maps sees of the image."""
    image = image.requires_grad_()
    maps = layers(image)
    maps[0, :, maps.shape[2] // 2, maps.shape[3] // 2].sum().backward()
    rows, columns = torch.nonzero(image.grad[0].abs().sum(0), as_tuple=True)
    return int(rows.max() - rows.min()) + 1, int(columns.max() - columns.min()) + 1


@pytest.mark.parametrize(("layers", "extent"), [(1, 4), (2, 10), (3, 22)])
def test_a_dcgan_discriminators_unit_sees_so_far(layers: int, extent: int) -> None:
    """r₁ = 4, then r ← r + 3 · 2ˡ."""
    torch.manual_seed(0)
    features = DCGAN(width=4).discriminator(ImageShape(1, 64), per_sample=True).features
    assert seen(features[: 2 * layers], torch.randn(1, 1, 64, 64)) == (extent, extent)


def test_a_block_of_two_convolutions_of_5_sees_9_pixels() -> None:
    torch.manual_seed(0)
    features = Blocks(capacity=4).discriminator(ImageShape(1, 64), per_sample=True).features
    assert seen(features[:4], torch.randn(1, 1, 64, 64)) == (9, 9)


@pytest.mark.parametrize("size", [3, 5, 7])
def test_blocks_take_any_odd_filter(size: int) -> None:
    network, shape = Blocks(capacity=2, filter=size), ImageShape(1, 32)
    assert network.objection(shape, per_sample=False) is None
    assert "odd" in (Blocks(filter=size - 1).objection(shape, per_sample=False) or "")
    images = network.generator(shape)(torch.randn(3, 100))
    assert images.shape == (3, 1, 32, 32)
    assert network.discriminator(shape, per_sample=True)(images).shape == (3,)


def test_dcgan_starts_from_narrow_normals() -> None:
    torch.manual_seed(0)
    players = DCGAN().generator(ImageShape(1, 32)), DCGAN().discriminator(ImageShape(1, 32), False)
    kinds = nn.Conv2d | nn.ConvTranspose2d | nn.Linear
    weights = [part.weight for player in players for part in player.modules() if isinstance(part, kinds)]
    assert len(weights) == 8
    for weight in weights:
        assert weight.mean().item() == pytest.approx(0, abs=0.004)
        assert weight.std().item() == pytest.approx(0.02, rel=0.1)


def test_maxout_starts_from_narrow_normals() -> None:
    torch.manual_seed(0)
    layer = Maxout().discriminator(PointShape(2), per_sample=False).features[1]
    assert layer.affine.weight.std().item() == pytest.approx(0.02, rel=0.1)
    assert not layer.affine.bias.any()


def test_residual_networks_start_from_glorots_uniform() -> None:
    torch.manual_seed(0)
    block = Down(64)
    network = ResNet(width=64).discriminator(ImageShape(1, 32), per_sample=False)
    block = next(part for part in network.features if type(part) is Down)
    for layer, gain in ((block.conv1, math.sqrt(2)), (block.shortcut, 1.0)):
        fans = layer.weight[0].numel() + layer.weight[:, 0].numel()
        assert layer.weight.abs().max().item() == pytest.approx(gain * math.sqrt(6 / fans), rel=0.02)
        assert not layer.bias.any()


def test_blocks_of_r3gan_begin_as_the_identity() -> None:
    """Fix-up: the last convolution is 0, the others have standard deviation gain · L^(−1/4) / √fan-in for L blocks."""
    torch.manual_seed(0)
    block, maps = Block(64, 128, 16, total=8), torch.randn(2, 64, 8, 8)
    assert torch.equal(block(maps), maps)
    for layer in (block.layers[0], block.layers[2]):
        expected = GAIN * 8 ** (-1 / 4) / math.sqrt(layer.weight[0].numel())
        assert layer.weight.std().item() == pytest.approx(expected, rel=0.05)


def test_a_fresh_r3gan_keeps_the_scale_of_its_signals() -> None:
    torch.manual_seed(0)
    network, shape = R3GAN(width=16, blocks=1), ImageShape(3, 32)
    images = network.generator(shape)(torch.randn(32, network.latent))
    assert 0.3 < images.std() < 2
    assert 0.1 < network.discriminator(shape, per_sample=True)(images).std() < 3


def test_resampling_is_bilinear() -> None:
    """Weights ¼ ½ ¼ along each axis; doubling is four times the adjoint of halving."""
    small, large = torch.randn(2, 3, 5, 5, dtype=torch.float64), torch.randn(2, 3, 10, 10, dtype=torch.float64)
    line = torch.tensor([0.25, 0.5, 0.25], dtype=torch.float64)
    tent = (line[:, None] * line).expand(3, 1, 3, 3)
    torch.testing.assert_close(Half()(large), conv2d(large, tent, stride=2, padding=1, groups=3))
    torch.testing.assert_close(Double()(small), conv_transpose2d(small, 4 * tent, None, 2, 1, 1, groups=3))
    torch.testing.assert_close((Double()(small) * large).sum(), 4 * (small * Half()(large)).sum())


def test_shortcuts_give_what_the_published_order_gives() -> None:
    """Pooling and nearest doubling commute with a 1 × 1 convolution; ours takes the cheaper order."""
    torch.manual_seed(0)
    maps, down, up = torch.randn(2, 8, 8, 8), Down(8), Up(8)
    torch.testing.assert_close(down(maps) - avg_pool2d(down.inner(maps), 2), avg_pool2d(down.shortcut(maps), 2))
    doubled = maps.repeat_interleave(2, 2).repeat_interleave(2, 3)
    torch.testing.assert_close(up.shortcut(doubled), up.shortcut(maps).repeat_interleave(2, 2).repeat_interleave(2, 3))


def test_pooling_by_sum_and_mean_differ_by_the_number_of_places() -> None:
    scores = []
    for pooling in ("sum", "mean"):
        torch.manual_seed(0)
        discriminator = ResNet(width=4, pooling=pooling).discriminator(ImageShape(1, 32), per_sample=False)
        scores.append(discriminator.features(torch.randn(3, 1, 32, 32, generator=torch.Generator().manual_seed(0))))
    torch.testing.assert_close(scores[0], 64 * scores[1])


def test_a_maxout_unit_is_the_largest_of_its_pieces() -> None:
    torch.manual_seed(0)
    layer, values = MaxoutLayer(3, 4, pieces=5), torch.randn(6, 3)
    found = layer(values)
    for unit in range(4):
        pieces = [values @ layer.affine.weight[p * 4 + unit] + layer.affine.bias[p * 4 + unit] for p in range(5)]
        torch.testing.assert_close(found[:, unit], torch.stack(pieces).amax(0))


def test_the_mlp_has_no_batch_norm_where_none_is_wanted() -> None:
    generator = MLP(generator_norm="none").generator(PointShape(2))
    assert not [part for part in generator.modules() if isinstance(part, nn.BatchNorm1d)]
    assert all(part.bias is not None for part in generator.modules() if isinstance(part, nn.Linear))


@pytest.mark.parametrize("options", [{"width": 24, "group": 32}, {"width": 4}])
def test_r3gan_refuses_widths_that_its_groups_do_not_divide(options: dict[str, int]) -> None:
    assert R3GAN(**options).objection(ImageShape(1, 256), per_sample=False) is not None
