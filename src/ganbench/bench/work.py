"""What a round has to compute, and how fast this machine could do it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_flatten, tree_unflatten
from torch.utils.flop_counter import flop_registry

from ganbench.bench.clock import best

aten = torch.ops.aten
CONVOLUTIONS = (aten.convolution.default, aten.convolution_backward.default)
PRODUCTS = (*CONVOLUTIONS, aten.mm.default, aten.addmm.default, aten.bmm.default, aten.baddbmm.default)
"""Operators that multiply matrices, forward and backward, of first and second order."""
FREE = ("empty", "empty_like", "empty_strided", "new_empty", "new_empty_strided", "_unsafe_view", "detach", "alias")
"""Operators that move no bytes, beside views."""
COPIES = tuple(2**power for power in (18, 22, 26))
"""Float32 values in the buffers that are copied for the rate of memory: in a cache, at its edge, beyond it."""


@dataclass(frozen=True)
class Shape:
    """A tensor argument, without its values."""

    size: tuple[int, ...]
    stride: tuple[int, ...]
    dtype: torch.dtype

    def tensor(self, device: torch.device, layout: torch.memory_format | None) -> Tensor:
        """Noise of this shape; images and filters in a layout, or as they were."""
        numbers = sum((size - 1) * step for size, step in zip(self.size, self.stride, strict=True)) + 1
        flat = torch.randn(numbers, device=device).to(self.dtype)
        tensor = flat.as_strided(self.size, self.stride)
        return tensor.contiguous(memory_format=layout) if layout and len(self.size) == 4 else tensor


@dataclass(frozen=True)
class Call:
    """A call of an operator: what it was called with, without the values of tensors."""

    operator: Any
    leaves: tuple[Any, ...]
    tree: Any

    @classmethod
    def of(cls, operator: Any, arguments: tuple[Any, ...]) -> Call:
        """Forget the values."""
        leaves, tree = tree_flatten(arguments)
        return cls(operator, tuple(_described(leaf) for leaf in leaves), tree)

    def seconds(self, device: torch.device, budget: float) -> float:
        """Of this call alone, in the best layout, measured for about `budget` seconds a layout."""
        both = (torch.contiguous_format, torch.channels_last)
        layouts = both if self.operator in CONVOLUTIONS else (None,)

        def timed(layout: torch.memory_format | None) -> float:
            leaves = [leaf.tensor(device, layout) if isinstance(leaf, Shape) else leaf for leaf in self.leaves]
            arguments = tree_unflatten(leaves, self.tree)
            with torch.no_grad():
                return best(lambda: self.operator(*arguments), device, budget)

        return min(map(timed, layouts))


def _described(leaf: Any) -> Any:
    return Shape(tuple(leaf.shape), leaf.stride(), leaf.dtype) if isinstance(leaf, Tensor) else leaf


class Trace(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Notes every product of matrices, counts its operations and the bytes that all other operators read and write.

    An operation is what ``torch.utils.flop_counter`` takes for one: a multiplication and an addition are two. Its own
    mode follows modules by hooks, which gradients of gradients by ``torch.func`` do not bear.
    """

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.products: Counter[Call] = Counter()
        self.bytes = 0
        self.flops = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        out = func(*args, **(kwargs or {}))
        if func in PRODUCTS:
            self.products[Call.of(func, args)] += 1
            self.flops += int(flop_registry[func.overloadpacket](*args, **(kwargs or {}), out_val=out))
        elif not func.is_view and func.overloadpacket.__name__ not in FREE:
            self.bytes += sum(map(_bytes, tree_flatten((args, kwargs, out))[0]))
        return out


def _bytes(leaf: Any) -> int:
    """Of a tensor; what was expanded is read once."""
    if not isinstance(leaf, Tensor):
        return 0
    return min(leaf.numel() * leaf.element_size(), leaf.untyped_storage().nbytes())


@dataclass(frozen=True)
class Limit:
    """How fast a round could be if nothing but its arithmetic and its memory cost time."""

    gflop_per_image: float
    """Of all products, forward and backward, a real image."""

    products_seconds: float
    """Every product of the round, timed alone at its shapes, in the better layout, added up."""

    moved_mb: float
    """What the round's other operators read and write, each by itself."""

    copy_gb_per_second: float
    """The best rate of a copy in memory, reading and writing counted."""

    images: int

    @property
    def seconds(self) -> float:
        """Products and bytes, one after the other."""
        return self.products_seconds + self.moved_mb / 1000 / self.copy_gb_per_second

    def record(self, rate: float) -> dict[str, float]:
        """For JSON, with the share that was reached at `rate` images a second."""
        return asdict(self) | {
            "seconds": self.seconds,
            "images_per_second": self.images / self.seconds,
            "share": rate * self.seconds / self.images,
            "share_of_products": rate * self.products_seconds / self.images,
        }


def measure_limit(play: Callable[[], object], images: int, device: torch.device, budget: float) -> Limit:
    """The limit of a round.

    Args:
        play: one round, eager.
        images: real images in it.
        device: where it computes.
        budget: seconds to time each product for, in each layout.
    """
    with Trace() as trace:
        play()
    products = sum(count * call.seconds(device, budget) for call, count in trace.products.items())
    rate = max(_copy_rate(numbers, device, budget) for numbers in COPIES)
    return Limit(trace.flops / 1e9 / images, products, trace.bytes / 1e6, rate / 1e9, images)


def gflop(play: Callable[[], object]) -> float:
    """Of all products in a round, in 10⁹ operations."""
    with Trace() as trace:
        play()
    flops: int = trace.flops
    return flops / 1e9


def _copy_rate(numbers: int, device: torch.device, budget: float) -> float:
    """Bytes a second, read and written."""
    source = torch.zeros(numbers, device=device)
    target = torch.zeros_like(source)
    return 2 * source.nbytes / best(lambda: target.copy_(source), device, budget)
