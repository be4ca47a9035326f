"""The generator as an MLflow model: weights, the network's declaration, and the code to build it."""

from __future__ import annotations

import json
import platform
import shutil
import tempfile
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

import ganbench
from ganbench.cell import Cell
from ganbench.outputs import write_json, write_text
from ganbench.params import Choice, Params

if TYPE_CHECKING:
    from mlflow.entities import LoggedModel

    from ganbench.networks.network import Generator
    from ganbench.tracking.store import Store

NAME = "generator"
REQUIREMENTS = ("mlflow", "torch", "numpy", "safetensors", "pydantic", "ruamel.yaml", "click")


class Served:
    """What ``mlflow models serve`` asks: latents (N, latent_dim), standard normal → samples.

    Images are uint8 (N, H, W, C), points float32 (N, dim).
    """

    def __init__(self, generator: Generator) -> None:
        self.generator = generator

    def predict(self, latents: NDArray[np.float32], params: dict[str, Any] | None = None) -> NDArray[Any]:  # noqa: ARG002
        """Draw one sample a latent."""
        import torch

        from ganbench.data.batches import to_uint8

        with torch.inference_mode():
            samples = self.generator(torch.from_numpy(np.array(latents, dtype=np.float32)))
        return to_uint8(samples) if samples.dim() == 4 else samples.numpy()


def _load_pyfunc(path: str) -> Served:
    """MLflow's entry: the folder that `_write_data` made → a model."""
    from ganbench.networks.network import NETWORKS, ImageShape, PointShape
    from ganbench.training.weights import load_weights

    declared = json.loads((Path(path) / "network.json").read_text(encoding="utf-8"))
    network = NETWORKS.build(Choice(name=declared["network"], options=declared["options"]), "network")
    shape = declared["shape"]
    generator = network.generator(PointShape(**shape) if "dim" in shape else ImageShape(**shape))
    return Served(load_weights(generator, Path(path) / "generator.safetensors").eval())


def log_generator(store: Store, run: str, cell: Cell, params: Params, images: int) -> str:
    """Log a cell's generator, its moving average where one is kept, and link it to the run. Returns the model's id.

    MLflow's own PyTorch format would trace the network, two seconds a process, and its `save_model` compares our
    requirements with all that is installed, half a second. This copies the weights; the package goes along, so that
    an old model is served by the code of its day.

    Args:
        store: where to.
        run: MLflow's id of the run.
        cell: a finished one.
        params: as declared.
        images: seen by then; the model's step.
    """
    from mlflow.entities import LoggedModelOutput, LoggedModelStatus

    logged = store.client.create_logged_model(store.experiment, NAME, source_run_id=run, params={"cell": str(cell)})
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        _write_data(folder / "data", cell, params)
        _write_code(folder / "code")
        _write_environment(folder)
        _write_description(folder, logged, run)
        store.client.log_model_artifacts(logged.model_id, str(folder))
    store.client.finalize_logged_model(logged.model_id, LoggedModelStatus.READY)
    store.client.log_outputs(run, [LoggedModelOutput(logged.model_id, step=images)])
    return str(logged.model_id)


def _write_data(folder: Path, cell: Cell, params: Params) -> None:
    """What `_load_pyfunc` reads: the weights, and which network they are of."""
    from ganbench.games.tracks import shape_of

    track = getattr(params, cell.track)
    network = track.variants[cell.variant].network
    declared = {
        "network": network.name,
        "options": network.options,
        "shape": asdict(shape_of(cell.track, params)),
    }
    write_json(folder / "network.json", declared)
    averaged = cell.train_dir / "generator_ema.safetensors"
    weights = averaged if averaged.exists() else cell.train_dir / "generator.safetensors"
    shutil.copyfile(weights, folder / "generator.safetensors")


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


def _write_description(folder: Path, logged: LoggedModel, run: str) -> None:
    """``MLmodel``, and an example of what to post; the generator is tried on it, so that what is logged works."""
    import mlflow.pyfunc
    from mlflow.models import Model, ModelSignature
    from mlflow.types import Schema, TensorSpec

    served = _load_pyfunc(str(folder / "data"))
    example = np.random.default_rng(0).standard_normal((2, served.generator.latent_dim)).astype(np.float32)
    drawn = served.predict(example)
    signature = ModelSignature(
        Schema([TensorSpec(np.dtype(np.float32), (-1, *example.shape[1:]))]),
        Schema([TensorSpec(drawn.dtype, (-1, *drawn.shape[1:]))]),
    )
    model = Model(logged.artifact_location, run, signature=signature, model_id=logged.model_id)
    mlflow.pyfunc.add_to_model(model, __name__, data="data", code="code", python_env="python_env.yaml")
    model.save(str(folder / "MLmodel"))
    write_json(folder / "serving_input_example.json", {"inputs": example.astype(float).round(3).tolist()})
