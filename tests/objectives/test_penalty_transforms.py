"""Penalties give the same numbers eagerly, compiled whole, and side by side for several critics."""

import copy
from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn
from torch.func import functional_call, grad_and_value, stack_module_state, vmap

from ganbench.objectives.constraint import CONSTRAINTS, Constraint
from ganbench.objectives.constraints.gradient_penalty import GradientPenalty
from ganbench.objectives.constraints.r1 import R1
from ganbench.objectives.constraints.r2 import R2

PENALTIES = [GradientPenalty(10.0), GradientPenalty(10.0, target=0.1, sided="one"), R1(10.0), R2(10.0)]
EVERY = pytest.mark.parametrize("constraint", PENALTIES, ids=str)
State = dict[str, Tensor]


def critic(seed: int = 0, spectral: bool = False) -> nn.Module:
    torch.manual_seed(seed)
    made = nn.Sequential(
        nn.Conv2d(2, 4, 3, 2, 1),
        nn.LeakyReLU(0.2),
        nn.Conv2d(4, 4, 3, 2, 1),
        nn.Tanh(),
        nn.Flatten(),
        nn.Linear(16, 1),
        nn.Flatten(0),
    )
    return CONSTRAINTS.entries()["spectral_norm"]().apply(made) if spectral else made


def samples(seed: int = 9) -> tuple[Tensor, Tensor]:
    noise = torch.Generator().manual_seed(seed)
    return torch.randn(6, 2, 8, 8, generator=noise), 1 + torch.randn(6, 2, 8, 8, generator=noise)


def eager(constraint: Constraint, module: nn.Module, real: Tensor, fake: Tensor) -> tuple[Tensor, State]:
    """The penalty and the gradients of the weights that it depends on, by the plain way."""
    module = copy.deepcopy(module)
    torch.manual_seed(1)
    penalty = constraint.penalty(module, real, fake)
    penalty.backward()
    gradients = {name: weight.grad for name, weight in module.named_parameters() if weight.grad is not None}
    assert sum(bool(gradient.any()) for gradient in gradients.values()) >= 3, "every layer's weight feels it"
    return penalty.detach(), gradients


def same(found: State, expected: State) -> None:
    for name, gradient in expected.items():
        torch.testing.assert_close(found[name], gradient, rtol=1e-4, atol=1e-5)


def whole(function: Callable) -> Callable:
    torch._dynamo.reset()
    return torch.compile(function, fullgraph=True, backend="aot_eager")


@pytest.mark.parametrize(
    ("constraint", "spectral"), [*((penalty, False) for penalty in PENALTIES), (PENALTIES[0], True)], ids=str
)
def test_a_compiled_gradient_of_the_weights_is_the_eager_one(constraint: Constraint, spectral: bool) -> None:
    module, (real, fake) = critic(spectral=spectral), samples()
    penalty, gradients = eager(constraint, module, real, fake)
    buffers = dict(module.named_buffers())

    @whole
    def step(weights: State, real: Tensor, fake: Tensor) -> tuple[State, Tensor]:
        def loss(weights: State) -> Tensor:
            return constraint.penalty(lambda x: functional_call(module, {**weights, **buffers}, (x,)), real, fake)

        return grad_and_value(loss)(weights)

    torch.manual_seed(1)
    found, value = step({name: weight.detach() for name, weight in module.named_parameters()}, real, fake)
    torch.testing.assert_close(value, penalty)
    same(found, gradients)


@pytest.mark.parametrize("constraint", PENALTIES[1:3], ids=str)
def test_a_compiled_penalty_passes_its_gradient_on(constraint: Constraint) -> None:
    module, (real, fake) = critic(), samples()
    penalty, gradients = eager(constraint, module, real, fake)
    torch.manual_seed(1)
    found = whole(lambda real, fake: constraint.penalty(module, real, fake))(real, fake)
    found.backward()
    torch.testing.assert_close(found.detach(), penalty)
    same({name: weight.grad for name, weight in module.named_parameters() if weight.grad is not None}, gradients)


@EVERY
@pytest.mark.parametrize("spectral", [False, True], ids=["plain", "spectral_norm"])
def test_critics_side_by_side_get_what_each_gets_alone(constraint: Constraint, spectral: bool) -> None:
    """On samples whose mix does not matter, for the draws of a batch of critics are others than those of one."""
    modules = [critic(seed, spectral) for seed in range(3)]
    pairs = [samples(seed) for seed in range(3)]
    if isinstance(constraint, GradientPenalty):
        pairs = [(real, real) for real, _ in pairs]
    weights, buffers = stack_module_state(modules)

    def loss(weights: State, buffers: State, real: Tensor, fake: Tensor) -> Tensor:
        return constraint.penalty(lambda x: functional_call(modules[0], (weights, buffers), (x,)), real, fake)

    real, fake = (torch.stack(part) for part in zip(*pairs, strict=True))
    together = vmap(loss, randomness="different")(weights, buffers, real, fake)
    together.sum().backward()
    apart, alone = vmap(grad_and_value(loss), randomness="different")(
        {name: weight.detach() for name, weight in weights.items()}, buffers, real, fake
    )
    for place, module in enumerate(modules):
        penalty, gradients = eager(constraint, module, *pairs[place])
        torch.testing.assert_close(together[place].detach(), penalty)
        torch.testing.assert_close(alone[place], penalty)
        same({name: weight.grad[place] for name, weight in weights.items() if weight.grad is not None}, gradients)
        same({name: gradient[place] for name, gradient in apart.items()}, gradients)
