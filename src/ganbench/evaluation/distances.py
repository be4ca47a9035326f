"""Distances between two sets of points, in float64 and bounded memory.

‖x−y‖² = ‖x‖² + ‖y‖² − 2x·y is fast but loses all digits between near-duplicates. So it only selects here: what is
reported as a distance is computed from the difference x − y, and where it must decide, what is below its rounding
error counts as 0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

ROWS, COLUMNS = 1024, 8192
"""A tile of a distance matrix: 64 MiB."""

SPARE = 8
"""Candidates beyond the k nearest that are measured exactly, since rounding may have exchanged them."""

Points = NDArray[Any]


@dataclass(frozen=True)
class Nearest:
    """The k nearest of N points for each of n queries, nearest first.

    Attributes:
        distances: float64 (n, k), Euclidean.
        rows: int64 (n, k), which of the N points.
        reach: float64 (n,), how far the nearest of the N points is from the next nearest of them; None: not measured.
    """

    distances: NDArray[np.float64]
    rows: NDArray[np.int64]
    reach: NDArray[np.float64] | None = None


def as_points(array: Points) -> NDArray[np.float64]:
    """Any array (N, …) → float64 (N, d)."""
    return np.asarray(array, np.float64).reshape(len(array), -1)


def nearest(queries: Points, base: Points, k: int, points: Callable[[Points], Points] = as_points) -> Nearest:
    """The exact k nearest points of `base` for each query.

    Args:
        queries: (n, …).
        base: (N, …) with N ≥ k, possibly a memory map: it is read tile by tile.
        k: how many.
        points: brings either, part by part, to float64 (·, d).
    """
    wanted = min(k + SPARE, len(base))
    asked = torch.from_numpy(points(queries))
    best = torch.full((len(queries), wanted), torch.inf, dtype=torch.float64)
    rows = torch.zeros((len(queries), wanted), dtype=torch.int64)
    for start in range(0, len(base), COLUMNS):
        tile = torch.from_numpy(points(base[start : start + COLUMNS]))
        norm = tile.square().sum(1)
        for part in _slices(len(queries)):
            less_own_norm = torch.addmm(norm, asked[part], tile.T, alpha=-2)
            keep_nearest(best, rows, part, less_own_norm, start)
    return measured(asked.numpy(), base, rows.numpy(), k, points)


def keep_nearest(best: Tensor, rows: Tensor, part: slice, tile: Tensor, start: int) -> None:
    """Of the candidates so far and those of a tile, keep the nearest, in place.

    Args:
        best: (n, candidates), what is compared: squared distances, or what orders like them.
        rows: int64 (n, candidates), whose they are.
        part: of the n, the tile's rows.
        tile: (len(part), columns).
        start: the number of the tile's first column.
    """
    found, where = tile.topk(min(best.shape[1], tile.shape[1]), largest=False)
    found, where = torch.cat([best[part], found], 1), torch.cat([rows[part], where + start], 1)
    best[part], order = found.topk(best.shape[1], largest=False)
    rows[part] = where.gather(1, order)


def measured(
    queries: Points, base: Points, rows: NDArray[np.int64], k: int, points: Callable[[Points], Points] = as_points
) -> Nearest:
    """The k nearest among candidates, by exact distances; of equals, the first row.

    Args:
        queries: (n, d).
        base: (N, …), see `nearest`.
        rows: (n, candidates), of the base.
        k: how many.
        points: see `nearest`; queries have been brought there.
    """
    rows = np.sort(rows, axis=1)
    distances = np.empty(rows.shape)
    for index, candidates in enumerate(rows):
        distances[index] = np.linalg.norm(points(base[candidates]) - queries[index], axis=1)
    order = np.argsort(distances, axis=1, kind="stable")[:, :k]
    return Nearest(np.take_along_axis(distances, order, 1), np.take_along_axis(rows, order, 1))


def squared_apart(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    """All squared distances (n, m) between float64 (n, d) and (m, d); 0 where they are lost in rounding."""
    centre = x.mean(axis=0)
    return roughly_squared(torch.from_numpy(x - centre), torch.from_numpy(y - centre)).numpy()


def roughly_squared(x: Tensor, y: Tensor) -> Tensor:
    """Squared distances (n, m) between float64 (n, d) and (m, d); 0 where they are lost in rounding."""
    x_norm, y_norm = x.square().sum(1, keepdim=True), y.square().sum(1)
    squared = torch.addmm(y_norm, x, y.T, alpha=-2).add_(x_norm)
    doubt = 4 * x.shape[1] * torch.finfo(torch.float64).eps * (x_norm + y_norm)
    return squared.masked_fill_(squared <= doubt, 0.0)


def tiles(x: Tensor, y: Tensor) -> Iterator[tuple[slice, slice]]:
    """Pairs of slices that cover a matrix of len(x) × len(y)."""
    for part in _slices(len(x)):
        for start in range(0, len(y), COLUMNS):
            yield part, slice(start, start + COLUMNS)


def _slices(count: int) -> Iterator[slice]:
    yield from (slice(start, start + ROWS) for start in range(0, count, ROWS))
