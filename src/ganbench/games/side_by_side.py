"""One game for several seeds at once: their weights are stacked, and each operation serves them all.

Small networks leave a machine idle between launches. Side by side, S seeds cost as many launches as one. They do not
meet: the sum of their losses has for each seed's weights the gradient of its own loss.
"""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.func import functional_call, stack_module_state, vmap
from torch.overrides import TorchFunctionMode

from ganbench.data.batches import Batch
from ganbench.data.points.stream import LATENT, LOSS, Blocks
from ganbench.games.game import Averaged, Game, Losses, Move, Noise

State = dict[str, Tensor]


class Stacked(nn.Module):
    """Modules of one architecture as one: inputs (S, N, …) → outputs (S, N, …).

    Its parameters and buffers are those of the modules, each with a leading axis S and a dot of its name replaced.
    """

    def __init__(self, modules: Sequence[nn.Module]) -> None:
        super().__init__()
        self._template = (copy.deepcopy(modules[0]),)  # in a tuple it is no submodule: its weights are nobody's
        parameters, buffers = stack_module_state(list(modules))
        for name, tensor in parameters.items():
            self.register_parameter(_flat(name), nn.Parameter(tensor.detach().clone()))
        for name, tensor in buffers.items():
            self.register_buffer(_flat(name), tensor.detach().clone())
        self._names = {name: _flat(name) for name in (*parameters, *buffers)}

    def __len__(self) -> int:
        """How many modules."""
        return len(next(iter(self.tensors().values())))

    @property
    def template(self) -> nn.Module:
        """A module of the architecture, whose own weights mean nothing."""
        return self._template[0]

    def train(self, mode: bool = True) -> Stacked:  # noqa: D102
        self.template.train(mode)
        return super().train(mode)

    def tensors(self) -> State:
        """Parameters and buffers with their leading axis, under the template's names."""
        own = self._parameters | self._buffers
        return {name: own[flat] for name, flat in self._names.items()}  # type: ignore[misc]

    def member(self, index: int) -> nn.Module:
        """A copy of one of the modules as it is now."""
        module = copy.deepcopy(self.template)
        with torch.no_grad():
            for name, tensor in (*module.named_parameters(), *module.named_buffers()):
                tensor.copy_(self.tensors()[name][index])
        return module

    def forward(self, inputs: Tensor) -> Tensor:  # noqa: D102
        def one(state: State, mine: Tensor) -> Tensor:
            return functional_call(self.template, state, (mine,), tie_weights=False)  # type: ignore[no-any-return]

        return vmap(one, randomness="different")(self.tensors(), inputs)


class SeedNoise:
    """Latents and all other draws of a game, for each seed a pure function of (seed, position).

    Args:
        seeds: one row a seed.
        latent: dimension of a latent.

    Attributes:
        position: moves made so far; a checkpoint keeps it.
    """

    def __init__(self, seeds: Sequence[int], latent: int) -> None:
        self.position = 0
        self.seeds = seeds
        self.latent = latent
        self._blocks: Blocks | None = None

    def __call__(self, size: int, device: torch.device) -> Noise:
        """Noise for the next move: latents, float32 (S, size, latent)."""
        if self._blocks is None:
            self._blocks = Blocks(self._normal, size, self.seeds, LATENT, device)
        latents = self._blocks.at(self.position)
        self.position += 1
        return {"latent": latents}

    def generators(self) -> list[np.random.Generator]:
        """A generator a seed for what the losses of the latest move draw."""
        return [np.random.default_rng([seed, LOSS, self.position]) for seed in self.seeds]

    def _normal(self, count: int, rng: np.random.Generator) -> Any:
        return rng.standard_normal((count, self.latent), np.float32)


class _OwnDraws(TorchFunctionMode):
    """Inside `vmap`, random numbers come from the generators of the seeds, not from torch's, which they would share."""

    def __init__(self, noise: SeedNoise, index: Tensor) -> None:
        super().__init__()
        self._noise = noise
        self._index = index  # the seed's place, batched by vmap
        self._generators: list[np.random.Generator] | None = None

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        kwargs = dict(kwargs or {})
        match func:
            case torch.rand | torch.randn:
                return self._draw(func is torch.randn, tuple(_shape(args)), kwargs.get("device"))
            case torch.rand_like | torch.randn_like:
                return self._draw(func is torch.randn_like, tuple(args[0].shape), args[0].device)
            case nn.functional.dropout:
                return self._dropout(*args, **kwargs)
        return func(*args, **kwargs)

    def _draw(self, normal: bool, shape: tuple[int, ...], device: Any) -> Tensor:
        if self._generators is None:
            self._generators = self._noise.generators()
        rows = [
            rng.standard_normal(shape, np.float32) if normal else rng.random(shape, np.float32)
            for rng in self._generators
        ]
        return torch.from_numpy(np.stack(rows)).to(device or "cpu")[self._index]

    def _dropout(self, values: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:  # noqa: ARG002
        if not training or p == 0:
            return values
        kept = self._draw(False, tuple(values.shape), values.device) >= p
        return values * kept / (1 - p)


def side_by_side(games: Sequence[Game], noise: SeedNoise) -> Game:
    """The same game for several seeds as one game.

    Args:
        games: one a seed, each with its own first weights; the same otherwise.
        noise: of the seeds, in the same order.

    Returns:
        a game whose batches are (S, N, …), whose players are `Stacked`, and whose losses are, in this order: the sum
        over seeds, which is minimised, and each term of each seed, ``<term>/<place of the seed>``. A single seed plays
        its own game, without the stack: half the time.
    """
    if len(games) == 1:
        return _alone(games[0], noise)
    first = games[0]
    players = nn.ModuleDict({name: Stacked([game.players[name] for game in games]) for name in first.players})
    places = torch.arange(len(games))

    def state() -> State:
        return {f"players.{name}.{key}": tensor for name, player in players.items() if isinstance(player, Stacked)
                for key, tensor in player.tensors().items()}  # fmt: skip

    def sided(move: Move) -> Move:
        scene = _Scene(first.players, move.loss)

        def one(tensors: State, batch: dict[str, Tensor], drawn: dict[str, Tensor], place: Tensor) -> Losses:
            with _OwnDraws(noise, place):
                return scene.with_weights(tensors, Batch(**batch), drawn)  # type: ignore[no-any-return]

        everybody = vmap(one, randomness="error")

        def loss(batch: Batch, drawn: Noise) -> Losses:
            known = {name: values for name, values in vars(batch).items() if len(values)}
            terms = everybody(state(), known, dict(drawn), places.to(batch.images.device))
            return _named(terms, next(iter(terms.values())).sum())

        @torch.no_grad()
        def after() -> None:
            assert move.after is not None
            finish, everything = _Scene(first.players, move.after), state()
            for place in range(len(games)):
                finish.with_weights({name: tensor[place] for name, tensor in everything.items()})

        return dataclasses.replace(move, loss=loss, after=after if move.after else None)

    return dataclasses.replace(first, players=players, round=tuple(sided(move) for move in first.round), noise=noise)


def _alone(game: Game, noise: SeedNoise) -> Game:
    def sided(move: Move) -> Move:
        def loss(batch: Batch, drawn: Noise) -> Losses:
            mine = Batch(batch.images[0], batch.labels[0])
            with _OwnDraws(noise, torch.tensor(0)):
                terms = move.loss(mine, {name: values[0] for name, values in drawn.items()})
            minimised = next(iter(terms.values()))
            return _named({term: value[None] for term, value in terms.items()}, minimised)

        return dataclasses.replace(move, loss=loss)

    def averaged(one: Averaged) -> Averaged:
        def inputs(batch: Batch, drawn: Noise) -> tuple[Tensor, ...]:
            return tuple(values[0] for values in one.inputs(batch, drawn))

        return dataclasses.replace(one, inputs=inputs)

    average = {name: averaged(one) for name, one in game.average.items()}
    return dataclasses.replace(game, round=tuple(sided(move) for move in game.round), noise=noise, average=average)


def _named(terms: Losses, minimised: Tensor) -> Losses:
    """What is minimised, then each term (S,) seed by seed."""
    apart = {f"{term}/{at}": value for term, values in terms.items() for at, value in enumerate(values.unbind())}
    return {f"{next(iter(terms))}/sum": minimised, **apart}


def member(player: nn.Module, index: int) -> nn.Module:
    """A player of one seed, as it is now."""
    return player.member(index) if isinstance(player, Stacked) else player


class _Scene(nn.Module):
    """A function that refers to players, as a module, so that other weights can stand in for theirs."""

    def __init__(self, players: nn.ModuleDict, act: Callable[..., Any]) -> None:
        super().__init__()
        self.players = players
        self._act = (act,)

    def forward(self, *args: Any) -> Any:
        return self._act[0](*args)

    def with_weights(self, tensors: State, *args: Any) -> Any:
        """Act with these parameters and buffers in the players."""
        return functional_call(self, tensors, args, tie_weights=False)


def _shape(args: tuple[Any, ...]) -> tuple[int, ...]:
    """``torch.rand(2, 3)`` and ``torch.rand((2, 3))``."""
    return tuple(args[0]) if len(args) == 1 and not isinstance(args[0], int) else args


def _flat(name: str) -> str:
    """A parameter's name may hold no dot."""
    return name.replace(".", "__")
