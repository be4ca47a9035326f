"""DVC's command line, with what grows with the number of stages made quick: ``python quick_dvc.py repro``.

After every stage DVC parses all of dvc.lock and writes it anew; here the other stages keep their text. Before every
stage it parses params.yaml and looks for each key by walking all of it, and for every target it parses its files anew;
here a text is parsed once. What comes out is the same to the byte, and DVC's own command goes on from it.

The functions that are replaced are DVC's own affair. A version without them runs as it is: only the time differs.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from copy import deepcopy
from functools import lru_cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

LOCK = "dvc.lock"
HEAD = "schema: '2.0'\nstages:\n"
BLOCK = re.compile(r"(?m)^(?=  [\w'\"].*:$)")
"""Where the text of a stage begins."""
ANCHOR = "&id"
"""What stands in two places of a stage is named, by a number that counts through the whole lock."""
PATTERN = re.compile(r"[*?\[\]!]")
"""A key with one of these may stand for several."""

LOAD = YAML.load
Modify = Callable[[Path], AbstractContextManager[dict[str, Any]]]


def make_quick() -> None:
    """Replace the functions in this process."""
    YAML.load = load_once  # type: ignore[method-assign, assignment]
    from dvc import dvcfile
    from dvc.dependency import param
    from dvc.utils import serialize

    modify, dumps = getattr(dvcfile, "modify_yaml", None), getattr(serialize, "dumps_yaml", None)
    if modify and dumps:
        dvcfile.modify_yaml = lambda path, fs=None: (
            modified_lock(Path(path), modify, dumps) if Path(path).name == LOCK else modify(path, fs=fs)
        )
    if read := getattr(param, "read_param_file", None):
        param.read_param_file = lambda fs, path, keys=None, flatten=False, **more: (
            values
            if flatten and (values := values_of(path, keys)) is not None
            else read(fs, path, keys, flatten, **more)
        )


@contextmanager
def modified_lock(path: Path, modify: Modify, dumps: Callable[[Any], str]) -> Iterator[dict[str, Any]]:
    """What a lock says; the stages that the caller replaces or adds are written in their places.

    Args:
        path: of the lock.
        modify: DVC's own way, for a lock that is new, or not as DVC writes it.
        dumps: how DVC writes data as YAML.
    """
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    blocks = BLOCK.split(text.removeprefix(HEAD))[1:]
    data = YAML(typ="safe").load(text) if text.startswith(HEAD) else {}
    stages = dict(data.get("stages") or {})
    if not blocks or len(blocks) != len(stages) or "".join([HEAD, *blocks]) != text:
        with modify(path) as data:
            yield data
        return
    yield data
    known, now = dict(zip(stages, blocks, strict=True)), data["stages"]
    changed = {k: _block(dumps({"stages": {k: v}})) for k, v in now.items() if v is not stages.get(k)}
    if data.keys() == {"schema", "stages"} and not any(ANCHOR in block for block in changed.values()):
        text = HEAD + "".join(changed.get(k) or known[k] for k in now)
    else:
        text = dumps(data)
    path.write_text(text, encoding="utf-8")


def values_of(path: str, keys: Sequence[str] | None) -> dict[str, Any] | None:
    """The values of dotted keys in a YAML file, without those that are not there; None: DVC has to look itself."""
    if not keys or Path(path).suffix not in (".yaml", ".yml") or any(map(PATTERN.search, keys)):
        return None
    try:
        values = _parsed(Path(path).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, YAMLError):
        return None
    found = {}
    for key in keys:
        value: Any = values
        for name in key.split("."):
            if not isinstance(value, Mapping) or not all(isinstance(own, str) for own in value):
                return None
            if name not in value:
                break
            value = value[name]
        else:
            found[key] = value
    return found


def _block(text: str) -> str:
    """The text of the only stage of a lock."""
    return text.removeprefix("stages:\n")


def load_once(yaml: YAML, stream: Any) -> Any:
    """In the place of ``YAML.load``: a text whose comments nobody wants is parsed once and copied for each caller."""
    return deepcopy(_parsed(stream)) if yaml.typ == ["safe"] and isinstance(stream, str) else LOAD(yaml, stream)


@lru_cache(maxsize=8)
def _parsed(text: str) -> Any:
    return LOAD(YAML(typ="safe"), text)


if __name__ == "__main__":
    make_quick()
    from dvc.cli import main

    sys.exit(main(sys.argv[1:]))
