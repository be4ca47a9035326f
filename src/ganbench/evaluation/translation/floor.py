"""What translations are compared with: the real target, which is the ceiling, and the input itself, the baseline."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from ganbench.cell import METRICS, floor_dir, floor_metrics
from ganbench.data.translation.domains import Direction
from ganbench.errors import BenchError
from ganbench.evaluation.features import Seen
from ganbench.evaluation.translation.metric import Way, measure, values_of
from ganbench.evaluation.translation.protocol import BASELINE, DOMAINS, REAL, record
from ganbench.evaluation.translation.setting import TRACK, Setting
from ganbench.outputs import fresh_directory, write_json
from ganbench.params import Params

FEATURES, RECORD = "features.npz", "record.json"
DIRECTIONS: tuple[Direction, Direction] = ("ab", "ba")
LUMINANCE = np.array([0.299, 0.587, 0.114])

Images = NDArray[np.uint8]


def translation_floor(params: Params) -> dict[str, dict[str, float]]:
    """Evaluate the real targets and the inputs as if they were translations; write their metrics and the references.

    Where the right answers are unknown, held-out images of the domain stand for the real target: there is nothing to
    compare them with one by one, but they show what judge and distance give to perfect translations.

    Returns:
        ``real`` and ``identity``: the metrics by name.

    Raises:
        BenchError: domains, judges, device or weights are not as they must be, or there are too few images.
    """
    setting = Setting.of(params)
    references = setting.references()
    ways = {
        REAL: [_real(setting, direction, references) for direction in DIRECTIONS],
        BASELINE: [_baseline(setting, direction, references) for direction in DIRECTIONS],
    }
    found = {name: measure(both) for name, both in ways.items()}
    values = {name: values_of(measured) for name, measured in found.items()}
    with fresh_directory(floor_dir(TRACK)) as folder:
        _save(folder / FEATURES, references)
        recorded = record(setting.protocol, setting.judges, setting.domains, found[REAL], values, setting.lpips)
        write_json(folder / RECORD, recorded)
    for name, path in ((REAL, floor_metrics(TRACK)), (BASELINE, identity_metrics())):
        write_json(path, {"status": name, **values[name]})
    return values


def load_floor(setting: Setting) -> tuple[dict[str, Seen], dict[str, dict[str, float]]]:
    """Read what `translation_floor` wrote.

    Returns:
        by domain, the training images as its judge sees them; by name, the metrics of ceiling and baseline.

    Raises:
        BenchError: it is missing, damaged, or was made under another protocol or by other judges.
    """
    root = floor_dir(TRACK)
    again = "run dvc repro floor_translation"
    try:
        recorded = json.loads((root / RECORD).read_text(encoding="utf-8"))
        with np.load(root / FEATURES) as arrays:
            found = {name: Seen(arrays[f"{name}_features"], arrays[f"{name}_probabilities"]) for name in DOMAINS}
        made = {key: recorded["protocol"][key] for key in vars(setting.protocol)}
        made |= {name: recorded["judges"][name]["digest"] for name in DOMAINS}
        beside = {
            which: {entry["name"]: cast("float", entry[key]) for entry in recorded["metrics"]}
            for which, key in ((REAL, "floor"), (BASELINE, "baseline"))
        }
    except FileNotFoundError as error:
        raise BenchError(f"{error.filename}: no such file; {again}") from None
    except (ValueError, KeyError, TypeError, OSError, BadZipFile) as error:
        raise BenchError(f"{root}: not an evaluation of the real targets ({error}); {again}") from None
    expected = vars(setting.protocol) | {name: setting.judges[name].digest for name in DOMAINS}
    if made != expected:
        raise BenchError(f"{root / RECORD}: made by {made}, expected {expected}; {again}")
    return found, beside


def identity_metrics() -> Path:
    """The metrics of the input itself in the place of its translation."""
    return METRICS / TRACK / f"{BASELINE}.json"


def as_channels(images: Images, channels: int) -> Images:
    """Images (n, H, W, C) in the channels of another domain: grey as three equal ones, colour by its luminance.

    The luminance is that of ITU-R BT.601: 0.299 R + 0.587 G + 0.114 B, rounded.
    """
    if images.shape[3] == channels:
        return images
    if channels > 1:
        return images.repeat(channels, axis=3)
    return np.asarray((images @ LUMINANCE).round()[..., None], np.uint8)


def _real(setting: Setting, direction: Direction, references: dict[str, Seen]) -> Way:
    truth = setting.domains.truth(direction)
    outputs = setting.held_out(direction[1]) if truth is None else np.asarray(truth[: setting.protocol.n])
    return setting.way(direction, outputs, references, own_labels=truth is None)


def _baseline(setting: Setting, direction: Direction, references: dict[str, Seen]) -> Way:
    """The input, and what a second copy makes of the first: nothing is lost, unless it is colour."""
    source, target = direction
    inputs = setting.held_out(source)
    outputs = as_channels(inputs, setting.store(target).meta.channels)
    return setting.way(direction, outputs, references, back=as_channels(outputs, inputs.shape[3]))


def _save(path: Path, references: dict[str, Seen]) -> None:
    arrays: dict[str, NDArray[Any]] = {}
    for domain, seen in references.items():
        arrays |= {f"{domain}_{field}": values for field, values in vars(seen).items()}
    with path.open("wb") as file:
        np.savez(file, allow_pickle=False, **arrays)
