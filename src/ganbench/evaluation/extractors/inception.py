"""The network of most published tables."""

from __future__ import annotations

import pickle
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar
from urllib.error import URLError

import torch
from torch import Tensor

from ganbench.errors import BenchError
from ganbench.evaluation.extractor import EXTRACTORS, KEY, Network, Pretrained, digest_of, library, no_weights
from ganbench.params import FILE

LAYERS = ["2048", "logits_unbiased"]


@EXTRACTORS.register("inception")
@dataclass(frozen=True)
class Inception(Pretrained):
    """Inception-v3 of 2015 as FID, KID and IS are published with: 2,048 features, 1,008 classes (torch-fidelity)."""

    name: ClassVar[str] = "inception"

    weights: str | None = None
    """A file ``weights-inception-2015-12-05-6726825d.pth``; null: torch-fidelity downloads it once."""

    def load(self, device: torch.device) -> Network:
        """See `Pretrained.load`."""
        module = library(self.name)
        if self.weights is not None:
            _check(Path(self.weights))
        where = self.weights or "the network"
        try:
            network = module.FeatureExtractorInceptionV3(
                "inception-v3-compat", LAYERS, feature_extractor_weights_path=self.weights, verbose=False
            )
        except (URLError, OSError, RuntimeError) as error:
            raise no_weights(self.name, error, where) from None
        network.to(device).eval()

        def look(images: Tensor) -> tuple[Tensor, Tensor]:
            features, logits = network(images)
            return features, logits.double().softmax(1)

        return Network(look, digest_of(network))


def _check(path: Path) -> None:
    """Weights and nothing else: the library would run whatever a pickle holds.

    Raises:
        BenchError: no such file, or not a file of weights.
    """
    where = f"{FILE}: {KEY}: inception.weights: {path}"
    if not path.is_file():
        raise BenchError(f"{where}: no such file; null: torch-fidelity downloads the weights")
    try:
        held = torch.load(path, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError) as error:
        raise BenchError(f"{where}: not a file of weights: {' '.join(str(error).split())[:100]}") from None
    if not isinstance(held, dict):
        raise BenchError(f"{where}: not a file of weights: it holds a {type(held).__name__}, not tensors by name")
