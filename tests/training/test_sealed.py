"""Files of tensors and notes that show any damage."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from scratches import TENSORS, start, until

from ganbench.training.sealed import DamagedError, read_notes, read_sealed, write_sealed


def test_tensors_come_back_bit_by_bit_and_notes_in_order(tmp_path: Path) -> None:
    tensors = {
        "float": torch.tensor([0.1, float("nan"), -0.0, float("inf")]),
        "bf16": torch.randn(3).bfloat16(),
        "scalar": torch.tensor(3),
        "nothing": torch.empty(0),
        "bool": torch.tensor([True, False]),
        "bytes": torch.arange(9, dtype=torch.uint8),
        "channels last": torch.randn(2, 3, 4, 4).to(memory_format=torch.channels_last),
    }
    tensors["the same memory"] = tensors["float"]
    tensors["a part of it"] = tensors["float"][1:]
    notes = {"z": 0.1 + 0.2, "a": [1, None, "é"]}
    write_sealed(tmp_path / "x", tensors, notes)
    found, read = read_sealed(tmp_path / "x")
    assert list(read.items()) == list(notes.items()) == list(read_notes(tmp_path / "x").items())
    assert found.keys() == tensors.keys()
    for name, tensor in tensors.items():
        assert found[name].dtype == tensor.dtype
        assert found[name].shape == tensor.shape
        bits = [value.contiguous().reshape(-1).view(torch.uint8) for value in (found[name], tensor)]
        assert torch.equal(*bits)


def test_any_cut_and_any_flipped_bit_is_found(tmp_path: Path) -> None:
    path = tmp_path / "x"
    write_sealed(path, TENSORS, {"rows": [1, 2]})
    whole, rng = path.read_bytes(), random.Random(0)
    cuts = [whole[:length] for length in range(0, len(whole), 7)]
    flips = []
    for _ in range(200):
        flipped = bytearray(whole)
        flipped[rng.randrange(len(whole))] ^= 1 << rng.randrange(8)
        flips.append(bytes(flipped))
    for damaged in [*cuts, *flips, whole + b"\0"]:
        path.write_bytes(damaged)
        with pytest.raises(DamagedError):
            read_sealed(path)


def test_weights_without_a_seal_are_refused(tmp_path: Path) -> None:
    save_file(TENSORS, tmp_path / "x")
    with pytest.raises(DamagedError, match="without a seal"):
        read_sealed(tmp_path / "x")


def test_a_kill_while_writing_leaves_the_file_of_before_or_the_new_one(tmp_path: Path) -> None:
    path, rng = tmp_path / "x", random.Random(0)

    def write_for_ever() -> None:
        for number in range(1, 1_000_000):
            write_sealed(path, {"n": torch.full((50_000,), number)}, {"n": number})

    write_sealed(path, {"n": torch.full((50_000,), 0)}, {"n": 0})
    for _ in range(10):
        process, before = start(write_for_ever), read_notes(path)
        until(lambda before=before: read_notes(path) != before)
        time.sleep(rng.random() * 0.01)
        process.kill()
        process.join()
        tensors, notes = read_sealed(path)
        assert (tensors["n"] == notes["n"]).all()
