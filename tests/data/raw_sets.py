"""Small raw sets, laid out as the real ones."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import pickle
import struct
import tarfile
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image

from ganbench.data.decode import decode
from ganbench.data.prepare import prepare
from ganbench.data.source import SOURCES, Item, Source
from ganbench.data.sources.shapes import numbers
from ganbench.data.store import Store
from ganbench.params import Images, Prepare

CLASSES = ("cat 1", "cat 10", "cat 2", "été")


def images(dataset: str = "photos", resolution: int = 16, channels: int = 3, **prepare: object) -> Images:
    """The parameters of the track."""
    return Images.model_validate(
        {
            "dataset": dataset,
            "resolution": resolution,
            "channels": channels,
            "prepare": prepare,
            "variants": {"gan": {"network": "mlp", "objective": "minimax"}},
        }
    )


SERIAL = {"workers": 1}
PARALLEL = {"workers": 2, "patience": 0.0}


def make(reader: str, root: Path, **options: object) -> Source:
    """A source, by name."""
    return SOURCES.entries()[reader](root, Prepare.model_validate(options))


def items(source: Source) -> list[Item]:
    """All items in the order of the set."""
    found = sorted(source, key=lambda item: item.position)
    assert len({item.source for item in found}) == len(found)
    return found


def pictures(found: list[Item]) -> list[list[int]]:
    """The pixels of each item."""
    return [np.asarray(decode(item.payload)).tolist() for item in found]


def prepared(reader: str, root: Path, out: Path, declared: Images | None = None, **how: float | None) -> Store:
    """The store of a raw set."""
    declared = declared or images(root.name)
    prepare(SOURCES.entries()[reader](root, declared.prepare), declared, out, **(how or SERIAL))
    return Store.open(out)


def pixels(seed: int, height: int = 20, width: int = 24) -> np.ndarray:
    """A random picture, uint8 (H, W, 3)."""
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def encoded(array: np.ndarray, format: str = "PNG", **options: object) -> bytes:
    """A picture as the bytes of a file."""
    buffer = io.BytesIO()
    Image.fromarray(array).save(buffer, format, **options)
    return buffer.getvalue()


def class_folders(root: Path, per_class: int = 4, classes: tuple[str, ...] = CLASSES) -> Path:
    """root/<class>/… with nested folders, spaces and letters beyond ASCII in the names."""
    for label, name in enumerate(classes):
        for index in range(per_class):
            path = root / name / ("deep er" if index % 2 else ".") / f"bild ü {index}.{'PNG' if index % 3 else 'jpg'}"
            path.parent.mkdir(parents=True, exist_ok=True)
            format = "PNG" if index % 3 else "JPEG"
            path.write_bytes(encoded(pixels(100 * label + index, 20 + index, 30 - index), format))
    return root


def flat(root: Path, count: int = 12, size: int = 20) -> Path:
    """root/<index>.png, without classes."""
    root.mkdir(parents=True, exist_ok=True)
    for index in range(count):
        (root / f"{index}.png").write_bytes(encoded(pixels(index, size, size)))
    return root


def pack(folder: Path, archive: Path, top: str = "") -> Path:
    """A folder as a zip or tar archive, in an order that is not the natural one, with what macOS adds."""
    archive.parent.mkdir(parents=True, exist_ok=True)
    files = sorted((path for path in folder.rglob("*") if path.is_file()), key=lambda path: path.name, reverse=True)
    names = [(Path(top) / path.relative_to(folder)).as_posix() for path in files]
    junk = [f"__MACOSX/{names[0]}", f"{top or '.'}/._x.png"]
    if archive.suffix == ".zip":
        with zipfile.ZipFile(archive, "w") as zipped:
            for path, name in zip(files, names, strict=True):
                zipped.write(path, name)
            for name in junk:
                zipped.writestr(name, b"junk")
    else:
        with tarfile.open(archive, f"w:{archive.suffix[1:].removeprefix('tar').removeprefix('tgz')}") as tar:
            for path, name in zip(files, names, strict=True):
                tar.add(path, f"./{name}")
            for name in junk:
                tar.addfile(tarfile.TarInfo(name))
    return archive


def idx(values: np.ndarray) -> bytes:
    """An IDX file of unsigned bytes."""
    return struct.pack(f">4B{values.ndim}I", 0, 0, 8, values.ndim, *values.shape) + values.astype(np.uint8).tobytes()


def mnist(root: Path, train: int = 30, test: int = 10, packed: bool = True) -> tuple[np.ndarray, np.ndarray]:
    """The four files, some folders deep; returns the training images and labels."""
    generator = np.random.default_rng(0)
    folder = root / "MNIST" / "raw"
    folder.mkdir(parents=True)
    first = None
    for prefix, count in (("train", train), ("t10k", test)):
        pictures = generator.integers(0, 256, (count, 28, 28), dtype=np.uint8)
        labels = np.arange(count) % 10
        first = first or (pictures, labels)
        for name, values in ((f"{prefix}-images-idx3-ubyte", pictures), (f"{prefix}-labels-idx1-ubyte", labels)):
            if packed:
                (folder / f"{name}.gz").write_bytes(gzip.compress(idx(values)))
            else:
                (folder / name).write_bytes(idx(values))
    assert first is not None
    return first


def cifar10(root: Path, per_batch: int = 4, binary: bool = False) -> list[tuple[np.ndarray, list[int]]]:
    """The six batches in their folder; returns (N, 3072) data and labels of each."""
    generator = np.random.default_rng(1)
    folder = root / ("cifar-10-batches-bin" if binary else "cifar-10-batches-py")
    folder.mkdir(parents=True)
    batches = []
    for name in [f"data_batch_{number}" for number in range(1, 6)] + ["test_batch"]:
        data = generator.integers(0, 256, (per_batch, 3072), dtype=np.uint8)
        labels = generator.integers(0, 10, per_batch).tolist()
        batches.append((data, labels))
        if binary:
            rows = np.concatenate([np.array(labels, np.uint8)[:, None], data], axis=1)
            (folder / f"{name}.bin").write_bytes(rows.tobytes())
        else:
            content = {b"data": data, b"labels": labels, b"batch_label": b"a batch"}
            (folder / name).write_bytes(pickle.dumps(content, protocol=2))
    return batches


ATTRIBUTES = [f"Attribute_{index}" for index in range(38)] + ["Smiling", "Young"]


def celeba(root: Path, count: int = 20, zipped: bool = False) -> np.ndarray:
    """Photos, lists and partition; returns the attributes (N, 40), 0 or 1."""
    root.mkdir(parents=True)
    values = np.random.default_rng(2).integers(0, 2, (count, 40))
    names = [f"{index + 1:06}.jpg" for index in range(count)]
    rows = [
        f"{name} " + " ".join(f"{2 * value - 1:2}" for value in row) for name, row in zip(names, values, strict=True)
    ]
    (root / "Anno").mkdir()
    (root / "Anno" / "list_attr_celeba.txt").write_text("\n".join([str(count), " ".join(ATTRIBUTES), *rows]) + "\n")
    parts = [f"{name} {0 if index < count // 2 else 1 + index % 2}" for index, name in enumerate(names)]
    (root / "list_eval_partition.txt").write_text("\n".join(parts) + "\n")
    folder = root / "img_align_celeba"
    folder.mkdir()
    for index, name in enumerate(names):
        (folder / name).write_bytes(encoded(pixels(index, 218, 178), "JPEG"))
    if zipped:
        with zipfile.ZipFile(root / "img_align_celeba.zip", "w") as archive:
            for name in names:
                archive.write(folder / name, f"img_align_celeba/{name}")
                (folder / name).unlink()
        folder.rmdir()
    return values


def shapes(root: Path, train: int = 60, test: int = 24, seed: int = 0) -> Path:
    """The card of a small set of shapes."""
    root.mkdir(parents=True, exist_ok=True)
    drawn = b"".join(
        np.stack(numbers(count, seed, split)).tobytes() for split, count in (("train", train), ("test", test))
    )
    card = {"train": train, "test": test, "seed": seed, "sha256": hashlib.sha256(drawn).hexdigest()}
    (root / "source.json").write_text(json.dumps(card))
    return root


def lsun(root: Path, count: int = 12, category: str = "bedroom") -> None:
    """The LMDB of a category."""
    import lmdb

    folder = root / f"{category}_train_lmdb"
    folder.mkdir(parents=True)
    with lmdb.open(str(folder), map_size=2**24) as environment, environment.begin(write=True) as transaction:
        for index in range(count):
            transaction.put(f"{index:040x}".encode(), encoded(pixels(index), "WEBP", lossless=True))
