"""The process that `ganbench.tracking.aside` starts: one JSON message a line on its stdin, until the stage ends.

If the stage is killed, its messages end without a word, and the run stays as a killed training leaves it: open, to be
taken up again.
"""

from __future__ import annotations

import base64
import json
import signal
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ganbench.cell import Cell
from ganbench.params import Params, load
from ganbench.tracking.live import Live
from ganbench.tracking.quietly import quietly
from ganbench.tracking.record import record_quietly

ENDS: dict[str, type[BaseException] | None] = {"ended": None, "failed": Exception, "killed": KeyboardInterrupt}


def main() -> None:
    """Follow one stage."""
    for number in (signal.SIGINT, signal.SIGTERM):  # the stage decides when it ends
        signal.signal(number, signal.SIG_IGN)
    params = load()
    messages = _messages()
    first = next(messages, None)
    if first is None or not quietly(_import):
        return
    with tempfile.TemporaryDirectory() as folder:
        live = None
        if first["cell"] is not None:
            live = Live(Cell.parse(first["cell"]), params, first["data_hash"], process=first["process"])
        for message in messages:
            _take(message, live, params, Path(folder))


def _take(message: dict[str, Any], live: Live | None, params: Params, folder: Path) -> None:
    from ganbench.training.reading import Reading

    ((what, content),) = message.items()
    if what == "record":
        record_quietly(Cell.parse(content["cell"]), params, content["known"])
    if live is None:
        return
    match what:
        case "declared":
            live.declared = content
        case "losses":
            live.losses(Reading(**content))
        case "picture":
            live.picture(content[0], _unpacked(content, folder))
        case "resumed":
            pictures = {one[0]: _unpacked(one, folder) for one in content["pictures"]}
            live.resumed([Reading(**reading) for reading in content["readings"]], pictures)
        case "saved":
            live.saved()
        case "close":
            live.__exit__(ENDS[content], None, None)


def _messages() -> Iterator[dict[str, Any]]:
    for line in sys.stdin:
        if line.endswith("\n"):  # else it was cut off
            yield json.loads(line)


def _unpacked(picture: list[Any], folder: Path) -> Path:
    path = folder / f"{picture[0]}.png"
    path.write_bytes(base64.b64decode(picture[1]))
    return path


def _import() -> None:
    """While the stage imports torch."""
    import mlflow.store.tracking.sqlalchemy_store  # noqa: F401


if __name__ == "__main__":
    main()
