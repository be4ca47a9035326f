"""CelebA: aligned faces with 40 attributes and an official partition (Liu et al. 2015)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from ganbench.data.archives import from_zip, open_zip
from ganbench.data.files import find
from ganbench.data.source import SOURCES, Item, Payload, Source, Split, Unreadable, advice
from ganbench.errors import BenchError
from ganbench.params import FILE, Prepare, unknown

FOLDER, ARCHIVE = "img_align_celeba", "img_align_celeba.zip"
ATTRIBUTES, PARTITION = "list_attr_celeba.txt", "list_eval_partition.txt"
PARTITIONS, TEST = ("0", "1", "2"), "2"


@SOURCES.register("celeba")
class CelebA(Source):
    """178×218 colour photos; the label is one attribute, all of them are further columns (0 or 1).

    Partition 2 is the test split; 0 and 1 (train and validation) are the training split.
    """

    def __init__(self, root: Path, options: Prepare) -> None:
        super().__init__(root, options)
        self._attributes, self._partition = self._need(ATTRIBUTES), self._need(PARTITION)
        with self._attributes.open(encoding="utf-8") as file:
            file.readline()
            self.columns = tuple(file.readline().split())
        if options.celeba_label not in self.columns:
            raise BenchError(
                f"{FILE}: images.prepare.celeba_label: {unknown('attribute', options.celeba_label, self.columns)}"
            )
        with self._partition.open(encoding="utf-8") as file:
            first = file.readline().split()[0:1]
        folders = [folder for folder in find(root, FOLDER) if first and (folder / first[0]).is_file()]
        self._images = folders[0] if folders else self._need(ARCHIVE, f"{FOLDER}/ that holds {''.join(first)}, and no ")

    def _need(self, name: str, also: str = "") -> Path:
        path = next(find(self.root, name), None)
        if path is None:
            files = f"{FOLDER}/ or {ARCHIVE}, {ATTRIBUTES} and {PARTITION}"
            raise BenchError(f"{self.root}: found no {also}{name}; {advice('celeba', files)}")
        return path

    @property
    def classes(self) -> list[str]:
        """Without and with the attribute."""
        return [f"not {self.options.celeba_label}", self.options.celeba_label]

    @cached_property
    def _count(self) -> int:
        with self._partition.open(encoding="utf-8") as file:
            return sum(1 for line in file if line.strip())

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Item]:
        chosen = self.columns.index(self.options.celeba_label)
        for position, ((name, values, part), payload) in enumerate(self._payloads()):
            split: Split = "test" if part == TEST else "train"
            yield Item(position, f"{FOLDER}/{name}", payload, values[chosen], split, values)

    def _payloads(self) -> Iterator[tuple[tuple[str, tuple[int, ...], str], Payload]]:
        if self._images.is_dir():
            for row in self._rows():
                yield row, self._images / row[0]
            return
        with open_zip(self._images) as archive:
            members = {member.filename.rpartition("/")[2]: member for member in archive.infolist()}
            for row in self._rows():
                member = members.get(row[0])
                yield row, from_zip(archive, member) if member else Unreadable(f"not in {self._images.name}")

    def _rows(self) -> Iterator[tuple[str, tuple[int, ...], str]]:
        """File, attributes and partition, from the two lists, which name the same files in the same order."""
        with self._attributes.open(encoding="utf-8") as attributes, self._partition.open(encoding="utf-8") as parts:
            attributes.readline()
            attributes.readline()
            for line in filter(str.strip, parts):
                name, _, part = line.strip().partition(" ")
                row = attributes.readline().split()
                if row[:1] != [name] or len(row) != 1 + len(self.columns) or not set(row[1:]) <= {"1", "-1"}:
                    raise BenchError(
                        f"{self._attributes}: expected {name} (next in {self._partition.name}) and"
                        f" {len(self.columns)} values 1 or -1, got {' '.join(row[:4]) or 'the end of the file'}"
                    )
                if part.strip() not in PARTITIONS:
                    raise BenchError(f"{self._partition}: {name}: {part.strip()!r}; allowed: {', '.join(PARTITIONS)}")
                yield name, tuple(int(value == "1") for value in row[1:]), part.strip()
