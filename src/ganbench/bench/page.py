"""docs/performance.md, drawn from the JSON files of the measurements."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

from ganbench.bench import figures, tables
from ganbench.bench.goals import goals_table, goals_words
from ganbench.errors import BenchError
from ganbench.outputs import write_text
from ganbench.reporting.style import LIGHT, render
from ganbench.scaling.devices import MEMORY

KEEP = " ".join(f"{name}={value}" for name, value in MEMORY.items())
PYTORCH_GAN = "--peer-pytorch-gan ../PyTorch-GAN"
PEERS = f"{PYTORCH_GAN} --peer-mimicry ../mimicry"
CHECKOUTS = {"peers": PEERS, "translations": PYTORCH_GAN}
FIGURES = {
    "peers": {"peers": figures.peers_figure, "shares": figures.shares_figure},
    "scale": {"scale": figures.scale_figure},
}
"""By the part whose results they show."""
HEADINGS = {
    "peers": "Against peers",
    "translations": "Image → image, against a peer",
    "paths": "Paths of the engine",
    "scale": "Scale",
    "overhead": "A cell beside its training",
    "curves": "Learning curves",
    "allocator": "The allocator",
    "metrics": "Metrics",
}
WORDS = {
    "peers": """\
The same network classes, taken from the peer's checkout, train in the peer's own loop and in our trainer. The peer's
step runs as it stands: its script is executed up to its loop, and the loop's body is executed as it is, with the
batch it would have got; mimicry's trainer likewise, up to where it counts its step (what it prints and sends to
TensorBoard is left out). All contestants take turns within one process, so they have the same torch, threads and
allocator. The ratio is the median over rounds of ours to theirs, with min–max; real images are counted.

- **A**: the same networks, batch and dtype; the batches are tensors that lie ready. Ours keeps images in
  channels_last or, on a CPU, contiguous (`engine.memory_format`), whichever is faster.
- **B**: the same, each with its own loader: theirs decodes and resizes every image with Pillow, ours indexes uint8.
- **C**: each with its own loader at its best flags; the second table says which those are.
- **End to end**: ours at its best flags, the peer as it comes.

No column changes the algorithm. PyTorch-GAN's DCGAN lets its discriminator see the images of the generator's step, and
ours does the same there; elsewhere every step draws noise of its own. Their networks view activations or weights as
rows, which channels_last does not allow: before PyTorch-GAN's DCGAN does so, the activations are copied, and mimicry's
discriminator keeps contiguous weights.

The third table has GFLOP a real image, our share of the measured limit with tensors ready, and a profile of either
step. The **limit** is taken in the same run: every convolution and matrix product of a round, forward and backward,
of second order where there is a penalty, is timed alone at its shapes in the better of two layouts, and the best times
are added up («of products»); the bytes that all other operators read and write, each by itself, at the best rate at
which this machine copies memory, are added to that («of limit»). The compiler reads and writes fewer bytes, so it may
come beyond 100 %. *A could be* is the ratio of column A if our step were its products alone, in the same dtype: an
estimate, for a product timed alone may take longer than within a step, and then A is beyond it.""",
    "translations": """\
pix2pix and CycleGAN of PyTorch-GAN in the columns of the section above, batches of one as in the scripts. Its U-Net
halves an image eight times whatever its size, so it takes none below 256 pixels.""",
    "paths": """\
Declared variants on our own noise in memory, eager and compiled (`fullgraph`, gradients included), and captured in
CUDA graphs where there is a GPU. *Compile s* is the time until the first round is done, less a round, without any
cache on disk; *break-even* is the round from which on it has paid. A ratio is the median over rounds of paired ratios,
not the ratio of the medians beside it.""",
    "scale": """\
Each row is the middle of several processes with the range of their speeds; one axis grows, the others stay at their
smallest, so that the rows at 1× of training are one setting: what tells them apart is the machine. The peak includes
Python and torch.
`dvc repro` and `ganbench repro` with nothing to do are timed in a copy of this project whose cells are fabricated and
committed; the second makes DVC quick (`scaling/quick_dvc.py`).""",
    "overhead": """\
The three stages of one cell with a budget of a few rounds, from the start of the process to its end. MLflow's database
is there already. *Imports* are what `python -X importtime` counts in a run of its own. A stage starts cold under
`dvc repro`; *started warm* it is a copy of a process that has the imports done, as under `ganbench repro`.""",
    "curves": """\
A cell of the default run, whose learning curve has as many moments as its track's `training.snapshots` says: what it
takes to keep the generator at each of them and to measure its metrics there, beside the training without it. On one
thread, as under `ganbench repro`, which runs a cell on each core. The training gets cheaper with fewer images, the
curve does not. Points keep nothing for it: their curve is measured on what their film shows, the start included.""",
    "allocator": f"""\
glibc gives large blocks back to the system and faults them in again at every step. `{KEEP}`
keeps them, as `ganbench repro` has its jobs do. Pairs of processes, with and without; a ratio is the median of theirs,
not the ratio of the medians beside it.""",
    "metrics": """\
Each metric beyond the extraction of features, in a process of its own; features are drawn, with the falling spectrum
of a network's. The peak has both sides' features and torch in it. W2 is exact, of 1,000 images, and KID the mean over
50 blocks of 1,000, as in the bench; torch-fidelity takes 100 such subsets, its default, and its precision comes with
recall alone. Metrics of labels (TSTR) and those that take no time (inception score) are left out. torch-fidelity is
measured where it is installed (`pip install '.[fidelity]'`). Precision and its kin compare all pairs of images: three
products of matrices, two of them symmetric, 2 × 10¹³ operations for 50,000 a side at 2,048. Authenticity compares them
once, and the training images that were found with all others.""",
}


def read_results(folder: Path) -> dict[str, dict[str, Any]]:
    """What was measured, by part; parts that were not measured are left out.

    Raises:
        BenchError: nothing was.
    """
    paths = [folder / f"{part}.json" for part in HEADINGS]
    found = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in paths if path.exists()}
    if not found:
        raise BenchError(f"{folder}: no results; `ganbench bench` measures them")
    return found


def write_page(results: Path, page: Path) -> None:
    """Draw the page, and its figures beside it."""
    found = read_results(results)
    page.parent.mkdir(parents=True, exist_ok=True)
    for part in found:
        for name, figure in FIGURES.get(part, {}).items():
            _figure_path(page, name).write_bytes(render(LIGHT, partial(figure, found[part]["results"])))
    write_text(page, text(found, page))


def text(found: dict[str, dict[str, Any]], page: Path) -> str:
    """The page as Markdown."""
    sections = [_section(part, found[part], page) for part in HEADINGS if part in found]
    goals = ["## Goals", goals_words(found), goals_table(found)] if "peers" in found else []
    return "\n\n".join([_opening(found), *goals, *sections]) + "\n"


def _opening(found: dict[str, dict[str, Any]]) -> str:
    minutes = sum(part["seconds"] for part in found.values()) / 60
    return f"""\
# Performance

Everything on this page is drawn by code from the JSON files in `benchmarks/results/`, which hold every number with the
machine, versions and commit it was taken with. One command measures all of it anew and draws this page; nothing else
should run meanwhile. The parts below were measured one by one, at the commits named under each, in {minutes:.0f}
minutes together; a part's load is the average of the minute before it:

```sh
git clone https://github.com/eriklindernoren/PyTorch-GAN ../PyTorch-GAN && git -C ../PyTorch-GAN checkout 36d3c77
git clone https://github.com/kwotsin/mimicry ../mimicry && git -C ../mimicry checkout a7fda06
{KEEP} \\
  ganbench bench {PEERS}
```

`ganbench bench page` draws the page alone, `ganbench bench --quick` shows in seconds that all of it works. Options
choose variants, device, batch, resolution, paths and threads: `ganbench bench --help`."""


def _section(part: str, found: dict[str, Any], page: Path) -> str:
    results = found["results"]
    pictures = [f"![{name}]({_figure_path(Path(page.name), name).as_posix()})" for name in FIGURES.get(part, {})]
    command = f"```sh\nganbench bench {part}{f' {CHECKOUTS[part]}' if part in CHECKOUTS else ''}\n```"
    drawn = [draw(results) for draw in tables.TABLES[part]]
    return "\n\n".join([f"## {HEADINGS[part]}", WORDS[part], *drawn, *pictures, _where(found), command])


def _where(found: dict[str, Any]) -> str:
    """The machine, in a line."""
    machine, effort = found["machine"], found["effort"]
    gpu = f"; {machine['gpu']['name']}" if machine["gpu"] else ""
    kept = "kept" if "MALLOC_MMAP_MAX_" in machine["environment"] else "given back"
    return (
        f"*{machine['cpu']}, {machine['cores']} cores ({', '.join(machine['flags'])}){gpu}; {machine['threads']} "
        f"threads, load {machine['load_before']} before, memory {kept}; torch {machine['torch']}, "
        f"Python {machine['python']}; commit {machine['commit']}; {effort['rounds']} rounds, {found['seconds']:.0f} s.*"
    )


def _figure_path(page: Path, name: str) -> Path:
    return page.with_name(f"{page.stem}-{name}.png")
