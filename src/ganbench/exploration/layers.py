"""The maps of convolutions inside a network."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import adaptive_max_pool2d

from ganbench.networks.network import Discriminator, Generator

CHUNK = 256
GRID = 4
"""Places along each side to which the maps of a discriminator are pooled."""


def convolutions(network: nn.Module) -> list[nn.Module]:
    """All convolutions of a network, in the order of their making."""
    return [part for part in network.modules() if isinstance(part, nn.Conv2d | nn.ConvTranspose2d)]


def highest(generator: Generator) -> nn.Module:
    """The convolution that comes last: it draws the image from the maps of the second highest layer."""
    called: list[nn.Module] = []
    hooks = [part.register_forward_pre_hook(lambda part, _: called.append(part)) for part in convolutions(generator)]
    device = next(generator.parameters()).device
    with torch.inference_mode():
        generator(torch.zeros(2, generator.latent_dim, device=device))
    for hook in hooks:
        hook.remove()
    return called[-1]


@torch.inference_mode()
def maps_below(generator: Generator, layer: nn.Module, latents: Tensor) -> Tensor:
    """The maps that a layer is shown, float32 (N, K, h, w) on the CPU.

    Args:
        generator: in evaluation mode.
        layer: one of its convolutions.
        latents: (N, latent_dim).
    """
    seen: list[Tensor] = []
    hook = layer.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0].float().cpu()))
    device = next(generator.parameters()).device
    for part in torch.split(latents, CHUNK):
        generator(part.to(device))
    hook.remove()
    return torch.cat(seen)


@contextmanager
def without(layer: nn.Module, dropped: Tensor) -> Iterator[None]:
    """As long as the block lasts, some of the maps that a layer is shown are 0 everywhere.

    Args:
        layer: a convolution of K maps.
        dropped: bool (K,).
    """

    def drop(_: nn.Module, inputs: tuple[Any, ...]) -> tuple[Any, ...]:
        maps = inputs[0]
        return (maps * (~dropped).to(maps)[:, None, None], *inputs[1:])

    hook = layer.register_forward_pre_hook(drop)
    try:
        yield
    finally:
        hook.remove()


@torch.inference_mode()
def pooled_maps(discriminator: Discriminator, samples: Tensor) -> Tensor:
    """The maps of all convolutional layers as one vector a sample, (N, F): each pooled to its maxima on 4 × 4 places.

    A layer is a child of the discriminator's features that holds a convolution, together with the normalisation and the
    rectifier that follow it; a residual block counts as one. Layers below 4 × 4 are left out.

    Args:
        discriminator: in evaluation mode.
        samples: (N, C, H, W).
    """
    assert isinstance(discriminator.features, nn.Sequential)
    layers: list[Tensor] = []
    values, inside = samples, False
    for child in discriminator.features:
        before, values = values, child(values)
        if convolutions(child):
            layers.append(values)
            inside = True
        elif inside and values.shape == before.shape:
            layers[-1] = values
        else:
            inside = False  # a change of size without weights: what follows belongs to no layer
    return torch.cat([adaptive_max_pool2d(maps, GRID).flatten(1) for maps in layers if _is_wide(maps)], 1)


def _is_wide(maps: Tensor) -> bool:
    return maps.dim() == 4 and min(maps.shape[2:]) >= GRID
