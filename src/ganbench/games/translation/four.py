"""What games of two generators and two discriminators have in common."""

from __future__ import annotations

from torch import nn

from ganbench.games.game import Losses

GENERATORS = ("generator_ab", "generator_ba")
DISCRIMINATORS = ("discriminator_a", "discriminator_b")


def four(ab: nn.Module, ba: nn.Module, discriminator_a: nn.Module, discriminator_b: nn.Module) -> nn.ModuleDict:
    """The players by their names."""
    return nn.ModuleDict(
        dict(zip((*GENERATORS, *DISCRIMINATORS), (ab, ba, discriminator_a, discriminator_b), strict=True))
    )


def both(found_a: Losses, found_b: Losses) -> Losses:
    """Of two discriminators' losses as `discriminate` gives them: what is minimised, each loss, sums of penalties."""
    either = {"discriminator_a": found_a["loss"], "discriminator_b": found_b["loss"]}
    loss = either["discriminator_a"] + either["discriminator_b"]
    penalties = {name: found_a[name] + found_b[name] for name in found_a if name != "loss"}
    if not penalties:
        return {"discriminator": loss, **either}
    return {"discriminator_total": sum(penalties.values(), start=loss), "discriminator": loss, **either, **penalties}
