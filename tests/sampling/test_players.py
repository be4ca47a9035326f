"""A trained discriminator judges as it judged in training."""

import pytest
import torch

from ganbench.games.recipe import recipe
from ganbench.networks.network import ImageShape, pack
from ganbench.params import Choice, Variant
from ganbench.sampling import Scorer

SHAPE = ImageShape(1, 16)


def scorer(batch: int, norm: str = "none", **tricks: object) -> Scorer:
    declared = Variant(
        network=Choice(name="dcgan", options={"width": 4, "discriminator_norm": norm}),
        objective=Choice(name="minimax"),
        tricks=tuple(Choice(name=name, options=value) for name, value in tricks.items()),
    )
    torch.manual_seed(0)
    cooked = recipe(declared, SHAPE, "x")
    return Scorer(cooked.discriminator(SHAPE), cooked.pack, batch, cooked.mixes)


@torch.no_grad()
def test_alone_a_sample_is_judged_as_in_any_company() -> None:
    judge, images = scorer(4), torch.randn(10, 1, 16, 16)
    torch.testing.assert_close(judge(images), torch.cat([judge(image[None]) for image in images]))


@torch.no_grad()
@pytest.mark.parametrize("count", [3, 4, 8, 10])
@pytest.mark.parametrize("mixed", [{"norm": "batch"}, {"minibatch_std": 4}, {"minibatch_discrimination": None}])
def test_what_depends_on_the_batch_is_judged_in_batches_of_the_training(count: int, mixed: dict[str, object]) -> None:
    judge, images = scorer(4, **mixed), torch.randn(count, 1, 16, 16)
    found = judge(images)
    assert found.shape == (count,)
    whole = count - count % 4
    expected = [judge.discriminator(part) for part in images[:whole].split(4)] if whole else []
    if count % 4:
        last = judge.discriminator(images[-4:])
        expected.append(last[-(count % 4) :])
    torch.testing.assert_close(found, torch.cat(expected))


@torch.no_grad()
def test_packs_are_judged_whole_and_what_is_left_over_is_not() -> None:
    judge, images = scorer(4, packing=3), torch.randn(10, 1, 16, 16)
    torch.testing.assert_close(judge(images), judge.discriminator(pack(images[:9], 3)))
