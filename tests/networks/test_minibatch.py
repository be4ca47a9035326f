"""Layers in which samples see each other: against direct loops, and what they are for."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits

from ganbench.networks.minibatch import MinibatchDiscrimination, MinibatchStd
from ganbench.networks.mlp import MLP
from ganbench.networks.network import Mix, PointShape, pack, unmixed


def test_minibatch_discrimination_is_the_published_sum() -> None:
    """o(x_i)_b = Σ_{j ≠ i} exp(−‖M_ib − M_jb‖₁), M_i = f(x_i) T."""
    torch.manual_seed(0)
    layer, features = MinibatchDiscrimination(7, kernels=3, dimensions=2), torch.randn(5, 7)
    tensor = layer.tensor.detach().view(7, 3, 2)
    found = layer(features)
    torch.testing.assert_close(found[:, :7], features)
    for i in range(5):
        for b in range(3):
            expected = sum(
                torch.exp(-(features[i] @ tensor[:, b] - features[j] @ tensor[:, b]).abs().sum())
                for j in range(5)
                if j != i
            )
            torch.testing.assert_close(found[i, 7 + b], expected)


def test_its_measures_begin_with_norm_1() -> None:
    layer = MinibatchDiscrimination(50, kernels=3, dimensions=2)
    torch.testing.assert_close(layer.tensor.norm(dim=0), torch.ones(6))


@pytest.mark.parametrize(("samples", "group"), [(8, 4), (6, 2), (3, 4), (6, 4)])
def test_minibatch_std_is_the_mean_deviation_of_the_group(samples: int, group: int) -> None:
    torch.manual_seed(0)
    features = torch.randn(samples, 5)
    found = MinibatchStd(group)(features)
    torch.testing.assert_close(found[:, :5], features)
    whole = samples % group != 0
    for i in range(samples):
        start = 0 if whole else i // group * group
        members = features[start : samples if whole else start + group].numpy()
        assert found[i, 5].item() == pytest.approx(np.std(members, axis=0).mean(), rel=1e-5)


@pytest.mark.parametrize("layer", [MinibatchDiscrimination(4, 3, 2), MinibatchStd(3)])
def test_the_gradient_reaches_the_other_samples(layer: nn.Module) -> None:
    features = torch.randn(6, 4, requires_grad=True)
    (gradient,) = torch.autograd.grad(layer(features)[0, 4:].sum(), features)
    assert gradient[1].any()
    assert gradient[2].any()


@pytest.mark.parametrize("layer", [MinibatchDiscrimination(4, 3, 2), MinibatchStd(2)])
def test_a_collapsed_batch_has_a_finite_gradient(layer: nn.Module) -> None:
    features = torch.ones(4, 4, requires_grad=True)
    (gradient,) = torch.autograd.grad(layer(features).sum(), features)
    assert gradient.isfinite().all()


def accuracy(mix: Mix = unmixed, packed: int = 1) -> float:
    """Of a small discriminator taught real batches from N(0, I) against batches of one point from N(0, I), repeated.

    Sample by sample the two kinds are equal in distribution.
    """
    torch.manual_seed(0)
    net = MLP(width=32, depth=2, dropout=0.0)
    discriminator = net.discriminator(PointShape(2).packed(packed), per_sample=False, mix=mix)
    optimizer = torch.optim.Adam(discriminator.parameters(), lr=1e-2)

    def scores() -> tuple[torch.Tensor, torch.Tensor]:
        real, fake = torch.randn(16, 2), torch.randn(1, 2).repeat(16, 1)
        return discriminator(pack(real, packed)), discriminator(pack(fake, packed))

    for _ in range(150):
        real, fake = scores()
        loss = binary_cross_entropy_with_logits(real, torch.ones_like(real))
        loss = loss + binary_cross_entropy_with_logits(fake, torch.zeros_like(fake))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        pairs = [scores() for _ in range(50)]
    right = [(real > 0).float().mean() + (fake <= 0).float().mean() for real, fake in pairs]
    return torch.stack(right).mean().item() / 2


def test_a_collapsed_batch_shows_in_the_batch_alone() -> None:
    assert accuracy() < 0.7, "a single sample says nothing"
    assert accuracy(mix=lambda width: (MinibatchDiscrimination(width, 8, 3), width + 8)) > 0.95
    assert accuracy(mix=lambda width: (MinibatchStd(4), width + 1)) > 0.95
    assert accuracy(packed=2) > 0.95
