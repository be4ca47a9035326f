"""What ``mlflow models serve`` runs: a generator, and what it is asked with. MLflow's own module is not needed here."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ganbench.params import Choice

if TYPE_CHECKING:
    import pandas as pd
    from torch import nn

    from ganbench.games.serving import ServedInput
    from ganbench.networks.network import Generator, ImageShape

NETWORK, WEIGHTS, GIVEN = "network.json", "generator.safetensors", "given.json"
"""In a model's data folder; what the data tell only where players were told."""


class Served(Protocol):
    """A generator as MLflow sees it."""

    def predict(self, inputs: Any, params: dict[str, Any] | None = None) -> NDArray[Any]:
        """Draw one sample an input."""

    def example(self) -> Any:
        """Two inputs to try it with."""


class Drawing:
    """Latents (N, latent_dim), standard normal → samples: images, uint8 (N, H, W, C), or points, float32 (N, dim)."""

    def __init__(self, generator: Generator) -> None:
        self.generator = generator

    def predict(self, inputs: NDArray[np.float32], params: dict[str, Any] | None = None) -> NDArray[Any]:  # noqa: ARG002, D102
        import torch

        return drawn(self.generator, torch.from_numpy(np.array(inputs, dtype=np.float32)))

    def example(self) -> NDArray[np.float32]:  # noqa: D102
        return latents(self.generator, 2)


class DrawingLabels:
    """``latents`` (N, latent_dim) and ``label`` (N,), int64 → images, uint8 (N, H, W, C)."""

    def __init__(self, generator: Generator, asks: ServedInput) -> None:
        self.generator = generator
        self.asks = asks

    def predict(self, inputs: dict[str, NDArray[Any]], params: dict[str, Any] | None = None) -> NDArray[Any]:  # noqa: ARG002, D102
        import torch

        noise = torch.from_numpy(np.array(inputs["latents"], dtype=np.float32))
        return drawn(self.generator, noise, self.asks.encode(inputs[self.asks.name]))

    def example(self) -> dict[str, NDArray[Any]]:  # noqa: D102
        return {"latents": latents(self.generator, 2), self.asks.name: np.asarray(self.asks.example, np.int64)}


class DrawingTexts:
    """A column ``text`` of N captions → images, uint8 (N, H, W, C); the parameter ``seed`` decides the latents."""

    def __init__(self, generator: Generator, asks: ServedInput) -> None:
        self.generator = generator
        self.asks = asks

    def predict(self, inputs: pd.DataFrame, params: dict[str, Any] | None = None) -> NDArray[Any]:
        """Draw one image a caption.

        Args:
            inputs: a table with the column ``text``.
            params: ``seed``, of the latents; 0 where it is not given.
        """
        import torch

        texts = list(inputs[self.asks.name])
        noise = latents(self.generator, len(texts), (params or {}).get("seed", 0))
        return drawn(self.generator, torch.from_numpy(noise), self.asks.encode(texts))

    def example(self) -> pd.DataFrame:  # noqa: D102
        import pandas as pd

        return pd.DataFrame({self.asks.name: [str(text) for text in self.asks.example]})


class Translating:
    """Images, uint8 (N, H, W, C) → images, uint8 (N, H, W, C′)."""

    def __init__(self, generator: nn.Module, source: ImageShape) -> None:
        self.generator = generator
        self.source = source

    def predict(self, inputs: NDArray[np.uint8], params: dict[str, Any] | None = None) -> NDArray[Any]:  # noqa: ARG002, D102
        import torch

        from ganbench.training.translated import translated

        return translated(self.generator, np.asarray(inputs, np.uint8), torch.device("cpu"))

    def example(self) -> NDArray[np.uint8]:  # noqa: D102
        shape = (2, self.source.resolution, self.source.resolution, self.source.channels)
        return np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)


def load_served(folder: Path) -> Served:
    """A generator from a model's data folder: its declaration and its weights."""
    from ganbench.games.condition import CONDITIONS
    from ganbench.games.given import Given
    from ganbench.games.serving import served_input
    from ganbench.networks.network import NETWORKS, ImageShape, PointShape
    from ganbench.networks.translation.translator import TRANSLATORS
    from ganbench.training.weights import load_weights

    declared = json.loads((folder / NETWORK).read_text(encoding="utf-8"))
    choice = Choice(name=declared["network"], options=declared["options"])
    if "source" in declared:
        source, target = ImageShape(**declared["source"]), ImageShape(**declared["target"])
        translator = TRANSLATORS.build(choice, "network").generator(source, target)
        return Translating(load_weights(translator, folder / WEIGHTS).eval(), source)
    network = NETWORKS.build(choice, "network")
    shape = declared["shape"]
    condition = CONDITIONS.build(Choice(**declared["condition"]), "condition")
    given = Given.read(folder) if (folder / GIVEN).exists() else Given()
    generator = condition.generator(network, PointShape(**shape) if "dim" in shape else ImageShape(**shape), given)
    load_weights(generator, folder / WEIGHTS).eval()
    asks = served_input(condition, given)
    if asks is None:
        return Drawing(generator)
    return DrawingTexts(generator, asks) if asks.name == "text" else DrawingLabels(generator, asks)


def tried(served: Served) -> dict[str, Any]:
    """Two inputs, and what the generator makes of them, in plain values: ``inputs``, ``outputs`` and ``posted``.

    Inputs and outputs are told by name, type and shape without the number of rows; a text has no shape. ``posted`` is
    the example as ``POST /invocations`` takes it.
    """
    example = served.example()
    made = served.predict(example)
    posted: dict[str, Any]
    if isinstance(example, np.ndarray):
        inputs, posted = [_told(example)], {"inputs": _plain(example)}
    elif isinstance(example, dict):
        inputs = [_told(values, name) for name, values in example.items()]
        posted = {"inputs": {name: _plain(values) for name, values in example.items()}}
    else:
        inputs = [{"name": str(name), "dtype": "string", "shape": None} for name in example.columns]
        posted = {"dataframe_split": example.to_dict(orient="split", index=False)}
    return {"inputs": inputs, "outputs": [_told(made)], "posted": posted}


def _told(values: NDArray[Any], name: str | None = None) -> dict[str, Any]:
    return {"name": name, "dtype": values.dtype.name, "shape": list(values.shape[1:])}


def _plain(array: NDArray[Any]) -> list[Any]:
    values: list[Any] = (array.astype(float).round(3) if array.dtype.kind == "f" else array).tolist()
    return values


def _load_pyfunc(path: str) -> Served:
    """MLflow's entry."""
    return load_served(Path(path))


def latents(generator: Generator, count: int, seed: int = 0) -> NDArray[np.float32]:
    """Standard normal, float32 (count, latent_dim), a pure function of the seed."""
    return np.random.default_rng(seed).standard_normal((count, generator.latent_dim)).astype(np.float32)


def drawn(generator: Generator, *inputs: Any) -> NDArray[Any]:
    """What a generator makes of latents and of what it is asked for, as uint8 images (N, H, W, C) or points."""
    import torch

    from ganbench.data.batches import to_uint8

    with torch.inference_mode():
        samples = generator(*inputs)
    return to_uint8(samples) if samples.dim() == 4 else samples.numpy()
