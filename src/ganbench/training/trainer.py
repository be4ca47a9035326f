"""The trainer plays any game: it knows players, moves and batches, and no kind of GAN."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ganbench.data.batches import Batch, ImageStream
from ganbench.games.game import Game, Move
from ganbench.games.optimizer import Optimizer
from ganbench.training.average import Average


@dataclass(frozen=True)
class Reading:
    """The losses of one iteration."""

    iteration: int
    """Rounds played, counted from 1."""

    images: int
    """Real images shown so far."""

    losses: dict[str, float]

    @property
    def not_finite(self) -> str | None:
        """Name of the first loss that is NaN or infinite."""
        return next((name for name, loss in self.losses.items() if not abs(loss) < float("inf")), None)


class Trainer:
    """Plays the rounds of a game.

    Args:
        game: its players move to the device.
        optimizer: declared for the players; each has its own.
        stream: of real batches.
        batch_size: of real and of generated images.
        precision: ``bf16`` runs the networks under autocast; losses and penalties stay float32.
        device: where to compute.
    """

    def __init__(
        self,
        game: Game,
        optimizer: Optimizer,
        stream: ImageStream,
        batch_size: int,
        precision: str,
        device: torch.device,
    ) -> None:
        self.game = game
        self.players = game.players.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.players.train()
        self.averages = {name: Average(self.players[name], half_life) for name, half_life in game.average.items()}
        self.iteration = 0
        self.images = 0
        self._optimizers = {
            name: optimizer.build(player.parameters(), optimizer.lr_of(name)) for name, player in self.players.items()
        }
        self._stream = stream
        self._batch_size = batch_size
        self._device = device
        self._autocast = torch.autocast(device.type, torch.bfloat16, enabled=precision == "bf16", cache_enabled=False)
        self._batch: Batch | None = None
        self._losses: dict[str, Tensor] = {}
        self._unread: list[tuple[int, int, dict[str, Tensor]]] = []

    def play_round(self) -> None:
        """Make every move once, in order. Nothing here waits for the device."""
        before = self.images
        for move in self.game.round:
            if self.iteration % move.every == 0:
                for _ in range(move.repeats):
                    self._make(move)
        for average in self.averages.values():
            average.update(self.images - before)
        self.iteration += 1
        self._unread.append((self.iteration, self.images, self._losses.copy()))

    def read(self) -> Iterator[Reading]:
        """The losses of every round since the last call; waits for the device once."""
        unread, self._unread = self._unread, []
        if not unread:
            return
        names = list(self._losses)  # the first round makes every move, so every round has all of them
        table = torch.stack([losses[name] for _, _, losses in unread for name in names])
        rows = table.view(len(unread), len(names)).tolist()
        for (iteration, images, _), row in zip(unread, rows, strict=True):
            yield Reading(iteration, images, dict(zip(names, row, strict=True)))

    def not_finite(self) -> str | None:
        """Name of the first player, or average of one, with a weight that is NaN or infinite; waits for the device."""
        everybody: list[tuple[str, nn.Module]] = list(self.players.items())
        everybody += [(name, average.module) for name, average in self.averages.items()]
        for name, player in everybody:
            if not all(bool(weight.isfinite().all()) for weight in player.state_dict().values()):
                return name
        return None

    def _make(self, move: Move) -> None:
        if move.counts or self._batch is None:
            self._batch = self._stream.next()
            self.images += self._batch_size if move.counts else 0
        for name, player in self.players.items():
            player.requires_grad_(name in move.trains)
        noise = self.game.noise(self._batch_size, self._device)
        with self._autocast:
            losses = move.loss(self._batch, noise)
        next(iter(losses.values())).backward()  # type: ignore[no-untyped-call]
        for name in move.trains:
            self._optimizers[name].step()
            self._optimizers[name].zero_grad()
        if move.after:
            move.after()
        self._losses.update((name, loss.detach()) for name, loss in losses.items())
