"""CIFAR-10: the published batches, for Python or binary, in a folder or as the archive (Krizhevsky 2009)."""

from __future__ import annotations

import io
import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ganbench.data.archives import tar_members
from ganbench.data.files import find, one_line
from ganbench.data.source import SOURCES, Item, Source, Unreadable, advice
from ganbench.errors import BenchError
from ganbench.params import Prepare

BATCHES = ("data_batch_1", "data_batch_2", "data_batch_3", "data_batch_4", "data_batch_5", "test_batch")
ARCHIVES = ("cifar-10-python.tar.gz", "cifar-10-binary.tar.gz")
SIDE = 32
PIXELS = 3 * SIDE * SIDE
MOST = 10_000
"""Images in a batch, at most."""


@SOURCES.register("cifar10")
class Cifar10(Source):
    """32×32 colour photos with their official split; the training images are those of the five batches, in order."""

    torchvision = "CIFAR10"
    names = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")

    def __init__(self, root: Path, options: Prepare) -> None:
        super().__init__(root, options)
        found = [next(find(root, name, f"{name}.bin"), None) for name in BATCHES]
        self._files = [path for path in found if path is not None]
        self._archive = next(find(root, *ARCHIVES), None)
        if self._archive is None and len(self._files) < len(BATCHES):
            missing = [name for name, path in zip(BATCHES, found, strict=True) if path is None]
            files = "cifar-10-python.tar.gz or its six batches"
            raise BenchError(f"{root}: found no {', '.join(missing)}; {advice('cifar10', files)}")

    @property
    def classes(self) -> list[str]:
        """The ten classes."""
        return list(self.names)

    def __len__(self) -> int:
        return len(BATCHES) * MOST

    def __iter__(self) -> Iterator[Item]:
        seen = set()
        for name, content in self._contents():
            batch = BATCHES.index(name.removesuffix(".bin").rpartition("/")[2])
            seen.add(batch)
            images, labels = _binary(content, name) if name.endswith(".bin") else _python(content, name)
            test = BATCHES[batch] == "test_batch"
            for index, (image, label) in enumerate(zip(images, labels, strict=True)):
                place = batch * MOST + index
                source = f"test/{index:05}" if test else f"train/{place:05}"
                yield Item(place, source, image, label, "test" if test else "train")
        if missing := [name for batch, name in enumerate(BATCHES) if batch not in seen]:
            raise BenchError(f"{self._archive}: found no {', '.join(missing)}")

    def _contents(self) -> Iterator[tuple[str, bytes]]:
        """Name and bytes of every batch; the files where all are there, else the archive."""
        if len(self._files) == len(BATCHES) or self._archive is None:
            for path in self._files:
                yield path.as_posix(), path.read_bytes()
            return
        for name, content in tar_members(self._archive, _is_batch):
            if isinstance(content, Unreadable):
                raise BenchError(f"{self._archive}: {name}: {content.reason}")
            yield name, content


def _is_batch(name: str) -> bool:
    return name.removesuffix(".bin").rpartition("/")[2] in BATCHES


def _binary(content: bytes, name: str) -> tuple[NDArray[np.uint8], list[int]]:
    """Records of one label and 3,072 pixels → uint8 (N, 32, 32, 3) and labels."""
    if len(content) % (1 + PIXELS):
        raise BenchError(f"{name}: {len(content)} bytes are no multiple of {1 + PIXELS}: truncated?")
    rows = np.frombuffer(content, np.uint8).reshape(-1, 1 + PIXELS)
    return _checked(rows[:, 1:], rows[:, 0].tolist(), name)


def _python(content: bytes, name: str) -> tuple[NDArray[np.uint8], list[int]]:
    """A pickled dict of ``data`` (N, 3072) and ``labels`` → uint8 (N, 32, 32, 3) and labels."""
    try:
        batch = _ArraysOnly(io.BytesIO(content), encoding="bytes").load()
        batch = {key.decode() if isinstance(key, bytes) else key: value for key, value in batch.items()}
        data, labels = batch["data"], batch["labels"]
    except (pickle.UnpicklingError, EOFError, ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        raise BenchError(f"{name}: not a batch of CIFAR-10: {one_line(error)}") from None
    return _checked(data, labels, name)


def _checked(data: Any, labels: Any, name: str) -> tuple[NDArray[np.uint8], list[int]]:
    if not (isinstance(data, np.ndarray) and data.dtype == np.uint8 and data.ndim == 2 and data.shape[1] == PIXELS):
        raise BenchError(f"{name}: expected uint8 data (N, {PIXELS})")
    if len(labels) != len(data) or len(data) > MOST:
        raise BenchError(f"{name}: {len(labels)} labels for {len(data)} images; at most {MOST} are allowed")
    if not all(isinstance(label, int) and 0 <= label < len(Cifar10.names) for label in labels):
        raise BenchError(f"{name}: labels outside 0 … {len(Cifar10.names) - 1}")
    return data.reshape(-1, 3, SIDE, SIDE).transpose(0, 2, 3, 1), labels


class _ArraysOnly(pickle.Unpickler):
    """Rebuilds NumPy arrays and refuses every other object: a pickle can run any code."""

    def find_class(self, module: str, name: str) -> Any:
        match module, name:
            case (("numpy.core.multiarray" | "numpy._core.multiarray"), "_reconstruct"):
                return np.empty(0).__reduce__()[0]
            case "numpy", "ndarray":
                return np.ndarray
            case "numpy", "dtype":
                return np.dtype
            case (("numpy.core.numeric" | "numpy._core.numeric"), "_frombuffer"):
                return lambda buffer, dtype, shape, order: np.frombuffer(buffer, dtype).reshape(shape, order=order)
            case "_codecs", "encode":  # how Python 3 writes bytes for Python 2
                return lambda text, encoding: text.encode(encoding)
        raise pickle.UnpicklingError(f"{module}.{name} is not allowed in it")
