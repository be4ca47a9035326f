"""Who looks at the images: the judge of the data, or a network trained on photographs that others compare with, too."""

from __future__ import annotations

import functools
import hashlib
import importlib
from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from tqdm import tqdm

from ganbench.errors import BenchError
from ganbench.evaluation.features import Seen
from ganbench.params import FILE, Params
from ganbench.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Callable

KEY = "images.evaluate.extractor"
CHUNK = 64


class Extractor(ABC):
    """An entry of the axis `extractor`; its fields are its options. Metrics of its features bear its name."""

    name: ClassVar[str]

    @abstractmethod
    def see(self, images: NDArray[np.uint8], device: torch.device, scratch: Path | None = None) -> Seen:
        """Features and probabilities of images uint8 (N, H, W, C), N ≥ 1, C = 1 or 3.

        Args:
            images: possibly a memory map.
            device: where to compute.
            scratch: a file for the features, so that they need no memory; they come back as a read-only memory map.

        Raises:
            BenchError: its library or its weights are not here.
        """

    @abstractmethod
    def digest(self, device: torch.device) -> str:
        """Of its weights, 16 hexadecimal digits: two numbers compare only under the same extractor."""


EXTRACTORS: Registry[Extractor] = Registry("extractor", "ganbench.evaluation.extractors")


def extractor(params: Params) -> Extractor:
    """The extractor that params.yaml asks for.

    Raises:
        BenchError: there is none of that name, or it has no such options.
    """
    return EXTRACTORS.build(params.images.evaluate.extractor, KEY)


@dataclass(frozen=True)
class Network:
    """A loaded network.

    Attributes:
        look: images uint8 (N, 3, H, W) → features (N, d) and probabilities (N, c); c = 0 where it knows no classes.
        digest: of its weights.
    """

    look: Callable[[Tensor], tuple[Tensor, Tensor]]
    digest: str


class Pretrained(Extractor):
    """An extractor whose network comes from a library; it is loaded once a process."""

    def see(self, images: NDArray[np.uint8], device: torch.device, scratch: Path | None = None) -> Seen:
        """See `Extractor.see`; grey images are shown as coloured ones."""
        look = _loaded(self, device).look
        seen: Seen | None = None
        starts = range(0, len(images), CHUNK)
        for start in tqdm(starts, desc=self.name, unit="batch", leave=False, disable=len(starts) < 10):
            part = slice(start, start + CHUNK)
            with torch.inference_mode():
                found = [values.float().cpu().numpy() for values in look(_coloured(images[part]).to(device))]
            if seen is None:  # the first images tell how many features there are
                features, probabilities = (values.shape[1] for values in found)
                seen = Seen(_room(len(images), features, scratch), _room(len(images), probabilities, None))
            seen.features[part], seen.probabilities[part] = found
        assert seen is not None
        if isinstance(seen.features, np.memmap):
            seen.features.flush()
        return seen

    def digest(self, device: torch.device) -> str:
        """See `Extractor.digest`."""
        return _loaded(self, device).digest

    @abstractmethod
    def load(self, device: torch.device) -> Network:
        """Load the network.

        Raises:
            BenchError: its library or its weights are not here.
        """


@functools.lru_cache(maxsize=2)
def _loaded(entry: Pretrained, device: torch.device) -> Network:
    return entry.load(device)


def library(name: str) -> ModuleType:
    """torch-fidelity.

    Raises:
        BenchError: it is not installed.
    """
    try:
        return importlib.import_module("torch_fidelity")
    except ImportError:
        raise BenchError(
            f"{FILE}: {KEY}: {name}: needs torch-fidelity; `pip install 'ganbench[fidelity]'`, or use judge"
        ) from None


def no_weights(name: str, error: Exception, where: str) -> BenchError:
    """One line for weights that can't be had."""
    reason = " ".join(str(error).split()) or type(error).__name__
    return BenchError(f"{FILE}: {KEY}: {name}: no weights from {where}: {reason}; give {name}.weights, or use judge")


def digest_of(network: nn.Module) -> str:
    """SHA-256 over names and bytes of all weights, 16 digits."""
    found = hashlib.sha256()
    for name, values in sorted(network.state_dict().items()):
        found.update(name.encode())
        found.update(values.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy().tobytes())
    return found.hexdigest()[:16]


def _coloured(images: NDArray[np.uint8]) -> Tensor:
    """uint8 (N, H, W, C) → uint8 (N, 3, H, W)."""
    moved = torch.from_numpy(np.array(images)).permute(0, 3, 1, 2)
    return moved.expand(-1, 3, -1, -1).contiguous()


def _room(count: int, width: int, path: Path | None) -> NDArray[np.float32]:
    if path is None:
        return np.empty((count, width), np.float32)
    return np.lib.format.open_memmap(path, mode="w+", dtype=np.float32, shape=(count, width))
