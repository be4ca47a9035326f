"""A file of tensors and notes that knows whether it is whole: safetensors with a seal, so that nothing is unpickled."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor


class DamagedError(Exception):
    """The file isn't what was written; the message says how one sees that."""


def write_sealed(path: Path, tensors: Mapping[str, Tensor], notes: Mapping[str, Any]) -> None:
    """Write a file as a whole: a crash at any moment, of the machine too, leaves the file of before or the new one.

    Args:
        path: its folder exists.
        tensors: of any device and layout; they may share memory.
        notes: plain values, kept as JSON in the file's metadata.
    """
    own = {name: tensor.detach().cpu().clone(memory_format=torch.contiguous_format) for name, tensor in tensors.items()}
    text = json.dumps(notes)
    write_whole(path, lambda work: save_file(own, work, metadata={"notes": text, "sha256": _seal(own, text)}))


def write_whole(path: Path, write: Callable[[Path], None]) -> None:
    """Have a file written to another name, synced, and renamed.

    Args:
        path: its folder exists.
        write: makes the file where it is told to.
    """
    work = path.with_name(f".{path.name}.writing")
    write(work)
    _to_disk(work, os.O_RDWR)
    work.replace(path)
    _to_disk(path.parent, os.O_RDONLY)


def read_sealed(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """The tensors, on the CPU, and the notes.

    Raises:
        FileNotFoundError: no such file.
        DamagedError: it isn't such a file, or not as it was written.
    """
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (no mapping)
    except SafetensorError as error:
        raise DamagedError(str(error).splitlines()[0]) from None
    if metadata.keys() != {"notes", "sha256"}:
        raise DamagedError("without a seal")
    if _seal(tensors, metadata["notes"]) != metadata["sha256"]:
        raise DamagedError("its bytes are not those that were written")
    return tensors, json.loads(metadata["notes"])


def read_notes(path: Path) -> dict[str, Any]:
    """The notes alone, which is fast; the seal is not checked.

    Raises:
        FileNotFoundError: no such file.
        DamagedError: it isn't such a file.
    """
    try:
        with safe_open(path, framework="pt") as file:
            notes = json.loads((file.metadata() or {})["notes"])
    except (SafetensorError, KeyError, ValueError) as error:
        raise DamagedError(str(error).splitlines()[0]) from None
    if not isinstance(notes, dict):
        raise DamagedError("without notes")
    return notes


def _seal(tensors: Mapping[str, Tensor], text: str) -> str:
    """SHA-256 over the notes and every tensor's name, type, shape and bytes."""
    seal = hashlib.sha256(text.encode())
    for name in sorted(tensors):
        tensor = tensors[name]
        seal.update(f"\0{name}\0{tensor.dtype}\0{list(tensor.shape)}\0".encode())
        seal.update(tensor.reshape(-1).view(torch.uint8).numpy().data)
    return seal.hexdigest()


def _to_disk(path: Path, flags: int) -> None:
    """Wait until it stands on the disk."""
    descriptor = os.open(path, flags)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
