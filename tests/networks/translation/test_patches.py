"""Discriminators of patches: a score sees exactly its patch."""

import pytest
import torch

from ganbench.networks.network import ImageShape
from ganbench.networks.translation.discriminators.patch import HALVINGS, Patch
from ganbench.networks.translation.patches import receptive_field
from ganbench.objectives.constraint import CONSTRAINTS
from ganbench.objectives.objective import OBJECTIVES


def seen(receptive: int, resolution: int) -> int:
    """Pixels on a side that the gradient of one score, in the middle, is not zero at."""
    torch.manual_seed(0)
    discriminator = Patch(receptive, width=1, norm="none").discriminator(ImageShape(1, resolution))
    for layer in discriminator.parameters():
        torch.nn.init.uniform_(layer, 0.1, 1)
    image = torch.rand(1, 1, resolution, resolution, requires_grad=True)
    scores = discriminator.stages[-1](discriminator.features(image)[-1])
    middle = scores.shape[-1] // 2
    (gradient,) = torch.autograd.grad(scores[0, 0, middle, middle], image)
    return int((gradient[0, 0] != 0).any(0).sum())


@pytest.mark.parametrize("receptive", [1, 16, 34, 70])
def test_a_score_depends_on_its_patch_alone(receptive: int) -> None:
    assert seen(receptive, 128) == receptive


@pytest.mark.parametrize("receptive", [1, *HALVINGS])
def test_the_name_is_the_receptive_field(receptive: int) -> None:
    convolutions = Patch(receptive).convolutions(256)
    assert receptive_field([(kernel, stride) for kernel, stride, _ in convolutions]) == receptive


def test_the_receptive_field_of_two_convolutions() -> None:
    """Three pixels a side of the second's input, each three of the image, two apart."""
    assert receptive_field([(3, 2), (3, 1)]) == 7
    assert receptive_field([]) == 1


@pytest.mark.parametrize(
    ("receptive", "resolution", "scores"),
    [(70, 256, 900), (16, 32, 14 * 14), (34, 16, 4), (1, 16, 256), ("whole", 16, 1), ("whole", 64, 1), (70, 32, 4)],
)
def test_one_score_a_patch(receptive: int, resolution: int, scores: int) -> None:
    """Of 256 pixels the published one makes a map of 30 × 30."""
    patch = Patch(receptive, width=1)
    assert patch.objection(resolution, per_sample=True) is None
    images = torch.rand(2, 3, resolution, resolution)
    discriminator = patch.discriminator(ImageShape(3, resolution))
    assert discriminator(images).shape == (2, scores)
    torch.testing.assert_close(discriminator.single(images), discriminator(images).mean(1))


def test_the_published_widths() -> None:
    published = {70: [64, 128, 256, 512, 1], 16: [64, 128, 1], 1: [64, 128, 1], 286: [64, 128, 256, 512, 512, 512, 1]}
    for receptive, widths in published.items():
        discriminator = Patch(receptive).discriminator(ImageShape(6, 256))
        layers = [layer for layer in discriminator.modules() if isinstance(layer, torch.nn.Conv2d)]
        assert [layer.out_channels for layer in layers] == widths
        assert layers[0].in_channels == 6


def test_layers_too_large_for_the_image_are_refused() -> None:
    reason = Patch(70).objection(16, per_sample=False)
    assert reason
    assert "allowed: 1, 16, 34, whole" in reason


def test_batch_norm_is_refused_where_single_samples_are_penalised() -> None:
    assert Patch(16, norm="batch").objection(32, per_sample=False) is None
    assert "batch" in (Patch(16, norm="batch").objection(32, per_sample=True) or "")


def test_an_image_is_judged_by_itself() -> None:
    torch.manual_seed(0)
    discriminator = Patch(16, width=4).discriminator(ImageShape(3, 16))
    images = torch.rand(3, 3, 16, 16)
    torch.testing.assert_close(discriminator(images)[:1], discriminator(images[:1]))


@pytest.mark.parametrize("constraint", CONSTRAINTS.entries())
@pytest.mark.parametrize("objective", OBJECTIVES.entries())
def test_every_objective_and_constraint_works_on_patches(objective: str, constraint: str) -> None:
    torch.manual_seed(0)
    discriminator = Patch(16, width=2).discriminator(ImageShape(1, 16))
    entry = CONSTRAINTS.entries()[constraint]()
    entry.apply(discriminator)
    real, fake = torch.rand(2, 1, 16, 16), torch.rand(2, 1, 16, 16)
    losses = OBJECTIVES.entries()[objective]()
    loss = losses.discriminator(discriminator(real), discriminator(fake))
    penalty = entry.penalty(discriminator.single, real, fake)
    total = loss if penalty is None else loss + penalty
    gradients = torch.autograd.grad(total, list(discriminator.parameters()), allow_unused=True)
    entry.project(discriminator)
    assert total.shape == losses.generator(discriminator(fake), discriminator(real)).shape == ()
    assert any(gradient is not None and gradient.abs().sum() > 0 for gradient in gradients)


def test_a_penalty_is_of_the_mean_over_patches() -> None:
    """Of a linear critic of pixels, w x + c, the mean score has the gradient w / pixels at each."""
    discriminator = Patch(1, width=1, norm="none").discriminator(ImageShape(1, 16))
    discriminator.stages = torch.nn.ModuleList([torch.nn.Identity(), torch.nn.Conv2d(1, 1, 1)])
    weight = discriminator.stages[1].weight
    penalty = CONSTRAINTS.entries()["r1"](weight=2.0).penalty(
        discriminator.single, torch.rand(2, 1, 16, 16), torch.rand(2)
    )
    torch.testing.assert_close(penalty, weight.square().sum() / 256)
