"""Features without labels: they follow people's judgement of realism better than Inception's do."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal
from urllib.error import URLError

import torch
from torch import Tensor

from ganbench.errors import BenchError
from ganbench.evaluation.extractor import EXTRACTORS, KEY, Network, Pretrained, digest_of, library, no_weights
from ganbench.params import FILE


@EXTRACTORS.register("dinov2")
@dataclass(frozen=True)
class DinoV2(Pretrained):
    """DINOv2, a vision transformer trained without labels (Oquab et al. 2023; Stein et al. 2023; torch-fidelity)."""

    name: ClassVar[str] = "dinov2"

    weights: str | None = None
    """A folder of torch.hub that holds code and weights; null: torch.hub's own, filled by a download."""

    size: Literal["s", "b", "l", "g"] = "l"
    """384, 768, 1,024 or 1,536 features; published tables use l."""

    def load(self, device: torch.device) -> Network:
        """See `Pretrained.load`."""
        module = library(self.name)
        before = torch.hub.get_dir()
        if self.weights is not None:
            if not Path(self.weights).is_dir():
                raise BenchError(f"{FILE}: {KEY}: dinov2.weights: {self.weights}: no such folder; null: a download")
            torch.hub.set_dir(self.weights)
        try:
            network = module.FeatureExtractorDinoV2(f"dinov2-vit-{self.size}-14", ["dinov2"])
        except (URLError, OSError, RuntimeError, ImportError) as error:
            raise no_weights(self.name, error, self.weights or "the network") from None
        finally:
            torch.hub.set_dir(before)
        network.to(device).eval()

        def look(images: Tensor) -> tuple[Tensor, Tensor]:
            (features,) = network(images)
            return features, features.new_empty((len(features), 0))

        return Network(look, digest_of(network))
