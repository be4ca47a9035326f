"""Which points are nearest, and within which radii, decided in float32 where that is safe and exactly where not.

A matrix product in float32 takes half the time and memory of one in float64, and its rounding error has a bound that
holds whatever the order of its sums, see `worst_rounding`. What lies farther from its border than the bound is decided
by it; the few pairs in between are measured again, from the difference of the points as they were given. The answers
are those of distances in float64.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ganbench.evaluation.distances import (
    COLUMNS,
    ROWS,
    SPARE,
    Nearest,
    as_points,
    keep_nearest,
    measured,
    nearest,
    roughly_squared,
    tiles,
)

Given = NDArray[Any]

SQUARE = 2048
"""Side of a tile of a symmetric matrix: 16 MiB."""
PART = 512
"""Rows that are brought to float64 at a time."""
DOUBTFUL = 1 / 64
"""Beyond this share of pairs in doubt a tile is computed in float64: points may be equal, or nearly."""
AT_ONCE = 2**18
"""Numbers that are measured again at a time: 2 MiB, which a core's cache holds."""
FEW = 2**22
"""Numbers that are measured again whatever their share of a tile."""
TINY = 1e-33
"""Squares below that may have left the range of float32."""
MIDDLE = 1000
"""Points whose median is the centre: a few that are far away do not move it."""


class Points:
    """Points as given and as float32, centred and divided by a power of two so that all are within [-1, 1].

    Args:
        given: (n, d), floating.
        centre: (d,), near most of the points that are compared.
        scale: a power of two.

    Attributes:
        scale: what distances were divided by.
        quick: float32 (n, d).
        norm: float32 (n,), squared.
    """

    def __init__(self, given: NDArray[np.floating], centre: NDArray[np.float64], scale: float) -> None:
        self.given, self.scale, self._centre = given, scale, centre
        self.quick = torch.empty(given.shape, dtype=torch.float32)
        self.norm = torch.empty(len(given), dtype=torch.float32)
        for start in range(0, len(given), PART):
            part = self.middle(slice(start, start + PART))
            self.quick[start : start + PART] = part
            self.norm[start : start + PART] = part.square_().sum(1)
        self.slack = worst_rounding(given.shape[1])

    def __len__(self) -> int:
        return len(self.given)

    def middle(self, rows: slice | NDArray[np.int64]) -> Tensor:
        """Rows in float64, centred."""
        moved = np.asarray(self.given[rows], np.float64) - self._centre
        return torch.from_numpy(np.multiply(moved, 1 / self.scale, out=moved))

    def exact(self, rows: Tensor, others: Points, columns: Tensor) -> Tensor:
        """Squared distances of pairs, float64, from their differences: row by row, or rows (n, 1) by columns (n, k)."""
        i, j = np.broadcast_arrays(rows.numpy(), columns.numpy())
        found = np.empty(i.shape)
        step = max(1, AT_ONCE // (self.given.shape[1] * int(np.prod(i.shape[1:]))))
        for start in range(0, len(i), step):
            part = slice(start, start + step)
            one = np.asarray(self.given[i[part]], np.float64)
            other = np.asarray(others.given[j[part]], np.float64)
            found[part] = np.square((one - other) / self.scale).sum(axis=-1)
        return torch.from_numpy(found)


def together(*sets: NDArray[np.floating]) -> list[Points]:
    """Several sets, each (n, d), in the same units."""
    centre = _middle(sets[0])
    scale = _power_of_two(max(_farthest(points, centre) for points in sets))
    return [Points(points, centre, scale) for points in sets]


def quickly_nearest(queries: Given, base: Given, k: int, points: Callable[[Given], Given] = np.asarray) -> Nearest:
    """As `ganbench.evaluation.distances.nearest`; a tie may name other rows.

    Args:
        queries: (n, …).
        base: (N, …) with N ≥ k, possibly a memory map: it is read tile by tile, twice.
        k: how many.
        points: brings either, part by part, to floating (·, d).
    """

    def exactly(part: Given) -> NDArray[np.float64]:
        return as_points(points(part))

    asked, wanted = points(queries), min(k + SPARE, len(base))
    centre, parts = _middle(asked), [slice(start, start + COLUMNS) for start in range(0, len(base), COLUMNS)]
    scale = _power_of_two(max(_farthest(points(part), centre) for part in (queries, *(base[part] for part in parts))))
    x, largest = Points(asked, centre, scale), 0.0
    best = torch.full((len(x), wanted), torch.inf)
    rows = torch.zeros((len(x), wanted), dtype=torch.int64)
    for part in parts:
        y = Points(points(base[part]), centre, scale)
        largest = max(largest, float(y.norm.max()))
        for some, columns in tiles(x.quick, y.quick):
            keep_nearest(best, rows, some, quickly_squared(x, some, y, columns), part.start + columns.start)
    found = measured(asked, base, rows.numpy(), k, exactly)
    if wanted < len(base):  # another point may be nearer than rounding let it seem
        kth = torch.from_numpy(found.distances[:, -1] / scale).square_()
        margin = x.slack * (x.norm + _norm_within(largest, x.norm, kth)) + TINY
        again = ((best[:, -1] - margin <= kth) & (kth > 0)).nonzero()[:, 0].numpy()
        if len(again):
            slowly = nearest(queries[again], base, k, exactly)
            found.distances[again], found.rows[again] = slowly.distances, slowly.rows
    return found


def reaches(points: Points, k: int) -> Tensor:
    """Squared distance of each point to its k-th nearest other point, float64 (n,), in the units of `Points`."""
    count, wanted = len(points), min(k + SPARE, len(points) - 1)
    best = torch.full((count, wanted), torch.inf)
    rows = torch.zeros((count, wanted), dtype=torch.int64)
    parts = [slice(start, min(start + SQUARE, count)) for start in range(0, count, SQUARE)]
    turned = torch.empty(min(SQUARE, count) ** 2)  # once: fresh memory costs as much as the copy
    for index, one in enumerate(parts):
        for other in parts[index:]:
            squared = quickly_squared(points, one, points, other)
            if one == other:
                squared.fill_diagonal_(torch.inf)
            else:
                columns = turned[: squared.numel()].view_as(squared.T).copy_(squared.T)
                keep_nearest(best, rows, other, columns, one.start)
            keep_nearest(best, rows, one, squared, other.start)
    every = torch.arange(count)
    found = points.exact(every, points, rows[:, k - 1])
    reach = float(points.norm.max())
    own, candidates = points.norm[:, None], points.norm[rows[:, :k]]
    farthest = (best[:, :k] + points.slack * (own + candidates)).amax(1) + TINY  # the k-th nearest is no farther
    margin = 2 * points.slack * (points.norm + _norm_within(reach, points.norm, farthest)) + TINY  # of two distances
    near = (best - best[:, k - 1 : k]).abs() <= margin[:, None]  # rounding may have exchanged them with the k-th
    for row in _batches((near.sum(1) > 1).nonzero()[:, 0]):
        ranked = points.exact(row[:, None], points, rows[row]).sort(1).values
        found[row] = ranked[:, k - 1]
    if wanted < count - 1:  # another point may be nearer than rounding let it seem
        for row in _batches((near[:, -1] & (found > 0)).nonzero()[:, 0]):
            found[row] = _reach_in_float64(points, row, k)
    return found


def worst_rounding(d: int, dtype: torch.dtype = torch.float32) -> float:
    """How far a squared distance in float32 can be from the true one, in units of |x|² + |y|²; or in float64.

    With u = 2⁻²⁴, half the distance from 1 to the next number: x and y are rounded to float32, whose product xᵀy is
    then off by 2u|x||y|; its d products and sums add du/(1 − du) · |x||y| (Higham 2002, "Accuracy and Stability of
    Numerical Algorithms", section 3.1), in any order and with or without fused operations; 2|x||y| ≤ |x|² + |y|². The
    rounded norms add u, and the two sums of norms and product, none of which is above 2(|x|² + |y|²), 2u each. A radius
    that is compared is rounded, too, and matters only up to 2(|x|² + |y|²): 2u. That makes d + 9; the rest is for
    products of these.
    """
    unit = torch.finfo(dtype).eps / 2
    return (d + 16) * unit / (1 - (d + 16) * unit)


def quickly_squared(x: Points, rows: slice, y: Points, columns: slice) -> Tensor:
    """Squared distances in float32, up to the margin of rounding."""
    return torch.addmm(y.norm[columns], x.quick[rows], y.quick[columns].T, alpha=-2).add_(x.norm[rows, None])


def within(x: Points, reach_x: Tensor, y: Points, reach_y: Tensor) -> Iterator[tuple[slice, slice, Tensor, Tensor]]:
    """Tile by tile, rows of x and columns of y: which y lie within the reach of x, and which x within that of y.

    Args:
        x, y: points of n and m rows.
        reach_x, reach_y: squared radii, float64 (n,) and (m,).
    """
    for rows, columns in tiles(x.quick, y.quick):
        tile = _Tile(x, rows, y, columns, quickly_squared(x, rows, y, columns))
        yield rows, columns, tile.inside(reach_x[rows, None]), tile.inside(reach_y[columns])


class _Tile:
    """Squared distances of a tile, whose comparisons are right."""

    def __init__(self, x: Points, rows: slice, y: Points, columns: slice, squared: Tensor) -> None:
        self._x, self._rows, self._y, self._columns, self._squared = x, rows, y, columns, squared
        self._again: Tensor | None = None

    def inside(self, reach: Tensor) -> Tensor:
        """Where the squared distance is at most `reach`, (r, 1) or (c,)."""
        for margin in self._margins():
            surely = self._squared <= (reach - margin).float()
            doubtful = (self._squared <= (reach + margin).float()).logical_xor_(surely)
            found = np.flatnonzero(doubtful.numpy())  # quicker than two indices from torch
            if len(found) <= DOUBTFUL * doubtful.numel() or len(found) * self._x.given.shape[1] <= FEW:
                i, j = (torch.from_numpy(index) for index in np.divmod(found, doubtful.shape[1]))
                exact = self._x.exact(self._rows.start + i, self._y, self._columns.start + j)
                surely[i, j] = exact <= reach.expand(doubtful.shape)[i, j]
                return surely
        return self._in_float64() <= reach

    def _margins(self) -> Iterator[Tensor]:
        """One for all pairs, which a single point that is far away makes useless; then one a pair."""
        one, other = self._x.norm[self._rows], self._y.norm[self._columns]
        yield self._x.slack * (one.max() + other.max()) + TINY
        yield self._x.slack * (one[:, None] + other) + TINY

    def _in_float64(self) -> Tensor:
        """Squared distances, less their rounding error: on the border is inside."""
        if self._again is None:
            x, y = self._x.middle(self._rows), self._y.middle(self._columns)
            self._again = roughly_squared(x, y).mul_(1 - 1e-12)
        return self._again


def _reach_in_float64(points: Points, rows: Tensor, k: int) -> Tensor:
    """As `reaches`, of some rows."""
    x, wanted = points.middle(rows.numpy()), min(k + SPARE, len(points) - 1)
    best = torch.full((len(rows), wanted), torch.inf, dtype=torch.float64)
    where = torch.zeros((len(rows), wanted), dtype=torch.int64)
    for start in range(0, len(points), SQUARE):
        squared = roughly_squared(x, points.middle(slice(start, start + SQUARE)))
        squared.masked_fill_(rows[:, None] == torch.arange(start, start + squared.shape[1]), torch.inf)
        keep_nearest(best, where, slice(None), squared, start)
    found = points.exact(rows[:, None], points, where).sort(1).values[:, k - 1]
    if wanted < len(points) - 1:  # where rounding in float64 hides who is near, too: beside a point that is far away
        norm, every = x.square().sum(1), torch.arange(len(points))
        margin = norm.add(_norm_within(float(points.norm.max()), norm, found)).mul_(
            2 * worst_rounding(x.shape[1], torch.float64)
        )
        for row in (best[:, -1] - found <= margin).nonzero()[:, 0]:
            apart = points.exact(rows[row, None], points, every[every != rows[row]][None])
            found[row] = apart[0].kthvalue(k).values
    return found


def _norm_within(largest: float, norm: Tensor, squared: Tensor) -> Tensor:
    """The largest |y|² of any point y with |x − y|² ≤ `squared`, where |x|² is `norm`: |y| ≤ |x| + |x − y|.

    No |y|² is above `largest`.
    """
    return (2 * (norm + squared)).clamp(max=largest)


def _middle(points: Given) -> NDArray[np.float64]:
    """(d,): the median of some of the points (n, d)."""
    return np.asarray(np.median(np.asarray(points[:: -(-len(points) // MIDDLE)], np.float64), axis=0))


def _farthest(points: Given, centre: NDArray[np.float64]) -> float:
    """How far a coordinate of any point (n, d) is from the centre's."""
    return max(float(np.abs(np.asarray(end, np.float64) - centre).max()) for end in (points.min(0), points.max(0)))


def _power_of_two(least: float) -> float:
    """The next one; 1 for 0."""
    return 2.0 ** math.ceil(math.log2(least)) if least > 0 else 1.0


def _batches(rows: Tensor) -> Iterator[Tensor]:
    yield from (rows[start : start + ROWS] for start in range(0, len(rows), ROWS))
