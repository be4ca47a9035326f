"""Small raw sets for tasks of translation, and the track that names them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import raw_sets

from ganbench.data.translation.domains import Domains
from ganbench.data.translation.prepare import prepare_translation
from ganbench.params import Params

VARIANT = {"game": "paired", "network": "unet", "objective": "non_saturating"}


def track(task: Any, resolution: int = 16, channels: int = 3, **prepare: object) -> Params:
    """params.yaml with the track; `of` and `limit` among a task's options are the track's `dataset` and `limit`."""
    name, options = (task, {}) if isinstance(task, str) else next(iter(task.items()))
    section = {
        "dataset": options.get("of", "shapes"),
        "limit": options.get("limit"),
        "task": {name: {key: value for key, value in options.items() if key not in ("of", "limit")}},
        "resolution": resolution,
        "channels": channels,
        "prepare": prepare,
        "variants": {"pix2pix": VARIANT},
    }
    return Params.model_validate({"images": raw_sets.images("digits"), "translation": section})


def made(task: Any, resolution: int = 16, channels: int = 3, **prepare: object) -> Domains:
    """The domains of a task, in the current folder."""
    declared = track(task, resolution, channels, **prepare)
    prepare_translation(declared)
    return Domains.open(Path("data/prepared/translation"))


def image(path: Path, seed: int, height: int = 20, width: int = 20) -> None:
    """A random picture as a file, by its extension."""
    path.parent.mkdir(parents=True, exist_ok=True)
    format = {".png": "PNG", ".jpg": "JPEG"}[path.suffix.lower()]
    path.write_bytes(raw_sets.encoded(raw_sets.pixels(seed, height, width), format))
