"""A transposed convolution restores the shape of a convolution's input, not its values."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.datasets import load_digits
from torch import Tensor, nn

from ganbench.networks.dcgan import DCGAN
from ganbench.networks.network import ImageShape
from ganbench.reporting.style import Theme, panels
from ganbench.theory.statement import Chapter, Drawing, Statement

if TYPE_CHECKING:
    from matplotlib.figure import Figure

RESOLUTION, DIGITS = 8, 64
SOURCE = "Dumoulin and Visin 2016, chapter 4"

Array = NDArray[np.float64]


def pair() -> tuple[nn.Conv2d, nn.ConvTranspose2d]:
    """A convolution of the bench's DCGAN discriminator and the transposed one of its generator, given its weights."""
    network, shape = DCGAN(width=4), ImageShape(1, RESOLUTION)
    down = next(one for one in network.discriminator(shape, per_sample=False).modules() if isinstance(one, nn.Conv2d))
    up = [one for one in network.generator(shape).modules() if isinstance(one, nn.ConvTranspose2d)][-1]
    up.weight = down.weight
    return down.double(), up.double()


def matrix(function: nn.Module, shape: tuple[int, ...]) -> Tensor:
    """The matrix (outputs, inputs) of a linear layer without its bias on inputs (C, H, W)."""
    size = int(np.prod(shape))
    with torch.no_grad():
        zero: Tensor = function(torch.zeros(1, *shape, dtype=torch.float64))
        columns: Tensor = function(torch.eye(size, dtype=torch.float64).reshape(size, *shape)) - zero
    return columns.flatten(1).T


def chapter(seed: int) -> Chapter:
    """The matrices of both, the adjoint identity, and digits that do not come back."""
    down, up = pair()
    inputs = (1, RESOLUTION, RESOLUTION)
    outputs = tuple(down(torch.zeros(1, *inputs, dtype=torch.float64)).shape[1:])
    C, T = matrix(down, inputs), matrix(up, outputs)
    rng = np.random.default_rng(seed)
    x, y = torch.from_numpy(rng.standard_normal(C.shape[1])), torch.from_numpy(rng.standard_normal(C.shape[0]))
    adjoint = float((C @ x) @ y - x @ (T @ y))

    images = torch.from_numpy(load_digits().images[:DIGITS]).unsqueeze(1) / 8 - 1
    flat = images.flatten(1).T
    back = T @ (C @ flat)
    scale = float((flat * back).sum() / back.square().sum())
    lost = float(torch.linalg.vector_norm(flat - scale * back) / torch.linalg.vector_norm(flat))
    restored = up(down(images)).shape
    statements = (
        Statement(
            "transposed_convolution_is_the_transpose", float((T - C.T).abs().max()), 0.0, 1e-12, f"{SOURCE}: T = Cᵀ"
        ),
        Statement("adjoint_identity", abs(adjoint), 0.0, 1e-12, f"{SOURCE}: ⟨Cx, y⟩ = ⟨x, Cᵀy⟩"),
        Statement(
            "transposed_convolution_restores_the_shape",
            float(sum(one != other for one, other in zip(restored, images.shape, strict=True))),
            0.0,
            0.0,
            f"{SOURCE}: axes of Cᵀ(Cx), of samples, channels, rows and columns, that differ in length from those of x",
        ),
        Statement(
            "values_do_not_come_back",
            lost,
            0.1,
            0.0,
            "least relative error ‖x − aCᵀCx‖ / ‖x‖ over scales a: CᵀC is no multiple of the identity",
            "≥",
        ),
    )

    def draw(_: Theme) -> Figure:
        return _draw(C, T, images, (scale * back).T.reshape(images.shape))

    alt = (
        "Left: the matrix of a strided convolution and, mirrored, that of the transposed one. Right: digits, and what "
        "the convolution and its transpose leave of them"
    )
    return Chapter("The transposed convolution", statements, (Drawing("convolution", alt, draw),))


def _draw(C: Tensor, T: Tensor, images: Tensor, back: Tensor) -> Figure:
    figure, (left, middle, right) = panels(3, 3, (3.2, 2.4))
    first = RESOLUTION**2 // 4  # rows of the first output channel
    reach = float(C.abs().max())
    for axis, values, title in (
        (left, C[:first], f"C: {C.shape[1]} numbers in, {first} out"),
        (middle, T[:, :first], f"Cᵀ: {first} numbers in, {C.shape[1]} out"),
    ):
        axis.imshow(values.numpy(), cmap="RdBu", vmin=-reach, vmax=reach, aspect="auto", interpolation="nearest")
        ticks = [range(0, size, size // 4) for size in values.shape]
        axis.set(title=title, xlabel="from", ylabel="to", yticks=ticks[0], xticks=ticks[1])
        axis.grid(visible=False)
    rows = [np.concatenate(list(some[:4, 0].numpy()), axis=1) for some in (images, back)]
    gap = np.full((2, rows[0].shape[1]), np.nan)
    right.imshow(np.concatenate([rows[0], gap, rows[1]]), cmap="Greys", vmin=-1, vmax=1, interpolation="nearest")
    right.set_xticks([])
    right.set_yticks([RESOLUTION / 2, RESOLUTION * 1.5 + 2], ["x", "a CᵀCx"])
    right.set_title("what comes back of digits")
    right.grid(visible=False)
    return figure
