"""The trainer plays any game: it knows players, moves and batches, and no kind of GAN."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

from ganbench import across
from ganbench.data.batches import Batch, Stream
from ganbench.errors import BenchError
from ganbench.games.game import Game, Noise
from ganbench.games.optimizer import Optimizer
from ganbench.networks.across import see_whole_batch
from ganbench.params import FILE
from ganbench.training.average import Average
from ganbench.training.device import pick_path
from ganbench.training.distributed import ALONE, Ranks
from ganbench.training.ledger import Ledger
from ganbench.training.phase import PATH_KEY, Captured, Phase
from ganbench.training.reading import Reading
from ganbench.training.state import State, below, check, load_random, part, put_back, random_state, tensors_of, to_host

A = TypeVar("A", bound=Hashable)
R = TypeVar("R")

SETTLING = 1024
"""Images, or points of every seed, on which batch norm's statistics of an average are taken."""
MEMORY_FORMATS = {"channels_last": torch.channels_last, "contiguous": torch.contiguous_format}


class Trainer:
    """Plays the rounds of a game.

    Args:
        game: its players and its memory move to the device.
        optimizer: declared for the players; each has its own.
        stream: of real batches.
        batch_size: of real and of generated images, over all ranks.
        precision: ``bf16`` runs the networks under autocast; losses and penalties stay float32.
        device: where to compute.
        path: ``eager``, ``compiled``, ``captured`` in CUDA graphs, or ``auto``; the same numbers from each.
        memory_format: ``channels_last`` or ``contiguous``, of images and of convolutions' weights.
        ranks: processes that share the batch; each draws the whole of it and takes its slice.
        path_key: of params.yaml, where the path was chosen; for messages.

    Attributes:
        players: on the device, in training mode.
        averages: moving averages of players; what is shown of them is `shown`.
        path: the one that is taken.
        ranks: processes that share the batch.
        iteration: rounds played.
        rounds: of the whole training, where it is known; falling learning rates follow it.
        images: real images shown.

    Raises:
        BenchError: a path that the device does not have, or that can't follow a falling learning rate.
    """

    def __init__(
        self,
        game: Game,
        optimizer: Optimizer,
        stream: Stream,
        batch_size: int,
        precision: str,
        device: torch.device,
        path: str = "eager",
        memory_format: str = "channels_last",
        ranks: Ranks = ALONE,
        path_key: str = PATH_KEY,
    ) -> None:
        self.game = game
        self._format = MEMORY_FORMATS[memory_format]
        self.players = game.players.to(device, memory_format=self._format)  # type: ignore[call-overload]
        self.players.train()
        see_whole_batch(self.players)
        self.averages = {name: Average(self.players[name], one.half_life) for name, one in game.average.items()}
        self._shown: dict[str, tuple[int, nn.Module]] = {}
        self.path = pick_path(path, device)
        if self.path == "captured" and optimizer.decay_from is not None:
            raise BenchError(
                f"{FILE}: {path_key}: 'captured': a CUDA graph keeps its learning rates, which the optimizer's "
                "decay_from lowers; allowed: eager, compiled"
            )
        self.ranks = ranks
        self.iteration = 0
        self.rounds: int | None = None
        self.images = 0
        memory = nn.Module() if game.memory is None else game.memory
        self._memory = memory.to(device, memory_format=self._format)  # type: ignore[call-overload]
        self._steps = {
            name: optimizer.steps(player.parameters(), optimizer.lr_of(name)) for name, player in self.players.items()
        }
        compiled = path_key if self.path == "compiled" else None
        self._phases = [Phase(move, self._steps, precision == "bf16", compiled, device, ranks) for move in game.round]
        self._optimizer = optimizer
        self._ledger = Ledger(self._phases)
        self._batch_size = batch_size
        self._share: slice | None = None
        if ranks.size > 1:
            rows = batch_size // ranks.size
            stream.share = self._share = slice(rows * ranks.index, rows * (ranks.index + 1))
        self._device = device
        self._stream = stream
        self._pool = torch.cuda.graph_pool_handle() if self.path == "captured" else None
        self._graphs: dict[Hashable, Captured[Any]] = {}
        self._resident = stream if self._pool is not None and stream.resident else None  # one that graphs draw from
        self._batch: Batch | None = None
        self._seen_at = -1  # where the stream stood before the batch
        if self._pool is not None or not game.round[0].counts:
            self._first_batch()

    def play_round(self) -> None:
        """Make every move once, in order. Nothing here waits for the device."""
        before = self.images
        if self._optimizer.decay_from is not None and self.rounds:
            self._set_rates(self.iteration / self.rounds)
        for phase in self._phases:
            if self.iteration % phase.move.every == 0:
                for _ in range(phase.move.repeats):
                    self._make(phase)
        if self.averages:
            self._launch("the moving averages", self._follow, self.images - before)
        self.iteration += 1
        self._ledger.note(self.iteration, self.images)

    def steps_of(self, player: str) -> int:
        """Optimiser steps that a player has made."""
        moves = [move for move in self.game.round if player in move.trains]
        return sum(move.repeats * -(-self.iteration // move.every) for move in moves)

    def shown(self, player: str) -> nn.Module:
        """What is drawn with, kept and evaluated of a player: its moving average, or itself where none is kept.

        Batch norm's statistics of the average are taken anew, on `SETTLING` images' worth of what it is called with;
        this leaves no trace in the training. Other processes that share the training need not do the same.
        """
        itself: nn.Module = self.players[player]
        average = self.averages.get(player)
        if average is None:
            return itself
        if not average.unsettled:
            return average.module
        at, settled = self._shown.get(player, (-1, average.module))
        if at != self.iteration:
            inputs = self.game.average[player].inputs
            with self._aside():
                settled = average.settled(inputs(*self._coming()) for _ in range(-(-SETTLING // self._batch_size)))
            self._shown[player] = self.iteration, settled
        return settled

    def read(self) -> Iterator[Reading]:
        """The losses of every round since the last call; waits for the device once."""
        return self._ledger.read()

    def not_finite(self) -> str | None:
        """Name of the first player, or average of one, with a weight that is NaN or infinite; waits for the device."""
        everybody: list[tuple[str, nn.Module]] = list(self.players.items())
        everybody += [(name, average.module) for name, average in self.averages.items()]
        for name, player in everybody:
            if not all(bool(weight.isfinite().all()) for weight in player.state_dict().values()):
                return name
        return None

    def agree(self) -> None:
        """Refuse to go on where the ranks stand at different rounds.

        Raises:
            BenchError: they do.
        """
        self.ranks.check_same(self.iteration, "the round to go on from", self._device)

    def state(self) -> State:
        """All that the rounds to come depend on, and the losses that nobody has read yet: tensors on the host."""
        tensors = to_host(self._tensors() | self._ledger.tensors())
        return tensors | below("count", self._counts()) | below("random", random_state(self._device))

    def load_state(self, state: Mapping[str, Tensor]) -> None:
        """Put a state back. On a CPU, what follows is to the bit what would have followed there.

        Raises:
            BenchError: it is of another game; nothing is changed then.
        """
        tensors = self._tensors()
        expected = tensors | below("count", self._counts()) | below("random", random_state(self._device))
        check(expected, {name: value for name, value in state.items() if not name.startswith(("shown/", "unread/"))})
        put_back(tensors, state)
        self._ledger.load(state, self._device)
        count = {name: int(value) for name, value in part(state, "count").items()}
        self.iteration, self.images = count["iteration"], count["images"]
        if count["seen_at"] >= 0:
            self._stream.position = count["seen_at"]
            self._see(self._stream.next())
        self._seen_at, self._stream.position = count["seen_at"], count["position"]
        if hasattr(self.game.noise, "position"):
            self.game.noise.position = count["noise"]
        load_random(part(state, "random"), self._device)
        self._shown.clear()

    def _set_rates(self, progress: float) -> None:
        for name, steps in self._steps.items():
            steps.lr = self._optimizer.lr_of(name, progress)

    def _make(self, phase: Phase) -> None:
        """One move: the host's part, then the device's."""
        if phase.move.counts:
            self._next_batch()
            self.images += self._batch_size
        phase.shown = self._launch(str(phase), self._move, phase)

    def _move(self, phase: Phase) -> Tensor:
        """The device's part of a move."""
        if phase.move.counts and self._resident:
            self._see(self._resident.draw())
        assert self._batch is not None
        return phase(self._batch, self._noise())

    def _follow(self, images: int) -> None:
        for average in self.averages.values():
            average.update(images)

    def _launch(self, what: str, work: Callable[[A], R], argument: A) -> R:
        """Have the device do a work on an argument; where graphs are captured, by the graph of just that."""
        if self._pool is None:
            return work(argument)
        if (what, argument) not in self._graphs:
            captured = Captured(partial(work, argument), self._moving(), self._device, self._pool, what)
            self._graphs[what, argument] = captured
        result: R = self._graphs[what, argument]()
        return result

    def _noise(self) -> Noise:
        noise = self.game.noise(self._batch_size, self._device)
        return noise if self._share is None else {name: drawn[self._share] for name, drawn in noise.items()}

    def _coming(self) -> tuple[Batch, Noise]:
        return self._stream.next(), self.game.noise(self._batch_size, self._device)

    @contextmanager
    def _aside(self) -> Iterator[None]:
        """Around what draws whole batches and noise of its own, the same at any moment of the training."""
        stream, noise = self._stream, self.game.noise
        share, at, drawn = stream.share, stream.position, getattr(noise, "position", None)
        devices = [self._device] if self._device.type == "cuda" else []
        with across.alone(), torch.random.fork_rng(devices):
            torch.manual_seed(0)
            stream.share, stream.position = slice(None), 0
            if drawn is not None:
                noise.position = 0  # type: ignore[attr-defined]
            try:
                yield
            finally:
                stream.share, stream.position = share, at
                if drawn is not None:
                    noise.position = drawn  # type: ignore[attr-defined]

    def _first_batch(self) -> None:
        """A first move that does not count sees a batch all the same; graphs need to know where batches will be."""
        at = self._stream.position
        self._see(self._stream.next())
        if self.game.round[0].counts:
            self._stream.position = at
        else:
            self._seen_at = at

    def _next_batch(self) -> None:
        self._seen_at = self._stream.position
        if self._resident:
            self._resident.prepare()
        else:
            self._see(self._stream.next())

    def _see(self, batch: Batch) -> None:
        """Show a batch to the moves; graphs look for it in one place."""
        if self._format == torch.contiguous_format:
            batch = replace(batch, images=batch.images.contiguous(), targets=batch.targets.contiguous())
        if self._batch is None or self._pool is None:
            self._batch = batch
        else:
            for mine, new in zip(vars(self._batch).values(), vars(batch).values(), strict=True):
                mine.copy_(new)

    def _tensors(self) -> State:
        """Every tensor that training changes, each in its place for good."""
        tensors = below("players", tensors_of(self.players)) | below("memory", tensors_of(self._memory))
        for name, average in self.averages.items():
            tensors |= below(f"averages/{name}", tensors_of(average.module))
        for name, steps in self._steps.items():
            tensors |= below(f"optimizers/{name}", steps.tensors())
        return tensors

    def _moving(self) -> list[Tensor]:
        """What a graph may change."""
        moving = list(self._tensors().values())
        if self._resident:
            moving += [*self._resident.moving, *vars(self._batch).values()]
        return moving

    def _counts(self) -> State:
        counts = {"iteration": self.iteration, "images": self.images, "position": self._stream.position}
        counts |= {"seen_at": self._seen_at, "noise": getattr(self.game.noise, "position", 0)}
        return {name: torch.tensor(count) for name, count in counts.items()}
