"""A cell's generators as MLflow models: weights, the network's declaration, and the code to build them."""

from __future__ import annotations

import platform
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import ganbench
from ganbench.cell import Cell
from ganbench.outputs import write_json, write_text
from ganbench.params import Params
from ganbench.tracking.describe import training_params
from ganbench.tracking.serving import GIVEN, NETWORK, WEIGHTS, load_served, tried

if TYPE_CHECKING:
    from mlflow.entities import LoggedModel
    from mlflow.models import ModelSignature

    from ganbench.tracking.store import Store

NAME = "generator"
LOADER = "ganbench.tracking.serving"
REQUIREMENTS = ("mlflow", "torch", "numpy", "pandas", "safetensors", "pydantic", "ruamel.yaml", "click", "pillow")


def describe(cell: Cell, params: Params) -> dict[str, Any]:
    """What only torch can tell of a finished cell, in plain values, so that MLflow's process need not import it.

    Returns:
        ``params``: the flat parameters of the training; ``models``: by name of the generator, ``network``: what
        `load_served` reads, and what `tried` says. Each generator is tried, so that what is logged works; those of a
        training that diverged are not logged.
    """
    from ganbench.training.outcome import diverged

    found: dict[str, Any] = {"params": training_params(cell, params), "models": {}}
    for name in () if diverged(cell) else generators(cell):
        with tempfile.TemporaryDirectory() as folder:
            network = _network(cell, params, name)
            _write_data(Path(folder), cell, network, name)
            found["models"][name] = {"network": network, **tried(load_served(Path(folder)))}
    return found


def log_generators(store: Store, run: str, cell: Cell, known: Mapping[str, Any], images: int) -> str:
    """Log a cell's generators, their moving averages where these are kept, and link them to the run.

    MLflow's own PyTorch format would trace the network, two seconds a process, and its `save_model` compares our
    requirements with all that is installed, half a second. This copies the weights; the package goes along, so that
    an old model is served by the code of its day.

    Args:
        store: where to.
        run: MLflow's id of the run.
        cell: a finished one.
        known: what `describe` says of its models.
        images: seen by then; the models' step.

    Returns:
        the id of the model that the cell's metrics are about: of translators the one from A to B.
    """
    logged = {name: _log(store, run, cell, model, images, name) for name, model in known.items()}
    return next(iter(logged.values()))


def generators(cell: Cell) -> list[str]:
    """Names of a trained cell's generators: ``generator``, or ``generator_ab`` and perhaps ``generator_ba``."""
    found = sorted(path.stem for path in cell.train_dir.glob(f"{NAME}*.safetensors"))
    return [name for name in found if not name.endswith("_ema")]


def _log(store: Store, run: str, cell: Cell, known: Mapping[str, Any], images: int, name: str) -> str:
    from mlflow.entities import LoggedModelOutput, LoggedModelStatus

    logged = store.client.create_logged_model(store.experiment, name, source_run_id=run, params={"cell": str(cell)})
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        _write_data(folder / "data", cell, known["network"], name)
        _write_code(folder / "code")
        _write_environment(folder)
        _write_description(folder, logged, run, known)
        store.client.log_model_artifacts(logged.model_id, str(folder))
    store.client.finalize_logged_model(logged.model_id, LoggedModelStatus.READY)
    store.client.log_outputs(run, [LoggedModelOutput(logged.model_id, step=images)])
    return str(logged.model_id)


def _write_data(folder: Path, cell: Cell, network: Mapping[str, Any], name: str) -> None:
    """What `load_served` reads: the weights, which network they are of, and what it was told of its data."""
    write_json(folder / NETWORK, dict(network))
    shutil.copyfile(cell.weights(name), folder / WEIGHTS)
    if (cell.train_dir / GIVEN).exists():
        shutil.copyfile(cell.train_dir / GIVEN, folder / GIVEN)


def _network(cell: Cell, params: Params, name: str) -> dict[str, Any]:
    """A generator's network as it is declared, its shapes, and the condition."""
    variant = getattr(params, cell.track).variants[cell.variant]
    declared = {"network": variant.network.name, "options": variant.network.options}
    if cell.track == "translation":
        from ganbench.translating import shapes

        a, b = map(asdict, shapes(cell))
        return declared | ({"source": b, "target": a} if name.endswith("_ba") else {"source": a, "target": b})
    from ganbench.games.tracks import shape_of

    return declared | {"shape": asdict(shape_of(cell.track, params)), "condition": variant.condition.model_dump()}


def _write_code(folder: Path) -> None:
    package = Path(ganbench.__file__).parent
    shutil.copytree(package, folder / package.name, ignore=shutil.ignore_patterns("__pycache__"))


def _write_environment(folder: Path) -> None:
    """What another machine needs: MLflow's ``requirements.txt`` and ``python_env.yaml``."""
    pinned = [f"{name}=={version(name).split('+')[0]}" for name in REQUIREMENTS]
    write_text(folder / "requirements.txt", "\n".join(pinned) + "\n")
    write_json(
        folder / "python_env.yaml",  # JSON is YAML
        {"python": platform.python_version(), "build_dependencies": ["pip"], "dependencies": ["-r requirements.txt"]},
    )


def _write_description(folder: Path, logged: LoggedModel, run: str, known: Mapping[str, Any]) -> None:
    """``MLmodel``, and an example of what to post."""
    import mlflow.pyfunc
    from mlflow.models import Model

    model = Model(logged.artifact_location, run, signature=_signature(known), model_id=logged.model_id)
    mlflow.pyfunc.add_to_model(model, LOADER, data="data", code="code", python_env="python_env.yaml")
    model.save(str(folder / "MLmodel"))
    write_json(folder / "serving_input_example.json", known["posted"])


def _signature(known: Mapping[str, Any]) -> ModelSignature:
    """What the model takes and gives; one that is asked in words draws its latents by the parameter ``seed``."""
    from mlflow.models import ModelSignature
    from mlflow.types import ColSpec, DataType, ParamSchema, ParamSpec, Schema, TensorSpec

    def schema(values: Sequence[Mapping[str, Any]]) -> Schema:
        return Schema(
            [
                ColSpec(DataType.string, one["name"])
                if one["shape"] is None
                else TensorSpec(np.dtype(one["dtype"]), (-1, *one["shape"]), one["name"])
                for one in values
            ]
        )

    inputs, outputs = schema(known["inputs"]), schema(known["outputs"])
    if any(one["shape"] is None for one in known["inputs"]):
        return ModelSignature(inputs, outputs, ParamSchema([ParamSpec("seed", DataType.long, 0)]))
    return ModelSignature(inputs, outputs)
