"""What the processes of `test_distributed` run: `python two_ranks.py <folder>`, as one process or under the launcher.

It plays some rounds of each declared composition on random images and writes losses and weights.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file

from ganbench import across
from ganbench.data.batches import ImageStream
from ganbench.games.generation import generation
from ganbench.games.given import Given
from ganbench.games.recipe import recipe
from ganbench.networks.network import ImageShape
from ganbench.params import Variant
from ganbench.training.device import seed_everything
from ganbench.training.distributed import joined
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


def main(folder: Path, processes: int) -> None:
    torch.set_num_threads(1)
    if must_launch(processes):
        launch(processes)
        return
    images = np.random.default_rng(0).integers(0, 256, (50, 16, 16, 1), dtype=np.uint8)
    labels = np.arange(50) % 3
    captions = np.random.default_rng(1).integers(2, 7, (50, 4))
    device = torch.device("cpu")
    found: dict[str, torch.Tensor] = {}
    with joined(processes, device) as ranks:
        points = torch.randn(BATCH, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
        found["gradient_of_a_gradient"] = across.gather(torch.func.grad(penalty)(across.own(points)))
        for name, composition in COMPOSITIONS.items():
            made = recipe(Variant.model_validate(composition | {"optimizer": {"lr": 1e-3}}), ImageShape(1, 16), name)
            seed_everything(0)
            stream = ImageStream(images, labels, BATCH, 0, device, captions=captions)
            game = generation(made, ImageShape(1, 16), GIVEN)
            trainer = Trainer(game, made.optimizer, stream, BATCH, "fp32", device, ranks=ranks)
            for _ in range(ROUNDS):
                trainer.play_round()
            rows = [list(reading.losses.values()) for reading in trainer.read()]
            found[f"{name}/losses"] = torch.tensor(rows, dtype=torch.float64)
            for player, module in trainer.players.items():
                weights = [value.flatten().double() for value in module.state_dict().values()]
                found[f"{name}/{player}"] = torch.cat(weights)
    save_file(found, folder / f"{ranks.size}-{ranks.index}.safetensors")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
