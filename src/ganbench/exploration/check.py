"""Which cells can be explored; refused here where a variant has no convolutions."""

from __future__ import annotations

import torch

from ganbench.errors import BenchError
from ganbench.exploration.layers import convolutions
from ganbench.games.recipe import image_recipe, image_shape
from ganbench.params import FILE, Params, unknown

KEY = "images.explore.variants"


def check_exploration(params: Params) -> None:
    """Refuse variants that can't be explored.

    Raises:
        BenchError: for the first that isn't declared, has a condition, or a network without convolutions.
    """
    declared = params.images.variants
    for name in params.images.explore.variants:
        if name not in declared:
            raise BenchError(f"{FILE}: {KEY}: {unknown('variant', name, declared)}")
        tells = image_recipe(params, name).condition.tells
        if tells != "nothing":
            raise BenchError(
                f"{FILE}: {KEY}: {name!r}: its players are told {tells}; the experiments ask by noise alone"
            )
        if not convolutional(name, params):
            allowed = ", ".join(other for other in declared if convolutional(other, params)) or "none of the declared"
            raise BenchError(
                f"{FILE}: {KEY}: {name!r}: its network, {declared[name].network.name}, has no convolutions, whose maps "
                f"the experiments look at; allowed: {allowed}"
            )


def convolutional(variant: str, params: Params) -> bool:
    """Whether the generator of a declared variant has convolutions below the one that draws the image."""
    recipe = image_recipe(params, variant)
    with torch.device("meta"):  # no weights are drawn
        return len(convolutions(recipe.network.generator(image_shape(params)))) > 1
