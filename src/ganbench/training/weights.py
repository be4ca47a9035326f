"""Weights on disk: safetensors, so that nothing is unpickled."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import nn

from ganbench.errors import BenchError

M = TypeVar("M", bound=nn.Module)


def save_weights(module: nn.Module, path: Path) -> None:
    """Write a module's parameters and buffers; the bytes depend on the values alone."""
    save_file({name: tensor.detach().cpu().contiguous() for name, tensor in module.state_dict().items()}, path)


def load_weights(module: M, path: Path) -> M:
    """Read them back into a module of the same architecture.

    Raises:
        BenchError: no such file, a damaged one, or one of another architecture.
    """
    try:
        module.load_state_dict(load_file(path))
    except FileNotFoundError:
        raise BenchError(f"{path}: no such file; `dvc repro` or `dvc pull` brings it") from None
    except (SafetensorError, RuntimeError) as error:
        raise BenchError(f"{path}: not the weights of the declared network: {str(error).splitlines()[0]}") from None
    return module
