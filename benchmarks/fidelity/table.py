"""Write the tables of README.md and docs/results.md: the default run's from results/metrics/, those over several seeds
from what `run.py` keeps under benchmarks/results/.

python benchmarks/fidelity/table.py
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from textwrap import fill
from typing import Any

import click
import numpy as np
from PIL import Image

from ganbench.params import load
from ganbench.statistics.comparison import holm, paired, rank_sum
from ganbench.statistics.interval import Mean, mean
from ganbench.statistics.worst import oriented

ROOT = Path(__file__).resolve().parents[2]
RESULTS = ROOT / "benchmarks" / "results"
DEFAULT = ROOT / "results" / "metrics"
PAGE = ROOT / "docs" / "results.md"
README = ROOT / "README.md"
GAP = 40
ROWS, ALL_ROWS = 6, 10
"""Of a grid, in a picture of the page."""


@dataclass(frozen=True)
class Column:
    """A metric of a table.

    Attributes:
        metric: the beginning of its name, up to the number of images.
        title: over the column.
        better: «lower», «higher», or «» where neither is.
        digits: after the point.
    """

    metric: str
    title: str
    better: str
    digits: int = 3

    @property
    def head(self) -> str:
        """The title with an arrow in the direction of what is better."""
        return self.title + {"lower": " ↓", "higher": " ↑", "": ""}[self.better]


@dataclass(frozen=True)
class Claim:
    """That one variant beats another by a metric."""

    says: str
    metric: str
    winner: str
    loser: str


@dataclass(frozen=True)
class Setting:
    """A table: the setting's file, its words, its columns and what is claimed of it."""

    name: str
    track: str
    title: str
    words: str
    columns: tuple[Column, ...]
    claims: tuple[Claim, ...] = ()
    beside: tuple[tuple[str, str], ...] = (("real", "*real images*"),)
    """Files of the floor, and what they are called."""
    each: tuple[Column, ...] = ()
    """Said seed by seed as well."""
    shown: tuple[str, str, tuple[int, ...]] | None = None
    """A picture: what it shows, and the seeds of a variant whose grids stand beside each other."""


FID = Column("fid_judge", "FID", "lower", 1)
WAY = (
    Column("l1_ab", "L1", "lower"),
    Column("psnr_ab", "PSNR", "higher", 1),
    Column("ssim_ab", "SSIM", "higher"),
    Column("accuracy_judge_ab", "judge's accuracy", "higher"),
    Column("fid_judge_ab", "FID", "lower", 1),
)
CYCLE = Column("cycle_ab", "cycle error", "")
TAKEN = Column("alternative_taken_ab", "took the other", "", 1)
TOLD = (
    FID,
    Column("attribute_accuracy_digit_judge", "digit", "higher"),
    Column("attribute_accuracy_lean_judge", "lean", "higher"),
    Column("attribute_accuracy_thickness_judge", "thickness", "higher"),
    Column("matching_auc", "matched AUC", "higher"),
    Column("matching_gap", "gap", "higher", 2),
)
ANSWERS = (("identity", "*the input itself*"), ("real", "*the right answer*"))
ABLATION = (
    Claim("Both losses are better than the distance alone", "fid_judge_ab", "pix2pix", "pix2pix_l1"),
    Claim("Both losses are better than the adversarial loss alone", "fid_judge_ab", "pix2pix", "pix2pix_cgan"),
    Claim("The adversarial loss alone is better than the distance alone", "fid_judge_ab", "pix2pix_cgan", "pix2pix_l1"),
    Claim("Both losses are better than the distance alone", "accuracy_judge_ab", "pix2pix", "pix2pix_l1"),
    Claim("Both losses are better than the adversarial loss alone", "accuracy_judge_ab", "pix2pix", "pix2pix_cgan"),
)

SETTINGS = (
    Setting(
        "text_digits",
        "images",
        "Text to image: does the right text matter?",
        "Digits with captions, 16 pixels, 80 thousand real images. *Matched AUC*: how well the discriminator's score "
        "tells the right caption of a held-out image from a wrong one; *gap*: the same in pooled deviations. "
        "GAN-CLS has both of the paper's additions, real images with wrong texts and interpolated texts "
        "(Reed et al. 2016, sections 4.2 and 4.3).",
        TOLD,
        (
            Claim("GAN-CLS separates matched from mismatched text better", "matching_auc", "gan_cls", "text_cgan"),
            Claim("GAN-CLS draws the digit that the text asks for more often", "attribute_accuracy_digit", "gan_cls",
                  "text_cgan"),
        ),
    ),
    Setting(
        "translation_edges",
        "translation",
        "Paired and unpaired, with a known answer",
        "Edges → `shapes` at 16 pixels, 14 thousand real images; a shape's class determines its colour. Isola et al. "
        "2017, table 1, order their ablations by the FCN score: L1 + cGAN, then cGAN, then L1; the judge's accuracy "
        "is its analogue here.",
        (*WAY, CYCLE),
        ABLATION,
        ANSWERS,
    ),
    Setting(
        "translation_ablation",
        "translation",
        "The ablations at twice the budget",
        "As above with 28 thousand real images. The adversarial loss alone is the slowest to learn, so its place "
        "depends on the budget.",
        WAY,
        ABLATION,
        ANSWERS,
    ),
    Setting(
        "translation_recolour",
        "translation",
        "Unpaired, with a hidden bijection",
        "B holds other shapes than A, recoloured by a mapping T that only the evaluation knows; the held-out images "
        "have both sides. L1 is ‖G(x) − T(x)‖.",
        (*WAY, CYCLE),
        (
            Claim("With skip connections CycleGAN comes nearer to T", "l1_ab", "cyclegan_unet", "cyclegan"),
            Claim("With skip connections CycleGAN comes nearer to T than DiscoGAN does", "l1_ab", "cyclegan_unet",
                  "discogan"),
        ),
        ANSWERS,
        (Column("accuracy_judge_ab", "judge's accuracy", "higher", 2), CYCLE),
        (
            "Left a seed that found T, right one that makes squares of circles and exchanges their colours; columns: "
            "input, output, right answer, there and back, first from A, then from B. Both come back.",
            "cyclegan_unet",
            (0, 2),
        ),
    ),
    Setting(
        "translation_symmetric",
        "translation",
        "The control: a small cycle error is not correctness",
        "Two mappings between the domains are equally right; nothing in the data prefers the one called the first. "
        "*Took the other*: the share of seeds that are nearer to the second.",
        (Column("l1_ab", "L1 to the first", "lower"), Column("l1_nearer_ab", "to the nearer", "lower"), TAKEN, CYCLE),
        (),
        ANSWERS,
        (Column("correct_ab", "nearer to the first, share", "", 2), CYCLE),
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Run:
    """A table of the default run: where it stands, under which mark, and what is in it."""

    page: Path
    mark: str
    track: str
    variants: tuple[str, ...] | None
    columns: tuple[Column, ...]
    beside: tuple[tuple[str, str], ...]


RUNS = (
    Run(
        README,
        "images",
        "images",
        None,
        (
            Column("fid_judge", "FID", "lower", 2),
            Column("kid_judge", "KID", "lower"),
            Column("is_judge", "IS", "higher", 2),
            Column("precision_judge", "precision", "higher"),
            Column("recall_judge", "recall", "higher"),
            Column("coverage_judge", "coverage", "higher"),
        ),
        (("real", "*real* (the floor)"),),
    ),
    Run(
        PAGE,
        "conditional",
        "images",
        ("cgan", "projection", "acgan"),
        (
            Column("fid_judge", "FID", "lower", 2),
            Column("intra_fid_judge", "intra-class FID", "lower", 2),
            Column("condition_accuracy_judge", "condition accuracy", "higher"),
            Column("tstr_accuracy", "TSTR", "higher"),
            Column("trts_accuracy", "TRTS", "higher"),
            Column("augmentation_gain", "augmentation gain", "higher"),
        ),
        (("real", "*real*"),),
    ),
    Run(PAGE, "text", "images", ("gan_cls", "text_cgan"), TOLD, (("real", "*real*"),)),
    Run(PAGE, "translation", "translation", None, (*WAY, CYCLE), ANSWERS),
)


@click.command()
def main() -> None:
    """Write the tables."""
    for run in RUNS:
        put(run.page, run.mark, of_default_run(run))
    put(PAGE, "seeds", "\n\n".join(section(setting) for setting in SETTINGS if (RESULTS / setting.name).is_dir()))


def put(page: Path, mark: str, text: str) -> None:
    """Replace what stands between two marks of a page."""
    begin, end = f"<!-- {mark}: begin -->", f"<!-- {mark}: end -->"
    head, rest = page.read_text(encoding="utf-8").split(begin)
    page.write_text(f"{head}{begin}\n\n{text}\n\n{end}{rest.split(end)[1]}", encoding="utf-8")
    click.echo(f"wrote {page.relative_to(ROOT)}: {mark}")


def of_default_run(run: Run) -> str:
    """The first seed of each variant."""
    params = load(ROOT / "params.yaml")
    lines = header(run.columns)
    for variant in run.variants or getattr(params, run.track).variants:
        path = DEFAULT / run.track / variant / f"{params.seeds[0]}.json"
        lines.append(row(f"`{variant}`", [read(path)], run.columns))
    lines += [row(label, [read(DEFAULT / run.track / f"{name}.json")], run.columns) for name, label in run.beside]
    return "\n".join(lines)


def header(columns: tuple[Column, ...]) -> list[str]:
    """The two lines above a table's rows."""
    return [f"| | {' | '.join(column.head for column in columns)} |", f"|---|{'---|' * len(columns)}"]


def section(setting: Setting) -> str:
    """A heading, how it was made, the table, and what it says of the claims."""
    folder = RESULTS / setting.name
    made = read(folder / "circumstances.json")
    variants = sorted(path.name for path in (folder / setting.track).iterdir() if path.is_dir())
    seeds = {variant: cells(folder / setting.track / variant) for variant in variants}
    count = max(map(len, seeds.values()))
    lines = [
        f"### {setting.title}",
        "",
        fill(setting.words, 120),
        "",
        f"`python benchmarks/fidelity/run.py {made['setting']}`; {count} seeds, means ± half the 95 % t interval;",
        f"{made['machine']}, torch {made['torch']}, commit {made['commit'][:7]}.",
        "",
        *header(setting.columns),
    ]
    for variant in variants:
        lines.append(row(f"`{variant}`", seeds[variant], setting.columns))
    for name, label in setting.beside:
        if (path := folder / setting.track / f"{name}.json").exists():
            lines.append(row(label, [read(path)], setting.columns))
    if setting.claims or setting.each:
        lines += ["", *judged(setting, seeds), *seed_by_seed(setting, seeds)]
    if setting.shown:
        words, variant, chosen = setting.shown
        path = PAGE.with_name(f"results-{setting.name}.png")
        beside([folder / setting.track / variant / str(seed) / "grid.png" for seed in chosen]).save(path)
        lines += ["", f"![{setting.title}]({path.name})", "", fill(words, 120)]
    return "\n".join(lines)


def beside(paths: list[Path]) -> Image.Image:
    """The first rows of grids, side by side."""
    grids = [Image.open(path) for path in paths]
    height, width = min(grid.height for grid in grids) * ROWS // ALL_ROWS, sum(grid.width for grid in grids)
    sheet = Image.new("RGB", (width + GAP * (len(grids) - 1), height), "white")
    left = 0
    for grid in grids:
        sheet.paste(grid.crop((0, 0, grid.width, height)), (left, 0))
        left += grid.width + GAP
    return sheet


def row(label: str, found: list[dict[str, Any]], columns: tuple[Column, ...]) -> str:
    """A line of a table; seeds that diverged are counted beside the name."""
    done = [cell for cell in found if cell.get("status") != "diverged"]
    label += f" ({len(found) - len(done)} of {len(found)} diverged)" if len(done) < len(found) else ""
    shown = [over_seeds([value_of(cell, column.metric) for cell in done], column.digits) for column in columns]
    return f"| {label} | {' | '.join(shown)} |"


def over_seeds(values: list[float | None], digits: int) -> str:
    """Mean ± half the interval; a dash where a value is missing."""
    there = [value for value in values if value is not None and np.isfinite(value)]
    return text_of(mean(there), digits) if there and len(there) == len(values) else "–"


def text_of(found: Mean, digits: int) -> str:
    """0.969 ± 0.005."""
    half = "" if found.half is None else f" ± {found.half:.{digits}f}"
    return f"{found.value:.{digits}f}{half}"


def judged(setting: Setting, seeds: dict[str, list[dict[str, Any]]]) -> list[str]:
    """A line a claim: whether it holds, by the test of Mann and Whitney with Holm's correction over the claims."""
    columns = {column.metric: column for column in setting.columns}
    pairs, found = [], []
    for claim in setting.claims:
        column = next(column for metric, column in columns.items() if metric.startswith(claim.metric))
        raw = [
            np.array([value_of(cell, claim.metric) for cell in seeds[name]], float)
            for name in (claim.winner, claim.loser)
        ]
        pairs.append(raw)
        found.append((column, rank_sum(*(oriented(values, column.better) for values in raw))))
    lines = []
    for claim, raw, (column, test), p in zip(
        setting.claims, pairs, found, holm([test.p for _, test in found]), strict=True
    ):
        better = test.superiority > 0.5
        verdict = (
            "holds" if better and p < 0.05 else "the other way round" if not better and p < 0.05 else "not decided"
        )
        difference = paired(*raw)
        size = f", difference {text_of(difference.difference, column.digits)}" if difference else ""
        lines.append(f"- {claim.says} ({column.title}): **{verdict}**{size}, p = {p:.3f}.")
    return lines


def seed_by_seed(setting: Setting, seeds: dict[str, list[dict[str, Any]]]) -> list[str]:
    """A line a variant, with the values of its seeds in their order."""
    lines = []
    for variant, found in seeds.items() if setting.each else ():
        shown = (
            f"{column.title} {', '.join(over_seeds([value_of(cell, column.metric)], column.digits) for cell in found)}"
            for column in setting.each
        )
        lines.append(f"- `{variant}`, seed by seed: {'; '.join(shown)}.")
    return lines


def value_of(cell: dict[str, Any], metric: str) -> float | None:
    """The value of the first metric whose name begins so."""
    return next((value for name, value in cell.items() if name.startswith(f"{metric}_")), None)


def cells(folder: Path) -> list[dict[str, Any]]:
    """The metrics of a variant's seeds, in the order of the seeds."""
    return [read(path / "metrics.json") for path in sorted(folder.iterdir(), key=lambda path: int(path.name))]


def read(path: Path) -> dict[str, Any]:
    """A JSON file."""
    return dict(json.loads(path.read_text(encoding="utf-8")))


if __name__ == "__main__":
    main()
