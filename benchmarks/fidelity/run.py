"""Tables over several seeds: a setting is some sections of params.yaml, run as a project of its own.

    python benchmarks/fidelity/run.py benchmarks/fidelity/text_digits.yaml

The project stands under ``.scratch/fidelity/<setting>/``: a clone of this repository's commit whose params.yaml has the
setting's sections merged into it. ``ganbench repro`` runs there what the setting's `targets` name, a cell on each core.
Stopped, it goes on with the code that it began with; remove the folder to begin anew. Metrics, histories, learning
curves, small pictures and the circumstances then stand under ``benchmarks/results/<setting>/``; weights don't.
`table.py` writes the tables of docs/results.md from them.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import click
from circumstances import circumstances, git
from page import spare
from ruamel.yaml import YAML

from ganbench.cell import Cell
from ganbench.params import load, read

ROOT = Path(__file__).resolve().parents[2]
RESULTS = ROOT / "benchmarks" / "results"
PROJECTS = ROOT / ".scratch" / "fidelity"
TARGETS = "targets"
KEPT = ("train/history.csv", "train/status.json", "evaluation/curve.csv", "evaluation/record.json", "samples/grid.png",
        "samples/captions.png")  # fmt: skip
"""Of every cell, below ``runs/<track>/<variant>/<seed>/``."""

TRACKS = ("images", "points", "translation")
CHOICES = ("variants", "search", "task", "dataset")
"""Keys whose mappings are replaced as a whole."""


@click.command()
@click.argument("setting", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--jobs", type=click.IntRange(1), help="Cells at once; by default one a core.")
def main(setting: Path, jobs: int | None) -> None:
    """Run SETTING, a file with sections of params.yaml, and keep its results."""
    declared, project = read(setting), PROJECTS / setting.stem
    if not (targets := declared.pop(TARGETS, None)):
        raise click.ClickException(f"{setting}: {TARGETS}: this key is required; allowed: a list of stages")
    make_project(project)
    git("-C", str(project), "checkout", "--quiet", "params.yaml")
    merge_params(project / "params.yaml", declared)
    link_data(project)
    began = time.time()
    command = ["ganbench", "repro", "--threads", "1", *(["--jobs", str(jobs)] if jobs else []), *targets]
    code = subprocess.run(command, cwd=project, env=environment(project), check=False).returncode
    keep(project, setting.stem, [track for track in TRACKS if track in declared])
    made = {
        "setting": setting.relative_to(ROOT).as_posix() if setting.is_absolute() else setting.as_posix(),
        **circumstances(project),
        "seconds_of_the_last_call": round(time.time() - began),
    }
    write(RESULTS / setting.stem / "circumstances.json", made)
    raise SystemExit(code)


def make_project(project: Path) -> None:
    """A clone of the commit that is checked out here, unless one is there."""
    if not project.exists():
        git("clone", "--quiet", "--shared", str(ROOT), str(project))


def merge_params(path: Path, sections: dict[str, Any]) -> None:
    """Merge sections into params.yaml, as `merge` does."""
    yaml = YAML()
    values = yaml.load(path.read_text(encoding="utf-8"))
    merge(values, sections)
    with path.open("w", encoding="utf-8") as file:
        yaml.dump(values, file)


def merge(values: dict[str, Any], sections: dict[str, Any]) -> None:
    """Mappings are merged, all else is replaced: the variants as well, of which a list chooses declared ones or adds.

    Ranges of search stay with the variants that do.
    """
    for key, value in sections.items():
        if key == "variants" and isinstance(value, list) and isinstance(values[key], dict):
            parts = [{part: values[key][part]} if isinstance(part, str) else part for part in value]
            values[key] = {name: variant for part in parts for name, variant in part.items()}
        elif key not in CHOICES and isinstance(value, dict) and isinstance(values.get(key), dict):
            merge(values[key], value)
        else:
            values[key] = value
    if "search" in values and "variants" in values:
        values["search"] = {name: ranges for name, ranges in values["search"].items() if name in values["variants"]}


def link_data(project: Path) -> None:
    """Raw data that were added here are there as well."""
    for folder in (ROOT / "data" / "raw").iterdir():
        there = project / "data" / "raw" / folder.name
        if folder.is_dir() and not there.exists():
            there.parent.mkdir(parents=True, exist_ok=True)
            there.symlink_to(folder, target_is_directory=True)


def environment(project: Path) -> dict[str, str]:
    """Stages run the project's own code; this environment's programs are found first."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    return os.environ | {"PATH": path, "PYTHONPATH": str(project / "src")}


def keep(project: Path, name: str, tracks: list[str]) -> None:
    """Copy what is small: metrics of the declared cells and of the floor, histories, curves, pictures."""
    shutil.rmtree(RESULTS / name, ignore_errors=True)
    params = load(project / "params.yaml")
    for track in tracks:
        for floor in sorted((project / "results" / "metrics" / track).glob("*.json")):
            copy(floor, RESULTS / name / track / floor.name)
        for variant in getattr(params, track).variants:
            for seed in params.seeds:
                cell = Cell(track, variant, seed)
                if not (project / cell.evaluation_dir).is_dir():
                    continue  # metrics that are there are the repository's own
                target = RESULTS / name / track / variant / str(seed)
                copy(project / cell.metrics_path, target / "metrics.json")
                for kept in KEPT:
                    copy(project / cell.train_dir.parent / kept, target / Path(kept).name)


def copy(source: Path, target: Path) -> None:
    """Copy a file that is there, its folders made; a large picture as WebP, a tenth of its size."""
    if not source.exists():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    if target.suffix == ".png":
        spare(target)


def write(path: Path, values: dict[str, Any]) -> None:
    """Write as JSON, folders made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(values, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
