"""A copy of this project, with as many cells as wanted, all of them done."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from ganbench.bench.process import Ran, run
from ganbench.errors import BenchError

SEEDS = 5
NO_OPS = {
    "dvc": ("dvc", "up to date"),
    "ganbench": ("ganbench.cli", r"^0 jobs ran, 0 came from the cache, \d+ were up to date"),
}
"""Commands that bring a project up to date: the module of each, and what it says where everything is."""


def project_copy(root: Path, to: Path) -> Path:
    """What git tracks, or would track, in a repository of its own; results and runs stay behind.

    Raises:
        BenchError: `root` is no git repository.
    """
    command = ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        names = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split("\0")
    except (OSError, subprocess.CalledProcessError):
        raise BenchError(f"{root}: not a git repository; run from the root of a ganbench project") from None
    for name in filter(None, names):
        if (root / name).is_file() and name != "dvc.lock" and not name.startswith("results/"):
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(root / name, to / name)
    run(["git", "init", "--quiet"], to)
    return to


def edit_params(project: Path, track: str = "images", **section: Any) -> None:
    """Change keys of a track in the copy's params.yaml; a mapping changes keys inside it."""
    path, yaml = project / "params.yaml", YAML()
    values = yaml.load(path.read_text(encoding="utf-8"))
    for key, value in section.items():
        if isinstance(value, dict) and key != "variants":
            values[track][key].update(value)
        else:
            values[track][key] = value
    with path.open("w", encoding="utf-8") as file:
        yaml.dump(values, file)


def declare_cells(project: Path, cells: int) -> int:
    """Declare so many cells of the track `images`, fabricate what every stage writes, and commit it as done.

    Every other track keeps one variant. Returns the number of stages.
    """
    from dvc.repo import Repo
    from dvc.stage.serialize import to_single_stage_lockfile

    path, yaml = project / "params.yaml", YAML()
    values = yaml.load(path.read_text(encoding="utf-8"))
    seeds = min(SEEDS, cells)
    values["seeds"] = list(range(seeds))
    for section in values.values():
        if isinstance(section, dict) and "variants" in section:
            name, variant = next(iter(section["variants"].items()))
            section["variants"] = {name: variant}
    variant = next(iter(values["images"]["variants"].values()))
    values["images"]["explore"]["variants"] = []
    values["images"]["variants"] = {f"v{index:03d}": dict(variant) for index in range(cells // seeds)}
    with path.open("w", encoding="utf-8") as file:
        yaml.dump(values, file)
    with Repo(str(project)) as repo, repo.lock:
        stages = list(repo.index.stages)
        for stage in stages:
            for out in stage.outs:
                _fabricate(Path(out.fs_path))
        lock = {}
        for stage in stages:  # as `dvc commit`, which writes the lock anew for every stage
            stage.save(run_cache=False)
            stage.commit()
            lock[stage.name] = to_single_stage_lockfile(stage)
    with (project / "dvc.lock").open("w", encoding="utf-8") as file:
        YAML(typ="safe").dump({"schema": "2.0", "stages": lock}, file)
    return len(stages)


def _fabricate(out: Path) -> None:
    if out.exists():
        return
    path = out if out.suffix else out / "made"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{out.name}\n", encoding="utf-8")


def no_op(project: Path, command: str = "dvc") -> Ran:
    """``dvc repro``, or ``ganbench repro``, where everything is done.

    Raises:
        BenchError: it found something to do.
    """
    module, nothing_to_do = NO_OPS[command]
    ran = run([sys.executable, "-m", module, "repro"], project)
    if not re.search(nothing_to_do, ran.output, re.MULTILINE):
        raise BenchError(f"{project}: {command} repro had something to do: {ran.output.strip().splitlines()[-1]}")
    return ran
