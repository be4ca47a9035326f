"""What the processes of `test_distributed` run: `python two_ranks.py <folder>`, as one process or under the launcher.

It plays some rounds of each declared composition on random images and writes losses and weights.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import save_file

from ganbench import across
from ganbench.data.batches import ImageStream
from ganbench.data.translation.domains import Domains
from ganbench.data.translation.stream import DomainStream
from ganbench.games.generation import generation
from ganbench.games.given import Given
from ganbench.games.recipe import recipe
from ganbench.games.translation.recipe import recipe as recipe_of_translation
from ganbench.networks.network import ImageShape
from ganbench.params import TranslationVariant, Variant
from ganbench.training.device import seed_everything
from ganbench.training.distributed import Ranks, joined
from ganbench.training.launcher import launch, must_launch
from ganbench.training.trainer import Trainer

MLP, DCGAN = {"mlp": {"width": 16}}, {"dcgan": {"width": 4}}
COMPOSITIONS = {
    "dropout": {"network": MLP, "objective": "non_saturating"},
    "batch_norm": {"network": DCGAN, "objective": "minimax", "tricks": {"ema": 1}},
    "gradient_penalty": {
        "network": DCGAN,
        "objective": "wasserstein",
        "constraint": {"gradient_penalty": 10.0},
        "critic_steps": 2,
    },
    "spectral_norm": {"network": DCGAN, "objective": "hinge", "constraint": {"spectral_norm": {}}},
    "minibatch_discrimination": {
        "network": DCGAN,
        "objective": "non_saturating",
        "tricks": {"minibatch_discrimination": {}},
    },
    "minibatch_std": {"network": DCGAN, "objective": "non_saturating", "tricks": {"minibatch_std": {}}},
    "feature_matching": {"network": DCGAN, "objective": "non_saturating", "tricks": {"feature_matching": {}}},
    "packing": {"network": MLP, "objective": "non_saturating", "tricks": {"packing": 2}},
    "relativistic": {"network": MLP, "objective": "relativistic", "constraint": {"r1": 1.0, "r2": 1.0}},
    "label": {"network": MLP, "objective": "hinge", "condition": {"label": "auxiliary"}},
    "text": {"network": MLP, "objective": "non_saturating", "condition": "text"},
}
SMALL = {"discriminator": {"patch": {"receptive": 16, "width": 2}}, "objective": "least_squares"}
TRANSLATIONS = {
    "pix2pix": SMALL | {"game": "paired", "network": {"unet": {"width": 2, "norm": "batch"}}, "tricks": {"ema": 1}},
    "cyclegan": SMALL
    | {"game": {"cycle": {"identity": 0, "pool": 20}}, "network": {"resnet": {"width": 2, "blocks": 1}}},
    "discogan": SMALL
    | {"game": {"disco": {"early_kimg": 0.1}}, "network": {"encoder_decoder": {"width": 2, "code": 4}}},
}
GIVEN = Given(["a", "b", "c"], ["big", "circle", "red", "small", "square"], 4)
ROUNDS = 6
BATCH = 16


def mixed(points: torch.Tensor) -> torch.Tensor:
    """Something that every sample of the batch has a part in, and that is curved."""
    near = (points[:, None] - across.gather(points)).square().sum(-1).tanh().sum(1)
    far = (points - across.mean(points.mean(0))).square().sum(1)
    return (near * far).sum()


def penalty(points: torch.Tensor) -> torch.Tensor:
    slopes: torch.Tensor = torch.func.grad(mixed)(points)
    return slopes.square().sum()


class Side:
    """One domain: random images."""

    def __init__(self, seed: int, channels: int) -> None:
        self._images = np.random.default_rng(seed).integers(0, 256, (50, 16, 16, channels), dtype=np.uint8)

    def images(self, split: str) -> NDArray[np.uint8]:
        assert split == "train"
        return self._images


class TwoSides:
    """Stands for two prepared domains."""

    a, b = Side(2, 1), Side(3, 3)

    def unpaired_rows(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        return np.arange(25), np.arange(25, 50)


def trainers(device: torch.device, ranks: Ranks) -> Iterator[tuple[str, Trainer]]:
    """Of every composition."""
    images = np.random.default_rng(0).integers(0, 256, (50, 16, 16, 1), dtype=np.uint8)
    labels = np.arange(50) % 3
    captions = np.random.default_rng(1).integers(2, 7, (50, 4))
    adam, slow = {"optimizer": {"lr": 1e-3}}, {"optimizer": {"lr": 1e-4}}
    for name, composition in COMPOSITIONS.items():
        made = recipe(Variant.model_validate(composition | adam), ImageShape(1, 16), name)
        seed_everything(0)
        stream = ImageStream(images, labels, BATCH, 0, device, captions=captions)
        game = generation(made, ImageShape(1, 16), GIVEN)
        yield name, Trainer(game, made.optimizer, stream, BATCH, "fp32", device, ranks=ranks)
    for name, composition in TRANSLATIONS.items():
        translation = recipe_of_translation(TranslationVariant.model_validate(composition | slow), 16, name)
        seed_everything(0)
        two = DomainStream(cast(Domains, TwoSides()), translation.game.pairs, BATCH, 0, device)
        game = translation.build(ImageShape(1, 16), ImageShape(3, 16), BATCH)
        yield name, Trainer(game, translation.optimizer, two, BATCH, "fp32", device, ranks=ranks)


def main(folder: Path, processes: int) -> None:
    torch.set_num_threads(1)
    if must_launch(processes):
        launch(processes)
        return
    device = torch.device("cpu")
    found: dict[str, torch.Tensor] = {}
    with joined(processes, device) as ranks:
        points = torch.randn(BATCH, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
        found["gradient_of_a_gradient"] = across.gather(torch.func.grad(penalty)(across.own(points)))
        for name, trainer in trainers(device, ranks):
            for _ in range(ROUNDS):
                trainer.play_round()
            rows = [list(reading.losses.values()) for reading in trainer.read()]
            found[f"{name}/losses"] = torch.tensor(rows, dtype=torch.float64)
            for player, module in trainer.players.items():
                weights = [value.flatten().double() for value in module.state_dict().values()]
                found[f"{name}/{player}"] = torch.cat(weights)
            if ranks.leads:  # what it shows it makes by itself
                for player in trainer.averages:
                    weights = [value.flatten().double() for value in trainer.shown(player).state_dict().values()]
                    found[f"{name}/{player}/shown"] = torch.cat(weights)
    save_file(found, folder / f"{ranks.size}-{ranks.index}.safetensors")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
