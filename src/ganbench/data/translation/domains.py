"""The two domains of a translation on disk: a packed store each, and what is known of their rows."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal, cast

import numpy as np
from numpy.typing import NDArray

from ganbench.data.store import Store
from ganbench.errors import BenchError
from ganbench.outputs import write_json

Direction = Literal["ab", "ba"]
PAIRING = "pairing.json"


@dataclass(frozen=True)
class Pairing:
    """How the rows of the two stores belong together.

    Attributes:
        task: its name.
        paired: training rows i of a and b show the same.
        known: held-out rows are aligned: the right answer for held-out a[i] is held-out b[i].
        invertible: and for held-out b[i] it is held-out a[i].
        symmetric: a second mapping is as valid as that one.
    """

    task: str
    paired: bool
    known: bool
    invertible: bool
    symmetric: bool = False

    def write(self, root: Path) -> None:
        """As JSON, to ``pairing.json`` in a folder."""
        write_json(root / PAIRING, asdict(self))

    @classmethod
    def read(cls, root: Path) -> Pairing:
        """Read what `write` wrote.

        Raises:
            BenchError: it is not there, or is something else.
        """
        path = root / PAIRING
        try:
            return cls(**json.loads(path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            raise BenchError(f"{path}: no such file; `dvc repro prepare_translation` makes it") from None
        except (ValueError, TypeError) as error:
            raise BenchError(f"{path}: not the description of two domains ({error})") from None


@dataclass(frozen=True)
class Domains:
    """Two domains, and what is known of their rows; see `Pairing`."""

    root: Path
    a: Store
    b: Store
    paired: bool
    known: bool
    invertible: bool
    symmetric: bool = False
    task: str = ""

    @classmethod
    def open(cls, root: Path) -> Domains:
        """Open the domains in a folder.

        Raises:
            BenchError: there are none, or a store is damaged.
        """
        pairing = Pairing.read(root)
        return cls(root, Store.open(root / "a"), Store.open(root / "b"), **asdict(pairing))

    def truth(self, direction: Direction) -> NDArray[np.uint8] | None:
        """The right answers for the held-out rows of the domain that is translated, uint8 (n, H, W, C); None: unknown.

        Args:
            direction: ``ab``: the held-out rows of a are translated to b; ``ba``: those of b to a.
        """
        if direction == "ab":
            return self.b.images("test") if self.known else None
        return self.a.images("test") if self.invertible else None

    def alternative(self, direction: Direction) -> NDArray[np.uint8] | None:
        """The answers of the second mapping that is as valid, uint8 (n, H, W, C); None where there is no second.

        Raises:
            BenchError: the file is missing or damaged.
        """
        if not self.symmetric:
            return None
        path = self.root / alternative_file(direction)
        try:
            return cast("NDArray[np.uint8]", np.load(path, mmap_mode="r"))
        except (OSError, ValueError, EOFError) as error:
            raise BenchError(f"{path}: not an array of images: {error}; run `dvc repro prepare_translation`") from None

    def unpaired_rows(self) -> tuple[slice, slice]:
        """The training rows of a and of b that an unpaired variant may see: of pairs, disjoint halves.

        Rows stand in a random order, so a half is a random half.
        """
        if not self.paired:
            return slice(None), slice(None)
        half = self.a.meta.train // 2
        return slice(0, half), slice(half, None)


def alternative_file(direction: Direction) -> str:
    """The name of the file of the second mapping's answers: ``b_alternative.npy`` for ``ab``."""
    return f"{direction[1]}_alternative.npy"
