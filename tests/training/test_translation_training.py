"""Training cells of the track `translation`: outputs, resume to the bit, and the paths of computing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image
from safetensors.torch import load_file
from torch import Tensor

from ganbench.cell import Cell
from ganbench.data.translation.domains import Domains
from ganbench.data.translation.stream import DomainStream
from ganbench.errors import BenchError
from ganbench.games.translation.recipe import check_domains, translation_recipe
from ganbench.params import Params
from ganbench.training import checkpoint, phase
from ganbench.training.reading import Reading
from ganbench.training.trainer import Trainer
from ganbench.training.translation import scratch_of_translation, shape_of, train_translation

CPU = torch.device("cpu")
UNET = {"unet": {"width": 2}}
SMALL = {
    "network": {"resnet": {"width": 2, "blocks": 1}},
    "discriminator": {"patch": {"receptive": 16, "width": 2}},
    "objective": "least_squares",
    "optimizer": {"lr": 1e-3, "betas": [0.5, 0.999]},
}
VARIANTS = {
    "pix2pix": SMALL | {"game": "paired", "network": UNET, "objective": "non_saturating", "tricks": {"ema": 0.01}},
    "l1": SMALL | {"game": {"paired": {"adversarial": 0}}},
    "cyclegan": SMALL | {"game": {"cycle": {"identity": 0, "pool": 12}}},
    "discogan": SMALL
    | {
        "game": {"disco": {"early_kimg": 0.03}},
        "network": {"encoder_decoder": {"width": 2, "code": 4}},
        "discriminator": {"patch": {"receptive": "whole", "width": 2, "norm": "batch"}},
    },
    "penalised": SMALL
    | {
        "game": {"cycle": {"identity": 0, "pool": 0}},
        "objective": "wasserstein",
        "constraint": {"gradient_penalty": 10.0, "spectral_norm": 1},
    },
}


class KilledError(Exception):
    """Stands for a signal that no process outlives."""


class Watcher:
    """Remembers what it was told of."""

    def __init__(self) -> None:
        self.pictures: list[int] = []
        self.checkpoints = 0

    def losses(self, reading: Reading) -> None:
        assert reading.losses

    def picture(self, images: int, path: Path) -> None:
        assert path.exists()
        self.pictures.append(images)

    def resumed(self, readings: Sequence[Reading], pictures: Mapping[int, Path]) -> None:
        assert all(reading.losses for reading in readings)
        self.pictures += pictures

    def saved(self) -> None:
        self.checkpoints += 1


def declare(**more: Any) -> Params:
    """Seven batches of eight, or four rounds and more of DiscoGAN's."""
    images = {"variants": {"mlp": {"network": "mlp", "objective": "minimax"}}}
    training = {"batch_size": 8, "log_every_kimg": 0.016, "pictures": 2}
    translation = {"resolution": 16, "budget_kimg": 0.1, "training": training, "variants": VARIANTS} | more
    return Params.model_validate({"device": "cpu", "images": images, "translation": translation})


def trainer_of(variant: str, root: Path, path: str = "eager", memory_format: str = "channels_last") -> Trainer:
    params, domains = declare(), Domains.open(root)
    recipe = translation_recipe(params, variant)
    torch.manual_seed(0)
    game = recipe.build(shape_of(domains.a), shape_of(domains.b), 8)
    stream = DomainStream(domains, recipe.game.pairs, 8, 0, CPU)
    return Trainer(game, recipe.optimizer, stream, 8, "fp32", CPU, path, memory_format)


def play(trainer: Trainer, rounds: int) -> list[Reading]:
    for _ in range(rounds):
        trainer.play_round()
    return list(trainer.read())


def digest(cell: Cell) -> dict[str, str]:
    files = sorted(path for path in cell.train_dir.rglob("*") if path.is_file())
    return {str(path.relative_to(cell.train_dir)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_killed_training_ends_with_the_same_bytes(
    variant: str, small_domains: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DVC_ROOT", raising=False)
    params, cell = declare(), Cell("translation", variant, 0)
    train_translation(cell, params, Watcher())
    expected = digest(cell)

    left, play_round = [3], Trainer.play_round

    def dying(self: Trainer) -> None:
        play_round(self)
        left[0] -= 1
        if left[0] == 0:
            raise KilledError

    often = params.model_copy(update={"engine": params.engine.model_copy(update={"checkpoint_seconds": 1e-9})})
    monkeypatch.setattr(checkpoint, "SHARE", 1)  # of the time may go into checkpoints: one a round
    monkeypatch.setattr(Trainer, "play_round", dying)
    with pytest.raises(KilledError), scratch_of_translation(cell, often) as scratch:
        train_translation(cell, often, Watcher(), scratch)
    torch.manual_seed(99)
    with scratch_of_translation(cell, params) as scratch:
        assert scratch.load() is not None
        status = train_translation(cell, params, Watcher(), scratch)
    assert status.status == "finished"
    assert digest(cell) == expected


def test_what_a_training_leaves(small_domains: Path) -> None:
    cell, watcher = Cell("translation", "pix2pix", 0), Watcher()
    train_translation(cell, declare(), watcher)
    names = {path.name for path in cell.train_dir.iterdir()}
    weights = {"generator_ab.safetensors", "generator_ab_ema.safetensors", "discriminator_b.safetensors"}
    tables = {"history.csv", "status.json", "declared.json", "domains.json", "snapshots.csv"}
    assert names == weights | tables | {"pictures", "snapshots"}
    assert json.loads((cell.train_dir / "domains.json").read_text()) == {
        "a": {"channels": 1, "resolution": 16},
        "b": {"channels": 3, "resolution": 16},
    }
    header = (cell.train_dir / "history.csv").read_text().splitlines()[0]
    assert header == "iteration,images,generator_total,generator,l1,discriminator"
    assert watcher.pictures == [0, 48, 96]
    picture = Image.open(cell.train_dir / "pictures/000000096.png")
    assert picture.mode == "RGB"
    assert picture.width == 4 * (3 * 18 + 2)  # input, output, target, at four times their size


def test_pictures_leave_no_trace_in_the_training(small_domains: Path) -> None:
    """Dropout draws random numbers for them; the training's are its own."""
    cell, found = Cell("translation", "pix2pix", 0), []
    for pictures in (1, 6):
        training = {"batch_size": 8, "log_every_kimg": 0.016, "pictures": pictures}
        train_translation(cell, declare(training=training), Watcher())
        found.append(load_file(cell.train_dir / "generator_ab.safetensors"))
    assert all(torch.equal(value, found[1][name]) for name, value in found[0].items())


@pytest.mark.parametrize("variant", ["pix2pix", "cyclegan", "discogan", "penalised"])
def test_compiled_is_eager(variant: str, small_domains: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Within 1e-4 of each loss; the pool and the schedule are part of the compiled function.

    All are traced as one graph; the graph of the gradients is made for one.
    """
    monkeypatch.setattr(phase, "BACKEND", "aot_eager" if variant == "pix2pix" else "eager")
    rounds = []
    for path in ("compiled", "eager"):
        trainer = trainer_of(variant, small_domains, path)
        torch.manual_seed(1)
        rounds.append(play(trainer, 4))
    for one, other in zip(*rounds, strict=True):
        assert one.losses == pytest.approx(other.losses, rel=1e-4, abs=1e-5), f"round {one.iteration}"


@pytest.mark.parametrize("variant", ["pix2pix", "cyclegan", "discogan"])
def test_a_move_changes_its_players_alone(variant: str, small_domains: Path) -> None:
    trainer = trainer_of(variant, small_domains)
    for made in trainer._phases:
        before = {name: value.clone() for name, value in trainer.players.named_parameters()}
        trainer._make(made)
        changed = {
            name.split(".")[0]
            for name, value in trainer.players.named_parameters()
            if not torch.equal(value, before[name])
        }
        assert changed == set(made.move.trains)


def test_l1_falls_on_a_simple_mapping(small_domains: Path) -> None:
    readings = play(trainer_of("l1", small_domains), 60)
    assert readings[-1].losses["l1"] < 0.6 * readings[0].losses["l1"]


def test_discriminators_have_their_own_learning_rate(small_domains: Path) -> None:
    optimizer = {"lr": 1e-3, "betas": [0.5, 0.999], "discriminator_lr": 4e-3}
    variants = {"two": VARIANTS["cyclegan"] | {"optimizer": optimizer}}
    recipe = translation_recipe(declare(variants=variants), "two")
    rates = {name: recipe.optimizer.lr_of(name) for name in ("generator_ab", "discriminator_a", "discriminator_b")}
    assert rates == {"generator_ab": 1e-3, "discriminator_a": 4e-3, "discriminator_b": 4e-3}


def test_a_paired_game_without_pairs_is_refused(small_domains: Path) -> None:
    domains = Domains.open(small_domains)
    params = declare()
    with pytest.raises(BenchError, match=r"it needs pairs, but edges .* has none; allowed: cycle, disco"):
        check_domains(params, "pix2pix", shape_of(domains.a), shape_of(domains.b), paired=False)
    with pytest.raises(BenchError, match=r"budget_kimg: 0.02: one round of discogan takes 24"):
        check_domains(declare(budget_kimg=0.02), "discogan", shape_of(domains.a), shape_of(domains.b), paired=True)


def test_processes_must_share_the_batch(small_domains: Path) -> None:
    params = declare()
    params = params.model_copy(update={"engine": params.engine.model_copy(update={"processes": 3})})
    with pytest.raises(BenchError, match=r"engine.processes: 3"):
        translation_recipe(params, "pix2pix")


def test_contiguous_images_give_the_same_losses(small_domains: Path) -> None:
    trainer = trainer_of("cyclegan", small_domains, memory_format="contiguous")
    seen: list[Tensor] = []
    trainer.players["generator_ab"].register_forward_pre_hook(lambda _, inputs: seen.extend(inputs))
    losses = play(trainer, 3)
    weights = [weight for player in trainer.players.values() for weight in player.parameters()]
    assert seen
    assert all(images.is_contiguous() for images in (*seen, *weights))
    for one, other in zip(losses, play(trainer_of("cyclegan", small_domains), 3), strict=True):
        assert one.losses == pytest.approx(other.losses, rel=1e-4)
