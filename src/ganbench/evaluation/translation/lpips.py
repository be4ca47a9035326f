"""Learned perceptual similarity, where its weights lie in a folder: nothing is downloaded."""

from __future__ import annotations

from pathlib import Path
from pickle import UnpicklingError

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ganbench.errors import BenchError
from ganbench.params import FILE

BACKBONE, LINEAR = "alexnet-owt-7be5be79.pth", "alex.pth"
"""AlexNet as torchvision distributes it, and the weights of the layers' channels, version 0.1, as the authors do."""

LEAST_SIDE = 32
"""Smaller images leave nothing of AlexNet's second pooling."""

TAPS = (1, 4, 7, 9, 11)
"""The rectified layers of the network, whose layers bear torchvision's numbers."""

SHIFT, SCALE = (-0.030, -0.088, -0.188), (0.458, 0.448, 0.450)
CHUNK = 64


class Lpips(nn.Module):
    """LPIPS, AlexNet, version 0.1 (Zhang et al. 2018, "The Unreasonable Effectiveness of Deep Features", eq. 1).

    Σ_l mean over positions of w_l · (ŷ_l − ŷ₀_l)²: features of five layers, of unit length across channels, their
    squared differences weighed by channel.
    """

    shift: Tensor
    scale: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(
            *(nn.Conv2d(3, 64, 11, stride=4, padding=2), nn.ReLU(), nn.MaxPool2d(3, 2)),
            *(nn.Conv2d(64, 192, 5, padding=2), nn.ReLU(), nn.MaxPool2d(3, 2)),
            *(nn.Conv2d(192, 384, 3, padding=1), nn.ReLU()),
            *(nn.Conv2d(384, 256, 3, padding=1), nn.ReLU()),
            *(nn.Conv2d(256, 256, 3, padding=1), nn.ReLU()),
        )
        widths = [layer.out_channels for layer in self.features if isinstance(layer, nn.Conv2d)]
        self.weights = nn.ParameterList([torch.ones(width) for width in widths])
        self.register_buffer("shift", torch.tensor(SHIFT).view(1, 3, 1, 1))
        self.register_buffer("scale", torch.tensor(SCALE).view(1, 3, 1, 1))

    @classmethod
    def load(cls, folder: Path, device: torch.device) -> Lpips:
        """The network with the weights of a folder, in evaluation mode.

        Raises:
            BenchError: a file is missing, or is something else.
        """
        found = cls()
        path = folder
        try:
            path = folder / BACKBONE
            backbone = _read(path)
            features = {name.removeprefix("features."): value for name, value in backbone.items()}
            found.features.load_state_dict({name: features[name] for name in found.features.state_dict()})
            path = folder / LINEAR
            linear = _read(path)
            for index, weight in enumerate(found.weights):
                weight.data.copy_(linear[f"lin{index}.model.1.weight"].view(-1))
        except FileNotFoundError:
            raise BenchError(
                f"{FILE}: translation.evaluate.lpips: {path}: no such file; expected {BACKBONE} and {LINEAR} there"
            ) from None
        except (KeyError, RuntimeError, UnpicklingError, EOFError, AttributeError) as error:
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise BenchError(f"{path}: not the weights of LPIPS: {reason}") from None
        return found.to(device).eval()

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        """Images float32 (N, 3, H, W) in [-1, 1], twice, H, W ≥ 32 → distances (N,)."""
        total = torch.zeros(len(x), device=x.device)
        x, y = ((images - self.shift) / self.scale for images in (x, y))
        taps = iter(self.weights)
        for index, layer in enumerate(self.features):
            x, y = layer(x), layer(y)
            if index in TAPS:
                squared = (_of_unit_length(x) - _of_unit_length(y)).square()
                total = total + (squared * next(taps).view(1, -1, 1, 1)).sum(1).mean((1, 2))
        return total

    @torch.inference_mode()
    def distances(self, x: NDArray[np.uint8], y: NDArray[np.uint8]) -> NDArray[np.float64]:
        """Of each pair of images uint8 (n, H, W, C): (n,); grey ones are shown as three equal channels."""
        device = self.shift.device
        parts = []
        for start in range(0, len(x), CHUNK):
            sides = [_in_colour(images[start : start + CHUNK]).to(device) for images in (x, y)]
            parts.append(self(*sides).double().cpu().numpy())
        return np.concatenate(parts)


def _of_unit_length(features: Tensor) -> Tensor:
    return features / (features.square().sum(1, keepdim=True).sqrt() + 1e-10)


def _in_colour(images: NDArray[np.uint8]) -> Tensor:
    planes = torch.from_numpy(np.array(images)).permute(0, 3, 1, 2).float().div(127.5).sub(1)
    return planes.expand(-1, 3, -1, -1)


def _read(path: Path) -> dict[str, Tensor]:
    return dict(torch.load(path, map_location="cpu", weights_only=True))
