"""Named tensors: copied to the host, and put back where they were."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from ganbench.errors import BenchError

State = dict[str, Tensor]


def part(state: Mapping[str, Tensor], prefix: str) -> State:
    """What stands below ``prefix/``, the prefix taken off."""
    return {name.removeprefix(f"{prefix}/"): tensor for name, tensor in state.items() if name.startswith(f"{prefix}/")}


def below(prefix: str, state: Mapping[str, Tensor]) -> State:
    """The same tensors with ``prefix/`` before their names."""
    return {f"{prefix}/{name}": tensor for name, tensor in state.items()}


def tensors_of(module: nn.Module) -> State:
    """Every parameter and buffer of a module, those that its `state_dict` leaves out too."""
    return {**dict(module.named_parameters()), **dict(module.named_buffers())}


def to_host(tensors: Mapping[str, Tensor]) -> State:
    """Copies that later steps don't change, each with its rows one after the other."""
    return {
        name: tensor.detach().to("cpu", copy=True, memory_format=torch.contiguous_format)
        for name, tensor in tensors.items()
    }


def check(expected: Mapping[str, Tensor], state: Mapping[str, Tensor]) -> None:
    """Refuse a state whose names, shapes or types are others than expected.

    Raises:
        BenchError: with the first of them.
    """
    wrong = expected.keys() ^ state.keys()
    wrong |= {name for name in expected.keys() & state.keys() if not _alike(expected[name], state[name])}
    if wrong:
        raise BenchError(f"not the state of this training: {min(wrong)}")


@torch.no_grad()
def put_back(tensors: Mapping[str, Tensor], state: Mapping[str, Tensor]) -> None:
    """Copy from a state into tensors of the same names; each stays where it is, in the memory format that it has."""
    for name, tensor in tensors.items():
        tensor.copy_(state[name])


def random_state(device: torch.device) -> State:
    """torch's default generators: of the host, and of the device where it has one."""
    state = {"cpu": torch.get_rng_state()}
    return state | {"cuda": torch.cuda.get_rng_state(device)} if device.type == "cuda" else state


def load_random(state: Mapping[str, Tensor], device: torch.device) -> None:
    """Put them back."""
    torch.set_rng_state(state["cpu"])
    if device.type == "cuda":
        torch.cuda.set_rng_state(state["cuda"], device)


def _alike(one: Tensor, other: Tensor) -> bool:
    return one.shape == other.shape and one.dtype == other.dtype
