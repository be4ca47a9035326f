"""A phase is one move as the trainer makes it: eager, compiled or in a CUDA graph, with the same numbers from each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from types import FunctionType
from typing import Any, Generic, TypeVar

import torch
from torch import Tensor

from ganbench.data.batches import Batch
from ganbench.errors import BenchError
from ganbench.games.game import Losses, Move, Noise
from ganbench.games.optimizer import Steps
from ganbench.params import FILE
from ganbench.training.distributed import Ranks
from ganbench.training.state import load_random, random_state

T = TypeVar("T")

PATH_KEY = "engine.path"
BACKEND = "inductor"
WARM_UPS = 3
"""Runs before a capture: libraries choose their kernels and take their workspaces in the first ones."""


class Phase:
    """The gradients of a move, their mean over the ranks, an optimiser step and the projections.

    Args:
        move: of the game.
        steps: the optimiser of each player.
        bf16: run the networks under autocast.
        compiled: losses and gradients, penalties' included, become one compiled function; the key of params.yaml that
            says so, or None.
        device: where to compute.
        ranks: processes that share the batch.

    Attributes:
        terms: names of the losses, known after the first call.
        shown: their latest values, float32 (terms,), the mean over the ranks.
    """

    def __init__(
        self,
        move: Move,
        steps: Mapping[str, Steps],
        bf16: bool,
        compiled: str | None,
        device: torch.device,
        ranks: Ranks,
    ) -> None:
        self.move = move
        self.terms: tuple[str, ...] = ()
        self.shown = torch.empty(0)
        self._steps = [steps[name] for name in move.trains]
        self._weights = [weight for player in self._steps for weight in player.weights]
        self._strides = [weight.stride() for weight in self._weights]
        self._bf16 = bf16
        self._device = device
        self._ranks = ranks
        self.gradients = self._gradients
        if compiled:
            self.gradients = _compiled(self._gradients, str(self), compiled)

    def __str__(self) -> str:
        return f"the move of {' and '.join(self.move.trains)}"

    def __call__(self, batch: Batch, noise: Noise) -> Tensor:
        """Make the move once. Nothing here waits for the device."""
        losses, found = self.gradients(batch, noise)
        gradients = self._laid_out(found)
        self.terms = tuple(losses)
        shown = torch.stack(tuple(losses.values()))
        self._ranks.mean_([*gradients, shown])
        for player in self._steps:
            player.step(gradients[: len(player.weights)])
            gradients = gradients[len(player.weights) :]
        if self.move.after:
            self.move.after()
        return shown

    def _gradients(self, batch: Batch, noise: Noise) -> tuple[Losses, tuple[Tensor, ...]]:
        """The losses, and the gradient of the first for every weight that the move trains.

        No other gradients are computed, whatever else the loss depends on. A weight that it does not depend on has
        gradient 0.
        """
        with torch.autocast(self._device.type, torch.bfloat16, cache_enabled=False) if self._bf16 else nullcontext():
            losses = self.move.loss(batch, noise)
        gradients = torch.autograd.grad(
            next(iter(losses.values())), self._weights, allow_unused=True, materialize_grads=True
        )
        return {name: loss.detach() for name, loss in losses.items()}, gradients

    def _laid_out(self, gradients: Sequence[Tensor]) -> list[Tensor]:
        """Optimisers walk through memory in order: each gradient takes its weight's memory format."""
        return [
            gradient if gradient.stride() == stride else torch.empty_like(weight).detach().copy_(gradient)
            for gradient, weight, stride in zip(gradients, self._weights, self._strides, strict=True)
        ]


class Captured(Generic[T]):
    """Work as a CUDA graph: its kernels in their order, launched at once, reading and writing the same memory.

    It is captured when it first runs. The runs before a capture leave no trace: what they moved is put back.

    Args:
        work: launches kernels and never waits for them; its result stays in one place.
        moves: every tensor that the work may change.
        device: CUDA.
        pool: memory that all graphs of a trainer share; they run one after the other.
        what: for messages.
    """

    def __init__(self, work: Callable[[], T], moves: list[Tensor], device: torch.device, pool: Any, what: str) -> None:
        self._work = work
        self._moves = moves
        self._device = device
        self._pool = pool
        self._what = what
        self._graph: torch.cuda.CUDAGraph | None = None
        self._result: T

    def __call__(self) -> T:
        """Run it.

        Raises:
            BenchError: it can't be captured.
        """
        if self._graph is None:
            try:
                self._capture()
            except RuntimeError as error:
                raise _refusal(PATH_KEY, "captured", f"{self._what} can't be captured", error) from error
            assert self._graph is not None
        self._graph.replay()
        return self._result

    def _capture(self) -> None:
        before = [tensor.detach().clone() for tensor in self._moves]
        random = random_state(self._device)
        self._warm_up()
        self._record()
        with torch.no_grad():
            torch._foreach_copy_(self._moves, before)
        load_random(random, self._device)

    def _warm_up(self) -> None:
        with torch.cuda.device(self._device):
            here, aside = torch.cuda.current_stream(), torch.cuda.Stream()  # type: ignore[no-untyped-call]
            aside.wait_stream(here)
            with torch.cuda.stream(aside):
                for _ in range(WARM_UPS):
                    self._work()
            here.wait_stream(aside)

    def _record(self) -> None:
        graph = torch.cuda.CUDAGraph()
        # «thread_local»: a thread that watches collectives may go on meanwhile
        with torch.cuda.device(self._device), torch.cuda.graph(graph, self._pool, capture_error_mode="thread_local"):
            self._result = self._work()
        self._graph = graph


def _compiled(function: Callable[..., T], what: str, key: str) -> Callable[..., T]:
    """Compile a method whole, as a function whose code is its own: the compiler keeps its versions there.

    Random numbers are torch's own, so that they are the same as without the compiler. A penalty's gradient is part of
    the function: the compiler must follow calls of autograd.

    Raises:
        BenchError: when called, if it can't be compiled.
    """
    import torch._dynamo.config as dynamo

    dynamo.trace_autograd_ops = True
    method = function.__func__  # type: ignore[attr-defined]
    own = FunctionType(method.__code__.replace(), method.__globals__, method.__name__, None, method.__closure__)
    options: dict[str, Any] | None = {"fallback_random": True} if BACKEND == "inductor" else None
    fast = torch.compile(own, fullgraph=True, dynamic=False, backend=BACKEND, options=options)

    def run(*args: Any) -> T:
        try:
            return fast(function.__self__, *args)  # type: ignore[attr-defined, no-any-return]
        except RuntimeError as error:
            raise _refusal(key, "compiled", f"{what} can't be compiled", error) from error

    return run


def _refusal(key: str, path: str, problem: str, error: RuntimeError) -> BenchError:
    reason = next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
    return BenchError(f"{FILE}: {key}: {path!r}: {problem}: {reason}; allowed: eager")
