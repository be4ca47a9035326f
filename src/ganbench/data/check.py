"""Which reader reads the raw set that params.yaml names; refused here where its files are not there."""

from __future__ import annotations

import json
from pathlib import Path

from ganbench.cell import RAW, raw_dir
from ganbench.data.files import ARCHIVES, EXTENSIONS, is_archive, is_image, walk
from ganbench.data.source import SOURCES, Source
from ganbench.errors import BenchError
from ganbench.outputs import write_json
from ganbench.params import FILE, Params, unknown

SOURCE_FILE = Path("data/source.json")


def find_source(params: Params) -> tuple[dict[str, str], Source]:
    """The raw set of the images.

    Returns:
        The dataset and its reader, ``{"dataset": "photos", "reader": "archive"}``, and what that makes of it.

    Raises:
        BenchError: unknown dataset, missing files, no images, an option of the source that it does not know, a set that
            makes no sense in grey.
    """
    dataset = params.images.dataset
    reader = find_reader(dataset, "images.dataset")
    found = {"dataset": dataset, "reader": reader}
    source = open_source(params, found)
    if params.images.channels == 1:
        source.in_grey("images.channels")
    return found, source


def find_reader(dataset: str, key: str) -> str:
    """The reader of a dataset, whose raw files are there.

    Args:
        dataset: its name.
        key: where params.yaml names it, for messages.

    Raises:
        BenchError: unknown dataset, missing files, no images.
    """
    find_folder(dataset, key)
    return reader_of(dataset, raw_dir(dataset))


def find_folder(dataset: str, key: str) -> None:
    """Refuse a dataset that is neither known nor a folder of raw files.

    Raises:
        BenchError: with what stands there in its place.
    """
    root = raw_dir(dataset)
    if not root.exists() and (pointer := Path(f"{root}.dvc")).exists():
        raise BenchError(f"{root}: no such folder, but {pointer} stands there; `dvc checkout {pointer}` or `dvc pull`")
    if not root.exists() and (near := _of_nearly_that_name(dataset)):
        raise BenchError(f"{root}: no such folder, but {near} stands there; `mv {near} {root}`")
    if not is_known(dataset) and not root.is_dir():
        names = {*known(), *(path.name for path in RAW.glob("[!.]*") if path.is_dir())}
        raise BenchError(
            f"{FILE}: {key}: {unknown('dataset', dataset, names)};"
            f" your own images: `ganbench data add {dataset} PATH`, or a folder {root.as_posix()}/"
        )


def _of_nearly_that_name(dataset: str) -> Path | None:
    """A folder that some tool called MNIST, FashionMNIST or CIFAR-10."""

    def plain(name: str) -> str:
        return "".join(filter(str.isalnum, name)).lower()

    return next((path for path in sorted(RAW.glob("[!.]*/")) if plain(path.name) == plain(dataset)), None)


def open_source(params: Params, found: dict[str, str]) -> Source:
    """The source that `find_source` found."""
    return SOURCES.entries()[found["reader"]](raw_dir(found["dataset"]), params.images.prepare)


def known() -> list[str]:
    """Names of the datasets that have a reader of their own."""
    return [name for name, entry in SOURCES.entries().items() if entry.dataset]


def is_known(dataset: str) -> bool:
    """Whether a dataset has a reader of its own."""
    return dataset in known()


def reader_of(dataset: str, root: Path) -> str:
    """The reader for the raw files of a dataset: its own, or ``folder`` or ``archive`` after what is there.

    Raises:
        BenchError: neither images nor an archive, or both.
    """
    if is_known(dataset):
        return dataset
    images, archives = any(map(is_image, walk(root))), any(map(is_archive, walk(root)))
    if images and archives:
        raise BenchError(f"{root}: holds images and an archive; expected one of the two")
    if not images and not archives:
        raise BenchError(
            f"{root}: no images; looked for *{', *'.join(EXTENSIONS)} in it and its sub-folders,"
            f" and for one archive, *{', *'.join(ARCHIVES)}"
        )
    return "archive" if archives else "folder"


def write(found: dict[str, str], path: Path = SOURCE_FILE) -> None:
    """Write the dataset and its reader, as `find_source` found them."""
    write_json(path, found)


def read(path: Path = SOURCE_FILE) -> dict[str, str]:
    """Read what `write` wrote.

    Raises:
        BenchError: it is not there.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return {"dataset": str(found["dataset"]), "reader": str(found["reader"])}
    except FileNotFoundError:
        raise BenchError(f"{path}: no such file; `dvc repro check` writes it") from None
    except (ValueError, KeyError, TypeError):
        raise BenchError(f"{path}: expected a JSON object with the keys dataset and reader") from None
