"""The peer's translations as games of ours: its losses, by hand."""

from pathlib import Path

import torch
from PIL import Image
from torch import Tensor, nn
from torch.nn.functional import l1_loss

from ganbench.bench.pytorch_gan_translation import _cyclegan, _pix2pix, write_pictures
from ganbench.data.batches import Batch
from ganbench.games.translation.memory import Shown
from ganbench.networks.network import ImageShape

SHAPE = ImageShape(3, 8)


def layer(channels: int) -> nn.Module:
    return nn.Conv2d(3, channels, 3, padding=1)


class Beside(nn.Module):
    """A discriminator of two images."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Conv2d(6, 1, 3)

    def forward(self, one: Tensor, other: Tensor) -> Tensor:
        scores: Tensor = self.layer(torch.cat([one, other], 1))
        return scores


def batch() -> Batch:
    return Batch(torch.rand(2, 3, 8, 8), torch.full((2,), -1), targets=torch.rand(2, 3, 8, 8))


def towards(scores: Tensor, target: float) -> Tensor:
    return (scores - target).square().mean()


def test_its_pix2pix() -> None:
    torch.manual_seed(0)
    generator, discriminator, shown = layer(3), Beside(), batch()
    first, second = _pix2pix(generator, discriminator, Shown(2, SHAPE)).round
    fake = generator(shown.images)
    loss = towards(discriminator(fake, shown.images), 1)
    torch.testing.assert_close(
        first.loss(shown, {})["generator_total"], loss + 100 * l1_loss(fake, shown.targets), rtol=1e-5, atol=1e-6
    )
    real = towards(discriminator(shown.targets, shown.images), 1)
    expected = 0.5 * (real + towards(discriminator(fake, shown.images), 0))
    torch.testing.assert_close(second.loss(shown, {})["discriminator"], expected)


def test_its_cyclegan() -> None:
    torch.manual_seed(0)
    ab, ba, d_a, d_b = players = [layer(3), layer(3), layer(1), layer(1)]
    shown = batch()
    a, b = shown.images, shown.targets
    first, second = _cyclegan(players, SHAPE, 2, 10.0, 5.0).round
    loss = (towards(d_b(ab(a)), 1) + towards(d_a(ba(b)), 1)) / 2
    back = (l1_loss(ba(ab(a)), a) + l1_loss(ab(ba(b)), b)) / 2
    same = (l1_loss(ba(a), a) + l1_loss(ab(b), b)) / 2
    torch.testing.assert_close(first.loss(shown, {})["generator_total"], loss + 10 * back + 5 * same)
    of_a = (towards(d_a(a), 1) + towards(d_a(ba(b)), 0)) / 2
    of_b = (towards(d_b(b), 1) + towards(d_b(ab(a)), 0)) / 2
    torch.testing.assert_close(second.loss(shown, {})["discriminator"], of_a + of_b)


def test_pictures_lie_where_the_scripts_look(tmp_path: Path) -> None:
    write_pictures(tmp_path / "pairs", "pix2pix", count=2)
    write_pictures(tmp_path / "domains", "cyclegan", count=2)
    assert Image.open(tmp_path / "pairs/train/0001.jpg").size == (512, 256)
    assert Image.open(tmp_path / "domains/test/B/0001.jpg").size == (256, 256)
