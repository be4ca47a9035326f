"""Spectral normalisation against singular values, the library's own, and its promises about state."""

import copy

import pytest
import torch
from torch import nn
from torch.func import functional_call, stack_module_state, vmap
from torch.nn.utils import parametrizations, parametrize

from ganbench.objectives.constraints.gradient_penalty import GradientPenalty
from ganbench.objectives.constraints.spectral_norm import SpectralNorm

LAYERS = {
    "linear": lambda: nn.Linear(5, 3),
    "embedding": lambda: nn.Embedding(6, 4),
    "conv 1-D": lambda: nn.Conv1d(3, 4, 3),
    "conv 2-D": lambda: nn.Conv2d(3, 4, 3),
    "conv 3-D": lambda: nn.Conv3d(2, 3, 2),
    "grouped conv": lambda: nn.Conv2d(4, 4, 3, groups=2),
    "transposed conv": lambda: nn.ConvTranspose2d(3, 4, 3),
}


def largest(layer: nn.Module) -> torch.Tensor:
    """The largest singular value of a layer's weight, as a matrix of one row an output."""
    weight = layer.weight.detach()
    rows = 1 if isinstance(layer, nn.ConvTranspose2d) else 0
    return torch.linalg.matrix_norm(weight.movedim(rows, 0).flatten(1), ord=2)


def critic(seed: int = 0) -> nn.Module:
    torch.manual_seed(seed)
    layers = nn.Sequential(
        nn.Conv2d(1, 4, 3, 2, 1), nn.LeakyReLU(0.2), nn.Flatten(), nn.Linear(64, 8), nn.ReLU(), nn.Linear(8, 1)
    )
    return SpectralNorm().apply(layers)


def state(module: nn.Module) -> dict[str, torch.Tensor]:
    return {name: tensor.clone() for name, tensor in module.state_dict().items()}


@pytest.mark.parametrize("kind", LAYERS)
def test_power_iteration_brings_the_largest_singular_value_of_every_layer_to_1(kind: str) -> None:
    torch.manual_seed(0)
    layer = LAYERS[kind]()
    before = layer.weight.detach().clone()
    bias = getattr(layer, "bias", None)
    module = SpectralNorm(iterations=100).apply(nn.Sequential(layer))
    SpectralNorm(iterations=100).project(module)
    assert largest(layer).item() == pytest.approx(1, abs=1e-4)
    ratio = layer.weight / before
    torch.testing.assert_close(ratio, ratio.mean().expand_as(ratio))
    assert getattr(layer, "bias", None) is bias, "and so does the bias"
    assert torch.equal(layer.parametrizations.weight.original, before)


def test_the_normalised_weight_is_the_librarys() -> None:
    torch.manual_seed(0)
    ours, theirs = nn.Conv2d(3, 4, 3), nn.Conv2d(3, 4, 3)
    theirs.load_state_dict(ours.state_dict())
    SpectralNorm().apply(ours)
    parametrizations.spectral_norm(theirs).eval()
    normalised, library = ours.parametrizations.weight[0], theirs.parametrizations.weight[0]
    normalised.u.copy_(library._u)
    normalised.v.copy_(library._v)
    torch.testing.assert_close(ours.weight, theirs.weight)
    for _ in range(3):
        SpectralNorm().project(ours)
        library.train()
        library(theirs.parametrizations.weight.original)
        torch.testing.assert_close(normalised.u, library._u)
        torch.testing.assert_close(normalised.v, library._v)


def test_the_gradient_is_that_of_the_weight_over_its_norm() -> None:
    """At the singular vectors themselves, which count as constants (Miyato et al. 2018, equation 12)."""
    torch.manual_seed(0)
    layer = SpectralNorm(iterations=300).apply(nn.Linear(5, 3, bias=False).double())
    SpectralNorm(iterations=300).project(layer)
    sought = torch.randn(3, 5, dtype=torch.float64)
    original = layer.parametrizations.weight.original
    (found,) = torch.autograd.grad((layer.weight * sought).sum(), original)
    free = original.detach().clone().requires_grad_()
    (exact,) = torch.autograd.grad((free / torch.linalg.matrix_norm(free, ord=2) * sought).sum(), free)
    torch.testing.assert_close(found, exact)
    assert torch.autograd.gradcheck(lambda weight: layer.parametrizations.weight[0](weight), free)


def test_a_forward_pass_changes_nothing_and_a_projection_only_the_vectors() -> None:
    module = critic()
    before = state(module)
    x = torch.randn(4, 1, 8, 8)
    for mode in (True, False):
        module.train(mode)
        module(x).sum().backward()
    assert all(torch.equal(tensor, before[name]) for name, tensor in state(module).items())
    for weight in module.parameters():
        weight.data += 0.1 * torch.randn_like(weight)
    moved = state(module)
    SpectralNorm().project(module)
    for name, tensor in state(module).items():
        followed = name.endswith((".u", ".v")) and tensor.numel() > 1
        assert torch.equal(tensor, moved[name]) != followed, name


def test_one_step_of_power_iteration_follows_a_weight_that_is_trained() -> None:
    errors = []
    for iterations in (0, 1):
        module = critic()
        optimizer = torch.optim.Adam(module.parameters(), lr=1e-2)
        for _ in range(40):
            real, fake = torch.randn(8, 1, 8, 8) + 1, torch.randn(8, 1, 8, 8)
            optimizer.zero_grad()
            (module(fake).mean() - module(real).mean()).backward()
            optimizer.step()
            if iterations:
                SpectralNorm(iterations).project(module)
        norms = [largest(module[place]).item() for place in (0, 3, 5)]
        errors.append(max(abs(norm - 1) for norm in norms))
    assert errors[1] < 0.1 < errors[0]


def test_a_network_of_normalised_linear_layers_is_1_lipschitz() -> None:
    torch.manual_seed(0)
    layers = nn.Sequential(nn.Linear(6, 32), nn.LeakyReLU(0.2), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1))
    for layer in layers[::2]:
        layer.weight.data *= 10
    module = SpectralNorm(iterations=200).apply(layers)
    SpectralNorm(iterations=200).project(module)
    x, y = torch.randn(2, 500, 6)
    rise = (module(x) - module(y)).abs().squeeze(1)
    assert (rise <= (x - y).norm(dim=1) * 1.0001).all()
    assert rise.max() > 0.01


def test_scaling_a_weight_changes_no_score() -> None:
    module, x = critic(), torch.randn(4, 1, 8, 8)
    before = module(x)
    module[3].parametrizations.weight.original.data *= 7
    torch.testing.assert_close(module(x), before, rtol=1e-4, atol=1e-5)


def test_it_can_be_saved_loaded_and_copied() -> None:
    module, other, x = critic(0), critic(1), torch.randn(4, 1, 8, 8)
    SpectralNorm().project(module)
    other.load_state_dict(module.state_dict())
    assert torch.equal(other(x), module(x))
    twin = copy.deepcopy(module)
    for one in (module, other, twin):
        SpectralNorm().project(one)
    assert all(torch.equal(tensor, twin.state_dict()[name]) for name, tensor in module.state_dict().items())
    assert all(torch.equal(tensor, other.state_dict()[name]) for name, tensor in module.state_dict().items())


def test_side_by_side_each_network_is_normalised_by_itself() -> None:
    modules = [critic(seed) for seed in range(3)]
    for module in modules:
        for weight in module.parameters():
            weight.data += 0.1 * torch.randn_like(weight)
    weights, buffers = stack_module_state(modules)
    template = copy.deepcopy(modules[0])

    class Projection(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.of = template

        def forward(self) -> torch.Tensor:
            SpectralNorm(iterations=2).project(self.of)
            return torch.zeros(())

    stacked = {f"of.{name}": tensor for name, tensor in (*weights.items(), *buffers.items())}
    vmap(lambda tensors: functional_call(Projection(), tensors, ()))(stacked)
    x = torch.randn(4, 1, 8, 8)
    scores = vmap(lambda *tensors: functional_call(template, tensors, (x,)))(weights, buffers)
    for place, module in enumerate(modules):
        SpectralNorm(iterations=2).project(module)
        for name, buffer in module.named_buffers():
            torch.testing.assert_close(buffers[name][place], buffer)
        torch.testing.assert_close(scores[place], module(x))


def test_a_penalty_goes_through_a_compiled_normalised_critic() -> None:
    """Twice differentiated, in a function compiled whole, which changes no buffer."""
    torch._dynamo.reset()
    module = nn.Sequential(critic(), nn.Flatten(0))
    real, fake = torch.randn(4, 1, 8, 8), torch.randn(4, 1, 8, 8)
    before = state(module)
    gradients = []
    for path in (lambda function: function, lambda function: torch.compile(function, fullgraph=True, backend="eager")):
        torch.manual_seed(1)
        path(lambda real, fake: GradientPenalty(weight=1.0).penalty(module, real, fake))(real, fake).backward()
        gradients.append([weight.grad.clone() for weight in module.parameters() if weight.grad is not None])
        module.zero_grad()
    assert len(gradients[0]) == len(gradients[1]) >= 3
    for eager, compiled in zip(*gradients, strict=True):
        torch.testing.assert_close(eager, compiled)
    assert all(torch.equal(tensor, before[name]) for name, tensor in state(module).items())


def test_the_norm_is_found_in_float32_under_autocast() -> None:
    layer = SpectralNorm().apply(nn.Linear(64, 64))
    exact = layer.weight
    with torch.autocast("cpu", torch.bfloat16):
        assert torch.equal(layer.weight, exact)
        assert layer(torch.randn(2, 64)).dtype == torch.bfloat16


def test_layers_without_a_matrix_are_left_alone() -> None:
    module = SpectralNorm().apply(nn.Sequential(nn.LayerNorm(3), nn.PReLU(), nn.Linear(3, 1)))
    assert [parametrize.is_parametrized(layer) for layer in module] == [False, False, True]
